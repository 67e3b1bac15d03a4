#include "core/logs/logs.h"

#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "core/diagnose/object.h"
#include "core/logs/merge.h"
#include "core/logs/source.h"

/* ---- which containers ---- */

static struct log_source *
find_source(const struct logs *logs, const char *uid, const char *name)
{
	for (size_t i = 0; i < logs->n_sources; i++)
		if (strcmp(logs->sources[i]->uid, uid) == 0 && strcmp(logs->sources[i]->container.name, name) == 0)
			return logs->sources[i];
	return NULL;
}

static void
add_source(struct logs *logs, struct log_source *source)
{
	if (logs->n_sources == logs->capacity) {
		logs->capacity = logs->capacity * 2 + 16;
		logs->sources = realloc(logs->sources, logs->capacity * sizeof *logs->sources);
		if (logs->sources == NULL)
			abort();
	}
	logs->sources[logs->n_sources++] = source;
}

static void
tell_waiting(struct logs *logs, const json_t *pod, const char *name, const char *why)
{
	struct logs_container container = {.pod = object_name(pod), .name = name, .release = ""};
	why = why[0] != '\0' ? why : "Pending";
	struct logs_event event = {.type = LOGS_WAITING, .container = &container, .text = why, .length = strlen(why)};
	logs->request->told(logs->request->data, &event);
}

/* A container that has something to read gets a source, once. */
static void
meet_container(struct logs *logs, const json_t *pod, const char *name)
{
	const struct logs_request *request = logs->request;
	struct container_state state;
	struct log_source *source = find_source(logs, object_uid(pod), name);
	if (source != NULL) {
		log_source_learn(source, pod);
		return;
	}
	if (request->wants != NULL && !request->wants(request->data, object_name(pod), name))
		return;
	if (!container_state_read(pod, name, &state))
		state = (struct container_state){.last_run = -1}; /* not scheduled yet */
	if (!state.has_started || (request->previous && state.last_run < 0)) {
		if (!request->follow)
			tell_waiting(logs, pod, name, request->previous ? "no previous run" : state.why);
		return;
	}
	source = log_source_new(logs, pod, name);
	source->state = state;
	source->is_late_comer = logs->is_synced;
	add_source(logs, source);
	log_source_start(source);
}

static void
meet_pod(struct logs *logs, const json_t *pod)
{
	static const char *const lists[] = {"spec.initContainers", "spec.containers", "spec.ephemeralContainers"};
	const json_t *container;
	size_t i;
	for (size_t list = 0; list < array_length(lists); list++)
		json_array_foreach(json_at(pod, lists[list]), i, container)
			meet_container(logs, pod, object_word(container, "name"));
}

static bool
is_of_release(const struct logs *logs, const json_t *pod)
{
	const char *wanted = logs->request->deployment_id, *release = object_label(pod, "fiaas/deployment_id");
	return wanted == NULL || (release != NULL && strcmp(release, wanted) == 0);
}

/* ---- once ---- */

static bool
read_once(struct logs *logs, struct error *err)
{
	const struct logs_request *request = logs->request;
	struct kubernetes_query query = {.resource = &kubernetes_pods, .namespace = request->namespace,
	                                 .label_selector = request->label_selector};
	scoped(json_release) json_t *list = NULL;
	const json_t *pod;
	size_t i;
	if (!kubernetes_list(request->kubernetes, &query, &list, err))
		return false;
	json_array_foreach(json_at(list, "items"), i, pod)
		if (is_of_release(logs, pod))
			meet_pod(logs, pod);
	return merge_lines(logs) || error_set(err, ERROR_INTERRUPTED, "interrupted");
}

/* ---- following ---- */

enum { RELEASES = 16, RELEASE_BYTES = 80 };

struct following {
	struct logs *logs;
	char releases[RELEASES][RELEASE_BYTES]; /* whose pods were met, in turns */
	size_t n_releases;
};

static void
tell_release(struct following *following, const json_t *pod)
{
	struct logs *logs = following->logs;
	const char *release = object_label(pod, "fiaas/deployment_id");
	if (release == NULL || strlen(release) >= RELEASE_BYTES)
		return;
	for (size_t i = 0; i < RELEASES; i++)
		if (strcmp(following->releases[i], release) == 0)
			return;
	memcpy(following->releases[following->n_releases++ % RELEASES], release, strlen(release) + 1);
	struct logs_event event = {.type = LOGS_RELEASE, .text = release, .length = strlen(release)};
	if (logs->is_synced)
		logs->request->told(logs->request->data, &event);
}

static bool
is_known(const struct logs *logs, const json_t *pod)
{
	for (size_t i = 0; i < logs->n_sources; i++)
		if (strcmp(logs->sources[i]->uid, object_uid(pod)) == 0)
			return true;
	return false;
}

static void
lose_pod(struct logs *logs, const json_t *pod)
{
	for (size_t i = 0; i < logs->n_sources; i++)
		if (strcmp(logs->sources[i]->uid, object_uid(pod)) == 0)
			log_source_lose(logs->sources[i]);
}

static void
pod_changed(void *data, const struct kubernetes_event *event)
{
	struct following *following = data;
	struct logs *logs = following->logs;
	switch (event->type) {
	case KUBERNETES_ADDED:
	case KUBERNETES_MODIFIED:
		if (!object_is_leaving(event->object))
			tell_release(following, event->object);
		if (is_known(logs, event->object) || is_of_release(logs, event->object) ||
		    (logs->is_synced && !object_is_leaving(event->object)))
			meet_pod(logs, event->object);
		break;
	case KUBERNETES_DELETED:
		lose_pod(logs, event->object);
		break;
	case KUBERNETES_SYNCED:
		logs->is_synced = true;
		break;
	case KUBERNETES_LOST:
		logs->failure = event->trouble;
		logs->is_stopping = !event->trouble.retryable;
		break;
	case KUBERNETES_BACK:
		break;
	}
	fiber_wake(logs->fiber);
}

static bool
follow(struct logs *logs, struct error *err)
{
	const struct logs_request *request = logs->request;
	struct following following = {.logs = logs};
	struct kubernetes_query query = {.resource = &kubernetes_pods, .namespace = request->namespace,
	                                 .label_selector = request->label_selector};
	struct kubernetes_informer *informer = kubernetes_informer_start(request->kubernetes, &query, pod_changed, &following);
	bool is_fine = merge_lines(logs);
	kubernetes_informer_stop(informer);
	if (is_fine) {
		*err = logs->failure;
		return false;
	}
	return error_set(err, ERROR_INTERRUPTED, "interrupted");
}

/* ---- both ---- */

bool
logs_read(const struct logs_request *request, struct logs_result *ret, struct error *err)
{
	struct logs logs = {.request = request, .fiber = fiber_current(), .told_key = -1};
	bool is_fine = request->follow ? follow(&logs, err) : read_once(&logs, err);
	for (size_t i = 0; i < logs.n_sources; i++)
		log_source_free(logs.sources[i]);
	free(logs.sources);
	*ret = logs.result;
	return is_fine;
}
