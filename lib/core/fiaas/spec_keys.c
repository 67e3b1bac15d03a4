#include "core/fiaas/spec_keys.h"

#include <stddef.h>

#define END {.name = NULL}
enum { PORT_MAX = 65535, PERCENT_MAX = 1000 };

static const struct spec_key replicas_keys[] = {
	{"minimum", SPEC_NUMBER, .initial = "2", .sentence = "pods at least"},
	{"maximum", SPEC_NUMBER, .initial = "5", .sentence = "pods at most; more than minimum: autoscaled"},
	{"cpu_threshold_percentage", SPEC_NUMBER, .min = 1, .max = PERCENT_MAX, .initial = "50",
	 .sentence = "CPU use, in percent of the request, that the autoscaler aims at"},
	{"singleton", SPEC_BOOL, .initial = "true",
	 .sentence = "with a maximum of 1: stop the old pod before the new one starts"},
	END,
};

static const struct spec_key path_keys[] = {
	{"path", SPEC_TEXT, .initial = "/", .sentence = "path, passed on as it is"},
	{"port", SPEC_PORT, .initial = "http", .sentence = "name or number of an http port"},
	END,
};

static const struct spec_key ingress_keys[] = {
	{"host", SPEC_TEXT, .sentence = "host name; without it: the cluster's default hosts only"},
	{"paths", SPEC_LIST, .keys = path_keys, .sentence = "what is served there"},
	{"annotations", SPEC_ANNOTATIONS, .sentence = "makes an Ingress of its own"},
	END,
};

static const struct spec_key execute_keys[] = {
	{"command", SPEC_TEXT, .sentence = "one shell-like text; split, not run by a shell"}, END,
};
static const struct spec_key http_keys[] = {
	{"path", SPEC_TEXT, .sentence = "path that answers 200 to 399 (default /_/health, /_/ready)"},
	{"port", SPEC_PORT, .sentence = "name or number of a container port (default: the first port)"},
	{"http_headers", SPEC_VALUES, .sentence = "headers of the request"},
	END,
};
static const struct spec_key tcp_keys[] = {
	{"port", SPEC_PORT, .sentence = "name or number of a container port (default: the first port)"}, END,
};

#define PROBE_KEYS                                                                                    \
	{"execute", SPEC_MAP, .keys = execute_keys, .sentence = "a command that exits 0"},            \
	{"http", SPEC_MAP, .keys = http_keys, .sentence = "a request that succeeds"},                 \
	{"tcp", SPEC_MAP, .keys = tcp_keys, .sentence = "a port that accepts"},                       \
	{"initial_delay_seconds", SPEC_NUMBER, .initial = "10", .sentence = "before the first check"}, \
	{"period_seconds", SPEC_NUMBER, .min = 1, .max = 86400, .initial = "10",                       \
	 .sentence = "between checks"},                                                               \
	{"success_threshold", SPEC_NUMBER, .min = 1, .max = 1000, .initial = "1",                     \
	 .sentence = "successes in a row that count"},                                                \
	{"failure_threshold", SPEC_NUMBER, .min = 1, .max = 1000, .initial = "3",                     \
	 .sentence = "failures in a row that count"},                                                 \
	{"timeout_seconds", SPEC_NUMBER, .min = 1, .max = 86400, .initial = "1",                      \
	 .sentence = "that one check may take"}

static const struct spec_key probe_keys[] = {PROBE_KEYS, END};
static const struct spec_key healthchecks_keys[] = {
	{"liveness", SPEC_MAP, .keys = probe_keys, .sentence = "failing: the container is restarted"},
	{"readiness", SPEC_MAP, .keys = probe_keys,
	 .sentence = "failing: no traffic; not given: a copy of liveness, when that is given"},
	END,
};

static const struct spec_key limits_keys[] = {
	{"cpu", SPEC_CPU, .initial = "400m", .sentence = "CPU at most"},
	{"memory", SPEC_MEMORY, .initial = "512Mi", .sentence = "memory at most"},
	END,
};
static const struct spec_key requests_keys[] = {
	{"cpu", SPEC_CPU, .initial = "200m", .sentence = "CPU that is reserved"},
	{"memory", SPEC_MEMORY, .initial = "256Mi", .sentence = "memory that is reserved"},
	END,
};
static const struct spec_key resources_keys[] = {
	{"limits", SPEC_MAP, .keys = limits_keys, .sentence = "what a pod may use"},
	{"requests", SPEC_MAP, .keys = requests_keys, .sentence = "what a pod is given"},
	END,
};

