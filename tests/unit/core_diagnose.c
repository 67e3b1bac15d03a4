#include "core/diagnose/diagnose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/diagnose/evidence.h"
#include "core/diagnose/missing.h"

/* JSON with ' for ", so that it can be read. */
static json_t *
parse(const char *text)
{
	char json[4096];
	json_error_t error;
	snprintf(json, sizeof(json), "%s", text);
	for (char *at = json; *at; at++)
		if (*at == '\'')
			*at = '"';
		else if (*at == '`')
			*at = '\'';
	json_t *value = json_loads(json, 0, &error);
	if (!value)
		fail_msg("%s in %s", error.text, json);
	return value;
}

static json_t *
by_uid(json_t *list)
{
	json_t *map = json_object(), *object;
	size_t i;
	json_array_foreach(list, i, object)
		json_object_set(map, json_string_value(json_object_get(json_object_get(object, "metadata"), "uid")),
		                object);
	json_decref(list);
	return map;
}

#define DEPLOYMENT(conditions) \
	"{'metadata': {'name': 'shop', 'uid': 'd', 'generation': 2, 'annotations': " \
	"{'deployment.kubernetes.io/revision': '2'}}, 'spec': {'replicas': 2}, " \
	"'status': {'observedGeneration': 2, 'conditions': [" conditions "]}}"
#define SET(status) \
	"[{'metadata': {'name': 'shop-2', 'uid': 'rs', 'annotations': {'deployment.kubernetes.io/revision': '2'}," \
	" 'ownerReferences': [{'uid': 'd', 'controller': true}]}, 'spec': {'replicas': 2}, 'status': {" status "}}]"
#define POD(spec, status) \
	"[{'metadata': {'name': 'shop-2-a', 'uid': 'p1', 'creationTimestamp': '2026-11-24T10:00:00Z'," \
	" 'ownerReferences': [{'uid': 'rs', 'controller': true}]}, 'spec': {" spec "}, 'status': {" status "}}]"
#define APP \
	"'nodeName': 'node-1', 'containers': [{'name': 'app', 'image': 'r.example/shop:2', " \
	"'resources': {'limits': {'memory': '128Mi'}}, 'readinessProbe': {'httpGet': {'path': '/up', 'port': 8080}}," \
	" 'livenessProbe': {'tcpSocket': {'port': 'http'}}}]"
#define WAITING(reason, message) \
	"'phase': 'Pending', 'containerStatuses': [{'name': 'app', 'ready': false, 'restartCount': 0, " \
	"'state': {'waiting': {'reason': '" reason "', 'message': '" message "'}}}]"
#define ENDED(reason, exit) \
	"'phase': 'Running', 'containerStatuses': [{'name': 'app', 'ready': false, 'restartCount': 3, " \
	"'state': {'waiting': {'reason': 'CrashLoopBackOff', 'message': 'back-off 40s'}}, 'lastState': {" \
	"'terminated': {'reason': '" reason "', 'exitCode': " exit ", 'startedAt': '2026-11-24T10:00:20Z', " \
	"'finishedAt': '2026-11-24T10:00:30Z'}}}]"
#define RUNNING(ready) \
	"'phase': 'Running', 'containerStatuses': [{'name': 'app', 'ready': " ready ", 'started': true, " \
	"'restartCount': 0, 'state': {'running': {'startedAt': '2026-11-24T10:00:20Z'}}}]"
#define CREATING WAITING("ContainerCreating", "")
#define UNPLACED(message) \
	"'phase': 'Pending', 'conditions': [{'type': 'PodScheduled', 'status': 'False', " \
	"'reason': 'Unschedulable', 'message': '" message "'}]"
#define REFUSED(message) \
	"'replicas': 0, 'conditions': [{'type': 'ReplicaFailure', 'status': 'True', 'reason': 'FailedCreate'," \
	" 'message': '" message "'}]"
#define EVENT(uid, reason, path, message) \
	"[{'metadata': {'uid': 'e1'}, 'reason': '" reason "', 'message': '" message "', 'lastTimestamp': null, " \
	"'eventTime': '2026-11-24T10:00:40Z', 'involvedObject': {'uid': '" uid "', 'fieldPath': '" path "'}}]"
#define CONTAINER "spec.containers{app}"
#define FAILED_POD(reason, message) "'phase': 'Failed', 'reason': '" reason "', 'message': '" message "'"

