/* The releases that an environment had, newest first: what the cluster keeps (Application, ReplicaSets,
 * ApplicationStatuses), what was recorded beside it (record.h) and the runs of its pipeline, by deployment id.
 *
 * A release's number is the revision of the Deployment that it became ("r42"); one that never came so far has none.
 */
#ifndef PAAS_CORE_DEPLOY_HISTORY_H
#define PAAS_CORE_DEPLOY_HISTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "role/cd.h"

struct kubernetes;
struct platform_environment;

enum past_outcome {
	PAST_UNKNOWN,    /* nobody kept it */
	PAST_UNDER_WAY,
	PAST_WAITING,    /* its pipeline waits for a person */
	PAST_SUCCEEDED,
	PAST_FAILED,
	PAST_CANCELLED,
	PAST_SUPERSEDED, /* the next one began before this one was seen healthy */
};
/* "under-way": in JSON too. */
const char *past_outcome_name(enum past_outcome outcome);

struct past_release {
	unsigned number;           /* 0 = none */
	const char *deployment_id, *image;
	const char *digest, *commit, *author; /* "" = not known */
	int64_t at_ms;             /* wall; 0 = not known */
	enum past_outcome outcome;
	int64_t said_ms;           /* wall, when the operator said that; 0 = it did not */
	bool is_current;           /* what the Application asks for */
	json_t *config;            /* owned; NULL: nobody kept it */
	const char *run_id, *run_url; /* of its pipeline; NULL: none known */
};

struct history_request {
	struct kubernetes *kubernetes;
	struct cd *cd;             /* NULL, or without pipelines: the cluster alone */
	const char *name, *namespace;
	const struct platform_environment *environment;
	unsigned max;
};
struct history {
	struct past_release *releases; /* newest first */
	size_t count;
	struct error trouble;      /* of a source that did not answer: what it knows is missing; code NONE: all did */
};
/* From a fiber.  Fails as the cluster does. */
bool history_read(const struct history_request *request, struct arena *arena, struct history *ret, struct error *err) must_use;
void history_release(struct history *history); /* for scoped() */

/* Of releases newest first: a success that the operator saw after the next one had begun is that one's, as it looks at the
 * Deployment, whoever's it is by then (fiaas-deploy-daemon, ready check).  For history_read and tests. */
void history_doubt_successes(struct history *history);

/* "r41", a deployment id (or its beginning of 8 letters and more), an image or a tag: the newest of it.  Fails: ERROR_NOT_FOUND,
 * naming what is known. */
bool history_find(const struct history *history, const char *word, const struct past_release **ret, struct error *err) must_use;
/* The newest that succeeded before what is current was there for the first time: a rollback after a rollback goes further back, and
 * never to what was left.  Fails: ERROR_NOT_FOUND. */
bool history_last_good(const struct history *history, const struct past_release **ret, struct error *err) must_use;
const struct past_release *history_current(const struct history *history); /* or NULL */

json_t *past_release_to_json(const struct past_release *release);

#endif
