/* Device authorization (RFC 8628): the code, the page where it is typed, and the polls. */
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/sso/parts.h"
#include "web/server.h"

enum { SLACK_MS = 100 }; /* of the poller's timer */

void
sso_handle_device_authorization(struct sso_call *call)
{
	const struct sso_client *client = sso_param_client(call);
	if (client == NULL)
		return;
	const char *device_code = sso_new_secret(call->arena), *user_code = sso_new_user_code(call->sso, call->arena);
	sso_put(call->sso, "requests", user_code,
	        json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:I}", "way", "device", "client_id", client->id, "scope",
	                  sso_param_scope(call), "device_code", device_code, "expires_at",
	                  (json_int_t)clock_wall_ms() + REQUEST_LIFETIME_MS, "interval_s", INTERVAL_S, "polled_at",
	                  (json_int_t)0));
	const char *page = arena_printf(call->arena, "%s/device", call->sso->issuer);
	sso_answer(call, 200,
	           json_pack("{s:s, s:s, s:s, s:s, s:i, s:i}", "device_code", device_code, "user_code", user_code,
	                     "verification_uri", page, "verification_uri_complete",
	                     arena_printf(call->arena, "%s?user_code=%s", page, user_code), "expires_in",
	                     REQUEST_LIFETIME_MS / 1000, "interval", INTERVAL_S));
}

/* ---- the page ---- */

static void
ask_for_code(struct sso_call *call, bool was_wrong)
{
	scoped(buf_release) struct buf page = BUF_INIT(4096);
	buf_printf(&page,
	           "%s<form method=\"get\" action=\"%s/device\">\n<label>The code that the device shows "
	           "<input name=\"user_code\" autocomplete=\"off\" autofocus required></label>\n"
	           "<button>Go on</button>\n</form>\n",
	           was_wrong ? "<p>No device waits with that code.</p>\n" : "", call->sso->issuer);
	page_send(call, was_wrong ? 400 : 200, "Sign on to the sandbox", &page);
}

void
sso_handle_device(struct sso_call *call)
{
	const char *typed = sso_param(call, "user_code");
	const char *user_code = typed != NULL ? sso_user_code(typed, call->arena) : "";
	json_t *request = sso_get(call->sso, "requests", user_code);
	bool is_waiting = strcmp(sso_text(request, "way"), "device") == 0 && !sso_is_expired(request) &&
	                  sso_text(request, "session")[0] == '\0';
	if (!is_waiting)
		ask_for_code(call, typed != NULL);
	else if (strcmp(call->request->method, "POST") != 0)
		page_ask(call, user_code, request, "/device");
	else if (page_read_decision(call, request))
		page_say(call, 200, "Sign on to the sandbox",
		         strcmp(sso_text(request, "decision"), "approved") == 0
		                 ? "Approved. You can close this page and go back to your terminal."
		                 : "Denied. You can close this page.");
}

/* ---- polls ---- */

/* Whether it is asked more often than agreed; then less often is agreed from now on. */
static bool
is_too_fast(json_t *request)
{
	int64_t now_ms = clock_wall_ms(), before_ms = sso_number(request, "polled_at"),
		interval_s = sso_number(request, "interval_s");
	sso_set_number(request, "polled_at", now_ms);
	if (before_ms == 0 || now_ms - before_ms >= interval_s * 1000 - SLACK_MS)
		return false;
	sso_set_number(request, "interval_s", interval_s + SLOWER_BY_S);
	return true;
}

static void
answer_waiting(struct sso_call *call, json_t *request)
{
	if (is_too_fast(request)) {
		sso_fail(call, 400, "slow_down", "polled more often than the interval");
		return;
	}
	if (!call->sso->options.asks) {
		sso_set_text(request, "decision", "approved");
		sso_set_text(request, "person", sso_people[0].name);
	}
	sso_fail(call, 400, "authorization_pending", "nobody has decided yet");
}

void
sso_grant_device(struct sso_call *call, const struct sso_client *client)
{
	const char *device_code = sso_param(call, "device_code");
	json_t *request = device_code != NULL ? sso_find_device(call->sso, device_code) : NULL;
	const char *decision = sso_text(request, "decision"), *session = sso_text(request, "session");
	if (device_code == NULL) {
		sso_fail(call, 400, "invalid_request", "device_code is missing");
	} else if (request == NULL || strcmp(sso_text(request, "client_id"), client->id) != 0) {
		sso_fail(call, 400, "invalid_grant", "no such device code");
	} else if (session[0] != '\0') {
		sso_revoke_session(call->sso, session);
		sso_fail(call, 400, "invalid_grant", "the device code was used before");
	} else if (sso_is_expired(request)) {
		sso_fail(call, 400, "expired_token", "the device code has expired");
	} else if (strcmp(decision, "denied") == 0) {
		sso_fail(call, 400, "access_denied", "the person said no");
	} else if (strcmp(decision, "approved") == 0) {
		session = sso_new_session(call->sso, request, call->arena);
		sso_set_text(request, "session", session);
		sso_issue(call, session);
	} else {
		answer_waiting(call, request);
	}
}