static const struct row {
	unsigned row;
	const char *code;
	const char *set, *pods, *events;
	const char *sentence; /* a part of it */
} rows[] = {
	{1, "quota-exceeded",
	 SET(REFUSED("pods \\'shop-2-\\' is forbidden: exceeded quota: compute, requested: cpu=1, used: cpu=4, limited: cpu=4")),
	 "[]", "[]", "quota compute of the namespace is full"},
	{1, "quota-exceeded", SET("'replicas': 0"), "[]",
	 EVENT("rs", "FailedCreate", "", "exceeded quota: compute, requested: cpu=1, used: cpu=4, limited: cpu=4"),
	 "quota compute"},
	{2, "quota-must-specify", SET(REFUSED("failed quota: compute: must specify requests.cpu,limits.memory")), "[]",
	 "[]", "quota compute accepts only"},
	{3, "limit-range", SET(REFUSED("maximum cpu usage per Container is 500m, but limit is 1")), "[]", "[]",
	 "LimitRange"},
	{4, "pod-security",
	 SET(REFUSED("violates PodSecurity \\'restricted:latest\\': allowPrivilegeEscalation != false (container \\'app\\')")),
	 "[]", "[]", "level restricted:latest"},
	{5, "webhook-denied", SET(REFUSED("admission webhook \\'policy.acme\\' denied the request: no team label")), "[]",
	 "[]", "no team label"},
	{6, "webhook-unreachable",
	 SET(REFUSED("Internal error occurred: failed calling webhook \\'mutate.acme\\': connect: connection refused")),
	 "[]", "[]", "webhook mutate.acme"},
	{7, "service-account-missing",
	 SET(REFUSED("error looking up service account demo/robot: serviceaccount \\'robot\\' not found")), "[]", "[]",
	 "ServiceAccount robot does not exist"},
	{8, "class-missing", SET(REFUSED("no PriorityClass with name urgent was found")), "[]", "[]", "urgent"},
	{10, "insufficient-resources", SET("'replicas': 1"),
	 POD("'containers': []", UNPLACED("0/3 nodes are available: 3 Insufficient cpu.")), "[]", "enough cpu free"},
	{11, "taint-untolerated", SET("'replicas': 1"),
	 POD("'containers': []", UNPLACED("0/3 nodes are available: 3 node(s) had untolerated taint {gpu: only}.")), "[]",
	 "taint"},
	{12, "node-selector-mismatch", SET("'replicas': 1"),
	 POD("'containers': []", UNPLACED("0/3 nodes are available: 3 node(s) didn`t match Pod`s node affinity/selector.")),
	 "[]", "labels"},
	{13, "spread-unsatisfied", SET("'replicas': 1"),
	 POD("'containers': []", UNPLACED("0/3 nodes are available: 3 node(s) didn`t match pod anti-affinity rules.")), "[]",
	 "spread"},
	{14, "volume-claim-unready", SET("'replicas': 1"),
	 POD("'containers': []", UNPLACED("persistentvolumeclaim \\'data\\' not found")), "[]", "volume"},
	{15, "node-unavailable", SET("'replicas': 1"),
	 POD("'containers': []", UNPLACED("0/3 nodes are available: 3 Too many pods.")), "[]", "Too many pods"},
	{16, "scheduling-gated", SET("'replicas': 1"),
	 POD("'schedulingGates': [{'name': 'acme/queue'}], 'containers': []",
	     "'phase': 'Pending', 'conditions': [{'type': 'PodScheduled', 'status': 'False', 'reason': 'SchedulingGated'}]"),
	 "[]", "gate acme/queue"},
	{17, "scheduler-absent", SET("'replicas': 1"),
	 POD("'schedulerName': 'batch', 'containers': []", "'phase': 'Pending'"), "[]", "scheduler batch"},
	{21, "volume-attach-failed", SET("'replicas': 1"), POD(APP, CREATING),
	 EVENT("p1", "FailedAttachVolume", "", "Multi-Attach error for volume \\'pvc-1\\': already attached"), "attached"},
	{22, "volume-source-missing", SET("'replicas': 1"), POD(APP, CREATING),
	 EVENT("p1", "FailedMount", "", "MountVolume.SetUp failed for volume \\'v\\': configmap \\'shop-extra\\' not found"),
	 "needs shop-extra"},
	{23, "sandbox-failed", SET("'replicas': 1"), POD(APP, CREATING),
	 EVENT("p1", "FailedCreatePodSandBox", "", "failed to assign an IP address"), "node node-1"},
	{24, "config-reference-missing", SET("'replicas': 1"),
	 POD(APP, WAITING("CreateContainerConfigError", "secret \\'db\\' not found")), "[]", "needs db"},
	{24, "run-as-root-refused", SET("'replicas': 1"),
	 POD(APP, WAITING("CreateContainerConfigError", "container has runAsNonRoot and image will run as root")), "[]",
	 "root"},
	{24, "config-cache-syncing", SET("'replicas': 1"),
	 POD(APP, WAITING("CreateContainerConfigError", "failed to sync secret cache: timed out")), "[]", "not fetched"},
	{25, "container-create-refused", SET("'replicas': 1"),
	 POD(APP, WAITING("CreateContainerError", "no command specified")), "[]", "no command specified"},
	{26, "image-name-invalid", SET("'replicas': 1"),
	 POD(APP, WAITING("InvalidImageName", "couldn`t parse image name")), "[]", "r.example/shop:2"},
	{27, "image-not-found", SET("'replicas': 1"),
	 POD(APP, WAITING("ErrImagePull", "rpc error: code = NotFound desc = failed to pull: r.example/shop:2: not found")),
	 "[]", "does not exist"},
	{27, "image-not-found", SET("'replicas': 1"),
	 POD(APP, WAITING("ImagePullBackOff", "Back-off pulling image \\'r.example/shop:2\\'")),
	 EVENT("p1", "Failed", CONTAINER, "Failed to pull image \\'r.example/shop:2\\': manifest unknown"), "manifest unknown"},
	/* A port is no status. */
	{27, "image-not-found", SET("'replicas': 1"),
	 POD(APP, WAITING("ErrImagePull", "Head https://localhost:42927/v2: dial tcp: lookup registry.example: no such host")),
	 "[]", "no such host"},
	{28, "image-pull-denied", SET("'replicas': 1"),
	 POD(APP, WAITING("ErrImagePull", "pull access denied, repository does not exist or may require authorization")),
	 "[]", "refuses"},
	{29, "image-pull-trouble", SET("'replicas': 1"),
	 POD(APP, WAITING("ErrImagePull", "429 Too Many Requests - toomanyrequests")), "[]", "now"},
	{30, "image-wrong-platform", SET("'replicas': 1"),
	 POD(APP, WAITING("ErrImagePull", "no match for platform in manifest: not found")), "[]", "processor"},
	{31, "image-pull-refused", SET("'replicas': 1"), POD(APP, WAITING("ErrImageNeverPull", "not present")), "[]",
	 "switched off"},
	{32, "command-not-found", SET("'replicas': 1"),
	 POD(APP, "'phase': 'Running', 'containerStatuses': [{'name': 'app', 'ready': false, 'restartCount': 1, 'state': "
		  "{'terminated': {'reason': 'StartError', 'exitCode': 128, 'message': 'exec: \\'serve\\': executable "
		  "file not found in $PATH'}}}]"),
	 "[]", "cannot run its command"},
	{32, "command-not-found", SET("'replicas': 1"), POD(APP, ENDED("Error", "127")), "[]", "exits 127"},
	{33, "container-crashes", SET("'replicas': 1"), POD(APP, ENDED("Error", "1")), "[]", "exits 1 at start"},
	{34, "out-of-memory", SET("'replicas': 1"), POD(APP, ENDED("OOMKilled", "137")), "[]", "limit 128Mi"},
	{35, "container-killed", SET("'replicas': 1"), POD(APP, ENDED("Error", "137")), "[]", "exit 137"},
	{36, "ended-by-signal", SET("'replicas': 1"), POD(APP, ENDED("Error", "139")), "[]", "SIGSEGV"},
	{37, "container-finishes", SET("'replicas': 1"), POD(APP, ENDED("Completed", "0")), "[]", "exit 0"},
	{38, "init-container-fails", SET("'replicas': 1"),
	 POD(APP ", 'initContainers': [{'name': 'migrate'}]",
	     "'phase': 'Pending', 'initContainerStatuses': [{'name': 'migrate', 'restartCount': 1, 'state': {'terminated': "
	     "{'reason': 'Error', 'exitCode': 4}}}], 'containerStatuses': [{'name': 'app', 'state': {'waiting': {'reason': "
	     "'PodInitializing'}}}]"),
	 "[]", "init container \"migrate\" exits 4"},
	{39, "readiness-failing", SET("'replicas': 1"), POD(APP, RUNNING("false")),
	 EVENT("p1", "Unhealthy", CONTAINER, "Readiness probe failed: HTTP probe failed with statuscode: 503"),
	 "GET :8080/up answers: HTTP probe failed with statuscode: 503"},
	{40, "liveness-failing", SET("'replicas': 1"), POD(APP, ENDED("Error", "137")),
	 EVENT("p1", "Killing", CONTAINER, "Container app failed liveness probe, will be restarted"), "TCP :http"},
	{41, "startup-failing", SET("'replicas': 1"), POD(APP, ENDED("Error", "137")),
	 EVENT("p1", "Killing", CONTAINER, "Container app failed startup probe, will be restarted"), "startup probe"},
	{42, "hook-failing", SET("'replicas': 1"), POD(APP, ENDED("Error", "137")),
	 EVENT("p1", "FailedPostStartHook", CONTAINER, "Exec lifecycle hook ([warm]) failed"), "hook"},
	{43, "readiness-gate-closed", SET("'replicas': 1"),
	 POD(APP ", 'readinessGates': [{'conditionType': 'acme/target'}]",
	     RUNNING("true") ", 'conditions': [{'type': 'ContainersReady', 'status': 'True'}, {'type': 'Ready', 'status': "
	     "'False', 'reason': 'ReadinessGatesNotReady', 'message': 'corresponding condition is not True'}]"),
	 "[]", "gate acme/target"},
	{44, "pod-evicted", SET("'replicas': 1"),
	 POD(APP, FAILED_POD("Evicted", "The node was low on resource: memory.")), "[]", "low on resource"},
	{45, "pod-disrupted", SET("'replicas': 1"),
	 POD(APP, "'phase': 'Running', 'conditions': [{'type': 'DisruptionTarget', 'status': 'True', 'reason': "
		  "'PreemptionByScheduler', 'message': 'preempting to accommodate'}]"),
	 "[]", "PreemptionByScheduler"},
	{46, "pod-rejected", SET("'replicas': 1"), POD(APP, FAILED_POD("OutOfcpu", "Pod was rejected")), "[]", "OutOfcpu"},
	{47, "node-lost", SET("'replicas': 1"), POD(APP, "'phase': 'Unknown', 'reason': 'NodeLost'"), "[]", "node node-1"},
};

