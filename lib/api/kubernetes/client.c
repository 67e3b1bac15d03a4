#include "api/kubernetes/client.h"

#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/call.h"

/* etcd takes 1.5 MiB an object, the API server 3 MiB a request (kube-apiserver defaults). */
enum { OBJECT_MAX = 8 * 1024 * 1024 };

static const char access_reviews[] = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
static const char self_reviews[] = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

/* For scoped(). */
static void
free_text(char **text)
{
	free(*text);
}

static bool
send_object(struct kubernetes *kubernetes, const char *method, const char *path, const json_t *object,
            const char *kind, bool is_idempotent, json_t **ret, struct error *err)
{
	scoped(free_text) char *body = json_dumps(object, JSON_COMPACT);
	if (body == NULL)
		return error_set(err, ERROR_FAILED, "the object for %s cannot be written as JSON", path);
	struct kubernetes_call call = {.method = method, .path = path, .body = body, .length = strlen(body),
	                               .is_idempotent = is_idempotent};
	return kubernetes_call_object(kubernetes, &call, kind, ret, err);
}

/* ---- one object ---- */

bool
kubernetes_get(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
               const char *namespace, const char *name, json_t **ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct kubernetes_call call = {.path = kubernetes_path(resource, namespace, name, NULL, &scratch),
	                               .max_bytes = OBJECT_MAX};
	return kubernetes_call_object(kubernetes, &call, resource->kind, ret, err);
}

bool
kubernetes_create(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                  const char *namespace, const json_t *object, json_t **ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	const char *path = kubernetes_path(resource, namespace, NULL, NULL, &scratch);
	return send_object(kubernetes, "POST", path, object, resource->kind, false, ret, err);
}

bool
kubernetes_delete(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                  const char *namespace, const char *name, struct error *err)
{
	static const char options[] =
		"{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"propagationPolicy\":\"Background\"}";
	scoped(arena_release) struct arena scratch = {0};
	struct http_response answer;
	struct kubernetes_call call = {
		.method = "DELETE", .path = kubernetes_path(resource, namespace, name, NULL, &scratch),
		.body = options, .length = sizeof options - 1,
	};
	return kubernetes_call_send(kubernetes, &call, &scratch, &answer, err);
}

bool
kubernetes_merge(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const char *namespace,
                 const char *name, const json_t *patch, const char *field_manager, json_t **ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(free_text) char *body = json_dumps(patch, JSON_COMPACT);
	struct http_header type = {"Content-Type", "application/merge-patch+json"};
	if (body == NULL)
		return error_set(err, ERROR_FAILED, "the patch of %s %s cannot be written as JSON", resource->kind, name);
	struct kubernetes_call call = {
		.method = "PATCH", .headers = &type, .n_headers = 1, .body = body, .length = strlen(body), .is_idempotent = true,
		.path = arena_printf(&scratch, "%s?fieldManager=%s", kubernetes_path(resource, namespace, name, NULL, &scratch),
		                     http_escape(field_manager, &scratch)),
	};
	return kubernetes_call_object(kubernetes, &call, resource->kind, ret, err);
}

/* The answer is a Status, or the object that still waits for its finalizers; what a confused server
 * sends with 200 is neither, and nobody knows whether the object is gone: asked once more. */
static bool
send_deletion(struct kubernetes *kubernetes, const struct kubernetes_call *call, const char *kind, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	for (int try = 0; try < 2; try++) {
		struct http_response answer;
		struct error ignored;
		scoped(json_decrefp) json_t *status = NULL;
		scoped(json_decrefp) json_t *object = NULL;
		if (!kubernetes_call_send(kubernetes, call, &scratch, &answer, err))
			return false;
		if (kubernetes_parse_object(kubernetes, call, &answer, kind, &object, &ignored) ||
		    kubernetes_parse_object(kubernetes, call, &answer, "Status", &status, err))
			return true;
	}
	return false;
}

