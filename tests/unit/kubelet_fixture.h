/* GET …/pods/NAME/log as the kubelet answers it (kubernetes.md 2.10); pods_fixture.h has the rest of
 * the API server.
 *
 * A container has runs; each run has its lines, of which `n_written` exist so far and the first
 * `n_rotated` are gone.  The present run is read plainly, the one before it with previous=true, any
 * earlier one not at all.  Nothing happens by itself: the test writes, restarts, rotates and cuts.
 */
#ifndef PAAS_TESTS_UNIT_KUBELET_FIXTURE_H
#define PAAS_TESTS_UNIT_KUBELET_FIXTURE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "web/server.h"

enum { PODS_MAX = 100, CONTAINERS_MAX = 3, RUNS_MAX = 4, TARGETS_MAX = 4000, TIME_BYTES = 96 };
#define MAY_BE_UNUSED __attribute__((unused)) static

struct log_line {
	int64_t time_ns; /* since 1970 */
	const char *text;
	size_t length;
	bool has_offset; /* its time is written as that of another zone */
	bool is_lost;    /* rotated away before anybody can have read it for sure */
};

struct log_run {
	struct log_line *lines;
	size_t n_lines, n_written, n_rotated;
	size_t n_told;   /* the test's: where the reader is */
};

enum container_state { CONTAINER_CREATING, CONTAINER_RUNNING, CONTAINER_BACKING_OFF, CONTAINER_ENDED };

struct log_container {
	const char *name;
	struct log_run runs[RUNS_MAX];
	unsigned run, n_runs;
	enum container_state state;
	int exit_code;        /* of the runs that ended */
	unsigned refusal;     /* status of each answer to its log; 0: none */
	unsigned n_refusals;  /* how often; 0: always */
	bool is_mute;         /* its streams open and bring nothing until log_pump_all */
	unsigned n_asked, n_asked_previous;
	/* The test's own: */
	unsigned n_troubles;  /* that may still befall its streams */
	bool is_gap_told, is_skipped, is_rotated;
	int64_t latest_ns;    /* of the lines told */
	unsigned first_run, latest_run;
};

struct log_pod {
	char name[32];
	const char *release;
	unsigned version;     /* of the last event about it; 0: not there yet */
	bool is_scheduled;
	struct log_container containers[CONTAINERS_MAX];
	size_t n_containers;
};

/* An answer that goes on, and how it is to end. */
enum outlet_end { OUTLET_CUT, OUTLET_RESET, OUTLET_END, OUTLET_ENDS };
struct outlet {
	struct web_request *request; /* NULL: its client is gone */
	struct outlet *next;
	struct log_container *container; /* NULL: a watch */
	const struct log_run *run;
	size_t at, offset;    /* the next line and the bytes of it already sent; or the next event */
	size_t bytes_left;    /* until it ends as `end` says; SIZE_MAX: it stays */
	enum outlet_end end;
	bool is_stopped, is_following, has_times;
};

struct cluster {
	struct arena arena;
	struct log_pod pods[PODS_MAX];
	size_t n_pods;
	struct {
		const char *text;
		const struct log_pod *pod;
	} *events;
	unsigned n_events;
	struct outlet *outlets;
	/* Asked when an answer begins: how many bytes it may bring, and how it ends then. */
	size_t (*limit)(struct outlet *outlet);
	bool (*refuses)(struct log_container *container, struct web_request *request);
	void (*listed)(void); /* told of each list of pods */
	char *targets[TARGETS_MAX]; /* what was asked for, "/api/v1/…?…" */
	size_t n_targets;
	unsigned n_unknown;
};
static struct cluster cluster;

/* What happened, a line each, for whoever has to find out why a test failed. */
static struct buf story = BUF_INIT(4 << 20);

__attribute__((format(printf, 1, 2))) static void
note(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprintf(&story, format, args);
	va_end(args);
	buf_add_char(&story, '\n');
}

/* ---- time ---- */

