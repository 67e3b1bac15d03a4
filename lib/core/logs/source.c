#include "core/logs/source.h"

#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "core/diagnose/object.h"
#include "net/http.h"

enum {
	TRIES = 5,                 /* in a row without a byte, when not following */
	PRESSING = 32 * 1024,      /* a chunk of that many bytes has more behind it */
	SETTLE_MS = 1500,          /* after which the cluster tells that a container ended */
	BACK_OFF_MS = 1000, BACK_OFF_MAX_MS = 20 * 1000,
};

/* ---- telling ---- */

static void
tell(struct log_source *source, struct logs_event event)
{
	const struct logs_request *request = source->logs->request;
	event.container = &source->container;
	request->told(request->data, &event);
}

static void
tell_trouble(struct log_source *source, const struct error *trouble, bool is_over)
{
	tell(source, (struct logs_event){.type = LOGS_TROUBLE, .trouble = trouble, .is_over = is_over});
}

/* ---- one stream ---- */

enum stream_end { END_REGULAR, END_FAILED, END_OTHER_RUN, END_CANCELLED };

static const char *
since_of(struct log_source *source)
{
	char text[CLOCK_TEXT_BYTES];
	const struct logs_request *request = source->logs->request;
	if (source->cursor.is_resuming)
		return arena_strdup(&source->stream_arena, clock_format(source->cursor.second * 1000, text));
	if (request->since_ms < 0 || source->is_late_comer)
		return NULL;
	return arena_strdup(&source->stream_arena, clock_format(request->since_ms, text));
}

/* Few streams are read in larger pieces, which takes a third off a line's time; many share the memory. */
static size_t
max_waiting_of(const struct logs *logs)
{
	enum { FEW = 16, OF_FEW = 192 * 1024, OF_MANY = 96 * 1024 };
	return logs->n_sources <= FEW ? OF_FEW : OF_MANY;
}

static bool
open_stream(struct log_source *source, bool is_previous, struct error *err)
{
	const struct logs_request *request = source->logs->request;
	arena_reset(&source->stream_arena);
	bool has_tail = request->tail_lines >= 0 && !source->cursor.is_resuming && !source->is_late_comer;
	source->cursor.is_partial |= has_tail;
	struct kubernetes_log_query query = {
		.namespace = request->namespace, .pod = source->container.pod, .container = source->container.name,
		.previous = is_previous, .timestamps = true, .follow = request->follow && !is_previous,
		.tail_lines = has_tail ? (unsigned)request->tail_lines : 0, .since_time = since_of(source),
		.max_waiting = max_waiting_of(source->logs),
	};
	return kubernetes_open_log(request->kubernetes, &query, &source->stream_arena, &source->stream, err);
}

static void
close_stream(struct log_source *source)
{
	http_stream_close(source->stream);
	source->stream = NULL;
	source->chunk = NULL;
	source->chunk_length = source->chunk_at = 0;
}

static enum stream_end
end_of(const struct error *err)
{
	return err->code == ERROR_INTERRUPTED || fiber_is_cancelled() ? END_CANCELLED : END_FAILED;
}

/* Answers and watch events overtake each other: a run never goes back, nor comes to life again. */
static void
learn(struct log_source *source, const json_t *pod)
{
	struct container_state heard, *known = &source->state;
	if (!container_state_read(pod, source->container.name, &heard) || known->is_gone || heard.run < known->run)
		return;
	bool is_older = heard.run == known->run && known->has_started && !known->is_running &&
	                (heard.is_running || heard.last_run < known->last_run);
	if (!is_older)
		*known = heard;
}

/* Asks the cluster, which knows better than what was told last.  False: nobody answers. */
static bool
look_again(struct log_source *source)
{
	const struct logs_request *request = source->logs->request;
	struct error err;
	json_t *pod = NULL;
	bool is_there = kubernetes_get(request->kubernetes, &kubernetes_pods, request->namespace, source->container.pod, &pod,
	                               &err);
	if (is_there && strcmp(object_uid(pod), source->uid) == 0)
		learn(source, pod);
	else if (is_there || err.code == ERROR_NOT_FOUND)
		source->state.is_gone = true;
	json_decref(pod);
	return is_there || err.code == ERROR_NOT_FOUND;
}

/* A stream is of the run that runs when it is opened (or the one before), which need not be the one we know of. */
static bool
is_of_other_run(struct log_source *source, bool is_previous)
{
	const struct container_state *state = &source->state;
	return look_again(source) && !state->is_gone && (is_previous ? state->last_run : state->run) != source->run;
}

/* Lines are missing before the first one: was it rotation, or is this the log of a run that the
 * cluster had not told of yet?  The kubelet's word on a restart comes after the first lines. */
static bool
is_of_late_run(struct log_source *source)
{
	if (source->gap_ms <= 0 || source->is_previous || !source->logs->request->follow)
		return false;
	source->has_head = false; /* not to be told meanwhile */
	bool is_late = fiber_sleep(source->logs->request->loop, SETTLE_MS) && is_of_other_run(source, false);
	source->has_head = true;
	return is_late;
}

