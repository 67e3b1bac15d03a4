#include "cmd/login_configure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/line_diff.h"
#include "base/process.h"
#include "cmd/login_configure_parts.h"
#include "ui/output.h"
#include "ui/prompt.h"

/* ---- what undoes it ---- */

static const char *
record_path(const struct configure_plan *plan)
{
	return file_state_path(plan->session->arena, "configured.json");
}

static bool
read_record(struct configure_plan *plan, struct error *err)
{
	const char *path = record_path(plan);
	char *text = NULL;
	size_t length = 0;
	if (path == NULL)
		return error_set(err, ERROR_FILE, "neither $XDG_STATE_HOME nor $HOME is set: what was there before cannot be kept");
	if (file_exists(path) && !file_read(path, CONFIGURE_FILE_MAX, plan->session->arena, &text, &length, err))
		return false;
	plan->record = text != NULL ? json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL) : json_object();
	if (json_is_object(plan->record))
		return true;
	error_put(err, ERROR_INVALID_FILE, "%s, which says what paas configured, makes no sense", path);
	return error_next(err, "delete it, and undo by hand what paas configured");
}

static bool
write_record(const struct configure_plan *plan, struct error *err)
{
	char *text = json_dumps(plan->record, JSON_INDENT(2));
	bool is_fine = text != NULL && file_write(record_path(plan), text, strlen(text), 0600, err);
	free(text);
	return is_fine;
}

json_t *
configure_object(json_t *of, const char *name)
{
	json_t *object = json_object_get(of, name);
	if (json_is_object(object))
		return object;
	object = json_object();
	json_object_set_new(of, name, object);
	return object;
}

void
configure_add(struct configure_plan *plan, struct configure_step step)
{
	if (plan->count < CONFIGURE_STEPS_MAX)
		plan->steps[plan->count++] = step;
}

bool
configure_remove(struct configure_plan *plan, const char *path)
{
	const char *kept = arena_strdup(plan->session->arena, path);
	struct error ignored;
	char *text;
	size_t length;
	if (!file_read(kept, CONFIGURE_FILE_MAX, plan->session->arena, &text, &length, &ignored))
		return false;
	configure_add(plan, (struct configure_step){.path = kept, .before = text});
	return true;
}

/* ---- commands ---- */

static bool
run_command(const struct configure_plan *plan, const char *const *argv, struct process_result *ret, struct error *err)
{
	struct process_request request = {.argv = argv, .captures_errors = true, .deadline_ms = CONFIGURE_DEADLINE_MS};
	if (!process_run(plan->session->loop, &request, ret, err))
		return false;
	if (ret->exit_status == 0)
		return true;
	return error_set(err, ERROR_FAILED, "%s %s %s: exit %d: %.200s", argv[0], argv[1], argv[2], ret->exit_status,
	                 ret->errors.bytes != NULL ? ret->errors.bytes : "");
}

bool
configure_ask(struct configure_plan *plan, const char *const *argv, const char **ret, struct error *err)
{
	scoped(process_release) struct process_result result = {0};
	if (!run_command(plan, argv, &result, err))
		return false;
	*ret = arena_strdup(plan->session->arena, result.output.bytes);
	return true;
}

/* ---- what is planned ---- */

static const struct tool {
	const char *name, *program; /* program NULL: a file is all it takes */
	bool (*plan)(struct configure_plan *plan, struct error *err);
} tools_known[] = {
	{"kubectl", "kubectl", configure_plan_kubectl}, {"git", "git", configure_plan_git}, {"docker", NULL, configure_plan_docker}};

static bool
plan_tool(struct configure_plan *plan, const char *name, size_t length, struct error *err)
{
	char program[FILE_PROGRAM_BYTES];
	for (size_t i = 0; i < array_length(tools_known); i++) {
		const struct tool *tool = &tools_known[i];
		if (strlen(tool->name) != length || memcmp(tool->name, name, length) != 0)
			continue;
		if (tool->program != NULL && !file_find_program(tool->program, program))
			return error_set(err, ERROR_NOT_FOUND, "%s is not installed", tool->program);
		return tool->plan(plan, err);
	}
	error_put(err, ERROR_USAGE, "paas configures no \"%.*s\"", (int)(length < 40 ? length : 40), name);
	return error_next(err, "name kubectl, git or docker, with commas between them");
}