/* RFC 3339, the fraction without trailing zeros. */
static const char *
format_time(const struct log_line *line, char ret[static TIME_BYTES])
{
	enum { OFFSET_S = 2 * 3600 };
	char text[CLOCK_TEXT_BYTES], fraction[16] = "";
	int64_t seconds = line->time_ns / 1000000000, rest = line->time_ns % 1000000000;
	clock_format((seconds + (line->has_offset ? OFFSET_S : 0)) * 1000, text);
	text[strlen(text) - 1] = '\0';
	if (rest > 0) {
		int length = snprintf(fraction, sizeof fraction, ".%09lld", (long long)rest);
		while (fraction[length - 1] == '0')
			fraction[--length] = '\0';
	}
	snprintf(ret, TIME_BYTES, "%s%s%s", text, fraction, line->has_offset ? "+02:00" : "Z");
	return ret;
}

/* ---- answers that go on ---- */

static void
outlet_closed(struct web_request *request, bool is_complete)
{
	struct outlet *outlet = request->data;
	(void)is_complete;
	for (struct outlet **link = &cluster.outlets; *link != NULL; link = &(*link)->next) {
		if (*link == outlet) {
			*link = outlet->next;
			break;
		}
	}
}

static struct outlet *
outlet_open(struct web_request *request, struct log_container *container)
{
	struct outlet *outlet = arena_new(request->arena, struct outlet);
	outlet->request = request;
	outlet->container = container;
	outlet->next = cluster.outlets;
	outlet->bytes_left = SIZE_MAX;
	cluster.outlets = outlet;
	request->data = outlet;
	request->closed = outlet_closed;
	web_stream_open(request, 200, UINT64_MAX);
	return outlet;
}

/* It is known now what is asked for. */
static void
outlet_limit(struct outlet *outlet)
{
	if (cluster.limit != NULL)
		outlet->bytes_left = cluster.limit(outlet);
}

MAY_BE_UNUSED void
outlet_stop(struct outlet *outlet, enum outlet_end end)
{
	static const char *const ends[] = {"cut", "reset", "ended"};
	outlet->is_stopped = true;
	note("server: %s %s", outlet->request->target, ends[end]);
	if (end == OUTLET_END)
		web_stream_end(outlet->request);
	else
		web_cut(outlet->request, end == OUTLET_RESET);
}

/* At most `length` bytes, as far as its limit goes. */
static void
outlet_push(struct outlet *outlet, const char *bytes, size_t length)
{
	size_t n = length < outlet->bytes_left ? length : outlet->bytes_left;
	if (outlet->is_stopped)
		return;
	if (n > 0)
		web_stream_push(outlet->request, bytes, n);
	if (outlet->bytes_left != SIZE_MAX)
		outlet->bytes_left -= n;
	if (outlet->bytes_left == 0)
		outlet_stop(outlet, outlet->end);
}

/* ---- logs ---- */

static void
put_line(const struct log_line *line, bool has_time, struct buf *ret)
{
	char time[TIME_BYTES];
	if (has_time)
		buf_printf(ret, "%s ", format_time(line, time));
	buf_add(ret, line->text, line->length);
	buf_add_char(ret, '\n');
}

static bool
is_last_of_run(const struct outlet *outlet)
{
	const struct log_container *container = outlet->container;
	return !outlet->is_following || outlet->run != &container->runs[container->run] ||
	       container->state != CONTAINER_RUNNING;
}

/* Sends what is written and not sent, at most about `max` bytes of it: in the middle of a line too. */
static void
outlet_pump(struct outlet *outlet, size_t max)
{
	scoped(buf_release) struct buf text = BUF_INIT(SIZE_MAX / 2);
	const struct log_run *run = outlet->run;
	while (outlet->at < run->n_written && text.length < max + outlet->offset) {
		size_t before = text.length;
		put_line(&run->lines[outlet->at], outlet->has_times, &text);
		if (text.length > max + outlet->offset) {
			/* The rest of this line comes another time. */
			buf_truncate(&text, max + outlet->offset);
			outlet_push(outlet, text.bytes + outlet->offset, text.length - outlet->offset);
			outlet->offset = text.length - before;
			return;
		}
		outlet->at++;
	}
	size_t skipped = outlet->offset;
	outlet->offset = 0;
	if (text.length > skipped)
		outlet_push(outlet, text.bytes + skipped, text.length - skipped);
	if (!outlet->is_stopped && outlet->at == run->n_written && is_last_of_run(outlet))
		outlet_stop(outlet, OUTLET_END);
}

