#include "core/onboard/inspect.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "core/onboard/inspecting.h"
#include "data/yaml.h"

enum { TEXT_MAX_BYTES = 300, FINDINGS_MAX = 30, CHOICES_MAX = 20, LANGUAGES_MAX = 12, UNPRIVILEGED_PORT = 1024 };

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
inspecting_see_port(struct inspecting *in, unsigned port, const char *file, unsigned line, const char *reason, int rank)
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

/* ---- which language ---- */

struct candidates {
	struct manifest manifests[LANGUAGES_MAX];
	const struct framework *frameworks[LANGUAGES_MAX];
	size_t count;
};

static void
find_candidates(struct inspecting *in, struct candidates *ret)
{
	for (size_t i = 0; i < n_languages && ret->count < LANGUAGES_MAX; i++) {
		struct manifest *manifest = &ret->manifests[ret->count];
		*manifest = (struct manifest){.language = &languages[i]};
		if (in->answers->language != NULL && strcmp(languages[i].name, in->answers->language) != 0)
			continue;
		if (!languages[i].read(in, manifest))
			continue;
		ret->frameworks[ret->count] = framework_find(in, manifest);
		ret->count++;
	}
}

/* What a Dockerfile or a CI file calls decides between Maven and Gradle, then a wrapper. */
static bool
is_called(struct inspecting *in, const char *command)
{
	static const char *const files[] = {"Dockerfile", "Containerfile", ".travis.yml"};
	const char *path, *text;
	for (size_t i = 0; i < array_length(files); i++)
		if ((text = inspecting_read(in, files[i], &path)) != NULL && strstr(text, command) != NULL)
			return true;
	for (size_t i = 0; i < in->tree->count; i++) {
		struct listing_file *file = &in->tree->files[i];
		if (listing_is_below(file, ".github/workflows") && (text = listing_text(in->tree, file)) != NULL && strstr(text, command) != NULL)
			return true;
	}
	return false;
}

/* -1: neither, or both. */
static int
choose_build_tool(struct inspecting *in, const struct candidates *candidates, size_t maven, size_t gradle)
{
	bool calls_maven = is_called(in, "mvn"), calls_gradle = is_called(in, "gradle");
	if (calls_maven != calls_gradle)
		return (int)(calls_maven ? maven : gradle);
	bool wraps_maven = candidates->manifests[maven].has_wrapper, wraps_gradle = candidates->manifests[gradle].has_wrapper;
	if (wraps_maven != wraps_gradle)
		return (int)(wraps_maven ? maven : gradle);
	return -1;
}

static int
index_of(const struct candidates *candidates, const char *language)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (strcmp(candidates->manifests[i].language->name, language) == 0)
			return (int)i;
	return -1;
}

/* The only one of those that `counts` says count; -1: none or several. */
static int
only(const struct candidates *candidates, bool (*counts)(const struct candidates *candidates, size_t i))
{
	int chosen = -1;
	for (size_t i = 0; i < candidates->count; i++) {
		if (!counts(candidates, i))
			continue;
		if (chosen >= 0)
			return -1;
		chosen = (int)i;
	}
	return chosen;
}

static bool
serves(const struct candidates *candidates, size_t i)
{
	return candidates->frameworks[i] != NULL && !candidates->frameworks[i]->is_static;
}

static size_t
count_serving(const struct candidates *candidates)
{
	size_t count = 0;
	for (size_t i = 0; i < candidates->count; i++)
		count += serves(candidates, i);
	return count;
}

static bool
is_server_language(const struct candidates *candidates, size_t i)
{
	return !candidates->manifests[i].language->is_asset_builder;
}

/* Beside these, Node builds the assets (3.6); of other pairs of servers nobody knows which it is. */
static bool
outranks_node(const struct candidates *candidates, size_t i)
{
	const char *name = candidates->manifests[i].language->name;
	return strncmp(name, "java", 4) == 0 || strcmp(name, "scala") == 0 || strcmp(name, "php") == 0;
}

static bool
is_not_bare_static(const struct candidates *candidates, size_t i)
{
	return strcmp(candidates->manifests[i].language->name, "static") != 0;
}

