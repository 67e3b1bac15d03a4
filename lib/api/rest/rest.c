#include "api/rest/rest.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/number.h"
#include "data/json.h"
#include "net/http.h"

enum { ANSWER_MAX = 8 * 1024 * 1024, PAGES_MAX = 10, REDIRECTS_MAX = 3, TEXT_READ_MAX = 256 * 1024 * 1024 };
#define LAST_SECOND UINT64_C(253402300799) /* of the year 9999 */

/* A person waits, and the callers have deadlines of their own. */
static const struct http_policy policy = {.tries = 3, .base_ms = 300, .cap_ms = 2000, .connect_ms = 5000,
                                          .idle_ms = 10000, .total_ms = 20000};

static const char *
url_of(const struct rest *rest, const char *path, struct arena *arena)
{
	size_t length = strlen(rest->url);
	while (length > 0 && rest->url[length - 1] == '/')
		length--;
	return arena_printf(arena, "%.*s%s", (int)length, rest->url, path);
}

/* ---- failures ---- */

/* "" when the body does not say. */
static const char *
message_of(const struct rest *rest, const struct http_response *answer, struct arena *arena)
{
	scoped(json_release) json_t *body = NULL;
	struct error ignored;
	if (!json_parse(answer->body, answer->length, "the refusal", &body, &ignored))
		return "";
	const char *message = arena_strdup(arena, json_text_or(body, rest->message, ""));
	return *message != '\0' ? arena_printf(arena, ": %s", message) : "";
}

static bool
is_limited(const struct http_response *answer)
{
	const char *left = http_header_value(answer, "x-ratelimit-remaining");
	return answer->status == 429 ||
	       (answer->status == 403 &&
	        ((left != NULL && strcmp(left, "0") == 0) || http_header_value(answer, "retry-after") != NULL));
}

/* x-ratelimit-reset is in seconds since 1970. */
static bool
refuse_limited(const struct rest *rest, const struct http_response *answer, struct error *err)
{
	const char *reset = http_header_value(answer, "x-ratelimit-reset");
	uint64_t seconds;
	char time[CLOCK_TEXT_BYTES];
	struct error ignored;
	if (reset != NULL && number_parse_u64(reset, 1, LAST_SECOND, &seconds, &ignored))
		error_put(err, ERROR_RATE_LIMITED, "%s answers no more of our requests until %s", rest->label,
		          clock_format((int64_t)seconds * 1000, time));
	else
		error_put(err, ERROR_RATE_LIMITED, "%s asks to be asked less often", rest->label);
	err->retryable = true;
	return error_next(err, "wait until then, or use a token of your own: paas login %s", rest->name);
}

static const struct {
	int from, to;
	enum error_code code;
} codes[] = {
	{401, 401, ERROR_NOT_LOGGED_IN}, {403, 403, ERROR_FORBIDDEN}, {404, 404, ERROR_NOT_FOUND}, {410, 410, ERROR_NOT_FOUND},
	{500, 599, ERROR_UNREACHABLE},
};

static bool
check_status(const struct rest *rest, const struct http_response *answer, const char *path, struct arena *arena,
             struct error *err)
{
	enum error_code code = ERROR_BAD_ANSWER;
	if (answer->status >= 200 && answer->status < 300)
		return true;
	if (is_limited(answer))
		return refuse_limited(rest, answer, err);
	for (size_t i = 0; i < array_length(codes); i++)
		if (answer->status >= codes[i].from && answer->status <= codes[i].to)
			code = codes[i].code;
	error_put(err, code, "%s: HTTP %d%s", rest->label, answer->status, message_of(rest, answer, arena));
	err->retryable = code == ERROR_UNREACHABLE;
	const char *single_sign_on = http_header_value(answer, "x-github-sso"), *page;
	if (single_sign_on != NULL && (page = strstr(single_sign_on, "url=")) != NULL)
		error_put_next(err, "authorize the token in a browser: %s", page + 4);
	if (code == ERROR_NOT_LOGGED_IN || code == ERROR_FORBIDDEN)
		error_put_next(err, "paas login %s", rest->name);
	return error_from(err, rest->name, path, answer->url);
}

/* ---- requests ---- */

static bool
get_answer(const struct rest *rest, const char *url, const char *path, struct arena *arena, struct http_response *ret,
           struct error *err)
{
	const struct http_request request = {.url = url, .endpoint = rest->endpoint, .headers = rest->headers,
	                                     .n_headers = rest->n_headers, .policy = &policy, .max_bytes = ANSWER_MAX,
	                                     .max_redirects = REDIRECTS_MAX, .is_repeated = true};
	return http_send(rest->http, &request, arena, ret, err) && check_status(rest, ret, path, arena, err);
}

static bool
parse(const struct rest *rest, const struct http_response *answer, const char *path, struct arena *arena, json_t **ret,
      struct error *err)
{
	return json_parse(answer->body, answer->length, arena_printf(arena, "the answer of %s", rest->label), ret, err) ||
	       error_from(err, rest->name, path, answer->url);
}

