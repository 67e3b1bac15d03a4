#include "core/fiaas/healthcheck.h"

static void
parse_timing(const struct merged *at, struct fiaas_probe *probe)
{
	probe->initial_delay = merged_value(at, "initial_delay_seconds");
	probe->period = merged_value(at, "period_seconds");
	probe->success_threshold = merged_value(at, "success_threshold");
	probe->failure_threshold = merged_value(at, "failure_threshold");
	probe->timeout = merged_value(at, "timeout_seconds");
}

/* The check's own port if given, else the name of the first port, even if that is of the other
 * protocol.  Whether such a port exists is not checked. */
static const json_t *
choose_port(const struct merged *at, const char *check, const struct fiaas_spec *spec)
{
	const struct merged *map = merged_map(at, check);
	if (merged_is_given(map, "port"))
		return merged_value(map, "port");
	if (spec->n_ports > 0)
		return spec->ports[0].name;
	merged_fail(map, NULL, "Unable to determine port to use for %s %s check", check, at->key);
	return NULL;
}

static void
parse_http(const struct merged *at, const struct fiaas_spec *spec, struct fiaas_probe *probe)
{
	const struct merged *http = merged_map(at, "http");
	probe->check = FIAAS_CHECK_HTTP;
	probe->port = choose_port(at, "http", spec);
	probe->path = merged_value(http, "path");
	probe->http_headers = merged_value(http, "http_headers");
}

static void
parse_tcp(const struct merged *at, const struct fiaas_spec *spec, struct fiaas_probe *probe)
{
	probe->check = FIAAS_CHECK_TCP;
	probe->port = choose_port(at, "tcp", spec);
}

/* The documented "exactly one" is not enforced: execute beats http beats tcp. */
static void
parse_probe(const struct merged *at, const struct fiaas_spec *spec, struct fiaas_probe *probe)
{
	parse_timing(at, probe);
	if (merged_is_given(at, "execute")) {
		probe->check = FIAAS_CHECK_EXECUTE;
		probe->command = merged_value(merged_map(at, "execute"), "command");
	} else if (merged_is_given(at, "http")) {
		parse_http(at, spec, probe);
	} else if (merged_is_given(at, "tcp")) {
		parse_tcp(at, spec, probe);
	} else if (spec->n_ports != 1) {
		merged_fail(at, NULL, "Must specify %s check or exactly one port", at->key);
	} else if (spec->ports[0].protocol == FIAAS_PROTOCOL_HTTP) {
		parse_http(at, spec, probe);
	} else if (spec->ports[0].protocol == FIAAS_PROTOCOL_TCP) {
		parse_tcp(at, spec, probe);
	}
}

void
fiaas_healthchecks_parse(const struct merged *root, struct fiaas_spec *spec)
{
	const struct merged *checks = merged_map(root, "healthchecks");
	parse_probe(merged_map(checks, "liveness"), spec, &spec->liveness);
	if (merged_is_given(checks, "liveness") && !merged_is_given(checks, "readiness"))
		spec->readiness = spec->liveness;
	else
		parse_probe(merged_map(checks, "readiness"), spec, &spec->readiness);
}
