#include "cmd/session.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "auth/credential.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "cmd/globals.h"
#include "cmd/token_keys.h"
#include "data/platform.h"
#include "data/problem.h"
#include "data/project.h"
#include "data/settings.h"
#include "net/http.h"
#include "ui/ci.h"
#include "ui/notice.h"
#include "ui/output.h"

/* Of a request without an answer, how soon that is said, before a connection is given up after 5 s; at a terminal somebody sits. */
enum { SLOW_MS = 4000, SLOW_AT_TERMINAL_MS = 2000, SLOW_MAX = 8 };

struct run {
	struct session *session;
	const struct command *command;
	struct error *err;
	struct fiber *fiber; /* the command's */
	int signal;          /* the first that arrived */
	bool is_fine;
	const char *slow[SLOW_MAX]; /* systems of which it was said */
	size_t n_slow;
	bool is_unread;      /* nobody reads what it prints any more */
};

/* ---- signals ---- */

/* The second one: the user wants out now.  The cursor comes back, nothing else is tidied. */
static void
quit_now(int number)
{
	static const char show_cursor[] = "\033[?25h\n";
	if (isatty(STDERR_FILENO)) {
		ssize_t written = write(STDERR_FILENO, show_cursor, sizeof show_cursor - 1);
		(void)written;
	}
	notice_abandon();
	_exit(128 + number);
}

static void
unwind(struct loop_signal *signal)
{
	struct run *run = signal->data;
	if (run->signal == 0)
		run->signal = signal->number;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	struct sigaction action = {.sa_handler = quit_now};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (run->fiber != NULL) /* else it has not begun: run_command sees the signal */
		fiber_cancel(run->fiber);
}

/* ---- files ---- */

static const unsigned needs_settings = NEEDS_SETTINGS | NEEDS_PLATFORM | NEEDS_PROJECT;

/* The flag's variable fills it, too: then it is the environment that speaks. */
static bool
is_of_environment(const struct settings *settings, enum setting setting, const char *text)
{
	const struct setting_value *value = &settings->values[setting];
	return value->level == SETTING_ENVIRONMENT &&
	       (strcmp(value->text, text) == 0 ||
	        (setting_table[setting].type == SETTING_TYPE_BOOL && settings_bool(settings, setting)));
}

bool
session_load_settings(struct session *session, const struct command *command, struct problems *problems,
                      struct error *err)
{
	const struct {
		enum setting setting;
		const char *text;
	} flags[] = {
		{SETTING_PLATFORM, session->platform_file},
		{SETTING_COLOR, globals.color},
		{SETTING_ACCESSIBLE, globals.accessible ? "true" : NULL},
	};
	if ((command->needs & needs_settings) == 0)
		return true;
	session->settings = arena_new(session->arena, struct settings);
	settings_load(session->settings, problems);
	for (size_t i = 0; i < array_length(flags); i++) {
		if (flags[i].text == NULL || is_of_environment(session->settings, flags[i].setting, flags[i].text))
			continue;
		if (!settings_set_flag(session->settings, flags[i].setting, flags[i].text, err))
			return false;
	}
	return true;
}

static bool
tell_problems(const struct session *session, const struct problems *problems, struct error *err)
{
	for (size_t i = 0; i < problems->count; i++)
		if (problems->items[i].severity == PROBLEM_WARNING)
			output_warn(session->out, "%s", problem_format(&problems->items[i], session->arena));
	return problems_to_error(problems, err);
}

static bool
load_files(struct session *session, const struct command *command, struct problems *problems,
           struct error *err)
{
	const char *path;
	if ((command->needs & NEEDS_PROJECT) != 0) {
		session->project = arena_new(session->arena, struct project);
		if (!project_open(session->settings, NULL, problems, session->project, err))
			return false;
	}
	if ((command->needs & NEEDS_PLATFORM) != 0) {
		const char *chosen = settings_text(session->settings, SETTING_PLATFORM);
		if (!platform_find(chosen, &path, err) ||
		    !platform_load(path, session->arena, problems, &session->platform, err))
			return false;
	}
	return tell_problems(session, problems, err);
}

/* A token that was had while we run is in no list of the runner's. */
static void
mask(void *data, const struct secret *token)
{
	(void)data;
	ci_add_mask(token);
}

/* Of those who sign on where the platform file says. */
static void
begin_credentials(struct session *session)
{
	const struct platform *platform = session->platform;
	credential_begin(&(struct credential_options){.loop = session->loop, .http = session->http,
	                                              .sso = platform != NULL ? &platform->sso : NULL,
	                                              .keys = token_keys_of(session), .obtained = mask});
}