/* As if these bytes had never come. */
static void
put_back(struct log_source *source, const struct log_cursor *cursor)
{
	source->cursor = *cursor;
	source->has_head = false;
	source->gap_ms = 0;
	source->n_taken--;
	source->chunk_length = source->chunk_at = 0;
}

/* Hands a chunk over and waits until all its lines were taken. */
static enum stream_end
hand_over(struct log_source *source, const char *bytes, size_t length)
{
	struct log_cursor before = source->cursor;
	source->chunk = bytes;
	source->chunk_length = length;
	source->chunk_at = 0;
	source->arrived_ms = clock_monotonic_ms();
	source->is_pressing = length >= PRESSING;
	if (log_source_advance(source) && is_of_late_run(source)) {
		put_back(source, &before);
		return END_OTHER_RUN;
	}
	fiber_wake(source->logs->fiber);
	while (source->has_head || source->chunk_at < source->chunk_length)
		if (!fiber_wait())
			return END_CANCELLED;
	return END_REGULAR;
}

/* The last line of a run may lack its newline. */
static bool
hand_over_rest(struct log_source *source)
{
	return source->carry.length == 0 || source->is_carry_done || hand_over(source, "\n", 1) == END_REGULAR;
}

static enum stream_end
read_stream(struct log_source *source, bool is_previous, bool *ret_has_read, struct error *err)
{
	const char *bytes;
	size_t length;
	enum stream_end end = END_REGULAR;
	source->is_previous = is_previous;
	if (!open_stream(source, is_previous, err))
		return end_of(err);
	if (source->logs->request->follow && is_of_other_run(source, is_previous))
		end = END_OTHER_RUN;
	while (end == END_REGULAR) {
		if (!http_stream_read(source->stream, -1, &bytes, &length, err))
			end = end_of(err);
		else if (length == 0)
			break;
		else
			end = hand_over(source, bytes, length);
		*ret_has_read = true;
	}
	close_stream(source);
	return end;
}

/* ---- one run of the container ---- */

/* After a regular end: does the container still run?  The cluster learns of an end a little later. */
static bool
has_ended(struct log_source *source)
{
	for (int look = 0; look < 2; look++) {
		if (look > 0 && !fiber_sleep(source->logs->request->loop, SETTLE_MS))
			return true;
		if (look_again(source) &&
		    (source->state.is_gone || source->state.run != source->run || !source->state.is_running))
			return true;
	}
	return false;
}

static bool
wait_before(struct log_source *source, unsigned failures)
{
	int64_t delay = failures <= 2 ? 0 : (int64_t)BACK_OFF_MS << (failures - 3 < 5 ? failures - 3 : 5);
	return fiber_sleep(source->logs->request->loop, delay < BACK_OFF_MAX_MS ? delay : BACK_OFF_MAX_MS);
}

/* A silent log is cut by whoever watches for dead peers, us included: nothing to tell. */
static bool
give_up(struct log_source *source, bool is_previous, const struct error *err, unsigned failures)
{
	bool is_following = source->logs->request->follow;
	bool may_pass = err->retryable || err->code == ERROR_UNREACHABLE || err->code == ERROR_BAD_ANSWER ||
	                (is_following && !is_previous && err->code == ERROR_INVALID_SPEC); /* 400: it waits to start again */
	bool is_over = !may_pass || ((!is_following || is_previous) && failures >= TRIES);
	if (is_over && is_previous && is_following) { /* nobody has it any more */
		source->has_lost |= !source->is_complete;
		return true;
	}
	if (is_over || failures == 3)
		tell_trouble(source, err, is_over);
	source->logs->result.n_failed += is_over;
	return is_over;
}

/* From where the cursor stands to the end of the run.  False: no more of this container. */
static bool
read_run(struct log_source *source, bool is_previous)
{
	bool is_following = source->logs->request->follow, knew_end = is_previous;
	size_t rest = 0;          /* of a last line without newline, as the stream before left it */
	uint64_t n_taken = UINT64_MAX; /* when it had ended */
	for (unsigned failures = 0;;) {
		struct error err = {0};
		bool is_progress = false;
		enum stream_end end = read_stream(source, is_previous, &is_progress, &err);
		if (end == END_CANCELLED)
			return false;
		if (end == END_OTHER_RUN) {
			source->has_lost |= is_previous && !source->is_complete;
			return true;
		}
		if (end == END_REGULAR) {
			/* The end of a stream is the end of the run only when the run had ended before it began and
			 * it brought nothing new: a load balancer ends streams, too, and at any byte. */
			if (!is_following || (knew_end && source->n_taken == n_taken && source->carry.length == rest)) {
				source->is_complete = hand_over_rest(source);
				return source->is_complete;
			}
			rest = source->carry.length;
			n_taken = source->n_taken;
			knew_end = is_previous || has_ended(source);
			if (!is_previous && (source->state.is_gone || source->state.run != source->run))
				return true;
		}
		failures = is_progress ? 1 : failures + 1;
		if (end == END_FAILED && give_up(source, is_previous, &err, failures))
			return false;
		log_source_drop_carry(source); /* the server sends the line again, whole */
		log_cursor_resume(&source->cursor);
		if (!wait_before(source, failures))
			return false;
	}
}

