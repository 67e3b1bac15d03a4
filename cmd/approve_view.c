#include "cmd/approve_view.h"

#include <string.h>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/settings_changes.h"
#include "core/deploy/shipped.h"
#include "core/deploy/submit.h"
#include "data/json.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/repository.h"
#include "role/ci.h"
#include "role/cluster.h"
#include "ui/output.h"

enum { COMMITS_MAX = 20, CHECKS_MAX = 12, SECOND_MS = 1000 };

static bool
read_standing(const struct approve_view *view, struct standing *ret, struct error *err)
{
	const struct pending *pending = view->pending;
	struct arena *arena = view->session->arena;
	scoped(cluster_close) struct cluster *cluster = NULL;
	return pending->namespace != NULL &&
	       cluster_open(view->session->http, pending->environment->cluster, arena, &cluster, err) &&
	       standing_read(cluster->kubernetes, pending->namespace, view->name, arena, ret, err);
}

static void
show_commits(const struct approve_view *view, const char *before)
{
	struct session *session = view->session;
	const struct shipped_request request = {.http = session->http, .platform = session->platform, .project = session->project,
	                                        .from = before, .to = view->pending->commit, .max = COMMITS_MAX};
	struct shipped shipped = shipped_find(&request, session->arena);
	for (size_t i = 0; i < shipped.count; i++)
		output_note(session->out, "  %.8s %s\n", shipped.commits[i].commit,
		            shipped.commits[i].title != NULL ? shipped.commits[i].title : "");
}

/* ---- how its commit did ---- */

/* The repository of its commit; NULL: nobody can say. */
static const char *
slug_of(const struct approve_view *view)
{
	struct session *session = view->session;
	const struct repository *repository;
	struct error ignored;
	const char *slug;
	bool is_known = *view->pending->commit != '\0' && session->project->root != NULL &&
	                project_repository(session->project, &repository, &ignored) &&
	                scm_slug(session->platform, repository, session->arena, &slug, &ignored);
	return is_known ? slug : NULL;
}

static void
show_build(const struct approve_view *view)
{
	struct session *session = view->session;
	const char *slug = slug_of(view);
	scoped(ci_close) struct ci *ci = NULL;
	struct ci_build build;
	struct error ignored;
	bool is_found = false;
	if (slug != NULL && ci_knows(session->platform) &&
	    ci_open(session->http, session->platform, slug, session->arena, &ci, &ignored) &&
	    ci_build_of_commit(ci, view->pending->commit, session->arena, &build, &is_found, &ignored) && is_found)
		output_note(session->out, "  build %s: %s (%s)\n", build.number, ci_state_name(build.state), build.url);
}

void
approve_view_read(struct approve_view *view)
{
	struct session *session = view->session;
	const char *slug = slug_of(view);
	scoped(scm_close) struct scm *scm = NULL;
	struct error ignored;
	view->has_checks = slug != NULL && scm_knows(session->platform) &&
	                   scm_open(session->http, session->platform, session->arena, &scm, &ignored) &&
	                   scm_checks_of_commit(scm, slug, view->pending->commit, session->arena, &view->checks, &ignored) &&
	                   view->checks.n_listed > 0;
}

/* What has not passed comes first. */
static void
show_checks(const struct approve_view *view)
{
	static const enum scm_check_state order[] = {SCM_CHECK_FAILED, SCM_CHECK_PENDING, SCM_CHECK_PASSED};
	const struct scm_checks *checks = &view->checks;
	struct output *out = view->session->out;
	size_t n_shown = 0;
	if (!view->has_checks)
		return;
	output_note(out, "  %schecks: %zu passed, %zu failed, %zu pending\n", checks->are_required ? "required " : "", checks->n_passed,
	            checks->n_failed, checks->n_pending);
	for (size_t at = 0; at < array_length(order); at++)
		for (size_t i = 0; i < checks->n_listed && n_shown < CHECKS_MAX; i++)
			if (checks->list[i].state == order[at]) {
				output_note(out, "    %s: %s\n", scm_check_state_name(order[at]), checks->list[i].name);
				n_shown++;
			}
	if (checks->n_listed > n_shown)
		output_note(out, "    and %zu others\n", checks->n_listed - n_shown);
}

json_t *
approve_view_checks_to_json(const struct approve_view *view)
{
	json_t *list = view->has_checks ? json_array() : json_null();
	for (size_t i = 0; view->has_checks && i < view->checks.n_listed; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", view->checks.list[i].name, "state",
		                                      scm_check_state_name(view->checks.list[i].state)));
	return list;
}

/* ---- all of it ---- */

/* What the pipeline was given, or the request holds; new reference, NULL: not known. */
static json_t *
settings_of(const struct pending *pending)
{
	json_t *settings = NULL;
	struct error ignored;
	if (pending->run.id == NULL)
		return json_incref(pending->approval.config);
	const char *text = pending->run.config;
	return *text != '\0' && json_parse(text, strlen(text), "the settings of a run", &settings, &ignored) ? settings : NULL;
}

/* " 5 s ago" */
static const char *
age_of(const struct pending *pending, struct arena *arena)
{
	char age[CLOCK_TEXT_BYTES];
	int64_t age_ms = clock_wall_ms() - pending->since_ms;
	if (pending->since_ms <= 0 || age_ms < SECOND_MS)
		return pending->since_ms <= 0 ? "" : " just now";
	return arena_printf(arena, " %s ago", clock_format_age(age_ms, age));
}

void
approve_view_show(const struct approve_view *view)
{
	const struct pending *pending = view->pending;
	struct output *out = view->session->out;
	scoped(standing_release) struct standing standing = {0};
	struct error ignored;
	output_note(out, "%s waits for approval in %s, asked for%s%s%s\n", *pending->image != '\0' ? pending->image : view->name,
	            pending->environment != NULL ? pending->environment->name : pending->run.pipeline,
	            age_of(pending, view->session->arena), *pending->author != '\0' ? " by " : "", pending->author);
	if (*pending->question != '\0')
		output_note(out, "  %s\n", pending->question);
	if (pending->run.id != NULL)
		output_note(out, "  pipeline %s: %s\n", pending->run.pipeline, pending->run.url);
	const char *judges = pending->step != NULL ? cd_step_judges(pending->step, view->session->arena) : "";
	if (*judges != '\0')
		output_note(out, "  decided by: %s\n", judges);
	bool is_standing = pending->environment != NULL && read_standing(view, &standing, &ignored);
	if (is_standing) {
		output_note(out, "  now runs: %s\n", *standing.image != '\0' ? standing.image : "nothing");
		show_commits(view, standing.commit);
	}
	show_build(view);
	show_checks(view);
	scoped(json_release) json_t *settings = is_standing ? settings_of(pending) : NULL;
	if (is_standing)
		settings_changes_say(out, json_at(standing.application, "spec.config"), settings, view->session->arena);
}