static bool
plan_all(struct configure_plan *plan, const char *tools, struct error *err)
{
	while (*tools != '\0') {
		size_t length = strcspn(tools, ",");
		if (!plan_tool(plan, tools, length, err))
			return false;
		tools += length + (tools[length] == ',');
	}
	return true;
}

static void
show_command(struct output *out, const struct configure_step *step)
{
	output_ask(out, " ");
	for (size_t i = 0; i < CONFIGURE_WORDS_MAX && step->argv[i] != NULL; i++)
		output_ask(out, strpbrk(step->argv[i], " !") != NULL ? " '%s'" : " %s", step->argv[i]);
	output_ask(out, "\n");
}

static void
show(const struct configure_plan *plan)
{
	struct output *out = plan->session->out;
	for (size_t i = 0; i < plan->count; i++) {
		const struct configure_step *step = &plan->steps[i];
		scoped(buf_release) struct buf difference = BUF_INIT(CONFIGURE_FILE_MAX);
		if (step->argv[0] != NULL) {
			show_command(out, step);
			continue;
		}
		line_diff(&difference, step->path, step->before, step->path, step->after != NULL ? step->after : "");
		for (char *rest = NULL, *line = strtok_r(difference.bytes, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
			output_ask(out, "  %s\n", line);
	}
}

/* ---- doing it ---- */

static bool
write_step(const struct configure_step *step, struct error *err)
{
	struct stat status;
	mode_t mode = stat(step->path, &status) == 0 ? status.st_mode & 0777 : 0600;
	if (step->after != NULL)
		return file_write(step->path, step->after, strlen(step->after), mode, err);
	return unlink(step->path) == 0 || error_set(err, ERROR_FILE, "%s cannot be removed: %s", step->path, strerror(errno));
}

static bool
do_step(const struct configure_plan *plan, const struct configure_step *step, struct error *err)
{
	scoped(process_release) struct process_result result = {0};
	return step->argv[0] != NULL ? run_command(plan, step->argv, &result, err) : write_step(step, err);
}

/* The record comes first when something is added and last when it is taken away: a crash between leaves it naming too much, and
 * undoing looks whether it is there. */
static bool
do_all(const struct configure_plan *plan, struct error *err)
{
	if (!plan->undo && !write_record(plan, err))
		return false;
	for (size_t i = 0; i < plan->count; i++)
		if (!do_step(plan, &plan->steps[i], err))
			return false;
	return !plan->undo || write_record(plan, err);
}

static bool
confirm(const struct configure_plan *plan, struct error *err)
{
	struct session *session = plan->session;
	struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	struct prompt_question question = {.text = plan->undo ? "Take this away" : "Configure it so", .flag = "--yes"};
	bool is_sure = false;
	if (!prompt_confirm(&prompt, &question, &is_sure, err))
		return false;
	return is_sure || error_set(err, ERROR_CANCELLED, "nothing was changed");
}

static bool
configure(struct configure_plan *plan, const char *tools, struct error *err)
{
	if (!read_record(plan, err) || !plan_all(plan, tools, err))
		return false;
	if (plan->count == 0) {
		output_note(plan->session->out, "%s: nothing to change\n", tools);
		return true;
	}
	show(plan);
	return confirm(plan, err) && do_all(plan, err);
}

bool
login_configure(struct session *session, const char *tools, bool undo, struct error *err)
{
	struct configure_plan *plan = arena_new(session->arena, struct configure_plan);
	*plan = (struct configure_plan){.session = session, .undo = undo};
	bool is_fine = configure(plan, tools, err);
	json_decref(plan->record);
	return is_fine || error_doing(err, "configuring %s", tools);
}
