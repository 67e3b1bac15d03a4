#include "sandbox/travis/travis.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sandbox/member.h"
#include "sandbox/travis/parts.h"

enum { LOG_BYTES_MAX = 64 * 1024, PAGE = 25, PAGE_MAX = 100 };

/* ---- answers ---- */

static void
refuse(struct travis_call *call, unsigned status, const char *type, const char *message)
{
	web_respond_json(call->request, status,
	                 json_pack("{s:s, s:s, s:s}", "@type", "error", "error_type", type, "error_message", message));
}

static void
not_found(struct travis_call *call, const char *what)
{
	refuse(call, 404, "not_found", arena_printf(call->arena, "%s not found (or insufficient access)", what));
}

/* ---- pages ---- */

static size_t
query_number(const struct travis_call *call, const char *name, size_t fallback)
{
	const char *text = web_query(call->request, name);
	return text != NULL && *text != '\0' && strspn(text, "0123456789") == strlen(text) ? strtoul(text, NULL, 10) : fallback;
}

static json_t *
page_link(const struct travis_call *call, size_t limit, size_t offset, bool is_there)
{
	const char *path = arena_strndup(call->arena, call->request->target, strcspn(call->request->target, "?"));
	if (!is_there)
		return json_null();
	return json_pack("{s:s, s:I, s:I}", "@href", arena_printf(call->arena, "%s?limit=%zu&offset=%zu", path, limit, offset),
	                 "offset", (json_int_t)offset, "limit", (json_int_t)limit);
}

/* Steals `list`. */
static void
answer_page(struct travis_call *call, const char *name, json_t *list)
{
	size_t limit = query_number(call, "limit", PAGE), offset = query_number(call, "offset", 0), total = json_array_size(list);
	limit = limit == 0 || limit > PAGE_MAX ? PAGE_MAX : limit;
	offset = offset < total ? offset : total;
	json_t *part = json_array();
	for (size_t i = offset; i < total && i < offset + limit; i++)
		json_array_append(part, json_array_get(list, i));
	json_decref(list);
	bool is_last = offset + limit >= total;
	size_t last = total > 0 ? (total - 1) / limit * limit : 0;
	json_t *pagination = json_pack("{s:I, s:I, s:I, s:b, s:b, s:o, s:o, s:o, s:o}", "limit", (json_int_t)limit, "offset",
	                               (json_int_t)offset, "count", (json_int_t)total, "is_first", offset == 0, "is_last",
	                               is_last, "next", page_link(call, limit, offset + limit, !is_last), "prev",
	                               page_link(call, limit, offset > limit ? offset - limit : 0, offset > 0), "first",
	                               page_link(call, limit, 0, true), "last", page_link(call, limit, last, true));
	web_respond_json(call->request, 200,
	                 json_pack("{s:s, s:s, s:s, s:o, s:o}", "@type", name, "@href", call->request->target, "@representation",
	                           "standard", "@pagination", pagination, name, part));
}

/* ---- handlers ---- */

static void
handle_user(struct travis_call *call)
{
	web_respond_json(call->request, 200,
	                 json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:b, s:s}", "@type", "user", "@href", "/user/1001", "@representation",
	                           "standard", "id", 1001, "login", "ada", "name", "Ada Example", "is_syncing", 0, "synced_at",
	                           "2026-01-15T16:00:00Z"));
}

static void
handle_repository(struct travis_call *call)
{
	json_t *answer = travis_minimal_repository(call);
	json_t *more = json_pack("{s:s, s:b, s:b, s:{s:s, s:s, s:s}}", "@representation", "standard", "active", 1, "private", 1,
	                         "default_branch", "@type", "branch", "@representation", "minimal", "name",
	                         member_text(call->repository, "default_branch"));
	json_object_update(answer, more);
	json_decref(more);
	web_respond_json(call->request, 200, answer);
}

/* The parameter is absent, or one of its words, which commas part, is `value`. */
static bool
is_asked_for(const struct travis_call *call, const char *name, const char *value)
{
	const char *asked = web_query(call->request, name);
	if (asked == NULL || *asked == '\0')
		return true;
	while (*asked != '\0') {
		size_t length = strcspn(asked, ",");
		if (length == strlen(value) && strncmp(asked, value, length) == 0)
			return true;
		asked += length + (asked[length] == ',');
	}
	return false;
}

