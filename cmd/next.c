/* `paas next`: run what the last "next:" said. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/next_step.h"
#include "ui/output.h"
#include "ui/prompt.h"

enum { AGE_MAX_MS = 24 * 3600 * 1000 };

static bool print;

/* What was right there and then may be wrong here and now. */
static bool
check_place(const struct next_step *step, struct arena *arena, struct error *err)
{
	char folder[4096], age[CLOCK_TEXT_BYTES];
	int64_t age_ms = clock_wall_ms() - step->at_ms;
	const char *placeholder = next_step_placeholder(step), *line = next_step_line(step, arena);
	if (!getcwd(folder, sizeof folder) || strcmp(folder, step->folder) != 0) {
		error_put(err, ERROR_CONFLICT, "\"%s\" was said in %s", line, step->folder);
		return error_next(err, "cd there, or run it yourself");
	}
	if (step->at_ms < 0 || age_ms > AGE_MAX_MS || age_ms < -AGE_MAX_MS) {
		error_put(err, ERROR_CONFLICT, "\"%s\" was said %s ago", line, clock_format_age(age_ms, age));
		return error_next(err, "run it yourself, if it is still right");
	}
	if (placeholder) {
		error_put(err, ERROR_USAGE, "\"%s\" needs a value in place of %s", line, placeholder);
		return error_next(err, "run it yourself, with the value");
	}
	return true;
}

/* Becomes it; returns only when that fails. */
static bool
become(const struct next_step *step, struct arena *arena, struct error *err)
{
	char **words = arena_array(arena, char *, step->n_words + 2);
	words[0] = arena_strdup(arena, "paas");
	for (size_t i = 0; i < step->n_words; i++)
		words[i + 1] = arena_strdup(arena, step->words[i]);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execv("/proc/self/exe", words);
	return error_set(err, ERROR_FAILED, "starting paas: %s", strerror(errno));
}

static bool
confirm(struct session *session, const char *line, bool *ret, struct error *err)
{
	const struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	const struct prompt_question question = {.text = "Run it?", .flag = "--yes"};
	output_note(session->out, "%s\n", line);
	return prompt_confirm(&prompt, &question, ret, err);
}

static json_t *
step_to_json(const struct next_step *step, const char *line)
{
	char time[CLOCK_TEXT_BYTES];
	json_t *words = json_array();
	for (size_t i = 0; i < step->n_words; i++)
		json_array_append_new(words, json_string(step->words[i]));
	return json_pack("{s:s, s:o, s:s, s:s}", "line", line, "words", words, "folder", step->folder, "said_at",
	                 clock_format(step->at_ms, time));
}

static bool
run(struct session *session, struct error *err)
{
	struct next_step step;
	bool is_wanted;
	if (!next_step_read(session->arena, &step, err))
		return false;
	const char *line = next_step_line(&step, session->arena);
	if (output_is_json(session->out))
		return output_json(session->out, step_to_json(&step, line), err);
	if (print) {
		output_print(session->out, "%s\n", line);
		return true;
	}
	if (!check_place(&step, session->arena, err) || !confirm(session, line, &is_wanted, err))
		return false;
	if (!is_wanted)
		return error_set(err, ERROR_CANCELLED, "nothing was run");
	output_flush(session->out);
	return become(&step, session->arena, err);
}

static const struct option_spec options[] = {
	{.kind = OPTION_FLAG, .name = "print", .flag = &print, .help = "print the command, do not run it"},
	{.kind = OPTION_END},
};
static const struct command_example examples[] = {
	{"paas next", "show what the last failure said to do, ask, then do it"},
	{"paas next --print", "only show it"},
	{NULL, NULL},
};

const struct command command_next = {
	.name = "next",
	.group = GROUP_FIX,
	.summary = "Run what the last \"next:\" said",
	.description = "When a command fails, or paas alone shows the status, the last line often names the next command. "
	               "paas next shows it, asks, and runs it; without a terminal it wants --yes. Only commands of paas are "
	               "kept, as words that no shell sees. What was said in another folder, or more than a day ago, or needs a "
	               "value, is shown and not run. Nothing is kept in CI.\n\n"
	               "With --json it is shown and never run. Exit status: that of the command; 5 when nothing was said; 6 when "
	               "it was said elsewhere or too long ago.",
	.options = options,
	.examples = examples,
	.answers_json = true,
	.run = run,
};
