#include "core/deploy/follow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

/* A cluster told in words: every object is written anew with the next version. */
struct world {
	struct follow *follow;
	int64_t now_ms, start_ms;
	int version;
	bool never_rereads;
};

static struct world world;
static const char start_text[] = "2026-11-24T10:00:00Z";

static int
set_up(void **state)
{
	(void)state;
	int64_t start_ms = clock_parse_ms(start_text);
	world = (struct world){.now_ms = start_ms, .start_ms = start_ms, .version = 10};
	world.follow = follow_new(&(struct follow_plan){.name = "shop", .deployment_id = "new", .previous_id = "old",
	                                               .system = "kubernetes test", .image_is_resolved = true,
	                                               .started_ms = start_ms, .settle_ms = -1});
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	follow_free(world.follow);
	return 0;
}

static void
restart(const struct follow_plan *plan)
{
	follow_free(world.follow);
	world.follow = follow_new(plan);
}

/* ' for ", $V the next version, $T the present time. */
static void
see(enum observed kind, const char *text)
{
	char json[8192], now[CLOCK_TEXT_BYTES];
	size_t n = 0;
	clock_format(world.now_ms, now);
	for (; *text && n < sizeof(json) - 64; text++)
		if (*text == '\'')
			json[n++] = '"';
		else if (!strncmp(text, "$V", 2))
			n += (size_t)sprintf(json + n, "%d", ++world.version), text++;
		else if (!strncmp(text, "$T", 2))
			n += (size_t)sprintf(json + n, "%s", now), text++;
		else
			json[n++] = *text;
	json[n] = 0;
	json_error_t error;
	json_t *object = json_loads(json, 0, &error);
	if (!object)
		fail_msg("%s in %s", error.text, json);
	follow_object(world.follow, kind, object);
	json_decref(object);
}

static const struct deployment *
now(void)
{
	return follow_deployment(world.follow);
}

/* A second at a time; gives the fold what it asks for, as the watcher does. */
static void
pass(int seconds)
{
	for (int i = 0; i <= seconds && now()->outcome == OUTCOME_NONE; i++) {
		if (i)
			world.now_ms += 1000;
		follow_tick(world.follow, world.now_ms);
		const struct deployment *it = now();
		for (size_t log = 0; log < it->n_logs; log++)
			follow_log(world.follow, it->logs[log].pod, it->logs[log].container, "last words\n");
		if (it->wants & WANTS_REREAD && !world.never_rereads) {
			follow_reread(world.follow, world.now_ms);
			follow_tick(world.follow, world.now_ms);
		}
	}
}

/* ---- the usual objects ---- */

#define TEMPLATE_OF(id, probe) \
	"'template': {'metadata': {'labels': {'fiaas/deployment_id': '" id "'}}, 'spec': {'containers': " \
	"[{'name': 'shop', 'image': 'r/shop:2'" probe "}]}}"
#define PROBE ", 'readinessProbe': {'httpGet': {'path': '/', 'port': 'http'}}"
#define DEPLOYMENT_OF(id, probe, extra, status) \
	"{'metadata': {'name': 'shop', 'uid': 'd', 'resourceVersion': '$V', 'generation': 2, 'annotations': " \
	"{'deployment.kubernetes.io/revision': '2'}}, 'spec': {'replicas': 2, 'strategy': {'rollingUpdate': " \
	"{'maxUnavailable': 0}}, " extra TEMPLATE_OF(id, probe) "}, 'status': {'observedGeneration': 2, " status "}}"
#define DEPLOYMENT(status) DEPLOYMENT_OF("new", PROBE, "", status)
#define MOVING "'replicas': 3, 'updatedReplicas': 1, 'availableReplicas': 2"
#define COMPLETE "'replicas': 2, 'updatedReplicas': 2, 'availableReplicas': 2"
#define SET_OF(status) \
	"{'metadata': {'name': 'shop-2', 'uid': 'rs', 'resourceVersion': '$V', 'annotations': " \
	"{'deployment.kubernetes.io/revision': '2'}, 'ownerReferences': [{'uid': 'd', 'controller': true}]}, " \
	"'spec': {'replicas': 2}, 'status': {" status "}}"
#define POD_OF(name, node, spec, status) \
	"{'metadata': {'name': '" name "', 'uid': '" name "', 'resourceVersion': '$V', 'creationTimestamp': '$T', " \
	"'ownerReferences': [{'uid': 'rs', 'controller': true}]}, 'spec': {" node "'containers': [{'name': 'shop', " \
	"'image': 'r/shop:2'" PROBE "}]" spec "}, 'status': {" status "}}"
#define POD(status) POD_OF("shop-2-a", "'nodeName': 'n1', ", "", status)
#define WAITING(reason, message) \
	"'phase': 'Pending', 'containerStatuses': [{'name': 'shop', 'ready': false, 'restartCount': 0, 'state': " \
	"{'waiting': {'reason': '" reason "', 'message': '" message "'}}}]"
#define CRASHED(reason, exit, restarts) \
	"'phase': 'Running', 'containerStatuses': [{'name': 'shop', 'ready': false, 'restartCount': " restarts ", " \
	"'state': {'waiting': {'reason': 'CrashLoopBackOff'}}, 'lastState': {'terminated': {'reason': '" reason "', " \
	"'exitCode': " exit ", 'finishedAt': '$T'}}}]"
#define INIT_CRASHED(restarts) \
	"'phase': 'Pending', 'initContainerStatuses': [{'name': 'migrate', 'ready': false, 'restartCount': " restarts \
	", 'state': {'waiting': {'reason': 'CrashLoopBackOff'}}, 'lastState': {'terminated': {'reason': 'Error', " \
	"'exitCode': 1, 'finishedAt': '$T'}}}]"
