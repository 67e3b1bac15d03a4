/* The frameworks of onboarding 3.3: by which signs they are known, and what is their own. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/onboard/inspecting.h"

enum { WORD_MAX_BYTES = 200 };

/* ---- small words ---- */

const struct dependency *
framework_dependency(const struct inspecting *in, const char *name)
{
	return in->manifest != NULL ? manifest_find(in->manifest, name) : NULL;
}

/* The next of "a|b", or NULL. */
static const char *
behind_bar(const char *at)
{
	const char *bar = strchr(at, '|');
	return bar != NULL ? bar + 1 : NULL;
}

/* Calls `holds` for each of "a|b" until one does. */
static bool
any(struct inspecting *in, const struct manifest *manifest, const char *words,
    bool (*holds)(struct inspecting *in, const struct manifest *manifest, const char *word))
{
	char word[WORD_MAX_BYTES];
	for (const char *at = words; at != NULL; at = behind_bar(at)) {
		size_t length = strcspn(at, "|");
		if (length >= sizeof word)
			continue;
		memcpy(word, at, length);
		word[length] = '\0';
		if (holds(in, manifest, word))
			return true;
	}
	return words == NULL;
}

static bool
depends(struct inspecting *in, const struct manifest *manifest, const char *word)
{
	(void)in;
	return manifest_find(manifest, word) != NULL;
}

static bool
has_file(struct inspecting *in, const struct manifest *manifest, const char *word)
{
	(void)manifest;
	return inspecting_has(in, word);
}

static bool
has_source(struct inspecting *in, const struct manifest *manifest, const char *word)
{
	const char *file;
	unsigned line;
	return sources_hold(in, manifest->language, word, &file, &line);
}

/* The evidence of a probe that follows from a dependency. */
void
framework_set_from(struct inspecting *in, enum fact_name name, const char *value, const struct dependency *from)
{
	if (from != NULL)
		inspecting_set(in, name, value, from->file, from->line, from->name, FACT_DERIVED);
}

void
framework_set_off(struct inspecting *in, const char *reason)
{
	inspecting_set(in, FACT_METRICS, "off", NULL, 0, reason, FACT_DERIVED);
}

/* ---- Node ---- */

/* `next start -p 4000` in scripts.start. */
static void
read_start_script(struct inspecting *in)
{
	const char *path, *text = inspecting_read(in, "package.json", &path), *at;
	if (text == NULL || (at = strstr(text, "\"start\"")) == NULL)
		return;
	const char *line = arena_strndup(in->arena, at + 7, strcspn(at + 7, "\n"));
	unsigned port = scan_command_port(line);
	if (port != 0)
		inspecting_see_port(in, port, path, scan_line_of(text, "\"start\""), "scripts.start",
		                    FRAMEWORK_PORT_RANK);
}

static void
read_next(struct inspecting *in)
{
	static const struct {
		const char *file, *path;
	} routes[] = {
		{"app/api/health/route.ts", "/api/health"},      {"app/api/health/route.js", "/api/health"},
		{"src/app/api/health/route.ts", "/api/health"},  {"pages/api/health.ts", "/api/health"},
		{"pages/api/health.js", "/api/health"},          {"src/pages/api/health.ts", "/api/health"},
		{"app/api/healthz/route.ts", "/api/healthz"},    {"pages/api/healthz.ts", "/api/healthz"},
		{"server/api/health.ts", "/api/health"},         {"server/api/health.get.ts", "/api/health"},
	};
	read_start_script(in);
	for (size_t i = 0; i < array_length(routes); i++) {
		if (!inspecting_has(in, routes[i].file))
			continue;
		const char *file = listing_join(in->arena, in->folder, routes[i].file);
		inspecting_set(in, FACT_LIVENESS, routes[i].path, file, 0, "a route", FACT_STATED);
		inspecting_set(in, FACT_READINESS, routes[i].path, file, 0, "a route", FACT_STATED);
	}
}

static void
read_fastify(struct inspecting *in)
{
	const char *file;
	unsigned line;
	read_start_script(in);
	if (!sources_hold(in, in->found->language, "host:", &file, &line) &&
	    !sources_hold(in, in->found->language, "0.0.0.0", &file, &line))
		inspecting_advise(in, in->manifest->file, 0,
		                  "Fastify listens on localhost unless listen() is given a host: give it \"0.0.0.0\", or nobody reaches the pod");
}

/* ---- others ---- */

static void
read_streamlit(struct inspecting *in)
{
	const struct dependency *itself = framework_dependency(in, "streamlit");
	framework_set_from(in, FACT_LIVENESS, "/_stcore/health", itself);
	framework_set_from(in, FACT_READINESS, "/_stcore/health", itself);
}