/* Conflicts of onboarding 3.6, in order. */
static int
choose_candidate(struct inspecting *in, const struct candidates *candidates)
{
	int maven = index_of(candidates, "java-maven"), gradle = index_of(candidates, "java-gradle"), chosen;
	if (candidates->count == 0)
		return -1;
	if (candidates->count == 1)
		return 0;
	if (maven >= 0 && gradle >= 0 && (chosen = choose_build_tool(in, candidates, (size_t)maven, (size_t)gradle)) >= 0)
		return chosen;
	if ((chosen = only(candidates, serves)) >= 0)
		return chosen;
	if (count_serving(candidates) > 1)
		return only(candidates, outranks_node);
	if ((chosen = only(candidates, is_server_language)) >= 0)
		return chosen;
	return only(candidates, is_not_bare_static);
}

static void
ask(struct inspecting *in, enum question_topic topic, const char *text)
{
	if (in->found->question.topic == QUESTION_NONE)
		in->found->question = (struct question){topic, text, arena_array(in->arena, struct question_choice, CHOICES_MAX), 0};
}

static void
offer(struct inspecting *in, const char *text, const char *hint)
{
	struct question *question = &in->found->question;
	if (question->n_choices < CHOICES_MAX)
		question->choices[question->n_choices++] = (struct question_choice){text, hint};
}

static void
ask_for_language(struct inspecting *in, const struct candidates *candidates)
{
	ask(in, QUESTION_LANGUAGE, "What is the application written in?");
	for (size_t i = 0; i < candidates->count; i++)
		offer(in, candidates->manifests[i].language->name, candidates->manifests[i].file);
}

static void
use_manifest(struct inspecting *in, const struct manifest *manifest, const struct framework *framework)
{
	const struct language *language = manifest->language;
	const struct dependency *sign;
	in->manifest = manifest;
	in->found->language = language;
	in->found->framework = framework;
	bool is_told = in->answers->language != NULL;
	inspecting_set(in, FACT_LANGUAGE, language->name, manifest->file, 0, is_told ? "--language" : "",
	               is_told ? FACT_STATED : FACT_DERIVED);
	const struct fact *of_manifest[] = {&manifest->version, &manifest->build, &manifest->test};
	for (size_t i = 0; i < array_length(of_manifest); i++)
		inspecting_set(in, FACT_VERSION + i, of_manifest[i]->value, of_manifest[i]->file, of_manifest[i]->line,
		               of_manifest[i]->reason, of_manifest[i]->confidence);
	if (manifest->test.value != NULL)
		inspecting_set(in, FACT_COVERAGE, language->coverage, NULL, 0, "usual place", FACT_ASSUMED);
	if (framework == NULL)
		return;
	sign = framework_sign(manifest, framework);
	const char *file = sign != NULL ? sign->file : manifest->file;
	unsigned line = sign != NULL ? sign->line : 0;
	if (framework->dependency == NULL && framework->source != NULL) {
		char *first = arena_strndup(in->arena, framework->source, strcspn(framework->source, "|"));
		(void)sources_hold(in, language, first, &file, &line);
	}
	inspecting_set(in, FACT_FRAMEWORK, framework->name, file, line, sign != NULL ? sign->name : "", FACT_DERIVED);
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
	const char *slash = strrchr(image, '/'), *name = slash != NULL ? slash + 1 : image, *colon = strchr(name, ':');
	if (strcmp(image, "scratch") == 0 || strchr(image, '@') != NULL)
		return false;
	return colon == NULL || strcmp(colon, ":latest") == 0;
}

static void
advise_on_dockerfile(struct inspecting *in)
{
	const struct dockerfile *docker = &in->dockerfile;
	if (docker->base != NULL && is_unpinned(docker->base))
		inspecting_advise(in, in->docker_path, docker->base_line, "the base image %s may be another one tomorrow: name a version",
		                  docker->base);
	if (docker->is_shell_form)
		inspecting_advise(in, in->docker_path, docker->command_line,
		                  "a shell starts the application and keeps SIGTERM to itself: use the form [\"program\", \"argument\"]");
	if (docker->argument != NULL)
		inspecting_advise(in, in->docker_path, docker->argument_line, "the build needs --build-arg %s, which has no default",
		                  docker->argument);
}

