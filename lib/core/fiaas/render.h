/* What fiaas-deploy-daemon would create for an Application, object for object.
 *
 * Works on the config as JSON, as it stands in Application.spec.config: v2 and v3, merged with the
 * defaults by FDD's rules (reference: upstream 4ec192a8).  Used by `paas render` and by the
 * sandbox's operator.  No network, no clock.
 */
#ifndef PAAS_CORE_FIAAS_RENDER_H
#define PAAS_CORE_FIAAS_RENDER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "core/fiaas/options.h"

struct fiaas_application {
	const char *name, *namespace, *image, *deployment_id;
	const char *uid;                      /* NULL: no owner references */
	const json_t *config;                 /* borrowed */
	const json_t *additional_labels;      /* borrowed, may be NULL */
	const json_t *additional_annotations; /* borrowed, may be NULL */
};

/* What FDD reads from the cluster while rendering; all zero is an empty namespace. */
struct fiaas_cluster_state {
	bool has_best_effort_quota;          /* ResourceQuota pods "0" with scope NotBestEffort */
	int live_replicas;                   /* of the existing Deployment, 0 = none */
	const json_t *live_service;          /* existing Service, for its node ports; may be NULL */
	const json_t *default_image_pull_secrets; /* of ServiceAccount default; may be NULL */
};

/* How far FDD gets with it. */
enum fiaas_outcome {
	FIAAS_ACCEPTED,
	FIAAS_INVALID,      /* refused before anything is made */
	FIAAS_DEPLOY_ERROR, /* fails while objects are being made */
};

/* *ret_objects: a JSON array (new reference) of full objects in FDD's order: [ServiceAccount,
 * RoleBindings,] Service, Ingresses, Deployment, HorizontalPodAutoscaler, PodDisruptionBudget.
 * On failure *ret_outcome says how, and err->why is FDD's own message; ERROR_INVALID_SPEC. */
bool fiaas_render(const struct fiaas_application *application, const struct fiaas_options *options,
                  const struct fiaas_cluster_state *state, struct arena *arena,
                  json_t **ret_objects, enum fiaas_outcome *ret_outcome, struct error *err) must_use;

#endif
