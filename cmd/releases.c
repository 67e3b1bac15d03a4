/* `paas releases`: what an environment had. */
#include <string.h>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/releases_view.h"
#include "cmd/status_view.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/repository.h"
#include "data/settings.h"
#include "ui/output.h"
#include "ui/table.h"

enum { LIMIT = 10, LIMIT_MAX = 100, COMMITS_MAX = 50 };

static const char *app, *environment;
static uint64_t limit = LIMIT;

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &app, .complete = "application", .fallback = "that of this folder",
	 .help = "application to look at"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment, .complete = "environment",
	 .fallback = "the first of the platform file", .help = "environment"},
	{.kind = OPTION_NUMBER, .name = "limit", .value = "N", .number = &limit, .min = 1, .max = LIMIT_MAX, .fallback = "10",
	 .help = "how many"},
	{.kind = OPTION_END},
};

/* ---- what shipped with each ---- */

struct shipped {
	struct repository_commit *commits; /* newest first */
	size_t count;
};

/* Between it and the one before, when this work tree has both. */
static struct shipped
find_shipped(const struct session *session, const struct history *history, size_t i)
{
	struct shipped shipped = {0};
	struct error ignored;
	const char *root = session->project->root;
	bool has_both = root != NULL && i + 1 < history->count && *history->releases[i].commit != '\0' &&
	                *history->releases[i + 1].commit != '\0';
	if (!has_both || !repository_commits(root, history->releases[i + 1].commit, history->releases[i].commit, COMMITS_MAX,
	                                     session->arena, &shipped.commits, &shipped.count, &ignored))
		return (struct shipped){0};
	return shipped;
}

static const char *
shipped_text(const struct shipped *shipped, struct arena *arena)
{
	const char *title = shipped->count > 0 && shipped->commits[0].title != NULL ? shipped->commits[0].title : "";
	if (shipped->count <= 1)
		return title;
	return arena_printf(arena, "%s, and %zu more", title, shipped->count - 1);
}

static json_t *
shipped_to_json(const struct shipped *shipped)
{
	json_t *list = json_array();
	for (size_t i = 0; i < shipped->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s?}", "commit", shipped->commits[i].commit, "title",
		                                      shipped->commits[i].title));
	return list;
}

/* ---- the table ---- */

enum { RELEASE, IMAGE, COMMIT, AGE, BY, OUTCOME, CHANGES };
static const struct table_column columns[] = {
	[RELEASE] = {.title = "RELEASE"}, [IMAGE] = {.title = "IMAGE", .may_cut = true}, [COMMIT] = {.title = "COMMIT", .priority = 1},
	[AGE] = {.title = "AGE", .priority = 3}, [BY] = {.title = "BY", .may_cut = true, .priority = 4},
	[OUTCOME] = {.title = "OUTCOME"}, [CHANGES] = {.title = "CHANGES", .may_cut = true, .priority = 2},
};

static enum style
style_of(enum past_outcome outcome)
{
	return outcome == PAST_SUCCEEDED ? STYLE_GOOD : outcome == PAST_FAILED ? STYLE_BAD
	       : outcome == PAST_UNDER_WAY || outcome == PAST_WAITING ? STYLE_CAUTION : STYLE_FAINT;
}

static void
add_row(struct table *table, const struct past_release *release, const char *changes, struct arena *arena)
{
	char age[CLOCK_TEXT_BYTES] = "";
	if (release->at_ms > 0)
		clock_format_age(clock_wall_ms() - release->at_ms, age);
	table_add_row(table);
	table_set(table, RELEASE, STYLE_STRONG, "%s%s", releases_label(release, arena), release->is_current ? " (current)" : "");
	table_set(table, IMAGE, STYLE_PLAIN, "%s", status_short_image(release->image));
	table_set(table, COMMIT, STYLE_PLAIN, "%.8s", release->commit);
	table_set(table, AGE, STYLE_PLAIN, "%s", age);
	table_set(table, BY, STYLE_PLAIN, "%s", release->author);
	table_set(table, OUTCOME, style_of(release->outcome), "%s", past_outcome_name(release->outcome));
	table_set(table, CHANGES, STYLE_PLAIN, "%s", changes);
}

static bool
answer_json(struct session *session, const struct releases_view *view, struct error *err)
{
	json_t *list = json_array();
	for (size_t i = 0; i < view->history.count; i++) {
		struct shipped shipped = find_shipped(session, &view->history, i);
		json_t *release = past_release_to_json(&view->history.releases[i]);
		json_object_set_new(release, "commits", shipped_to_json(&shipped));
		json_array_append_new(list, release);
	}
	return output_json(session->out, json_pack("{s:s, s:s, s:o}", "name", view->located.name, "environment",
	                                           view->located.environment->name, "releases", list), err);
}

static bool
answer(struct session *session, const struct releases_view *view, struct error *err)
{
	struct output *out = session->out;
	if (output_is_json(out))
		return answer_json(session, view, err);
	struct table *table = table_new(session->arena, columns, array_length(columns));
	for (size_t i = 0; i < view->history.count; i++) {
		struct shipped shipped = find_shipped(session, &view->history, i);
		add_row(table, &view->history.releases[i], shipped_text(&shipped, session->arena), session->arena);
	}
	table_print(table, out);
	if (view->history.count == 0)
		output_note(out, "%s was never deployed to %s\n", view->located.name, view->located.environment->name);
	return true;
}

static bool
run(struct session *session, struct error *err)
{
	scoped(releases_close) struct releases_view view = {0};
	if (!settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, environment, err))
		return false;
	return releases_open(session, app, (unsigned)limit, &view, err) && answer(session, &view, err);
}

static const struct command_example examples[] = {
	{"paas releases", "of the application of this folder, in the first environment"},
	{"paas releases checkout --env pro --limit 30", "more of them, in pro"},
	{"paas releases --jq '.releases[] | select(.outcome == \"failed\") | .image'", "which ones failed"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-rollback(1)", "paas-promote(1)", "paas-diff(1)", "paas-deploy(1)", NULL};

const struct command command_releases = {
	.name = "releases",
	.group = GROUP_SHIP,
	.summary = "List what an environment had, newest first",
	.description =
		"Puts together what is known of the past deployments of an application: the Application, its ReplicaSets and what the "
		"operator said of each; what earlier deploys recorded in the ConfigMap paas-releases-NAME (the last 20); and the runs "
		"of the environment's pipeline, where the platform deploys with pipelines.\n\n"
		"A release is called by the revision of its Deployment (r42), which differs between environments; what never came so "
		"far has its deployment id. CHANGES names the commits since the release before, when this work tree has both. The "
		"outcome is the operator's word, else the pipeline's: succeeded, failed, cancelled, superseded (the next one began before "
		"this one was seen healthy), under-way, waiting (for a person), or unknown when nobody kept it.\n\n"
		"In JSON can_be_deployed says whether the settings of a release are known, so that paas rollback can go back to it.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.run = run,
};