/* `text` in a file, as the evidence of a path for both probes. */
static void
read_up(struct inspecting *in, const char *name, const char *text)
{
	const char *path, *content = inspecting_read(in, name, &path);
	unsigned line = content != NULL ? scan_line_of(content, text) : 0;
	if (line == 0)
		return;
	inspecting_set(in, FACT_LIVENESS, "/up", path, line, text, FACT_STATED);
	inspecting_set(in, FACT_READINESS, "/up", path, line, text, FACT_STATED);
}

static void
read_bind_of(struct inspecting *in, const char *name)
{
	const char *path, *text = inspecting_read(in, name, &path);
	size_t n_lines = 0;
	struct scan_line *lines = text != NULL ? scan_lines(text, SCAN_HASH, in->arena, &n_lines) : NULL;
	for (size_t i = 0; i < n_lines; i++) {
		const char *bind = scan_word(lines[i].text, "bind"), *colon = bind != NULL ? strrchr(bind, ':') : NULL;
		unsigned port = 0;
		if (bind != NULL && scan_code_port(bind, &port) == SCAN_PORT_NONE && colon != NULL)
			port = scan_port(colon + 1);
		if (port != 0)
			inspecting_see_port(in, port, path, lines[i].number, "bind", FRAMEWORK_PORT_RANK);
	}
}

/* `bind = "0.0.0.0:8000"`, `bind "tcp://0.0.0.0:9292"`: the server's own configuration. */
static void
read_bind(struct inspecting *in)
{
	read_bind_of(in, "gunicorn.conf.py");
	read_bind_of(in, "config/puma.rb");
}

static void
read_rails(struct inspecting *in)
{
	read_bind(in);
	read_up(in, "config/routes.rb", "rails/health#show");
}

static void
read_laravel(struct inspecting *in)
{
	read_up(in, "bootstrap/app.php", "health:");
	framework_set_off(in, "Laravel has none");
	for (size_t i = 0; i < in->dockerfile.n_ports; i++)
		if (in->dockerfile.ports[i].port == 9000)
			inspecting_advise(in, in->docker_path, in->dockerfile.ports[i].line,
			                  "9000 is php-fpm's, which does not speak http: a web server must stand before it");
}

/* The images of .NET 8 and later listen on 8080, those before on 80. */
static void
read_aspnet(struct inspecting *in)
{
	const struct fact *version = &in->found->facts[FACT_VERSION];
	const char *path, *text = inspecting_read(in, "appsettings.json", &path), *at;
	if (text != NULL && ((at = strstr(text, "\"Urls\"")) != NULL || (at = strstr(text, "\"Url\"")) != NULL)) {
		const char *line = arena_strndup(in->arena, at, strcspn(at, "\n")), *colon = strrchr(line, ':');
		unsigned port = colon != NULL ? scan_port(colon + 1) : 0;
		if (port != 0)
			inspecting_see_port(in, port, path, scan_line_of(text, "\"Url"), "Urls", FRAMEWORK_PORT_RANK);
	}
	if (version->value != NULL && strtol(version->value, NULL, 10) > 0 && strtol(version->value, NULL, 10) < 8 &&
	    in->n_ports == 0)
		inspecting_see_port(in, 80, version->file, version->line, "images before .NET 8",
		                    FRAMEWORK_PORT_RANK);
}

static void
read_rocket(struct inspecting *in)
{
	const char *path, *text = inspecting_read(in, "Rocket.toml", &path);
	unsigned line = 0;
	const char *value = text != NULL ? scan_property(text, "port", in->arena, &line) : NULL;
	if (value != NULL && scan_port(value) != 0)
		inspecting_see_port(in, scan_port(value), path, line, "port", FRAMEWORK_PORT_RANK);
}

static void
read_static_site(struct inspecting *in)
{
	inspecting_set(in, FACT_LIVENESS, "/", NULL, 0, "static files", FACT_ASSUMED);
	inspecting_set(in, FACT_READINESS, "/", NULL, 0, "static files", FACT_ASSUMED);
	framework_set_off(in, "static files have none");
}

/* ---- the table ---- */

#define NEXT_FILES "next.config.js|next.config.mjs|next.config.ts|pages/|app/|src/app/|src/pages/"
#define GO_SERVERS "ListenAndServe|gin.Default(|gin.New(|echo.New(|fiber.New("
#define RUST_PROGRAM "src/main.rs|src/bin/" /* else it is a library */
#define STATIC_TOOLS "vite|react-scripts|@angular/core|astro|gatsby|@11ty/eleventy|@vue/cli-service"

