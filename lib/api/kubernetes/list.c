/* Lists in pages.  A list that could not be read to its end is an error, never a shorter list. */
#include <string.h>

#include "api/kubernetes/call.h"

enum { PAGE_SIZE = 500, PAGES_MAX = 10000, WHOLE_MAX = 512 * 1024 * 1024 };

/* Where a list stands: in pages; in pages once more after an expired token; in one answer. */
enum list_attempt { LIST_PAGED, LIST_PAGED_AGAIN, LIST_WHOLE, LIST_ATTEMPTS };

static const char *
add_parameter(const char *path, const char *name, const char *value, struct arena *arena)
{
	if (value == NULL || value[0] == '\0')
		return path;
	return arena_printf(arena, "%s%c%s=%s", path, strchr(path, '?') == NULL ? '?' : '&', name,
	                    http_escape(value, arena));
}

const char *
kubernetes_query_path(const struct kubernetes_query *query, const char *parameters, struct arena *arena)
{
	const char *path = kubernetes_path(query->resource, query->namespace, NULL, NULL, arena);
	path = add_parameter(path, "labelSelector", query->label_selector, arena);
	path = add_parameter(path, "fieldSelector", query->field_selector, arena);
	if (parameters[0] == '\0')
		return path;
	return arena_printf(arena, "%s%c%s", path, strchr(path, '?') == NULL ? '?' : '&', parameters);
}

/* Items of a typed list carry neither; "PodList" names them. */
static void
complete_items(const struct kubernetes_resource *resource, json_t *items, struct arena *arena)
{
	const char *version = resource->group[0] == '\0'
		? resource->version : arena_printf(arena, "%s/%s", resource->group, resource->version);
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item) {
		if (json_object_get(item, "kind") == NULL)
			json_object_set_new(item, "kind", json_string(resource->kind));
		if (json_object_get(item, "apiVersion") == NULL)
			json_object_set_new(item, "apiVersion", json_string(version));
	}
}

/* Adds one page to the list; *ret_next is the token of the next one, "" at the end. */
static bool
add_page(const struct kubernetes_query *query, json_t *list, json_t *page, struct arena *arena,
         const char **ret_next, struct error *err)
{
	json_t *items = json_object_get(page, "items"), *metadata = json_object_get(page, "metadata");
	if (!json_is_object(metadata) || (items != NULL && !json_is_array(items) && !json_is_null(items)))
		return error_set(err, ERROR_BAD_ANSWER, "GET %s: the answer is no list",
		                 kubernetes_query_path(query, "", arena));
	if (json_is_array(items)) {
		complete_items(query->resource, items, arena);
		json_array_extend(json_object_get(list, "items"), items);
	}
	const char *next = json_string_value(json_object_get(metadata, "continue"));
	*ret_next = arena_strdup(arena, next != NULL ? next : "");
	json_object_del(metadata, "continue");
	json_object_del(metadata, "remainingItemCount");
	/* The version of the first page is that of the whole list. */
	if (json_object_size(json_object_get(list, "metadata")) == 0)
		json_object_set(list, "metadata", metadata);
	return true;
}

/* One pass over all pages; *ret_expired when the server forgot where we were. */
static bool
list_once(struct kubernetes *kubernetes, const struct kubernetes_query *query, bool is_whole, json_t *list,
          bool *ret_expired, struct error *err)
{
	const char *next = "";
	scoped(arena_release) struct arena tokens = {0};
	for (unsigned n = 0; n < PAGES_MAX; n++) {
		scoped(arena_release) struct arena scratch = {0};
		scoped(json_decrefp) json_t *page = NULL;
		const char *limit = is_whole ? "" : arena_printf(&scratch, "limit=%u", query->page_size != 0
		                                                 ? query->page_size : PAGE_SIZE);
		const char *path = kubernetes_query_path(query, limit, &scratch);
		struct kubernetes_call call = {
			.path = add_parameter(path, "continue", next, &scratch),
			.max_bytes = is_whole ? WHOLE_MAX : 0, .raw_status = true,
		};
		struct http_response answer;
		if (!kubernetes_call_send(kubernetes, &call, &scratch, &answer, err))
			return false;
		*ret_expired = answer.status == 410;
		if (answer.status >= 300) {
			kubernetes_put_status(kubernetes, &call, &answer, &scratch, err);
			return false;
		}
		page = json_loadb(answer.body, answer.length, 0, NULL);
		if (!add_page(query, list, page, &tokens, &next, err))
			return false;
		if (next[0] == '\0')
			return true;
	}
	return error_set(err, ERROR_BAD_ANSWER, "the list has more than %d pages", PAGES_MAX);
}

bool
kubernetes_list(struct kubernetes *kubernetes, const struct kubernetes_query *query, json_t **ret,
                struct error *err)
{
	bool has_expired = true;
	for (int attempt = LIST_PAGED; attempt < LIST_ATTEMPTS && has_expired; attempt++) {
		scoped(json_decrefp) json_t *list = json_pack("{s:[], s:{}}", "items", "metadata");
		has_expired = false;
		if (list_once(kubernetes, query, attempt == LIST_WHOLE, list, &has_expired, err)) {
			*ret = take(list);
			return true;
		}
		has_expired |= err->code == ERROR_BAD_ANSWER; /* nonsense once is no answer either */
	}
	return false;
}
