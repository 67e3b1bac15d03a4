/* Ports and routes in source files: one line at a time, comments taken out, tests left out. */
#include <string.h>

#include "core/onboard/inspecting.h"

enum { SOURCES_MAX = 600, PATH_MAX_BYTES = 100 };

/* ---- which files ---- */

static bool
has_part(const char *path, const char *part)
{
	size_t length = strlen(part);
	for (const char *at = path; (at = strstr(at, part)) != NULL; at++)
		if ((at == path || at[-1] == '/') && at[length] == '/')
			return true;
	return false;
}

static bool
is_of_tests(const char *path)
{
	static const char *const folders[] = {"test", "tests", "spec", "__tests__", "e2e", "examples", "fixtures",
	                                      "docs"};
	static const char *const marks[] = {"_test.", ".test.", ".spec.", "/test_", "conftest."};
	for (size_t i = 0; i < array_length(folders); i++)
		if (has_part(path, folders[i]))
			return true;
	for (size_t i = 0; i < array_length(marks); i++)
		if (strstr(path, marks[i]) != NULL)
			return true;
	return false;
}

static bool
is_source(const char *path, const struct language *language)
{
	const char *name = listing_base_name(path), *dot = strrchr(name, '.'), *at;
	if (language->extensions == NULL || dot == NULL || strstr(name, ".min.") != NULL)
		return false;
	size_t length = strlen(dot);
	for (at = language->extensions; (at = strstr(at, dot)) != NULL; at++)
		if (at[-1] == ' ' && at[length] == ' ')
			return true;
	return false;
}

/* The next source below the folder at or after *at; NULL at the end. */
static struct listing_file *
next_source(struct inspecting *in, const struct language *language, size_t *at)
{
	if (!in->tree->has_owners)
		listing_own(in->tree, manifest_names, n_manifest_names);
	for (; *at < in->tree->count; (*at)++) {
		struct listing_file *file = &in->tree->files[*at];
		bool is_own = listing_is_below(file, in->folder) && strlen(file->owner) <= strlen(in->folder);
		if (is_own && is_source(file->path, language) &&
		    !is_of_tests(file->path + strlen(in->folder)))
			return &in->tree->files[(*at)++];
	}
	return NULL;
}

bool
sources_hold(struct inspecting *in, const struct language *language, const char *text, const char **ret_file,
             unsigned *ret_line)
{
	struct listing_file *file;
	size_t at = 0;
	for (unsigned n = 0; n < SOURCES_MAX && (file = next_source(in, language, &at)) != NULL; n++) {
		const char *bytes = listing_text(in->tree, file);
		if (bytes != NULL && strstr(bytes, text) != NULL) {
			*ret_file = file->path;
			*ret_line = scan_line_of(bytes, text);
			return true;
		}
	}
	return false;
}

/* ---- routes ---- */

static const struct {
	enum route route;
	const char *path;
} known_routes[] = {
	{ROUTE_LIVENESS, "/_/health"},   {ROUTE_LIVENESS, "/healthz"}, {ROUTE_LIVENESS, "/livez"},
	{ROUTE_LIVENESS, "/health/live"}, {ROUTE_LIVENESS, "/live"},   {ROUTE_LIVENESS, "/health"},
	{ROUTE_READINESS, "/_/ready"},   {ROUTE_READINESS, "/readyz"}, {ROUTE_READINESS, "/health/ready"},
	{ROUTE_READINESS, "/ready"},     {ROUTE_METRICS, "/_/metrics"}, {ROUTE_METRICS, "/metrics"},
};

/* What registers a route; those that take paths without a first slash. */
static const struct {
	const char *text;
	bool takes_bare;
} registrations[] = {
	{"@Controller(", true}, {"@Get(", true},   {"re_path(", true}, {"path(", true},   {"url(", true},
	{".get(", false},       {".Get(", false},  {".GET(", false},   {".use(", false},  {".all(", false},
	{"HandleFunc(", false}, {"Handle(", false}, {".route(", false}, {"MapGet(", false}, {"get ", false},
	{"#[get(", false},      {"resource(", false}, {"add_route(", false}, {"@app.", false}, {"url:", false},
	{"mount", false},       {"MapHealthChecks(", false}, {"MapMetrics(", false}, {"Route::get(", false},
	{"health:", false},     {"path:", false}, {"add_url_rule(", false},
};
/* What asks somebody else instead. */
static const char *const clients[] = {"axios", "fetch(", "requests.", "http.Get(", "supertest", "expect(", "httpx.",
                                      "client."};

static bool
registers_a_route(const char *line, bool *ret_takes_bare)
{
	for (size_t i = 0; i < array_length(clients); i++)
		if (strstr(line, clients[i]) != NULL)
			return false;
	for (size_t i = 0; i < array_length(registrations); i++) {
		if (strstr(line, registrations[i].text) != NULL) {
			*ret_takes_bare = registrations[i].takes_bare;
			return true;
		}
	}
	return false;
}

