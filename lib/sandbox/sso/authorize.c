/* The authorization endpoint (RFC 6749 4.1) for native clients: PKCE (RFC 7636), loopback redirects with
 * any port (RFC 8252 7.3), the issuer in the answer (RFC 9207).
 *
 *	/authorize -> /interaction?id=CODE, which is the page until somebody decides -> redirect_uri
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/sso/parts.h"
#include "web/server.h"

enum { URL_BYTES_MAX = 32 * 1024, CHALLENGE_LENGTH = 43, PORT_MAX = 65535 };

/* Every client is registered with http://HOST/callback, HOST one of these. */
static const char *const redirect_hosts[] = {"http://127.0.0.1", "http://[::1]", "http://localhost"};

static bool
is_registered(const char *uri)
{
	for (size_t i = 0; i < array_length(redirect_hosts); i++) {
		size_t length = strlen(redirect_hosts[i]);
		char *end = (char *)(uintptr_t)uri + length;
		if (strncmp(uri, redirect_hosts[i], length) != 0)
			continue;
		unsigned long port = *end == ':' && end[1] >= '0' && end[1] <= '9' ? strtoul(end + 1, &end, 10) : 80;
		if (port > 0 && port <= PORT_MAX && strcmp(end, "/callback") == 0)
			return true;
	}
	return false;
}

/* ---- back to the client ---- */

static void
add_parameter(struct buf *url, const char *name, const char *value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	buf_printf(url, "%c%s=", strchr(url->bytes, '?') == NULL ? '?' : '&', name);
	for (; *value != '\0'; value++) {
		if (strchr(plain, *value) != NULL)
			buf_add_char(url, *value);
		else
			buf_printf(url, "%%%02X", (unsigned char)*value);
	}
}

/* `name`: "code" or "error". */
static void
go_back(struct sso_call *call, const char *redirect_uri, const char *state, const char *name, const char *value)
{
	scoped(buf_release) struct buf url = BUF_INIT(URL_BYTES_MAX);
	buf_add_text(&url, redirect_uri);
	add_parameter(&url, name, value);
	if (state[0] != '\0')
		add_parameter(&url, "state", state);
	add_parameter(&url, "iss", call->sso->issuer);
	sso_redirect(call, 303, url.bytes);
}

static const char *
new_code(struct sso_call *call, const json_t *request)
{
	const char *code = sso_new_secret(call->arena);
	sso_put(call->sso, "codes", code,
	        json_pack("{s:s, s:s, s:s, s:I, s:s}", "client_id", sso_text(request, "client_id"), "redirect_uri",
	                  sso_text(request, "redirect_uri"), "challenge", sso_text(request, "challenge"), "expires_at",
	                  (json_int_t)clock_wall_ms() + CODE_LIFETIME_MS, "session",
	                  sso_new_session(call->sso, request, call->arena)));
	return code;
}

/* ---- the decision ---- */

void
sso_handle_interaction(struct sso_call *call)
{
	bool is_post = strcmp(call->request->method, "POST") == 0;
	const char *id = sso_param(call, is_post ? "user_code" : "id");
	json_t *request = id != NULL ? sso_get(call->sso, "requests", id) : NULL;
	if (strcmp(sso_text(request, "way"), "browser") != 0 || sso_is_expired(request)) {
		page_say(call, 400, "Sign on to the sandbox", "That request is gone. Begin again.");
		return;
	}
	if (is_post && !page_read_decision(call, request))
		return;
	const char *decision = sso_text(request, "decision");
	if (decision[0] == '\0') {
		web_add_header(call->request, "Refresh", "2"); /* somebody may decide elsewhere */
		page_ask(call, id, request, "/interaction");
		return;
	}
	bool is_approved = strcmp(decision, "approved") == 0;
	go_back(call, sso_text(request, "redirect_uri"), sso_text(request, "state"), is_approved ? "code" : "error",
	        is_approved ? new_code(call, request) : "access_denied");
	sso_remove(call->sso, "requests", id);
}

/* ---- the request ---- */

/* The error of the request, or NULL (RFC 6749 4.1.2.1, 7636 4.4.1, OpenID Connect Core 3.1.2.6). */
static const char *
find_fault(const struct sso_call *call)
{
	const char *type = sso_param(call, "response_type"), *challenge = sso_param(call, "code_challenge"),
		   *method = sso_param(call, "code_challenge_method"), *prompt = sso_param(call, "prompt");
	if (type == NULL)
		return "invalid_request";
	if (strcmp(type, "code") != 0)
		return "unsupported_response_type";
	if (sso_param(call, "request") != NULL)
		return "request_not_supported";
	if (sso_param(call, "request_uri") != NULL)
		return "request_uri_not_supported";
	if (challenge == NULL || strlen(challenge) != CHALLENGE_LENGTH || method == NULL || strcmp(method, "S256") != 0)
		return "invalid_request";
	if (prompt != NULL && sso_has_word(prompt, "none"))
		return "login_required"; /* nobody stays signed on here */
	return NULL;
}

void
sso_handle_authorize(struct sso_call *call)
{
	const char *id = sso_param(call, "client_id"), *uri = sso_param(call, "redirect_uri"),
		   *state = sso_param(call, "state"), *nonce = sso_param(call, "nonce");
	const struct sso_client *client = id != NULL ? sso_client_find(id) : NULL;
	/* Without a client and an address of its, nobody is sent anywhere. */
	if (client == NULL || uri == NULL || !is_registered(uri)) {
		page_say(call, 400, "Sign on to the sandbox",
		         client == NULL ? "invalid_client: no such client"
		                        : "invalid_redirect_uri: not an address that the client is registered with");
		return;
	}
	const char *fault = find_fault(call);
	if (fault != NULL) {
		go_back(call, uri, state != NULL ? state : "", "error", fault);
		return;
	}
	const char *code = sso_new_user_code(call->sso, call->arena);
	bool asks = call->sso->options.asks;
	sso_put(call->sso, "requests", code,
	        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s}", "way", "browser", "client_id", client->id,
	                  "scope", sso_param_scope(call), "nonce", nonce != NULL ? nonce : "", "redirect_uri", uri, "state",
	                  state != NULL ? state : "", "challenge", sso_param(call, "code_challenge"), "expires_at",
	                  (json_int_t)clock_wall_ms() + REQUEST_LIFETIME_MS, "decision", asks ? "" : "approved",
	                  "person", sso_people[0].name));
	sso_redirect(call, 303, arena_printf(call->arena, "%s/interaction?id=%s", call->sso->issuer, code));
}
