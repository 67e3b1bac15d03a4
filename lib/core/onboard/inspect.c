#include "core/onboard/inspect.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/onboard/inspecting.h"

enum { TEXT_MAX_BYTES = 300, FINDINGS_MAX = 30, CHOICES_MAX = 20 };

/* ---- what the readers use ---- */

const char *
inspecting_clean(const char *text, struct arena *arena)
{
	char *copy = arena_strndup(arena, text != NULL ? text : "", text != NULL ? strnlen(text, TEXT_MAX_BYTES) : 0);
	for (char *c = copy; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}

void
inspecting_set(struct inspecting *in, enum fact_name name, const char *value, const char *file, unsigned line,
               const char *reason, enum fact_confidence confidence)
{
	struct fact *fact = &in->found->facts[name];
	if (value != NULL && fact->value == NULL)
		*fact = (struct fact){inspecting_clean(value, in->arena), file, line, inspecting_clean(reason, in->arena),
		                      confidence};
}

void
inspecting_see_port(struct inspecting *in, unsigned port, const char *file, unsigned line, const char *reason,
                    int rank)
{
	if (in->n_ports > 0 && rank > in->ports[0].rank)
		in->n_ports = 0;
	if (in->n_ports > 0 && rank < in->ports[0].rank)
		return;
	for (size_t i = 0; i < in->n_ports; i++)
		if (in->ports[i].port == port)
			return;
	if (in->n_ports < PORTS_SEEN_MAX)
		in->ports[in->n_ports++] = (struct port_seen){port, line, file, reason, rank};
}

void
inspecting_advise(struct inspecting *in, const char *file, unsigned line, const char *format, ...)
{
	struct inspection *found = in->found;
	va_list args;
	if (found->findings == NULL)
		found->findings = arena_array(in->arena, struct finding, FINDINGS_MAX);
	if (found->n_findings == FINDINGS_MAX)
		return;
	va_start(args, format);
	const char *text = inspecting_clean(arena_vprintf(in->arena, format, args), in->arena);
	found->findings[found->n_findings++] = (struct finding){text, file, line};
	va_end(args);
}

void
inspecting_ask(struct inspecting *in, enum question_topic topic, const char *text)
{
	if (in->found->question.topic == QUESTION_NONE)
		in->found->question = (struct question){topic, text,
		                                        arena_array(in->arena, struct question_choice,
		                                                    CHOICES_MAX), 0};
}

void
inspecting_offer(struct inspecting *in, const char *text, const char *hint)
{
	struct question *question = &in->found->question;
	if (question->n_choices < CHOICES_MAX)
		question->choices[question->n_choices++] = (struct question_choice){text, hint};
}

const char *
inspecting_read(struct inspecting *in, const char *name, const char **ret_path)
{
	struct listing_file *file = listing_find(in->tree, in->folder, name);
	const char *text = listing_text(in->tree, file);
	if (text != NULL)
		*ret_path = file->path;
	return text;
}

bool
inspecting_has(struct inspecting *in, const char *name)
{
	if (name[strlen(name) - 1] != '/')
		return listing_find(in->tree, in->folder, name) != NULL;
	const char *folder = listing_join(in->arena, in->folder, arena_strndup(in->arena, name, strlen(name) - 1));
	for (size_t i = 0; i < in->tree->count; i++)
		if (listing_is_below(&in->tree->files[i], folder))
			return true;
	return false;
}

/* ---- the container ---- */

static void
read_dockerfile(struct inspecting *in)
{
	static const char *const names[] = {"Dockerfile", "Containerfile", "docker/Dockerfile"};
	for (size_t i = 0; i < array_length(names); i++) {
		const char *path, *text = inspecting_read(in, names[i], &path);
		if (text == NULL)
			continue;
		if (dockerfile_read(text, in->arena, &in->dockerfile)) {
			in->docker_path = path;
			in->found->has_dockerfile = true;
			return;
		}
		inspecting_advise(in, path, 0, "holds no FROM, so it is no Dockerfile");
	}
}

static bool
is_unpinned(const char *image)
{
	const char *slash = strrchr(image, '/'), *name = slash != NULL ? slash + 1 : image, *colon = strchr(name,
	                ':');
	if (strcmp(image, "scratch") == 0 || strchr(image, '@') != NULL)
		return false;
	return colon == NULL || strcmp(colon, ":latest") == 0;
}

static void
advise_on_dockerfile(struct inspecting *in)
{
	const struct dockerfile *docker = &in->dockerfile;
	if (docker->base != NULL && is_unpinned(docker->base))
		inspecting_advise(in, in->docker_path, docker->base_line,
		                  "the base image %s may be another one tomorrow: name a version",
		                  docker->base);
	if (docker->is_shell_form)
		inspecting_advise(in, in->docker_path, docker->command_line,
		                  "a shell starts the application and keeps SIGTERM to itself: use the form [\"program\", \"argument\"]");
	if (docker->argument != NULL)
		inspecting_advise(in, in->docker_path, docker->argument_line,
		                  "the build needs --build-arg %s, which has no default",
		                  docker->argument);
}

/* HEALTHCHECK gives both probes, and how long a start may take. */
static void
read_healthcheck(struct inspecting *in)
{
	const struct dockerfile *docker = &in->dockerfile;
	if (docker->health_path == NULL)
		return;
	inspecting_set(in, FACT_LIVENESS, docker->health_path, in->docker_path, docker->health_line, "HEALTHCHECK",
	               FACT_STATED);
	inspecting_set(in, FACT_READINESS, docker->health_path, in->docker_path, docker->health_line, "HEALTHCHECK",
	               FACT_STATED);
	if (docker->start_seconds > 0)
		inspecting_set(in, FACT_START_SECONDS, arena_printf(in->arena, "%u", docker->start_seconds),
		               in->docker_path,
		               docker->health_line, "--start-period", FACT_STATED);
}

/* ---- probes and metrics ---- */

static void
set_route(struct inspecting *in, enum fact_name name, enum route route)
{
	const struct route_seen *seen = &in->routes[route];
	const char *path = seen->path;
	if (path != NULL && in->route_prefix != NULL)
		path = arena_printf(in->arena, "%s%s", in->route_prefix, path);
	inspecting_set(in, name, path, seen->file, seen->line, seen->may_have_prefix ? "a route, without prefix" : "a route",
	               seen->may_have_prefix ? FACT_ASSUMED : FACT_STATED);
}

/* Who listens on nothing answers no request, whatever routes its sources and frameworks have. */
static void
forget_requests(struct inspecting *in)
{
	struct fact *facts = in->found->facts;
	facts[FACT_LIVENESS] = facts[FACT_READINESS] = (struct fact){"execute", NULL, 0, "nothing listens", FACT_ASSUMED};
	facts[FACT_METRICS] = (struct fact){"off", NULL, 0, "nothing listens", FACT_DERIVED};
	in->found->is_probed_at_management = false;
}

/* What nothing has said so far. */
static void
complete_probes(struct inspecting *in)
{
	struct fact *facts = in->found->facts;
	if (facts[FACT_PORT].value != NULL && strcmp(facts[FACT_PORT].value, "none") == 0)
		forget_requests(in);
	set_route(in, FACT_LIVENESS, ROUTE_LIVENESS);
	set_route(in, FACT_READINESS, ROUTE_READINESS);
	if (facts[FACT_LIVENESS].value == NULL && facts[FACT_READINESS].value != NULL)
		facts[FACT_LIVENESS] = (struct fact){"tcp", NULL, 0, "no route for it was seen", FACT_ASSUMED};
	if (facts[FACT_READINESS].value == NULL && facts[FACT_LIVENESS].value != NULL)
		facts[FACT_READINESS] = facts[FACT_LIVENESS];
	inspecting_set(in, FACT_LIVENESS, "tcp", NULL, 0, "no http check was seen", FACT_ASSUMED);
	inspecting_set(in, FACT_READINESS, "tcp", NULL, 0, "no http check was seen", FACT_ASSUMED);
	inspecting_set(in, FACT_METRICS, "off", NULL, 0, "no endpoint was seen", FACT_ASSUMED);
	if (strcmp(facts[FACT_LIVENESS].value, "tcp") == 0)
		inspecting_advise(in, NULL, 0, "the probes only see whether the port is open: replace them by an http check when there is one");
}

/* ---- all of it ---- */

void
inspect(struct listing *tree, const char *folder, const struct inspect_answers *answers, struct inspection *ret)
{
	struct inspecting *in = arena_new(tree->arena, struct inspecting);
	*ret = (struct inspection){0};
	*in = (struct inspecting){.tree = tree, .arena = tree->arena, .folder = folder, .answers = answers, .found = ret};
	ret->has_spec = inspecting_has(in, "fiaas.yml");
	read_dockerfile(in);
	language_choose(in);
	read_healthcheck(in);
	if (in->manifest != NULL)
		sources_read(in);
	if (ret->framework != NULL && ret->framework->ignores_source_ports)
		in->n_ports = 0;
	framework_read(in);
	if (ret->question.topic == QUESTION_NONE)
		port_choose(in);
	complete_probes(in);
	advise_on_dockerfile(in);
}

bool
inspection_is_server(const struct inspection *inspection)
{
	return inspection->framework != NULL && !inspection->framework->is_static;
}

/* ---- words ---- */

char *
fact_origin(const struct fact *fact, struct arena *arena)
{
	const char *reason = fact->reason != NULL ? fact->reason : "";
	if (fact->file == NULL)
		return arena_strdup(arena, reason);
	const char *blank = *reason != '\0' ? " " : "";
	if (fact->line == 0)
		return arena_printf(arena, "%s%s%s", fact->file, blank, reason);
	return arena_printf(arena, "%s:%u%s%s", fact->file, fact->line, blank, reason);
}

static const char *const json_names[] = {
#define _(constant, name, title) [FACT_##constant] = (name),
	FACTS(_)
#undef _
};
static const char *const titles[] = {
#define _(constant, name, title) [FACT_##constant] = (title),
	FACTS(_)
#undef _
};

const char *
fact_json_name(enum fact_name name)
{
	return json_names[name];
}

const char *
fact_title(enum fact_name name)
{
	return titles[name];
}

const char *
fact_confidence_name(enum fact_confidence confidence)
{
	static const char *const names[] = {
		[FACT_UNKNOWN] = "unknown", [FACT_ASSUMED] = "assumed", [FACT_DERIVED] = "derived", [FACT_STATED] = "stated"};
	return names[confidence];
}
