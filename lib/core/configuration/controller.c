#include "core/configuration/controller.h"

#include <string.h>

#include "base/compiler.h"
#include "core/diagnose/object.h"

/* Marks that such programs leave, by their own documentation. */
static const struct mark {
	const char *map, *key;
	const char *value; /* NULL: any */
	const char *who;
} marks[] = {
	{"labels", "reconcile.external-secrets.io/managed", "true", "External Secrets"},
	{"labels", "reconcile.external-secrets.io/created-by", NULL, "External Secrets"},
	{"annotations", "reconcile.external-secrets.io/data-hash", NULL, "External Secrets"},
	{"annotations", "sealedsecrets.bitnami.com/managed", "true", "Sealed Secrets"},
	{"annotations", "meta.helm.sh/release-name", NULL, "Helm release"},
	{"annotations", "argocd.argoproj.io/tracking-id", NULL, "Argo CD"},
	{"labels", "argocd.argoproj.io/instance", NULL, "Argo CD application"},
	{"labels", "kustomize.toolkit.fluxcd.io/name", NULL, "Flux kustomization"},
	{"labels", "helm.toolkit.fluxcd.io/name", NULL, "Flux release"},
	{"annotations", "cert-manager.io/certificate-name", NULL, "cert-manager certificate"},
	{"labels", "secrets.hashicorp.com/vso-ownerRefUID", NULL, "Vault Secrets Operator"},
};

static const char *
by_owner(const json_t *metadata, struct arena *arena)
{
	const json_t *owner;
	size_t i;
	json_array_foreach(json_object_get(metadata, "ownerReferences"), i, owner)
		if (json_bool_at(owner, "controller", false))
			return arena_printf(arena, "%s %s", json_text_or(owner, "kind", "its owner"),
			                    json_text_or(owner, "name", ""));
	return NULL;
}

static const char *
by_mark(const json_t *metadata, struct arena *arena)
{
	for (size_t i = 0; i < array_length(marks); i++) {
		const struct mark *mark = &marks[i];
		const char *value = json_string_value(json_object_get(json_object_get(metadata, mark->map), mark->key));
		if (value == NULL || (mark->value != NULL && strcmp(value, mark->value) != 0))
			continue;
		return mark->value != NULL ? mark->who : arena_printf(arena, "%s %s", mark->who, value);
	}
	return NULL;
}

/* The common label: whoever is named there says that the object is its own. */
static const char *
by_label(const json_t *metadata, struct arena *arena)
{
	const char *value = json_string_value(
		json_object_get(json_object_get(metadata, "labels"), "app.kubernetes.io/managed-by"));
	if (value == NULL || *value == '\0' || strcmp(value, "paas") == 0 || strcmp(value, "kubectl") == 0)
		return NULL;
	return arena_strdup(arena, value);
}

const char *
controller_of(const json_t *metadata, struct arena *arena)
{
	const char *who = by_owner(metadata, arena);
	if (who == NULL)
		who = by_mark(metadata, arena);
	return who != NULL ? who : by_label(metadata, arena);
}
