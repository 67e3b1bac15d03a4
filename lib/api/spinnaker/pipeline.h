/* Pipelines as they are stored, and starting one.
 *
 * Source: spinnaker.md 3, 4 and 8.
 */
#ifndef PAAS_API_SPINNAKER_PIPELINE_H
#define PAAS_API_SPINNAKER_PIPELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct gate;

struct spinnaker_parameter {
	const char *name;
	bool is_required;          /* and has no default */
	const json_t *options;     /* list of {value}; NULL: any value */
};

struct spinnaker_pipeline {
	const char *id, *name, *application;
	bool is_disabled;
	struct spinnaker_parameter *parameters;
	size_t n_parameters;
	json_t *json; /* owned; the whole configuration */
};
void spinnaker_pipeline_release(struct spinnaker_pipeline *pipeline); /* for scoped() */

/* By its name, letter for letter.  Fails: ERROR_NOT_FOUND, naming those that the application has; as gate_get. */
bool spinnaker_pipeline_find(struct gate *gate, const char *application, const char *name, struct arena *arena,
                             struct spinnaker_pipeline *ret, struct error *err) must_use;
const struct spinnaker_parameter *spinnaker_pipeline_parameter(const struct spinnaker_pipeline *pipeline, const char *name);
bool spinnaker_parameter_takes(const struct spinnaker_parameter *parameter, const char *value);
/* Whether anything in it reads that parameter: "${parameters.image}", "${ parameters['image'] }", "${trigger.parameters.image}". */
bool spinnaker_pipeline_reads(const struct spinnaker_pipeline *pipeline, const char *parameter, struct arena *arena);

/* Starts it, or joins the execution with that correlation id that has not ended.  Sent again only after it was looked up that
 * none with that id runs, and none was started with these very parameters (texts; one should be unique): never two.  *ret_id in `arena`.  Fails: as gate_send. */
bool spinnaker_pipeline_start(struct gate *gate, const struct spinnaker_pipeline *pipeline, const json_t *parameters,
                              const char *correlation_id, struct arena *arena, const char **ret_id, struct error *err) must_use;

#endif
