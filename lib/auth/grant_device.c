/* Device authorization (RFC 8628). */
#include <math.h>
#include <string.h>

#include "auth/grant.h"
#include "auth/strict_json.h"
#include "auth/token_request.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "data/json.h"
#include "net/http.h"

enum {
	DEFAULT_INTERVAL_S = 5, SLOWER_MS = 5000,            /* 3.2 and 3.5 */
	LEAST_INTERVAL_MS = 1000, MOST_INTERVAL_MS = 60000, /* ours, for an interval of 0 or of a day */
	DEFAULT_LIFETIME_S = 600, MOST_LIFETIME_S = 86400,
};

void
device_code_release(struct device_code *code)
{
	secret_release(&code->device_code);
}

/* ---- the code ---- */

static bool
check_texts(const struct issuer *issuer, const struct device_code *code, struct error *err)
{
	if (code->device_code == NULL || code->user_code == NULL || code->user_code[0] == '\0' ||
	    code->verification_uri == NULL)
		return error_set(err, ERROR_BAD_ANSWER, "the sign-on server %s answered without a code and where to enter it",
		                 issuer->issuer);
	return issuer_check_url(issuer->issuer, code->verification_uri, "verification_uri", err) &&
	       (code->verification_uri_complete == NULL ||
	        issuer_check_url(issuer->issuer, code->verification_uri_complete, "verification_uri_complete", err));
}

static int64_t
read_ms(const json_t *body, const char *key, double fallback_s, int64_t min_ms, int64_t max_ms)
{
	double ms = strict_json_number(body, key, fallback_s) * 1000;
	if (ms < (double)min_ms)
		return min_ms;
	return ms > (double)max_ms ? max_ms : (int64_t)ms;
}

static bool
read_code(const struct token_answer *answer, const struct issuer *issuer, struct arena *arena, struct device_code *ret,
          struct error *err)
{
	const json_t *body = answer->body;
	const char *uri = json_text_or(body, "verification_uri", json_text_at(body, "verification_url"));
	struct device_code code = {
		.user_code = arena_strdup(arena, json_text_at(body, "user_code")),
		.verification_uri = arena_strdup(arena, uri),
		.verification_uri_complete = arena_strdup(arena, json_text_at(body, "verification_uri_complete")),
		.expires_in_ms = read_ms(body, "expires_in", DEFAULT_LIFETIME_S, 0, MOST_LIFETIME_S * 1000LL),
		.interval_ms = read_ms(body, "interval", DEFAULT_INTERVAL_S, LEAST_INTERVAL_MS, MOST_INTERVAL_MS),
		.device_code = token_answer_secret(answer, "device_code"),
	};
	code.due_ms = clock_monotonic_ms() + code.expires_in_ms;
	if (!check_texts(issuer, &code, err)) {
		device_code_release(&code);
		return false;
	}
	*ret = code;
	return true;
}

bool
grant_device_begin(struct http *http, const struct issuer *issuer, const char *scopes, struct arena *arena,
                   struct device_code *ret, struct error *err)
{
	scoped(token_answer_release) struct token_answer answer = {0};
	if (issuer->device_authorization_endpoint == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the sign-on server %s announces no device_authorization_endpoint",
		                 issuer->issuer);
	struct secret_piece pieces[] = {
		{.text = arena_printf(arena, "client_id=%s&scope=%s", http_escape(issuer->client_id, arena), http_escape(scopes, arena))},
	};
	struct token_request request = {.url = issuer->device_authorization_endpoint, .what = "asking for a code",
	                                .pieces = pieces, .n_pieces = array_length(pieces)};
	if (!token_request_send(http, issuer, &request, arena, &answer, err))
		return false;
	if (answer.status != 200 || answer.error[0] != '\0')
		return token_answer_put_refusal(&answer, &request, issuer, err);
	return read_code(&answer, issuer, arena, ret, err);
}

/* ---- polling ---- */

struct poll {
	const struct issuer *issuer;
	const struct token_request *request;
	const struct device_code *code;
	int64_t interval_ms, wait_ms; /* wait_ms: longer while the server is down */
	bool is_down, lost_answer;
};