#define RUNNING(ready, restarts) \
	"'phase': 'Running', 'conditions': [{'type': 'Ready', 'status': 'True', 'lastTransitionTime': '$T'}], " \
	"'containerStatuses': [{'name': 'shop', 'ready': " ready ", 'started': true, 'restartCount': " restarts \
	", 'state': {'running': {'startedAt': '$T'}}}]"
#define UNPLACED(message) \
	"'phase': 'Pending', 'conditions': [{'type': 'PodScheduled', 'status': 'False', 'reason': 'Unschedulable', " \
	"'message': '" message "'}]"
#define REFUSED(replicas, message) \
	"'replicas': " replicas ", 'conditions': [{'type': 'ReplicaFailure', 'status': 'True', 'reason': " \
	"'FailedCreate', 'message': '" message "'}]"
#define EVENT(uid, reason, path, message) \
	"{'metadata': {'uid': 'e" reason "'}, 'reason': '" reason "', 'message': '" message "', 'lastTimestamp': '$T'," \
	" 'involvedObject': {'uid': '" uid "', 'fieldPath': '" path "'}}"
#define STATUS_OF(id, result, log) \
	"{'metadata': {'name': 'shop-" id "', 'uid': 's" id "', 'resourceVersion': '$V', 'creationTimestamp': '$T', " \
	"'labels': {'app': 'shop', 'fiaas/deployment_id': '" id "'}}, 'result': '" result "', 'logs': [" log "]}"
#define APPLICATION(id) \
	"{'metadata': {'name': 'shop', 'uid': 'a', 'resourceVersion': '$V', 'labels': {'fiaas/deployment_id': '" id "'}}}"
#define LINE(text) "'[2024-01-31 12:00:00,123|  ERROR] " text " [fdd|worker|demo/shop]'"

/* ---- the verdict table: a test a cell ---- */

static const char *const status_words[OPERATOR_WORDS] = {
	[OPERATOR_INITIATED] = STATUS_OF("new", "INITIATED", ""),
	[OPERATOR_RUNNING] = STATUS_OF("new", "RUNNING", ""),
	[OPERATOR_SUCCESS] = STATUS_OF("new", "SUCCESS", ""),
	[OPERATOR_REFUSED] = STATUS_OF("new", "FAILED", LINE("Invalid config: no ports")),
	[OPERATOR_TIMED_OUT] = STATUS_OF("new", "FAILED", LINE("Timed out after 100 seconds waiting for shop to become ready")),
	[OPERATOR_FAILED] = STATUS_OF("new", "FAILED", LINE("cannot make the ingress")),
};

static void
show_rollout(enum rollout_word rollout)
{
	if (rollout == ROLLOUT_OLD) {
		see(OBSERVED_DEPLOYMENT, DEPLOYMENT_OF("old", PROBE, "", COMPLETE));
		return;
	}
	see(OBSERVED_REPLICA_SET, SET_OF("'replicas': 1"));
	see(OBSERVED_DEPLOYMENT, rollout == ROLLOUT_COMPLETE ? DEPLOYMENT(COMPLETE)
	                         : rollout == ROLLOUT_PAUSED
	                                 ? DEPLOYMENT_OF("new", PROBE, "'paused': true, ", MOVING)
	                                 : DEPLOYMENT(MOVING));
	if (rollout == ROLLOUT_DOOMED)
		see(OBSERVED_POD, POD(WAITING("InvalidImageName", "x")));
}

static void
check_cell(const struct verdict *cell)
{
	static const enum follow_outcome outcomes[] = {OUTCOME_NONE, OUTCOME_FAILED, OUTCOME_SUCCEEDED, OUTCOME_STOPPED};
	int warn = cell->warn_after_ms < 0 ? -1 : (int)cell->warn_after_ms / 1000;
	int act = cell->action == FOLLOW_WAIT || cell->act_after_ms < 0 ? 500 : (int)cell->act_after_ms / 1000;
	if (cell->operator == OPERATOR_DIRECT)
		restart(&(struct follow_plan){.name = "shop", .deployment_id = "new", .previous_id = "old", .is_direct = true,
		                              .system = "kubernetes test", .image_is_resolved = true,
		                              .started_ms = world.start_ms, .settle_ms = -1});
	if (status_words[cell->operator])
		see(OBSERVED_STATUS, status_words[cell->operator]);
	show_rollout(cell->rollout);
	if (cell->rollout == ROLLOUT_GONE) {
		pass(0);
		struct rollout_objects objects = follow_objects(world.follow);
		follow_gone(world.follow, OBSERVED_DEPLOYMENT, objects.deployment);
	}
	if (act > 0) {
		pass(act - 1);
		assert_int_equal(now()->outcome, OUTCOME_NONE);
		assert_int_equal(now()->operator, cell->operator);
		assert_int_equal(now()->rollout, cell->rollout);
		if (warn >= 0 && warn < act)
			assert_non_null(strstr(now()->notes[now()->n_notes - 1], cell->sentence));
	}
	pass(1);
	assert_int_equal(now()->outcome, outcomes[cell->action]);
	if (cell->action != FOLLOW_WAIT)
		assert_int_equal(now()->error, cell->error);
}

