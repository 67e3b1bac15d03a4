#include "api/kubernetes/pages.h"

#include <string.h>

#include "base/clock.h"

enum { PAGE_SIZE = 500, PAGES_MAX = 10000, ANSWER_MAX = 512 * 1024 * 1024 };
/* A body that drips never is idle: beyond a grace it has to come at this rate on the whole. */
enum { GRACE_MS = 30 * 1000, SLOWEST_BYTES_PER_MS = 8 };

/* Where it stands: in pages; in pages once more after an expired token; in one answer. */
enum attempt { PAGED, PAGED_AGAIN, WHOLE, ATTEMPTS };

struct top {
	const char *kind, *next, *version;
};
static const struct json_field top_fields[] = {
	{"kind", JSON_FIELD_TEXT, offsetof(struct top, kind)},
	{"metadata.continue", JSON_FIELD_TEXT, offsetof(struct top, next)},
	{"metadata.resourceVersion", JSON_FIELD_TEXT, offsetof(struct top, version)},
};

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);
	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Lists of some servers have no kind; what has no version either is none. */
static bool
is_list(const struct pages *pages, const struct top *top)
{
	if (top->kind == NULL)
		return top->version != NULL && strcmp(pages->kind, "List") == 0;
	return ends_with(top->kind, pages->kind) || ends_with(top->kind, "List");
}

static bool
tell_top(void *data, const void *record, struct error *err)
{
	const struct top *top = record;
	struct pages *pages = data;
	const char *next = top->next != NULL ? top->next : "";
	if (!is_list(pages, top))
		return error_set(err, ERROR_BAD_ANSWER, "the answer is no %s (%s)", pages->kind,
		                 top->kind != NULL ? top->kind : "an object without kind");
	if (strlen(next) >= PAGES_TOKEN_MAX)
		return error_set(err, ERROR_BAD_ANSWER, "a continue token of %zu bytes", strlen(next));
	memcpy(pages->next, next, strlen(next) + 1);
	if (pages->version[0] == '\0' && top->version != NULL && strlen(top->version) < PAGES_VERSION_MAX)
		memcpy(pages->version, top->version, strlen(top->version) + 1);
	pages->is_list = true;
	return true;
}

/* ---- a page ---- */

/* Of real time, as the network's deadlines are. */
static bool
check_speed(int64_t started_ms, size_t total, struct error *err)
{
	int64_t passed_ms = (clock_monotonic_ms() - started_ms) / clock_rate();
	if (passed_ms <= GRACE_MS + (int64_t)(total / SLOWEST_BYTES_PER_MS))
		return true;
	return error_set(err, ERROR_UNREACHABLE, "reading the answer failed after %lld ms: it came at less than %d kB a second",
	                 (long long)passed_ms, SLOWEST_BYTES_PER_MS);
}

static bool
read_body(struct pages *pages, struct http_stream *body, const char *what, struct error *err)
{
	struct json_record records[PAGES_RECORDS_MAX] = {
		{"", top_fields, array_length(top_fields), sizeof(struct top), tell_top, NULL}};
	memcpy(records + 1, pages->records, pages->n_records * sizeof *records);
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(records, pages->n_records + 1, what, pages);
	const char *bytes;
	size_t length, total = 0;
	int64_t started_ms = clock_monotonic_ms();
	do {
		if (!http_stream_read(body, -1, &bytes, &length, err) || !json_stream_feed(stream, bytes, length, err))
			return false;
		total += length;
		pages->has_stopped = !check_speed(started_ms, total, err);
		if (pages->has_stopped)
			return false;
		if (total > ANSWER_MAX)
			return error_set(err, ERROR_BAD_ANSWER, "the answer is larger than %d bytes", ANSWER_MAX);
	} while (length > 0);
	if (!json_stream_end(stream, err))
		return false;
	return pages->is_list || error_set(err, ERROR_BAD_ANSWER, "the answer is no %s", pages->kind);
}

static bool
read_page(struct pages *pages, const char *path, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct kubernetes_call call = {
		.path = path, .headers = pages->accept, .n_headers = pages->accept != NULL, .raw_status = true};
	struct http_response head;
	struct http_stream *body;
	if (!kubernetes_call_open(pages->kubernetes, &call, &scratch, &head, &body, err))
		return false;
	pages->may_repeat = head.status == 410;
	if (head.status >= 300) {
		kubernetes_put_status(pages->kubernetes, &call, &head, &scratch, err);
		http_stream_close(body);
		return false;
	}
	const char *what = arena_printf(&scratch, "the answer of %s", kubernetes_call_what(&call, &scratch));
	bool is_fine = read_body(pages, body, what, err);
	http_stream_close(body);
	if (is_fine)
		return true;
	pages->may_repeat = !pages->has_stopped && err->code != ERROR_INTERRUPTED;
	if (err->code == ERROR_BAD_ANSWER)
		error_put_next(err, "look at clusters of the platform file: is %s an API server?",
		               kubernetes_server(pages->kubernetes));
	return false;
}

/* ---- all of them ---- */

/* The query of the next page. */
static const char *
next_path(const struct pages *pages, bool is_whole, struct arena *arena)
{
	unsigned limit = pages->query->page_size != 0 ? pages->query->page_size : PAGE_SIZE;
	const char *own = pages->parameters != NULL ? pages->parameters : "", *and = own[0] != '\0' ? "&" : "";
	const char *parameters = is_whole ? own : arena_printf(arena, "%s%slimit=%u", own, and, limit);
	if (pages->next[0] != '\0')
		parameters = arena_printf(arena, "%s&continue=%s", parameters, http_escape(pages->next, arena));
	return kubernetes_query_path(pages->query, parameters, arena);
}

static bool
read_once(struct pages *pages, bool is_whole, struct error *err)
{
	pages->version[0] = pages->next[0] = '\0';
	pages->begun(pages);
	for (unsigned n = 0; n < PAGES_MAX; n++) {
		scoped(arena_release) struct arena scratch = {0};
		const char *path = next_path(pages, is_whole, &scratch);
		pages->next[0] = '\0';
		pages->is_list = pages->may_repeat = false;
		if (pages->page_begun != NULL)
			pages->page_begun(pages);
		if (!read_page(pages, path, err))
			return false;
		if (pages->next[0] == '\0')
			return true;
	}
	return error_set(err, ERROR_BAD_ANSWER, "the list has more than %d pages", PAGES_MAX);
}

bool
pages_read(struct pages *pages, struct error *err)
{
	pages->may_repeat = true;
	for (int attempt = PAGED; attempt < ATTEMPTS && pages->may_repeat; attempt++)
		if (read_once(pages, attempt == WHOLE, err))
			return true;
	return false;
}
