/* Lists of objects: each is validated as it arrives, and a tree of its own. */
#include "api/kubernetes/list.h"

#include <string.h>

#include "api/kubernetes/pages.h"

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

struct reading {
	struct pages pages; /* first, for the casts */
	const struct list_reader *reader;
	size_t weight;
};

/* Items of a typed list carry neither; "PodList" names them. */
static void
complete_item(const struct kubernetes_resource *resource, json_t *item)
{
	if (json_object_get(item, "kind") == NULL)
		json_object_set_new(item, "kind", json_string(resource->kind));
	if (json_object_get(item, "apiVersion") == NULL)
		json_object_set_new(item, "apiVersion", resource->group[0] == '\0'
		                                                ? json_string(resource->version)
		                                                : json_sprintf("%s/%s", resource->group, resource->version));
}

static bool
tell_item(void *data, const void *record, struct error *err)
{
	const struct json_piece *piece = record;
	struct reading *reading = data;
	json_error_t problem;
	reading->weight += piece->length + ITEM_WEIGHT;
	if (reading->reader->max_weight != 0 && reading->weight > reading->reader->max_weight)
		return error_set(err, ERROR_BAD_ANSWER, "the list is larger than %zu MiB", reading->reader->max_weight >> 20);
	scoped(json_decrefp) json_t *item = json_loadb(piece->bytes, piece->length, 0, &problem);
	if (!json_is_object(item))
		return error_set(err, ERROR_BAD_ANSWER, "an item of the list is no object%s%s", item == NULL ? ": " : "",
		                 item == NULL ? problem.text : "");
	complete_item(reading->pages.query->resource, item);
	reading->reader->item(reading->reader->data, item);
	return true;
}

static void
begin(struct pages *pages)
{
	struct reading *reading = (struct reading *)pages;
	const struct list_reader *reader = reading->reader;
	reading->weight = 0;
	reader->begun(reader->data);
}

bool
list_read_items(struct kubernetes *kubernetes, const struct kubernetes_query *query, const struct list_reader *reader,
          char *ret_version, size_t size, struct error *err)
{
	static const struct json_record records[] = {{"items[]", NULL, 0, 0, tell_item, NULL}};
	struct reading reading = {
		.pages = {.kubernetes = kubernetes, .query = query, .kind = "List", .records = records,
		          .n_records = array_length(records), .begun = begin},
		.reader = reader,
	};
	if (!pages_read(&reading.pages, err))
		return false;
	error_copy_text(ret_version, size, reading.pages.version);
	return true;
}

/* ---- all in one ---- */

enum { WHOLE_MAX_WEIGHT = 32 * 1024 * 1024 };

static void
clear_items(void *items)
{
	json_array_clear(items);
}

static void
add_item(void *items, json_t *item)
{
	json_array_append(items, item);
}

bool
kubernetes_list(struct kubernetes *kubernetes, const struct kubernetes_query *query, json_t **ret,
                struct error *err)
{
	scoped(json_decrefp) json_t *items = json_array();
	const struct list_reader reader = {.begun = clear_items, .item = add_item, .data = items,
	                                   .max_weight = WHOLE_MAX_WEIGHT};
	char version[PAGES_VERSION_MAX];
	if (!list_read_items(kubernetes, query, &reader, version, sizeof version, err))
		return false;
	*ret = json_pack("{s:O, s:{s:s}}", "items", items, "metadata", "resourceVersion", version);
	return true;
}