/* HEALTHCHECK gives both probes, and how long a start may take. */
static void
read_healthcheck(struct inspecting *in)
{
	const struct dockerfile *docker = &in->dockerfile;
	if (docker->health_path == NULL)
		return;
	inspecting_set(in, FACT_LIVENESS, docker->health_path, in->docker_path, docker->health_line, "HEALTHCHECK", FACT_STATED);
	inspecting_set(in, FACT_READINESS, docker->health_path, in->docker_path, docker->health_line, "HEALTHCHECK", FACT_STATED);
	if (docker->start_seconds > 0)
		inspecting_set(in, FACT_START_SECONDS, arena_printf(in->arena, "%u", docker->start_seconds), in->docker_path,
		               docker->health_line, "--start-period", FACT_STATED);
}

/* ---- the port ---- */

static void
set_port(struct inspecting *in, unsigned port, const char *file, unsigned line, const char *reason,
         enum fact_confidence confidence)
{
	inspecting_set(in, FACT_PORT, arena_printf(in->arena, "%u", port), file, line, reason, confidence);
}

/* The port of a fiaas.yml that is there; false: it names none. */
static bool
port_of_spec(struct inspecting *in, struct fact *ret)
{
	const char *path, *text = inspecting_read(in, "fiaas.yml", &path);
	struct yaml_node *root = NULL;
	struct error ignored;
	if (text == NULL || !yaml_parse(text, strlen(text), path, &yaml_limits_default, in->arena, &root, &ignored))
		return false;
	const struct yaml_node *ports = yaml_get(root, "ports");
	if (ports == NULL || ports->kind != YAML_KIND_LIST || ports->count == 0)
		return false;
	const struct yaml_node *target = yaml_get(ports->items[0], "target_port");
	if (target == NULL || target->kind != YAML_KIND_SCALAR || scan_port(target->text) == 0)
		return false;
	*ret = (struct fact){inspecting_clean(target->text, in->arena), path, target->line, "target_port", FACT_STATED};
	return true;
}

/* It wins over what else is seen; where both say the same, the other evidence is told. */
static void
prefer_spec(struct inspecting *in, const struct fact *spec)
{
	struct fact *port = &in->found->facts[FACT_PORT];
	if (in->found->question.topic == QUESTION_PORT)
		in->found->question = (struct question){0};
	if (port->value != NULL && strcmp(port->value, spec->value) == 0)
		return;
	if (port->value != NULL && port->file != NULL)
		inspecting_advise(in, port->file, port->line, "says port %s; port %s of %s was taken", port->value, spec->value,
		                  fact_origin(spec, in->arena));
	*port = *spec;
}

static bool
is_seen(const struct inspecting *in, unsigned port)
{
	for (size_t i = 0; i < in->n_ports; i++)
		if (in->ports[i].port == port)
			return true;
	return in->n_ports == 0 && in->found->framework != NULL && in->found->framework->port == port;
}

static bool
is_management(const struct inspecting *in, unsigned port)
{
	const struct fact *management = &in->found->facts[FACT_MANAGEMENT_PORT];
	return management->value != NULL && strtoul(management->value, NULL, 10) == port;
}

/* Several are exposed: the one that something else confirms. */
static void
port_of_expose(struct inspecting *in)
{
	const struct dockerfile *docker = &in->dockerfile;
	const struct dockerfile_port *confirmed = NULL, *first = NULL;
	size_t n_confirmed = 0, n_others = 0;
	for (size_t i = 0; i < docker->n_ports; i++) {
		if (is_management(in, docker->ports[i].port))
			continue;
		first = &docker->ports[i];
		n_others++;
		if (is_seen(in, first->port) || first->port == docker->health_port) {
			confirmed = first;
			n_confirmed++;
		}
	}
	if (n_others == 1 || n_confirmed == 1) {
		const struct dockerfile_port *chosen = n_confirmed == 1 ? confirmed : first;
		set_port(in, chosen->port, in->docker_path, chosen->line, "EXPOSE", FACT_STATED);
		return;
	}
	if (n_others == 0 || in->found->facts[FACT_PORT].value != NULL)
		return;
	ask(in, QUESTION_PORT, "Which port does the application serve http on?");
	for (size_t i = 0; i < docker->n_ports; i++)
		if (!is_management(in, docker->ports[i].port))
			offer(in, arena_printf(in->arena, "%u", docker->ports[i].port),
			      arena_printf(in->arena, "%s:%u EXPOSE", in->docker_path, docker->ports[i].line));
}

