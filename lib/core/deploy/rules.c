#include "core/deploy/rules.h"

#include <assert.h>

#include "base/compiler.h"

#define S(seconds) ((seconds) * 1000)

const struct follow_signal follow_signals[] = {
	/* number, class, what, action, warn, act, quorum, restarts, count, haste, haste after, error */
	{1, CAUSE_CHANCE, "the controller has not seen the newest spec", FOLLOW_FAIL, S(15), S(120),
	 QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_OPERATOR_SILENT},
	{2, CAUSE_NORMAL, "the new ReplicaSet is not there yet", FOLLOW_WAIT, -1, -1, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_NONE},
	{3, CAUSE_NORMAL, "counts are incomplete, nothing is wrong", FOLLOW_WAIT, -1, -1, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_NONE},
	{4, CAUSE_NORMAL, "updated = available = desired, and no old pod counts", FOLLOW_DONE, -1, 0,
	 QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_NONE},
	{5, CAUSE_NORMAL, "scaled to zero", FOLLOW_DONE, 0, 0, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_NONE},
	{6, CAUSE_FIXED, "the Deployment is paused", FOLLOW_STOP, 0, 0, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1,
	 ERROR_PAUSED},
	{7, CAUSE_FIXED, "a newer deployment took over", FOLLOW_STOP, 0, 0, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1,
	 ERROR_SUPERSEDED},
	{8, CAUSE_FIXED, "the Deployment was deleted", FOLLOW_FAIL, 0, 0, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1,
	 ERROR_DEPLOY_UNHEALTHY},
	{9, CAUSE_NORMAL, "strategy OnDelete: pods change only when deleted", FOLLOW_DONE, 0, 0,
	 QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_NONE},
	{10, CAUSE_FIXED, "ProgressDeadlineExceeded of this rollout", FOLLOW_FAIL, 0, 0, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{11, CAUSE_NORMAL, "ProgressDeadlineExceeded older than this rollout", FOLLOW_WAIT, -1, -1,
	 QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_NONE},
	{12, CAUSE_NORMAL, "no progress deadline is set", FOLLOW_WAIT, -1, -1, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1,
	 ERROR_NONE},
	{13, CAUSE_FIXED, "admission refuses the pods", FOLLOW_FAIL, 0, S(10), QUORUM_NO_POD, 0, 0, HASTE_NONE, -1,
	 ERROR_DEPLOY_UNHEALTHY},
	{14, CAUSE_CHANCE, "quota exceeded", FOLLOW_FAIL, 0, S(60), QUORUM_ANY_POD, 0, 0, HASTE_NO_SURGE_POD,
	 S(20), ERROR_DEPLOY_UNHEALTHY},
	{15, CAUSE_CHANCE, "admission webhook unreachable", FOLLOW_FAIL, 0, S(120), QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{16, CAUSE_FIXED, "a ServiceAccount, ConfigMap, Secret or key is missing", FOLLOW_FAIL, 0, S(30),
	 QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{17, CAUSE_CHANCE, "a configuration cache is syncing", FOLLOW_WAIT, S(30), -1, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_NONE},
	{18, CAUSE_FIXED, "runAsNonRoot, InvalidImageName, ErrImageNeverPull", FOLLOW_FAIL, 0, 0, QUORUM_ANY_POD,
	 0, 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{19, CAUSE_FIXED, "image not found, and our own look-up failed too", FOLLOW_FAIL, 0, 0, QUORUM_ANY_POD, 0,
	 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{20, CAUSE_CHANCE, "image not found by the nodes, but the registry has it", FOLLOW_FAIL, 0, S(90),
	 QUORUM_EVERY_POD, 0, 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{21, CAUSE_CHANCE, "pull denied", FOLLOW_FAIL, 0, S(60), QUORUM_EVERY_POD, 0, 0, HASTE_NONE, -1,
	 ERROR_DEPLOY_UNHEALTHY},
	{22, CAUSE_CHANCE, "pull trouble: rate limit, network, certificate", FOLLOW_FAIL, 0, -1, QUORUM_EVERY_POD,
	 0, 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{23, CAUSE_NORMAL, "bare pull back-off: as the last known message of that pod", FOLLOW_WAIT, -1, -1,
	 QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_NONE},
	{24, CAUSE_FIXED, "image not built for the nodes", FOLLOW_FAIL, 0, 0, QUORUM_EVERY_POD, 0, 0, HASTE_NONE,
	 -1, ERROR_DEPLOY_UNHEALTHY},
	{25, CAUSE_FIXED, "command not found or not executable", FOLLOW_FAIL, 0, 0, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{26, CAUSE_CHANCE, "the runtime cannot start the container", FOLLOW_FAIL, 0, 0, QUORUM_EVERY_POD, 3, 0,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{27, CAUSE_CHANCE, "crash, fewer than 3 restarts", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 1, 0, HASTE_NONE,
	 -1, ERROR_NONE},
	{28, CAUSE_CHANCE, "crash loop with 3 restarts on every pod", FOLLOW_FAIL, 0, 0, QUORUM_EVERY_POD, 3, 0,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{29, CAUSE_CHANCE, "crash loop on some pods only", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 0, 0, HASTE_NONE,
	 -1, ERROR_NONE},
	{30, CAUSE_FIXED, "exit 0 again and again", FOLLOW_FAIL, 0, 0, QUORUM_ANY_POD, 2, 0, HASTE_NONE, -1,
	 ERROR_DEPLOY_UNHEALTHY},
	{31, CAUSE_CHANCE, "out of memory, twice on every pod", FOLLOW_FAIL, 0, 0, QUORUM_EVERY_POD, 2, 0,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{32, CAUSE_CHANCE, "killed by its liveness or startup probe, 3 times on every pod", FOLLOW_FAIL, 0, 0,
	 QUORUM_EVERY_POD, 3, 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{33, CAUSE_CHANCE, "a probe says no inside its start window", FOLLOW_WAIT, -1, -1, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_NONE},
	{34, CAUSE_CHANCE, "a probe says no past its start window", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_NONE},
	{35, CAUSE_CHANCE, "init container fails, 3 times on every pod", FOLLOW_FAIL, 0, 0, QUORUM_EVERY_POD, 3, 0,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{36, CAUSE_NORMAL, "init container runs long", FOLLOW_WAIT, S(30), -1, QUORUM_ANY_POD, 0, 0, HASTE_NONE,
	 -1, ERROR_NONE},
	{37, CAUSE_CHANCE, "unschedulable, and a node is being added", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_NONE},
	{38, CAUSE_FIXED, "unschedulable: no node can ever meet the selector, affinity or taint", FOLLOW_FAIL, 0,
	 S(120), QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{39, CAUSE_CHANCE, "unschedulable: not enough room", FOLLOW_FAIL, 0, S(300), QUORUM_ANY_POD, 0, 0,
	 HASTE_SCALE_UP_REFUSED, S(60), ERROR_DEPLOY_UNHEALTHY},
	{40, CAUSE_NORMAL, "claim waits for its first consumer", FOLLOW_WAIT, -1, -1, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_NONE},
	{41, CAUSE_FIXED, "claim lost, missing, or of a missing class", FOLLOW_FAIL, 0, S(30), QUORUM_ANY_POD, 0,
	 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{41, CAUSE_CHANCE, "volume provisioning fails", FOLLOW_FAIL, 0, S(120), QUORUM_ANY_POD, 0, 0, HASTE_NONE,
	 -1, ERROR_DEPLOY_UNHEALTHY},
	{42, CAUSE_CHANCE, "volume cannot be attached or mounted, and no old pod holds it", FOLLOW_FAIL, 0, S(180),
	 QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{43, CAUSE_CHANCE, "sandbox, network or scheduler: the platform's", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 0,
	 0, HASTE_NONE, -1, ERROR_NONE},
	{44, CAUSE_CHANCE, "evicted, preempted, rejected, node lost", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 0, 3,
	 HASTE_NONE, -1, ERROR_NONE},
	{44, CAUSE_FIXED, "evicted for its own ephemeral-storage limit", FOLLOW_FAIL, 0, 0, QUORUM_ANY_POD, 0, 3,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{45, CAUSE_NORMAL, "readiness gate closed", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1,
	 ERROR_NONE},
	{46, CAUSE_NORMAL, "scheduling gate closed", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1,
	 ERROR_NONE},
	{47, CAUSE_NORMAL, "old pods still end: never part of the verdict", FOLLOW_WAIT, S(30), -1,
	 QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_NONE},
	{48, CAUSE_NORMAL, "autoscaler or disruption budget unhappy: never part of the verdict", FOLLOW_WAIT,
	 S(120), -1, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_NONE},
	{49, CAUSE_NORMAL, "Service, Ingress or Certificate not ready: never part of the verdict", FOLLOW_WAIT,
	 -1, -1, QUORUM_ANY_POD, 0, 0, HASTE_NONE, -1, ERROR_NONE},
	{50, CAUSE_FIXED, "a Job failed (without the operator)", FOLLOW_FAIL, 0, 0, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_DEPLOY_UNHEALTHY},
	{51, CAUSE_NORMAL, "a resource nobody knows (without the operator)", FOLLOW_DONE, 0, 0, QUORUM_ANY_POD, 0,
	 0, HASTE_NONE, -1, ERROR_NONE},
	{52, CAUSE_FIXED, "the credential no longer lets us look", FOLLOW_STOP, 0, 0, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_FORBIDDEN},
	{53, CAUSE_CHANCE, "only a message, no state to match", FOLLOW_WAIT, 0, -1, QUORUM_ANY_POD, 0, 0,
	 HASTE_NONE, -1, ERROR_NONE},
};
const size_t n_follow_signals = array_length(follow_signals);

const struct follow_signal *
follow_signal(unsigned number, enum cause_class class)
{
	const struct follow_signal *found = NULL;
	for (size_t i = 0; i < n_follow_signals; i++)
		if (follow_signals[i].number == number && (!found || follow_signals[i].class == class))
			found = &follow_signals[i];
	assert(found);
	return found;
}

/* The operator's words are evidence, the cluster's state is the verdict. */
const struct verdict verdict_table[] = {
	{OPERATOR_ABSENT, ROLLOUT_OLD, FOLLOW_FAIL, S(15), S(120), ERROR_OPERATOR_SILENT,
	 "the operator does not act on the Application"},
	{OPERATOR_ABSENT, ROLLOUT_MOVING, FOLLOW_WAIT, -1, -1, ERROR_NONE, NULL},
	{OPERATOR_ABSENT, ROLLOUT_COMPLETE, FOLLOW_DONE, S(15), S(15), ERROR_NONE,
	 "the operator wrote no status for this deployment"},
	{OPERATOR_ABSENT, ROLLOUT_DOOMED, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, NULL},
	{OPERATOR_ABSENT, ROLLOUT_PAUSED, FOLLOW_STOP, -1, 0, ERROR_PAUSED, "the Deployment is paused"},
	{OPERATOR_ABSENT, ROLLOUT_GONE, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, "the Deployment was deleted"},

	{OPERATOR_INITIATED, ROLLOUT_OLD, FOLLOW_WAIT, S(60), -1, ERROR_NONE,
	 "the operator has it in its queue, behind other applications"},
	{OPERATOR_INITIATED, ROLLOUT_MOVING, FOLLOW_WAIT, -1, -1, ERROR_NONE, NULL},
	{OPERATOR_INITIATED, ROLLOUT_COMPLETE, FOLLOW_DONE, S(15), S(15), ERROR_NONE,
	 "the operator never closed the status of this deployment"},
	{OPERATOR_INITIATED, ROLLOUT_DOOMED, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, NULL},
	{OPERATOR_INITIATED, ROLLOUT_PAUSED, FOLLOW_STOP, -1, 0, ERROR_PAUSED, "the Deployment is paused"},
	{OPERATOR_INITIATED, ROLLOUT_GONE, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY,
	 "the Deployment was deleted"},

	{OPERATOR_RUNNING, ROLLOUT_OLD, FOLLOW_WAIT, S(60), -1, ERROR_NONE,
	 "the operator has begun, but has not changed the Deployment yet"},
	{OPERATOR_RUNNING, ROLLOUT_MOVING, FOLLOW_WAIT, -1, -1, ERROR_NONE, NULL},
	{OPERATOR_RUNNING, ROLLOUT_COMPLETE, FOLLOW_DONE, S(15), S(15), ERROR_NONE,
	 "the operator never closed the status of this deployment"},
	{OPERATOR_RUNNING, ROLLOUT_DOOMED, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, NULL},
	{OPERATOR_RUNNING, ROLLOUT_PAUSED, FOLLOW_STOP, -1, 0, ERROR_PAUSED, "the Deployment is paused"},
	{OPERATOR_RUNNING, ROLLOUT_GONE, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, "the Deployment was deleted"},

	{OPERATOR_SUCCESS, ROLLOUT_OLD, FOLLOW_FAIL, -1, S(10), ERROR_DEPLOY_FAILED,
	 "the operator calls it done, but the Deployment does not carry this deployment"},
	{OPERATOR_SUCCESS, ROLLOUT_MOVING, FOLLOW_WAIT, 0, -1, ERROR_NONE,
	 "the operator called it done, but the rollout is incomplete again"},
	{OPERATOR_SUCCESS, ROLLOUT_COMPLETE, FOLLOW_DONE, -1, 0, ERROR_NONE, NULL},
	{OPERATOR_SUCCESS, ROLLOUT_DOOMED, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, NULL},
	{OPERATOR_SUCCESS, ROLLOUT_PAUSED, FOLLOW_STOP, -1, 0, ERROR_PAUSED, "the Deployment is paused"},
	{OPERATOR_SUCCESS, ROLLOUT_GONE, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, "the Deployment was deleted"},

	{OPERATOR_REFUSED, ROLLOUT_OLD, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_FAILED, "the operator refused it"},

	{OPERATOR_TIMED_OUT, ROLLOUT_OLD, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_FAILED,
	 "the operator stopped waiting before the Deployment changed"},
	{OPERATOR_TIMED_OUT, ROLLOUT_MOVING, FOLLOW_WAIT, 0, -1, ERROR_NONE,
	 "the operator stopped waiting; the rollout goes on"},
	{OPERATOR_TIMED_OUT, ROLLOUT_COMPLETE, FOLLOW_DONE, 0, 0, ERROR_NONE,
	 "the operator stopped waiting too early and calls it failed; it is healthy"},
	{OPERATOR_TIMED_OUT, ROLLOUT_DOOMED, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, NULL},
	{OPERATOR_TIMED_OUT, ROLLOUT_PAUSED, FOLLOW_STOP, -1, 0, ERROR_PAUSED, "the Deployment is paused"},
	{OPERATOR_TIMED_OUT, ROLLOUT_GONE, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY,
	 "the Deployment was deleted"},

	{OPERATOR_FAILED, ROLLOUT_OLD, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_FAILED, "the operator failed"},
	{OPERATOR_FAILED, ROLLOUT_MOVING, FOLLOW_WAIT, 0, -1, ERROR_NONE,
	 "the operator failed; the rollout goes on"},
	{OPERATOR_FAILED, ROLLOUT_COMPLETE, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_FAILED,
	 "the pods are healthy, but the operator could not make all other objects"},
	{OPERATOR_FAILED, ROLLOUT_DOOMED, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, NULL},
	{OPERATOR_FAILED, ROLLOUT_PAUSED, FOLLOW_STOP, -1, 0, ERROR_PAUSED, "the Deployment is paused"},
	{OPERATOR_FAILED, ROLLOUT_GONE, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, "the Deployment was deleted"},

	{OPERATOR_DIRECT, ROLLOUT_OLD, FOLLOW_FAIL, -1, S(10), ERROR_DEPLOY_FAILED,
	 "the Deployment does not carry this deployment any more: somebody deleted it or put the previous one back"},
	{OPERATOR_DIRECT, ROLLOUT_MOVING, FOLLOW_WAIT, -1, -1, ERROR_NONE, NULL},
	{OPERATOR_DIRECT, ROLLOUT_COMPLETE, FOLLOW_DONE, -1, 0, ERROR_NONE, NULL},
	{OPERATOR_DIRECT, ROLLOUT_DOOMED, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, NULL},
	{OPERATOR_DIRECT, ROLLOUT_PAUSED, FOLLOW_STOP, -1, 0, ERROR_PAUSED, "the Deployment is paused"},
	{OPERATOR_DIRECT, ROLLOUT_GONE, FOLLOW_FAIL, -1, 0, ERROR_DEPLOY_UNHEALTHY, "the Deployment was deleted"},
};
const size_t n_verdict_table = array_length(verdict_table);

const struct verdict *
verdict_find(enum operator_word operator, enum rollout_word rollout)
{
	const struct verdict *found = NULL;
	for (size_t i = 0; i < n_verdict_table; i++)
		if (verdict_table[i].operator == operator && verdict_table[i].rollout == rollout)
			found = &verdict_table[i];
	/* A refusal is only ever told of a Deployment that is not ours. */
	return found ? found : verdict_find(OPERATOR_FAILED, rollout);
}

const char *
follow_action_name(enum follow_action action)
{
	static const char *const names[] = {"wait", "fail", "done", "stop"};
	return names[action];
}

const char *
operator_word_name(enum operator_word word)
{
	static const char *const names[OPERATOR_WORDS] = {
		"absent", "INITIATED", "RUNNING", "SUCCESS", "FAILED (refused)", "FAILED (timed out)", "FAILED", "direct"};
	return names[word];
}

const char *
rollout_word_name(enum rollout_word word)
{
	static const char *const names[ROLLOUT_WORDS] = {"previous", "moving", "complete", "doomed", "paused", "deleted"};
	return names[word];
}
