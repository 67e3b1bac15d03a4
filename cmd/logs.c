/* `paas logs`: every line of every pod of an application. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/logs_view.h"
#include "core/deploy/release.h"
#include "core/deploy/submit.h"
#include "core/logs/logs.h"
#include "data/pattern.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/output.h"

enum { TAIL_LINES = 100, TAIL_MAX = 1000000000 };

static const char *app, *environment, *since_time, *tail, *container_pattern, *pod_pattern, *grep_pattern,
	*exclude_pattern, *level;
static bool follow, previous, timestamps, pretty, prefix = true;
static int64_t since_ms = -1, tail_lines; /* -1: all */

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &app, .complete = "application",
	 .fallback = "that of this folder", .help = "application whose lines are shown"},
	{.kind = OPTION_FLAG, .letter = 'f', .name = "follow", .flag = &follow, .help = "go on until Ctrl-C"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment,
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment to look at"},
	{.kind = OPTION_DURATION, .name = "since", .value = "DURATION", .duration_ms = &since_ms,
	 .help = "lines of the last 90s, 15m, 2h"},
	{.kind = OPTION_TEXT, .name = "since-time", .value = "TIME", .text = &since_time,
	 .help = "lines from this time on, as 2026-11-24T10:00:00Z"},
	{.kind = OPTION_TEXT, .letter = 'n', .name = "tail", .value = "N", .text = &tail,
	 .fallback = "100; all with --since or --since-time",
	 .help = "last lines of each container; \"all\", or 0 for only what comes"},
	{.kind = OPTION_TEXT, .letter = 'c', .name = "container", .value = "RE", .text = &container_pattern, .complete = "container",
	 .help = "only containers whose name matches"},
	{.kind = OPTION_TEXT, .name = "pod", .value = "RE", .text = &pod_pattern, .complete = "pod",
	 .help = "only pods whose name matches"},
	{.kind = OPTION_TEXT, .name = "grep", .value = "RE", .text = &grep_pattern, .help = "only lines that match"},
	{.kind = OPTION_TEXT, .name = "exclude", .value = "RE", .text = &exclude_pattern, .help = "no lines that match"},
	{.kind = OPTION_CHOICE, .name = "level", .value = "LEVEL", .text = &level, .choices = log_level_names,
	 .help = "only lines of this level and worse"},
	{.kind = OPTION_FLAG, .letter = 'p', .name = "previous", .flag = &previous,
	 .help = "the run of each container before the present one"},
	{.kind = OPTION_FLAG, .name = "timestamps", .flag = &timestamps, .help = "show when each line was written"},
	{.kind = OPTION_FLAG, .name = "pretty", .flag = &pretty, .help = "show JSON and logfmt lines readably"},
	{.kind = OPTION_FLAG, .name = "prefix", .flag = &prefix,
	 .help = "begin each line with its pod, and container where there are several; --no-prefix takes it away"},
	{.kind = OPTION_END},
};

struct patterns {
	struct pattern *pod, *container, *grep, *exclude;
};

static void
patterns_release(struct patterns *patterns)
{
	pattern_free(patterns->pod);
	pattern_free(patterns->container);
	pattern_free(patterns->grep);
	pattern_free(patterns->exclude);
}

static bool
compile_all(struct patterns *patterns, struct error *err)
{
	const struct { const char *flag, *text; struct pattern **ret; } all[] = {
		{"--pod", pod_pattern, &patterns->pod}, {"--container", container_pattern, &patterns->container},
		{"--grep", grep_pattern, &patterns->grep}, {"--exclude", exclude_pattern, &patterns->exclude}};
	for (size_t i = 0; i < array_length(all); i++)
		if (all[i].text != NULL && !pattern_compile(all[i].flag, all[i].text, all[i].ret, err))
			return false;
	return true;
}