/* The first row of a language whose signs all hold is it. */
static const struct framework frameworks[] = {
	{"Quarkus", "java", "quarkus-resteasy|quarkus-resteasy-reactive|quarkus-rest|quarkus-rest-jackson|quarkus-resteasy-jackson|"
	 "quarkus-resteasy-reactive-jackson|quarkus-vertx-http|io.quarkus", NULL, NULL,
	 8080, "512Mi", "768Mi", 30, framework_read_quarkus, false, false},
	{"Micronaut", "java", "micronaut-http-server-netty|micronaut-http-server-tomcat|io.micronaut.application|micronaut-http-server-jetty", NULL, NULL,
	 8080, "512Mi", "768Mi", 30, framework_read_micronaut, false, false},
	{"Dropwizard", "java", "dropwizard-core", NULL, NULL,
	 8080, "512Mi", "768Mi", 30, framework_read_dropwizard, false, false},
	{"Spring Boot", "java", "spring-boot-starter-web|spring-boot-starter-webflux", NULL, NULL,
	 8080, "768Mi", "1Gi", 60, framework_read_spring, false, false},
	{"Play", "scala", "com.typesafe.play|org.playframework", "conf/", NULL,
	 9000, "768Mi", "1Gi", 40, framework_read_play, false, false},
	{"NestJS", "node", "@nestjs/core", NULL, "@nestjs/core",
	 3000, "192Mi", "384Mi", 10, read_start_script, false, false},
	{"Next.js", "node", "next", NEXT_FILES, NULL,
	 3000, "192Mi", "384Mi", 10, read_next, false, false},
	{"Nuxt", "node", "nuxt", "nuxt.config.ts|nuxt.config.js|nuxt.config.mjs", NULL,
	 3000, "192Mi", "384Mi", 10, read_next, false, false},
	{"Remix", "node", "@remix-run/serve|@remix-run/node|@remix-run/express", "app/", NULL,
	 3000, "192Mi", "384Mi", 10, read_start_script, false, false},
	{"Fastify", "node", "fastify", NULL, "fastify",
	 3000, "192Mi", "384Mi", 10, read_fastify, false, false},
	{"Express", "node", "express", NULL, "express",
	 3000, "192Mi", "384Mi", 10, read_start_script, false, false},
	{"Koa", "node", "koa", NULL, "koa",
	 3000, "192Mi", "384Mi", 10, read_start_script, false, false},
	{"Astro", "node", "@astrojs/node", "astro.config.mjs|astro.config.ts|astro.config.js", NULL,
	 4321, "192Mi", "384Mi", 10, read_start_script, false, false},
	{"static site", "node", STATIC_TOOLS, NULL, NULL,
	 8080, "32Mi", "64Mi", 3, read_static_site, true, true},
	{"Django", "python", "django", "manage.py", NULL,
	 8000, "256Mi", "512Mi", 15, read_bind, false, true},
	{"FastAPI", "python", "fastapi", NULL, "FastAPI(",
	 8000, "256Mi", "512Mi", 15, read_bind, false, false},
	{"Flask", "python", "flask", NULL, "Flask(",
	 8000, "256Mi", "512Mi", 15, read_bind, false, true},
	{"Streamlit", "python", "streamlit", NULL, "streamlit",
	 8501, "256Mi", "512Mi", 15, read_streamlit, false, true},
	{"Go http server", "go", NULL, NULL, GO_SERVERS,
	 8080, "64Mi", "128Mi", 5, NULL, false, false},
	{"Rails", "ruby", "rails", "config/application.rb", NULL,
	 3000, "384Mi", "768Mi", 30, read_rails, false, true},
	{"Sinatra", "ruby", "sinatra", NULL, "sinatra",
	 4567, "192Mi", "384Mi", 15, read_bind, false, false},
	{"Rack", "ruby", "rack|puma|unicorn|falcon", "config.ru", NULL,
	 9292, "192Mi", "384Mi", 15, read_bind, false, false},
	{"Laravel", "php", "laravel/framework", "artisan", NULL,
	 8080, "192Mi", "384Mi", 10, read_laravel, false, true},
	{"Symfony", "php", "symfony/framework-bundle", "bin/console", NULL,
	 8080, "192Mi", "384Mi", 10, NULL, false, true},
	{"PHP", "php", NULL, "index.php|public/index.php", NULL,
	 8080, "192Mi", "384Mi", 10, NULL, false, true},
	{"ASP.NET", "dotnet", "Microsoft.NET.Sdk.Web", NULL, NULL,
	 8080, "256Mi", "512Mi", 15, read_aspnet, false, false},
	{"Rocket", "rust", "rocket", RUST_PROGRAM, "rocket",
	 8000, "32Mi", "64Mi", 5, read_rocket, false, false},
	{"actix", "rust", "actix-web", RUST_PROGRAM, "actix_web",
	 8080, "32Mi", "64Mi", 5, NULL, false, false},
	{"axum", "rust", "axum", RUST_PROGRAM, "axum",
	 8080, "32Mi", "64Mi", 5, NULL, false, false},
	{"warp", "rust", "warp", RUST_PROGRAM, "warp",
	 8080, "32Mi", "64Mi", 5, NULL, false, false},
	{"static site", "static", NULL, NULL, NULL,
	 8080, "32Mi", "64Mi", 3, read_static_site, true, true},
};

