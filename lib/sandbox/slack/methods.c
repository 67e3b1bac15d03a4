/* What the bot can do: say, change and read messages. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/member.h"
#include "sandbox/slack/parts.h"

enum { MESSAGES_MAX = 1000, TEXT_MAX = 40000, BLOCKS_MAX = 50, PAGE = 100, PAGE_MAX = 999 };
#define BOT "U0PAASBOT"
#define TEAM "T0SANDBOX"
#define PAGES "https://sandbox.slack.example/"

static const struct channel {
	const char *id, *name;
	bool is_member, is_archived;
} channels[] = {
	{"C0GENERAL", "general", true, false},
	{"C0PAYMENTS", "payments", true, false},
	{"C0PLATFORM", "platform", true, false},
	{"C0ELSEWHERE", "elsewhere", false, false},
	{"C0OLD", "old-payments", true, true},
};

/* ---- parameters ---- */

static size_t
param_number(const struct slack_call *call, const char *name, size_t fallback)
{
	const json_t *number = json_object_get(call->body, name);
	const char *text = slack_param(call, name);
	if (json_is_integer(number))
		return json_integer_value(number) > 0 ? (size_t)json_integer_value(number) : fallback;
	return text != NULL && strspn(text, "0123456789") == strlen(text) ? strtoul(text, NULL, 10) : fallback;
}

/* JSON, in a form as text; new reference or NULL. */
static json_t *
param_json(const struct slack_call *call, const char *name)
{
	const char *text = slack_param(call, name);
	json_t *value = json_object_get(call->body, name);
	return text != NULL ? json_loads(text, 0, NULL) : json_incref(value);
}

static bool
has_param(const struct slack_call *call, const char *name)
{
	const json_t *value = json_object_get(call->body, name);
	return slack_param(call, name) != NULL || (value != NULL && !json_is_null(value));
}

/* By its id, and unless only that will do by its name; NULL after having answered. */
static const struct channel *
param_channel(struct slack_call *call, bool only_id)
{
	const char *name = slack_param(call, "channel");
	for (size_t i = 0; name != NULL && i < array_length(channels); i++)
		if (strcmp(channels[i].id, name) == 0 ||
		    (!only_id && strcmp(channels[i].name, name + (name[0] == '#')) == 0))
			return &channels[i];
	slack_fail(call, "channel_not_found");
	return NULL;
}

/* ---- messages ---- */

static json_t *
messages_of(const struct slack *slack, const struct channel *channel)
{
	json_t *all = json_object_get(slack->state, "messages"), *list = json_object_get(all, channel->id);
	if (list == NULL) {
		list = json_array();
		json_object_set_new(all, channel->id, list);
	}
	return list;
}

static json_t *
find_message(const struct slack *slack, const struct channel *channel, const char *ts)
{
	json_t *message;
	size_t i;
	json_array_foreach (messages_of(slack, channel), i, message)
		if (ts != NULL && strcmp(member_text(message, "ts"), ts) == 0)
			return message;
	return NULL;
}

/* A time that is an identifier: never the same twice. */
static const char *
new_ts(struct slack_call *call)
{
	int64_t now = clock_wall_ms() * 1000, last = member_number(call->slack->state, "last_us");
	now = now > last ? now : last + 1;
	json_object_set_new(call->slack->state, "last_us", json_integer(now));
	return arena_printf(call->arena, "%lld.%06lld", (long long)(now / 1000000), (long long)(now % 1000000));
}

/* What is wrong with what is to be said; NULL when it is fine. */
static const char *
fault_of_content(const struct slack_call *call)
{
	const char *text = slack_param(call, "text");
	json_t *blocks = param_json(call, "blocks"), *metadata = param_json(call, "metadata");
	const char *fault = NULL;
	if (has_param(call, "blocks") && (!json_is_array(blocks) || json_array_size(blocks) > BLOCKS_MAX))
		fault = "invalid_blocks";
	else if (has_param(call, "metadata") && json_string_value(json_object_get(metadata, "event_type")) == NULL)
		fault = "invalid_metadata_format";
	else if (text == NULL && json_array_size(blocks) == 0)
		fault = "no_text";
	else if (text != NULL && strlen(text) > TEXT_MAX)
		fault = "msg_too_long";
	json_decref(blocks);
	json_decref(metadata);
	return fault;
}