struct bundle {
	json_t *deployment, *sets, *pods, *events, *claims;
	struct rollout_objects objects;
};

static struct bundle
bundle(const char *set, const char *pods, const char *events)
{
	struct bundle made = {.deployment = parse(DEPLOYMENT("")), .sets = by_uid(parse(set)),
	                      .pods = by_uid(parse(pods)), .events = by_uid(parse(events)), .claims = json_object()};
	made.objects = (struct rollout_objects){.deployment = made.deployment, .replica_sets = made.sets,
	                                        .pods = made.pods, .events = made.events, .claims = made.claims,
	                                        .now_ms = clock_parse_ms("2026-11-24T10:01:00Z")};
	return made;
}

static void
unbundle(struct bundle *made)
{
	json_decref(made->deployment);
	json_decref(made->sets);
	json_decref(made->pods);
	json_decref(made->events);
	json_decref(made->claims);
}

static void
test_diagnose__names_every_row_of_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		struct arena arena = {0};
		struct bundle made = bundle(rows[i].set, rows[i].pods, rows[i].events);
		struct findings findings = diagnose(&made.objects, &arena);
		if (findings.count != 1 || strcmp(findings.items[0].cause->code, rows[i].code) ||
		    findings.items[0].cause->row != rows[i].row || !strstr(findings.items[0].sentence, rows[i].sentence))
			fail_msg("row %u: %zu findings, first %s: %s", rows[i].row, findings.count,
			         findings.count ? findings.items[0].cause->code : "-",
			         findings.count ? findings.items[0].sentence : "-");
		assert_true(findings.items[0].n_evidence >= 1);
		unbundle(&made);
		arena_release(&arena);
	}
}