static bool
check_flags(struct error *err)
{
	if (since_ms >= 0 && since_time != NULL)
		return error_set(err, ERROR_USAGE, "--since and --since-time are two answers to one question");
	if (since_time != NULL && clock_parse_ms(since_time) < 0)
		return error_set(err, ERROR_USAGE, "--since-time %s is no time; write it as 2026-11-24T10:00:00Z", since_time);
	if (follow && previous)
		return error_set(err, ERROR_USAGE, "--previous is over: there is nothing to --follow");
	return true;
}

static bool
read_tail(struct error *err)
{
	uint64_t number = TAIL_LINES;
	bool has_since = since_ms >= 0 || since_time != NULL;
	bool is_all = tail != NULL ? strcmp(tail, "all") == 0 : has_since;
	if (tail != NULL && !is_all && !number_parse_u64(tail, 0, TAIL_MAX, &number, err)) {
		error_put_doing(err, "reading --tail");
		return error_next(err, "give a number of lines, or \"all\"");
	}
	tail_lines = is_all ? -1 : (int64_t)number;
	return true;
}

/* `now_ms` is the cluster's clock: that is what lines are stamped with. */
static void
choose_lines(struct logs_request *request, int64_t now_ms)
{
	request->tail_lines = tail_lines == 0 ? -1 : tail_lines;
	request->since_ms = since_time != NULL ? clock_parse_ms(since_time) : since_ms >= 0 ? now_ms - since_ms : -1;
	if (tail_lines == 0)
		request->since_ms = now_ms;
}

/* ---- where ---- */

struct place {
	struct cluster *cluster;
	const char *name, *namespace, *environment;
	const char *deployment_id; /* that the Application asks for; NULL: there is none */
	int64_t now_ms;
};

static bool
read_release(struct place *place, struct arena *arena, struct error *err)
{
	struct standing standing;
	json_t *application = NULL;
	struct kubernetes *kubernetes = place->cluster->kubernetes;
	if (!kubernetes_get(kubernetes, &kubernetes_applications, place->namespace, place->name, &application, err) &&
	    err->code != ERROR_NOT_FOUND)
		return false;
	if (application != NULL) {
		standing_of(application, &standing);
		place->deployment_id = *standing.deployment_id != '\0' ? arena_strdup(arena, standing.deployment_id) : NULL;
	}
	json_decref(application);
	place->now_ms = kubernetes_server_time_ms(kubernetes) > 0 ? kubernetes_server_time_ms(kubernetes) : clock_wall_ms();
	return true;
}

static bool
find_place(struct session *session, struct place *ret, struct error *err)
{
	struct project_identity identity;
	const struct platform_environment *found;
	if (environment == NULL)
		environment = settings_text(session->settings, SETTING_ENVIRONMENT_NAME);
	if (!project_identify(session->project, session->settings, app, &identity, err) ||
	    !platform_environment(session->platform, environment, &found, err))
		return false;
	ret->name = identity.name;
	ret->environment = found->name;
	return release_namespace(found, identity.team, identity.name, session->arena, &ret->namespace, err) &&
	       cluster_open(session->http, found->cluster, session->arena, &ret->cluster, err) &&
	       read_release(ret, session->arena, err);
}

/* ---- the end ---- */

/* A stream that could not be read to its end is no success. */
static bool
judge(const struct logs_view *view, const struct logs_result *result, const struct place *place, struct error *err)
{
	if (result->n_failed > 0) {
		*err = view->trouble;
		return error_doing(err, "reading %zu of %zu logs of %s in %s", result->n_failed, result->n_containers, place->name,
		                   place->environment);
	}
	if (result->n_containers > 0 || view->n_waiting > 0)
		return true;
	error_put(err, ERROR_NOT_FOUND, "no pod of %s%s in namespace %s", place->name,
	          view->pod != NULL || view->container != NULL ? " that matches" : "", place->namespace);
	return error_next(err, "paas status %s --env %s", place->name, place->environment);
}