static void
handle_builds(struct travis_call *call)
{
	const json_t *builds = json_object_get(call->repository, "builds");
	const char *order = web_query(call->request, "sort_by");
	bool is_ascending = order != NULL && strncmp(order, "id", 2) == 0 && strstr(order, ":desc") == NULL;
	json_t *list = json_array();
	for (size_t i = 0, count = json_array_size(builds); i < count; i++) {
		const json_t *build = json_array_get(builds, is_ascending ? i : count - 1 - i);
		struct forge_progress progress = forge_build_progress(build);
		if (is_asked_for(call, "branch.name", member_text(build, "branch")) &&
		    is_asked_for(call, "event_type", member_text(build, "event")) &&
		    is_asked_for(call, "build.state", travis_state_of(&progress)) && is_asked_for(call, "state", travis_state_of(&progress)))
			json_array_append_new(list, travis_standard_build(call, build));
	}
	answer_page(call, "builds", list);
}

static void
handle_build(struct travis_call *call)
{
	web_respond_json(call->request, 200, travis_standard_build(call, call->build));
}

static void
handle_jobs(struct travis_call *call)
{
	json_t *list = json_array();
	for (size_t job = 0; job < FORGE_JOBS; job++)
		json_array_append_new(list, travis_standard_job(call, call->build, job));
	web_respond_json(call->request, 200,
	                 json_pack("{s:s, s:s, s:s, s:o}", "@type", "jobs", "@href", call->request->target, "@representation", "standard",
	                           "jobs", list));
}

static void
handle_job(struct travis_call *call)
{
	web_respond_json(call->request, 200, travis_standard_job(call, call->build, call->job));
}

static void
handle_log_text(struct travis_call *call)
{
	scoped(buf_release) struct buf text = BUF_INIT(LOG_BYTES_MAX);
	forge_log_travis(call->repository, call->build, call->job, &text);
	web_add_header(call->request, "Content-Type", "text/plain");
	web_respond(call->request, 200, text.bytes, text.length);
}

/* JSON has no place for bytes that are no text. */
static void
make_text(struct buf *log)
{
	for (size_t i = 0; i < log->length; i++)
		if ((unsigned char)log->bytes[i] >= 0xf8)
			log->bytes[i] = '?';
}

static void
handle_log(struct travis_call *call)
{
	scoped(buf_release) struct buf text = BUF_INIT(LOG_BYTES_MAX);
	const char *accept = web_header(call->request, "Accept");
	if (accept != NULL && strncmp(accept, "text/plain", 10) == 0) {
		handle_log_text(call);
		return;
	}
	forge_log_travis(call->repository, call->build, call->job, &text);
	make_text(&text);
	long long id = travis_job_id(call->build, call->job);
	bool is_final = forge_job_progress(call->build, call->job).conclusion != NULL;
	json_t *part = json_pack("{s:s, s:b, s:i}", "content", text.bytes, "final", is_final, "number", 0);
	web_respond_json(call->request, 200,
	                 json_pack("{s:s, s:s, s:s, s:I, s:s, s:[o], s:s}", "@type", "log", "@href",
	                           arena_printf(call->arena, "/job/%lld/log", id), "@representation", "standard", "id",
	                           (json_int_t)id, "content", text.bytes, "log_parts", part, "@raw_log_href",
	                           arena_printf(call->arena, "/v3/job/%lld/log.txt", id)));
}

/* ---- routes ---- */

enum names { NOTHING, REPOSITORY, BUILD, JOB };
static const struct route {
	const char *method, *pattern;
	enum names names; /* what {} stands for */
	void (*handle)(struct travis_call *call);
} routes[] = {
	{"GET", "/user", NOTHING, handle_user},
	{"GET", "/repo/{}", REPOSITORY, handle_repository},
	{"GET", "/repo/github/{}", REPOSITORY, handle_repository},
	{"GET", "/repo/{}/builds", REPOSITORY, handle_builds},
	{"GET", "/repo/github/{}/builds", REPOSITORY, handle_builds},
	{"GET", "/build/{}", BUILD, handle_build},
	{"GET", "/build/{}/jobs", BUILD, handle_jobs},
	{"GET", "/job/{}", JOB, handle_job},
	{"GET", "/job/{}/log", JOB, handle_log},
	{"GET", "/job/{}/log.txt", JOB, handle_log_text},
};