/* covers: verdict-1 verdict-2 verdict-3 verdict-4 verdict-5 verdict-6 verdict-7 verdict-8 verdict-9 verdict-10 signal-3 signal-4 signal-6 signal-8 */
static void
test_follow__every_cell_of_the_verdict_table(void **state)
{
	for (size_t i = 0; i < n_verdict_table; i++) {
		tear_down(state);
		set_up(state);
		print_message("operator %s, rollout %s\n", operator_word_name(verdict_table[i].operator),
		              rollout_word_name(verdict_table[i].rollout));
		check_cell(&verdict_table[i]);
	}
}

/* Without the operator the Deployment alone tells of a newer deployment. */
static void
test_follow__direct_is_superseded_by_another_id(void **state)
{
	(void)state;
	restart(&(struct follow_plan){.name = "shop", .deployment_id = "new", .previous_id = "old", .is_direct = true,
	                              .system = "kubernetes test", .started_ms = world.start_ms, .settle_ms = -1});
	see(OBSERVED_REPLICA_SET, SET_OF("'replicas': 1"));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(MOVING));
	pass(1);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT_OF("newer", PROBE, "", MOVING));
	pass(1);
	assert_int_equal(now()->outcome, OUTCOME_STOPPED);
	assert_int_equal(now()->error, ERROR_SUPERSEDED);
	assert_non_null(strstr(now()->reason, "superseded by deployment newer"));
}

static void
test_follow__the_table_has_every_cell(void **state)
{
	(void)state;
	for (int operator= 0; operator< OPERATOR_WORDS; operator++)
		for (int rollout = 0; rollout < ROLLOUT_WORDS; rollout++) {
			const struct verdict *cell = verdict_find(operator, rollout);
			assert_int_equal(cell->rollout, rollout);
			if (operator!= OPERATOR_REFUSED)
				assert_int_equal(cell->operator, operator);
		}
}

/* ---- signals: a test a row ---- */

static const struct row {
	unsigned signal;
	const char *code; /* of the finding that is told; NULL = none */
	int act;          /* seconds after which it fails; -1 = not before the deadline */
	const char *set, *pod, *event;
} rows[] = {
	{13, "pod-security", 10, SET_OF(REFUSED("0", "violates PodSecurity")), NULL, NULL},
	{13, "pod-security", -1, SET_OF(REFUSED("1", "violates PodSecurity")), NULL, NULL},
	{14, "quota-exceeded", 20, SET_OF(REFUSED("0", "exceeded quota: q, requested")), NULL, NULL},
	{14, "quota-exceeded", 60, SET_OF(REFUSED("1", "exceeded quota: q, requested")), NULL, NULL},
	{15, "webhook-unreachable", 120, SET_OF(REFUSED("0", "failed calling webhook")), NULL, NULL},
	{16, "service-account-missing", 30, SET_OF(REFUSED("0", "error looking up service account")), NULL, NULL},
	{16, "config-reference-missing", 30, NULL, POD(WAITING("CreateContainerConfigError", "configmap x not found")), NULL},
	{17, NULL, -1, NULL, POD(WAITING("CreateContainerConfigError", "failed to sync configmap cache")), NULL},
	{18, "image-name-invalid", 0, NULL, POD(WAITING("InvalidImageName", "")), NULL},
	{18, "image-pull-refused", 0, NULL, POD(WAITING("ErrImageNeverPull", "")), NULL},
	{18, "run-as-root-refused", 0, NULL, POD(WAITING("CreateContainerConfigError", "runAsNonRoot")), NULL},
	{20, "image-not-found", 90, NULL, POD(WAITING("ErrImagePull", "not found")), NULL},
	{21, "image-pull-denied", 60, NULL, POD(WAITING("ErrImagePull", "unauthorized")), NULL},
	{22, "image-pull-trouble", -1, NULL, POD(WAITING("ErrImagePull", "i/o timeout")), NULL},
	{24, "image-wrong-platform", 0, NULL, POD(WAITING("ErrImagePull", "no match for platform")), NULL},
	{25, "command-not-found", 0, NULL, POD(CRASHED("Error", "127", "1")), NULL},
	{26, "container-start-failed", -1, NULL, POD(CRASHED("StartError", "128", "2")), NULL},
	{26, "container-start-failed", 0, NULL, POD(CRASHED("StartError", "128", "3")), NULL},
	{27, "container-crashes", -1, NULL, POD(CRASHED("Error", "1", "2")), NULL},
	{28, "container-crashes", 0, NULL, POD(CRASHED("Error", "1", "3")), NULL},
	{30, "container-finishes", -1, NULL, POD(CRASHED("Completed", "0", "1")), NULL},
	{30, "container-finishes", 0, NULL, POD(CRASHED("Completed", "0", "2")), NULL},
	{31, "out-of-memory", -1, NULL, POD(CRASHED("OOMKilled", "137", "1")), NULL},
	{31, "out-of-memory", 0, NULL, POD(CRASHED("OOMKilled", "137", "2")), NULL},
	{32, "liveness-failing", 0, NULL, POD(CRASHED("Error", "137", "3")),
	 EVENT("shop-2-a", "Killing", "spec.containers{shop}", "failed liveness probe")},
	{32, "startup-failing", -1, NULL, POD(CRASHED("Error", "137", "2")),
	 EVENT("shop-2-a", "Killing", "spec.containers{shop}", "failed startup probe")},
	{35, "init-container-fails", -1, NULL, POD(INIT_CRASHED("2")), NULL},
	{35, "init-container-fails", 0, NULL, POD(INIT_CRASHED("3")), NULL},
	{37, "insufficient-resources", -1, NULL, POD_OF("shop-2-a", "", "", UNPLACED("Insufficient cpu")),
	 EVENT("shop-2-a", "TriggeredScaleUp", "", "")},
	{38, "taint-untolerated", 120, NULL, POD_OF("shop-2-a", "", "", UNPLACED("untolerated taint {a: b}")), NULL},
	{39, "insufficient-resources", 300, NULL, POD_OF("shop-2-a", "", "", UNPLACED("Insufficient cpu")), NULL},
	{39, "insufficient-resources", 60, NULL, POD_OF("shop-2-a", "", "", UNPLACED("Insufficient cpu")),
	 EVENT("shop-2-a", "NotTriggerScaleUp", "", "")},
	{41, "volume-claim-unready", 30, NULL, POD_OF("shop-2-a", "", "", UNPLACED("persistentvolumeclaim \\'x\\' not found")),
	 NULL},
	{42, "volume-attach-failed", -1, NULL, POD(WAITING("ContainerCreating", "")),
	 EVENT("shop-2-a", "FailedAttachVolume", "", "Multi-Attach error")},
	{43, "sandbox-failed", -1, NULL, POD(WAITING("ContainerCreating", "")),
	 EVENT("shop-2-a", "FailedCreatePodSandBox", "", "no addresses")},
	{44, NULL, -1, NULL, POD("'phase': 'Failed', 'reason': 'Evicted', 'message': 'low on memory'"), NULL},
	{46, "scheduling-gated", -1, NULL,
	 POD_OF("shop-2-a", "", ", 'schedulingGates': [{'name': 'g'}]",
	        "'phase': 'Pending', 'conditions': [{'type': 'PodScheduled', 'status': 'False', 'reason': "
	        "'SchedulingGated'}]"), NULL},
	{45, "readiness-gate-closed", -1, NULL,
	 POD_OF("shop-2-a", "'nodeName': 'n1', ", ", 'readinessGates': [{'conditionType': 'lb'}]",
	        "'phase': 'Running', 'conditions': [{'type': 'ContainersReady', 'status': 'True'}, {'type': 'Ready', "
	        "'status': 'False', 'reason': 'ReadinessGatesNotReady', 'message': 'not registered'}]"), NULL},
	{53, "admission-refused", -1, SET_OF(REFUSED("0", "something new")), NULL, NULL},
};