static bool
read_lines(struct session *session, struct logs_request *request, struct logs_view *view, struct logs_result *result,
           struct error *err)
{
	bool is_fine = logs_read(request, result, err);
	bool is_empty = is_fine && result->n_containers == 0 && view->n_waiting == 0 && request->deployment_id != NULL;
	if (!is_empty)
		return is_fine;
	logs_view_note(session->out, "no pod of release %s yet, showing the others", request->deployment_id);
	request->deployment_id = NULL;
	return logs_read(request, result, err);
}

static bool
show(struct session *session, const struct place *place, struct logs_view *view, struct error *err)
{
	struct logs_result result = {0};
	struct logs_request request = {
		.loop = session->loop, .kubernetes = place->cluster->kubernetes, .namespace = place->namespace,
		.label_selector = arena_printf(session->arena, "app=%s", place->name), .deployment_id = place->deployment_id,
		.follow = follow, .previous = previous, .wants = logs_view_wants, .told = logs_view_tell,
		.idle = logs_view_flush, .data = view,
	};
	struct error late;
	choose_lines(&request, place->now_ms);
	view->since_ns = request.since_ms >= 0 ? request.since_ms * 1000000 : -1;
	bool is_fine = read_lines(session, &request, view, &result, err) && judge(view, &result, place, err);
	return logs_view_finish(view, &result, is_fine ? NULL : err, is_fine ? err : &late) && is_fine;
}

static bool
run(struct session *session, struct error *err)
{
	scoped(patterns_release) struct patterns patterns = {0};
	struct place place = {0};
	if (!check_flags(err) || !read_tail(err) || !compile_all(&patterns, err) || !find_place(session, &place, err))
		return false;
	struct logs_view *view = arena_new(session->arena, struct logs_view);
	*view = (struct logs_view){
		.out = session->out, .pod = patterns.pod, .container = patterns.container, .grep = patterns.grep,
		.exclude = patterns.exclude, .has_prefix = prefix, .has_time = timestamps, .is_pretty = pretty,
		.level = level != NULL ? log_level_parse(level, strlen(level)) : LOG_LEVEL_NONE,
	};
	output_hold(session->out);
	bool is_fine = show(session, &place, view, err);
	cluster_close(&place.cluster);
	return is_fine;
}

static const struct command_example examples[] = {
	{"paas logs", "the last 100 lines of each container of the release that runs"},
	{"paas logs checkout --env pro --follow", "all pods, also those that come, until Ctrl-C"},
	{"paas logs --since 15m --level error", "what went wrong in the last quarter of an hour"},
	{"paas logs --previous --container checkout", "what a container that crashed wrote last"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-status(1)", "paas-deploy(1)", NULL};

const struct command command_logs = {
	.name = "logs",
	.group = GROUP_LOOK,
	.summary = "Show the lines of every pod in one stream",
	.description = "Reads all containers of all pods of the release that runs, init containers and sidecars too, and merges "
		       "them by time. A container that is silent for 2 s is named, and the others go on without it. "
		       "Without flags it shows the last 100 lines of each container and ends.\n\n"
		       "With --follow it goes on: pods that come are joined, a container that restarts is read on, a cut "
		       "connection is taken up where it stopped, and no line is lost or shown twice. Lines of different pods "
		       "are put in order within 300 ms; one that comes later is marked with \"~\". What happened beside the "
		       "lines (a restart, a new release, lines that were rotated away) is said on standard error.\n\n"
		       "--level reads the level of JSON, logfmt and klog lines, or a level in capitals near the beginning; a line "
		       "without one goes with the line before it. Into a pipe or a file the bytes of a line are written as "
		       "they came; on a terminal what could move the cursor is shown as \\x1b.\n\n"
		       "With --json every line is an object: type \"line\", time (nanoseconds), pod, container, deployment_id, "
		       "message; is_late, is_cut and is_invalid_utf8 when true. Other types are gap, release, restarted, waiting, "
		       "left_behind and trouble; the last object is of type \"result\".",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.streams = true,
	.stops_unread = true,
	.run = run,
};
