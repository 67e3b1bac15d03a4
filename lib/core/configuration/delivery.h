/* How the pods of an application get its Secret or ConfigMap: as files, which the kubelet brings up
 * to date, as environment variables, which a container has from its start, or not at all.  Told by
 * the pods themselves, not by what the operator would make.
 */
#ifndef PAAS_CORE_CONFIGURATION_DELIVERY_H
#define PAAS_CORE_CONFIGURATION_DELIVERY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/configuration/values.h"

/* Until files in pods follow a change: the kubelet's round and its cache, a minute each. */
enum { DELIVERY_FILES_MS = 2 * 60 * 1000 };

struct delivery {
	bool is_deployed;       /* the application has a Deployment */
	const char *folder;     /* where the files are; NULL: not mounted */
	bool is_fixed;          /* mounted by subPath: the files stay as they were */
	bool is_environment;    /* envFrom names it */
	const char *filled_by;  /* an init container fills the folder from elsewhere; NULL: none */
	size_t n_pods;          /* that have started and do not end */
	size_t n_without;       /* of these, that have it in no way */
	int64_t *started_ms;    /* of each pod's container */
};

/* `deployment` may be NULL; `pods` is a list of pods, of which those of the application count. */
void delivery_of(const struct values_form *form, const char *name, const json_t *deployment, const json_t *pods,
                 struct arena *arena, struct delivery *ret);
bool delivery_read(struct kubernetes *kubernetes, const struct values_form *form, const char *namespace,
                   const char *name, struct arena *arena, struct delivery *ret, struct error *err) must_use;

/* Whether the pods have what was set last. */
enum reach {
	REACH_CURRENT,
	REACH_ARRIVING,  /* files, within two minutes */
	REACH_RESTART,   /* some have to start again */
	REACH_UNMOUNTED, /* no pod has the object */
	REACH_NO_PODS,
	REACH_UNKNOWN,   /* nobody says when it was set */
};
const char *reach_name(enum reach reach); /* "restart-needed" */
/* Of a value set at `set_ms` (-1: not known), as seen at `now_ms` of the cluster's clock.
 * `is_variable`: it would be an environment variable where the object is in the environment. */
enum reach delivery_reach(const struct delivery *delivery, bool is_variable, int64_t set_ms, int64_t now_ms);

#endif