#define PROMETHEUS_KEYS(path)                                                                                 \
	{"enabled", SPEC_BOOL, .initial = "true", .sentence = "whether metrics are scraped"},                 \
	{"port", SPEC_PORT, .initial = "http", .sentence = "name of a port, or the container's port number"}, \
	{"path", SPEC_TEXT, .initial = (path), .sentence = "path of the metrics"}

static const struct spec_key prometheus_keys[] = {PROMETHEUS_KEYS("/_/metrics"), END};
static const struct spec_key prometheus_keys_v2[] = {PROMETHEUS_KEYS("/internal-backstage/prometheus"), END};
static const struct spec_key datadog_keys[] = {
	{"enabled", SPEC_BOOL, .initial = "false", .sentence = "whether a Datadog container runs beside"},
	{"tags", SPEC_TAGS, .sentence = "tags of its metrics"},
	END,
};
static const struct spec_key metrics_keys[] = {
	{"prometheus", SPEC_MAP, .keys = prometheus_keys, .sentence = "Prometheus"},
	{"datadog", SPEC_MAP, .keys = datadog_keys, .sentence = "Datadog"},
	END,
};

static const struct spec_key ports_keys[] = {
	{"protocol", SPEC_TEXT, .initial = "http", .sentence = "http or tcp, in lower case"},
	{"name", SPEC_TEXT, .initial = "http", .sentence = "at most 15 of a-z, 0-9 and -"},
	{"port", SPEC_NUMBER, .min = 1, .max = PORT_MAX, .initial = "80", .sentence = "port of the Service"},
	{"target_port", SPEC_NUMBER, .min = 1, .max = PORT_MAX, .initial = "8080",
	 .sentence = "port of the container"},
	END,
};

#define OBJECT_KEYS(type)                                                                    \
	{"deployment", (type), .sentence = "of the Deployment"},                             \
	{"horizontal_pod_autoscaler", (type), .sentence = "of the HorizontalPodAutoscaler"}, \
	{"ingress", (type), .sentence = "of the Ingresses"},                                 \
	{"service", (type), .sentence = "of the Service"},                                   \
	{"service_account", (type), .sentence = "of the ServiceAccount"},                    \
	{"pod", (type), .sentence = "of the pods"},                                          \
	{"pod_disruption_budget", (type), .sentence = "of the PodDisruptionBudget"},         \
	{"role_binding", (type), .sentence = "of the RoleBindings"}

static const struct spec_key labels_keys[] = {OBJECT_KEYS(SPEC_LABELS), END};
static const struct spec_key annotations_keys[] = {OBJECT_KEYS(SPEC_ANNOTATIONS), END};

static const struct spec_key strongbox_keys[] = {
	{"iam_role", SPEC_TEXT, .sentence = "role that may read the secrets; with groups it turns Strongbox on"},
	{"aws_region", SPEC_TEXT, .initial = "eu-west-1", .sentence = "region of the secrets"},
	{"groups", SPEC_TEXTS, .sentence = "secret groups"},
	END,
};
static const struct spec_key tls_keys[] = {
	{"enabled", SPEC_BOOL, .sentence = "true or false; not given: as the cluster has it"},
	{"certificate_issuer", SPEC_TEXT, .sentence = "name of the issuer"},
	END,
};
static const struct spec_key secret_keys[] = {
	{"parameters", SPEC_VALUES, .sentence = "environment of the init container; must be there"},
	{"annotations", SPEC_ANNOTATIONS, .sentence = "added to the pod; must be there"},
	END,
};
static const struct spec_key extensions_keys[] = {
	{"strongbox", SPEC_MAP, .keys = strongbox_keys, .sentence = "secrets from Strongbox (deprecated)"},
	{"tls", SPEC_TLS, .keys = tls_keys, .sentence = "certificates of the Ingresses"},
	{"secrets", SPEC_SECRETS, .keys = secret_keys, .sentence = "init containers that fetch secrets, by type"},
	END,
};

