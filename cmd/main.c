/* paas: reads the command line, gives the command what it needs, prints what went wrong. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/secret.h"
#include "base/trace.h"
#include "cmd/command.h"
#include "cmd/complete.h"
#include "cmd/external.h"
#include "cmd/globals.h"
#include "cmd/help_text.h"
#include "cmd/next_step.h"
#include "cmd/parse.h"
#include "cmd/session.h"
#include "cmd/token_helper.h"
#include "data/platform.h"
#include "data/problem.h"
#include "data/project.h"
#include "data/settings.h"
#include "ui/ci.h"
#include "ui/neutral.h"
#include "ui/output.h"
#include "ui/runner.h"

enum {
	HELP_MAX_BYTES = 256 * 1024,
	HELP_COLUMNS = 80,
	CLOCK_RATE_MAX = 1000,
	TRACE_LINE_MAX_BYTES = 256 * 1024,
	SIGNAL_STATUS = 128, /* as shells count */
};

extern const struct command command_help, command_status, command_version;

/* A closed standard stream would be the next file opened.  What stands in for it fails as a closed
 * one would: reading ends at once, writing is an error. */
static void
open_missing_streams(void)
{
	static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", modes[fd]);
}

static void
trace_line(const char *line)
{
	scoped(buf_release) struct buf safe = BUF_INIT(TRACE_LINE_MAX_BYTES);
	neutral_add(&safe, NEUTRAL_TEXT, line, strlen(line));
	buf_add_char(&safe, '\n');
	runner_write(stderr, safe.bytes, safe.length);
}

static bool
set_clock_rate(struct error *err)
{
	const char *value = terminal_variable("PAAS_CLOCK_RATE");
	uint64_t rate;
	if (value == NULL)
		return true;
	if (!number_parse_u64(value, 1, CLOCK_RATE_MAX, &rate, err))
		return error_doing(err, "reading $PAAS_CLOCK_RATE");
	clock_set_rate((unsigned)rate);
	return true;
}

/* ---- one run ---- */

/* Help needs no output object: nothing is opened, nothing comes from outside. */
static int
print_help(const struct parsed *parsed, bool is_full)
{
	scoped(buf_release) struct buf buf = BUF_INIT(HELP_MAX_BYTES);
	size_t columns = globals_are_accessible() ? HELP_LISTED : HELP_COLUMNS;
	if (parsed->command == NULL)
		help_write_root(&buf, columns);
	else
		help_write_command(&buf, parsed->parent, parsed->command, is_full, columns);
	bool is_written = fwrite(buf.bytes, 1, buf.length, stdout) == buf.length && fflush(stdout) == 0;
	if (is_written || errno == EPIPE)
		return 0;
	fprintf(stderr, "paas: writing standard output: %s\n", strerror(errno));
	return error_kind(ERROR_OUTPUT)->exit_status;
}

/* What another program's status must not be taken for; a signal is told as ever. */
static int
failure_status(const struct command *command, const struct error *error)
{
	bool is_signal = error->code == ERROR_INTERRUPTED || error->code == ERROR_TERMINATED;
	if (command != NULL && command->own_failure != 0 && !is_signal)
		return command->own_failure;
	return error_kind(error->code)->exit_status;
}

/* Prints an error of a time when there is no output yet: of the command line, of --jq. */
static int
report(const struct command *command, struct arena *arena, const struct error *error)
{
	struct error ignored;
	struct output *out;
	struct output_settings settings = globals_output_settings(command, NULL);
	settings.is_json = globals.json != NULL && globals.jq == NULL;
	settings.filter = NULL;
	if (output_open(&settings, arena, &out, &ignored)) {
		output_error(out, error);
		(void)!output_finish(out, &ignored);
	}
	return failure_status(command, error);
}

static bool
set_up(const struct command *command, struct error *err)
{
	if ((globals.json != NULL || globals.jq != NULL) && !command->answers_json)
		return error_set(err, ERROR_USAGE, "%s has no JSON output", command->name);
	trace_set_sink(trace_line);
	trace_set_level(globals.verbose > 1 ? TRACE_BODIES : globals.verbose > 0 ? TRACE_REQUESTS : TRACE_OFF);
	return set_clock_rate(err);
}

/* The runner's own list of what went wrong; the text follows on standard error. */
static void
annotate(struct output *out, const struct error *error, struct arena *arena)
{
	const char *title = error_kind(error->code)->sentence, *message = error->why;
	if (error->code == ERROR_INTERRUPTED || error->code == ERROR_TERMINATED)
		return;
	if (error->what[0] != '\0')
		title = strstr(error->what, " failed") ? error->what : arena_printf(arena, "%s failed", error->what);
	if (error->next[0] != '\0')
		message = arena_printf(arena, "%s\nnext: %s", error->why, error->next);
	ci_annotate(out, &(struct ci_annotation){.level = CI_ERROR, .title = title, .message = message});
}

/* What session_run came to, as an exit status; the error is printed. */
static int
conclude(struct session *session, const struct command *command, bool is_fine, int signal_number, struct error *error)
{
	struct error late;
	if (signal_number == SIGTERM && error->code == ERROR_INTERRUPTED)
		error->code = ERROR_TERMINATED; /* who waits cannot tell the two apart */
	int status = is_fine ? session->exit_status : failure_status(command, error);
	if (!is_fine) {
		if (error->code == ERROR_UNREACHABLE)
			error_put_next(error, "paas doctor");
		annotate(session->out, error, session->arena);
		output_error(session->out, error);
		next_step_record(error->next);
	}
	if (!output_finish(session->out, &late)) {
		output_error(session->out, &late);
		status = status != 0 ? status : error_kind(late.code)->exit_status;
	}
	return signal_number != 0 ? SIGNAL_STATUS + signal_number : status;
}

