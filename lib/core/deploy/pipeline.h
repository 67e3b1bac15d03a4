/* A deployment that a pipeline carries out: what it is given, and following it until it has handed
 * the Application to the cluster, where core/deploy/follow.h takes over, and from there to its end.
 */
#ifndef PAAS_CORE_DEPLOY_PIPELINE_H
#define PAAS_CORE_DEPLOY_PIPELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/deploy/release.h"
#include "role/cd.h"

struct loop;

/* Texts by name: application, environment, image, digest, commit, config (the file as JSON), deployment_id, deployed_by.
 * `author` may be NULL.  New reference. */
json_t *pipeline_parameters(const struct release *release, const char *deployment_id, const char *author);
/* What a pipeline has to make use of, or it would deploy something else; NULL-terminated. */
extern const char *const pipeline_needed[];
/* The same for the same release, so that a deploy said twice joins the run; with `salt` another. */
const char *pipeline_correlation(const struct release *release, const char *salt, struct arena *arena);
/* Whatever their salt; `other` "": not known. */
bool pipeline_is_same_release(const char *correlation, const char *other);

enum pipeline_end {
	PIPELINE_DEPLOYED, /* the Application is handed over; the run goes on */
	PIPELINE_OVER,     /* the run has ended */
	PIPELINE_WAITS,    /* for a person, and nobody wanted to wait for that */
	PIPELINE_TIMED_OUT,
};

struct pipeline_watch {
	struct loop *loop;
	struct cd *cd;
	const char *run_id;
	const char *name, *namespace; /* the application's */
	bool is_deployed;      /* already: what is waited for is the end, or that it goes on without us */
	bool waits_for_person;
	int64_t limit_ms;      /* without the time that it waits for a person */
	/* Told after each look; `trouble` NULL, or why it cannot be looked at.  Borrowed until it returns. */
	void (*told)(void *data, const struct cd_run *run, const struct error *trouble);
	void *data;
};
/* From a fiber.  *ret_run as looked at last, the caller's to release, its texts in `arena`.  Fails: ERROR_INTERRUPTED, and as cd_read
 * when it will not be able to look again. */
bool pipeline_follow(const struct pipeline_watch *watch, struct arena *arena, enum pipeline_end *ret, struct cd_run *ret_run,
                     struct error *err) must_use;

/* Fills *err with why the run failed, was cancelled or stopped, and what next; false: it did not.  A run that counts as succeeded
 * although the step failed that should have handed `name` over to `namespace` has failed for us. */
bool pipeline_put_failure(struct cd *cd, const struct cd_run *run, const char *name, const char *namespace, struct arena *arena,
                          struct error *err);
/* "Smoke test failed, and the pipeline went on", … in `arena`; NULL: nothing failed beside the verdict. */
const char *pipeline_caution(const struct cd_run *run, struct arena *arena);

/* {id, pipeline, state, url, user, started_at, ended_at, steps: [{id, name, type, state, word, …}]}; new reference. */
json_t *pipeline_run_to_json(const struct cd_run *run);

#endif
