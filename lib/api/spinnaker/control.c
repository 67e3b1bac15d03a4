#include "api/spinnaker/control.h"

#include <string.h>
#include <strings.h>

#include "api/spinnaker/gate.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "data/json.h"

enum { LOOK_MS = 700, JUDGED_WITHIN_MS = 40 * 1000, TAKEN_BACK_AFTER_MS = 22 * 1000, CANCELLED_WITHIN_MS = 60 * 1000 };

static const char *
text_of(const struct spinnaker_stage *stage, const char *key)
{
	const char *text = json_string_value(spinnaker_context(stage, key));
	return text != NULL ? text : "";
}

/* Orca takes no other words: with one of those it waits on, and tells nobody. */
static bool
is_decision(const char *word)
{
	return strcasecmp(word, "continue") == 0 || strcasecmp(word, "stop") == 0;
}

bool
spinnaker_is_waiting_judgment(const struct spinnaker_stage *stage)
{
	return strcmp(stage->type, "manualJudgment") == 0 && stage->status == SPINNAKER_RUNNING &&
	       !is_decision(text_of(stage, "judgmentStatus"));
}

static bool
wait_a_turn(struct error *err)
{
	return fiber_sleep(fiber_loop(fiber_current()), LOOK_MS) || error_set(err, ERROR_INTERRUPTED, "interrupted");
}

/* ---- judging ---- */

enum judged { JUDGED_NOT_YET, JUDGED, JUDGED_TAKEN_BACK };

static enum judged
look(const struct spinnaker_execution *execution, const char *stage_id, struct arena *arena, const char **ret_word,
     const char **ret_user)
{
	for (size_t i = 0; i < execution->n_stages; i++) {
		const struct spinnaker_stage *stage = &execution->stages[i];
		if (strcmp(stage->id, stage_id) != 0)
			continue;
		*ret_word = arena_strdup(arena, text_of(stage, "judgmentStatus"));
		*ret_user = arena_strdup(arena, json_text_or(stage->json, "lastModified.user", text_of(stage, "lastModifiedBy")));
		if (stage->status != SPINNAKER_RUNNING)
			return JUDGED;
		return **ret_word == '\0' ? JUDGED_TAKEN_BACK : JUDGED_NOT_YET;
	}
	return JUDGED_NOT_YET;
}

static bool
wait_until_judged(struct gate *gate, const char *execution_id, const char *stage_id, struct arena *arena,
                  const char **ret_word, const char **ret_user, struct error *err)
{
	int64_t began_ms = clock_monotonic_ms();
	for (;;) {
		scoped(arena_release) struct arena scratch = {0};
		scoped(spinnaker_execution_release) struct spinnaker_execution execution = {0};
		if (!spinnaker_execution_read(gate, execution_id, &scratch, &execution, err))
			return false;
		enum judged judged = look(&execution, stage_id, arena, ret_word, ret_user);
		int64_t waited_ms = clock_monotonic_ms() - began_ms;
		if (judged == JUDGED)
			return true;
		if (judged == JUDGED_TAKEN_BACK && waited_ms >= TAKEN_BACK_AFTER_MS)
			return error_set(err, ERROR_FORBIDDEN,
			                 "Spinnaker took the judgment back: the account has none of the roles that may judge here");
		if (waited_ms >= JUDGED_WITHIN_MS)
			return error_set(err, ERROR_TIMED_OUT, "the judgment was sent, but Spinnaker has not acted on it");
		if (!wait_a_turn(err))
			return false;
	}
}

bool
spinnaker_judge(struct gate *gate, const char *execution_id, const char *stage_id, bool is_continued, const char *input,
                struct arena *arena, const char **ret_word, const char **ret_user, struct error *err)
{
	scoped(json_release) json_t *answer = NULL;
	scoped(json_release) json_t *body = json_pack("{s:s, s:s*}", "judgmentStatus", is_continued ? "continue" : "stop",
	                                              "judgmentInput", input);
	const char *path = arena_printf(arena, "/pipelines/%s/stages/%s", gate_escape(execution_id, arena),
	                                gate_escape(stage_id, arena));
	return gate_send(gate, "PATCH", path, body, true, &answer, err) &&
	       wait_until_judged(gate, execution_id, stage_id, arena, ret_word, ret_user, err);
}

/* ---- cancelling ---- */

static bool
wait_until_complete(struct gate *gate, const char *execution_id, enum spinnaker_status *ret, struct error *err)
{
	int64_t began_ms = clock_monotonic_ms();
	for (;;) {
		scoped(arena_release) struct arena scratch = {0};
		scoped(spinnaker_execution_release) struct spinnaker_execution execution = {0};
		if (!spinnaker_execution_read(gate, execution_id, &scratch, &execution, err))
			return false;
		*ret = execution.status;
		if (spinnaker_is_complete(execution.status))
			return true;
		if (clock_monotonic_ms() - began_ms >= CANCELLED_WITHIN_MS)
			return error_set(err, ERROR_TIMED_OUT, "Spinnaker took the request, but the execution still is %s", execution.word);
		if (!wait_a_turn(err))
			return false;
	}
}

bool
spinnaker_cancel(struct gate *gate, const char *execution_id, const char *reason, struct arena *arena,
                 enum spinnaker_status *ret, struct error *err)
{
	scoped(json_release) json_t *answer = NULL;
	const char *path = arena_printf(arena, "/pipelines/%s/cancel?force=false&reason=%s", gate_escape(execution_id, arena),
	                                gate_escape(reason, arena));
	return gate_send(gate, "PUT", path, NULL, true, &answer, err) && wait_until_complete(gate, execution_id, ret, err);
}