/* ---- from run to run ---- */

static bool
await_next_run(struct log_source *source)
{
	source->is_parked = true;
	fiber_wake(source->logs->fiber);
	while (!source->state.is_gone && (source->state.run == source->run || !source->state.has_started))
		if (!fiber_wait())
			return false;
	source->is_parked = false;
	source->silent_since_ms = clock_monotonic_ms();
	return !source->state.is_gone;
}

/* What the run before `next` wrote and we did not read: the end of ours, or all of one that we never saw. */
static bool
read_missed(struct log_source *source, int64_t next)
{
	int64_t last = source->state.last_run;
	log_source_drop_carry(source);
	source->is_late_comer = true; /* whole from now on: neither tail nor since */
	if (last == source->run) {
		log_cursor_resume(&source->cursor);
	} else {
		source->cursor = (struct log_cursor){0};
		source->has_lost |= !source->is_complete || last > source->run + 1;
		source->is_complete = false;
		source->run = last;
	}
	/* One that waits to run anew is shown twice by the server: read as the present run, not as the last. */
	return last < 0 || last >= next || read_run(source, true) || !fiber_is_cancelled();
}

/* Until the run that we are at is the one that runs: it may change again while we read. */
static bool
change_run(struct log_source *source)
{
	do {
		int64_t next = source->state.run;
		if (!read_missed(source, next))
			return false;
		tell(source, (struct logs_event){.type = LOGS_RESTARTED, .text = source->state.why,
		                                 .length = strlen(source->state.why)});
		source->run = next;
		source->is_complete = false;
		source->cursor = (struct log_cursor){0};
	} while (!source->state.is_gone && source->state.run != source->run);
	return true;
}

static void
read_all(void *data)
{
	struct log_source *source = data;
	const struct logs_request *request = source->logs->request;
	bool goes_on = source->run != source->state.run || read_run(source, request->previous);
	while (goes_on && request->follow && !request->previous)
		goes_on = await_next_run(source) && change_run(source) && read_run(source, false);
	source->is_over = true;
	fiber_wake(source->logs->fiber);
}

/* ---- life ---- */

static unsigned
number_of(struct logs *logs, const char *uid)
{
	for (size_t i = 0; i < logs->n_sources; i++)
		if (strcmp(logs->sources[i]->uid, uid) == 0)
			return logs->sources[i]->container.number;
	logs->result.n_pods++;
	return logs->n_pods++;
}

static size_t
count_containers(const json_t *pod)
{
	return json_array_size(json_at(pod, "spec.containers")) + json_array_size(json_at(pod, "spec.initContainers")) +
	       json_array_size(json_at(pod, "spec.ephemeralContainers"));
}

struct log_source *
log_source_new(struct logs *logs, const json_t *pod, const char *name)
{
	struct log_source *source = calloc(1, sizeof *source);
	if (source == NULL)
		abort();
	const char *release = object_label(pod, "fiaas/deployment_id");
	source->logs = logs;
	source->uid = arena_strdup(&source->arena, object_uid(pod));
	source->container = (struct logs_container){
		.pod = arena_strdup(&source->arena, object_name(pod)), .name = arena_strdup(&source->arena, name),
		.release = arena_strdup(&source->arena, release != NULL ? release : ""),
		.serial = ++logs->n_serials, .number = number_of(logs, source->uid), .is_lone = count_containers(pod) <= 1,
	};
	source->carry = (struct buf)BUF_INIT(LOGS_LINE_MAX);
	source->head_key = -1;
	return source;
}

void
log_source_start(struct log_source *source)
{
	/* It ran before anybody looked: that run is read first. */
	source->run = source->is_late_comer && source->state.run > 0 ? source->state.run - 1 : source->state.run;
	source->silent_since_ms = clock_monotonic_ms();
	source->logs->result.n_containers++;
	source->fiber = fiber_start(source->logs->request->loop, read_all, source);
}

void
log_source_free(struct log_source *source)
{
	if (source->fiber != NULL) {
		if (!source->is_over)
			fiber_cancel(source->fiber);
		fiber_join(source->fiber);
	}
	close_stream(source);
	buf_release(&source->carry);
	arena_release(&source->stream_arena);
	arena_release(&source->arena);
	free(source);
}

void
log_source_learn(struct log_source *source, const json_t *pod)
{
	learn(source, pod);
	if (source->fiber != NULL)
		fiber_wake(source->fiber);
}

void
log_source_lose(struct log_source *source)
{
	source->state.is_gone = true;
	if (source->fiber != NULL)
		fiber_wake(source->fiber);
}