bool
kubernetes_delete_exactly(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const json_t *object,
                          bool dry_run, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	const json_t *metadata = json_object_get(object, "metadata");
	const char *namespace = json_string_value(json_object_get(metadata, "namespace"));
	const char *name = json_string_value(json_object_get(metadata, "name"));
	scoped(json_decrefp) json_t *options = json_pack(
		"{s:s, s:s, s:s, s:{s:O, s:O}}", "kind", "DeleteOptions", "apiVersion", "v1", "propagationPolicy", "Background",
		"preconditions", "uid", json_object_get(metadata, "uid"), "resourceVersion",
		json_object_get(metadata, "resourceVersion"));
	scoped(free_text) char *body = options != NULL ? json_dumps(options, JSON_COMPACT) : NULL;
	if (body == NULL || name == NULL)
		return error_set(err, ERROR_BAD_ANSWER, "a %s without name, uid or resourceVersion", resource->kind);
	const char *path = kubernetes_path(resource, namespace, name, NULL, &scratch);
	struct kubernetes_call call = {.method = "DELETE", .body = body, .length = strlen(body),
	                               .path = dry_run ? arena_printf(&scratch, "%s?dryRun=All", path) : path};
	return send_deletion(kubernetes, &call, resource->kind, err);
}

/* ---- server-side apply ---- */

/* "app.kubernetes.io: .spec.replicas is held by \"kubectl\"" for each cause of a conflict. */
static void
put_conflicts(const struct http_response *answer, struct arena *arena, struct error *err)
{
	scoped(json_decrefp) json_t *status = json_loadb(answer->body, answer->length, 0, NULL);
	const json_t *causes = json_object_get(json_object_get(status, "details"), "causes");
	const char *all = "";
	for (size_t i = 0; i < json_array_size(causes); i++) {
		const json_t *cause = json_array_get(causes, i);
		const char *reason = json_string_value(json_object_get(cause, "reason"));
		const char *message = json_string_value(json_object_get(cause, "message"));
		const char *field = json_string_value(json_object_get(cause, "field"));
		if (reason == NULL || strcmp(reason, "FieldManagerConflict") != 0)
			continue;
		all = arena_printf(arena, "%s%s%s: %s", all, all[0] != '\0' ? "; " : "",
		                   field != NULL ? field : "?", message != NULL ? message : reason);
	}
	if (all[0] != '\0')
		error_copy_text(err->why, sizeof err->why, all);
}

static bool
put_refusal(struct kubernetes *kubernetes, const struct kubernetes_call *call,
            const struct http_response *answer, struct arena *arena, struct error *err)
{
	kubernetes_put_status(kubernetes, call, answer, arena, err);
	if (answer->status == 409)
		put_conflicts(answer, arena, err);
	return false;
}

bool
kubernetes_apply(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                 const char *namespace, const char *name, const json_t *object,
                 const struct kubernetes_apply_options *options, json_t **ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(free_text) char *body = json_dumps(object, JSON_COMPACT);
	struct http_header type = {"Content-Type", "application/apply-patch+yaml"};
	struct http_response answer;
	if (body == NULL)
		return error_set(err, ERROR_FAILED, "%s %s cannot be written as JSON", resource->kind, name);
	struct kubernetes_call call = {
		.method = "PATCH",
		.path = arena_printf(&scratch, "%s?fieldManager=%s&force=%s&fieldValidation=Strict%s",
		                     kubernetes_path(resource, namespace, name, NULL, &scratch),
		                     http_escape(options->field_manager, &scratch),
		                     options->force ? "true" : "false", options->dry_run ? "&dryRun=All" : ""),
		.headers = &type, .n_headers = 1, .body = body, .length = strlen(body),
		.is_idempotent = true, .raw_status = true,
	};
	for (bool is_repeated = false;; is_repeated = true) {
		if (!kubernetes_call_send(kubernetes, &call, &scratch, &answer, err))
			return false;
		if (answer.status >= 300)
			return put_refusal(kubernetes, &call, &answer, &scratch, err);
		if (kubernetes_parse_object(kubernetes, &call, &answer, resource->kind, ret, err))
			return true;
		if (is_repeated)
			return false;
	}
}

/* ---- logs ---- */