bool
rest_get(const struct rest *rest, const char *path, struct arena *arena, json_t **ret, struct error *err)
{
	struct http_response answer;
	return get_answer(rest, url_of(rest, path, arena), path, arena, &answer, err) &&
	       parse(rest, &answer, path, arena, ret, err);
}

bool
rest_post(const struct rest *rest, const char *path, const json_t *body, struct arena *arena, json_t **ret,
          struct error *err)
{
	struct http_header *headers = arena_array(arena, struct http_header, rest->n_headers + 1);
	const char *text = json_write(body, arena);
	struct http_response answer;
	for (size_t i = 0; i < rest->n_headers; i++)
		headers[i] = rest->headers[i];
	headers[rest->n_headers] = (struct http_header){"Content-Type", "application/json; charset=utf-8"};
	const struct http_request request = {.method = "POST", .url = url_of(rest, path, arena), .endpoint = rest->endpoint,
	                                     .headers = headers, .n_headers = rest->n_headers + 1, .body = text,
	                                     .body_length = strlen(text), .policy = &policy, .max_bytes = ANSWER_MAX};
	return http_send(rest->http, &request, arena, &answer, err) && check_status(rest, &answer, path, arena, err) &&
	       parse(rest, &answer, path, arena, ret, err);
}

/* ---- pages ---- */

/* `<https://…?page=2>; rel="next", <…>; rel="last"`; NULL: the last page, or a next one elsewhere. */
static const char *
next_page(const struct http_response *answer, struct arena *arena)
{
	const char *link = http_header_value(answer, "link"), *here, *there, *url;
	struct error ignored;
	for (const char *at = link; at != NULL && (at = strchr(at, '<')) != NULL; at++) {
		const char *end = strchr(at, '>');
		size_t length = end != NULL ? strcspn(end, ",") : 0;
		if (end == NULL || strstr(arena_strndup(arena, end, length), "rel=\"next\"") == NULL)
			continue;
		if (http_url_resolve(answer->url, arena_strndup(arena, at + 1, (size_t)(end - at - 1)), arena, &url, &ignored) &&
		    http_origin_of(answer->url, arena, &here, &ignored) && http_origin_of(url, arena, &there, &ignored) &&
		    strcmp(here, there) == 0)
			return url;
	}
	return NULL;
}

static void
append(json_t *list, const json_t *page, size_t max)
{
	json_t *item;
	size_t i;
	json_array_foreach(page, i, item)
		if (json_array_size(list) < max)
			json_array_append(list, item);
}

bool
rest_get_list(const struct rest *rest, const char *path, const char *member, size_t max, struct arena *arena,
              json_t **ret, struct error *err)
{
	scoped(json_release) json_t *list = json_array();
	const char *url = url_of(rest, path, arena);
	for (size_t pages = 0; url != NULL && pages < PAGES_MAX && json_array_size(list) < max; pages++) {
		scoped(json_release) json_t *body = NULL;
		struct http_response answer;
		if (!get_answer(rest, url, path, arena, &answer, err) || !parse(rest, &answer, path, arena, &body, err))
			return false;
		append(list, member != NULL ? json_list_at(body, member) : body, max);
		url = next_page(&answer, arena);
	}
	*ret = json_incref(list);
	return true;
}

/* ---- the end of a text ---- */

static bool
read_tail(struct http_stream *stream, size_t max, struct buf *text, struct error *err)
{
	size_t length, total = 0;
	const char *bytes;
	do {
		if (!http_stream_read(stream, policy.idle_ms, &bytes, &length, err))
			return false;
		if (bytes == NULL)
			return error_set(err, ERROR_UNREACHABLE, "nothing came for %d s", (int)(policy.idle_ms / 1000));
		if (length >= max)
			buf_clear(text);
		buf_add(text, length > max ? bytes + length - max : bytes, length > max ? max : length);
		if (text->length > max)
			buf_consume(text, text->length - max);
		total += length;
	} while (length > 0 && total < TEXT_READ_MAX);
	return true;
}

bool
rest_get_tail(const struct rest *rest, const char *path, size_t max, struct arena *arena, const char **ret,
              size_t *ret_length, struct error *err)
{
	const struct http_request request = {.url = url_of(rest, path, arena), .endpoint = rest->endpoint,
	                                     .headers = rest->headers, .n_headers = rest->n_headers, .policy = &policy,
	                                     .max_redirects = REDIRECTS_MAX};
	scoped(buf_release) struct buf text = BUF_INIT(2 * max);
	struct http_response head;
	struct http_stream *stream = NULL;
	bool is_fine = http_stream_open(rest->http, &request, arena, &head, &stream, err) &&
	               check_status(rest, &head, path, arena, err) && read_tail(stream, max, &text, err);
	http_stream_close(stream);
	if (!is_fine)
		return error_from(err, rest->name, path, request.url);
	*ret = arena_strndup(arena, text.bytes, text.length);
	*ret_length = text.length;
	return true;
}