/* "^healthz/?$" as "/healthz"; NULL when it can be no path of ours. */
static const char *
clean_path(const char *text, bool takes_bare, struct arena *arena)
{
	text += *text == '^';
	if (strncmp(text, "GET ", 4) == 0)
		text += 4; /* net/http since Go 1.22 */
	size_t length = strcspn(text, "$?");
	if (length == 0 || length > PATH_MAX_BYTES || text[strcspn(text, " {}<>\\*")] != '\0' ||
	    (*text != '/' && !takes_bare))
		return NULL;
	if (length > 1 && text[length] == '?' && text[length - 1] == '/')
		length--;
	return arena_printf(arena, "%s%.*s", *text == '/' ? "" : "/", (int)length, text);
}

static bool
is_path(const char *path, const char *known)
{
	size_t length = strlen(known);
	return strncmp(path, known, length) == 0 &&
	        (path[length] == '\0' || (path[length] == '/' && path[length + 1] == '\0'));
}

/* Routers, blueprints and included URL lists stand below a path that another file gives them. */
static bool
may_have_prefix(struct inspecting *in, const char *file, const char *line)
{
	static const char *const words[] = {"outer.", "lueprint", "bp.", "Group("};
	for (size_t i = 0; i < array_length(words); i++)
		if (strstr(line, words[i]) != NULL)
			return true;
	const char *folder = listing_folder(file, in->arena);
	return strcmp(listing_base_name(file), "urls.py") == 0 && listing_find(in->tree, folder, "wsgi.py") == NULL &&
	       listing_find(in->tree, folder, "settings.py") == NULL;
}

static void
read_prefix(struct inspecting *in, const char *line)
{
	const char *at = strstr(line, "setGlobalPrefix("), *text;
	if (at == NULL || (text = scan_quoted(&at, in->arena)) == NULL)
		return;
	const char *path = clean_path(text, true, in->arena);
	if (path != NULL)
		in->route_prefix = path;
}

static void
see_route(struct inspecting *in, enum route route, const char *path, const char *file, const struct scan_line *line,
          int rank)
{
	struct route_seen *seen = &in->routes[route];
	if (seen->path == NULL || rank > seen->rank)
		*seen = (struct route_seen){path, file, line->number, rank, may_have_prefix(in, file, line->text)};
}

static void
read_routes(struct inspecting *in, const char *file, const struct scan_line *line)
{
	bool takes_bare, is_metrics = strstr(line->text, "promhttp") != NULL;
	const char *at = line->text, *text;
	if (!registers_a_route(line->text, &takes_bare))
		return;
	while ((text = scan_quoted(&at, in->arena)) != NULL) {
		const char *path = clean_path(text, takes_bare, in->arena);
		if (path == NULL)
			continue;
		if (is_metrics)
			see_route(in, ROUTE_METRICS, path, file, line, 100);
		if (strstr(line->text, "MapHealthChecks(") != NULL)
			see_route(in, strstr(path, "ready") != NULL ? ROUTE_READINESS : ROUTE_LIVENESS, path, file,
			          line, 50);
		for (size_t i = 0; i < array_length(known_routes); i++)
			if (is_path(path, known_routes[i].path))
				see_route(in, known_routes[i].route, path, file, line,
				          (int)(array_length(known_routes) - i));
	}
}

/* ---- all of it ---- */

static const char *
reason_of(enum scan_port_sign sign)
{
	static const char *const reasons[] = {
		[SCAN_PORT_NONE] = "",
		[SCAN_PORT_VARIABLE] = "a variable",
		[SCAN_PORT_ENVIRONMENT] = "default of $PORT",
		[SCAN_PORT_LISTEN] = "listens there",
	};
	return reasons[sign];
}

static void
read_source(struct inspecting *in, struct listing_file *file)
{
	const char *text = listing_text(in->tree, file);
	struct arena scratch __attribute__((cleanup(arena_release))) = {0};
	size_t n_lines;
	if (text == NULL)
		return;
	struct scan_line *lines = scan_lines(text, in->found->language->syntax, &scratch, &n_lines);
	for (size_t i = 0; i < n_lines; i++) {
		unsigned port = 0;
		enum scan_port_sign sign = scan_code_port(lines[i].text, &port);
		if (sign != SCAN_PORT_NONE)
			inspecting_see_port(in, port, file->path, lines[i].number, reason_of(sign), (int)sign);
		read_prefix(in, lines[i].text);
		read_routes(in, file->path, &lines[i]);
	}
}

void
sources_read(struct inspecting *in)
{
	struct listing_file *file;
	size_t at = 0;
	if (in->found->language == NULL)
		return;
	for (unsigned n = 0; n < SOURCES_MAX && (file = next_source(in, in->found->language, &at)) != NULL; n++)
		read_source(in, file);
}
