/* Which port it is: the Dockerfile, the Procfile, what framework and sources say, in that order. */
#include <stdlib.h>
#include <string.h>

#include "core/onboard/inspecting.h"
#include "data/yaml.h"

enum { UNPRIVILEGED_PORT = 1024 };

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
	if (ports == NULL || ports->kind != YAML_KIND_LIST)
		return false;
	*ret = (struct fact){"none", path, ports->line, "ports", FACT_STATED};
	if (ports->count == 0)
		return true;
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
		inspecting_advise(in, port->file, port->line, "says port %s; port %s of %s was taken", port->value,
		                  spec->value,
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
	inspecting_ask(in, QUESTION_PORT, "Which port does the application serve http on?");
	for (size_t i = 0; i < docker->n_ports; i++)
		if (!is_management(in, docker->ports[i].port))
			inspecting_offer(in, arena_printf(in->arena, "%u", docker->ports[i].port),
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
		set_port(in, in->ports[0].port, in->ports[0].file, in->ports[0].line, in->ports[0].reason,
		         FACT_STATED);
	else if (in->n_ports == 0 && framework != NULL && framework->port != 0)
		set_port(in, framework->port, NULL, 0, arena_printf(in->arena, "default of %s", framework->name),
		         FACT_ASSUMED);
	if (in->found->facts[FACT_PORT].value != NULL)
		return;
	inspecting_ask(in, QUESTION_PORT, "Which port does the application serve http on?");
	for (size_t i = 0; i < in->n_ports; i++)
		inspecting_offer(in, arena_printf(in->arena, "%u", in->ports[i].port),
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
		inspecting_advise(in, in->ports[0].file, in->ports[0].line, "says port %u; port %u of %s was taken",
		                  in->ports[0].port,
		                  number, fact_origin(port, in->arena));
	bool is_exposed = docker->n_ports == 0 || strcmp(port->reason, "target_port") == 0; /* told */
	for (size_t i = 0; i < docker->n_ports; i++)
		is_exposed |= docker->ports[i].port == number;
	if (!is_exposed)
		inspecting_advise(in, in->docker_path, docker->ports[0].line,
		                  "exposes port %u; port %u of %s was taken",
		                  docker->ports[0].port, number, fact_origin(port, in->arena));
	bool is_root = docker->user == NULL || strcmp(docker->user, "root") == 0 || docker->user[0] == '0';
	if (number < UNPRIVILEGED_PORT && !is_root)
		inspecting_advise(in, in->docker_path, docker->user_line,
		                  "USER %s may not listen on port %u, which is below 1024",
		                  docker->user, number);
}

void
port_choose(struct inspecting *in)
{
	struct fact spec;
	if (in->answers->port != NULL)
		inspecting_set(in, FACT_PORT, in->answers->port, NULL, 0,
		               in->answers->port_reason != NULL ? in->answers->port_reason : "--port", FACT_STATED);
	port_of_dockerfile(in);
	port_of_procfile(in);
	port_of_sources(in);
	if (in->answers->port == NULL && port_of_spec(in, &spec))
		prefer_spec(in, &spec);
	advise_on_port(in);
}
