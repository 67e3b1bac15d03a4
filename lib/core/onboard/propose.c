#include "core/onboard/propose.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "core/fiaas/defaults.h"
#include "core/onboard/inspecting.h"
#include "data/json.h"
#include "data/yaml.h"

enum { TEXT_MAX_BYTES = 128 * 1024 };

struct writing {
	struct buf text;
	const struct inspection *found;
	const char *folder;
	struct arena *arena;
};

/* ---- values and comments ---- */

/* Where it comes from, seen from the folder of fiaas.yml. */
static const char *
origin(const struct writing *writing, const struct fact *fact)
{
	struct fact copy = *fact;
	size_t length = strlen(writing->folder);
	if (copy.file != NULL && length > 0 && strncmp(copy.file, writing->folder, length) == 0 &&
	    copy.file[length] == '/')
		copy.file += length + 1;
	const char *text = inspecting_clean(fact_origin(&copy, writing->arena), writing->arena);
	return fact->confidence == FACT_ASSUMED ? arena_printf(writing->arena, "assumed: %s", text) : text;
}

/* `text` as the YAML scalar that any reader takes for this text. */
static void
add_text(struct writing *writing, const char *text)
{
	scoped(buf_release) struct buf scalar = BUF_INIT(TEXT_MAX_BYTES);
	scoped(json_release) json_t *value = json_string(text);
	if (value == NULL || !yaml_write(value, &scalar))
		return;
	buf_add(&writing->text, scalar.bytes, strcspn(scalar.bytes, "\n"));
}

/* "    path: /healthz # main.go:8 a route" */
static void
add_line(struct writing *writing, const char *key, const char *value, const struct fact *from)
{
	buf_printf(&writing->text, "%s: ", key);
	add_text(writing, value);
	if (from != NULL)
		buf_printf(&writing->text, " # %s", origin(writing, from));
	buf_add_char(&writing->text, '\n');
}

static void
add_number(struct writing *writing, const char *key, long value, const struct fact *from)
{
	buf_printf(&writing->text, "%s: %ld # %s\n", key, value, origin(writing, from));
}

static const struct fact *
fact(const struct writing *writing, enum fact_name name)
{
	return &writing->found->facts[name];
}

static bool
is(const struct fact *fact, const char *value)
{
	return fact->value != NULL && strcmp(fact->value, value) == 0;
}

static long
number(const struct fact *fact)
{
	return fact->value != NULL ? strtol(fact->value, NULL, 10) : 0;
}

static const json_t *
initial(const char *path)
{
	return json_at(fiaas_defaults_v3(), path);
}

/* ---- the parts ---- */

static void
add_head(struct writing *writing)
{
	static const enum fact_name names[] = {FACT_LANGUAGE, FACT_VERSION, FACT_FRAMEWORK};
	buf_add_text(&writing->text, "# Written by paas init from what the repository says; what is left out keeps its default.\n");
	for (size_t i = 0; i < array_length(names); i++) {
		const struct fact *of = fact(writing, names[i]);
		if (of->value != NULL)
			buf_printf(&writing->text, "# %s: %s (%s)\n", fact_title(names[i]), of->value,
			           origin(writing, of));
	}
	buf_add_text(&writing->text, "version: 3\n");
}

static void
add_ports(struct writing *writing)
{
	const struct fact *port = fact(writing, FACT_PORT), *management = fact(writing, FACT_MANAGEMENT_PORT);
	long target = json_int_at(fiaas_defaults_v3(), "ports.0.target_port", 0);
	buf_add_char(&writing->text, '\n');
	if (is(port, "none")) {
		buf_printf(&writing->text, "# It listens on nothing: %s\nports: []\n", origin(writing, port));
		return;
	}
	if (number(port) == target && management->value == NULL) {
		buf_printf(&writing->text, "# ports: %ld is the default (%s)\n", target, origin(writing, port));
		return;
	}
	buf_add_text(&writing->text, "ports:\n");
	add_number(writing, "  - target_port", number(port), port);
	if (management->value == NULL)
		return;
	buf_add_text(&writing->text, "  - name: management\n");
	buf_printf(&writing->text, "    port: %ld\n", number(management));
	add_number(writing, "    target_port", number(management), management);
}

static const char *
probe_port(const struct writing *writing)
{
	return writing->found->is_probed_at_management ? "management" : NULL;
}

static void
add_probe(struct writing *writing, const char *name, const struct fact *probe, long delay)
{
	buf_printf(&writing->text, "  %s:\n", name);
	if (is(probe, "tcp")) {
		buf_printf(&writing->text, "    tcp: # %s\n      port: http\n", origin(writing, probe));
	} else if (is(probe, "execute")) {
		buf_add_text(&writing->text, "    # FIAAS wants a check: replace this one by a command that fails when the "
		                             "application is unwell\n    execute:\n      command: \"true\"\n");
	} else {
		buf_add_text(&writing->text, "    http:\n");
		add_line(writing, "      path", probe->value, probe);
		if (probe_port(writing) != NULL)
			buf_printf(&writing->text, "      port: %s\n", probe_port(writing));
	}
	if (delay != json_integer_value(initial("healthchecks.liveness.initial_delay_seconds")))
		add_number(writing, "    initial_delay_seconds", delay, fact(writing, FACT_START_SECONDS));
}