static void
test_diagnose__finds_nothing_in_a_healthy_pod(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct bundle made = bundle(SET("'replicas': 2"), POD(APP, RUNNING("true")), "[]");
	assert_int_equal(diagnose(&made.objects, &arena).count, 0);
	unbundle(&made);
	arena_release(&arena);
}

static void
test_diagnose__leaves_out_pods_of_other_revisions_and_leaving_ones(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct bundle made = bundle(SET("'replicas': 2"), POD(APP, ENDED("Error", "1")), "[]");
	json_t *metadata = json_object_get(json_object_get(made.pods, "p1"), "metadata");
	json_object_set_new(metadata, "deletionTimestamp", json_string("2026-11-24T10:00:59Z"));
	assert_int_equal(diagnose(&made.objects, &arena).count, 0);
	json_object_del(metadata, "deletionTimestamp");
	json_object_set_new(metadata, "ownerReferences", parse("[{'uid': 'older', 'controller': true}]"));
	assert_int_equal(diagnose(&made.objects, &arena).count, 0);
	unbundle(&made);
	arena_release(&arena);
}

static void
test_diagnose__quotes_the_last_words_and_hides_secrets(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct bundle made = bundle(SET("'replicas': 2"), POD(APP, ENDED("Error", "1")), "[]");
	json_t *logs = parse("{'shop-2-a/app': 'start\\npassword=hunter22 refused\\n'}");
	made.objects.logs = logs;
	struct finding finding = diagnose(&made.objects, &arena).items[0];
	assert_non_null(strstr(finding.sentence, "\"password=[hidden] refused\""));
	assert_int_equal(finding.n_evidence, 2);
	assert_null(strstr(finding.evidence[1].text, "hunter22"));
	json_decref(logs);
	unbundle(&made);
	arena_release(&arena);
}

