/* A session at Gate, Spinnaker's API: Gate reads most credentials at its log-in alone, and wants cookies ever after.
 *
 *	scoped(spinnaker_session_release) struct spinnaker_session *session = NULL;
 *	if (!spinnaker_session_begin(http, &endpoint, url, &session, err))
 *		return false;
 *	scoped(secret_release) struct secret *cookies = spinnaker_session_cookies(session);
 *	struct http_endpoint inside;
 *	spinnaker_session_use(&endpoint, cookies, arena, &inside);
 *	…
 *	spinnaker_session_take(session, &answer);
 *	if (spinnaker_answers_stranger(&answer))    the session has ended: begin once more, then give up
 *
 * What is done depends on the endpoint's credential: a bearer token is shown to GET /login once (OAuth2, Google service
 * accounts); a name and password go with each request, and where Gate overlooks that, into the form of POST /login once (LDAP,
 * basic form); a client certificate, or nothing, needs no session.  That it worked is asked of GET /auth/user, since
 * Gate answers success and failure alike.  No redirect is followed.
 */
#ifndef PAAS_API_SPINNAKER_SESSION_H
#define PAAS_API_SPINNAKER_SESSION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

struct http;
struct http_endpoint;
struct http_response;

/* The cookies of one Gate.  NULL is one without. */
struct spinnaker_session;

/* `url`: of Gate, with its path ("https://gate.acme.example/api/v1").  *ret: the caller's; NULL where the endpoint as it is will do.
 * Fails: ERROR_NOT_LOGGED_IN (not taken), ERROR_FORBIDDEN, ERROR_UNREACHABLE, ERROR_BAD_ANSWER (not a Gate). */
bool spinnaker_session_begin(struct http *http, const struct http_endpoint *endpoint, const char *url, struct spinnaker_session **ret,
                             struct error *err) must_use;
void spinnaker_session_release(struct spinnaker_session **session); /* for scoped() */
/* "SESSION=…; …", for a Cookie header of this origin, as they are now; the caller's.  NULL: none. */
struct secret *spinnaker_session_cookies(const struct spinnaker_session *session);
/* The cookies of an answer, which are taken out of it: Gate may change its mind at any time.  Whether there were any. */
bool spinnaker_session_take(struct spinnaker_session *session, const struct http_response *answer);
/* The endpoint of all later requests, which borrows from its arguments; cookies NULL: the same again. */
void spinnaker_session_use(const struct http_endpoint *endpoint, const struct secret *cookies, struct arena *arena,
                           struct http_endpoint *ret);
/* Whether this is what Gate, or a proxy before it, answers who is not logged in: 401, or a redirect to a page where people
 * log in.  What was asked for has not been done. */
bool spinnaker_answers_stranger(const struct http_response *answer);

#endif
