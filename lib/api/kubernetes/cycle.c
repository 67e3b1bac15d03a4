#include "api/kubernetes/cycle.h"

#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/fiber.h"

enum {
	BACK_OFF_MS = 800,
	BACK_OFF_MAX_MS = 30 * 1000,
	SETTLED_MS = 5000,         /* a watch that lived so long was a good one */
	SILENCE_MS = 150 * 1000,   /* bookmarks come each minute: this peer is dead */
	TIMEOUT_MIN_S = 300,
};

/* Trouble is told once, until something works again. */
static void
tell_lost(struct cycle *cycle, const struct error *trouble)
{
	if (!cycle->is_lost || !trouble->retryable)
		cycle->told(cycle, KUBERNETES_LOST, trouble);
	cycle->is_lost = true;
}

void
cycle_back(struct cycle *cycle)
{
	if (cycle->is_lost)
		cycle->told(cycle, KUBERNETES_BACK, NULL);
	cycle->is_lost = false;
}

void
cycle_keep_version(struct cycle *cycle, const char *version)
{
	if (version[0] != '\0' && strlen(version) < sizeof cycle->version)
		memcpy(cycle->version, version, strlen(version) + 1);
}

bool
cycle_fail(struct cycle *cycle, const struct kubernetes_status *status, struct error *err)
{
	if (status->code == 410)
		cycle->version[0] = '\0';
	cycle->wait_ms = status->retry_after_ms;
	kubernetes_status_put_read(err, "watch", 500, status);
	return false;
}

/* ---- watch ---- */

static bool
read_events(struct cycle *cycle, struct http_stream *stream, struct error *err)
{
	scoped(json_stream_free) struct json_stream *events =
		json_stream_new(cycle->records, cycle->n_records, "the watch", cycle);
	json_stream_expect_more(events);
	if (cycle->watch_begun != NULL)
		cycle->watch_begun(cycle);
	for (;;) {
		const char *bytes;
		size_t length;
		if (!http_stream_read(stream, SILENCE_MS, &bytes, &length, err))
			return false;
		if (bytes == NULL) {
			error_put(err, ERROR_UNREACHABLE, "the watch of %s was silent for %d s",
			          cycle->query->resource->plural, SILENCE_MS / 1000);
			err->retryable = true;
			return false;
		}
		if (length == 0)
			return true;
		if (!json_stream_feed(events, bytes, length, err))
			return false;
	}
}

/* Follows until the stream ends; true is the regular end. */
static bool
watch_once(struct cycle *cycle, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct http_response head;
	struct http_stream *stream = NULL;
	const char *parameters = arena_printf(
		&scratch, "watch=true&allowWatchBookmarks=true&resourceVersion=%s&timeoutSeconds=%u%s%s",
		http_escape(cycle->version, &scratch), TIMEOUT_MIN_S + randombytes_uniform(TIMEOUT_MIN_S),
		cycle->parameters != NULL ? "&" : "", cycle->parameters != NULL ? cycle->parameters : "");
	struct kubernetes_call call = {
		.path = kubernetes_query_path(cycle->query, parameters, &scratch),
		.headers = cycle->accept, .n_headers = cycle->accept != NULL, .is_stream = true, .raw_status = true,
	};
	if (!kubernetes_call_open(cycle->kubernetes, &call, &scratch, &head, &stream, err))
		return false;
	if (head.status == 410)
		cycle->version[0] = '\0';
	if (head.status >= 300 || stream == NULL) {
		kubernetes_put_status(cycle->kubernetes, &call, &head, &scratch, err);
		if (stream != NULL)
			http_stream_close(stream);
		return false;
	}
	cycle_back(cycle);
	bool ok = read_events(cycle, stream, err);
	http_stream_close(stream);
	return ok;
}

/* ---- for ever ---- */

static bool
list_anew(struct cycle *cycle, struct error *err)
{
	if (!cycle->list(cycle, err))
		return false;
	if (cycle->version[0] != '\0')
		return true;
	return error_set(err, ERROR_BAD_ANSWER, "the list of %s has no resourceVersion", cycle->query->resource->plural);
}

static bool
is_final(const struct error *trouble)
{
	switch ((int)trouble->code) {
	case ERROR_NOT_LOGGED_IN:
	case ERROR_FORBIDDEN:
	case ERROR_NOT_FOUND:
	case ERROR_INVALID_SPEC:
		return true;
	default:
		return false;
	}
}

/* Full jitter around 0.8 s, doubled up to 30 s; the server's wish wins. */
static bool
back_off(struct cycle *cycle, int64_t lived_ms)
{
	int64_t delay_ms = cycle->wait_ms;
	cycle->wait_ms = 0;
	if (lived_ms >= SETTLED_MS)
		cycle->failures = 0;
	else if (delay_ms == 0) {
		unsigned shift = cycle->failures < 6 ? cycle->failures : 6;
		int64_t cap = (int64_t)BACK_OFF_MS << shift;
		if (cap > BACK_OFF_MAX_MS)
			cap = BACK_OFF_MAX_MS;
		delay_ms = cap / 2 + randombytes_uniform((uint32_t)cap);
		cycle->failures++;
	}
	return fiber_sleep(fiber_loop(fiber_current()), delay_ms);
}

void
cycle_run(struct cycle *cycle)
{
	for (;;) {
		struct error trouble = {0};
		int64_t started = clock_monotonic_ms();
		bool must_list = cycle->version[0] == '\0';
		bool ok = must_list ? list_anew(cycle, &trouble) : watch_once(cycle, &trouble);
		if (fiber_is_cancelled())
			return;
		if (ok && must_list)
			continue;
		if (is_final(&trouble)) {
			trouble.retryable = false;
			tell_lost(cycle, &trouble);
			return;
		}
		bool has_expired = !must_list && cycle->version[0] == '\0';
		if (has_expired && cycle->failures++ == 0)
			continue;
		if (!ok && !has_expired) {
			trouble.retryable = true;
			tell_lost(cycle, &trouble);
		}
		if (!back_off(cycle, clock_monotonic_ms() - started))
			return;
	}
}