const struct spec_key spec_keys_v3[] = {
	{"version", SPEC_ANY, .sentence = "3"},
	{"replicas", SPEC_MAP, .keys = replicas_keys, .sentence = "how many pods"},
	{"ingress", SPEC_LIST, .keys = ingress_keys, .sentence = "hosts and paths; []: none"},
	{"healthchecks", SPEC_MAP, .keys = healthchecks_keys, .sentence = "whether a pod lives and is ready"},
	{"resources", SPEC_MAP, .keys = resources_keys, .sentence = "CPU and memory"},
	{"metrics", SPEC_MAP, .keys = metrics_keys, .sentence = "who collects metrics"},
	{"ports", SPEC_LIST, .keys = ports_keys, .sentence = "what the application listens on; []: nothing"},
	{"annotations", SPEC_MAP, .keys = annotations_keys, .sentence = "annotations by object"},
	{"labels", SPEC_MAP, .keys = labels_keys, .sentence = "labels by object"},
	{"secrets_in_environment", SPEC_BOOL, .initial = "false",
	 .sentence = "whether the Secret's values become variables"},
	{"admin_access", SPEC_BOOL, .initial = "false", .sentence = "whether pods get the API's token"},
	{"extensions", SPEC_MAP, .keys = extensions_keys, .sentence = "what some clusters offer"},
	END,
};

/* ---- version 2 ---- */

static const struct spec_key autoscaler_keys_v2[] = {
	{"enabled", SPEC_BOOL, .initial = "false", .sentence = "whether pods are autoscaled"},
	{"min_replicas", SPEC_NUMBER, .initial = "2", .sentence = "pods at least"},
	{"cpu_threshold_percentage", SPEC_NUMBER, .min = 1, .max = PERCENT_MAX, .initial = "50",
	 .sentence = "CPU use that is aimed at"},
	END,
};
static const struct spec_key ports_keys_v2[] = {
	{"protocol", SPEC_TEXT, .initial = "http", .sentence = "http or tcp"},
	{"name", SPEC_TEXT, .initial = "http", .sentence = "name"},
	{"port", SPEC_NUMBER, .min = 1, .max = PORT_MAX, .initial = "80", .sentence = "port of the Service"},
	{"target_port", SPEC_NUMBER, .min = 1, .max = PORT_MAX, .initial = "80",
	 .sentence = "port of the container"},
	{"path", SPEC_TEXT, .initial = "/", .sentence = "path of the Ingress"},
	END,
};
static const struct spec_key quantities_keys_v2[] = {
	{"cpu", SPEC_CPU, .sentence = "CPU; not given: none"},
	{"memory", SPEC_MEMORY, .sentence = "memory; not given: none"},
	END,
};
static const struct spec_key resources_keys_v2[] = {
	{"limits", SPEC_MAP, .keys = quantities_keys_v2, .sentence = "what a pod may use"},
	{"requests", SPEC_MAP, .keys = quantities_keys_v2, .sentence = "what a pod is given"},
	END,
};

const struct spec_key spec_keys_v2[] = {
	{"version", SPEC_ANY, .sentence = "2"},
	{"namespace", SPEC_TEXT, .is_dropped = true, .sentence = "without effect"},
	{"admin_access", SPEC_BOOL, .initial = "false", .sentence = "whether pods get the API's token"},
	{"has_secrets", SPEC_BOOL, .is_dropped = true, .sentence = "without effect"},
	{"replicas", SPEC_NUMBER, .initial = "2", .sentence = "pods"},
	{"autoscaler", SPEC_MAP, .keys = autoscaler_keys_v2, .sentence = "autoscaling"},
	{"host", SPEC_TEXT, .sentence = "host name"},
	{"prometheus", SPEC_MAP, .keys = prometheus_keys_v2, .sentence = "Prometheus"},
	{"resources", SPEC_MAP, .keys = resources_keys_v2, .sentence = "CPU and memory"},
	{"ports", SPEC_LIST, .keys = ports_keys_v2, .sentence = "what the application listens on"},
	{"healthchecks", SPEC_MAP, .keys = healthchecks_keys, .sentence = "whether a pod lives and is ready"},
	{"config", SPEC_ANY, .is_dropped = true, .sentence = "without effect"},
	END,
};
