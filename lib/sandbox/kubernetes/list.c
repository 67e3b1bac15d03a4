#include "sandbox/kubernetes/list.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/number.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/table.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

enum { TOKEN_LIFE_MS = 5 * 60 * 1000 };

/* ---- continue tokens: base64url of {"v","rv","start","at"}; rv -1 = from whatever is there ---- */

struct token {
	int64_t version, made_at_ms;
	const char *start; /* "namespace/name" of the first object of the page */
};

static const char *
token_format(const struct token *token, struct arena *arena)
{
	scoped(tree_release) json_t *tree =
		json_pack("{s:s, s:I, s:s, s:I}", "v", "meta.k8s.io/v1", "rv", (json_int_t)token->version,
	                  "start", token->start, "at", (json_int_t)token->made_at_ms);
	char *text = json_dumps(tree, JSON_COMPACT);
	size_t length = strlen(text);
	size_t size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *encoded = arena_alloc(arena, size);
	sodium_bin2base64(encoded, size, (unsigned char *)text, length,
	                  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	free(text);
	return encoded;
}

static bool
token_parse(const char *text, struct arena *arena, struct token *ret)
{
	size_t size = strlen(text), length;
	unsigned char *bytes = arena_alloc(arena, size + 1);
	if (sodium_base642bin(bytes, size, text, size, NULL, &length, NULL,
	                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return false;
	scoped(tree_release) json_t *tree = json_loadb((char *)bytes, length, 0, NULL);
	if (!json_is_integer(json_object_get(tree, "rv")) || tree_text(tree, "start")[0] == '\0')
		return false;
	*ret = (struct token){.version = tree_int(tree, "rv"), .made_at_ms = tree_int(tree, "at"),
	                      .start = arena_strdup(arena, tree_text(tree, "start"))};
	return true;
}

/* ---- the objects as they were at a version ---- */

static char *
key_of(const json_t *object, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", tree_text(object, "metadata.namespace"),
	                    tree_text(object, "metadata.name"));
}

struct undoing {
	json_t *overlay; /* key → the object as it was, or null when it was not there yet */
	struct arena *arena;
};

/* Changes come oldest first, so the first one of a key tells what was before. */
static void
undo(void *data, const struct store_change *change)
{
	struct undoing *undoing = data;
	const char *key = key_of(change->object, undoing->arena);
	if (json_object_get(undoing->overlay, key) == NULL)
		json_object_set_new(undoing->overlay, key,
		                    change->before == NULL
		                            ? json_null()
		                            : json_incref(tree_loose(change->before)));
}

struct gathering {
	const struct list_query *query;
	json_t *overlay, *items;
	struct arena *arena;
};

static void
gather_one(struct gathering *gathering, const json_t *object)
{
	if (selector_matches(&gathering->query->selector, object))
		json_array_append(gathering->items, tree_loose(object));
}

static bool
gather(void *data, const json_t *object)
{
	struct gathering *gathering = data;
	if (json_object_size(gathering->overlay) == 0 ||
	    json_object_get(gathering->overlay, key_of(object, gathering->arena)) == NULL)
		gather_one(gathering, object);
	return true;
}

static int
compare_objects(const void *a, const void *b)
{
	const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
	int order = strcmp(tree_text(left, "metadata.namespace"), tree_text(right, "metadata.namespace"));
	return order != 0 ? order : strcmp(tree_text(left, "metadata.name"),
	                                   tree_text(right, "metadata.name"));
}

static json_t *
sorted(json_t *items, struct arena *arena)
{
	size_t n = json_array_size(items);
	json_t **objects = arena_array(arena, json_t *, n + 1);
	for (size_t i = 0; i < n; i++)
		objects[i] = json_array_get(items, i);
	qsort(objects, n, sizeof *objects, compare_objects);
	json_t *result = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append(result, objects[i]);
	json_decref(items);
	return result;
}

/* New reference; false when `version` is forgotten. */
static bool
read_at(struct store *store, const struct list_query *query, uint64_t version, struct arena *arena,
        json_t **ret)
{
	scoped(tree_release) json_t *overlay = json_object();
	struct undoing undoing = {.overlay = overlay, .arena = arena};
	const char *key;
	json_t *object;

	if (version < store_version(store) &&
	    !store_replay(store, query->resource, version, undo, &undoing))
		return false;
	struct gathering gathering = {
		.query = query, .overlay = overlay, .items = json_array(), .arena = arena};
	store_each(store, query->resource, query->namespace, gather, &gathering);
	bool is_elsewhere;
	json_object_foreach (overlay, key, object) {
		is_elsewhere = query->namespace[0] != '\0' &&
			strcmp(tree_text(object, "metadata.namespace"), query->namespace) != 0;
		if (!json_is_null(object) && !is_elsewhere)
			gather_one(&gathering, object);
	}
	*ret = json_object_size(overlay) == 0 ? gathering.items : sorted(gathering.items, arena);
	return true;
}

/* ---- the rows of the resourceVersion table ---- */

struct plan {
	bool is_exact;
	uint64_t version, limit;
	const char *start;
};

static json_t *
expired(const struct token *token, struct arena *arena)
{
	struct token onward = {.version = -1, .start = token->start, .made_at_ms = clock_wall_ms()};
	json_t *status = status_new(
		410, "Expired", NULL, NULL,
		"The provided continue parameter is too old to display a consistent list result. You can "
		"start a new list without the continue parameter, or use the continue token in this "
		"response to retrieve the remainder of the results. Continuing with the provided token "
		"results in an inconsistent list - objects that were created, modified, or deleted between "
		"the time the first chunk was returned and now may show up in the list.");
	tree_set(status, "metadata.continue", json_string(token_format(&onward, arena)));
	return status;
}

static json_t *
plan_continued(const struct store *store, const struct list_query *query, struct arena *arena,
               struct plan *plan)
{
	struct token token;
	if (query->version != NULL && query->version[0] != '\0' && strcmp(query->version, "0") != 0)
		return status_bad_request("specifying resource version is not allowed when using continue");
	if (!token_parse(query->token, arena, &token))
		return status_bad_request("continue key is not valid");
	plan->start = token.start;
	if (token.version < 0)
		return NULL;
	plan->is_exact = true;
	plan->version = (uint64_t)token.version;
	bool is_old = plan->version < store_oldest_version(store) ||
	              clock_wall_ms() - token.made_at_ms > TOKEN_LIFE_MS;
	return is_old ? expired(&token, arena) : NULL;
}

static json_t *
too_large(uint64_t wanted, uint64_t current)
{
	json_t *status = status_new(504, "Timeout", NULL, NULL,
	                            "Timeout: Too large resource version: %llu, current: %llu",
	                            (unsigned long long)wanted, (unsigned long long)current);
	status_add_cause(status, "ResourceVersionTooLarge", "Too large resource version", "");
	tree_set(status, "details.retryAfterSeconds", json_integer(1));
	return status;
}

static json_t *
plan_version(const struct store *store, const struct list_query *query, struct plan *plan)
{
	struct error ignored;
	const char *match = query->version_match == NULL ? "" : query->version_match;
	bool is_given = query->version != NULL && query->version[0] != '\0';
	uint64_t version = 0;
	if (!is_given)
		return match[0] == '\0' ? NULL : status_bad_request(
			"resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless "
			"resourceVersion is provided");
	if (!number_parse_u64(query->version, 0, INT64_MAX, &version, &ignored))
		return status_bad_request("resourceVersion: Invalid value: \"%s\"", query->version);
	if (match[0] != '\0' && strcmp(match, "Exact") != 0 && strcmp(match, "NotOlderThan") != 0)
		return status_bad_request("resourceVersionMatch: Unsupported value: \"%s\": supported "
		                          "values: \"Exact\", \"NotOlderThan\", \"\"", match);
	if (strcmp(match, "Exact") == 0 && version == 0)
		return status_bad_request("resourceVersionMatch: Forbidden: resourceVersionMatch \"Exact\" "
		                          "is forbidden for resourceVersion \"0\"");
	if (version > store_version(store))
		return too_large(version, store_version(store));
	if (version == 0 && match[0] == '\0')
		plan->limit = 0; /* from the cache, which knows no pages */
	plan->is_exact = strcmp(match, "Exact") == 0 || (match[0] == '\0' && version > 0 && plan->limit > 0);
	if (plan->is_exact)
		plan->version = version;
	return NULL;
}

static json_t *
make_plan(const struct store *store, const struct list_query *query, struct arena *arena,
          struct plan *plan)
{
	struct error ignored;
	*plan = (struct plan){.version = store_version(store)};
	if (query->limit != NULL && query->limit[0] != '\0' &&
	    !number_parse_u64(query->limit, 0, INT64_MAX, &plan->limit, &ignored))
		return status_bad_request("limit: Invalid value: \"%s\"", query->limit);
	if (query->token != NULL && query->token[0] != '\0')
		return plan_continued(store, query, arena, plan);
	return plan_version(store, query, plan);
}

static json_t *
take_page(json_t *all, const struct plan *plan, struct arena *arena, struct list_page *page)
{
	json_t *items = json_array();
	size_t i, n_skipped = 0;
	json_t *object;
	json_array_foreach (all, i, object) {
		if (plan->start != NULL && strcmp(key_of(object, arena), plan->start) < 0) {
			n_skipped++;
			continue;
		}
		if (plan->limit > 0 && json_array_size(items) == plan->limit) {
			struct token token = {.version = (int64_t)page->version,
			                      .made_at_ms = clock_wall_ms(), .start = key_of(object, arena)};
			page->token = token_format(&token, arena);
			page->n_remaining = json_array_size(all) - n_skipped - json_array_size(items);
			break;
		}
		json_array_append(items, object);
	}
	return items;
}

bool
list_read(struct store *store, const struct list_query *query, struct arena *arena,
          struct list_page *ret, json_t **ret_status)
{
	struct plan plan;
	scoped(tree_release) json_t *all = NULL;
	*ret_status = make_plan(store, query, arena, &plan);
	if (*ret_status != NULL)
		return false;
	if (!read_at(store, query, plan.version, arena, &all)) {
		*ret_status = status_new(410, "Expired", NULL, NULL, "The resourceVersion for the provided "
		                         "list is too old.");
		return false;
	}
	*ret = (struct list_page){.version = plan.version};
	ret->items = take_page(all, &plan, arena, ret);
	return true;
}

/* ---- the answer ---- */

/* Items of typed lists say neither kind nor apiVersion: the list does. */
static json_t *
bare_items(const struct call *call, json_t *items)
{
	json_t *bare = json_array();
	size_t i;
	json_t *object;
	json_array_foreach (items, i, object) {
		json_t *item = call->shape == SHAPE_METADATA ? call_shape_object(call, object, false)
		                                             : json_copy(object);
		if (call->shape == SHAPE_OBJECT && !resource_is_custom(call->resource)) {
			json_object_del(item, "kind");
			json_object_del(item, "apiVersion");
		}
		json_array_append_new(bare, item);
	}
	return bare;
}

static json_t *
list_object(const struct call *call, json_t *items)
{
	char api_version[RESOURCE_API_VERSION_BYTES];
	size_t i;
	json_t *object;
	if (call->shape == SHAPE_TABLE) {
		json_t *table = resource_table_new(call->resource, true);
		json_array_foreach (items, i, object)
			resource_table_add_row(table, call->resource, object, call_query(call, "includeObject"));
		return table;
	}
	if (call->shape == SHAPE_METADATA)
		return json_pack("{s:s, s:s, s:{}, s:o}", "kind", "PartialObjectMetadataList", "apiVersion",
		                 "meta.k8s.io/v1", "metadata", "items", bare_items(call, items));
	return json_pack("{s:o, s:s, s:{}, s:o}", "kind", json_sprintf("%sList", call->resource->kind),
	                 "apiVersion", resource_api_version(call->resource, api_version), "metadata",
	                 "items", bare_items(call, items));
}

void
list_handle(struct call *call)
{
	struct list_page page;
	json_t *status;
	struct list_query query = {
		.resource = call->resource, .namespace = call->namespace,
		.limit = call_query(call, "limit"), .token = call_query(call, "continue"),
		.version = call_query(call, "resourceVersion"),
		.version_match = call_query(call, "resourceVersionMatch")};
	if (!selector_parse(call->resource, call_query(call, "labelSelector"),
	                    call_query(call, "fieldSelector"), call->arena, &query.selector, &status) ||
	    !list_read(call->api->options.store, &query, call->arena, &page, &status)) {
		call_fail(call, status);
		return;
	}
	scoped(tree_release) json_t *list = list_object(call, page.items);
	json_decref(page.items);
	tree_set(list, "metadata.resourceVersion",
	         json_sprintf("%llu", (unsigned long long)page.version));
	if (page.token != NULL)
		tree_set(list, "metadata.continue", json_string(page.token));
	if (page.token != NULL && selector_is_empty(&query.selector))
		tree_set(list, "metadata.remainingItemCount", json_integer((json_int_t)page.n_remaining));
	call_answer(call, 200, list);
}
