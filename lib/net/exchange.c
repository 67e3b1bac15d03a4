#include "net/exchange.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "base/trace.h"
#include "net/http_trace.h"
#include "net/retry.h"

/* ---- one try ---- */

static bool
run_try(struct transfer *transfer, struct error *err)
{
	if (!transfer_start(transfer, err))
		return false;
	bool is_going_on = transfer->is_stream ? transfer_wait_head(transfer) : transfer_wait_end(transfer);
	if (is_going_on && transfer->is_stream && transfer->status >= 400)
		is_going_on = transfer_wait_end(transfer);
	if (!transfer->is_done)
		transfer->elapsed_ms = (int)((clock_monotonic_ms() - transfer->started_ms) / clock_rate());
	http_trace_try(transfer);
	return is_going_on ? true : error_set(err, ERROR_INTERRUPTED, "interrupted");
}

/* Did it get an answer, whatever its status?  A stream has one with its head: what happens to the
 * rest is told when that is read. */
static bool
has_answer(const struct transfer *transfer)
{
	return transfer->is_stream ? transfer->has_head : transfer->result == CURLE_OK;
}

/* ---- tries ---- */

static const char *
header_of(const struct transfer *transfer, const char *name)
{
	struct http_response response = {.headers = transfer->headers, .n_headers = transfer->n_headers};
	return http_header_value(&response, name);
}

static bool
is_worth_another(const struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	const char *method = request->method != NULL ? request->method : "GET";
	bool is_idempotent = request->is_idempotent || retry_is_idempotent(method);
	if (has_answer(transfer))
		return is_idempotent && retry_is_for_status(transfer->status, header_of(transfer, "retry-after"));
	bool was_never_sent = transfer->phase < TRANSFER_ASKING;
	return (is_idempotent || was_never_sent) && transfer_is_retryable(transfer);
}

/* How long until the next try; -1: this one settles it. */
static int64_t
delay_before_next(const struct transfer *transfer, unsigned try_number)
{
	const struct http_policy *policy = transfer->policy;
	if (try_number >= policy->tries || !is_worth_another(transfer))
		return -1;
	int64_t delay_ms = -1;
	if (has_answer(transfer))
		delay_ms = retry_parse_after_ms(header_of(transfer, "retry-after"), clock_wall_ms());
	if (delay_ms < 0)
		delay_ms = retry_backoff_ms(policy, try_number + 1, http_random(transfer->http));
	return clock_monotonic_ms() + delay_ms < transfer->total_due_ms ? delay_ms : -1;
}

static bool
run_tries(const struct transfer *given, struct transfer *ret, struct error *err)
{
	for (unsigned try_number = 1;; try_number++) {
		*ret = *given;
		if (!run_try(ret, err))
			return false;
		int64_t delay_ms = delay_before_next(ret, try_number);
		if (delay_ms < 0 && has_answer(ret))
			return true;
		if (delay_ms < 0) {
			transfer_put_error(ret, err);
			if (try_number > 1)
				error_put_doing(err, "asking %u times", try_number);
			return false;
		}
		trace_print(TRACE_REQUESTS, "# try %u of %u in %lld ms", try_number + 1, given->policy->tries,
		            (long long)delay_ms);
		transfer_release(ret);
		if (!fiber_sleep(given->http->loop, delay_ms))
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
	}
}

/* ---- redirects ---- */

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* RFC 9110 15.4: which method goes on. */
static void
change_method(struct http_request *request, int status)
{
	const char *method = request->method != NULL ? request->method : "GET";
	bool is_safe = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	if (is_safe || status == 307 || status == 308)
		return;
	if (status != 303 && strcmp(method, "POST") != 0)
		return;
	request->method = "GET";
	request->body = NULL;
	request->body_length = 0;
}

/* Another origin gets what any stranger may hear: a caller's own header may hold a key. */
static void
drop_private_headers(struct http_request *request, struct arena *arena)
{
	static const char *const harmless[] = {"accept", "accept-language", "content-type", "if-none-match", "range"};
	struct http_header *kept = arena_array(arena, struct http_header, request->n_headers + 1);
	size_t n = 0;
	for (size_t i = 0; i < request->n_headers; i++) {
		for (size_t j = 0; j < array_length(harmless); j++) {
			if (strcasecmp(request->headers[i].name, harmless[j]) == 0)
				kept[n++] = request->headers[i];
		}
	}
	request->headers = kept;
	request->n_headers = n;
}

