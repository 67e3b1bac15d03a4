#include "ui/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "ui/output.h"
#include "ui/terminal.h"
#include "ui/text.h"

enum { TEXT_MAX_BYTES = 256 * 1024 * 1024, CANNOT_RUN = 126, NOT_THERE = 127 };


/* ---- whether ---- */

/* A screen reader reads lines as they come: only who asked for a pager here gets one. */
static const char *
choose(const char *chosen, bool is_accessible)
{
	const char *own = getenv("PAAS_PAGER"); /* as a setting, an empty one would count as unset */
	const char *command = own != NULL && *own == '\0' ? own : chosen;
	if (command == NULL && is_accessible)
		return NULL;
	if (command == NULL)
		command = getenv("PAGER");
	if (command == NULL)
		return "less";
	return *command == '\0' || strcmp(command, "cat") == 0 ? NULL : command;
}

static bool
is_for_a_person(const struct output *out)
{
	return !output_is_json(out) && !output_is_quiet(out) && output_terminal(out)->has_cursor && !terminal_is_ci() &&
	       isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
}

void
pager_begin(struct pager *pager, struct output *out, const char *chosen, bool is_off)
{
	*pager = (struct pager){.out = out, .text = BUF_INIT(TEXT_MAX_BYTES)};
	if (!is_off && is_for_a_person(out))
		pager->command = choose(chosen, output_is_accessible(out));
	if (pager->command != NULL)
		output_divert(out, &pager->text);
}

/* ---- how long ---- */

/* Columns of one line, without "\033[…m". */
static size_t
columns_of(const char *line, size_t length)
{
	size_t columns = 0;
	for (size_t at = 0; at < length;) {
		const char *escape = memchr(line + at, '\033', length - at);
		size_t part = escape != NULL ? (size_t)(escape - line) - at : length - at;
		columns += text_width(line + at, part);
		at += part;
		while (at < length && line[at] != 'm')
			at++;
		at += at < length;
	}
	return columns;
}

size_t
pager_lines(const char *text, size_t length, unsigned columns)
{
	size_t lines = 0;
	for (size_t at = 0; at < length;) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t part = end != NULL ? (size_t)(end - text) - at : length - at;
		size_t width = columns > 0 ? columns_of(text + at, part) : 0;
		lines += width > columns ? (width + columns - 1) / columns : 1;
		at += part + 1;
	}
	return lines;
}

/* ---- the child ---- */

/* What less needs to show our dress and to leave the screen as it was, unless the user says otherwise. */
static void
prepare_environment(void)
{
	(void)setenv("LESS", "FRX", 0);
	(void)setenv("LV", "-c", 0);
}

static bool
start(const char *command, int input, pid_t *ret)
{
	const char *const argv[] = {"sh", "-c", command, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	prepare_environment();
	scoped(arena_release) struct arena scratch = {0};
	int failure = posix_spawn(ret, "/bin/sh", &actions, &attributes, (char *const *)(uintptr_t)argv,
	                          process_environment_without_tokens(&scratch));
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failure == 0;
}

/* Until all is written or the reader had enough. */
static void
feed(int output, const char *bytes, size_t length)
{
	for (size_t at = 0; at < length;) {
		ssize_t written = write(output, bytes + at, length - at);
		if (written < 0 && errno != EINTR)
			return;
		at += written > 0 ? (size_t)written : 0;
	}
}

static int
wait_for(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* False when there is no such program: nothing was shown. */
static bool
show(const struct pager *pager)
{
	int ends[2];
	pid_t pid;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	bool is_started = start(pager->command, ends[0], &pid);
	file_close_fd(&ends[0]);
	/* Ctrl-C is the pager's, and a pager that is left early closes its pipe. */
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, broken;
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGPIPE, &ignore, &broken);
	if (is_started)
		feed(ends[1], pager->text.bytes, pager->text.length);
	file_close_fd(&ends[1]);
	int status = is_started ? wait_for(pid) : NOT_THERE;
	sigaction(SIGPIPE, &broken, NULL);
	sigaction(SIGINT, &interrupt, NULL);
	return status != CANNOT_RUN && status != NOT_THERE;
}

void
pager_end(struct pager *pager)
{
	if (pager->command == NULL)
		return;
	output_divert(pager->out, NULL);
	size_t lines = pager_lines(pager->text.bytes, pager->text.length, terminal_columns(STDOUT_FILENO));
	output_flush(pager->out);
	if (lines < terminal_rows(STDOUT_FILENO) || !show(pager))
		output_pass(pager->out, pager->text.bytes, pager->text.length);
	buf_release(&pager->text);
}
