#include "api/kubernetes/names.h"

#include <string.h>
#include <strings.h>

#include "api/kubernetes/call.h"
#include "data/json.h"

enum { PAGE_ROWS = 500, PAGE_MAX_BYTES = 1024 * 1024, TOKEN_MAX_BYTES = 16 * 1024 };

static const struct http_header table_only = {"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"};

/* Which cell of a row holds what; -1: none. */
struct columns {
	int name, images;
};

struct listing {
	const struct kubernetes_query *query;
	size_t left;
	void (*told)(void *data, const char *name, const char *images);
	void *data;
};

static const char *
page_path(const struct kubernetes_query *query, const char *next, struct arena *arena)
{
	const char *parameters = arena_printf(arena, "includeObject=None&limit=%d", PAGE_ROWS);
	if (next[0] != '\0')
		parameters = arena_printf(arena, "%s&continue=%s", parameters, http_escape(next, arena));
	return kubernetes_query_path(query, parameters, arena);
}

/* "name" is a format of its own; column titles are a matter of taste, but for these. */
static struct columns
find_columns(const json_t *table)
{
	struct columns found = {-1, -1};
	size_t i;
	json_t *column;
	json_array_foreach (json_list_at(table, "columnDefinitions"), i, column) {
		if (found.name < 0 && strcmp(json_text_or(column, "format", ""), "name") == 0)
			found.name = (int)i;
		if (found.images < 0 && strcasecmp(json_text_or(column, "name", ""), "images") == 0)
			found.images = (int)i;
	}
	return found;
}

static const char *
cell_text(const json_t *cells, int column)
{
	return column < 0 ? NULL : json_string_value(json_array_get(cells, (size_t)column));
}

static void
tell_rows(struct listing *listing, const json_t *table)
{
	struct columns columns = find_columns(table);
	size_t i;
	json_t *row;
	json_array_foreach (json_list_at(table, "rows"), i, row) {
		const json_t *cells = json_list_at(row, "cells");
		const char *name = cell_text(cells, columns.name);
		if (listing->left == 0)
			return;
		if (name == NULL)
			continue;
		listing->left--;
		listing->told(listing->data, name, cell_text(cells, columns.images));
	}
}

/* *ret_next: where the next page begins, "" at the end. */
static bool
read_page(struct kubernetes *kubernetes, struct listing *listing, const char *next, struct arena *tokens,
          const char **ret_next, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_release) json_t *table = NULL;
	struct kubernetes_call call = {
		.path = page_path(listing->query, next, &scratch),
		.headers = &table_only, .n_headers = 1, .max_bytes = PAGE_MAX_BYTES,
	};
	struct http_response answer;
	const char *what = kubernetes_call_what(&call, &scratch);
	if (!kubernetes_call_send(kubernetes, &call, &scratch, &answer, err) ||
	    !json_parse(answer.body != NULL ? answer.body : "", answer.length, what, &table, err))
		return false;
	const char *token = json_text_or(table, "metadata.continue", "");
	if (strcmp(json_text_or(table, "kind", ""), "Table") != 0 || strlen(token) > TOKEN_MAX_BYTES)
		return error_set(err, ERROR_BAD_ANSWER, "%s: the answer is no table", what);
	tell_rows(listing, table);
	*ret_next = arena_strdup(tokens, token);
	return true;
}

bool
kubernetes_list_names(struct kubernetes *kubernetes, const struct kubernetes_query *query, size_t max,
                      void (*told)(void *data, const char *name, const char *images), void *data,
                      struct error *err)
{
	scoped(arena_release) struct arena tokens = {0};
	struct listing listing = {.query = query, .left = max, .told = told, .data = data};
	const char *next = "";
	/* A server that goes on with empty pages ends with this, too. */
	for (size_t n_pages = 0; n_pages <= max / PAGE_ROWS && listing.left > 0; n_pages++) {
		if (!read_page(kubernetes, &listing, next, &tokens, &next, err))
			return false;
		if (next[0] == '\0')
			break;
	}
	return true;
}
