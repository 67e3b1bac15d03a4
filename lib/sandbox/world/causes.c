#include "sandbox/world/causes.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/world/parts.h"
#include "sandbox/world/pod.h"

enum { KEY_BYTES = 340 };

#define FORBIDDEN "pods \"{pod}\" is forbidden: "
#define RUNC "failed to create containerd task: failed to create shim task: OCI runtime create failed: " \
	"runc create failed: unable to start container process: "
#define PULL "rpc error: code = Unknown desc = failed to pull and unpack image \"{image}\": "
#define RESOLVE PULL "failed to resolve reference \"{image}\": "
#define POD_FINE "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."

/* clang-format off */
const struct world_cause world_causes[] = {
	/* Admission: the ReplicaSet cannot make pods. */
	{"quota-exceeded", "1", CAUSE_ADMISSION, "the namespace's ResourceQuota is full", "FailedCreate",
	 FORBIDDEN "exceeded quota: compute, requested: requests.cpu=200m, used: requests.cpu=4, limited: requests.cpu=4", 0, 0, ""},
	{"quota-must-specify", "2", CAUSE_ADMISSION, "the quota wants requests and limits", "FailedCreate",
	 FORBIDDEN "failed quota: compute: must specify limits.memory for: {container}; requests.cpu for: {container}", 0, 0, ""},
	{"limit-range", "3", CAUSE_ADMISSION, "resources outside the LimitRange", "FailedCreate",
	 FORBIDDEN "maximum cpu usage per Container is 100m, but limit is 400m", 0, 0, ""},
	{"pod-security", "4", CAUSE_ADMISSION, "Pod Security admission refuses", "FailedCreate",
	 FORBIDDEN "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"{container}\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"{container}\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"{container}\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"{container}\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")", 0, 0, ""},
	{"webhook-denied", "5", CAUSE_ADMISSION, "an admission webhook refuses", "FailedCreate",
	 "admission webhook \"policy.acme.example\" denied the request: images must come from registry.acme.example", 0, 0, ""},
	{"policy-denied", "5", CAUSE_ADMISSION, "a ValidatingAdmissionPolicy refuses", "FailedCreate",
	 FORBIDDEN "ValidatingAdmissionPolicy 'require-team' with binding 'require-team' denied request: label team is required", 0, 0, ""},
	{"webhook-down", "6", CAUSE_ADMISSION, "an admission webhook does not answer", "FailedCreate",
	 "Internal error occurred: failed calling webhook \"policy.acme.example\": failed to call webhook: Post \"https://policy.policy-system.svc:443/validate?timeout=10s\": dial tcp 10.96.14.2:443: connect: connection refused", 0, 0, ""},
	{"missing-service-account", "7", CAUSE_ADMISSION, "the ServiceAccount does not exist", "FailedCreate",
	 FORBIDDEN "error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found", 0, 0, ""},
	{"missing-priority-class", "8", CAUSE_ADMISSION, "the PriorityClass does not exist", "FailedCreate",
	 FORBIDDEN "no PriorityClass with name business-critical was found", 0, 0, ""},
	{"missing-runtime-class", "8", CAUSE_ADMISSION, "the RuntimeClass does not exist", "FailedCreate",
	 FORBIDDEN "pod rejected: RuntimeClass \"gvisor\" not found", 0, 0, ""},
	{"replica-set-refused", "9", CAUSE_REPLICA_SET, "the ReplicaSet cannot be made", "ReplicaSetCreateError",
	 "Failed to create new replica set \"{app}\": admission webhook \"policy.acme.example\" denied the request: template refused", 0, 0, ""},
	{"controller-dead", "9", CAUSE_CONTROLLER, "the Deployment controller does not act", "", "", 0, 0, ""},

	/* Scheduling. */
	{"insufficient-cpu", "10", CAUSE_SCHEDULING, "no node has the cpu requested", "Unschedulable",
	 "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.", 0, 0, ""},
	{"insufficient-memory", "10", CAUSE_SCHEDULING, "no node has the memory requested", "Unschedulable",
	 "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.", 0, 0, ""},
	{"untolerated-taint", "11", CAUSE_SCHEDULING, "every node has a taint", "Unschedulable",
	 "0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: batch}. " POD_FINE, 0, 0, ""},
	{"node-affinity", "12", CAUSE_SCHEDULING, "no node has the label asked for", "Unschedulable",
	 "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. " POD_FINE, 0, 0, ""},
	{"anti-affinity", "13", CAUSE_SCHEDULING, "anti-affinity leaves no node", "Unschedulable",
	 "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.", 0, 0, ""},
	{"topology-spread", "13", CAUSE_SCHEDULING, "spread constraints leave no node", "Unschedulable",
	 "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.", 0, 0, ""},
	{"pvc-not-found", "14", CAUSE_SCHEDULING, "the PersistentVolumeClaim does not exist", "Unschedulable",
	 "0/3 nodes are available: persistentvolumeclaim \"{app}-data\" not found. " POD_FINE, 0, 0, ""},
	{"pvc-unbound", "14", CAUSE_SCHEDULING, "the PersistentVolumeClaim is not bound", "Unschedulable",
	 "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. " POD_FINE, 0, 0, ""},
	{"too-many-pods", "15", CAUSE_SCHEDULING, "every node is full of pods", "Unschedulable",
	 "0/3 nodes are available: 3 Too many pods. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.", 0, 0, ""},
	{"host-port-taken", "15", CAUSE_SCHEDULING, "the host port is taken on every node", "Unschedulable",
	 "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.", 0, 0, ""},
	{"nodes-cordoned", "15", CAUSE_SCHEDULING, "every node is cordoned", "Unschedulable",
	 "0/3 nodes are available: 3 node(s) were unschedulable. " POD_FINE, 0, 0, ""},
	{"scheduling-gated", "16", CAUSE_GATED, "a scheduling gate is never released", "SchedulingGated",
	 "Scheduling is blocked due to non-empty scheduling gates", 0, 0, ""},
	{"scheduler-absent", "17", CAUSE_NO_SCHEDULER, "the pod names a scheduler that does not run", "", "", 0, 0, ""},

	/* On the node, before the container. */
	{"mount-missing-configmap", "22", CAUSE_MOUNT, "a ConfigMap to mount does not exist", "FailedMount",
	 "MountVolume.SetUp failed for volume \"{app}-settings\" : configmap \"{app}-settings\" not found", 0, 0, ""},
	{"mount-missing-secret", "22", CAUSE_MOUNT, "a Secret to mount does not exist", "FailedMount",
	 "MountVolume.SetUp failed for volume \"{app}-keys\" : secret \"{app}-keys\" not found", 0, 0, ""},
	{"mount-missing-key", "22", CAUSE_MOUNT, "a key of a ConfigMap to mount does not exist", "FailedMount",
	 "MountVolume.SetUp failed for volume \"{app}-settings\" : configmap references non-existent config key: app.toml", 0, 0, ""},
	{"sandbox-failed", "23", CAUSE_SANDBOX, "the network plug-in has no address left", "FailedCreatePodSandBox",
	 "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"3f1c0a52\": plugin type=\"calico\" failed (add): no more IPs available in pool 10.244.0.0/24", 0, 0, ""},
	{"config-missing-key", "24", CAUSE_CONFIG, "an environment variable names a missing key", "CreateContainerConfigError",
	 "couldn't find key DATABASE_URL in ConfigMap {namespace}/{app}-settings", 0, 0, ""},
	{"config-missing-secret", "24", CAUSE_CONFIG, "an environment variable names a missing Secret", "CreateContainerConfigError",
	 "secret \"{app}-keys\" not found", 0, 0, ""},
	{"run-as-root", "24", CAUSE_CONFIG, "runAsNonRoot, and the image runs as root", "CreateContainerConfigError",
	 "container has runAsNonRoot and image will run as root (pod: \"{pod}_{namespace}({uid})\", container: {container})", 0, 0, ""},
	{"create-container-error", "25", CAUSE_CONFIG, "the runtime refuses the container", "CreateContainerError",
	 "failed to generate container \"9d2f\" spec: failed to generate spec: no command specified", 0, 0, ""},

	/* Images. */
	{"invalid-image-name", "26", CAUSE_IMAGE_NAME, "the image reference cannot be parsed", "InvalidImageName",
	 "Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": invalid reference format", 0, 0, ""},
	{"image-not-found", "27", CAUSE_PULL, "the tag does not exist", "ErrImagePull",
	 "rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found", 0, 0, ""},
	{"image-host-unknown", "27", CAUSE_PULL, "the registry's name does not resolve", "ErrImagePull",
	 RESOLVE "failed to do request: Head \"https://{repository}\": dial tcp: lookup registry.acme.example on 10.96.0.10:53: no such host", 0, 0, ""},
	{"image-unauthorized", "28", CAUSE_PULL, "the registry refuses the node's credentials", "ErrImagePull",
	 RESOLVE "failed to authorize: failed to fetch oauth token: unexpected status from GET request: 401 Unauthorized", 0, 0, ""},
	{"image-forbidden", "28", CAUSE_PULL, "the registry denies access to the repository", "ErrImagePull",
	 RESOLVE "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed", 0, 0, ""},
	{"image-rate-limited", "29", CAUSE_PULL, "the registry limits the rate", "ErrImagePull",
	 PULL "failed to copy: httpReadSeeker: failed open: unexpected status code: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.", 0, 0, ""},
	{"image-timeout", "29", CAUSE_PULL, "the registry does not answer", "ErrImagePull",
	 RESOLVE "failed to do request: Head \"https://{repository}\": net/http: TLS handshake timeout", 0, 0, ""},
	{"image-x509", "29", CAUSE_PULL, "the node does not trust the registry", "ErrImagePull",
	 RESOLVE "failed to do request: Head \"https://{repository}\": tls: failed to verify certificate: x509: certificate signed by unknown authority", 0, 0, ""},
	{"image-wrong-platform", "30", CAUSE_PULL, "the image was built for another cpu", "ErrImagePull",
	 "rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": no match for platform in manifest: not found", 0, 0, ""},
	{"exec-format-error", "30", CAUSE_EXIT, "the program was built for another cpu", "Error", "", 1, 0,
	 "exec /app/server: exec format error\n"},
	{"image-never-pull", "31", CAUSE_NEVER_PULL, "pull policy Never, image not on the node", "ErrImageNeverPull",
	 "Container image \"{image}\" is not present with pull policy of Never", 0, 0, ""},
	{"image-inspect-error", "31", CAUSE_IMAGE_NAME, "the node cannot read the image", "ImageInspectError",
	 "Failed to inspect image \"{image}\": rpc error: code = Unknown desc = layer does not exist", 0, 0, ""},

	/* Start. */
	{"command-not-found", "32", CAUSE_START, "the command is not in the image", "StartError",
	 RUNC "exec: \"/app/serve\": stat /app/serve: no such file or directory: unknown", 128, 0, ""},
	{"executable-not-in-path", "32", CAUSE_START, "the command is not in $PATH", "StartError",
	 RUNC "exec: \"serve\": executable file not found in $PATH: unknown", 128, 0, ""},
	{"command-not-executable", "32", CAUSE_START, "the command may not be executed", "StartError",
	 RUNC "exec: \"/app/server\": permission denied: unknown", 128, 0, ""},
	{"exit-127", "32", CAUSE_EXIT, "the entry script calls an unknown program", "Error", "", 127, 0,
	 "/entrypoint.sh: line 4: gunicorn: not found\n"},

	/* Life. */
	{"crash-loop", "33", CAUSE_EXIT, "the application exits with an error", "Error", "", 1, 0,
	 "starting {app}\nreading configuration\nDATABASE_URL is not set\n"},
	{"crash-then-heal", "33", CAUSE_EXIT, "crashes twice, then runs", "Error", "", 1, 2,
	 "starting {app}\nwaiting for the database\nconnection refused\n"},
	{"one-node-crash", "33", CAUSE_EXIT, "crashes on one node only", "Error", "", 1, 0,
	 "starting {app}\nlookup db.internal: server misbehaving\n"},
	{"oom-killed", "34", CAUSE_EXIT, "uses more memory than its limit", "OOMKilled", "", 137, 0,
	 "starting {app}\nloading 2 GiB of cache\n"},
	{"killed-by-liveness", "35,40", CAUSE_LIVENESS_PROBE, "killed by the liveness probe, ignores SIGTERM", "Error",
	 "Liveness probe failed: Get \"http://10.244.1.7:8080/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)", 137, 0, ""},
	{"segmentation-fault", "36", CAUSE_EXIT, "the program crashes natively", "Error", "", 139, 0,
	 "starting {app}\nSegmentation fault (core dumped)\n"},
	{"exit-143", "36", CAUSE_EXIT, "ends by SIGTERM", "Error", "", 143, 0,
	 "starting {app}\nreceived SIGTERM, stopping\n"},
	{"exit-134", "36", CAUSE_EXIT, "the program aborts", "Error", "", 134, 0,
	 "starting {app}\nAssertion `pool != NULL' failed.\n"},
	{"exit-0", "37", CAUSE_EXIT, "the program ends by itself", "Completed", "", 0, 0,
	 "starting {app}\nnothing to do\n"},
	{"init-failing", "38", CAUSE_INIT, "an init container fails", "Error", "", 1, 0,
	 "migrating\nrelation \"orders\" does not exist\n"},
	{"not-ready", "39", CAUSE_READINESS_PROBE, "the readiness probe gets 503", "",
	 "Readiness probe failed: HTTP probe failed with statuscode: 503", 0, 0, ""},
	{"wrong-port", "39", CAUSE_READINESS_PROBE, "nobody listens on the probed port", "",
	 "Readiness probe failed: dial tcp 10.244.1.7:8080: connect: connection refused", 0, 0, ""},
	{"liveness-failing", "40", CAUSE_LIVENESS_PROBE, "the liveness probe fails", "Error",
	 "Liveness probe failed: HTTP probe failed with statuscode: 500", 143, 0, ""},
	{"startup-failing", "41", CAUSE_STARTUP_PROBE, "the startup probe fails", "Error",
	 "Startup probe failed: dial tcp 10.244.1.7:8080: connect: connection refused", 143, 0, ""},
	{"post-start-hook", "42", CAUSE_HOOK, "the postStart hook fails", "FailedPostStartHook",
	 "PostStartHook failed: command '/app/warm-up' exited with 1: cache host not found", 137, 0, ""},
	{"readiness-gate", "43", CAUSE_READINESS_GATE, "a readiness gate stays closed", "ReadinessGatesNotReady",
	 "corresponding condition of pod readiness gate \"target-health.acme.example/checkout\" does not exist.", 0, 0, ""},
	{"evicted", "44", CAUSE_EVICTION, "evicted twice, the node has no disk left", "Evicted",
	 "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 812Mi. Container {container} was using 1536Mi, request is 0, has larger consumption of ephemeral-storage. ", 0, 2, ""},
	{"preempted", "45", CAUSE_DISRUPTION, "preempted twice by more important pods", "PreemptionByScheduler",
	 "default-scheduler: preempting to accommodate a higher priority pod", 0, 2, ""},
	{"drained", "45", CAUSE_DISRUPTION, "its node is drained", "EvictionByEvictionAPI",
	 "Eviction API: evicting", 0, 1, ""},
	{"out-of-cpu", "46", CAUSE_NODE_REFUSES, "the kubelet has no cpu for it, twice", "OutOfcpu",
	 "Pod was rejected: Node didn't have enough resource: cpu, requested: 200, used: 3900, capacity: 4000", 0, 2, ""},
	{"node-affinity-lost", "46", CAUSE_NODE_REFUSES, "the node's labels changed meanwhile, twice", "NodeAffinity",
	 "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector", 0, 2, ""},
	{"node-lost", "47", CAUSE_NODE_LOST, "a node stops answering", "NodeStatusUnknown",
	 "Kubelet stopped posting node status.", 0, 0, ""},

	/* What happens to the rollout as a whole. */
	{"paused", "-", CAUSE_DEPLOYMENT, "somebody pauses the Deployment", "", "", 0, 0, ""},
	{"progress-deadline", "-", CAUSE_READINESS_PROBE, "never ready within a deadline of 30 s", "",
	 "Readiness probe failed: HTTP probe failed with statuscode: 503", 0, 0, ""},
	{"deployment-deleted", "-", CAUSE_DEPLOYMENT, "somebody deletes the Deployment", "", "", 0, 1, ""},
	{"superseded", "-", CAUSE_DEPLOYMENT, "somebody deploys again", "", "", 0, 1, ""},

	/* The operator. */
	{"operator-dead", "-", CAUSE_OPERATOR, "the operator does not run", "", "", 0, 0, ""},
	{"operator-slow", "-", CAUSE_OPERATOR, "the operator looks after 60 s only", "", "", 0, 0, ""},
	{"operator-fails", "-", CAUSE_OPERATOR, "the operator fails to write objects", "",
	 "ApiException: (500) Reason: Internal Server Error", 0, 0, ""},
	{"operator-times-out", "-", CAUSE_OPERATOR, "the operator gives up before the pods are ready", "", "", 0, 0, ""},
	{"status-never-closed", "-", CAUSE_OPERATOR, "the status stays RUNNING", "", "", 0, 0, ""},
	{"success-then-crash", "-", CAUSE_EXIT, "ready, reported as success, then crashes", "Error", "", 1, 0,
	 "starting {app}\nlistening on :8080\nlost connection to the broker\n"},
};
/* clang-format on */
const size_t n_world_causes = array_length(world_causes);

const struct world_cause *
world_cause_named(const char *name)
{
	for (size_t i = 0; i < n_world_causes; i++) {
		if (!strcmp(world_causes[i].name, name))
			return &world_causes[i];
	}
	return NULL;
}

static json_t *
armed_for(const struct world *world, const char *namespace, const char *app)
{
	char key[KEY_BYTES];
	snprintf(key, sizeof(key), "%s/%s", namespace, app);
	return json_object_get(world->armed, key);
}

/* The list in which `name` is armed for an application: its own, or one for all of a namespace or
 * for all namespaces.  NULL = it is not. */
static json_t *
armed_list(const struct world *world, const char *namespace, const char *app, const char *name)
{
	const char *const places[][2] = {{namespace, app}, {namespace, ""}, {"", app}, {"", ""}};
	for (size_t i = 0; i < array_length(places); i++) {
		json_t *armed = armed_for(world, places[i][0], places[i][1]);
		if (json_object_get(armed, name))
			return armed;
	}
	return NULL;
}

bool
cause_is_armed(const struct world *world, const char *namespace, const char *app, const char *name)
{
	return armed_list(world, namespace, app, name) != NULL;
}

const struct world_cause *
cause_of_app(const struct world *world, const char *namespace, const char *app,
             enum cause_stage stage)
{
	for (size_t i = 0; i < n_world_causes; i++) {
		if (world_causes[i].stage == stage && cause_is_armed(world, namespace, app, world_causes[i].name))
			return &world_causes[i];
	}
	return NULL;
}

/* "one-node-crash" knows one node. */
static bool
strikes_here(const struct world_cause *cause, const json_t *pod)
{
	if (strcmp(cause->name, "one-node-crash") != 0)
		return true;
	return !strcmp(item_text(pod, "spec/nodeName"), "node-1");
}

const struct world_cause *
cause_of_pod(const struct world *world, const json_t *pod, enum cause_stage stage)
{
	const json_t *record = json_object_get(world->pods, item_uid(pod));
	const json_t *marked = json_object_get(record, "causes");
	const char *app = item_label(pod, "app");
	for (size_t i = 0; i < n_world_causes; i++) {
		const struct world_cause *cause = &world_causes[i];
		if (cause->stage != stage || !cause_is_armed(world, item_namespace(pod), app, cause->name))
			continue;
		if (record && !json_object_get(marked, cause->name))
			continue;
		if (strikes_here(cause, pod))
			return cause;
	}
	return NULL;
}

void
cause_struck(struct world *world, const char *namespace, const char *app,
             const struct world_cause *cause)
{
	json_t *armed = armed_list(world, namespace, app, cause->name);
	int64_t left = item_integer(armed, cause->name, -1);
	if (left > 1)
		json_object_set_new(armed, cause->name, json_integer(left - 1));
	else if (left >= 0)
		json_object_del(armed, cause->name);
}

static const char *
placeholder_value(const char *name, size_t length, const json_t *pod)
{
	static const struct {
		const char *name, *path;
	} paths[] = {
		{"pod", "metadata/name"}, {"namespace", "metadata/namespace"}, {"uid", "metadata/uid"},
		{"node", "spec/nodeName"}, {"account", "spec/serviceAccountName"},
	};
	for (size_t i = 0; i < array_length(paths); i++) {
		if (strlen(paths[i].name) == length && !memcmp(paths[i].name, name, length))
			return item_text(pod, paths[i].path);
	}
	const json_t *container = pod_main_container(pod);
	if (length == 3 && !memcmp(name, "app", 3))
		return item_label(pod, "app");
	if (length == 9 && !memcmp(name, "container", 9))
		return item_text(container, "name");
	if (length == 5 && !memcmp(name, "image", 5))
		return item_text(container, "image");
	return NULL;
}

void
cause_write(struct buf *buf, const char *text, const json_t *pod)
{
	while (*text) {
		const char *end = *text == '{' ? strchr(text, '}') : NULL;
		size_t length = end ? (size_t)(end - text) - 1 : 0;
		const char *image = item_text(pod_main_container(pod), "image");
		const char *value = end ? placeholder_value(text + 1, length, pod) : NULL;
		if (end && length == 10 && !memcmp(text + 1, "repository", 10)) {
			const char *tag = strrchr(image, ':');
			buf_add(buf, image, tag ? (size_t)(tag - image) : strlen(image));
			text = end + 1;
		} else if (value) {
			buf_add_text(buf, value);
			text = end + 1;
		} else {
			buf_add_char(buf, *text++);
		}
	}
}