static void
check_row(const struct row *row)
{
	see(OBSERVED_STATUS, STATUS_OF("new", "RUNNING", ""));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(MOVING));
	see(OBSERVED_REPLICA_SET, row->set ? row->set : SET_OF("'replicas': 2"));
	if (row->pod)
		see(OBSERVED_POD, row->pod);
	if (row->event)
		see(OBSERVED_EVENT, row->event);
	pass(row->act > 0 ? row->act - 1 : 0);
	assert_int_equal(now()->outcome, row->act ? OUTCOME_NONE : OUTCOME_FAILED);
	if (row->code) {
		assert_int_equal(now()->findings.count, 1);
		assert_string_equal(now()->findings.items[0].cause->code, row->code);
	} else {
		assert_int_equal(now()->findings.count, 0);
	}
	pass(row->act < 0 ? 620 : 1);
	assert_int_equal(now()->outcome, row->act < 0 ? OUTCOME_NONE : OUTCOME_FAILED);
	pass(30);
	if (row->act < 0) {
		assert_int_equal(now()->outcome, OUTCOME_TIMED_OUT);
		assert_int_equal(now()->error, ERROR_TIMED_OUT);
	}
}

/* covers: signal-13 signal-14 signal-15 signal-16 signal-17 signal-18 signal-20 signal-21 signal-22 signal-24 signal-25 signal-26 signal-27 signal-28 */
/* covers: signal-30 signal-31 signal-32 signal-35 signal-37 signal-38 signal-39 signal-41 signal-42 signal-43 signal-44 signal-45 signal-46 signal-53 */
static void
test_follow__every_signal_is_borne_as_long_as_its_row_says(void **state)
{
	for (size_t i = 0; i < array_length(rows); i++) {
		tear_down(state);
		set_up(state);
		print_message("signal %u: %s\n", rows[i].signal, rows[i].code ? rows[i].code : "silent");
		check_row(&rows[i]);
	}
}

static void
roll(const char *pod)
{
	see(OBSERVED_STATUS, STATUS_OF("new", "RUNNING", ""));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(MOVING));
	see(OBSERVED_REPLICA_SET, SET_OF("'replicas': 2"));
	if (pod)
		see(OBSERVED_POD, pod);
}

/* covers: signal-1 */
static void
test_follow__signal_1_a_controller_that_does_not_look(void **state)
{
	(void)state;
	see(OBSERVED_DEPLOYMENT, "{'metadata': {'name': 'shop', 'uid': 'd', 'resourceVersion': '$V', 'generation': 3}, "
	                         "'spec': {" TEMPLATE_OF("new", PROBE) "}, 'status': {'observedGeneration': 2}}");
	pass(119);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	assert_int_equal(now()->n_notes, 1);
	pass(1);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
	assert_int_equal(now()->error, ERROR_OPERATOR_SILENT);
}

/* covers: signal-5 */
static void
test_follow__signal_5_scaled_to_zero_is_done_and_said(void **state)
{
	(void)state;
	see(OBSERVED_STATUS, STATUS_OF("new", "SUCCESS", ""));
	see(OBSERVED_DEPLOYMENT, "{'metadata': {'name': 'shop', 'uid': 'd', 'generation': 1}, 'spec': {'replicas': 0, " TEMPLATE_OF(
	                                 "new", "") "}, 'status': {'observedGeneration': 1}}");
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_SUCCEEDED);
	assert_non_null(strstr(now()->notes[0], "zero"));
}

