#include "core/deploy/announce.h"

#include <string.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "base/file.h"
#include "base/loop.h"
#include "data/json.h"
#include "data/platform.h"
#include "role/chat.h"
#include "role/scm.h"

enum { DEADLINE_MS = 10 * 1000, KEPT_MAX = 50, KEPT_BYTES_MAX = 64 * 1024 };

struct errand {
	const struct announcement *announcement;
	enum announce_stage stage;
	const char *text;
	bool (*run)(struct errand *errand, struct error *err);
	struct arena arena;
	struct error err;
	struct fiber *fiber;
	struct loop_timer timer;
	bool is_fine, is_late;
};

/* ---- where the source is ---- */

static bool
tell_scm(struct errand *errand, struct error *err)
{
	static const enum scm_stage stages[] = {SCM_UNDER_WAY, SCM_WAITING, SCM_SUCCEEDED, SCM_FAILED, SCM_UNCLEAR};
	const struct announcement *announcement = errand->announcement;
	const struct scm_deployment deployment = {.commit = announcement->commit, .id = announcement->deployment_id,
	                                          .environment = announcement->environment->name, .text = errand->text,
	                                          .url = announcement->url};
	scoped(scm_close) struct scm *scm = NULL;
	const char *slug;
	if (announcement->repository == NULL || announcement->commit == NULL)
		return error_set(err, ERROR_NOT_FOUND, "nobody knows from which commit of which repository it was made");
	return scm_slug(announcement->platform, announcement->repository, &errand->arena, &slug, err) &&
	       scm_open(announcement->http, announcement->platform, &errand->arena, &scm, err) &&
	       scm_say_deployment(scm, slug, &deployment, stages[errand->stage], &errand->arena, err);
}

/* ---- the message, and what is kept of it ---- */

/* The deployments that were begun here, by id: {"outcome", "channel", "ts"}, without these before the message.  New
 * reference; what cannot be read is begun anew. */
static json_t *
read_kept(struct arena *arena)
{
	const char *path = file_state_path(arena, "announced.json");
	struct error ignored;
	char *bytes;
	size_t length;
	json_t *kept = NULL;
	if (path != NULL && file_read(path, KEPT_BYTES_MAX, arena, &bytes, &length, &ignored))
		kept = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(kept))
		return kept;
	json_decref(kept);
	return json_object();
}

/* The oldest go; `entry` is stolen. */
static bool
keep(json_t *kept, const char *id, json_t *entry, struct arena *arena, struct error *err)
{
	const char *path = file_state_path(arena, "announced.json"), *text;
	json_object_set_new(kept, id, entry);
	while (json_object_size(kept) > KEPT_MAX)
		json_object_del(kept, json_object_iter_key(json_object_iter(kept)));
	if (path == NULL)
		return error_set(err, ERROR_FILE, "there is no folder to remember it in");
	text = json_write(kept, arena);
	return file_write(path, text, strlen(text), 0600, err);
}

static bool
say(struct errand *errand, const char *channel, const json_t *entry, json_t *kept, struct error *err)
{
	const struct announcement *announcement = errand->announcement;
	struct chat_message said, message = {
		.channel = json_text_or(entry, "channel", channel), .ts = json_text_at(entry, "ts"), .text = errand->text,
		.event_type = "paas_deployment", .event_id = announcement->deployment_id};
	scoped(chat_close) struct chat *chat = NULL;
	if (!chat_open(announcement->http, announcement->platform, &errand->arena, &chat, err))
		return false;
	/* Before it is sent: rather none than two. */
	if (message.ts == NULL &&
	    !keep(kept, announcement->deployment_id, json_pack("{s:s}", "outcome", errand->text), &errand->arena, err))
		return false;
	return chat_say(chat, &message, &errand->arena, &said, err) &&
	       keep(kept, announcement->deployment_id,
	            json_pack("{s:s, s:s, s:s}", "outcome", errand->text, "channel", said.channel, "ts", said.ts),
	            &errand->arena, err);
}

static bool
tell_chat(struct errand *errand, struct error *err)
{
	const struct announcement *announcement = errand->announcement;
	const char *id = announcement->deployment_id;
	scoped(json_release) json_t *kept = read_kept(&errand->arena);
	scoped(json_release) json_t *entry = json_incref(json_object_get(kept, id));
	const struct platform_team *team = announcement->team ? platform_team(announcement->platform, announcement->team) : NULL;
	if (errand->stage == ANNOUNCE_BEGUN || errand->stage == ANNOUNCE_WAITING)
		return !announcement->is_ours || entry != NULL || keep(kept, id, json_object(), &errand->arena, err);
	bool is_said = json_text_at(entry, "outcome") != NULL;
	/* Begun elsewhere, or said already, or perhaps said: then there is nothing to change. */
	if (entry == NULL || (is_said && (json_text_at(entry, "ts") == NULL ||
	                                  strcmp(json_text_at(entry, "outcome"), errand->text) == 0)))
		return true;
	if (team == NULL || team->slack == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the platform file names no channel (slack) of team %s",
		                 announcement->team ? announcement->team : "?");
	return say(errand, team->slack, entry, kept, err);
}

/* ---- all ---- */

/* A role may be named by the provider that plays it, too. */
static const struct target {
	const char *role, *provider;
	bool (*run)(struct errand *errand, struct error *err);
} targets[] = {
	{"scm", "github", tell_scm},
	{"chat", "slack", tell_chat},
};

static bool
is_wanted(const struct platform_environment *environment, const struct target *target)
{
	for (size_t i = 0; i < environment->n_announce; i++)
		if (strcmp(environment->announce[i], target->role) == 0 || strcmp(environment->announce[i], target->provider) == 0)
			return true;
	return false;
}

/* As people know it. */
static const char *
name_of(const struct platform *platform, const struct target *target)
{
	const char *provider = target->run == tell_scm ? platform->scm.provider : platform->chat.provider;
	return provider != NULL ? provider : target->role;
}

static void
run_errand(void *data)
{
	struct errand *errand = data;
	errand->is_fine = errand->run(errand, &errand->err);
	if (!errand->is_fine && errand->is_late)
		error_put(&errand->err, ERROR_UNREACHABLE, "no answer within %d s", DEADLINE_MS / 1000);
	loop_timer_cancel(errand->announcement->loop, &errand->timer);
}

static void
give_up(struct loop_timer *timer)
{
	struct errand *errand = timer->data;
	errand->is_late = true;
	fiber_cancel(errand->fiber);
}

void
announce(const struct announcement *announcement, enum announce_stage stage, const char *text,
         void (*failed)(void *data, const char *target, const struct error *err), void *data)
{
	struct errand errands[array_length(targets)];
	for (size_t i = 0; i < array_length(targets); i++) {
		errands[i] = (struct errand){.announcement = announcement, .stage = stage, .text = text, .run = targets[i].run};
		if (!is_wanted(announcement->environment, &targets[i]))
			continue;
		errands[i].timer = (struct loop_timer){.fire = give_up, .data = &errands[i]};
		errands[i].fiber = fiber_start(announcement->loop, run_errand, &errands[i]);
		loop_timer_set(announcement->loop, &errands[i].timer, DEADLINE_MS);
	}
	for (size_t i = 0; i < array_length(targets); i++) {
		if (errands[i].fiber == NULL)
			continue;
		fiber_join(errands[i].fiber);
		if (!errands[i].is_fine)
			failed(data, name_of(announcement->platform, &targets[i]), &errands[i].err);
		arena_release(&errands[i].arena);
	}
}
