#include "api/spinnaker/gate.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "api/spinnaker/session.h"
#include "base/fiber.h"
#include "data/json.h"
#include "net/http.h"

enum { ANSWER_MAX = 32 * 1024 * 1024, EMPTY_TRIES = 3, EMPTY_WAIT_MS = 500, REQUEST_ID_BYTES = 37 };

struct gate {
	struct http *http;
	const struct http_endpoint *endpoint;
	const char *url; /* without a slash at its end */
	struct spinnaker_session *session; /* once Gate wanted one */
	unsigned n_changes; /* of the session's cookies */
};

/* Saving a pipeline may take Gate 32 s. */
static const struct http_policy policy = {.tries = 4, .base_ms = 300, .cap_ms = 5000, .connect_ms = 5000, .idle_ms = 60000,
                                          .total_ms = 90000};

struct gate *
gate_open(struct http *http, const struct http_endpoint *endpoint, const char *url, struct arena *arena)
{
	struct gate *gate = arena_new(arena, struct gate);
	size_t length = strlen(url);
	while (length > 0 && url[length - 1] == '/')
		length--;
	*gate = (struct gate){.http = http, .endpoint = endpoint, .url = arena_strndup(arena, url, length)};
	return gate;
}

const char *
gate_escape(const char *text, struct arena *arena)
{
	return http_escape(text, arena);
}

/* ---- what it answers ---- */

static const struct row {
	int status;
	enum error_code code;
	const char *next;
} rows[] = {
	{400, ERROR_INVALID_SPEC, NULL}, {401, ERROR_NOT_LOGGED_IN, "paas login spinnaker"},
	{403, ERROR_FORBIDDEN, "ask for the rights on the Spinnaker application: an absent one is refused alike"},
	{404, ERROR_NOT_FOUND, NULL}, {409, ERROR_CONFLICT, NULL}, {422, ERROR_INVALID_SPEC, NULL},
	{429, ERROR_RATE_LIMITED, "wait a minute and try again"},
};

static bool
is_page(const struct http_response *answer)
{
	const char *type = http_header_value(answer, "content-type");
	return type != NULL && strncmp(type, "text/html", 9) == 0;
}

/* What a service behind Gate said, without how Gate asked it: "Status: 404, Method: GET, URL: …, Message: not found". */
static const char *
words_of(const json_t *body)
{
	const char *text = json_text_or(body, "message", json_text_or(body, "error", ""));
	const char *inner = strncmp(text, "Status: ", 8) == 0 ? strstr(text, "Message: ") : NULL;
	return inner != NULL ? inner + 9 : text;
}

static bool
put_status(const struct http_response *answer, struct error *err)
{
	struct row row = {.code = answer->status >= 500 ? ERROR_UNREACHABLE : ERROR_BAD_ANSWER};
	struct error ignored;
	scoped(json_release) json_t *body = NULL;
	if (!json_parse(answer->body, answer->length, "the answer", &body, &ignored))
		body = NULL;
	for (size_t i = 0; i < array_length(rows); i++)
		if (rows[i].status == answer->status)
			row = rows[i];
	const char *words = words_of(body), *id = http_header_value(answer, "x-spinnaker-request-id");
	error_put(err, row.code, "HTTP %d%s%s%s%s%s", answer->status, *words != '\0' ? ": " : "", words,
	          answer->status >= 500 && id != NULL ? " (request " : "", answer->status >= 500 && id != NULL ? id : "",
	          answer->status >= 500 && id != NULL ? ")" : "");
	if (row.next != NULL)
		error_put_next(err, "%s", row.next);
	err->retryable = answer->status == 429 || answer->status >= 500;
	return false;
}

static bool
judge(const struct http_response *answer, struct error *err)
{
	if (spinnaker_answers_stranger(answer)) {
		error_put(err, ERROR_NOT_LOGGED_IN, "Gate sends us to its log-in page (HTTP %d)", answer->status);
		return error_next(err, "paas login spinnaker");
	}
	if (answer->status >= 300)
		return put_status(answer, err);
	if (!is_page(answer))
		return true;
	error_put(err, ERROR_BAD_ANSWER, "a web page came instead of JSON: this is Spinnaker's user interface or a log-in page");
	return error_next(err, "check cd.url in the platform file: it wants the address of Gate");
}

/* ---- asking ---- */

/* A name for this request, which Gate hands on to the services behind it and into their logs. */
static const char *
new_request_id(char ret[static REQUEST_ID_BYTES])
{
	unsigned char random[16] = {0};
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		random[0] = 1; /* a name that is not unique helps nobody less than none */
	random[6] = (unsigned char)((random[6] & 0x0f) | 0x40);
	random[8] = (unsigned char)((random[8] & 0x3f) | 0x80);
	for (size_t i = 0, at = 0; i < sizeof random; i++) {
		at += (size_t)snprintf(ret + at, REQUEST_ID_BYTES - at, "%02x", random[i]);
		if (i == 3 || i == 5 || i == 7 || i == 9)
			ret[at++] = '-';
	}
	return ret;
}