static const char *
log_path(const struct kubernetes_log_query *query, size_t max_bytes, struct arena *arena)
{
	const char *path = kubernetes_path(&kubernetes_pods, query->namespace, query->pod, "log", arena);
	path = arena_printf(arena, "%s?timestamps=%s", path, query->timestamps ? "true" : "false");
	if (max_bytes != 0)
		path = arena_printf(arena, "%s&limitBytes=%zu", path, max_bytes);
	if (query->container != NULL)
		path = arena_printf(arena, "%s&container=%s", path, http_escape(query->container, arena));
	if (query->tail_lines != 0)
		path = arena_printf(arena, "%s&tailLines=%u", path, query->tail_lines);
	if (query->since_time != NULL)
		path = arena_printf(arena, "%s&sinceTime=%s", path, http_escape(query->since_time, arena));
	return arena_printf(arena, "%s%s%s", path, query->previous ? "&previous=true" : "",
	                    query->follow ? "&follow=true" : "");
}

static const struct http_header accept_text = {"Accept", "text/plain, application/json, */*"};

bool
kubernetes_read_log(struct kubernetes *kubernetes, const struct kubernetes_log_query *query,
                    struct arena *arena, const char **ret, size_t *ret_length, struct error *err)
{
	enum { LOG_BYTES = 64 * 1024 };
	scoped(arena_release) struct arena scratch = {0};
	size_t max = query->max_bytes != 0 ? query->max_bytes : LOG_BYTES;
	struct kubernetes_call call = {.path = log_path(query, max, &scratch), .headers = &accept_text, .n_headers = 1,
	                               .max_bytes = max + 65536};
	struct http_response answer;
	if (!kubernetes_call_send(kubernetes, &call, arena, &answer, err))
		return false;
	*ret = answer.body != NULL ? answer.body : ""; /* 204: not scheduled yet */
	*ret_length = answer.length;
	return true;
}

bool
kubernetes_open_log(struct kubernetes *kubernetes, const struct kubernetes_log_query *query, struct arena *arena,
                    struct http_stream **ret, struct error *err)
{
	struct kubernetes_call call = {.path = log_path(query, 0, arena), .headers = &accept_text, .n_headers = 1,
	                               .is_stream = true, .is_alone = true, .max_waiting = query->max_waiting};
	struct http_response head;
	return kubernetes_call_open(kubernetes, &call, arena, &head, ret, err);
}

/* ---- who am I, and what may I? ---- */

bool
kubernetes_can_i(struct kubernetes *kubernetes, const char *namespace, const char *verb, const char *group,
                 const char *resource, bool *ret_allowed, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	size_t length = strcspn(resource, "/");
	const char *subresource = resource[length] == '/' ? resource + length + 1 : "";
	scoped(json_decrefp) json_t *answer = NULL;
	scoped(json_decrefp) json_t *review = json_pack(
		"{s:s, s:s, s:{s:{s:s, s:s, s:s, s:s, s:s}}}", "kind", "SelfSubjectAccessReview", "apiVersion",
		"authorization.k8s.io/v1", "spec", "resourceAttributes", "namespace",
		namespace != NULL ? namespace : "", "verb", verb, "group", group, "resource",
		arena_strndup(&scratch, resource, length), "subresource", subresource);
	if (!send_object(kubernetes, "POST", access_reviews, review, "SelfSubjectAccessReview", true, &answer, err))
		return false;
	const json_t *allowed = json_object_get(json_object_get(answer, "status"), "allowed");
	if (!json_is_boolean(allowed))
		return error_set(err, ERROR_BAD_ANSWER, "POST %s: the answer does not say whether", access_reviews);
	*ret_allowed = json_is_true(allowed);
	return true;
}

bool
kubernetes_who_am_i(struct kubernetes *kubernetes, struct arena *arena, const char **ret_user,
                    struct error *err)
{
	scoped(json_decrefp) json_t *answer = NULL;
	scoped(json_decrefp) json_t *review = json_pack("{s:s, s:s}", "kind", "SelfSubjectReview", "apiVersion",
	                                                "authentication.k8s.io/v1");
	if (!send_object(kubernetes, "POST", self_reviews, review, "SelfSubjectReview", true, &answer, err))
		return false;
	const json_t *user = json_object_get(json_object_get(answer, "status"), "userInfo");
	const char *name = json_string_value(json_object_get(user, "username"));
	if (name == NULL)
		return error_set(err, ERROR_BAD_ANSWER, "POST %s: the answer names no user", self_reviews);
	*ret_user = arena_strdup(arena, name);
	return true;
}
