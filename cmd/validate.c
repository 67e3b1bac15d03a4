/* `paas validate`: everything wrong with fiaas.yml, offline. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "cmd/command.h"
#include "cmd/problem_view.h"
#include "cmd/schema_text.h"
#include "cmd/version.h"
#include "core/fiaas/check.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/settings.h"
#include "ui/ci.h"
#include "ui/output.h"

enum { URI_MAX_BYTES = 16 * 1024 };

static const char *environment, *name, *image;
static bool strict, sarif, schema, notes;
static struct text_list files, assignments;

struct job {
	struct session *session;
	struct fiaas_options options;
	bool knows_cluster;
	struct problems problems;
	size_t n_files;
	bool has_unusable;
};

/* ---- the cluster's options ---- */

static bool
use_environment(struct job *job, struct error *err)
{
	struct arena *arena = job->session->arena;
	struct problems problems = {.arena = arena};
	const struct platform *platform;
	const struct platform_environment *target;
	const char *path;
	if (!(platform_find(settings_text(job->session->settings, SETTING_PLATFORM), &path, err) &&
	      platform_load(path, arena, &problems, &platform, err) &&
	      platform_environment(platform, environment, &target, err)))
		return false;
	json_t *values = platform_fiaas_options(target->cluster);
	bool ok = fiaas_options_set_json(&job->options, values, arena, err);
	json_decref(values);
	job->knows_cluster = true;
	return ok || error_doing(err, "reading the FIAAS options of cluster %s in %s", target->cluster->name, path);
}

static bool
read_options(struct job *job, struct error *err)
{
	fiaas_options_init(&job->options);
	if (environment && !use_environment(job, err))
		return false;
	job->knows_cluster |= assignments.count > 0;
	return fiaas_options_set_texts(&job->options, assignments.items, assignments.count, job->session->arena, err);
}

/* ---- files ---- */

static void
validate_file(struct job *job, const char *file)
{
	struct problems *problems = &job->problems;
	struct yaml_node *root = NULL;
	struct error err;
	char *bytes;
	size_t length;
	job->n_files++;
	problems->file = file;
	if (!(file_read(file, yaml_limits_default.max_bytes, problems->arena, &bytes, &length, &err) &&
	      yaml_parse(bytes, length, file, &yaml_limits_default, problems->arena, &root, &err))) {
		problem_add_error(problems, RULE_UNREADABLE, &err);
		job->has_unusable = true;
		return;
	}
	struct spec_check check = {.root = root, .name = name, .image = image, .options = &job->options,
	                           .knows_cluster = job->knows_cluster};
	spec_check(&check, problems);
}

/* The files of the project: each of `apps:`, else fiaas.yml here or at the root. */
static bool
validate_project(struct job *job, struct error *err)
{
	struct problems problems = {.arena = job->session->arena};
	struct project project;
	struct project_identity identity;
	if (!(project_open(job->session->settings, NULL, &problems, &project, err) && problems_to_error(&problems, err)))
		return false;
	for (size_t i = 0; i < project.n_apps; i++)
		validate_file(job, project_relative(&project, project.apps[i].file));
	if (project.n_apps)
		return true;
	if (!project_identify(&project, job->session->settings, name ? name : "any", &identity, err))
		return false;
	if (!file_exists(identity.spec_file)) {
		(void)error_set(err, ERROR_INVALID_FILE, "there is no fiaas.yml here");
		return error_next(err, "paas init, or paas validate FILE");
	}
	validate_file(job, project_relative(&project, identity.spec_file));
	return true;
}

/* ---- forms of output ---- */

/* Notes are for who asks. */
static bool
is_shown(const struct problem *problem)
{
	return notes || problem->severity != PROBLEM_NOTE;
}

static size_t
count_notes(const struct problems *problems)
{
	return problems->count + problems->n_dropped - problems->n_errors - problems->n_warnings;
}

static void
add_count(struct buf *text, size_t count, const char *noun)
{
	if (count)
		buf_printf(text, "%s%zu %s%s", text->length ? ", " : "", count, noun, count == 1 ? "" : "s");
}

static void
print_summary(const struct job *job)
{
	const struct problems *problems = &job->problems;
	scoped(buf_release) struct buf counts = BUF_INIT(200);
	add_count(&counts, problems->n_errors, "error");
	add_count(&counts, problems->n_warnings, "warning");
	add_count(&counts, notes ? count_notes(problems) : 0, "note");
	output_print(job->session->out, "%s in %zu file%s\n", counts.length ? counts.bytes : "no problems",
	             job->n_files, job->n_files == 1 ? "" : "s");
	if (problems->n_dropped)
		output_note(job->session->out, "%zu more are not shown", problems->n_dropped);
}

