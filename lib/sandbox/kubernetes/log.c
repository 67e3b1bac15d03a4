/* GET …/pods/NAME/log: which container, which part of its text, and following it. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "base/loop.h"
#include "base/number.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

enum { FOLLOW_EVERY_MS = 100 };

struct log_reader {
	struct call *call;
	struct loop *loop;
	const char *pod_uid, *container;
	bool is_previous, has_timestamps;
	uint64_t bytes_left;      /* limitBytes */
	size_t sent;              /* bytes of the source already looked at */
	struct loop_timer timer;  /* when following */
};

/* ---- which container ---- */

static const char *const container_lists[] = {"spec.containers", "spec.initContainers",
                                              "spec.ephemeralContainers"};
static const char *const status_lists[] = {"status.containerStatuses", "status.initContainerStatuses",
                                           "status.ephemeralContainerStatuses"};

static bool
has_container(const json_t *pod, const char *name)
{
	bool found = false;
	for (size_t list = 0; list < array_length(container_lists) && !found; list++)
		found = tree_find(tree_get(pod, container_lists[list]), "name", name) != NULL;
	return found;
}

static const char *
list_names(const json_t *pod, const char *path, struct arena *arena)
{
	const char *names = "";
	size_t i;
	json_t *container;
	json_array_foreach (tree_get(pod, path), i, container)
		names = arena_printf(arena, "%s%s%s", names, i == 0 ? "" : " ", tree_text(container, "name"));
	return names;
}

static json_t *
must_choose(const struct call *call, const json_t *pod)
{
	const char *init = list_names(pod, "spec.initContainers", call->arena);
	const char *all = list_names(pod, "spec.containers", call->arena);
	if (init[0] == '\0')
		return status_bad_request("a container name must be specified for pod %s, choose one of: [%s]",
		                          call->name, all);
	return status_bad_request("a container name must be specified for pod %s, choose one of: [%s] or "
	                          "one of the init containers: [%s]", call->name, all, init);
}

/* New reference to the 400, or NULL and *ret set.  The default-container annotation is for kubectl. */
static json_t *
choose_container(const struct call *call, const json_t *pod, const char **ret)
{
	const char *asked = call_query(call, "container");
	const json_t *containers = tree_get(pod, "spec.containers");
	bool is_lone = json_array_size(containers) == 1 &&
	               json_array_size(tree_get(pod, "spec.initContainers")) == 0;
	if (asked == NULL || asked[0] == '\0') {
		*ret = tree_text(containers, "0.name");
		return is_lone ? NULL : must_choose(call, pod);
	}
	*ret = asked;
	return has_container(pod, asked) ? NULL
		: status_bad_request("container %s is not valid for pod %s", asked, call->name);
}

static const json_t *
find_status(const json_t *pod, const char *container)
{
	const json_t *status = NULL;
	for (size_t list = 0; list < array_length(status_lists) && status == NULL; list++)
		status = tree_find(tree_get(pod, status_lists[list]), "name", container);
	return status;
}

/* The kubelet's checks; *is_last: the run before the present one is what can be read.  While a container waits to
 * run anew, the one that ended last is both its present and its previous run, and the world's present log. */
static json_t *
check_state(const struct call *call, const json_t *pod, const char *container, bool is_previous,
            bool *is_last)
{
	static const char *const images[][2] = {{"ErrImagePull", "image can't be pulled"},
	                                        {"ImagePullBackOff", "trying and failing to pull image"}};
	const json_t *status = find_status(pod, container);
	bool has_last = tree_get(status, "lastState.terminated") != NULL;
	bool has_run = tree_get(status, "state.running") != NULL || tree_get(status, "state.terminated") != NULL;
	const char *waiting = tree_text(status, "state.waiting.reason");
	*is_last = is_previous && has_run;
	if (is_previous)
		return has_last ? NULL : status_bad_request("previous terminated container \"%s\" in pod \"%s\" "
		                                            "not found", container, call->name);
	if (has_run || has_last)
		return NULL;
	for (size_t i = 0; i < array_length(images); i++)
		if (strcmp(waiting, images[i][0]) == 0)
			waiting = images[i][1];
	return status_bad_request("container \"%s\" in pod \"%s\" is waiting to start: %s", container,
	                          call->name, waiting[0] == '\0' ? "ContainerCreating" : waiting);
}

