#include "api/kubernetes/head.h"

#include <string.h>

#include "api/kubernetes/access.h"
#include "api/kubernetes/call.h"
#include "data/json.h"

enum { OBJECT_MAX = 8 * 1024 * 1024 };

static const struct http_header accept_head = {
	"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"};
static const char accept_metadata[] =
	"application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";

void
kubernetes_head_release(struct kubernetes_head *head)
{
	json_release(&head->metadata);
}

/* ---- nothing of an answer stays in memory ---- */

static void
wipe_answer(const struct http_response *answer)
{
	if (answer->length > 0)
		secret_wipe((char *)(uintptr_t)answer->body, answer->length);
}

/* Whatever the server sent instead of what was asked for may hold values. */
static bool
call_privately(struct kubernetes *kubernetes, const struct kubernetes_call *call, json_t **ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct http_response answer;
	json_wipe_freed();
	if (!kubernetes_call_send(kubernetes, call, &scratch, &answer, err))
		return false;
	*ret = json_loadb(answer.body, answer.length, 0, NULL);
	wipe_answer(&answer);
	if (*ret != NULL)
		return true;
	error_put(err, ERROR_BAD_ANSWER, "%s: the answer is no JSON", kubernetes_call_what(call, &scratch));
	return error_from(err, kubernetes->name, call->path, "");
}

/* ---- what an answer tells ---- */

static int64_t
count_keys(const json_t *object)
{
	return (int64_t)(json_object_size(json_object_get(object, "data")) +
	                 json_object_size(json_object_get(object, "binaryData")));
}

/* The cell of the column "Data" in the only row. */
static int64_t
data_cell(const json_t *table)
{
	const json_t *column;
	size_t i;
	json_array_foreach(json_object_get(table, "columnDefinitions"), i, column) {
		const char *name = json_text_at(column, "name");
		const json_t *cell = json_array_get(json_at(table, "rows.0.cells"), i);
		if (name != NULL && strcmp(name, "Data") == 0 && json_is_integer(cell))
			return json_integer_value(cell);
	}
	return -1;
}

/* A Table, a PartialObjectMetadata, or the object itself where a server knows neither. */
static bool
read_head(const struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const json_t *answer,
          struct kubernetes_head *ret, struct error *err)
{
	const char *kind = json_text_or(answer, "kind", "");
	bool is_table = strcmp(kind, "Table") == 0, is_object = strcmp(kind, resource->kind) == 0;
	json_t *metadata = json_map_at(answer, is_table ? "rows.0.object.metadata" : "metadata");
	if (metadata == NULL || !(is_table || is_object || strcmp(kind, "PartialObjectMetadata") == 0)) {
		error_put(err, ERROR_BAD_ANSWER, "the answer is no %s", resource->kind);
		error_put_source(err, kubernetes->name, resource->plural, "");
		return error_next(err, "look at clusters of the platform file: is %s an API server?",
		                  kubernetes->access->server);
	}
	ret->metadata = json_incref(metadata);
	ret->n_keys = is_table ? data_cell(answer) : is_object ? count_keys(answer) : -1;
	return true;
}

/* ---- requests ---- */

bool
kubernetes_get_head(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const char *namespace,
                    const char *name, struct kubernetes_head *ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_release) json_t *answer = NULL;
	struct kubernetes_call call = {.path = kubernetes_path(resource, namespace, name, NULL, &scratch),
	                               .headers = &accept_head, .n_headers = 1, .max_bytes = OBJECT_MAX,
	                               .is_private = true};
	return call_privately(kubernetes, &call, &answer, err) && read_head(kubernetes, resource, answer, ret, err);
}

bool
kubernetes_get_keys(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const char *namespace,
                    const char *name, json_t **ret, struct error *err)
{
	static const char *const maps[] = {"data", "binaryData"};
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_release) json_t *object = NULL;
	struct kubernetes_call call = {.path = kubernetes_path(resource, namespace, name, NULL, &scratch),
	                               .max_bytes = OBJECT_MAX, .is_private = true};
	const char *key;
	json_t *value;
	if (!call_privately(kubernetes, &call, &object, err))
		return false;
	*ret = json_array();
	for (size_t i = 0; i < array_length(maps); i++)
		json_object_foreach (json_object_get(object, maps[i]), key, value)
			json_array_append_new(*ret, json_string(key));
	return true;
}

bool
kubernetes_write_private(struct kubernetes *kubernetes, const struct kubernetes_private_write *write,
                         struct kubernetes_head *ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_release) json_t *answer = NULL;
	bool is_new = write->name == NULL;
	const struct http_header headers[] = {
		{"Accept", accept_metadata},
		{"Content-Type", is_new ? "application/json" : "application/merge-patch+json"}};
	const char *path = kubernetes_path(write->resource, write->namespace, write->name, NULL, &scratch);
	struct kubernetes_call call = {
		.method = is_new ? "POST" : "PATCH",
		.path = arena_printf(&scratch, "%s?fieldManager=%s&fieldValidation=Strict", path,
		                     http_escape(write->field_manager, &scratch)),
		.headers = headers, .n_headers = array_length(headers), .secret_body = write->body,
		.max_bytes = OBJECT_MAX, .is_private = true};
	return call_privately(kubernetes, &call, &answer, err) &&
	       read_head(kubernetes, write->resource, answer, ret, err);
}