/* What is left out of a change goes. */
static void
put_content(const struct slack_call *call, json_t *message)
{
	static const char *const parts[] = {"blocks", "metadata"};
	const char *text = slack_param(call, "text");
	json_object_set_new(message, "text", json_string(text != NULL ? text : ""));
	for (size_t i = 0; i < array_length(parts); i++) {
		json_t *value = param_json(call, parts[i]);
		json_object_del(message, parts[i]);
		if (value != NULL)
			json_object_set_new(message, parts[i], value);
	}
}

/* ---- methods ---- */

static void
auth_test(struct slack_call *call)
{
	slack_answer(call, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "url", PAGES, "team", "sandbox", "user", "paas", "team_id",
	                       TEAM, "user_id", BOT, "bot_id", "B0PAASBOT"));
}

/* With `test` nothing happens. */
static void
auth_revoke(struct slack_call *call)
{
	bool is_test = has_param(call, "test");
	if (!is_test)
		json_object_set_new(call->slack->state, "is_revoked", json_true());
	slack_answer(call, json_pack("{s:b}", "revoked", !is_test));
}

static const char *
fault_of_channel(const struct channel *channel)
{
	return channel->is_archived ? "is_archived" : !channel->is_member ? "not_in_channel" : NULL;
}

static void
post_message(struct slack_call *call)
{
	const struct channel *channel = param_channel(call, false);
	if (channel == NULL)
		return;
	const char *thread = slack_param(call, "thread_ts"), *fault = fault_of_channel(channel);
	if (fault == NULL && thread != NULL && find_message(call->slack, channel, thread) == NULL)
		fault = "thread_not_found";
	if (fault == NULL)
		fault = fault_of_content(call);
	if (fault != NULL) {
		slack_fail(call, fault);
		return;
	}
	json_t *list = messages_of(call->slack, channel);
	json_t *message = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "message", "user", BOT, "bot_id", "B0PAASBOT", "team",
	                            TEAM, "ts", new_ts(call));
	put_content(call, message);
	if (thread != NULL)
		json_object_set_new(message, "thread_ts", json_string(thread));
	json_array_append_new(list, message);
	json_t *said = json_pack("{s:s, s:s, s:O}", "channel", channel->id, "ts", member_text(message, "ts"), "message", message);
	if (json_array_size(list) > MESSAGES_MAX)
		json_array_remove(list, 0);
	slack_answer(call, said);
}

static void
update_message(struct slack_call *call)
{
	const struct channel *channel = param_channel(call, true);
	if (channel == NULL)
		return;
	json_t *message = find_message(call->slack, channel, slack_param(call, "ts"));
	const char *fault = message == NULL ? "message_not_found" : fault_of_content(call);
	if (fault != NULL) {
		slack_fail(call, fault);
		return;
	}
	put_content(call, message);
	json_object_set_new(message, "edited", json_pack("{s:s, s:s}", "user", BOT, "ts", new_ts(call)));
	slack_answer(call, json_pack("{s:s, s:s, s:s, s:O}", "channel", channel->id, "ts", member_text(message, "ts"), "text",
	                       member_text(message, "text"), "message", message));
}

static void
get_permalink(struct slack_call *call)
{
	const struct channel *channel = param_channel(call, true);
	const char *ts = slack_param(call, "message_ts"), *dot = ts != NULL ? strchr(ts, '.') : NULL;
	if (channel == NULL)
		return;
	if (dot == NULL || find_message(call->slack, channel, ts) == NULL)
		slack_fail(call, "message_not_found");
	else
		slack_answer(call, json_pack("{s:s, s:s}", "channel", channel->id, "permalink",
		                       arena_printf(call->arena, PAGES "archives/%s/p%.*s%s", channel->id, (int)(dot - ts), ts, dot + 1)));
}

