/* A sign-on server that says what a real one never would: it announces itself, and answers every
 * other request from a script, one reply after the other.  Two paths lead to one script. */
#ifndef PAAS_TESTS_UNIT_AUTH_FIXTURE_H
#define PAAS_TESTS_UNIT_AUTH_FIXTURE_H

#include "net_fixture.h"

#include <stdio.h>

#include "auth/grant.h"
#include "auth/issuer.h"

enum { REPLIES_MAX = 16 };
enum how { WHOLE, CUT, SHUT }; /* CUT: in the middle of the body; SHUT: without a byte */

static struct reply {
	unsigned status;
	const char *body;
	enum how how;
} replies[REPLIES_MAX];
static struct seen {
	char *path, *target, *body, *authorization; /* the last may be NULL */
	int64_t at_ms;
} seen[REPLIES_MAX];
static size_t n_replies, n_seen;
static const char *discovery_path; /* the last one */
static const char *document; /* what it announces; NULL: a good one */
static struct issuer issuer;

static const char *
good_document(const char *site)
{
	return arena_printf(&arena, "{\"issuer\":\"%s\",\"token_endpoint\":\"%s/token\",\"jwks_uri\":\"%s/keys\","
	                    "\"authorization_endpoint\":\"%s/authorize\",\"device_authorization_endpoint\":\"%s/device\","
	                    "\"revocation_endpoint\":\"%s/revoke\"}", site, site, site, site, site, site);
}

static void
play(struct web_request *request)
{
	struct reply reply = {500, "{\"error\":\"server_error\",\"error_description\":\"the script is over\"}", WHOLE};
	if (n_seen < n_replies)
		reply = replies[n_seen];
	assert_true(n_seen < REPLIES_MAX);
	seen[n_seen++] = (struct seen){
		arena_strdup(&arena, request->path), arena_strdup(&arena, request->target),
		arena_strndup(&arena, request->body, request->body_length),
		arena_strdup(&arena, web_header(request, "Authorization")), clock_monotonic_ms(),
	};
	if (reply.how == SHUT) {
		web_cut(request, false);
		return;
	}
	if (reply.how == CUT)
		web_spoil(request, WEB_CUT_BODY);
	web_add_header(request, "Content-Type", "application/json");
	web_respond(request, reply.status, reply.body, strlen(reply.body));
}

static void
handle(void *data, struct web_request *request)
{
	if (strstr(request->path, "/.well-known/openid-configuration") == NULL) {
		play(request);
		return;
	}
	discovery_path = arena_strdup(&arena, request->path);
	const char *text = document != NULL ? document : good_document(strcmp(data, "secure") == 0 ? secure_site : plain_site);
	web_respond(request, 200, text, strlen(text));
}

static int
set_up(void **state)
{
	n_replies = n_seen = 0;
	document = NULL;
	clock_set_rate(100);
	return open_all(state);
}

static int
tear_down(void **state)
{
	clock_set_rate(1);
	return close_all(state);
}

__attribute__((unused)) static void
reply_with(enum how how, unsigned status, const char *body)
{
	assert_true(n_replies < REPLIES_MAX);
	replies[n_replies++] = (struct reply){status, body, how};
}

__attribute__((unused)) static bool
discover(const char *url)
{
	struct issuer_choice choice = {.issuer = url, .client_id = "paas cli", .ca_pem = certificate.ca_pem};
	return issuer_discover(http, &choice, &arena, &issuer, &err);
}

__attribute__((unused)) static struct secret *
secret_of(const char *text)
{
	return secret_new(text, strlen(text));
}

#define assert_secret(secret, text)                                        \
	do {                                                               \
		assert_non_null(secret);                                   \
		assert_string_equal(secret_reveal(secret), text);          \
	} while (0)
#define assert_said(text) assert_non_null(strstr(err.why, text))

#endif
