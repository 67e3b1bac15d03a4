/* Whose an object is: ours, somebody else's, or nobody's. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "core/deploy/direct.h"
#include "core/diagnose/object.h"
#include "data/json.h"
#include "net/http.h"

bool
direct_is_ours(const json_t *object, const char *application)
{
	const char *label = object_label(object, DIRECT_LABEL);
	return label && !strcmp(label, application);
}

bool
direct_is_made_by_us(const json_t *object)
{
	const json_t *entry;
	size_t i;
	json_array_foreach(json_at(object, "metadata.managedFields"), i, entry)
		if (!strcmp(json_text_or(entry, "manager", ""), DIRECT_MANAGER) &&
		    !strcmp(json_text_or(entry, "operation", ""), "Apply"))
			return true;
	return false;
}

/* Where tools write down that an object is theirs. */
static const struct mark {
	const char *key, *tool;
	bool is_annotation;
} marks[] = {
	{DIRECT_LABEL, "paas deploy --direct of another application", false},
	{"meta.helm.sh/release-name", "Helm", true},
	{"app.kubernetes.io/managed-by", "another tool", false},
	{"kapp.k14s.io/app", "kapp", false},
	{"applyset.kubernetes.io/part-of", "an ApplySet", false},
	{"argocd.argoproj.io/tracking-id", "Argo CD", true},
	{"argocd.argoproj.io/instance", "Argo CD", false},
	{"kustomize.toolkit.fluxcd.io/name", "Flux", false},
	{"helm.toolkit.fluxcd.io/name", "Flux", false},
	{"config.k8s.io/owning-inventory", "an inventory", true},
};

const char *
direct_owner(const json_t *object, struct arena *arena)
{
	const json_t *owner;
	size_t i;
	json_array_foreach(json_at(object, "metadata.ownerReferences"), i, owner)
		return arena_printf(arena, "%s %s", json_text_or(owner, "kind", "an object"), json_text_or(owner, "name", "?"));
	for (i = 0; i < array_length(marks); i++) {
		const struct mark *mark = &marks[i];
		const char *value = mark->is_annotation ? object_annotation(object, mark->key) : object_label(object, mark->key);
		if (value && *value)
			return arena_printf(arena, "%s (%s %s: %s)", mark->tool, mark->is_annotation ? "annotation" : "label",
			                    mark->key, value);
	}
	return NULL;
}

const char *
direct_writer(const json_t *object)
{
	const json_t *entry;
	size_t i;
	json_array_foreach(json_at(object, "metadata.managedFields"), i, entry)
		if (!*json_text_or(entry, "subresource", ""))
			return json_text_or(entry, "manager", "");
	return "";
}

/* ---- the operator ---- */

static const char operator_group[] = "/apis/fiaas.schibsted.io/v1";

static bool
ask(struct kubernetes *kubernetes, const char *path, struct arena *arena, json_t **ret, struct error *err)
{
	struct http_response answer;
	struct kubernetes_call call = {.path = path};
	return kubernetes_call_send(kubernetes, &call, arena, &answer, err) &&
	       json_parse(answer.body ? answer.body : "", answer.length, path, ret, err);
}

/* Who may not list a kind is told so, whether there is such a kind or not; what kinds there are,
 * everybody may read. */
static bool
is_kind_absent(struct kubernetes *kubernetes, struct arena *arena)
{
	struct error err;
	scoped(json_release) json_t *kinds = NULL;
	return !ask(kubernetes, operator_group, arena, &kinds, &err) && err.code == ERROR_NOT_FOUND;
}

static bool
refuse_operator(const char *namespace, const char *kind, const char *name, struct error *err)
{
	error_put(err, ERROR_CONFLICT, "the FIAAS operator serves namespace %s (%s %s is there): what is applied directly "
	          "would be at odds with it", namespace, kind, name);
	return error_next(err, "deploy without --direct");
}

bool
direct_check_namespace(struct kubernetes *kubernetes, const char *namespace, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_release) json_t *list = NULL;
	scoped(json_release) json_t *daemon = NULL;
	struct error failure;
	const char *path = kubernetes_path(&kubernetes_applications, namespace, NULL, NULL, &scratch);
	if (!ask(kubernetes, arena_printf(&scratch, "%s?limit=1", path), &scratch, &list, &failure)) {
		if (failure.code == ERROR_NOT_FOUND ||
		    (failure.code == ERROR_FORBIDDEN && is_kind_absent(kubernetes, &scratch)))
			return true;
		*err = failure;
		return error_doing(err, "looking whether the FIAAS operator serves namespace %s", namespace);
	}
	if (json_at(list, "items.0"))
		return refuse_operator(namespace, "Application", object_name(json_at(list, "items.0")), err);
	if (kubernetes_get(kubernetes, &kubernetes_deployments, namespace, "fiaas-deploy-daemon", &daemon, &failure))
		return refuse_operator(namespace, "Deployment", "fiaas-deploy-daemon", err);
	if (failure.code == ERROR_NOT_FOUND)
		return true;
	*err = failure;
	return false;
}
