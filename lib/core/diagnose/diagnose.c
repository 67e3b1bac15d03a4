#include "core/diagnose/diagnose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/diagnose/evidence.h"
#include "core/diagnose/object.h"
#include "core/diagnose/symptom.h"

enum { FINDINGS_MAX = 64 };

/* ---- the current revision ---- */

struct rollout_view
rollout_look(const struct rollout_objects *objects)
{
	struct rollout_view view = {0};
	const json_t *deployment = objects->deployment, *set, *pod;
	const char *uid, *revision = object_annotation(deployment, "deployment.kubernetes.io/revision");
	view.is_observed = deployment && object_int(deployment, "status.observedGeneration") >=
	                                         object_int(deployment, "metadata.generation");
	if (!view.is_observed || !revision)
		return view;
	json_object_foreach((json_t *)(uintptr_t)objects->replica_sets, uid, set) {
		const char *its = object_annotation(set, "deployment.kubernetes.io/revision");
		if (object_is_controlled_by(set, object_uid(deployment)) && its && !strcmp(its, revision))
			view.replica_set = set;
	}
	json_object_foreach((json_t *)(uintptr_t)objects->pods, uid, pod)
		view.n_live += rollout_has_pod(&view, pod);
	return view;
}

bool
rollout_has_pod(const struct rollout_view *view, const json_t *pod)
{
	return view->replica_set && object_is_controlled_by(pod, object_uid(view->replica_set)) &&
	       !object_is_leaving(pod) && !words_have("Failed|Succeeded", object_word(pod, "status.phase"));
}

/* ---- from symptom to cause ---- */

static bool
exit_matches(const char *exits, int64_t code)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)code);
	return words_have(exits, text);
}

static const struct cause *
cause_of(const struct symptom *symptom)
{
	for (size_t i = 0; i < n_cause_table; i++) {
		const struct cause *cause = &cause_table[i];
		if (cause->place == symptom->place &&
		    (!cause->reasons || words_have(cause->reasons, symptom->reason)) &&
		    (!cause->texts || text_has_any(symptom->message, cause->texts)) &&
		    (!cause->exits || exit_matches(cause->exits, symptom->exit_code)))
			return cause;
	}
	return NULL;
}

/* Of one pod's symptoms on one container only the worst counts; whatever concerns the whole pod
 * hides its containers. */
static bool
is_hidden(const struct symptoms *symptoms, const struct cause *const *causes, size_t mine)
{
	const struct symptom *symptom = &symptoms->items[mine];
	for (size_t i = 0; i < symptoms->count; i++) {
		const struct symptom *other = &symptoms->items[i];
		if (i == mine || !causes[i] || other->pod != symptom->pod)
			continue;
		bool is_related = !strcmp(other->container, symptom->container) || !*other->container;
		if (is_related && (causes[i] < causes[mine] || (i < mine && causes[i] == causes[mine])))
			return true;
	}
	return false;
}

/* A name that was looked up again and does exist is no cause any more. */
static bool
is_refuted(const struct rollout_objects *objects, const struct cause *cause, const char *object,
           struct arena *arena)
{
	for (const char *kind = cause->object_kind; kind && *object; kind = strchr(kind, '|')) {
		kind += *kind == '|';
		const char *key = arena_printf(arena, "%.*s/%s", (int)strcspn(kind, "|"), kind, object);
		if (json_is_true(json_object_get(objects->present, key)))
			return true;
	}
	return false;
}

/* ---- grouping: one finding a problem, not one a pod ---- */

struct group {
	struct finding finding;
	const struct symptom *shown; /* of the pod that the finding names: the first by name */
};

static struct group *
group_of(struct group *groups, size_t *n, const struct cause *cause, const struct symptom *symptom,
         struct arena *arena)
{
	const char *key = arena_printf(arena, "%s/%s", cause->code, symptom->container);
	for (size_t i = 0; i < *n; i++)
		if (!strcmp(groups[i].finding.key, key))
			return &groups[i];
	if (*n == FINDINGS_MAX)
		return NULL;
	groups[*n] = (struct group){.finding = {.cause = cause, .key = key, .least_restarts = INT64_MAX}};
	return &groups[(*n)++];
}

static void
group_add(struct group *group, const struct rollout_view *view, const struct symptom *symptom)
{
	struct finding *finding = &group->finding;
	const char *node = object_word(symptom->pod, "spec.nodeName");
	bool is_first = !group->shown || strcmp(symptom->where, group->shown->where) < 0;
	if (symptom->pod)
		finding->n_pods++;
	if (!group->shown)
		finding->only_node = node;
	else if (finding->only_node && strcmp(finding->only_node, node))
		finding->only_node = NULL;
	if (is_first)
		group->shown = symptom;
	if (symptom->restarts < finding->least_restarts)
		finding->least_restarts = symptom->restarts;
	if (symptom->restarts > finding->most_restarts)
		finding->most_restarts = symptom->restarts;
	if (symptom->patient_until_ms > finding->patient_until_ms)
		finding->patient_until_ms = symptom->patient_until_ms;
	finding->count += symptom->count;
	finding->has_ended |= symptom->exit_code >= 0;
	finding->n_live = view->n_live;
}

static bool
runs_elsewhere(const struct rollout_objects *objects, const struct rollout_view *view, const char *node)
{
	const json_t *pod;
	const char *uid;
	json_object_foreach((json_t *)(uintptr_t)objects->pods, uid, pod)
		if (rollout_has_pod(view, pod) && strcmp(object_word(pod, "spec.nodeName"), node))
			return true;
	return false;
}

static void
group_finish(struct group *group, const struct rollout_objects *objects,
             const struct rollout_view *view, struct arena *arena)
{
	struct finding *finding = &group->finding;
	finding->is_on_every_pod = finding->n_pods >= finding->n_live;
	if (finding->n_pods < 2 || !finding->only_node || !*finding->only_node ||
	    !runs_elsewhere(objects, view, finding->only_node))
		finding->only_node = NULL;
	finding_describe(finding, group->shown, objects, arena);
}

static int
compare_findings(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;
	if (left->cause != right->cause)
		return left->cause < right->cause ? -1 : 1;
	return strcmp(left->key, right->key);
}

struct findings
diagnose(const struct rollout_objects *objects, struct arena *arena)
{
	struct rollout_view view = rollout_look(objects);
	struct symptoms symptoms = {.arena = arena};
	symptoms_collect(objects, &view, &symptoms);

	const struct cause **causes = arena_array(arena, const struct cause *, symptoms.count + 1);
	for (size_t i = 0; i < symptoms.count; i++) {
		struct symptom *symptom = &symptoms.items[i];
		causes[i] = cause_of(symptom);
		if (causes[i] && !*symptom->object)
			symptom->object = symptom_object(symptom, causes[i], arena);
		if (causes[i] && is_refuted(objects, causes[i], symptom->object, arena))
			causes[i] = NULL;
	}
	struct group *groups = arena_array(arena, struct group, FINDINGS_MAX);
	size_t n = 0;
	for (size_t i = 0; i < symptoms.count; i++) {
		struct group *group = causes[i] && !is_hidden(&symptoms, causes, i)
		                              ? group_of(groups, &n, causes[i], &symptoms.items[i], arena)
		                              : NULL;
		if (group)
			group_add(group, &view, &symptoms.items[i]);
	}
	struct findings findings = {arena_array(arena, struct finding, n + 1), n};
	for (size_t i = 0; i < n; i++) {
		group_finish(&groups[i], objects, &view, arena);
		findings.items[i] = groups[i].finding;
	}
	qsort(findings.items, n, sizeof(*findings.items), compare_findings);
	return findings;
}