/* covers: signal-7 verdict-11 */
static void
test_follow__signal_7_superseded(void **state)
{
	(void)state;
	see(OBSERVED_APPLICATION, APPLICATION("new"));
	roll(NULL);
	pass(2);
	see(OBSERVED_APPLICATION, APPLICATION("newer"));
	pass(0);
	assert_int_equal(now()->error, ERROR_SUPERSEDED);
	assert_non_null(strstr(now()->reason, "newer"));
}

static void
test_follow__signal_7_a_newer_status_or_deployment_supersedes(void **state)
{
	roll(NULL);
	pass(2);
	see(OBSERVED_STATUS, STATUS_OF("newer", "INITIATED", ""));
	pass(0);
	assert_int_equal(now()->error, ERROR_SUPERSEDED);
	tear_down(state);
	set_up(state);
	roll(NULL);
	pass(2);
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT_OF("newer", PROBE, "", MOVING));
	pass(0);
	assert_int_equal(now()->error, ERROR_SUPERSEDED);
}

/* covers: verdict-12 */
static void
test_follow__an_application_that_is_deleted_fails(void **state)
{
	(void)state;
	json_t *application = json_pack("{s:{s:s, s:s}}", "metadata", "name", "shop", "uid", "a");
	follow_object(world.follow, OBSERVED_APPLICATION, application);
	pass(0);
	follow_gone(world.follow, OBSERVED_APPLICATION, application);
	json_decref(application);
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
}

#define PAST_DEADLINE(time) \
	MOVING ", 'conditions': [{'type': 'Progressing', 'reason': 'ProgressDeadlineExceeded', 'lastUpdateTime': '" time "'}]"

/* covers: signal-10 */
static void
test_follow__signal_10_the_deadline_of_this_rollout_fails_it(void **state)
{
	(void)state;
	roll(NULL);
	pass(5);
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(PAST_DEADLINE("$T")));
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
}

/* covers: signal-11 */
static void
test_follow__signal_11_an_older_deadline_is_stale_until_it_stays(void **state)
{
	(void)state;
	see(OBSERVED_STATUS, STATUS_OF("new", "RUNNING", ""));
	see(OBSERVED_REPLICA_SET, SET_OF(""));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(PAST_DEADLINE("2026-11-24T09:00:00Z")));
	pass(10);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(PAST_DEADLINE("2026-11-24T09:00:00Z")));
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
}

/* covers: signal-12 */
static void
test_follow__signal_12_without_deadline_our_own_limit_decides(void **state)
{
	(void)state;
	see(OBSERVED_REPLICA_SET, SET_OF(""));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT_OF("new", PROBE, "'progressDeadlineSeconds': 2147483647, ", MOVING));
	pass(1799);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	pass(1);
	assert_int_equal(now()->outcome, OUTCOME_TIMED_OUT);
}

/* covers: signal-19 */
static void
test_follow__signal_19_without_our_own_digest_the_registry_is_believed(void **state)
{
	(void)state;
	restart(&(struct follow_plan){.name = "shop", .deployment_id = "new", .started_ms = world.start_ms, .settle_ms = -1});
	roll(POD(WAITING("ErrImagePull", "not found")));
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
}

/* covers: signal-23 */
static void
test_follow__signal_23_back_off_keeps_the_last_telling_message(void **state)
{
	(void)state;
	roll(POD(WAITING("ErrImagePull", "unauthorized")));
	pass(5);
	see(OBSERVED_POD, POD(WAITING("ImagePullBackOff", "Back-off pulling image x")));
	pass(0);
	assert_string_equal(now()->findings.items[0].cause->code, "image-pull-denied");
}

/* covers: signal-29 */
static void
test_follow__signal_29_a_crash_loop_on_some_pods_waits(void **state)
{
	(void)state;
	roll(POD(CRASHED("Error", "1", "5")));
	see(OBSERVED_POD, POD_OF("shop-2-b", "'nodeName': 'n2', ", "", RUNNING("true", "0")));
	pass(60);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	assert_int_equal(now()->findings.count, 1);
}

/* covers: signal-33 signal-34 */
static void
test_follow__signals_33_and_34_a_probe_has_its_window(void **state)
{
	(void)state;
	roll(POD(RUNNING("false", "0")));
	see(OBSERVED_EVENT, EVENT("shop-2-a", "Unhealthy", "spec.containers{shop}", "Readiness probe failed: 503"));
	pass(26);
	assert_int_equal(now()->findings.count, 0);
	pass(1);
	assert_int_equal(now()->findings.count, 1);
	assert_string_equal(now()->findings.items[0].cause->code, "readiness-failing");
}

/* covers: signal-42 */
static void
test_follow__signal_42_a_disk_held_by_nobody_fails(void **state)
{
	(void)state;
	roll(POD(WAITING("ContainerCreating", "")));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT("'replicas': 1, 'updatedReplicas': 1"));
	see(OBSERVED_EVENT, EVENT("shop-2-a", "FailedMount", "", "timed out waiting for the condition"));
	pass(179);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	pass(1);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
}