static bool
send_inside(struct gate *gate, struct http_request request, struct arena *arena, struct http_response *ret, struct error *err)
{
	scoped(secret_release) struct secret *cookies = spinnaker_session_cookies(gate->session);
	struct http_endpoint inside;
	spinnaker_session_use(gate->endpoint, cookies, arena, &inside);
	request.endpoint = &inside;
	if (!http_send(gate->http, &request, arena, ret, err))
		return false;
	gate->n_changes += spinnaker_session_take(gate->session, ret);
	return true;
}

static bool
log_in(struct gate *gate, struct error *err)
{
	struct spinnaker_session *session;
	if (!spinnaker_session_begin(gate->http, gate->endpoint, gate->url, &session, err))
		return false;
	spinnaker_session_release(&gate->session);
	gate->session = session;
	gate->n_changes++;
	return true;
}

/* Gate tells a stranger by its answer, and does nothing for one.  A session begins then, or once more when it has ended; another fiber may
 * have got new cookies meanwhile. */
static bool
send_known(struct gate *gate, const struct http_request *request, struct arena *arena, struct http_response *ret, struct error *err)
{
	enum { TRIES = 4 };
	bool has_logged_in = false;
	for (int try = 0; try < TRIES; try++) {
		unsigned n_changes = gate->n_changes;
		if (!send_inside(gate, *request, arena, ret, err))
			return false;
		if (!spinnaker_answers_stranger(ret) || (has_logged_in && n_changes == gate->n_changes))
			return true;
		if (n_changes != gate->n_changes)
			continue;
		has_logged_in = true;
		if (!log_in(gate, err))
			return false;
	}
	return true;
}

static bool
exchange(struct gate *gate, const char *method, const char *path, const char *body, bool is_repeatable, struct arena *arena,
         struct http_response *ret, struct error *err)
{
	char id[REQUEST_ID_BYTES];
	const struct http_header headers[] = {
		{"Accept", "application/json"}, {"X-RateLimit-App", "paas"}, {"X-SPINNAKER-REQUEST-ID", new_request_id(id)},
		{"Content-Type", "application/json"},
	};
	const struct http_request request = {
		.method = method, .url = arena_printf(arena, "%s%s", gate->url, path), .endpoint = gate->endpoint, .headers = headers,
		.n_headers = array_length(headers) - (body == NULL), .body = body, .body_length = body != NULL ? strlen(body) : 0,
		.policy = &policy, .max_bytes = ANSWER_MAX, .is_idempotent = is_repeatable,
	};
	if (send_known(gate, &request, arena, ret, err) && judge(ret, err))
		return true;
	return error_from(err, gate->endpoint->system, path, request.url);
}

static bool
is_empty(const struct http_response *answer)
{
	return answer->body[strspn(answer->body, " \t\r\n")] == '\0';
}

static bool
parse(const struct gate *gate, const struct http_response *answer, const char *path, json_t **ret, struct error *err)
{
	if (json_parse(answer->body, answer->length, "Gate's answer", ret, err))
		return true;
	error_put_next(err, "paas doctor");
	return error_from(err, gate->endpoint->system, path, answer->url);
}

bool
gate_get(struct gate *gate, const char *path, json_t **ret, struct error *err)
{
	struct http_response answer;
	for (int i = 0; i < EMPTY_TRIES; i++) {
		scoped(arena_release) struct arena arena = {0};
		if (i > 0 && !fiber_sleep(fiber_loop(fiber_current()), EMPTY_WAIT_MS))
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (!exchange(gate, "GET", path, NULL, true, &arena, &answer, err))
			return false;
		if (!is_empty(&answer))
			return parse(gate, &answer, path, ret, err);
	}
	error_put(err, ERROR_BAD_ANSWER, "Gate answers without a word, which is how it tells that a service behind it failed");
	err->retryable = true;
	error_put_next(err, "try again in a minute");
	return error_from(err, gate->endpoint->system, path, "");
}

bool
gate_send(struct gate *gate, const char *method, const char *path, const json_t *body, bool is_repeatable, json_t **ret,
          struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	struct http_response answer;
	const char *text = body != NULL ? json_write(body, &arena) : NULL;
	if (!exchange(gate, method, path, text, is_repeatable, &arena, &answer, err))
		return false;
	*ret = NULL;
	if (is_empty(&answer))
		return true;
	return parse(gate, &answer, path, ret, err);
}

void
gate_close(struct gate *gate)
{
	spinnaker_session_release(&gate->session);
}
