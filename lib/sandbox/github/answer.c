/* How GitHub answers: with an entity tag, in pages, and always with what is left of the limit. */
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sandbox/github/parts.h"

enum { LIMIT = 5000, SEARCH_LIMIT = 30, WINDOW_S = 3600, PAGE = 30, PAGE_MAX = 100, TAG_BYTES = 32, QUERY_BYTES_MAX = 4096 };
#define DOCUMENTATION "https://docs.github.com/rest"

/* ---- the limit ---- */

static bool
is_exhausted(const struct github *github)
{
	return json_is_true(json_object_get(github->state, "exhausted")) || member_number(github->state, "used") >= LIMIT;
}

static int64_t
used(const struct github *github)
{
	return is_exhausted(github) ? LIMIT : member_number(github->state, "used");
}

static void
add_use(struct github *github, int change)
{
	json_object_set_new(github->state, "used", json_integer(member_number(github->state, "used") + change));
}

static void
add_limit_headers(struct github_call *call)
{
	const struct github *github = call->github;
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = {
		{"X-RateLimit-Limit", LIMIT},
		{"X-RateLimit-Remaining", LIMIT - used(github)},
		{"X-RateLimit-Used", used(github)},
		{"X-RateLimit-Reset", member_number(github->state, "reset_s")},
	};
	for (size_t i = 0; i < array_length(numbers); i++)
		web_add_header(call->request, numbers[i].name,
		               arena_printf(call->arena, "%lld", (long long)numbers[i].value));
	web_add_header(call->request, "X-RateLimit-Resource", "core");
}

bool
github_count(struct github_call *call)
{
	struct github *github = call->github;
	int64_t now_s = clock_wall_ms() / 1000;
	if (now_s >= member_number(github->state, "reset_s")) {
		json_object_set_new(github->state, "reset_s", json_integer(now_s + WINDOW_S));
		json_object_set_new(github->state, "used", json_integer(0));
	}
	if (strcmp(call->request->path, "/api/v3/rate_limit") == 0)
		return true;
	if (is_exhausted(github)) {
		github_refuse(call, 403, "API rate limit exceeded for user ID 1001.");
		return false;
	}
	add_use(github, 1);
	return true;
}

void
github_handle_rate_limit(struct github_call *call)
{
	int64_t n = used(call->github);
	json_t *core = json_pack("{s:i, s:I, s:I, s:I, s:s}", "limit", LIMIT, "used", (json_int_t)n, "remaining",
	                         (json_int_t)(LIMIT - n), "reset",
	                         (json_int_t)member_number(call->github->state, "reset_s"), "resource", "core");
	json_t *search = json_pack("{s:i, s:i, s:i, s:I, s:s}", "limit", SEARCH_LIMIT, "used", 0, "remaining", SEARCH_LIMIT,
	                           "reset", (json_int_t)member_number(call->github->state, "reset_s"), "resource", "search");
	github_answer(call, 200, json_pack("{s:{s:O, s:o}, s:o}", "resources", "core", core, "search", search, "rate", core));
}

/* ---- answers ---- */

static void
add_common_headers(struct github_call *call)
{
	add_limit_headers(call);
	web_add_header(call->request, "X-GitHub-Enterprise-Version", "3.14.0");
	web_add_header(call->request, "X-GitHub-Media-Type", "github.v3; format=json");
	web_add_header(call->request, "X-OAuth-Scopes", "read:org, repo, workflow");
}

/* GitHub's tags are weak, and a comparison ignores that (RFC 9110 8.8.3.2). */
static bool
is_known_to_client(const struct github_call *call, const char *tag)
{
	const char *known = web_header_list(call->request, "If-None-Match");
	return known != NULL && (strcmp(known, "*") == 0 || strstr(known, tag + 2) != NULL);
}

static const char *
tag_of(struct github_call *call, const char *text)
{
	unsigned char digest[TAG_BYTES];
	char digits[2 * TAG_BYTES + 1];
	crypto_generichash(digest, sizeof digest, (const unsigned char *)text, strlen(text), NULL, 0);
	return arena_printf(call->arena, "W/\"%s\"", sodium_bin2hex(digits, sizeof digits, digest, sizeof digest));
}

void
github_answer(struct github_call *call, unsigned status, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	json_decref(answer);
	if (text == NULL) { /* it quoted bytes of the request that are no UTF-8 */
		github_refuse(call, 400, "Problems parsing the request");
		return;
	}
	if (strcmp(call->request->method, "GET") == 0 && status == 200) {
		const char *tag = tag_of(call, text);
		web_add_header(call->request, "ETag", tag);
		web_add_header(call->request, "Cache-Control", "private, max-age=60, s-maxage=60");
		if (is_known_to_client(call, tag)) {
			add_use(call->github, -1);
			status = 304;
		}
	}
	github_answer_text(call, status, "application/json; charset=utf-8", text, status == 304 ? 0 : strlen(text));
	free(text);
}

void
github_answer_text(struct github_call *call, unsigned status, const char *type, const char *text, size_t length)
{
	add_common_headers(call);
	if (status != 304 && status != 204)
		web_add_header(call->request, "Content-Type", type);
	web_respond(call->request, status, text, length);
}