enum verdict { GO_ON, GRANTED, FAILED };

/* Down: it may come back while the code holds (3.5). */
static enum verdict
back_off(struct poll *poll)
{
	poll->is_down = true;
	poll->wait_ms = poll->wait_ms < MOST_INTERVAL_MS / 2 ? poll->wait_ms * 2 : MOST_INTERVAL_MS;
	return GO_ON;
}

static enum verdict
judge_no_answer(struct poll *poll, bool was_sent, const struct error *err)
{
	poll->lost_answer |= was_sent;
	return err->code == ERROR_UNREACHABLE ? back_off(poll) : FAILED;
}

static enum verdict
judge_refusal(struct poll *poll, const struct token_answer *answer, struct error *err)
{
	bool is_slower = strcmp(answer->error, "slow_down") == 0;
	if (is_slower || strcmp(answer->error, "authorization_pending") == 0) {
		poll->is_down = false;
		poll->interval_ms += is_slower ? SLOWER_MS : 0; /* for good */
		poll->wait_ms = poll->interval_ms;
		return GO_ON;
	}
	token_answer_put_refusal(answer, poll->request, poll->issuer, err);
	if (err->code == ERROR_UNREACHABLE || err->code == ERROR_RATE_LIMITED)
		return back_off(poll);
	/* The one answer with tokens did not arrive; what it held may be revoked by now. */
	if (poll->lost_answer && strcmp(answer->error, "invalid_grant") == 0)
		error_put_doing(err, "an earlier answer was lost, perhaps the one with the tokens");
	return FAILED;
}

static enum verdict
ask_once(struct http *http, struct poll *poll, struct arena *arena, struct granted *ret, struct error *err)
{
	scoped(token_answer_release) struct token_answer answer = {0};
	scoped(arena_release) struct arena scratch = {0};
	if (!token_request_send(http, poll->issuer, poll->request, &scratch, &answer, err))
		return judge_no_answer(poll, answer.was_sent, err);
	if (answer.status != 200 || answer.error[0] != '\0') /* GitHub refuses with 200 */
		return judge_refusal(poll, &answer, err);
	return token_answer_read(&answer, arena, ret, err) ? GRANTED : FAILED;
}

static bool
put_expired(const struct poll *poll, struct error *err)
{
	if (poll->is_down)
		return error_doing(err, "the code %s expired meanwhile", poll->code->user_code);
	error_put(err, ERROR_TIMED_OUT, "nobody entered the code %s in time", poll->code->user_code);
	return error_next(err, "paas login");
}

static bool
run_poll(struct http *http, struct loop *loop, struct poll *poll, struct arena *arena, struct granted *ret,
         struct error *err)
{
	struct error last = {0};
	for (;;) {
		int64_t left_ms = poll->code->due_ms - clock_monotonic_ms();
		if (left_ms <= 0) {
			*err = last;
			return put_expired(poll, err);
		}
		if (!fiber_sleep(loop, poll->wait_ms < left_ms ? poll->wait_ms : left_ms))
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		enum verdict verdict = ask_once(http, poll, arena, ret, &last);
		if (verdict == FAILED)
			*err = last;
		if (verdict != GO_ON)
			return verdict == GRANTED;
	}
}

bool
grant_device_wait(struct http *http, struct loop *loop, const struct issuer *issuer, const struct device_code *code,
                  struct arena *arena, struct granted *ret, struct error *err)
{
	const char *head = arena_printf(arena, "grant_type=%s&client_id=%s&device_code=",
	                                http_escape("urn:ietf:params:oauth:grant-type:device_code", arena),
	                                http_escape(issuer->client_id, arena));
	struct secret_piece pieces[] = {{head, code->device_code, SECRET_AS_URL}};
	struct token_request request = {.url = issuer->token_endpoint, .what = "logging in", .pieces = pieces,
	                                .n_pieces = array_length(pieces)};
	struct poll poll = {.issuer = issuer, .request = &request, .code = code, .interval_ms = code->interval_ms,
	                    .wait_ms = code->interval_ms};
	return run_poll(http, loop, &poll, arena, ret, err);
}