static bool
is_default_path(const struct fact *probe, const char *path)
{
	return is(probe, json_string_value(initial(path)));
}

/* Liveness must not end a start; readiness may look earlier, it only waits. */
static void
add_probes(struct writing *writing)
{
	const struct fact *liveness = fact(writing, FACT_LIVENESS), *readiness = fact(writing, FACT_READINESS);
	long usual = json_integer_value(initial("healthchecks.liveness.initial_delay_seconds"));
	const struct fact *start = fact(writing, FACT_START_SECONDS);
	long delay = start->value != NULL ? number(start) : usual;
	bool is_default = is_default_path(liveness, "healthchecks.liveness.http.path") &&
	                  is_default_path(readiness, "healthchecks.readiness.http.path") && delay == usual &&
	                  probe_port(writing) == NULL;
	buf_add_char(&writing->text, '\n');
	if (is_default) {
		buf_printf(&writing->text, "# healthchecks: %s and %s are the defaults (%s; %s)\n", liveness->value,
		           readiness->value, origin(writing, liveness), origin(writing, readiness));
		return;
	}
	buf_add_text(&writing->text, "healthchecks:\n");
	add_probe(writing, "liveness", liveness, delay);
	add_probe(writing, "readiness", readiness, delay < usual ? delay : usual);
}

static void
add_metrics(struct writing *writing)
{
	const struct fact *metrics = fact(writing, FACT_METRICS);
	buf_add_char(&writing->text, '\n');
	if (is_default_path(metrics, "metrics.prometheus.path") && probe_port(writing) == NULL) {
		buf_printf(&writing->text, "# metrics: %s is the default (%s)\n", metrics->value,
		           origin(writing, metrics));
		return;
	}
	buf_add_text(&writing->text, "metrics:\n  prometheus:\n");
	if (is(metrics, "off")) {
		buf_printf(&writing->text, "    enabled: false # %s\n", origin(writing, metrics));
		return;
	}
	add_line(writing, "    path", metrics->value, metrics);
	if (probe_port(writing) != NULL)
		buf_printf(&writing->text, "    port: %s\n", probe_port(writing));
}

static void
add_resources(struct writing *writing)
{
	const struct fact *request = fact(writing, FACT_MEMORY_REQUEST), *limit = fact(writing, FACT_MEMORY_LIMIT);
	bool is_usual = request->value == NULL || (is_default_path(request, "resources.requests.memory") &&
	                                           is_default_path(limit, "resources.limits.memory"));
	buf_add_char(&writing->text, '\n');
	if (is_usual) {
		buf_printf(&writing->text, "# resources: the defaults (%s); measure, then change\n",
		           request->value != NULL ? origin(writing, request) : "nothing says otherwise");
		return;
	}
	buf_add_text(&writing->text, "resources:\n  requests:\n");
	add_line(writing, "    memory", request->value, request);
	buf_add_text(&writing->text, "  limits:\n");
	add_line(writing, "    memory", limit->value, limit);
}

static void
add_findings(struct writing *writing)
{
	const struct inspection *found = writing->found;
	if (found->n_findings > 0)
		buf_add_text(&writing->text, "\n# Worth a look:\n");
	for (size_t i = 0; i < found->n_findings; i++) {
		const struct finding *finding = &found->findings[i];
		struct fact place = {.file = finding->file, .line = finding->line, .confidence = FACT_STATED};
		buf_printf(&writing->text, "# - %s%s%s\n", origin(writing, &place), finding->file != NULL ? ": " : "",
		           finding->text);
	}
}

char *
propose_schema_line(const char *schema, struct arena *arena)
{
	return arena_printf(arena, "# yaml-language-server: $schema=%s\n", inspecting_clean(schema, arena));
}

char *
propose(const struct inspection *found, const char *folder, const char *schema, struct arena *arena)
{
	static void (*const parts[])(struct writing *writing) = {
		add_head, add_ports, add_probes, add_metrics, add_resources, add_findings,
	};
	struct writing writing = {.text = BUF_INIT(TEXT_MAX_BYTES), .found = found, .folder = folder, .arena = arena};
	if (schema != NULL)
		buf_add_text(&writing.text, propose_schema_line(schema, arena));
	for (size_t i = 0; i < array_length(parts); i++)
		parts[i](&writing);
	char *text = arena_strdup(arena, writing.text.bytes);
	buf_release(&writing.text);
	return text;
}
