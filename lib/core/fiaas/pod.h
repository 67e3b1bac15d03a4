/* Inside of deployment.c: the parts of its pod template, one file each. */
#ifndef PAAS_CORE_FIAAS_POD_H
#define PAAS_CORE_FIAAS_POD_H

#include "core/fiaas/rendering.h"

/* ---- environment.c ---- */

/* The main container's variables, sorted by name. */
json_t *pod_environment(struct rendering *rendering);

/* ---- probe.c ---- */

json_t *pod_probe(struct rendering *rendering, const struct fiaas_probe *probe);

/* ---- secrets.c ---- */

/* Where secrets come from: the Secret of the application's name, or init containers that fetch
 * them; neither when the config names only types the cluster does not know. */
struct pod_secrets {
	bool is_plain;
	bool mounts_token; /* the init container needs the service account's */
	struct pod_secret_source {
		const char *image;
		const json_t *parameters, *annotations; /* NULL: none */
	} *sources;
	size_t n_sources;
};
bool pod_secrets_plan(struct rendering *rendering, struct pod_secrets *ret);
json_t *pod_secrets_init_containers(struct rendering *rendering, const struct pod_secrets *secrets);
/* Each appends to a list of the pod or of the main container, before its other items. */
void pod_secrets_add_volumes(const struct rendering *rendering, const struct pod_secrets *secrets,
                             json_t *volumes);
void pod_secrets_add_mounts(const struct rendering *rendering, const struct pod_secrets *secrets,
                            json_t *mounts);
bool pod_secrets_add_annotations(struct rendering *rendering, const struct pod_secrets *secrets,
                                 json_t *annotations);

/* ---- metrics.c ---- */

void pod_prometheus_add_annotations(const struct rendering *rendering, json_t *annotations);
json_t *pod_datadog_container(struct rendering *rendering);

/* ---- deployment.c ---- */

json_t *pod_empty_dir(const struct rendering *rendering, const char *name);
json_t *pod_mount(const char *name, const char *path, bool is_read_only);
/* "checkout-config": the application's name and a suffix. */
const char *pod_volume_name(const struct rendering *rendering, const char *suffix);
/* IfNotPresent for a fixed tag, Always for none or one that begins with latest. */
const char *pod_pull_policy(const char *image);
/* {exec: sleep N} as preStop. */
json_t *pod_sleep_before_stop(const struct rendering *rendering, int seconds);

#endif
