/* The app spec: what FDD reads out of a config once defaults are merged in.
 *
 * FDD checks no scalar, so most fields are the JSON the user wrote, whatever its type: `const json_t *`
 * fields are borrowed from the config (or from the version 3 form of a version 2 config, which the
 * spec owns).
 */
#ifndef PAAS_CORE_FIAAS_SPEC_H
#define PAAS_CORE_FIAAS_SPEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "core/fiaas/options.h"

enum fiaas_protocol { FIAAS_PROTOCOL_OTHER, FIAAS_PROTOCOL_HTTP, FIAAS_PROTOCOL_TCP };

struct fiaas_port {
	enum fiaas_protocol protocol;
	const json_t *name, *port, *target_port;
};

enum fiaas_check { FIAAS_CHECK_NONE, FIAAS_CHECK_EXECUTE, FIAAS_CHECK_HTTP, FIAAS_CHECK_TCP };

struct fiaas_probe {
	enum fiaas_check check;
	const json_t *command;                           /* execute */
	const json_t *path, *http_headers;               /* http */
	const json_t *port;                              /* http, tcp */
	const json_t *initial_delay, *period, *success_threshold, *failure_threshold, *timeout; /* seconds */
};

struct fiaas_ingress_path {
	const json_t *path;
	const json_t *port; /* number of the Service's port */
};

struct fiaas_ingress {
	const json_t *host;        /* NULL: none */
	const json_t *annotations; /* NULL when empty */
	struct fiaas_ingress_path *paths;
	size_t n_paths;
};

/* The objects that labels and annotations can be given for. */
enum fiaas_object {
	FIAAS_OBJECT_DEPLOYMENT,
	FIAAS_OBJECT_HORIZONTAL_POD_AUTOSCALER,
	FIAAS_OBJECT_INGRESS,
	FIAAS_OBJECT_SERVICE,
	FIAAS_OBJECT_SERVICE_ACCOUNT,
	FIAAS_OBJECT_POD,
	FIAAS_OBJECT_POD_DISRUPTION_BUDGET,
	FIAAS_OBJECT_ROLE_BINDING,
	FIAAS_OBJECT_COUNT,
};
extern const char *const fiaas_object_names[FIAAS_OBJECT_COUNT];

enum fiaas_tls { FIAAS_TLS_UNSET, FIAAS_TLS_OFF, FIAAS_TLS_ON };

struct fiaas_secrets {
	const char *type;
	const json_t *parameters, *annotations;
};

/* NULL where nothing is set (version 2 only). */
struct fiaas_resources {
	const json_t *cpu, *memory;
};

struct fiaas_spec {
	const json_t *minimum, *maximum; /* replicas, clamped */
	const json_t *cpu_threshold;     /* percent */
	bool is_autoscaled, is_singleton;
	struct fiaas_resources limits, requests;
	const json_t *admin_access;
	bool has_secrets_in_environment;
	const json_t *prometheus_enabled, *prometheus_port, *prometheus_path;
	bool has_datadog;
	const json_t *datadog_tags;
	struct fiaas_port *ports;
	size_t n_ports;
	struct fiaas_probe liveness, readiness;
	const json_t *labels[FIAAS_OBJECT_COUNT], *annotations[FIAAS_OBJECT_COUNT]; /* maps or NULL */
	struct fiaas_ingress *ingresses;
	size_t n_ingresses;
	bool has_strongbox;
	const json_t *strongbox_iam_role, *strongbox_aws_region, *strongbox_groups;
	enum fiaas_tls tls;
	const json_t *certificate_issuer;
	struct fiaas_secrets *secrets;
	size_t n_secrets;

	json_t *transformed; /* a version 2 config's version 3 form, or NULL */
};

/* Parses spec.config.  Fails: ERROR_INVALID_SPEC, why = FDD's own message, source.object = the path
 * of the offending value ("ingress[0].paths[0].port"); what FDD calls invalid configuration. */
bool fiaas_spec_parse(const json_t *config, const struct fiaas_options *options, struct arena *arena,
                      struct fiaas_spec *ret, struct error *err) must_use;
/* Goes on after failures, each of which is told with its path; *ret holds what could be read, even
 * when there were some.  False when the version leaves nothing to read. */
bool fiaas_spec_parse_all(const json_t *config, const struct fiaas_options *options, struct arena *arena,
                          void (*each)(void *data, const char *path, const char *why), void *data,
                          struct fiaas_spec *ret) must_use;
void fiaas_spec_release(struct fiaas_spec *spec);

#endif
