/* The judgement of one tick: a cell of the verdict table, borne as long as the table says. */
#include "core/deploy/follow_state.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "core/diagnose/object.h"

static void
finish(struct follow *follow, enum follow_outcome outcome, enum error_code error, const char *reason,
       const char *next)
{
	struct deployment *now = &follow->now;
	now->outcome = outcome;
	now->error = error;
	now->reason = arena_strdup(&follow->memory, reason);
	now->next = next && *next ? arena_strdup(&follow->memory, next) : NULL;
	now->wants = 0;
}

/* ---- nothing fails on one sighting ---- */

static bool
is_confirmed(struct follow *follow, const struct doom *doom)
{
	if (follow->doubt_ms < 0 || strcmp(follow->doubt.key, doom->key)) {
		follow->doubt = *doom;
		follow->doubt_ms = follow->now.now_ms;
	}
	if (follow->reread_ms >= follow->doubt_ms)
		return true;
	follow->now.wants |= WANTS_REREAD;
	return false;
}

/* After the verdict is clear, what else is wrong and the last words of the dead are collected. */
static void
collect(struct follow *follow)
{
	follow->now.phase = "failing";
	bool is_collected = !(follow->now.wants & WANTS_LOGS);
	if (is_collected || follow->now.now_ms - follow->failing_ms >= FOLLOW_COLLECT_MS)
		finish(follow, OUTCOME_FAILED, follow->doubt.error, follow->doubt.reason, follow->doubt.next);
}

static void
fail(struct follow *follow, const struct doom *doom)
{
	if (!is_confirmed(follow, doom))
		return;
	follow->failing_ms = follow->now.now_ms;
	collect(follow);
}

/* ---- the cell ---- */

static const char *
operator_said(const struct follow *follow, const char *sentence)
{
	const struct deployment *now = &follow->now;
	const char *line = now->n_operator_lines ? now->operator_lines[now->n_operator_lines - 1] : NULL;
	struct arena *arena = follow_scratch((struct follow *)(uintptr_t)follow);
	if (line)
		return arena_printf(arena, "%s: %s", sentence, line);
	if (now->operator == OPERATOR_ABSENT && follow->operator_line && now->rollout == ROLLOUT_OLD)
		return arena_printf(arena, "%s: %s", sentence, follow->operator_line);
	return sentence;
}

static void
doom_of_cell(const struct follow *follow, const struct verdict *verdict, struct doom *ret)
{
	const char *next = verdict->error == ERROR_OPERATOR_SILENT
	                           ? "tell the platform team: fiaas-deploy-daemon does not act in this namespace"
	                           : "";
	*ret = (struct doom){.is_set = true, .error = verdict->error};
	snprintf(ret->key, sizeof(ret->key), "cell-%d-%d", (int)verdict->operator, (int)verdict->rollout);
	error_copy_text(ret->reason, sizeof(ret->reason), operator_said(follow, verdict->sentence));
	error_copy_text(ret->next, sizeof(ret->next), next);
}

/* When somebody had the pods replaced since the deploy; NULL: nobody did. */
static const char *
restarted_at(const struct follow *follow)
{
	const json_t *annotations = json_at(follow_objects(follow).deployment, "spec.template.metadata.annotations");
	return json_string_value(json_object_get(annotations, "kubectl.kubernetes.io/restartedAt"));
}

static void
warn_of_cell(struct follow *follow, const struct verdict *verdict)
{
	const char *restart = restarted_at(follow);
	if (verdict->operator == OPERATOR_SUCCESS && verdict->rollout == ROLLOUT_MOVING && restart != NULL) {
		follow_note(follow, "the pods are replaced since a restart at %s", restart);
		return;
	}
	if (verdict->operator == OPERATOR_ABSENT && verdict->rollout == ROLLOUT_OLD && !follow->operator_line)
		follow->now.wants |= WANTS_OPERATOR;
	follow_note(follow, "%s", operator_said(follow, verdict->sentence));
}

static void
act_on_cell(struct follow *follow, const struct verdict *verdict, const struct doom *doom)
{
	int64_t age_ms = follow->now.now_ms - follow->cell_ms;
	struct doom reason = *doom;
	if (verdict->warn_after_ms >= 0 && !follow->plan.is_restart && age_ms >= verdict->warn_after_ms)
		warn_of_cell(follow, verdict);
	if (verdict->act_after_ms < 0 || age_ms < verdict->act_after_ms)
		return;
	switch (verdict->action) {
	case FOLLOW_DONE:
		finish(follow, OUTCOME_SUCCEEDED, ERROR_NONE, "the release is healthy", NULL);
		break;
	case FOLLOW_STOP:
		finish(follow, OUTCOME_STOPPED, verdict->error, verdict->sentence,
		       arena_printf(follow_scratch(follow), "kubectl rollout resume -n %s deployment/%s",
		                    object_word(follow_objects(follow).deployment, "metadata.namespace"), follow->plan.name));
		break;
	case FOLLOW_FAIL:
		if (!reason.is_set)
			doom_of_cell(follow, verdict, &reason);
		fail(follow, &reason);
		break;
	case FOLLOW_WAIT:
		break;
	}
}

static void
enter_cell(struct follow *follow)
{
	struct deployment *now = &follow->now;
	if (follow->cell_ms && follow->operator == now->operator && follow->rollout == now->rollout)
		return;
	follow->operator = now->operator;
	follow->rollout = now->rollout;
	follow->cell_ms = now->now_ms;
}

/* ---- time ---- */

