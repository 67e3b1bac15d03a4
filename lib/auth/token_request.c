#include "auth/token_request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auth/strict_json.h"
#include "base/clock.h"
#include "data/json.h"
#include "net/http.h"

enum { ANSWER_MAX = 256 * 1024, DESCRIPTION_MAX = 200 };
static const double lifetime_max_s = 10.0 * 366 * 86400;

void
token_answer_release(struct token_answer *answer)
{
	json_release(&answer->body);
}

/* ---- sending ---- */

static bool
put_no_answer(const struct token_request *request, bool was_sent, struct error *err)
{
	if (was_sent && err->code == ERROR_UNREACHABLE) {
		error_put_doing(err, "the answer was lost, and the request is not made again");
		err->retryable = false;
	}
	return error_doing(err, "%s", request->what);
}

/* What a refusal says of itself, unless it repeats what we sent. */
static const char *
description_of(const json_t *body, const struct token_request *request, struct arena *arena)
{
	const char *text = json_text_or(body, "error_description", "");
	for (size_t i = 0; i < request->n_pieces; i++) {
		if (request->pieces[i].secret != NULL && secret_shows_in(request->pieces[i].secret, text))
			return "";
	}
	char *ret = arena_alloc(arena, DESCRIPTION_MAX);
	error_copy_text(ret, DESCRIPTION_MAX, text);
	return ret;
}

static void
read_answer(const struct http_response *answer, const struct token_request *request, struct arena *arena,
            struct token_answer *ret)
{
	struct error ignored;
	ret->status = answer->status;
	if (!strict_json_parse(answer->body, answer->length, "the answer", &ret->body, &ignored))
		ret->body = NULL;
	ret->error = arena_strdup(arena, json_text_or(ret->body, "error", ""));
	ret->description = description_of(ret->body, request, arena);
}

bool
token_request_send(struct http *http, const struct issuer *issuer, const struct token_request *request,
                   struct arena *arena, struct token_answer *ret, struct error *err)
{
	static const struct http_header headers[] = {{"Content-Type", "application/x-www-form-urlencoded"},
	                                             {"Accept", "application/json"}};
	scoped(arena_release) struct arena scratch = {0};
	scoped(secret_release) struct secret *body = secret_compose(request->pieces, request->n_pieces);
	struct http_endpoint endpoint;
	struct http_peer peer = {.phase = HTTP_PHASE_RESOLVE}; /* asked for, it has a new connection made */
	struct http_response answer = {0};
	*ret = (struct token_answer){.error = "", .description = ""};
	if (!issuer_put_endpoint(issuer, request->url, &scratch, &endpoint, err))
		return error_doing(err, "%s", request->what);
	struct http_request post = {
		.method = "POST", .url = request->url, .endpoint = &endpoint, .headers = headers,
		.n_headers = array_length(headers), .secret_body = body, .is_private = true,
		.max_bytes = ANSWER_MAX, .is_idempotent = request->is_repeatable, .peer = &peer,
	};
	bool ok = http_send(http, &post, &scratch, &answer, err);
	ret->was_sent = peer.phase == HTTP_PHASE_ANSWER;
	if (!ok)
		return put_no_answer(request, ret->was_sent, err);
	read_answer(&answer, request, arena, ret);
	if (answer.length > 0)
		secret_wipe((char *)(uintptr_t)answer.body, answer.length);
	return true;
}

/* ---- refusals ---- */

/* RFC 6749 5.2, 8628 3.5, 8693 2.2.2, OpenID Connect Core 3.1.2.6. */
static const struct row {
	const char *error;
	enum error_code code;
	const char *next; /* NULL: nothing that helps for sure */
} rows[] = {
	{"invalid_grant", ERROR_NOT_LOGGED_IN, "paas login"},
	{"login_required", ERROR_NOT_LOGGED_IN, "paas login"},
	{"interaction_required", ERROR_NOT_LOGGED_IN, "paas login"},
	{"consent_required", ERROR_NOT_LOGGED_IN, "paas login"},
	{"expired_token", ERROR_TIMED_OUT, "paas login"},
	{"access_denied", ERROR_FORBIDDEN, NULL},
	{"invalid_client", ERROR_FORBIDDEN, "check sso.client_id in the platform file"},
	{"unauthorized_client", ERROR_FORBIDDEN, "the administrators of the sign-on server can allow it to this client"},
	{"invalid_scope", ERROR_FORBIDDEN, "the administrators of the sign-on server can allow it to this client"},
	{"invalid_target", ERROR_FORBIDDEN, NULL},
	{"temporarily_unavailable", ERROR_UNREACHABLE, NULL},
	{"server_error", ERROR_UNREACHABLE, NULL},
};