static int
run_command(const struct command *command, bool is_bare, struct arena *arena)
{
	struct error err = {0};
	struct problems problems = {.arena = arena};
	struct session session = {
		.arena = arena,
		.platform_file = globals.platform,
		.in_ci = terminal_is_ci(),
		.can_prompt = terminal_can_prompt(globals.no_input),
		.assume_yes = globals.yes,
		.is_bare = is_bare,
	};
	int signal_number = 0;
	if (!(set_up(command, &err) && session_load_settings(&session, command, &problems, &err)))
		return report(command, arena, &err);
	struct output_settings settings = globals_output_settings(command, session.settings);
	if (!output_open(&settings, arena, &session.out, &err))
		return report(command, arena, &err);
	bool is_fine = session_run(&session, command, &problems, &signal_number, &err);
	return conclude(&session, command, is_fine, signal_number, &err);
}

/* An alias of the engineer stands for words; the rest of the line follows them. */
static bool
expand_alias(const struct parsed *parsed, struct arena *arena, struct text_list *ret)
{
	struct problems problems = {.arena = arena};
	struct settings settings;
	settings_load(&settings, &problems);
	for (size_t i = 0; i < settings.n_aliases; i++) {
		if (strcmp(settings.aliases[i].name, parsed->unknown) != 0)
			continue;
		char *words = arena_strdup(arena, settings.aliases[i].words), *rest = NULL;
		ret->items = arena_array(arena, const char *, strlen(words) / 2 + 1 + parsed->n_rest);
		for (char *word = strtok_r(words, " \t", &rest); word != NULL; word = strtok_r(NULL, " \t", &rest))
			ret->items[ret->count++] = word;
		for (size_t k = 0; k < parsed->n_rest; k++)
			ret->items[ret->count++] = parsed->rest[k];
		return true;
	}
	return false;
}

/* What follows an unknown word may still say how the error is to look: --json, --color. */
static void
read_global_flags(const struct parsed *parsed, struct arena *arena)
{
	for (size_t i = 0; i < parsed->n_rest; i++) {
		struct parsed ignored;
		struct error mistake;
		if (strncmp(parsed->rest[i], "--", 2) == 0)
			(void)!parse_command_line(1, &parsed->rest[i], arena, &ignored, &mistake);
	}
}

static int run_words(size_t count, const char *const *words, struct arena *arena, bool is_alias);

static int
run_unknown(const struct parsed *parsed, struct arena *arena, bool is_alias)
{
	struct error err = {0};
	struct text_list words = {0};
	if (!is_alias && expand_alias(parsed, arena, &words))
		return run_words(words.count, words.items, arena, true);
	external_run(parsed, arena, &err);
	read_global_flags(parsed, arena);
	return report(NULL, arena, &err);
}

/* What `paas status` needs is here; else what of it is missing, and the step to it. */
static bool
is_at_an_application(struct arena *arena, struct error *err)
{
	struct problems problems = {.arena = arena};
	struct settings settings;
	struct project project;
	const char *path = globals.platform;
	settings_load(&settings, &problems);
	if (!project_open(&settings, NULL, &problems, &project, err))
		return false;
	if (project.root != NULL && !project_is_described(&project)) {
		error_put(err, ERROR_NOT_FOUND, "There is no fiaas.yml in this repository.");
		return error_next(err, "paas init");
	}
	if (path == NULL && !platform_find(settings_text(&settings, SETTING_PLATFORM), &path, err))
		return false;
	return project_is_described(&project) || error_set(err, ERROR_NOT_FOUND, "%s", "");
}

/* `paas` alone tells where the application at hand stands, where there is one and a platform; else what there is, and
 * the first step. */
static int
run_bare(const struct parsed *parsed, struct arena *arena)
{
	struct error missing = {0};
	if (is_at_an_application(arena, &missing))
		return run_command(&command_status, true, arena);
	if (globals.json != NULL || globals.jq != NULL)
		return run_command(&command_help, false, arena);
	int status = print_help(parsed, false);
	if (status == 0 && missing.next[0] != '\0')
		fprintf(stderr, "%s\nnext: %s\n", missing.why, missing.next);
	return status;
}

static int
run_words(size_t count, const char *const *words, struct arena *arena, bool is_alias)
{
	struct parsed parsed;
	struct error err = {0};
	bool is_understood = parse_command_line(count, words, arena, &parsed, &err);
	enum help_wanted help = parse_help_wanted(count, words);
	if (help != HELP_NONE && parsed.unknown == NULL)
		return print_help(&parsed, help == HELP_FULL);
	if (!is_understood)
		return report(parsed.command, arena, &err);
	if (globals.version)
		return run_command(&command_version, false, arena);
	if (parsed.unknown != NULL)
		return run_unknown(&parsed, arena, is_alias);
	if (parsed.command == NULL)
		return run_bare(&parsed, arena);
	return run_command(parsed.command, false, arena);
}

int
main(int argc, char **argv)
{
	struct arena arena = {0};
	secret_protect_process();
	open_missing_streams();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a write past the limit fails, with a sentence */
	size_t count = argc > 0 ? (size_t)argc - 1 : 0;
	const char *const *words = (const char *const *)argv + (argc > 0);
	count = token_helper_words(argc > 0 ? argv[0] : "", count, words, &arena, &words);
	if (count > 0 && strcmp(words[0], "__complete") == 0)
		complete_main(count - 1, words + 1);
	int status = run_words(count, words, &arena, false);
	arena_release(&arena);
	return status;
}