static int64_t
hard_limit_ms(const struct follow *follow)
{
	int64_t operator_ms = follow->plan.operator_limit_ms + FOLLOW_MARGIN_MS;
	if (follow->plan.limit_ms > 0)
		return follow->plan.limit_ms;
	return follow->plan.operator_limit_ms && operator_ms > FOLLOW_HARD_LIMIT_MS ? operator_ms
	                                                                           : FOLLOW_HARD_LIMIT_MS;
}

/* As the controller counts: a hundred pods in small steps may take long. */
static bool
is_stalled(const struct follow *follow)
{
	enum { DEFAULT_SECONDS = 600, NO_DEADLINE = 2147483647 };
	struct rollout_objects objects = follow_objects(follow);
	int64_t seconds = json_int_at(objects.deployment, "spec.progressDeadlineSeconds", DEFAULT_SECONDS);
	return follow->now.rollout == ROLLOUT_MOVING && seconds != NO_DEADLINE &&
	       follow->now.now_ms - follow->progress_ms >= seconds * 1000 + FOLLOW_MARGIN_MS;
}

static void
run_out_of_time(struct follow *follow)
{
	struct deployment *now = &follow->now;
	const struct sighting *worst = follow_worst(follow);
	char limit[CLOCK_TEXT_BYTES];
	clock_format_duration(now->now_ms - follow->plan.started_ms, limit);
	if (follow->is_lost) {
		finish(follow, OUTCOME_TIMED_OUT, ERROR_UNREACHABLE,
		       arena_printf(follow_scratch(follow), "the cluster could not be reached any more: %s",
		                    follow->trouble.why), NULL);
		return;
	}
	const char *cause = worst ? worst->sentence : *now->progress.waiting_for ? now->progress.waiting_for : now->phase;
	finish(follow, OUTCOME_TIMED_OUT, ERROR_TIMED_OUT,
	       arena_printf(follow_scratch(follow), "time is up after %s, and the cluster still tries: %s", limit,
	                    cause), worst ? worst->next : NULL);
}

/* ---- the tick ---- */

static const char *
phase_of(const struct deployment *now)
{
	static const char *const waiting[OPERATOR_WORDS] = {
		[OPERATOR_ABSENT] = "waiting for the operator",
		[OPERATOR_INITIATED] = "in the operator's queue",
		[OPERATOR_RUNNING] = "the operator writes the objects",
		[OPERATOR_SUCCESS] = "the operator is done",
		[OPERATOR_DIRECT] = "waiting for the Deployment",
	};
	if (now->rollout == ROLLOUT_OLD)
		return waiting[now->operator] ? waiting[now->operator] : "the operator failed";
	if (now->rollout == ROLLOUT_COMPLETE && now->operator == OPERATOR_DIRECT)
		return "complete";
	if (now->rollout == ROLLOUT_COMPLETE)
		return "waiting for the operator's last word";
	return now->phase;
}

static void
tell_lost(struct follow *follow)
{
	if (!follow->is_lost || follow->is_lost_told ||
	    follow->now.now_ms - follow->lost_ms < FOLLOW_TELL_LOST_MS)
		return;
	follow->is_lost_told = true;
	follow_note(follow, "no connection to the cluster; the deployment goes on there, trying again: %s",
	            follow->trouble.why);
}

/* What ends the following whatever the rollout does. */
static bool
is_taken_away(struct follow *follow)
{
	const char *who, *successor = follow_successor(follow, &who);
	struct arena *arena = follow_scratch(follow);
	if (follow->is_blind) {
		finish(follow, OUTCOME_STOPPED, follow->blindness.code,
		       arena_printf(arena, "the deployment goes on, but we may not look any more: %s",
		                    follow->blindness.why), NULL);
	} else if (follow->is_application_gone) {
		finish(follow, OUTCOME_FAILED, ERROR_DEPLOY_FAILED, "the Application was deleted", NULL);
	} else if (successor) {
		finish(follow, OUTCOME_STOPPED, ERROR_SUPERSEDED,
		       arena_printf(arena, "superseded by deployment %s%s%s", successor, who ? " of " : "",
		                    who ? who : ""),
		       arena_printf(arena, "paas status %s", follow->plan.name));
	}
	return follow->now.outcome != OUTCOME_NONE;
}

static void
begin_turn(struct follow *follow, int64_t now_ms)
{
	struct deployment *now = &follow->now;
	follow->turn++;
	arena_reset(follow_scratch(follow));
	now->now_ms = now_ms > now->now_ms ? now_ms : now->now_ms;
	now->findings = (struct findings){0};
	now->wants = 0;
	now->n_logs = now->n_missing = now->n_operator_lines = 0;
}

static void
judge(struct follow *follow, const struct doom *doom)
{
	struct deployment *now = &follow->now;
	const struct verdict *verdict = verdict_find(now->operator, now->rollout);
	tell_lost(follow);
	if (verdict->action != FOLLOW_FAIL)
		follow->doubt_ms = -1;
	act_on_cell(follow, verdict, doom);
	bool is_late = now->now_ms - follow->plan.watched_ms >= hard_limit_ms(follow);
	if (now->outcome == OUTCOME_NONE && !follow->failing_ms && (is_late || is_stalled(follow)))
		run_out_of_time(follow);
}

void
follow_tick(struct follow *follow, int64_t now_ms)
{
	struct deployment *now = &follow->now;
	struct doom doom = {0};
	if (now->outcome != OUTCOME_NONE)
		return;
	begin_turn(follow, now_ms);
	follow_look(follow, &doom);
	enter_cell(follow);
	if (!follow->plan.is_restart)
		now->phase = phase_of(now);
	if (follow->failing_ms)
		collect(follow);
	else if (!is_taken_away(follow))
		judge(follow, &doom);
	now->notes = follow->notes;
	now->n_notes = follow->n_notes;
}