/* covers: signal-44 */
static void
test_follow__signal_44_three_evictions_are_told_and_ephemeral_ones_fail(void **state)
{
#define EVICTED(name, text) \
	POD_OF(name, "'nodeName': 'n1', ", "", "'phase': 'Failed', 'reason': 'Evicted', 'message': '" text "'")
	roll(EVICTED("a", "low on memory"));
	see(OBSERVED_POD, EVICTED("b", "low on memory"));
	pass(1);
	assert_int_equal(now()->findings.count, 0);
	see(OBSERVED_POD, EVICTED("c", "low on memory"));
	pass(1);
	assert_int_equal(now()->findings.count, 1);
	tear_down(state);
	set_up(state);
	roll(EVICTED("a", "exceeds its local ephemeral storage limit"));
	see(OBSERVED_POD, EVICTED("b", "exceeds its local ephemeral storage limit"));
	see(OBSERVED_POD, EVICTED("c", "exceeds its local ephemeral storage limit"));
	pass(1);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
}

/* covers: signal-52 */
static void
test_follow__signal_52_a_lost_credential_stops_with_its_code(void **state)
{
	(void)state;
	struct error err;
	error_put(&err, ERROR_NOT_LOGGED_IN, "expired");
	roll(NULL);
	follow_blind(world.follow, &err);
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_STOPPED);
	assert_int_equal(now()->error, ERROR_NOT_LOGGED_IN);
}

static enum follow_outcome
outcome_of_tolerant(const char *pod)
{
	restart(&(struct follow_plan){.name = "shop", .deployment_id = "new", .previous_id = "old", .system = "kubernetes test",
	                              .started_ms = world.start_ms, .settle_ms = -1, .tolerated_restarts = 4});
	roll(pod);
	pass(10);
	return now()->outcome;
}

/* --tolerate-restarts 4: the fifth is too many, of a crash as of an init container; a program that is not there stays so. */
static void
test_follow__tolerated_restarts_are_borne(void **state)
{
	(void)state;
	assert_int_equal(outcome_of_tolerant(POD(CRASHED("Error", "1", "4"))), OUTCOME_NONE);
	assert_int_equal(now()->findings.count, 1);
	assert_int_equal(outcome_of_tolerant(POD(CRASHED("Error", "1", "5"))), OUTCOME_FAILED);
	assert_int_equal(outcome_of_tolerant(POD(INIT_CRASHED("4"))), OUTCOME_NONE);
	assert_int_equal(outcome_of_tolerant(POD(INIT_CRASHED("5"))), OUTCOME_FAILED);
	assert_int_equal(outcome_of_tolerant(POD(CRASHED("Error", "127", "1"))), OUTCOME_FAILED);
}

/* covers: signal-2 */
static void
test_follow__signal_2_without_a_new_replica_set_the_counts_decide(void **state)
{
	(void)state;
	see(OBSERVED_STATUS, STATUS_OF("new", "SUCCESS", ""));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(MOVING));
	pass(200);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(COMPLETE));
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_SUCCEEDED);
}

/* covers: signal-36 */
static void
test_follow__signal_36_a_long_init_container_is_waited_for_and_named(void **state)
{
	(void)state;
	roll(POD("'phase': 'Pending', 'initContainerStatuses': [{'name': 'migrate', 'ready': false, 'restartCount': 0, "
	         "'state': {'running': {'startedAt': '$T'}}}]"));
	pass(300);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	assert_int_equal(now()->findings.count, 0);
	assert_non_null(strstr(now()->progress.waiting_for, "init container migrate runs, 5"));
}

/* covers: signal-40 */
static void
test_follow__signal_40_a_claim_may_wait_for_its_first_consumer(void **state)
{
	(void)state;
	roll(POD_OF("shop-2-a", "", ", 'volumes': [{'name': 'v', 'persistentVolumeClaim': {'claimName': 'disk'}}]",
	            "'phase': 'Pending'"));
	see(OBSERVED_CLAIM, "{'metadata': {'name': 'disk', 'uid': 'c', 'resourceVersion': '$V'}, 'status': {'phase': "
	                    "'Pending'}}");
	see(OBSERVED_EVENT, EVENT("c", "WaitForFirstConsumer", "", "waiting for first consumer"));
	pass(20);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	assert_int_equal(now()->findings.count, 0);
	see(OBSERVED_EVENT, EVENT("c", "ProvisioningFailed", "", "no space"));
	pass(0);
	assert_int_equal(now()->findings.count, 1);
}

/* covers: signal-47 */
static void
test_follow__signal_47_old_pods_that_still_end_do_not_hold_the_verdict(void **state)
{
	(void)state;
	see(OBSERVED_STATUS, STATUS_OF("new", "SUCCESS", ""));
	see(OBSERVED_REPLICA_SET, SET_OF("'replicas': 2"));
	see(OBSERVED_POD, "{'metadata': {'name': 'shop-1-a', 'uid': 'o', 'resourceVersion': '$V', 'deletionTimestamp': "
	                  "'$T', 'ownerReferences': [{'uid': 'rs-1', 'controller': true}]}, 'status': {'phase': "
	                  "'Running'}}");
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(COMPLETE));
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_SUCCEEDED);
	assert_int_equal(now()->findings.count, 0);
}

/* OnDelete, autoscalers, routes, Jobs and unknown resources are no part of a Deployment's verdict:
 * no cause may lead to their rows.
 * covers: signal-9 signal-48 signal-49 signal-50 signal-51 */
static void
test_follow__signals_of_other_objects_never_act(void **state)
{
	static const unsigned others[] = {9, 48, 49, 50, 51};
	(void)state;
	for (size_t i = 0; i < n_cause_table; i++)
		for (size_t other = 0; other < array_length(others); other++)
			assert_int_not_equal(cause_table[i].signal, others[other]);
}

/* ---- ground rules ---- */