/* To all who read `container`; NULL: to all readers. */
MAY_BE_UNUSED void
log_pump(struct log_container *container, size_t max)
{
	for (struct outlet *at = cluster.outlets; at != NULL; at = at->next) {
		if (at->container != NULL && !at->is_stopped && !at->container->is_mute &&
		    (container == NULL || at->container == container))
			outlet_pump(at, max);
	}
}

/* sinceTime counts in whole seconds and includes them; tailLines counts from the end. */
static size_t
first_line(const struct log_run *run, const char *since, const char *tail)
{
	size_t at = run->n_rotated;
	if (tail != NULL && run->n_written - at > strtoul(tail, NULL, 10))
		at = run->n_written - strtoul(tail, NULL, 10);
	if (since != NULL) {
		int64_t second = clock_parse_ms(since) / 1000;
		while (at < run->n_written && run->lines[at].time_ns / 1000000000 < second)
			at++;
	}
	return at;
}

static void
refuse(struct web_request *request, unsigned status, const char *message)
{
	note("server: %s %u %s", request->target, status, message);
	web_respond_json(request, status, json_pack("{s:s, s:s, s:s, s:s, s:i}", "kind", "Status", "status", "Failure",
	                                            "message", message, "reason", status == 404 ? "NotFound" : "BadRequest",
	                                            "code", (int)status));
}

static bool
is_true(const struct web_request *request, const char *name)
{
	const char *value = web_query(request, name);
	return value != NULL && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

/* The run that is asked for, or NULL and answered.  A container that waits after a run shows that. */
static const struct log_run *
choose_run(const struct log_pod *pod, struct log_container *container, struct web_request *request)
{
	bool is_waiting = container->state == CONTAINER_CREATING || container->state == CONTAINER_BACKING_OFF;
	unsigned n_ended = container->run + (container->state == CONTAINER_BACKING_OFF);
	if (is_true(request, "previous")) {
		container->n_asked_previous++;
		if (n_ended > 0)
			return &container->runs[n_ended - 1];
		refuse(request, 400, arena_printf(request->arena, "previous terminated container \"%s\" in pod \"%s\" not found",
		                                  container->name, pod->name));
		return NULL;
	}
	if (!is_waiting || n_ended > 0)
		return &container->runs[is_waiting ? n_ended - 1 : container->run];
	refuse(request, 400, arena_printf(request->arena, "container \"%s\" in pod \"%s\" is waiting to start: ContainerCreating",
	                                  container->name, pod->name));
	return NULL;
}

static struct log_container *
find_container(struct log_pod *pod, const char *name)
{
	for (size_t i = 0; name != NULL && i < pod->n_containers; i++) {
		if (strcmp(pod->containers[i].name, name) == 0)
			return &pod->containers[i];
	}
	return name == NULL && pod->n_containers == 1 ? &pod->containers[0] : NULL;
}

static void
answer_log(struct log_pod *pod, struct web_request *request)
{
	struct log_container *container = find_container(pod, web_query(request, "container"));
	if (container == NULL) {
		refuse(request, 400, "a container name must be specified");
		return;
	}
	container->n_asked++;
	if (container->refusal != 0) {
		refuse(request, container->refusal, "no log today");
		if (container->n_refusals > 0 && --container->n_refusals == 0)
			container->refusal = 0;
		return;
	}
	if (!pod->is_scheduled) {
		web_respond(request, 204, "", 0);
		return;
	}
	if (cluster.refuses != NULL && cluster.refuses(container, request))
		return;
	const struct log_run *run = choose_run(pod, container, request);
	if (run == NULL)
		return;
	struct outlet *outlet = outlet_open(request, container);
	outlet->run = run;
	outlet->is_following = is_true(request, "follow");
	outlet->has_times = is_true(request, "timestamps");
	outlet->at = first_line(run, web_query(request, "sinceTime"), web_query(request, "tailLines"));
	outlet_limit(outlet);
	if (!container->is_mute)
		outlet_pump(outlet, SIZE_MAX / 4);
}

#endif