/* ---- which part ---- */

/* The start of the last n lines. */
static size_t
tail_start(const char *text, size_t length, uint64_t n)
{
	size_t at = length;
	while (at > 0) {
		const char *newline = memrchr(text, '\n', at - 1);
		if (n == 0)
			return at;
		n--;
		at = newline == NULL ? 0 : (size_t)(newline - text) + 1;
	}
	return 0;
}

/* The first line not older than `since_ms`; lines are in order of time. */
static size_t
since_start(const char *text, size_t length, int64_t since_ms)
{
	char time[CLOCK_TEXT_BYTES];
	for (size_t at = 0; at < length;) {
		const char *space = memchr(text + at, ' ', length - at);
		const char *newline = memchr(text + at, '\n', length - at);
		size_t time_length = space == NULL ? 0 : (size_t)(space - text) - at;
		if (time_length > 0 && time_length < sizeof time) {
			memcpy(time, text + at, time_length);
			time[time_length] = '\0';
			if (clock_parse_ms(time) >= since_ms)
				return at;
		}
		if (newline == NULL)
			break;
		at = (size_t)(newline - text) + 1;
	}
	return length;
}

/* Whole lines from reader->sent on, with or without their times, at most bytes_left. */
static void
take_lines(struct log_reader *reader, const char *text, size_t length, struct buf *ret)
{
	while (reader->sent < length && reader->bytes_left > 0) {
		const char *line = text + reader->sent;
		const char *newline = memchr(line, '\n', length - reader->sent);
		if (newline == NULL)
			return;
		size_t whole = (size_t)(newline - line) + 1;
		const char *space = reader->has_timestamps ? NULL : memchr(line, ' ', whole);
		size_t skipped = space == NULL ? 0 : (size_t)(space - line) + 1;
		size_t shown = whole - skipped < reader->bytes_left ? whole - skipped
		                                                    : (size_t)reader->bytes_left;
		buf_add(ret, line + skipped, shown);
		reader->bytes_left -= shown;
		reader->sent += whole;
	}
}

/* ---- following ---- */

static const char *
read_source(const struct log_reader *reader, size_t *ret_length)
{
	const struct call *call = reader->call;
	const struct kubernetes_api_options *options = &call->api->options;
	const char *text = options->read_log == NULL
		? NULL
		: options->read_log(options->data, call->namespace, call->name, reader->container,
	                            reader->is_previous, ret_length);
	if (text == NULL)
		*ret_length = 0;
	return text == NULL ? "" : text;
}

static bool
is_running(const struct log_reader *reader)
{
	const struct call *call = reader->call;
	const json_t *pod = call_stored(call);
	return strcmp(tree_text(pod, "metadata.uid"), reader->pod_uid) == 0 &&
	       tree_get(find_status(pod, reader->container), "state.running") != NULL;
}

static void
follow(struct loop_timer *timer)
{
	struct log_reader *reader = timer->data;
	scoped(buf_release) struct buf lines = BUF_INIT(64 << 20);
	size_t length;
	bool goes_on = is_running(reader);
	const char *text = read_source(reader, &length);
	if (length < reader->sent)
		goes_on = false; /* another run of the container: its log is another stream */
	else
		take_lines(reader, text, length, &lines);
	if (lines.length > 0 && !web_stream_push(reader->call->request, lines.bytes, lines.length))
		return;
	if (goes_on && reader->bytes_left > 0)
		loop_timer_set(reader->loop, &reader->timer, FOLLOW_EVERY_MS);
	else
		web_stream_end(reader->call->request);
}