static void
port_of_dockerfile(struct inspecting *in)
{
	const struct dockerfile *docker = &in->dockerfile;
	if (in->docker_path == NULL)
		return;
	if (docker->started.port != 0)
		set_port(in, docker->started.port, in->docker_path, docker->started.line, "the command", FACT_STATED);
	if (docker->variable.port != 0)
		set_port(in, docker->variable.port, in->docker_path, docker->variable.line, "ENV", FACT_STATED);
	port_of_expose(in);
}

static void
port_of_procfile(struct inspecting *in)
{
	const char *path, *text = inspecting_read(in, "Procfile", &path);
	unsigned line = 0;
	const char *command = text != NULL ? scan_property(text, "web", in->arena, &line) : NULL;
	unsigned port = command != NULL ? scan_command_port(command) : 0;
	if (port != 0)
		set_port(in, port, path, line, "web", FACT_STATED);
}

static void
port_of_sources(struct inspecting *in)
{
	const struct framework *framework = in->found->framework;
	if (in->found->facts[FACT_PORT].value != NULL || in->found->question.topic != QUESTION_NONE)
		return;
	if (in->n_ports == 1)
		set_port(in, in->ports[0].port, in->ports[0].file, in->ports[0].line, in->ports[0].reason, FACT_STATED);
	else if (in->n_ports == 0 && framework != NULL && framework->port != 0)
		set_port(in, framework->port, NULL, 0, arena_printf(in->arena, "default of %s", framework->name), FACT_ASSUMED);
	if (in->found->facts[FACT_PORT].value != NULL)
		return;
	ask(in, QUESTION_PORT, "Which port does the application serve http on?");
	for (size_t i = 0; i < in->n_ports; i++)
		offer(in, arena_printf(in->arena, "%u", in->ports[i].port),
		      arena_printf(in->arena, "%s:%u %s", in->ports[i].file, in->ports[i].line, in->ports[i].reason));
}

/* What was decided, against what something else says just as clearly. */
static void
advise_on_port(struct inspecting *in)
{
	const struct fact *port = &in->found->facts[FACT_PORT];
	const struct dockerfile *docker = &in->dockerfile;
	unsigned number = port->value != NULL ? (unsigned)strtoul(port->value, NULL, 10) : 0;
	if (number == 0)
		return;
	if (in->n_ports == 1 && in->ports[0].port != number && in->ports[0].rank > SCAN_PORT_ENVIRONMENT)
		inspecting_advise(in, in->ports[0].file, in->ports[0].line, "says port %u; port %u of %s was taken", in->ports[0].port,
		                  number, fact_origin(port, in->arena));
	bool is_exposed = docker->n_ports == 0 || strcmp(port->reason, "target_port") == 0; /* told already */
	for (size_t i = 0; i < docker->n_ports; i++)
		is_exposed |= docker->ports[i].port == number;
	if (!is_exposed)
		inspecting_advise(in, in->docker_path, docker->ports[0].line, "exposes port %u; port %u of %s was taken",
		                  docker->ports[0].port, number, fact_origin(port, in->arena));
	bool is_root = docker->user == NULL || strcmp(docker->user, "root") == 0 || docker->user[0] == '0';
	if (number < UNPRIVILEGED_PORT && !is_root)
		inspecting_advise(in, in->docker_path, docker->user_line, "USER %s may not listen on port %u, which is below 1024",
		                  docker->user, number);
}

