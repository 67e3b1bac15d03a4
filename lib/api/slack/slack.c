#include "api/slack/slack.h"

#include <string.h>

#include "base/buf.h"
#include "data/json.h"

enum { TEXT_MAX_BYTES = 3500 };

/* A zero-width space: "@channel" pages nobody. */
#define DEFUSED "\xe2\x80\x8b"

/* Of a character that takes several bytes: half of one is no text. */
static bool
is_inside(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

const char *
slack_escape(const char *text, struct arena *arena)
{
	scoped(buf_release) struct buf escaped = BUF_INIT(TEXT_MAX_BYTES);
	for (const char *at = text; *at != '\0' && (escaped.length < TEXT_MAX_BYTES - 8 || is_inside(*at)); at++) {
		if (*at == '&')
			buf_add_text(&escaped, "&amp;");
		else if (*at == '<')
			buf_add_text(&escaped, "&lt;");
		else if (*at == '>')
			buf_add_text(&escaped, "&gt;");
		else if ((unsigned char)*at < 0x20 || *at == 0x7f)
			buf_add_char(&escaped, ' ');
		else if (*at == '@')
			buf_add_text(&escaped, "@" DEFUSED);
		else
			buf_add_char(&escaped, *at);
	}
	return arena_strdup(arena, escaped.bytes);
}

static const struct refusal {
	const char *word;
	enum error_code code;
	const char *next;
} refusals[] = {
	{"channel_not_found", ERROR_NOT_FOUND, "look at teams of the platform file: is that the channel, and is the bot in it?"},
	{"not_in_channel", ERROR_FORBIDDEN, "invite the bot: /invite in the channel"},
	{"is_archived", ERROR_CONFLICT, "look at teams of the platform file: the channel is archived"},
	{"missing_scope", ERROR_FORBIDDEN, "give the bot the scope chat:write"},
	{"not_authed", ERROR_NOT_LOGGED_IN, "paas login slack"},
	{"invalid_auth", ERROR_NOT_LOGGED_IN, "paas login slack"},
	{"token_revoked", ERROR_NOT_LOGGED_IN, "paas login slack"},
	{"token_expired", ERROR_NOT_LOGGED_IN, "paas login slack"},
	{"account_inactive", ERROR_NOT_LOGGED_IN, "paas login slack"},
	{"ratelimited", ERROR_RATE_LIMITED, "try again in a minute"},
};

static bool
refuse(const char *word, const char *channel, struct error *err)
{
	for (size_t i = 0; i < array_length(refusals); i++) {
		if (strcmp(refusals[i].word, word) != 0)
			continue;
		error_put(err, refusals[i].code, "Slack refuses the message to %s: %s", channel, word);
		return error_next(err, "%s", refusals[i].next);
	}
	return error_set(err, ERROR_FAILED, "Slack refuses the message to %s: %s", channel, word);
}

bool
slack_say(const struct rest *rest, const struct slack_message *message, struct arena *arena, struct slack_message *ret,
          struct error *err)
{
	scoped(json_release) json_t *answer = NULL, *body = json_pack("{s:s, s:s, s:b, s:b, s:s*}", "channel", message->channel,
	                                                              "text", message->text, "unfurl_links", 0, "unfurl_media",
	                                                              0, "ts", message->ts);
	if (body == NULL)
		return error_set(err, ERROR_FAILED, "the message is no text");
	if (message->event_type != NULL)
		json_object_set_new(body, "metadata", json_pack("{s:s, s:{s:s}}", "event_type", message->event_type,
		                                                "event_payload", "id", message->event_id));
	if (!rest_post(rest, message->ts != NULL ? "/chat.update" : "/chat.postMessage", body, arena, &answer, err))
		return false;
	if (!json_bool_at(answer, "ok", false))
		return refuse(json_text_or(answer, "error", "it does not say why"), message->channel, err);
	*ret = *message;
	ret->channel = arena_strdup(arena, json_text_or(answer, "channel", message->channel));
	ret->ts = arena_strdup(arena, json_text_or(answer, "ts", ""));
	return true;
}