static void
print_problem(struct output *out, const struct problem *problem)
{
	static const enum style styles[] = {
		[PROBLEM_NOTE] = STYLE_FAINT, [PROBLEM_WARNING] = STYLE_CAUTION, [PROBLEM_ERROR] = STYLE_BAD,
	};
	if (problem->line)
		output_print(out, "%s:%u:%u: ", problem->file, problem->line, problem->column);
	else
		output_print(out, "%s: ", problem->file);
	output_print(out, "%s%s:%s %s", output_style(out, styles[problem->severity]),
	             problem_severity_name(problem->severity), output_style(out, STYLE_PLAIN), problem->message);
	problem_view_end(out, problem);
}

static void
annotate(struct output *out, const struct problem *problem, struct arena *arena)
{
	static const enum ci_level levels[] = {
		[PROBLEM_NOTE] = CI_NOTICE, [PROBLEM_WARNING] = CI_WARNING, [PROBLEM_ERROR] = CI_ERROR,
	};
	ci_annotate(out, &(struct ci_annotation){
		.level = levels[problem->severity],
		.title = problem_kind(problem->rule)->name,
		.file = problem->file,
		.line = problem->line,
		.column = problem->column,
		.message = problem->fix ? arena_printf(arena, "%s\nfix: %s", problem->message, problem->fix)
	                                : problem->message,
	});
}

static void
print_text(const struct job *job)
{
	struct output *out = job->session->out;
	bool is_github = ci_is_github(out);
	for (size_t i = 0; i < job->problems.count; i++) {
		const struct problem *problem = &job->problems.items[i];
		if (!is_shown(problem))
			continue;
		print_problem(out, problem);
		if (is_github)
			annotate(out, problem, job->session->arena);
	}
	print_summary(job);
}

static json_t *
job_to_json(const struct job *job)
{
	const struct problems *problems = &job->problems;
	json_t *list = json_array();
	for (size_t i = 0; i < problems->count; i++)
		if (is_shown(&problems->items[i]))
			json_array_append_new(list, problem_to_json(&problems->items[i]));
	return json_pack("{s:b, s:o, s:i, s:i, s:i, s:i}", "valid", problems->n_errors == 0, "problems", list, "errors",
	                 (int)problems->n_errors, "warnings", (int)problems->n_warnings, "notes",
	                 (int)count_notes(problems), "files", (int)job->n_files);
}

/* ---- SARIF 2.1.0 ---- */

static const char *
uri_of(const char *path, struct arena *arena)
{
	scoped(buf_release) struct buf uri = BUF_INIT(URI_MAX_BYTES);
	if (*path == '/')
		buf_add_text(&uri, "file://");
	for (const char *c = path; *c; c++) {
		if (isalnum((unsigned char)*c) || strchr("-._~/", *c))
			buf_add_char(&uri, *c);
		else
			buf_printf(&uri, "%%%02X", (unsigned char)*c);
	}
	return arena_strdup(arena, uri.bytes);
}

static json_t *
sarif_result(const struct problem *problem, struct arena *arena)
{
	static const char *const levels[] = {"note", "warning", "error"};
	const char *text = problem->fix ? arena_printf(arena, "%s (%s)", problem->message, problem->fix)
	                                : problem->message;
	json_t *region = problem->line ? json_pack("{s:i, s:i}", "startLine", (int)problem->line, "startColumn",
	                                           (int)problem->column)
	                               : NULL;
	return json_pack("{s:s, s:s, s:{s:s}, s:[{s:{s:{s:s}, s:o*}}]}", "ruleId", problem_kind(problem->rule)->name, "level",
	                 levels[problem->severity], "message", "text", text, "locations", "physicalLocation",
	                 "artifactLocation", "uri", uri_of(problem->file, arena), "region", region);
}

static void
add_rule(json_t *rules, const char *rule)
{
	size_t i;
	json_t *known;
	json_array_foreach (rules, i, known)
		if (strcmp(json_string_value(json_object_get(known, "id")), rule) == 0)
			return;
	json_array_append_new(rules, json_pack("{s:s}", "id", rule));
}