static void
test_diagnose__drops_what_was_looked_up_and_exists(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct bundle made = bundle(SET("'replicas': 1"),
	                            POD(APP, WAITING("CreateContainerConfigError", "secret \\'db\\' not found")), "[]");
	json_t *present = parse("{'secrets/db': true}");
	made.objects.present = present;
	assert_int_equal(diagnose(&made.objects, &arena).count, 0);
	json_decref(present);
	unbundle(&made);
	arena_release(&arena);
}

static void
test_diagnose__counts_pods_and_names_the_node_they_share(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct bundle made = bundle(SET("'replicas': 3"), POD(APP, ENDED("Error", "1")), "[]");
	json_t *second = json_deep_copy(json_object_get(made.pods, "p1"));
	json_object_set_new(json_object_get(second, "metadata"), "name", json_string("shop-2-b"));
	json_object_set_new(made.pods, "p2", second);
	json_t *third = json_deep_copy(second);
	json_object_set_new(json_object_get(third, "spec"), "nodeName", json_string("node-2"));
	json_t *status = parse("{" RUNNING("true") "}");
	json_object_set_new(third, "status", status);
	json_object_set_new(made.pods, "p3", third);
	struct findings findings = diagnose(&made.objects, &arena);
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.items[0].n_pods, 2);
	assert_int_equal(findings.items[0].n_live, 3);
	assert_false(findings.items[0].is_on_every_pod);
	assert_string_equal(findings.items[0].only_node, "node-1");
	unbundle(&made);
	arena_release(&arena);
}

static void
test_diagnose__folds_repeated_lines(void **state)
{
	(void)state;
	struct arena arena = {0};
	assert_string_equal(text_tail("a\nb\nb\nb\nc\n", 4, &arena), "b (3 times)\nc");
	assert_string_equal(text_tail("", 4, &arena), "");
	arena_release(&arena);
}

