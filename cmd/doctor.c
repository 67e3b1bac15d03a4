/* `paas doctor`: is everything set up? */
#include <string.h>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/session.h"
#include "core/doctor/doctor.h"
#include "data/platform.h"
#include "data/platform_trust.h"
#include "data/project.h"
#include "data/settings.h"
#include "ui/output.h"
#include "ui/table.h"

static const char *environment_name, *team;

static const struct {
	const char *name; /* interface */
	const char *word;
	enum style style;
} states[] = {
	[DOCTOR_OK] = {"ok", "ok", STYLE_GOOD},
	[DOCTOR_WARNING] = {"warning", "warning", STYLE_CAUTION},
	[DOCTOR_FAILED] = {"failed", "FAILED", STYLE_BAD},
};

/* ---- what is looked at ---- */

/* Of one that was fetched: from where, and who had signed it. */
static void
examine_trust(struct session *session, struct doctor_report *report)
{
	struct trust trust;
	struct error failure;
	char age[CLOCK_TEXT_BYTES];
	if (!trust_is_stored(session->platform->path))
		return;
	if (!trust_load(report->arena, &trust, &failure)) {
		doctor_add_error(report, "platform file", "trust", &failure);
		return;
	}
	const struct trust_origin *origin = trust.current ? trust_find_origin(&trust, trust.current) : NULL;
	if (origin)
		doctor_add(report, "platform file", "trust", DOCTOR_OK,
		           arena_printf(report->arena, "signed by key %s, from %s, fetched %s ago", origin->key_id, origin->url,
		                        clock_format_age(clock_wall_ms() - origin->fetched_at_ms, age)), NULL);
}

static void
examine_platform_file(struct session *session, struct doctor_report *report)
{
	struct error failure = {0}, missing = {0};
	const char *path;
	if (!session_try_platform(session, &failure))
		doctor_add_error(report, "platform file", "file", &failure);
	else if (session->platform == NULL)
		doctor_add(report, "platform file", "file", DOCTOR_WARNING, "there is none: the kubeconfig alone is looked at",
		           platform_find(NULL, &path, &missing) ? NULL : arena_strdup(report->arena, missing.next));
	else {
		doctor_add(report, "platform file", "file", DOCTOR_OK,
		           arena_printf(report->arena, "%s, serial %lld of %s", session->platform->path,
		                        (long long)session->platform->serial,
		                        session->platform->company != NULL ? session->platform->company : "?"),
		           NULL);
		examine_trust(session, report);
	}
}

/* Names for the namespace templates; a folder that is no application has none. */
static void
identify(struct session *session, struct doctor_scope *scope)
{
	struct project_identity identity;
	struct error ignored;
	if (project_identify(session->project, session->settings, NULL, &identity, &ignored)) {
		scope->name = identity.name;
		scope->team = identity.team;
	}
	if (team != NULL)
		scope->team = team;
}

static bool
examine(struct session *session, struct doctor_report *report, struct error *err)
{
	struct doctor_scope scope = {.loop = session->loop, .http = session->http, .environment = environment_name,
	                             .key_file = settings_text(session->settings, SETTING_KEY_FILE)};
	const struct platform_environment *environment;
	session->can_prompt = false; /* what a passphrase locks is said to be locked */
	examine_platform_file(session, report);
	if (doctor_has_failed(report))
		return true; /* without it the kubeconfig's current context may be any cluster */
	scope.platform = session->platform;
	if (environment_name != NULL && scope.platform == NULL)
		return error_set(err, ERROR_NOT_FOUND, "there is no platform file that could name environment \"%s\"",
		                 environment_name);
	if (environment_name != NULL && !platform_environment(scope.platform, environment_name, &environment, err))
		return false;
	identify(session, &scope);
	return doctor_examine(&scope, report, err);
}

/* ---- how it is shown ---- */

static void
print_table(struct session *session, const struct doctor_report *report)
{
	static const struct table_column columns[] = {
		{.title = "WHAT"}, {.title = "CHECK"}, {.title = "STATE"}, {.title = "FOUND"},
	};
	struct table *table = table_new(session->arena, columns, array_length(columns));
	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_row *row = &report->rows[i];
		table_add_row(table);
		table_set(table, 0, STYLE_PLAIN, "%s", row->subject);
		table_set(table, 1, STYLE_PLAIN, "%s", row->check);
		table_set(table, 2, states[row->state].style, "%s", states[row->state].word);
		table_set(table, 3, STYLE_PLAIN, "%s", row->evidence);
	}
	table_print(table, session->out);
	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_row *row = &report->rows[i];
		if (row->state != DOCTOR_OK && row->fix != NULL)
			output_print(session->out, "fix: %s, %s: %s\n", row->subject, row->check, row->fix);
	}
}

static json_t *
report_to_json(const struct doctor_report *report)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_row *row = &report->rows[i];
		json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s, s:s?}", "subject", row->subject, "check",
		                                      row->check, "state", states[row->state].name, "evidence",
		                                      row->evidence, "fix", row->fix));
	}
	return json_pack("{s:b, s:o}", "ok", !doctor_has_failed(report), "checks", rows);
}

static bool
run(struct session *session, struct error *err)
{
	struct doctor_report report = {.arena = session->arena};
	if (!examine(session, &report, err))
		return false;
	if (doctor_has_failed(&report))
		session->exit_status = error_kind(ERROR_PROBLEM_FOUND)->exit_status;
	if (output_is_json(session->out))
		return output_json(session->out, report_to_json(&report), err);
	print_table(session, &report);
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "NAME", .text = &environment_name,
	 .help = "only this environment and its cluster", .complete = "environment"},
	{.kind = OPTION_TEXT, .name = "team", .value = "NAME", .text = &team,
	 .help = "whose namespaces to look at", .complete = "team"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas doctor", "look at everything"},
	{"paas doctor --env pro --json", "one environment, for a script"},
	{NULL, NULL},
};

static const char *const see_also[] = {"paas-api(1)", "platform.yml(5)", NULL};

const struct command command_doctor = {
	.name = "doctor",
	.group = GROUP_FIX,
	.summary = "Check the set-up, and say how to mend it",
	.description =
		"Looks at the platform file; at each cluster: kubeconfig, proxy, DNS, connection, TLS certificate, "
		"version, clock, who the server takes you for, whether it serves the kinds of FIAAS; for each "
		"environment: whether you may do what a deploy and its diagnosis need; at the registry.\n\n"
		"All systems are asked at once, each for at most 20 seconds. Nothing is changed. Exit status 3 when "
		"a check failed.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_SETTINGS | NEEDS_PROJECT,
	.answers_json = true,
	.run = run,
};