static void
test_follow__nothing_fails_on_one_sighting(void **state)
{
	(void)state;
	world.never_rereads = true;
	roll(POD(WAITING("InvalidImageName", "")));
	pass(30);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	assert_true(now()->wants & WANTS_REREAD);
	see(OBSERVED_POD, POD(RUNNING("true", "0")));
	pass(1);
	assert_false(now()->wants & WANTS_REREAD);
}

static void
test_follow__progress_resets_the_patience_with_chance(void **state)
{
	(void)state;
	roll(POD(WAITING("ErrImagePull", "unauthorized")));
	pass(50);
	see(OBSERVED_REPLICA_SET, SET_OF("'replicas': 2, 'readyReplicas': 1, 'availableReplicas': 1"));
	pass(59);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	pass(2);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
}

static void
test_follow__a_healed_cause_does_not_fail(void **state)
{
	(void)state;
	roll(POD(WAITING("ErrImagePull", "unauthorized")));
	pass(50);
	see(OBSERVED_POD, POD(RUNNING("true", "0")));
	pass(30);
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT(COMPLETE));
	see(OBSERVED_STATUS, STATUS_OF("new", "SUCCESS", ""));
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_SUCCEEDED);
}

static void
test_follow__the_old_release_never_reads_as_success(void **state)
{
	(void)state;
	see(OBSERVED_APPLICATION, APPLICATION("new"));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT_OF("old", PROBE, "", COMPLETE));
	see(OBSERVED_REPLICA_SET, SET_OF("'replicas': 2, 'readyReplicas': 2, 'availableReplicas': 2"));
	see(OBSERVED_POD, POD(RUNNING("true", "0")));
	see(OBSERVED_STATUS, STATUS_OF("old", "SUCCESS", ""));
	pass(5);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	assert_int_equal(now()->rollout, ROLLOUT_OLD);
}

static void
test_follow__without_probe_the_verdict_settles_first(void **state)
{
	(void)state;
	see(OBSERVED_STATUS, STATUS_OF("new", "SUCCESS", ""));
	see(OBSERVED_REPLICA_SET, SET_OF("'replicas': 2"));
	see(OBSERVED_POD, POD(RUNNING("true", "0")));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT_OF("new", "", "", COMPLETE));
	pass(10);
	see(OBSERVED_POD, POD(RUNNING("true", "1")));
	pass(14);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	assert_string_equal(now()->phase, "settling");
	pass(1);
	assert_int_equal(now()->outcome, OUTCOME_SUCCEEDED);
}

static void
test_follow__settle_can_be_switched_off(void **state)
{
	(void)state;
	restart(&(struct follow_plan){.name = "shop", .deployment_id = "new", .started_ms = world.start_ms});
	see(OBSERVED_STATUS, STATUS_OF("new", "SUCCESS", ""));
	see(OBSERVED_POD, POD(RUNNING("true", "0")));
	see(OBSERVED_DEPLOYMENT, DEPLOYMENT_OF("new", "", "", COMPLETE));
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_SUCCEEDED);
}

static void
test_follow__a_lost_connection_is_told_and_is_no_outcome(void **state)
{
	(void)state;
	struct error err;
	error_put(&err, ERROR_UNREACHABLE, "connection refused");
	restart(&(struct follow_plan){.name = "shop", .deployment_id = "new", .started_ms = world.start_ms,
	                              .limit_ms = 60000, .settle_ms = -1});
	roll(NULL);
	follow_lost(world.follow, world.now_ms, &err);
	pass(9);
	assert_int_equal(now()->n_notes, 0);
	pass(1);
	assert_int_equal(now()->n_notes, 1);
	pass(49);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
	pass(1);
	assert_int_equal(now()->outcome, OUTCOME_TIMED_OUT);
	assert_int_equal(now()->error, ERROR_UNREACHABLE);
}

static void
test_follow__the_end_of_time_tells_the_worst_cause_seen(void **state)
{
	(void)state;
	restart(&(struct follow_plan){.name = "shop", .deployment_id = "new", .started_ms = world.start_ms,
	                              .limit_ms = 60000, .settle_ms = -1});
	roll(POD(CRASHED("Error", "3", "1")));
	pass(10);
	see(OBSERVED_POD, POD(WAITING("ContainerCreating", "")));
	pass(60);
	assert_int_equal(now()->outcome, OUTCOME_TIMED_OUT);
	assert_non_null(strstr(now()->reason, "exits 3"));
}

static void
test_follow__what_is_missing_is_looked_up_before_it_fails(void **state)
{
	(void)state;
	world.never_rereads = true;
	roll(POD(WAITING("CreateContainerConfigError", "secret \\'db\\' not found")));
	pass(31);
	assert_true(now()->wants & WANTS_REREAD);
	assert_int_equal(now()->n_missing, 2);
	assert_string_equal(now()->missing[0].kind, "secrets");
	assert_string_equal(now()->missing[0].name, "db");
	follow_present(world.follow, "secrets", "db", true);
	follow_reread(world.follow, world.now_ms);
	pass(5);
	assert_int_equal(now()->outcome, OUTCOME_NONE);
}

static void
test_follow__a_log_read_too_early_is_read_again(void **state)
{
	(void)state;
	roll(POD(CRASHED("Error", "1", "1")));
	follow_tick(world.follow, world.now_ms);
	assert_int_equal(now()->n_logs, 1);
	follow_log(world.follow, "shop-2-a", "shop", "");
	follow_tick(world.follow, world.now_ms);
	assert_int_equal(now()->n_logs, 0);
	see(OBSERVED_POD, POD(CRASHED("Error", "1", "2")));
	follow_tick(world.follow, world.now_ms);
	assert_int_equal(now()->n_logs, 1);
	follow_log(world.follow, "shop-2-a", "shop", "no database\n");
	follow_tick(world.follow, world.now_ms);
	assert_int_equal(now()->n_logs, 0);
	assert_non_null(strstr(now()->findings.items[0].sentence, "no database"));
}