static void
test_missing__finds_what_programs_say_they_miss(void **state)
{
	(void)state;
	static const struct { const char *log, *name; } examples[] = {
		{"starting\nreading configuration\nDATABASE_URL is not set\n", "DATABASE_URL"},
		{"Error: environment variable \"PORT\" is not set", "PORT"},
		{"panic: required key DATABASE_URL missing value\n\ngoroutine 1 [running]:\nmain.main()", "DATABASE_URL"},
		{"env: required environment variable \"API_KEY\" is not set", "API_KEY"},
		{"missing environment variable S3_BUCKET", "S3_BUCKET"},
		{"FATAL: Missing required environment variables: S3_BUCKET, S3_KEY", "S3_BUCKET"},
		{"  File \"/app/main.py\", line 3\n    os.environ['PORT']\nKeyError: 'PORT'", "PORT"},
		{"KeyError: 'DATABASE_URL'", "DATABASE_URL"},
		{"app.rb:3:in `fetch': key not found: \"REDIS_URL\" (KeyError)", "REDIS_URL"},
		{"Could not resolve placeholder 'DB_PASSWORD' in value \"${DB_PASSWORD}\"", "DB_PASSWORD"},
		{"java.lang.IllegalArgumentException: Could not resolve placeholder 'DB_PASSWORD' (not found)", "DB_PASSWORD"},
		{"/entrypoint.sh: line 4: TOKEN: unbound variable", "TOKEN"},
		{"sh: 1: TOKEN: parameter not set", "TOKEN"},
		{"{\"level\":\"error\",\"msg\":\"\\\"DB_HOST\\\" is required\"}", "DB_HOST"},
		{"throw new Error('STRIPE_KEY is required')", "STRIPE_KEY"},
		{"ImproperlyConfigured: Set the SECRET_KEY environment variable", "SECRET_KEY"},
		{"Please set the PORT environment variable", "PORT"},
		{"process.env.PORT must be provided", NULL},
		{"A_B is not set\nC_D must be set\nstack\n", "C_D"},
		/* no variable, or none that can be told */
		{"", NULL},
		{"TLS is required", NULL},
		{"relation \"orders\" does not exist", NULL},
		{"ERROR: not set", NULL},
		{"GET /a_B is not set", NULL},
		{"HTTP 404 not found", NULL},
		{"__ is not set", NULL},
		{"1A is not set", NULL},
		{"lower_case is not set", NULL},
		{"NAMÉ_X is not set", NULL},
		{"X; rm -rf / is not set", NULL},
		{"$(reboot)_URL is not set", NULL},
		{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA is not set", NULL},
	};
	struct arena arena = {0};
	for (size_t i = 0; i < array_length(examples); i++) {
		const char *name = missing_variable(examples[i].log, &arena);
		if (!name != !examples[i].name || (name && strcmp(name, examples[i].name) != 0))
			fail_msg("%s: %s", examples[i].log, name ? name : "nothing");
	}
	arena_release(&arena);
}

static void
test_diagnose__names_the_variable_that_is_missing(void **state)
{
	(void)state;
	static const struct { const char *environment, *next; } examples[] = {
		{"pro", "paas secrets set DATABASE_URL --env pro --app shop"},
		{NULL, "read its log: kubectl logs -n  shop-2-a -c app --previous"},
		{"pro; reboot", "read its log: kubectl logs -n  shop-2-a -c app --previous"},
	};
	for (size_t i = 0; i < array_length(examples); i++) {
		struct arena arena = {0};
		struct bundle made = bundle(SET("'replicas': 1"), POD(APP, ENDED("Error", "1")), "[]");
		json_t *logs = parse("{'shop-2-a/app': 'starting\\nDATABASE_URL is not set\\n'}");
		made.objects.logs = logs;
		made.objects.application = "shop";
		made.objects.environment = examples[i].environment;
		struct findings findings = diagnose(&made.objects, &arena);
		assert_int_equal(findings.count, 1);
		assert_string_equal(findings.items[0].next, examples[i].next);
		json_decref(logs);
		unbundle(&made);
		arena_release(&arena);
	}
}

static void
test_diagnose__every_cause_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_cause_table; i++) {
		const struct cause *cause = &cause_table[i];
		assert_true(cause->code && cause->sentence && cause->next && cause->explanation);
		assert_true(strlen(cause->explanation) > 20);
	}
	assert_null(cause_find("no-such-cause"));
	assert_int_equal(cause_find("out-of-memory")->row, 34);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diagnose__names_every_row_of_the_table),
		cmocka_unit_test(test_diagnose__finds_nothing_in_a_healthy_pod),
		cmocka_unit_test(test_diagnose__leaves_out_pods_of_other_revisions_and_leaving_ones),
		cmocka_unit_test(test_diagnose__quotes_the_last_words_and_hides_secrets),
		cmocka_unit_test(test_diagnose__drops_what_was_looked_up_and_exists),
		cmocka_unit_test(test_diagnose__counts_pods_and_names_the_node_they_share),
		cmocka_unit_test(test_diagnose__folds_repeated_lines),
		cmocka_unit_test(test_missing__finds_what_programs_say_they_miss),
		cmocka_unit_test(test_diagnose__names_the_variable_that_is_missing),
		cmocka_unit_test(test_diagnose__every_cause_has_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