static int64_t
param_number(const struct travis_call *call)
{
	const char *text = call->params[0];
	return strlen(text) < 19 && strspn(text, "0123456789") == strlen(text) ? strtoll(text, NULL, 10) : 0;
}

/* "owner%2Frepo", in either case. */
static const char *
slug_of(const struct travis_call *call)
{
	const char *text = call->params[0], *slash = strcasestr(text, "%2f");
	if (slash == NULL)
		return text;
	return arena_printf(call->arena, "%.*s/%s", (int)(slash - text), text, slash + 3);
}

static const json_t *
repository_numbered(const struct travis_call *call, int64_t id)
{
	json_t *all = forge_repositories(call->travis->options.forge), *repository;
	const char *slug;
	json_object_foreach (all, slug, repository)
		if (member_number(repository, "id") == id)
			return repository;
	return NULL;
}

/* The build of that id, and its repository. */
static bool
find_build(struct travis_call *call, int64_t id)
{
	json_t *all = forge_repositories(call->travis->options.forge), *repository;
	const char *slug;
	json_object_foreach (all, slug, repository) {
		call->build = forge_build_numbered(repository, id - TRAVIS_FIRST_BUILD);
		call->repository = repository;
		if (call->build != NULL)
			return true;
	}
	return false;
}

/* False when there is none, which is answered. */
static bool
find_named(struct travis_call *call, enum names names)
{
	int64_t number = names != NOTHING ? param_number(call) : 0;
	call->job = (size_t)(number % 10);
	if (names == REPOSITORY) {
		call->repository = number > 0 ? repository_numbered(call, number)
		                              : forge_repository(call->travis->options.forge, slug_of(call));
		if (call->repository == NULL)
			not_found(call, "repository");
		return call->repository != NULL;
	}
	bool is_found = names == NOTHING || (names == BUILD && find_build(call, number)) ||
	                (names == JOB && call->job < FORGE_JOBS && find_build(call, number / 10));
	if (!is_found)
		not_found(call, names == BUILD ? "build" : "job");
	return is_found;
}

static bool
has_token(const struct travis_call *call)
{
	const char *value = web_header(call->request, "Authorization"), *token = call->travis->options.token;
	return value != NULL && strncmp(value, "token ", 6) == 0 && strlen(value + 6) == strlen(token) &&
	       sodium_memcmp(value + 6, token, strlen(token)) == 0;
}

static bool
has_version(const struct travis_call *call, const char *path)
{
	const char *version = web_header(call->request, "Travis-API-Version");
	return (version != NULL && strcmp(version, "3") == 0) || path != call->request->target;
}

void
travis_handle(struct travis *travis, struct web_request *request)
{
	struct travis_call call = {.travis = travis, .request = request, .arena = request->arena};
	/* As sent: the slash of a slug is not one of the path. */
	const char *target = strncmp(request->target, "/v3/", 4) == 0 ? request->target + 3 : request->target;
	const char *path = arena_strndup(call.arena, target, strcspn(target, "?"));
	forge_settle(travis->options.forge);
	if (!has_token(&call)) {
		refuse(&call, 403, "login_required", "login required");
		return;
	}
	if (!has_version(&call, target)) {
		/* The shapes of version 2 are not emulated; this is how it says that it does not know a path. */
		web_respond_json(request, 404, json_pack("{s:s}", "file", "not found"));
		return;
	}
	for (size_t i = 0; i < array_length(routes); i++) {
		if (strcmp(request->method, routes[i].method) != 0 || !path_matches(routes[i].pattern, path, call.arena, call.params))
			continue;
		if (find_named(&call, routes[i].names))
			routes[i].handle(&call);
		return;
	}
	not_found(&call, "resource");
}

/* ---- life ---- */

struct travis *
travis_new(const struct travis_options *options)
{
	struct travis *travis = calloc(1, sizeof *travis);
	if (travis == NULL || sodium_init() < 0)
		abort();
	travis->options = *options;
	return travis;
}

void
travis_free(struct travis *travis)
{
	free(travis);
}
