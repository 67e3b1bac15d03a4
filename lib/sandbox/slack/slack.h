/* The emulated Slack: its Web API below /api/, for a bot that posts messages.
 *
 * Written from Slack's documentation, not from our client.  Every answer is HTTP 200 and says "ok";
 * parameters come as a form, as JSON or in the query.  What was posted can be read again with
 * conversations.history, as on the real one.
 */
#ifndef PAAS_SANDBOX_SLACK_SLACK_H
#define PAAS_SANDBOX_SLACK_SLACK_H

#include <jansson.h>
#include <stdbool.h>

struct slack;
struct web_request;

struct slack_options {
	const char *token; /* of the bot; borrowed */
};
struct slack *slack_new(const struct slack_options *options);
void slack_free(struct slack *slack);

/* Answers a request at once. */
void slack_handle(struct slack *slack, struct web_request *request);

/* New reference, and back; false when it is no snapshot.  NULL: nothing was said. */
json_t *slack_snapshot(const struct slack *slack);
bool slack_restore(struct slack *slack, const json_t *snapshot);

#endif