static void
list_conversations(struct slack_call *call)
{
	json_t *list = json_array();
	for (size_t i = 0; i < array_length(channels); i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:b, s:b, s:b}", "id", channels[i].id, "name",
		                                      channels[i].name, "is_channel", 1, "is_private", 0, "is_member",
		                                      channels[i].is_member, "is_archived", channels[i].is_archived));
	slack_answer(call, json_pack("{s:o, s:{s:s}}", "channels", list, "response_metadata", "next_cursor", ""));
}

static bool
is_reply(const json_t *message)
{
	const char *thread = member_text(message, "thread_ts");
	return thread[0] != '\0' && strcmp(thread, member_text(message, "ts")) != 0;
}

/* A page of it; the cursor says how many came before.  Steals `list`. */
static void
answer_messages(struct slack_call *call, json_t *list)
{
	size_t total = json_array_size(list), limit = param_number(call, "limit", PAGE), skip = param_number(call, "cursor", 0);
	limit = limit < 1 || limit > PAGE_MAX ? PAGE_MAX : limit;
	skip = skip < total ? skip : total;
	json_t *part = json_array();
	for (size_t i = skip; i < total && i < skip + limit; i++)
		json_array_append(part, json_array_get(list, i));
	json_decref(list);
	bool has_more = skip + limit < total;
	slack_answer(call, json_pack("{s:o, s:b, s:{s:s}}", "messages", part, "has_more", has_more, "response_metadata", "next_cursor",
	                       has_more ? arena_printf(call->arena, "%zu", skip + limit) : ""));
}

/* Newest first, without what was said in threads. */
static void
history(struct slack_call *call)
{
	const struct channel *channel = param_channel(call, true);
	if (channel == NULL)
		return;
	if (!channel->is_member) {
		slack_fail(call, "not_in_channel");
		return;
	}
	const json_t *all = messages_of(call->slack, channel);
	json_t *list = json_array();
	for (size_t i = json_array_size(all); i-- > 0;)
		if (!is_reply(json_array_get(all, i)))
			json_array_append(list, json_array_get(all, i));
	answer_messages(call, list);
}

/* A thread: what began it, then what was said to it, oldest first. */
static void
replies(struct slack_call *call)
{
	const struct channel *channel = param_channel(call, true);
	const char *ts = slack_param(call, "ts");
	json_t *message;
	size_t i;
	if (channel == NULL)
		return;
	if (find_message(call->slack, channel, ts) == NULL) {
		slack_fail(call, "thread_not_found");
		return;
	}
	json_t *list = json_array();
	json_array_foreach (messages_of(call->slack, channel), i, message)
		if (strcmp(member_text(message, "ts"), ts) == 0 || strcmp(member_text(message, "thread_ts"), ts) == 0)
			json_array_append(list, message);
	answer_messages(call, list);
}

static void
lookup_by_email(struct slack_call *call)
{
	static const struct {
		const char *email, *id, *name;
	} people[] = {{"ada@sandbox.example", "U0ADA", "ada"}, {"grace@sandbox.example", "U0GRACE", "grace"}};
	const char *email = slack_param(call, "email");
	for (size_t i = 0; email != NULL && i < array_length(people); i++) {
		if (strcmp(people[i].email, email) == 0) {
			slack_answer(call, json_pack("{s:{s:s, s:s, s:s}}", "user", "id", people[i].id, "team_id", TEAM, "name", people[i].name));
			return;
		}
	}
	slack_fail(call, "users_not_found");
}

const struct slack_method slack_methods[] = {
	{"auth.test", auth_test},
	{"auth.revoke", auth_revoke},
	{"chat.postMessage", post_message},
	{"chat.update", update_message},
	{"chat.getPermalink", get_permalink},
	{"conversations.list", list_conversations},
	{"conversations.history", history},
	{"conversations.replies", replies},
	{"users.lookupByEmail", lookup_by_email},
};
const size_t slack_n_methods = array_length(slack_methods);
