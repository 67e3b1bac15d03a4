/* What each finding leads to: since when it is seen, and how long its signal is borne. */
#include "core/deploy/follow_state.h"

#include <string.h>

#include "core/diagnose/object.h"
#include "core/diagnose/symptom.h"

enum { RECURS_MS = 60 * 1000 };

static bool
has_pod_event(const struct rollout_objects *objects, const struct finding *finding, const char *reason)
{
	const json_t *pod;
	const char *uid;
	json_object_foreach((json_t *)(uintptr_t)objects->pods, uid, pod)
		if (!strcmp(object_name(pod), finding->pod))
			return event_find(objects, pod, reason, NULL, NULL) ||
			       (!strcmp(reason, "TriggeredScaleUp") && json_text_at(pod, "status.nominatedNodeName"));
	return false;
}

/* Services that crash until what they need is there have their number of restarts; missing commands and memory have not. */
static unsigned
restarts_needed(const struct follow *follow, const struct follow_signal *signal)
{
	bool is_crash = signal->number == 28 || signal->number == 32 || signal->number == 35;
	unsigned tolerated = follow->plan.tolerated_restarts;
	return is_crash && tolerated >= signal->least_restarts ? tolerated + 1 : signal->least_restarts;
}

/* The row of the cause, or the neighbour that the circumstances ask for. */
static const struct follow_signal *
signal_of(const struct follow *follow, const struct rollout_objects *objects, const struct finding *finding)
{
	unsigned number = finding->cause->signal;
	enum cause_class class = finding->cause->class;
	if (number == 19 && follow->plan.image_is_resolved)
		number = 20;
	if ((number == 38 || number == 39) && has_pod_event(objects, finding, "TriggeredScaleUp"))
		number = 37;
	if (number == 28 && finding->most_restarts < restarts_needed(follow, follow_signal(28, class)))
		number = 27;
	if (number == 28 && !finding->is_on_every_pod)
		number = 29;
	if (number == 34 && follow->now.now_ms < finding->patient_until_ms)
		number = 33;
	if (number == 44 && strstr(finding->sentence, "ephemeral") && strstr(finding->sentence, "limit"))
		class = CAUSE_FIXED;
	return follow_signal(number, class);
}

static struct sighting *
sighting_of(struct follow *follow, const struct finding *finding)
{
	struct sighting *sighting = NULL;
	for (size_t i = 0; i < follow->n_sightings && !sighting; i++)
		if (!strcmp(follow->sightings[i].key, finding->key))
			sighting = &follow->sightings[i];
	if (!sighting && follow->n_sightings == SIGHTINGS_MAX)
		return &follow->sightings[SIGHTINGS_MAX - 1];
	int64_t now_ms = follow->now.now_ms;
	if (!sighting) {
		sighting = &follow->sightings[follow->n_sightings++];
		error_copy_text(sighting->key, sizeof(sighting->key), finding->key);
		sighting->first_ms = now_ms;
	} else if (now_ms - sighting->last_ms > RECURS_MS) {
		sighting->first_ms = now_ms;
	}
	sighting->last_ms = now_ms;
	sighting->cause = finding->cause;
	error_copy_text(sighting->sentence, sizeof(sighting->sentence), finding->sentence);
	error_copy_text(sighting->next, sizeof(sighting->next), finding->next);
	return sighting;
}

static bool
has_quorum(const struct follow *follow, const struct follow_signal *signal, const struct finding *finding,
           const struct rollout_view *view)
{
	if (signal->quorum == QUORUM_EVERY_POD && !finding->is_on_every_pod)
		return false;
	if (signal->quorum == QUORUM_NO_POD && object_int(view->replica_set, "status.replicas") > 0)
		return false;
	return finding->least_restarts >= restarts_needed(follow, signal) && finding->n_pods >= signal->least_count;
}

static bool
needs_surge(const json_t *deployment)
{
	const json_t *most = json_at(deployment, "spec.strategy.rollingUpdate.maxUnavailable");
	const char *text = json_string_value(most);
	return text ? text[0] == '0' && (!text[1] || text[1] == '%') : json_is_integer(most) && !json_integer_value(most);
}

static int64_t
patience_ms(const struct follow_signal *signal, const struct rollout_objects *objects,
            const struct finding *finding, const struct rollout_view *view)
{
	bool is_hasty = false;
	if (signal->haste == HASTE_NO_SURGE_POD)
		is_hasty = needs_surge(objects->deployment) && !object_int(view->replica_set, "status.replicas");
	if (signal->haste == HASTE_SCALE_UP_REFUSED)
		is_hasty = has_pod_event(objects, finding, "NotTriggerScaleUp");
	return is_hasty ? signal->haste_after_ms : signal->act_after_ms;
}

