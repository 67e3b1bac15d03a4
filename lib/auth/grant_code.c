/* Authorization code with PKCE on a loopback port (RFC 8252, 7636, 9207). */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/grant.h"
#include "auth/loopback_listener.h"
#include "auth/redirect.h"
#include "auth/token_request.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "net/http.h"

enum { RANDOM_BYTES = 32 }; /* 43 letters: the least that RFC 7636 4.1 takes */

struct code_flow {
	const struct issuer *issuer;
	struct loop *loop;
	struct loopback_listener *listener;
	const char *redirect_uri, *state;
	struct secret *verifier;
	struct fiber *waiter;
	/* What came. */
	bool is_settled;
	struct secret *code; /* NULL: a refusal, of which `failure` tells */
	struct error failure;
};

void
grant_code_close(struct code_flow **flow)
{
	if (*flow == NULL)
		return;
	loopback_listener_close((*flow)->listener);
	secret_free((*flow)->verifier);
	secret_free((*flow)->code);
	free(*flow);
	*flow = NULL;
}

/* ---- the answer ---- */

static bool
is_state(const char *given, const char *expected)
{
	return strlen(given) == strlen(expected) && sodium_memcmp(given, expected, strlen(expected)) == 0;
}

/* RFC 9207 2.4: a code of another server is not for this one. */
static bool
check_server(const struct issuer *issuer, const char *iss, struct error *err)
{
	if (iss[0] == '\0' && issuer->announces_iss)
		return error_set(err, ERROR_BAD_ANSWER, "the browser came back without saying from which sign-on server, though %s "
		                 "announces that", issuer->issuer);
	if (iss[0] != '\0' && strcmp(iss, issuer->issuer) != 0)
		return error_set(err, ERROR_BAD_ANSWER, "the browser came back from the sign-on server \"%.200s\", not from \"%.200s\"",
		                 iss, issuer->issuer);
	return true;
}

static bool
take_answer(struct code_flow *flow, const struct redirect *redirect, struct error *err)
{
	const struct refusal refusal = {redirect->error, redirect->description, ERROR_BAD_ANSWER};
	if (!check_server(flow->issuer, redirect->iss, err))
		return error_doing(err, "logging in");
	if (redirect->error[0] != '\0')
		return refusal_put(&refusal, "logging in", flow->issuer, err);
	if (redirect->code[0] == '\0')
		return error_set(err, ERROR_BAD_ANSWER, "the browser came back without a code");
	flow->code = secret_new(redirect->code, strlen(redirect->code));
	return true;
}

/* Who does not know the state is not the browser that we sent. */
static enum loopback_verdict
judge(void *data, const char *query, size_t length)
{
	struct code_flow *flow = data;
	scoped(redirect_wipe) struct redirect redirect;
	if (!redirect_read(query, length, &redirect) || !is_state(redirect.state, flow->state))
		return LOOPBACK_NOT_IT;
	flow->is_settled = true;
	bool is_granted = take_answer(flow, &redirect, &flow->failure);
	if (flow->waiter != NULL)
		fiber_wake(flow->waiter);
	return is_granted ? LOOPBACK_GRANTED : LOOPBACK_REFUSED;
}

/* ---- the question ---- */

static const char *
random_text(struct arena *arena)
{
	unsigned char bytes[RANDOM_BYTES];
	randombytes_buf(bytes, sizeof bytes);
	return base64url_encode(bytes, sizeof bytes, arena);
}