static void
print_sarif(const struct job *job)
{
	json_t *results = json_array(), *rules = json_array();
	for (size_t i = 0; i < job->problems.count; i++) {
		if (!is_shown(&job->problems.items[i]))
			continue;
		add_rule(rules, problem_kind(job->problems.items[i].rule)->name);
		json_array_append_new(results, sarif_result(&job->problems.items[i], job->session->arena));
	}
	json_t *document = json_pack(
		"{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:o}]}", "$schema",
		"https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs", "tool", "driver", "name",
		"paas", "version", version_text, "rules", rules, "columnKind", "unicodeCodePoints", "results", results);
	char *text = json_dumps(document, JSON_INDENT(2));
	output_print_document(job->session->out, text, strlen(text));
	output_print(job->session->out, "\n");
	free(text);
	json_decref(document);
}

/* ---- the command ---- */

static int
exit_status_of(const struct job *job)
{
	if (job->has_unusable)
		return error_kind(ERROR_INVALID_FILE)->exit_status;
	bool is_bad = job->problems.n_errors || (strict && job->problems.n_warnings);
	return is_bad ? error_kind(ERROR_PROBLEM_FOUND)->exit_status : 0;
}

static bool
run(struct session *session, struct error *err)
{
	if (schema)
		return schema_print(session, err);
	struct job job = {.session = session, .problems = {.arena = session->arena}};
	if (sarif && output_is_json(session->out))
		return error_set(err, ERROR_USAGE, "--sarif and --json are two formats: choose one");
	if (!read_options(&job, err))
		return false;
	for (size_t i = 0; i < files.count; i++)
		validate_file(&job, files.items[i]);
	if (!files.count && !validate_project(&job, err))
		return false;
	problems_sort(&job.problems);
	session->exit_status = exit_status_of(&job);
	if (output_is_json(session->out))
		return output_json(session->out, job_to_json(&job), err);
	if (sarif)
		print_sarif(&job);
	else
		print_text(&job);
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_FLAG, .name = "strict", .flag = &strict, .help = "warnings count as problems"},
	{.kind = OPTION_FLAG, .name = "notes", .flag = &notes,
	 .help = "also tell rules that surprise people and apply here"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "NAME", .text = &environment,
	 .complete = "environment", .help = "check against the cluster of this environment"},
	{.kind = OPTION_LIST, .name = "set-fiaas", .value = "OPTION=VALUE", .list = &assignments,
	 .help = "cluster option of the FIAAS operator; repeat to add"},
	{.kind = OPTION_TEXT, .letter = 'n', .name = "name", .value = "NAME", .text = &name,
	 .help = "application name, to check it too"},
	{.kind = OPTION_TEXT, .letter = 'i', .name = "image", .value = "IMAGE:TAG", .text = &image,
	 .help = "image, to check that its version can be a label"},
	{.kind = OPTION_FLAG, .name = "sarif", .flag = &sarif, .help = "print SARIF 2.1.0"},
	{.kind = OPTION_FLAG, .name = "schema", .flag = &schema,
	 .help = "print fiaas.yml as JSON Schema, for editors, and check nothing"},
	{.kind = OPTION_ARGS, .name = "FILE", .list = &files, .complete = "file",
	 .help = "fiaas.yml to check, - for standard input (default: those of the project)"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas validate", "the fiaas.yml of this repository"},
	{"paas validate --strict --env pro services/*/fiaas.yml", "in CI, as the cluster of pro would take them"},
	{"paas validate --sarif", "for a code scanning service"},
	{"paas validate --schema >fiaas.schema.json", "for an editor with a YAML language server"},
	{NULL, NULL},
};

static const char *const see_also[] = {"paas-render(1)", "paas-diff(1)", "fiaas.yml(5)", NULL};

const struct command command_validate = {
	.name = "validate",
	.group = GROUP_SHIP,
	.summary = "Check fiaas.yml before anybody deploys it",
	.description =
		"Prints every problem of the files at once, each as FILE:LINE:COLUMN with how to mend it. No "
		"connection is made.\n\n"
		"Errors are what the FIAAS operator refuses, in its own words, and what the API server will "
		"certainly refuse. Warnings are what hardly works as meant: the operator ignores unknown keys and "
		"checks no type, and YAML 1.1 reads no, 010 and 1:30 as a boolean and as numbers. Notes (--notes) "
		"are rules of the operator that surprise people.\n\n"
		"Exit status 0 without errors, 3 with some (with --strict: also warnings), 9 when a file cannot be "
		"read or is not YAML. In GitHub Actions each problem is an annotation too.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_SETTINGS,
	.answers_json = true,
	.run = run,
};
