/* An execution of a pipeline: what it has done, does and waits for.
 *
 * Stages come in the order in which people read them: by what they need, ties by name; what Orca
 * added to a stage stands below it (`depth`), in the order it ran.  Numbers where strings belong,
 * dotted keys, absent fields and unknown words are taken as they come; texts are anybody's.
 *
 * Source: spinnaker.md 5; Orca's ExecutionStatus.
 */
#ifndef PAAS_API_SPINNAKER_EXECUTION_H
#define PAAS_API_SPINNAKER_EXECUTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct gate;

enum spinnaker_status {
	SPINNAKER_UNKNOWN, /* a word we do not know: not complete */
	SPINNAKER_NOT_STARTED,
	SPINNAKER_BUFFERED,
	SPINNAKER_RUNNING,
	SPINNAKER_PAUSED,
	SPINNAKER_SUSPENDED,
	SPINNAKER_REDIRECT,
	SPINNAKER_SUCCEEDED,
	SPINNAKER_SKIPPED,
	SPINNAKER_FAILED_CONTINUE, /* failed, and the pipeline went on */
	SPINNAKER_TERMINAL,
	SPINNAKER_CANCELED,
	SPINNAKER_STOPPED,         /* its branch ends here; the pipeline counts as succeeded all the same */
};
enum spinnaker_status spinnaker_status_of(const char *word);
const char *spinnaker_status_name(enum spinnaker_status status);
bool spinnaker_is_complete(enum spinnaker_status status);
/* SUCCEEDED and SKIPPED. */
bool spinnaker_is_good(enum spinnaker_status status);

struct spinnaker_stage {
	const char *id, *reference, *type, *name, *parent; /* "" = absent; `reference` is refId, `parent` the id of the stage above */
	enum spinnaker_status status;
	const char *word;              /* the status as it came */
	int64_t started_ms, ended_ms;  /* wall; 0 = not yet */
	unsigned depth;                /* 0 = of the pipeline itself */
	const char *task;              /* what runs now: "waitForManifestToStabilize"; "" = nothing */
	const json_t *json;            /* of the execution's tree */
};

struct spinnaker_execution {
	const char *id, *application, *pipeline, *pipeline_id;
	enum spinnaker_status status;
	const char *word;
	int64_t built_ms, started_ms, ended_ms; /* wall; 0 = not yet */
	bool is_canceled;
	const char *canceled_by, *cancellation_reason, *user, *correlation_id; /* "" = absent */
	struct spinnaker_stage *stages;
	size_t n_stages;
	json_t *json; /* owned */
};

enum { SPINNAKER_STAGES_MAX = 200 };

/* Takes the reference.  Texts and stages are in `arena` or in the tree.  Fails: ERROR_BAD_ANSWER. */
bool spinnaker_execution_of(json_t *json, struct arena *arena, struct spinnaker_execution *ret, struct error *err) must_use;
void spinnaker_execution_release(struct spinnaker_execution *execution); /* for scoped() */
/* Fails: ERROR_NOT_FOUND; as gate_get. */
bool spinnaker_execution_read(struct gate *gate, const char *id, struct arena *arena, struct spinnaker_execution *ret,
                              struct error *err) must_use;

struct spinnaker_query {
	const char *application; /* NULL: all */
	const char *pipeline;       /* its name; NULL: of all */
	const char *correlation_id; /* NULL: of all */
	bool is_running;            /* only those that are not complete */
	bool is_expanded;           /* with contexts and outputs */
	unsigned limit;
};
/* Newest first.  The caller releases each. */
bool spinnaker_execution_search(struct gate *gate, const struct spinnaker_query *query, struct arena *arena,
                                struct spinnaker_execution **ret, size_t *ret_count, struct error *err) must_use;

/* What a stage's context holds under a key, which may have dots of its own ("kato.tasks"); NULL: nothing. */
const json_t *spinnaker_context(const struct spinnaker_stage *stage, const char *key);

#endif
