/* Where people talk: one message, posted once and changed later.
 *
 *	scoped(chat_close) struct chat *chat = NULL;
 *	if (!chat_open(http, platform, arena, &chat, err) || !chat_say(chat, &message, arena, &message, err))
 *		return false;
 */
#ifndef PAAS_ROLE_CHAT_H
#define PAAS_ROLE_CHAT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

struct chat;
struct http;
struct platform;

/* Nothing is said yet; the arena outlives it.  Fails as connection_open, and ERROR_NOT_FOUND for a provider that this
 * version does not speak to. */
bool chat_open(struct http *http, const struct platform *platform, struct arena *arena, struct chat **ret,
               struct error *err) must_use;
/* For scoped(). */
void chat_close(struct chat **chat);

struct chat_message {
	const char *channel; /* "#payments"; of one that stands: as chat_say gave it */
	const char *ts;      /* of one that stands: it is changed; NULL: a new one */
	const char *text;    /* whatever it says, it mentions nobody */
	const char *event_type, *event_id; /* for programs */
};
/* *ret: channel and ts of what stands now.  A new message is sent once, whatever happens to its answer.  Fails as
 * slack.h says. */
bool chat_say(struct chat *chat, const struct chat_message *message, struct arena *arena, struct chat_message *ret,
              struct error *err) must_use;

#endif