void
github_refuse(struct github_call *call, unsigned status, const char *message)
{
	github_answer(call, status, json_pack("{s:s, s:s, s:o}", "message", message, "documentation_url", DOCUMENTATION,
	                                      "status", json_sprintf("%u", status)));
}

void
github_not_found(struct github_call *call)
{
	github_refuse(call, 404, "Not Found");
}

void
github_invalid(struct github_call *call, const char *resource, const char *field, const char *code)
{
	github_answer(call, 422,
	              json_pack("{s:s, s:[{s:s, s:s, s:s}], s:s, s:s}", "message", "Validation Failed", "errors", "resource",
	                        resource, "field", field, "code", code, "documentation_url", DOCUMENTATION, "status",
	                        "422"));
}

/* ---- pages ---- */

static size_t
query_number(const struct github_call *call, const char *name, size_t fallback, size_t max)
{
	const char *text = web_query(call->request, name);
	size_t number = text != NULL ? strtoul(text, NULL, 10) : 0;
	return number == 0 ? fallback : number < max ? number : max;
}

/* The address that was asked for, with another page. */
static const char *
page_url(const struct github_call *call, size_t page)
{
	scoped(buf_release) struct buf url = BUF_INIT(QUERY_BYTES_MAX);
	const char *target = call->request->target, *at = strchr(target, '?');
	size_t path_length = at != NULL ? (size_t)(at - target) : strlen(target);
	buf_printf(&url, "%s%.*s?", call->github->origin, (int)path_length, target);
	while (at != NULL && *++at != '\0') {
		size_t length = strcspn(at, "&");
		if (strncmp(at, "page=", 5) != 0)
			buf_printf(&url, "%.*s&", (int)length, at);
		at = at[length] == '&' ? at + length : NULL;
	}
	buf_printf(&url, "page=%zu", page);
	return arena_strdup(call->arena, url.bytes);
}

static void
add_links(struct github_call *call, size_t page, size_t pages)
{
	const struct {
		const char *relation;
		size_t page;
		bool is_there;
	} links[] = {{"prev", page - 1, page > 1}, {"next", page + 1, page < pages},
	             {"last", pages, page < pages}, {"first", 1, page > 1}};
	const char *value = NULL;
	for (size_t i = 0; i < array_length(links); i++)
		if (links[i].is_there)
			value = arena_printf(call->arena, "%s%s<%s>; rel=\"%s\"", value != NULL ? value : "",
			                     value != NULL ? ", " : "", page_url(call, links[i].page), links[i].relation);
	if (value != NULL)
		web_add_header(call->request, "Link", value);
}

void
github_answer_page(struct github_call *call, json_t *list, const char *name)
{
	size_t total = json_array_size(list), size = query_number(call, "per_page", PAGE, PAGE_MAX),
	       page = query_number(call, "page", 1, SIZE_MAX / PAGE_MAX), first = (page - 1) * size;
	json_t *part = json_array();
	for (size_t i = first; i < total && i < first + size; i++)
		json_array_append(part, json_array_get(list, i));
	json_decref(list);
	add_links(call, page, (total + size - 1) / size);
	github_answer(call, 200, name == NULL ? part : json_pack("{s:I, s:o}", "total_count", (json_int_t)total, name, part));
}

/* ---- small things that many answers need ---- */

static const char *below(const struct github_call *call, const char *prefix, const char *format, va_list args) printf_like(3, 0);

static const char *
below(const struct github_call *call, const char *prefix, const char *format, va_list args)
{
	return arena_printf(call->arena, "%s%s", prefix, arena_vprintf(call->arena, format, args));
}

const char *
github_api_url(const struct github_call *call, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *url = below(call, arena_printf(call->arena, "%s/api/v3", call->github->origin), format, args);
	va_end(args);
	return url;
}

const char *
github_repository_url(const struct github_call *call, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *url = below(call, github_api_url(call, "/repos/%s", call->slug), format, args);
	va_end(args);
	return url;
}

const char *
github_web_url(const struct github_call *call, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *url = below(call, arena_printf(call->arena, "%s/%s", call->github->origin, call->slug), format, args);
	va_end(args);
	return url;
}

bool
github_is_asked_for(const struct github_call *call, const char *name, const char *value)
{
	const char *asked = web_query(call->request, name);
	return asked == NULL || asked[0] == '\0' || strcmp(asked, value) == 0;
}

const char *
github_body_text(const struct github_call *call, const char *name, const char *fallback)
{
	const char *text = json_string_value(json_object_get(call->body, name));
	return text != NULL ? text : fallback;
}

bool
github_body_flag(const struct github_call *call, const char *name, bool fallback)
{
	const json_t *value = json_object_get(call->body, name);
	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

int64_t
github_param_number(const struct github_call *call, size_t param)
{
	const char *text = call->params[param];
	return strlen(text) < 19 && strspn(text, "0123456789") == strlen(text) ? strtoll(text, NULL, 10) : 0;
}

json_t *
github_time(int64_t time_ms)
{
	char text[CLOCK_TEXT_BYTES];
	return json_string(clock_format(time_ms, text));
}

json_t *
github_text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

int64_t
github_new_id(struct github *github)
{
	int64_t id = member_number(github->state, "last_id") + 1;
	json_object_set_new(github->state, "last_id", json_integer(id));
	return id;
}