const struct dependency *
framework_sign(const struct manifest *manifest, const struct framework *framework)
{
	char word[WORD_MAX_BYTES];
	for (const char *at = framework->dependency; at != NULL; at = behind_bar(at)) {
		size_t length = strcspn(at, "|");
		if (length >= sizeof word)
			continue;
		memcpy(word, at, length);
		word[length] = '\0';
		if (manifest_find(manifest, word) != NULL)
			return manifest_find(manifest, word);
	}
	return NULL;
}

const struct framework *
framework_find(struct inspecting *in, const struct manifest *manifest)
{
	for (size_t i = 0; i < array_length(frameworks); i++) {
		const struct framework *row = &frameworks[i];
		if (strncmp(manifest->language->name, row->language, strlen(row->language)) == 0 &&
		    any(in, manifest, row->dependency, depends) && any(in, manifest, row->file, has_file) &&
		    any(in, manifest, row->source, has_source))
			return row;
	}
	return NULL;
}

/* Who has a dependency that offers metrics; path NULL: the route must be seen. */
static const struct {
	const char *language, *dependency, *path;
} metrics_rules[] = {
	{"node", "express-prom-bundle", "/metrics"},
	{"node", "fastify-metrics", "/metrics"},
	{"node", "prom-client", NULL},
	{"node", "@willsoto/nestjs-prometheus", "/metrics"},
	{"python", "prometheus-fastapi-instrumentator", "/metrics"},
	{"python", "django-prometheus", "/metrics"},
	{"python", "prometheus-flask-exporter", "/metrics"},
	{"python", "prometheus-client", NULL},
	{"go", "github.com/prometheus/client_golang", NULL},
	{"ruby", "prometheus-client", "/metrics"},
	{"ruby", "yabeda-prometheus", "/metrics"},
	{"dotnet", "prometheus-net.AspNetCore", "/metrics"},
	{"dotnet", "OpenTelemetry.Exporter.Prometheus.AspNetCore", "/metrics"},
	{"rust", "axum-prometheus", NULL},
	{"rust", "actix-web-prom", "/metrics"},
	{"rust", "metrics-exporter-prometheus", NULL},
	{"rust", "rocket_prometheus", "/metrics"},
	{"rust", "prometheus", NULL},
};

static void
read_metrics(struct inspecting *in)
{
	const struct route_seen *route = &in->routes[ROUTE_METRICS];
	const struct dependency *missing = NULL;
	for (size_t i = 0; i < array_length(metrics_rules); i++) {
		const struct dependency *found = framework_dependency(in, metrics_rules[i].dependency);
		if (found == NULL || strcmp(metrics_rules[i].language, in->found->language->name) != 0)
			continue;
		if (route->path != NULL)
			inspecting_set(in, FACT_METRICS, route->path, route->file, route->line, "a route",
			               FACT_STATED);
		else if (metrics_rules[i].path != NULL)
			framework_set_from(in, FACT_METRICS, metrics_rules[i].path, found);
		else
			missing = found;
	}
	if (missing != NULL && in->found->facts[FACT_METRICS].value == NULL)
		inspecting_advise(in, missing->file, missing->line,
		                  "%s is there, but no route that serves its metrics was seen",
		                  missing->name);
}

void
framework_read(struct inspecting *in)
{
	const struct framework *framework = in->found->framework;
	if (framework == NULL)
		return;
	if (framework->read != NULL)
		framework->read(in);
	if (in->manifest != NULL)
		read_metrics(in);
	const char *reason = arena_printf(in->arena, "usual for %s", framework->name);
	inspecting_set(in, FACT_MEMORY_REQUEST, framework->request, NULL, 0, reason, FACT_ASSUMED);
	inspecting_set(in, FACT_MEMORY_LIMIT, framework->limit, NULL, 0, reason, FACT_ASSUMED);
	inspecting_set(in, FACT_START_SECONDS, arena_printf(in->arena, "%u", framework->start_seconds), NULL, 0,
	               reason,
	               FACT_ASSUMED);
}