static bool
is_fatal(const struct follow *follow, const struct follow_signal *signal, const struct sighting *sighting,
         const struct rollout_objects *objects, const struct finding *finding, const struct rollout_view *view)
{
	int64_t since_ms = sighting->first_ms, wait_ms = patience_ms(signal, objects, finding, view);
	if (finding->cause->class == CAUSE_CHANCE && follow->progress_ms > since_ms)
		since_ms = follow->progress_ms;
	/* The disk may only be free when the old pod has gone. */
	if (signal->number == 42 && follow->now.progress.old > 0)
		return false;
	return signal->action == FOLLOW_FAIL && wait_ms >= 0 && has_quorum(follow, signal, finding, view) &&
	       follow->now.now_ms - since_ms >= wait_ms;
}

static bool
is_worth_telling(const struct follow *follow, const struct follow_signal *signal,
                 const struct sighting *sighting, const struct finding *finding)
{
	if (signal->number == 27 && finding->most_restarts < 1)
		return false;
	return signal->warn_after_ms >= 0 && finding->n_pods >= signal->least_count &&
	       follow->now.now_ms - sighting->first_ms >= signal->warn_after_ms;
}

void
doom_set(struct doom *doom, enum error_code error, const char *key, const char *reason, const char *next)
{
	if (doom->is_set)
		return;
	*doom = (struct doom){.is_set = true, .error = error};
	error_copy_text(doom->key, sizeof(doom->key), key);
	error_copy_text(doom->reason, sizeof(doom->reason), reason);
	error_copy_text(doom->next, sizeof(doom->next), next);
}

/* Once a run: the log that was read too early is read again after the next restart. */
static bool
needs_log(struct follow *follow, const struct finding *finding, const char *key)
{
	const json_t *had = json_object_get(follow->log_restarts, key);
	if (!finding->has_ended || (json_object_get(follow->logs, key) && json_integer_value(had) >= finding->most_restarts))
		return false;
	json_object_set_new(follow->log_wishes, key, json_integer(finding->most_restarts));
	return true;
}

static void
wish_for(struct follow *follow, const struct finding *finding)
{
	struct deployment *now = &follow->now;
	const char *key = arena_printf(follow_scratch(follow), "%s/%s", finding->pod, finding->container);
	if (now->n_logs < array_length(now->logs) && needs_log(follow, finding, key)) {
		now->logs[now->n_logs++] = (struct follow_log_wish){finding->pod, finding->container};
		now->wants |= WANTS_LOGS;
	}
	for (const char *kind = finding->cause->object_kind; kind && *finding->object; kind = strchr(kind, '|')) {
		kind += *kind == '|';
		if (now->n_missing < array_length(now->missing))
			now->missing[now->n_missing++] = (struct follow_reference){
				arena_strndup(follow_scratch(follow), kind, strcspn(kind, "|")), finding->object};
	}
}

void
follow_judge_findings(struct follow *follow, const struct rollout_objects *objects,
                 const struct rollout_view *view, struct doom *doom)
{
	struct findings all = diagnose(objects, follow_scratch(follow));
	struct findings *told = &follow->now.findings;
	told->items = arena_array(follow_scratch(follow), struct finding, all.count + 1);
	for (size_t i = 0; i < all.count; i++) {
		struct finding *finding = &all.items[i];
		const struct follow_signal *signal = signal_of(follow, objects, finding);
		struct sighting *sighting = sighting_of(follow, finding);
		if (is_worth_telling(follow, signal, sighting, finding)) {
			told->items[told->count++] = *finding;
			wish_for(follow, finding);
		}
		if (is_fatal(follow, signal, sighting, objects, finding, view))
			doom_set(doom, signal->error, finding->key, finding->sentence, finding->next);
	}
}

const struct sighting *
follow_worst(const struct follow *follow)
{
	const struct sighting *worst = NULL;
	for (size_t i = 0; i < follow->n_sightings; i++) {
		const struct sighting *sighting = &follow->sightings[i];
		bool is_present = sighting->last_ms == follow->now.now_ms;
		bool worst_is_present = worst && worst->last_ms == follow->now.now_ms;
		if (sighting->cause->severity != SEVERITY_NOTE &&
		    (!worst || (is_present && !worst_is_present) ||
		     (is_present == worst_is_present && sighting->cause < worst->cause)))
			worst = sighting;
	}
	return worst;
}
