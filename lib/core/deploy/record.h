/* What was deployed, kept beside the Application for `paas releases`, `rollback` and `promote`: the ConfigMap "paas-releases-NAME"
 * with an entry a deployment, by its id, of which the last RECORD_MAX stay.  The cluster itself forgets the settings of a release
 * when the next one comes.
 */
#ifndef PAAS_CORE_DEPLOY_RECORD_H
#define PAAS_CORE_DEPLOY_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct kubernetes;
struct standing;

enum { RECORD_MAX = 20, RECORD_ENTRY_MAX = 32 * 1024 };

struct record_entry {
	const char *deployment_id, *image;
	const char *digest, *commit, *author; /* NULL = not known */
	int64_t at_ms;
	json_t *config; /* borrowed */
};

/* After the cluster has taken it.  What stood there `before` is recorded once more: whoever deployed it may have been killed
 * before it could, or was another tool.  Fails: ERROR_FAILED for settings beyond RECORD_ENTRY_MAX, or as the cluster does. */
bool record_write(struct kubernetes *kubernetes, const char *namespace, const char *name, const struct record_entry *entry,
                  const struct standing *before, struct error *err) must_use;
/* *ret: {ID: {image, digest, commit, author, deployed_at, config}}, new reference; empty when there is none. */
bool record_read(struct kubernetes *kubernetes, const char *namespace, const char *name, json_t **ret, struct error *err) must_use;

#endif