static enum error_code
code_of_status(int status)
{
	if (status == 429)
		return ERROR_RATE_LIMITED;
	return status >= 500 ? ERROR_UNREACHABLE : ERROR_BAD_ANSWER;
}

bool
refusal_put(const struct refusal *refusal, const char *what, const struct issuer *issuer, struct error *err)
{
	struct row row = {.code = refusal->otherwise};
	for (size_t i = 0; i < array_length(rows); i++) {
		if (strcmp(rows[i].error, refusal->error) == 0)
			row = rows[i];
	}
	error_put(err, row.code, "the sign-on server %s: %.60s%s%s", issuer->issuer, refusal->error,
	          refusal->description[0] != '\0' ? ": " : "", refusal->description);
	if (row.next != NULL)
		error_put_next(err, "%s", row.next);
	return error_doing(err, "%s", what);
}

bool
token_answer_put_refusal(const struct token_answer *answer, const struct token_request *request,
                         const struct issuer *issuer, struct error *err)
{
	char status[32];
	snprintf(status, sizeof status, "HTTP %d", answer->status);
	struct refusal refusal = {answer->error[0] != '\0' ? answer->error : status, answer->description,
	                          code_of_status(answer->status)};
	refusal_put(&refusal, request->what, issuer, err);
	return error_from(err, "sso", "", request->url);
}

/* ---- tokens ---- */

/* RFC 6749 A.12 without the space: it is to stand in a header. */
static bool
is_token(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return length > 0;
}

struct secret *
token_answer_secret(const struct token_answer *answer, const char *key)
{
	const json_t *value = json_object_get(answer->body, key);
	if (!json_is_string(value) || !is_token(json_string_value(value), json_string_length(value)))
		return NULL;
	return secret_new(json_string_value(value), json_string_length(value));
}

/* "N_A": what an exchange gives need not be for a header (RFC 8693 2.2.1). */
static bool
is_usable_type(const char *type)
{
	return type == NULL || strcasecmp(type, "bearer") == 0 || strcmp(type, "N_A") == 0;
}

bool
token_answer_read(const struct token_answer *answer, struct arena *arena, struct granted *ret, struct error *err)
{
	const char *type = json_text_at(answer->body, "token_type");
	double lifetime_s = strict_json_number(answer->body, "expires_in", 0);
	if (lifetime_s < 0 || lifetime_s > lifetime_max_s)
		lifetime_s = lifetime_s < 0 ? 0 : lifetime_max_s;
	if (!is_usable_type(type))
		return error_set(err, ERROR_BAD_ANSWER, "the sign-on server gave a token of the type \"%.40s\"; only Bearer is known",
		                 type);
	struct granted granted = {
		.access_token = token_answer_secret(answer, "access_token"),
		.refresh_token = token_answer_secret(answer, "refresh_token"),
		.id_token = token_answer_secret(answer, "id_token"),
		.scopes = arena_strdup(arena, json_text_at(answer->body, "scope")),
		.expires_at_ms = lifetime_s > 0 ? clock_wall_ms() + (int64_t)(lifetime_s * 1000) : 0,
	};
	if (granted.access_token == NULL) {
		granted_release(&granted);
		return error_set(err, ERROR_BAD_ANSWER, "the sign-on server answered without a usable access token");
	}
	*ret = granted;
	return true;
}

bool
token_request_grant(struct http *http, const struct issuer *issuer, const struct token_request *request,
                    struct arena *arena, struct granted *ret, struct error *err)
{
	scoped(token_answer_release) struct token_answer answer = {0};
	if (!token_request_send(http, issuer, request, arena, &answer, err))
		return false;
	if (answer.status != 200)
		return token_answer_put_refusal(&answer, request, issuer, err);
	return token_answer_read(&answer, arena, ret, err) ? true : error_doing(err, "%s", request->what);
}
