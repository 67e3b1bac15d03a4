#include "core/fiaas/defaults.h"

#include <assert.h>
#include <string.h>

/* JSON with ' for ", so that it can be read here. */

#define TIMING "'initial_delay_seconds': 10, 'period_seconds': 10, 'success_threshold': 1, "

#define PROBE_V3(path)                                                              \
	"{'execute': {'command': null},"                                            \
	" 'http': {'path': '" path "', 'port': 'http', 'http_headers': {}},"        \
	" 'tcp': {'port': null}, " TIMING "'failure_threshold': 3, 'timeout_seconds': 1}"

#define PROBE_V2                                                                    \
	"{'execute': {'command': null},"                                            \
	" 'http': {'path': '/', 'port': 'http', 'http_headers': {}},"               \
	" 'tcp': {'port': null}, " TIMING "'timeout_seconds': 1}"

#define OBJECTS                                                                     \
	"{'deployment': {}, 'horizontal_pod_autoscaler': {}, 'ingress': {}, 'service': {}," \
	" 'service_account': {}, 'pod': {}, 'pod_disruption_budget': {}, 'role_binding': {}}"

static const char text_v3[] =
	"{'version': 3,"
	" 'replicas': {'minimum': 2, 'maximum': 5, 'cpu_threshold_percentage': 50, 'singleton': true},"
	" 'ingress': [{'host': null, 'paths': [{'path': '/', 'port': 'http'}], 'annotations': {}}],"
	" 'healthchecks': {'liveness': " PROBE_V3("/_/health") ", 'readiness': " PROBE_V3("/_/ready") "},"
	" 'resources': {'limits': {'cpu': '400m', 'memory': '512Mi'},"
	"               'requests': {'cpu': '200m', 'memory': '256Mi'}},"
	" 'metrics': {'prometheus': {'enabled': true, 'port': 'http', 'path': '/_/metrics'},"
	"             'datadog': {'enabled': false, 'tags': {}}},"
	" 'ports': [{'protocol': 'http', 'name': 'http', 'port': 80, 'target_port': 8080}],"
	" 'annotations': " OBJECTS ", 'labels': " OBJECTS ","
	" 'secrets_in_environment': false,"
	" 'admin_access': false,"
	" 'extensions': {'strongbox': {'iam_role': null, 'aws_region': 'eu-west-1', 'groups': []},"
	"                'tls': {'enabled': false, 'certificate_issuer': null},"
	"                'secrets': {}}}";

static const char text_v2[] =
	"{'version': 2,"
	" 'namespace': 'default',"
	" 'admin_access': false,"
	" 'has_secrets': false,"
	" 'replicas': 2,"
	" 'autoscaler': {'enabled': false, 'min_replicas': 2, 'cpu_threshold_percentage': 50},"
	" 'host': null,"
	" 'prometheus': {'enabled': true, 'port': 'http', 'path': '/internal-backstage/prometheus'},"
	" 'resources': {'limits': {'memory': null, 'cpu': null}, 'requests': {'memory': null, 'cpu': null}},"
	" 'ports': [{'protocol': 'http', 'name': 'http', 'port': 80, 'target_port': 80, 'path': '/'}],"
	" 'healthchecks': {'liveness': " PROBE_V2 ", 'readiness': " PROBE_V2 "},"
	" 'config': {'volume': false, 'envs': []}}";

static json_t *
parse(const char *text, size_t length)
{
	char json[sizeof text_v3 > sizeof text_v2 ? sizeof text_v3 : sizeof text_v2];
	for (size_t i = 0; i < length; i++)
		json[i] = text[i] == '\'' ? '"' : text[i];
	json_t *defaults = json_loadb(json, length, 0, NULL);
	assert(defaults != NULL);
	return defaults;
}

const json_t *
fiaas_defaults_v3(void)
{
	static json_t *defaults;
	if (defaults == NULL)
		defaults = parse(text_v3, sizeof text_v3 - 1);
	return defaults;
}

const json_t *
fiaas_defaults_v2(void)
{
	static json_t *defaults;
	if (defaults == NULL)
		defaults = parse(text_v2, sizeof text_v2 - 1);
	return defaults;
}
