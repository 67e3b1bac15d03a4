/* Lists and watches of pods (kubernetes.md 2.5), and the handler of a server that answers these and
 * their logs. */
#ifndef PAAS_TESTS_UNIT_PODS_FIXTURE_H
#define PAAS_TESTS_UNIT_PODS_FIXTURE_H

#include "kubelet_fixture.h"

/* ---- a pod as the API tells it ---- */

static const char state_times[] = "\"startedAt\":\"2026-01-02T03:04:05Z\"";

static void
put_ended(const struct log_pod *pod, const struct log_container *container, unsigned run, struct buf *ret)
{
	buf_printf(ret, "{\"terminated\":{\"exitCode\":%d,\"reason\":\"%s\",%s,\"finishedAt\":\"2026-01-02T03:04:06Z\","
	           "\"containerID\":\"containerd://%s-%s-%u\"}}", container->exit_code,
	           container->exit_code == 0 ? "Completed" : "Error", state_times, pod->name, container->name, run);
}

static void
put_status(const struct log_pod *pod, const struct log_container *container, struct buf *ret)
{
	unsigned n_ended = container->run + (container->state == CONTAINER_BACKING_OFF);
	bool has_id = container->state != CONTAINER_CREATING;
	buf_printf(ret, "{\"name\":\"%s\",\"image\":\"app\",\"restartCount\":%u,\"ready\":%s,\"started\":%s,\"state\":",
	           container->name, container->run, container->state == CONTAINER_RUNNING ? "true" : "false",
	           container->state == CONTAINER_RUNNING ? "true" : "false");
	if (container->state == CONTAINER_RUNNING)
		buf_printf(ret, "{\"running\":{%s}}", state_times);
	else if (container->state == CONTAINER_ENDED)
		put_ended(pod, container, container->run, ret);
	else
		buf_printf(ret, "{\"waiting\":{\"reason\":\"%s\"}}",
		           container->state == CONTAINER_CREATING ? "ContainerCreating" : "CrashLoopBackOff");
	if (has_id)
		buf_printf(ret, ",\"containerID\":\"containerd://%s-%s-%u\"", pod->name, container->name, container->run);
	buf_add_text(ret, ",\"lastState\":");
	if (n_ended > 0)
		put_ended(pod, container, n_ended - 1, ret);
	else
		buf_add_text(ret, "{}");
	buf_add_char(ret, '}');
}

static void
put_pod(const struct log_pod *pod, struct buf *ret)
{
	buf_printf(ret, "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"uid\":\"uid-%s\","
	           "\"resourceVersion\":\"%u\",\"creationTimestamp\":\"2026-01-02T03:04:05Z\","
	           "\"labels\":{\"app\":\"checkout\",\"fiaas/deployment_id\":\"%s\"}},\"spec\":{%s\"containers\":[",
	           pod->name, pod->name, pod->version, pod->release, pod->is_scheduled ? "\"nodeName\":\"node\"," : "");
	for (size_t i = 0; i < pod->n_containers; i++)
		buf_printf(ret, "%s{\"name\":\"%s\",\"image\":\"app\"}", i == 0 ? "" : ",", pod->containers[i].name);
	bool is_pending = !pod->is_scheduled || pod->containers[0].state == CONTAINER_CREATING;
	buf_printf(ret, "]},\"status\":{\"phase\":\"%s\"", is_pending ? "Pending" : "Running");
	for (size_t i = 0; pod->is_scheduled && i < pod->n_containers; i++) {
		buf_add_text(ret, i == 0 ? ",\"containerStatuses\":[" : ",");
		put_status(pod, &pod->containers[i], ret);
	}
	buf_add_text(ret, pod->is_scheduled ? "]}}" : "}}");
}

/* ---- lists and watches ---- */

static bool
is_selected(const struct log_pod *pod, const char *selector)
{
	const char *release = selector != NULL ? strstr(selector, "fiaas/deployment_id=") : NULL;
	if (release == NULL)
		return true;
	release = strchr(release, '=') + 1;
	return strncmp(release, pod->release, strlen(pod->release)) == 0;
}

static void
pump_events(struct outlet *outlet)
{
	for (; outlet->at < cluster.n_events && !outlet->is_stopped; outlet->at++) {
		if (is_selected(cluster.events[outlet->at].pod, web_query(outlet->request, "labelSelector")))
			outlet_push(outlet, cluster.events[outlet->at].text, strlen(cluster.events[outlet->at].text));
	}
}