/* Makes *request ask for where `transfer` was sent. *ret_goes_on false: the redirect is the answer. */
static bool
follow(const struct transfer *transfer, struct http_request *request, struct arena *arena, bool *ret_goes_on,
       struct error *err)
{
	const char *place = header_of(transfer, "location"), *to;
	struct url url;
	*ret_goes_on = false;
	if (!is_redirect(transfer->status) || place == NULL || request->max_redirects == 0)
		return true;
	if (!http_url_resolve(request->url, place, arena, &to, err) || !url_parse(to, arena, &url, err))
		return error_doing(err, "following a redirect of %s", transfer->url.site);
	if (strcmp(transfer->url.scheme, "https") == 0 && strcmp(url.scheme, "https") != 0)
		return error_set(err, ERROR_BAD_ANSWER, "%s redirects to plain http (%s)", transfer->url.site, url.site);
	change_method(request, transfer->status);
	bool is_elsewhere = strcmp(url.origin, transfer->url.origin) != 0;
	if (request->body_length > 0 && is_elsewhere)
		return true;
	if (is_elsewhere)
		drop_private_headers(request, arena);
	request->url = to;
	request->max_redirects--;
	*ret_goes_on = true;
	return true;
}

static bool
run(struct http *http, struct http_request *request, bool is_stream, struct arena *arena, struct transfer *ret,
    struct error *err)
{
	const struct http_policy *policy = request->policy != NULL ? request->policy : &http_policy_default;
	struct transfer given = {
		.http = http, .request = request, .policy = policy, .arena = arena, .is_stream = is_stream,
		.total_due_ms = policy->total_ms > 0 ? clock_monotonic_ms() + policy->total_ms * clock_rate() : INT64_MAX,
	};
	bool is_redirectable = request->max_redirects > 0;
	*ret = given;
	for (;;) {
		bool goes_on;
		if (!url_parse(request->url, arena, &given.url, err) || !run_tries(&given, ret, err) ||
		    !follow(ret, request, arena, &goes_on, err))
			return false;
		if (!goes_on && is_redirectable && request->max_redirects == 0 && is_redirect(ret->status))
			return error_set(err, ERROR_BAD_ANSWER, "%s redirects without end", ret->url.site);
		if (!goes_on)
			return true;
		transfer_release(ret);
	}
}

/* Somebody is told when it takes long. */
struct patience {
	struct loop_timer timer;
	struct http *http;
	const struct http_request *request;
};

static void
lose_patience(struct loop_timer *timer)
{
	struct patience *patience = timer->data;
	patience->http->tell_slow(patience->http->slow_data, patience->request);
}

/* A log or a watch may have nothing to say: of a stream, that its answer is awaited for a limited time tells the others. */
bool
exchange_run(struct http *http, struct http_request *request, bool is_stream, struct arena *arena,
             struct transfer *ret, struct error *err)
{
	const struct http_policy *policy = request->policy != NULL ? request->policy : &http_policy_default;
	struct patience patience = {.timer = {.fire = lose_patience}, .http = http, .request = request};
	patience.timer.data = &patience;
	if (http->tell_slow != NULL && (!is_stream || policy->total_ms > 0))
		loop_timer_set(http->loop, &patience.timer, http->slow_ms * clock_rate());
	bool ok = run(http, request, is_stream, arena, ret, err);
	loop_timer_cancel(http->loop, &patience.timer);
	return ok;
}

void
exchange_put_response(const struct transfer *transfer, struct http_response *ret)
{
	*ret = (struct http_response){
		.status = transfer->status,
		.url = arena_printf(transfer->arena, "%s%s", transfer->url.site, transfer->url.target),
		.headers = transfer->headers,
		.n_headers = transfer->n_headers,
		.body = "",
	};
	if (transfer->is_done) {
		ret->body = arena_strndup(transfer->arena, transfer->body.bytes, transfer->body.length);
		ret->length = transfer->body.length;
	}
}