static void
follower_closed(struct web_request *request, bool is_complete)
{
	struct log_reader *reader = request->data;
	(void)is_complete;
	loop_timer_cancel(reader->loop, &reader->timer);
}

/* ---- the request ---- */

/* Where the answer begins; false: *ret_status. */
static bool
find_start(const struct call *call, const char *text, size_t length, size_t *ret, json_t **ret_status)
{
	struct error ignored;
	const char *seconds = call_query(call, "sinceSeconds"), *time = call_query(call, "sinceTime");
	const char *tail = call_query(call, "tailLines");
	uint64_t number = 0;
	size_t start = 0;
	*ret_status = NULL;
	if (seconds != NULL && time != NULL)
		*ret_status = status_bad_request("at most one of `sinceTime` or `sinceSeconds` may be specified");
	else if ((seconds != NULL && !number_parse_u64(seconds, 1, INT32_MAX, &number, &ignored)) ||
	         (time != NULL && clock_parse_ms(time) < 0))
		*ret_status = status_bad_request("invalid sinceSeconds or sinceTime");
	else if (seconds != NULL)
		start = since_start(text, length, clock_wall_ms() - (int64_t)number * 1000);
	else if (time != NULL) /* whole seconds, inclusive */
		start = since_start(text, length, clock_parse_ms(time) / 1000 * 1000);
	if (*ret_status == NULL && tail != NULL && !number_parse_u64(tail, 0, INT64_MAX, &number, &ignored))
		*ret_status = status_bad_request("tailLines: Invalid value: %s", tail);
	else if (tail != NULL && *ret_status == NULL)
		start += tail_start(text + start, length - start, number);
	*ret = start;
	return *ret_status == NULL;
}

static void
answer_log(struct log_reader *reader)
{
	struct call *call = reader->call;
	scoped(buf_release) struct buf lines = BUF_INIT(SIZE_MAX / 2);
	struct error ignored;
	json_t *refusal;
	size_t length;
	const char *text = read_source(reader, &length), *limit = call_query(call, "limitBytes");
	if (!find_start(call, text, length, &reader->sent, &refusal)) {
		call_fail(call, refusal);
		return;
	}
	if (limit == NULL || !number_parse_u64(limit, 1, INT64_MAX, &reader->bytes_left, &ignored))
		reader->bytes_left = UINT64_MAX;
	web_add_header(call->request, "Content-Type", "text/plain");
	if (call_query_is_true(call, "follow")) {
		reader->timer = (struct loop_timer){.fire = follow, .data = reader};
		call->request->data = reader;
		call->request->closed = follower_closed;
		web_stream_open(call->request, 200, UINT64_MAX);
		follow(&reader->timer);
	} else {
		take_lines(reader, text, length, &lines);
		web_respond(call->request, 200, lines.bytes, lines.length);
	}
}

void
log_handle(struct call *call)
{
	const json_t *pod = call_stored(call);
	struct log_reader *reader = arena_new(call->arena, struct log_reader);
	json_t *refusal = pod == NULL ? status_not_found(call->resource, call->name)
	                              : choose_container(call, pod, &reader->container);
	if (refusal == NULL && tree_text(pod, "spec.nodeName")[0] == '\0') {
		web_respond(call->request, 204, "", 0);
		return;
	}
	if (refusal == NULL)
		refusal = check_state(call, pod, reader->container, call_query_is_true(call, "previous"),
		                      &reader->is_previous);
	if (refusal != NULL) {
		call_fail(call, refusal);
		return;
	}
	reader->call = call;
	reader->loop = call->api->options.loop;
	reader->container = arena_strdup(call->arena, reader->container);
	reader->pod_uid = arena_strdup(call->arena, tree_text(pod, "metadata.uid"));
	reader->has_timestamps = call_query_is_true(call, "timestamps");
	answer_log(reader);
}