/* Tells everybody how the pod is now. */
MAY_BE_UNUSED void
pod_changed(struct log_pod *pod)
{
	enum { EVENTS_MAX = 4000 };
	scoped(buf_release) struct buf text = BUF_INIT(1 << 20);
	if (cluster.events == NULL)
		cluster.events = arena_calloc(&cluster.arena, EVENTS_MAX, sizeof *cluster.events);
	if (cluster.n_events == EVENTS_MAX)
		abort();
	bool is_new = pod->version == 0;
	for (size_t i = 0; i < pod->n_containers; i++)
		note("pod:    %s %s run %u %s", pod->name, pod->containers[i].name, pod->containers[i].run,
		     (const char *[]){"is created", "runs", "backs off", "ended"}[pod->containers[i].state]);
	pod->version = cluster.n_events + 1;
	buf_printf(&text, "{\"type\":\"%s\",\"object\":", is_new ? "ADDED" : "MODIFIED");
	put_pod(pod, &text);
	buf_add_text(&text, "}\n");
	cluster.events[cluster.n_events].pod = pod;
	cluster.events[cluster.n_events++].text = arena_strdup(&cluster.arena, text.bytes);
	for (struct outlet *at = cluster.outlets; at != NULL; at = at->next) {
		if (at->container == NULL)
			pump_events(at);
	}
}

static void
answer_list(struct web_request *request)
{
	scoped(buf_release) struct buf text = BUF_INIT(16 << 20);
	size_t n = 0;
	if (cluster.listed != NULL)
		cluster.listed();
	buf_printf(&text, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"%u\"},\"items\":[",
	           cluster.n_events);
	for (size_t i = 0; i < cluster.n_pods; i++) {
		const struct log_pod *pod = &cluster.pods[i];
		if (pod->version == 0 || !is_selected(pod, web_query(request, "labelSelector")))
			continue;
		buf_add_text(&text, n++ == 0 ? "" : ",");
		put_pod(pod, &text);
	}
	buf_add_text(&text, "]}");
	web_add_header(request, "Content-Type", "application/json");
	web_respond(request, 200, text.bytes, text.length);
}

static void
answer_pods(struct web_request *request)
{
	if (!is_true(request, "watch")) {
		answer_list(request);
		return;
	}
	const char *version = web_query(request, "resourceVersion");
	struct outlet *outlet = outlet_open(request, NULL);
	outlet->at = version != NULL ? strtoul(version, NULL, 10) : 0;
	outlet_limit(outlet);
	pump_events(outlet);
}

static struct log_pod *
find_pod(const char *name, size_t length)
{
	for (size_t i = 0; i < cluster.n_pods; i++) {
		struct log_pod *pod = &cluster.pods[i];
		if (pod->version != 0 && strlen(pod->name) == length && memcmp(pod->name, name, length) == 0)
			return pod;
	}
	return NULL;
}

static void
answer_pod(const struct log_pod *pod, struct web_request *request)
{
	scoped(buf_release) struct buf text = BUF_INIT(1 << 20);
	put_pod(pod, &text);
	web_add_header(request, "Content-Type", "application/json");
	web_respond(request, 200, text.bytes, text.length);
}

/* The server's handler. */
static void
kubelet_handle(void *data, struct web_request *request)
{
	static const char pods[] = "/api/v1/namespaces/ns/pods";
	const char *path = request->path, *name = path + sizeof pods;
	(void)data;
	note("asked:  %s", request->target);
	if (cluster.n_targets < TARGETS_MAX)
		cluster.targets[cluster.n_targets++] = arena_strdup(&cluster.arena, request->target);
	if (strcmp(path, pods) == 0) {
		answer_pods(request);
		return;
	}
	struct log_pod *pod = NULL;
	const char *end = "";
	if (strncmp(path, pods, sizeof pods - 1) == 0 && path[sizeof pods - 1] == '/') {
		end = strchrnul(name, '/');
		pod = find_pod(name, (size_t)(end - name));
	}
	if (pod != NULL && strcmp(end, "/log") == 0)
		answer_log(pod, request);
	else if (pod != NULL && *end == '\0')
		answer_pod(pod, request);
	else {
		cluster.n_unknown++;
		refuse(request, 404, "no such thing");
	}
}

/* ---- what the test does to it ---- */

MAY_BE_UNUSED struct log_pod *
pod_new(const char *release, size_t n_containers)
{
	static const char *const names[CONTAINERS_MAX] = {"app", "proxy", "audit"};
	struct log_pod *pod = &cluster.pods[cluster.n_pods];
	snprintf(pod->name, sizeof pod->name, "checkout-%zu", cluster.n_pods++);
	pod->release = release;
	pod->n_containers = n_containers;
	pod->is_scheduled = true;
	for (size_t i = 0; i < n_containers; i++) {
		pod->containers[i].name = names[i];
		pod->containers[i].n_runs = 1;
		pod->containers[i].state = CONTAINER_RUNNING;
	}
	return pod;
}

/* Releases all; readers that are still there are cut. */
MAY_BE_UNUSED void
cluster_clear(void)
{
	for (struct outlet *at = cluster.outlets; at != NULL; at = at->next) {
		at->request->closed = NULL;
		web_cut(at->request, true);
	}
	arena_release(&cluster.arena);
	buf_clear(&story);
	memset(&cluster, 0, sizeof cluster);
}

#endif
