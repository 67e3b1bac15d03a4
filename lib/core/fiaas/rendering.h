/* Inside of render.c and of the files of one object kind each: what they share.
 *
 * Building runs on jansson's rule that json_pack("o") with NULL frees the rest and gives NULL: a
 * part that fails records why with rendering_fail() and returns NULL, and so does everything that
 * was to contain it.
 */
#ifndef PAAS_CORE_FIAAS_RENDERING_H
#define PAAS_CORE_FIAAS_RENDERING_H

#include <jansson.h>
#include <stdbool.h>

#include "core/fiaas/render.h"
#include "core/fiaas/spec.h"

struct rendering {
	const struct fiaas_application *application;
	const struct fiaas_options *options;
	const struct fiaas_cluster_state *state;
	const struct fiaas_spec *spec;
	struct arena *arena;
	struct error *err;
	bool failed;
	const char *version;    /* of the image */
	json_t *managed_labels; /* owned */
	json_t *owners;         /* owned; NULL without uid */
	json_t *kept;           /* owned: a list of values that are borrowed until the end */
	json_t *default_path;   /* owned: "/" */
};

/* Each appends its objects, none or several, to the array. False: failed. */
bool render_service_account(struct rendering *rendering, json_t *objects) must_use;
bool render_role_bindings(struct rendering *rendering, json_t *objects) must_use;
bool render_service(struct rendering *rendering, json_t *objects) must_use;
bool render_ingresses(struct rendering *rendering, json_t *objects) must_use;
bool render_deployment(struct rendering *rendering, json_t *objects) must_use;
bool render_autoscaler(struct rendering *rendering, json_t *objects) must_use;
bool render_disruption_budget(struct rendering *rendering, json_t *objects) must_use;

/* Records a deploy error, FDD's message, unless there was one. Always NULL. */
json_t *rendering_fail(struct rendering *rendering, const char *format, ...) printf_like(2, 3);
/* Appends (steals) `object`; false when it is NULL. */
bool rendering_append(json_t *objects, json_t *object) must_use;

/* Annotations the config and the Application give an object (new reference, a fresh map). */
json_t *rendering_annotations(const struct rendering *rendering, enum fiaas_object object);
/* Labels likewise, managed ones included. */
json_t *rendering_labels(const struct rendering *rendering, enum fiaas_object object);
/* {name, namespace, labels, annotations, ownerReferences}; steals `annotations`. */
json_t *rendering_metadata(const struct rendering *rendering, enum fiaas_object object,
                           const char *name, json_t *annotations);
/* {app: NAME} */
json_t *rendering_selector(const struct rendering *rendering);
json_t *rendering_int_or_text(const struct fiaas_int_or_text *value);

/* `value > 1` as Python; a failure when it is no number. */
bool rendering_is_several(struct rendering *rendering, const json_t *value);
/* Whether there will be a HorizontalPodAutoscaler. */
bool rendering_has_autoscaler(struct rendering *rendering);

#endif