bool
session_try_platform(struct session *session, struct error *err)
{
	struct problems problems = {.arena = session->arena};
	const char *chosen = settings_text(session->settings, SETTING_PLATFORM), *path;
	struct error none;
	if (!platform_find(chosen, &path, &none))
		return true;
	if (!platform_load(path, session->arena, &problems, &session->platform, err)) {
		session->platform = NULL;
		return false;
	}
	if (session->loop != NULL)
		begin_credentials(session);
	return tell_problems(session, &problems, err);
}

/* ---- the run ---- */

/* The reader of a pure viewer went away (`| head`): a pipe without one reports an error by itself. */
static void
stop_unread(struct loop_watch *watch, uint32_t events)
{
	struct run *run = watch->data;
	(void)events;
	loop_watch_remove(run->session->loop, watch);
	run->is_unread = true;
	fiber_cancel(run->fiber);
}

static void
watch_reader(struct run *run, struct loop_watch *watch)
{
	struct error ignored;
	*watch = (struct loop_watch){.fd = STDOUT_FILENO, .ready = stop_unread, .data = run};
	/* A regular file cannot be watched, and needs no watching. */
	if (run->command->stops_unread)
		(void)!loop_watch_set(run->session->loop, watch, 0, &ignored);
}

/* Once a system: which one keeps us waiting. */
static void
tell_slow(void *data, const struct http_request *request)
{
	struct run *run = data;
	const struct http_endpoint *endpoint = request->endpoint;
	if (endpoint == NULL || endpoint->system == NULL || run->n_slow == SLOW_MAX)
		return;
	for (size_t i = 0; i < run->n_slow; i++)
		if (strcmp(run->slow[i], endpoint->system) == 0)
			return;
	run->slow[run->n_slow++] = arena_strdup(run->session->arena, endpoint->system);
	output_note(run->session->out, "waiting for %s: %s has not answered yet\n", endpoint->system, endpoint->origin);
}

static void
be_patient(struct run *run)
{
	bool is_terminal = output_note_terminal(run->session->out)->is_terminal;
	http_tell_slow(run->session->http, is_terminal ? SLOW_AT_TERMINAL_MS : SLOW_MS, tell_slow, run);
}

static void
run_command(void *data)
{
	struct run *run = data;
	struct loop_watch reader;
	run->fiber = fiber_current();
	if (run->signal != 0)
		fiber_cancel(run->fiber);
	watch_reader(run, &reader);
	run->is_fine = run->command->run(run->session, run->err) || run->is_unread;
	loop_watch_remove(run->session->loop, &reader);
}

static void
end_credentials(const struct session *session)
{
	const char *warning = credential_store_warning();
	if (warning != NULL)
		output_warn(session->out, "%s", warning);
	credential_end();
}

static bool
run_on_loop(struct run *run)
{
	struct loop *loop;
	struct loop_signal interrupt = {.number = SIGINT, .arrived = unwind, .data = run};
	struct loop_signal terminate = {.number = SIGTERM, .arrived = unwind, .data = run};
	if (!loop_open(&loop, run->err))
		return false;
	bool is_ready = loop_signal_add(loop, &interrupt, run->err) &&
	                loop_signal_add(loop, &terminate, run->err) && http_open(loop, &run->session->http, run->err);
	if (is_ready) {
		run->session->loop = loop;
		begin_credentials(run->session);
		be_patient(run);
		fiber_run(loop, run_command, run);
		end_credentials(run->session);
		http_close(run->session->http);
		run->session->loop = NULL;
	}
	loop_close(loop);
	return is_ready && run->is_fine;
}

/* Without a loop there is no network; the token store may still be opened. */
static bool
run_alone(struct session *session, const struct command *command, struct error *err)
{
	begin_credentials(session);
	bool is_fine = command->run(session, err);
	end_credentials(session);
	return is_fine;
}

bool
session_run(struct session *session, const struct command *command, struct problems *problems,
            int *ret_signal, struct error *err)
{
	struct run run = {.session = session, .command = command, .err = err};
	*ret_signal = 0;
	if (!load_files(session, command, problems, err))
		return false;
	if ((command->needs & NEEDS_LOOP) == 0)
		return run_alone(session, command, err);
	bool is_fine = run_on_loop(&run);
	*ret_signal = run.signal;
	return is_fine;
}