static void
find_port(struct inspecting *in)
{
	struct fact spec;
	if (in->answers->port != NULL)
		inspecting_set(in, FACT_PORT, in->answers->port, NULL, 0, "--port", FACT_STATED);
	port_of_dockerfile(in);
	port_of_procfile(in);
	port_of_sources(in);
	if (in->answers->port == NULL && port_of_spec(in, &spec))
		prefer_spec(in, &spec);
	advise_on_port(in);
}

/* ---- probes and metrics ---- */

static void
set_route(struct inspecting *in, enum fact_name name, enum route route)
{
	const struct route_seen *seen = &in->routes[route];
	inspecting_set(in, name, seen->path, seen->file, seen->line, "a route", FACT_STATED);
}

/* What nothing has said so far. */
static void
complete_probes(struct inspecting *in)
{
	struct fact *facts = in->found->facts;
	bool listens = facts[FACT_PORT].value != NULL && strcmp(facts[FACT_PORT].value, "none") != 0;
	set_route(in, FACT_LIVENESS, ROUTE_LIVENESS);
	set_route(in, FACT_READINESS, ROUTE_READINESS);
	if (facts[FACT_LIVENESS].value == NULL && facts[FACT_READINESS].value != NULL)
		facts[FACT_LIVENESS] = (struct fact){"tcp", NULL, 0, "no route for it was seen", FACT_ASSUMED};
	if (facts[FACT_READINESS].value == NULL && facts[FACT_LIVENESS].value != NULL)
		facts[FACT_READINESS] = facts[FACT_LIVENESS];
	inspecting_set(in, FACT_LIVENESS, listens ? "tcp" : "execute", NULL, 0, "no http check was seen", FACT_ASSUMED);
	inspecting_set(in, FACT_READINESS, listens ? "tcp" : "execute", NULL, 0, "no http check was seen", FACT_ASSUMED);
	inspecting_set(in, FACT_METRICS, "off", NULL, 0, "no endpoint was seen", FACT_ASSUMED);
	if (strcmp(facts[FACT_LIVENESS].value, "tcp") == 0)
		inspecting_advise(in, NULL, 0, "the probes only see whether the port is open: replace them by an http check when there is one");
	if (!listens)
		facts[FACT_METRICS] = (struct fact){"off", NULL, 0, "nothing listens", FACT_DERIVED};
}

/* ---- all of it ---- */

static void
find_language(struct inspecting *in, struct candidates *candidates)
{
	find_candidates(in, candidates);
	int chosen = choose_candidate(in, candidates);
	if (chosen >= 0) {
		use_manifest(in, &candidates->manifests[chosen], candidates->frameworks[chosen]);
		return;
	}
	if (candidates->count == 0 && in->answers->language != NULL)
		inspecting_set(in, FACT_LANGUAGE, in->answers->language, NULL, 0, "--language", FACT_STATED);
	else if (candidates->count == 0 && in->docker_path != NULL)
		inspecting_set(in, FACT_LANGUAGE, "container", in->docker_path, in->dockerfile.base_line, in->dockerfile.base,
		               FACT_DERIVED);
	else if (candidates->count == 0)
		in->found->is_empty = in->answers->port == NULL;
	else
		ask_for_language(in, candidates);
}

void
inspect(struct listing *tree, const char *folder, const struct inspect_answers *answers, struct inspection *ret)
{
	struct inspecting *in = arena_new(tree->arena, struct inspecting);
	struct candidates *candidates = arena_new(tree->arena, struct candidates);
	*ret = (struct inspection){0};
	*in = (struct inspecting){.tree = tree, .arena = tree->arena, .folder = folder, .answers = answers, .found = ret};
	ret->has_spec = inspecting_has(in, "fiaas.yml");
	read_dockerfile(in);
	find_language(in, candidates);
	read_healthcheck(in);
	if (in->manifest != NULL)
		sources_read(in);
	if (ret->framework != NULL && ret->framework->ignores_source_ports)
		in->n_ports = 0;
	framework_read(in);
	if (ret->question.topic == QUESTION_NONE)
		find_port(in);
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