static void
test_follow__order_and_repetition_do_not_matter(void **state)
{
	const char *const told[] = {STATUS_OF("new", "RUNNING", ""), DEPLOYMENT(MOVING), SET_OF("'replicas': 2"),
	                            POD(CRASHED("Error", "1", "3"))};
	const enum observed kinds[] = {OBSERVED_STATUS, OBSERVED_DEPLOYMENT, OBSERVED_REPLICA_SET, OBSERVED_POD};
	char *first = NULL;
	for (int order = 0; order < 24; order++) {
		tear_down(state);
		set_up(state);
		int left[] = {0, 1, 2, 3}, rest = order;
		for (int n = 4; n > 0; n--) {
			int at = rest % n;
			see(kinds[left[at]], told[left[at]]);
			if (order & 1)
				see(kinds[left[at]], told[left[at]]);
			rest /= n;
			memmove(left + at, left + at + 1, (size_t)(n - at - 1) * sizeof(int));
		}
		pass(5);
		json_t *json = deployment_to_json(now());
		char *text = json_dumps(json, JSON_SORT_KEYS);
		json_decref(json);
		if (first)
			assert_string_equal(text, first);
		else
			first = strdup(text);
		free(text);
	}
	free(first);
}

static void
test_follow__an_old_version_told_late_is_passed_over(void **state)
{
	(void)state;
	roll(POD(RUNNING("true", "0")));
	json_error_t error;
	json_t *late = json_loads("{\"metadata\": {\"name\": \"shop\", \"uid\": \"d\", \"resourceVersion\": \"1\"}}", 0, &error);
	follow_object(world.follow, OBSERVED_DEPLOYMENT, late);
	json_decref(late);
	pass(1);
	assert_int_equal(now()->rollout, ROLLOUT_MOVING);
}

static void
test_follow__the_operators_errors_are_told_without_the_spec(void **state)
{
	(void)state;
	see(OBSERVED_STATUS, STATUS_OF("new", "FAILED", "'[2024-01-31 12:00:00,123|   INFO] spec: secret config [a|b|c]', "
	                                                LINE("Invalid config: token=abcdef")));
	pass(0);
	assert_int_equal(now()->outcome, OUTCOME_FAILED);
	assert_int_equal(now()->n_operator_lines, 1);
	assert_string_equal(now()->operator_lines[0], "Invalid config: token=[hidden]");
}

#define CELL(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CELL(test_follow__every_cell_of_the_verdict_table),
		CELL(test_follow__direct_is_superseded_by_another_id),
		CELL(test_follow__the_table_has_every_cell),
		CELL(test_follow__every_signal_is_borne_as_long_as_its_row_says),
		CELL(test_follow__signal_1_a_controller_that_does_not_look),
		CELL(test_follow__signal_5_scaled_to_zero_is_done_and_said),
		CELL(test_follow__signal_7_superseded),
		CELL(test_follow__signal_7_a_newer_status_or_deployment_supersedes),
		CELL(test_follow__an_application_that_is_deleted_fails),
		CELL(test_follow__signal_10_the_deadline_of_this_rollout_fails_it),
		CELL(test_follow__signal_11_an_older_deadline_is_stale_until_it_stays),
		CELL(test_follow__signal_12_without_deadline_our_own_limit_decides),
		CELL(test_follow__signal_19_without_our_own_digest_the_registry_is_believed),
		CELL(test_follow__signal_23_back_off_keeps_the_last_telling_message),
		CELL(test_follow__signal_29_a_crash_loop_on_some_pods_waits),
		CELL(test_follow__signals_33_and_34_a_probe_has_its_window),
		CELL(test_follow__signal_42_a_disk_held_by_nobody_fails),
		CELL(test_follow__signal_44_three_evictions_are_told_and_ephemeral_ones_fail),
		CELL(test_follow__signal_52_a_lost_credential_stops_with_its_code),
		CELL(test_follow__tolerated_restarts_are_borne),
		CELL(test_follow__signal_2_without_a_new_replica_set_the_counts_decide),
		CELL(test_follow__signal_36_a_long_init_container_is_waited_for_and_named),
		CELL(test_follow__signal_40_a_claim_may_wait_for_its_first_consumer),
		CELL(test_follow__signal_47_old_pods_that_still_end_do_not_hold_the_verdict),
		CELL(test_follow__signals_of_other_objects_never_act),
		CELL(test_follow__nothing_fails_on_one_sighting),
		CELL(test_follow__progress_resets_the_patience_with_chance),
		CELL(test_follow__a_healed_cause_does_not_fail),
		CELL(test_follow__the_old_release_never_reads_as_success),
		CELL(test_follow__without_probe_the_verdict_settles_first),
		CELL(test_follow__settle_can_be_switched_off),
		CELL(test_follow__a_lost_connection_is_told_and_is_no_outcome),
		CELL(test_follow__the_end_of_time_tells_the_worst_cause_seen),
		CELL(test_follow__what_is_missing_is_looked_up_before_it_fails),
		CELL(test_follow__a_log_read_too_early_is_read_again),
		CELL(test_follow__order_and_repetition_do_not_matter),
		CELL(test_follow__an_old_version_told_late_is_passed_over),
		CELL(test_follow__the_operators_errors_are_told_without_the_spec),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
