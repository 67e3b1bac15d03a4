#include "role/chat.h"

#include <string.h>

#include "api/slack/slack.h"
#include "data/platform.h"
#include "role/connection.h"

static bool
say_by_slack(const struct rest *rest, const struct chat_message *message, struct arena *arena, struct chat_message *ret,
             struct error *err)
{
	struct slack_message said, wanted = {.channel = message->channel, .ts = message->ts,
	                                     .text = slack_escape(message->text, arena), .event_type = message->event_type,
	                                     .event_id = message->event_id};
	if (!slack_say(rest, &wanted, arena, &said, err))
		return false;
	*ret = *message;
	ret->channel = said.channel;
	ret->ts = said.ts;
	return true;
}

static const struct chat_provider {
	const char *name, *message;
	bool (*say)(const struct rest *rest, const struct chat_message *message, struct arena *arena,
	            struct chat_message *ret, struct error *err);
} providers[] = {
	{"slack", "error", say_by_slack},
};

struct chat {
	struct connection connection;
	const struct chat_provider *provider;
};

static const struct chat_provider *
provider_of(const char *name)
{
	for (size_t i = 0; name != NULL && i < array_length(providers); i++)
		if (strcmp(providers[i].name, name) == 0)
			return &providers[i];
	return NULL;
}

bool
chat_open(struct http *http, const struct platform *platform, struct arena *arena, struct chat **ret, struct error *err)
{
	struct chat *chat = arena_new(arena, struct chat);
	chat->provider = provider_of(platform->chat.provider);
	if (chat->provider == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the platform file names no chat that this version speaks to");
	if (!connection_open(http, platform, "chat", arena, &chat->connection, err))
		return false;
	chat->connection.rest.message = chat->provider->message;
	*ret = chat;
	return true;
}

void
chat_close(struct chat **chat)
{
	if (*chat != NULL)
		connection_release(&(*chat)->connection);
	*chat = NULL;
}

bool
chat_say(struct chat *chat, const struct chat_message *message, struct arena *arena, struct chat_message *ret,
         struct error *err)
{
	return chat->provider->say(&chat->connection.rest, message, arena, ret, err) ||
	       error_doing(err, "telling %s of the deployment", chat->connection.system->label);
}
