/* Slack's Web API: one message, posted or changed.
 *
 * Slack answers 200 and says in the body whether it did anything; what it refuses is an error here.  Fails as rest.h
 * says, and ERROR_NOT_FOUND (no such channel), ERROR_FORBIDDEN (the bot is not in it, or lacks a scope),
 * ERROR_NOT_LOGGED_IN, ERROR_RATE_LIMITED, ERROR_FAILED (all other words of Slack's).
 */
#ifndef PAAS_API_SLACK_SLACK_H
#define PAAS_API_SLACK_SLACK_H

#include <stdbool.h>

#include "api/rest/rest.h"

/* Text from outside as mrkdwn that says just that: it mentions nobody, and links nowhere.  Newlines become spaces. */
const char *slack_escape(const char *text, struct arena *arena) returns_text;

struct slack_message {
	const char *channel; /* "#payments" or an id; to change one: its id */
	const char *ts;      /* names a message within its channel; NULL: a new one */
	const char *text;    /* mrkdwn */
	/* For programs: what happened, and to which thing; NULL: nothing. */
	const char *event_type, *event_id;
};
/* *ret: channel (the id) and ts of what stands there now; a new message is sent once, whatever happens to its answer. */
bool slack_say(const struct rest *rest, const struct slack_message *message, struct arena *arena, struct slack_message *ret,
               struct error *err) must_use;

#endif