/* Makes the verifier, which stays here, and its challenge, which goes ahead (RFC 7636 4.2). */
static const char *
make_challenge(struct code_flow *flow, struct arena *arena)
{
	unsigned char bytes[RANDOM_BYTES], hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(RANDOM_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	flow->verifier = secret_new(text, strlen(text));
	secret_wipe(bytes, sizeof bytes);
	secret_wipe(text, sizeof text);
	return base64url_encode(hash, sizeof hash, arena);
}

/* A token that outlives the session is given only to who was asked for consent (OpenID Connect Core 11). */
static const char *
prompt_of(const char *scopes, bool ask_again)
{
	if (strstr(scopes, "offline_access") != NULL)
		return ask_again ? "&prompt=login%20consent" : "&prompt=consent";
	return ask_again ? "&prompt=login" : "";
}

static const char *
url_of(struct code_flow *flow, const char *scopes, const char *nonce, bool ask_again, struct arena *arena)
{
	const char *endpoint = flow->issuer->authorization_endpoint;
	return arena_printf(arena, "%s%cresponse_type=code&client_id=%s&redirect_uri=%s&scope=%s&state=%s&nonce=%s"
	                    "&code_challenge=%s&code_challenge_method=S256%s", endpoint, strchr(endpoint, '?') == NULL ? '?' : '&',
	                    http_escape(flow->issuer->client_id, arena), http_escape(flow->redirect_uri, arena),
	                    http_escape(scopes, arena), flow->state, nonce, make_challenge(flow, arena),
	                    prompt_of(scopes, ask_again));
}

static bool
check_support(const struct issuer *issuer, struct error *err)
{
	if (issuer->authorization_endpoint == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the sign-on server %s announces no authorization_endpoint", issuer->issuer);
	if (!issuer->supports_s256)
		return error_set(err, ERROR_NOT_FOUND, "the sign-on server %s announces no PKCE with S256", issuer->issuer);
	return true;
}

static bool
open_flow(struct code_flow *flow, struct arena *arena, struct error *err)
{
	struct loopback_options options = {.loop = flow->loop, .path = "/callback", .judge = judge, .data = flow};
	if (!check_support(flow->issuer, err) || !loopback_listener_open(&options, &flow->listener, err))
		return false;
	flow->redirect_uri = arena_printf(arena, "http://%s:%u/callback", loopback_listener_host(flow->listener),
	                                  (unsigned)loopback_listener_port(flow->listener));
	return true;
}

bool
grant_code_begin(struct loop *loop, const struct issuer *issuer, const char *scopes, bool ask_again, struct arena *arena,
                 struct code_flow **ret, const char **ret_url, const char **ret_nonce, struct error *err)
{
	struct code_flow *flow = calloc(1, sizeof *flow);
	if (flow == NULL || sodium_init() < 0)
		abort();
	*flow = (struct code_flow){.issuer = issuer, .loop = loop, .state = random_text(arena)};
	if (!open_flow(flow, arena, err)) {
		grant_code_close(&flow);
		return false;
	}
	*ret_nonce = random_text(arena);
	*ret_url = url_of(flow, scopes, *ret_nonce, ask_again, arena);
	*ret = flow;
	return true;
}

/* ---- waiting and redeeming ---- */

static bool
wait_for_browser(struct code_flow *flow, int64_t deadline_ms, struct error *err)
{
	int64_t due_ms = clock_monotonic_ms() + deadline_ms;
	flow->waiter = fiber_current();
	bool goes_on = true;
	while (goes_on && !flow->is_settled && clock_monotonic_ms() < due_ms) {
		bool timed_out;
		goes_on = fiber_wait_for(flow->loop, due_ms - clock_monotonic_ms(), &timed_out);
	}
	flow->waiter = NULL;
	loopback_listener_close(take(flow->listener));
	if (!goes_on)
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	if (flow->is_settled)
		return true;
	error_put(err, ERROR_TIMED_OUT, "nobody came back from the browser in time");
	return error_next(err, "paas login --device, if the browser is on another machine");
}

static bool
redeem(struct http *http, const struct code_flow *flow, struct arena *arena, struct granted *ret, struct error *err)
{
	const char *head = arena_printf(arena, "grant_type=authorization_code&client_id=%s&redirect_uri=%s&code=",
	                                http_escape(flow->issuer->client_id, arena), http_escape(flow->redirect_uri, arena));
	struct secret_piece pieces[] = {{head, flow->code, SECRET_AS_URL}, {"&code_verifier=", flow->verifier, SECRET_AS_URL}};
	struct token_request request = {.url = flow->issuer->token_endpoint, .what = "logging in", .pieces = pieces,
	                                .n_pieces = array_length(pieces)};
	return token_request_grant(http, flow->issuer, &request, arena, ret, err);
}

bool
grant_code_wait(struct http *http, struct code_flow *flow, int64_t deadline_ms, struct arena *arena, struct granted *ret,
                struct error *err)
{
	if (!wait_for_browser(flow, deadline_ms, err))
		return false;
	if (flow->code == NULL) {
		*err = flow->failure;
		return false;
	}
	return redeem(http, flow, arena, ret, err);
}
