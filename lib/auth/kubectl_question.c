#include "auth/kubectl_question.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "data/json.h"

enum { INFO_MAX = 1024 * 1024 };

static const char *const versions[] = {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"};

static bool
read_version(const json_t *info, const char **ret, struct error *err)
{
	const char *version = json_text_or(info, "apiVersion", "");
	for (size_t i = 0; i < array_length(versions); i++) {
		if (strcmp(version, versions[i]) == 0) {
			*ret = versions[i];
			return true;
		}
	}
	error_put(err, ERROR_USAGE, "KUBERNETES_EXEC_INFO asks in the version \"%.80s\"", version);
	return error_next(err, "say apiVersion: %s in the kubeconfig", versions[0]);
}

/* *ret NULL: the member is absent or null; false: it is something else than a text. */
static bool
read_text(const json_t *object, const char *key, struct arena *arena, const char **ret)
{
	const json_t *value = json_object_get(object, key);
	*ret = json_is_string(value) ? arena_strdup(arena, json_string_value(value)) : NULL;
	return value == NULL || json_is_null(value) || json_is_string(value);
}

static bool
read_authority(const json_t *cluster, struct arena *arena, const char **ret)
{
	const char *text, *end = NULL;
	size_t length = 0;
	if (!read_text(cluster, "certificate-authority-data", arena, &text))
		return false;
	*ret = NULL;
	if (text == NULL || text[0] == '\0')
		return true;
	char *pem = arena_alloc(arena, strlen(text) + 1);
	if (sodium_base642bin((unsigned char *)pem, strlen(text), text, strlen(text), "\r\n", &length, &end,
	                      sodium_base64_VARIANT_ORIGINAL) != 0 || *end != '\0' || strlen(pem) != length)
		return false;
	*ret = pem;
	return true;
}

/* A cluster without a server may not pass for one that kubectl did not name. */
static bool
read_cluster(const json_t *cluster, struct arena *arena, struct kubectl_question *ret, struct error *err)
{
	const json_t *skips = json_object_get(cluster, "insecure-skip-tls-verify");
	if (cluster == NULL)
		return true;
	if (!read_text(cluster, "server", arena, &ret->server) || ret->server == NULL)
		return error_set(err, ERROR_USAGE, "KUBERNETES_EXEC_INFO describes a cluster without a server");
	if (!read_text(cluster, "proxy-url", arena, &ret->proxy) || !read_authority(cluster, arena, &ret->ca_pem) ||
	    (skips != NULL && !json_is_boolean(skips)))
		return error_set(err, ERROR_USAGE, "KUBERNETES_EXEC_INFO does not describe the cluster as kubectl does");
	ret->skips_verification = json_is_true(skips);
	if (ret->proxy != NULL && ret->proxy[0] == '\0')
		ret->proxy = NULL;
	return true;
}

bool
kubectl_question_read(const char *text, struct arena *arena, struct kubectl_question *ret, struct error *err)
{
	struct kubectl_question question = {.version = versions[0]};
	if (text == NULL || text[0] == '\0') {
		*ret = question;
		return true;
	}
	size_t length = strnlen(text, INFO_MAX + 1);
	scoped(json_release) json_t *info = length <= INFO_MAX ? json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (strcmp(json_text_or(info, "kind", ""), "ExecCredential") != 0)
		return error_set(err, ERROR_USAGE, "KUBERNETES_EXEC_INFO is no ExecCredential");
	if (!read_cluster(json_object_get(json_object_get(info, "spec"), "cluster"), arena, &question, err) ||
	    !read_version(info, &question.version, err))
		return false;
	*ret = question;
	return true;
}
