#include "ui/browser.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/detach.h"
#include "base/file.h"
#include "base/process.h"
#include "ui/terminal.h"

enum { WORDS_MAX = 8, COMMAND_BYTES = 1024 };

/* ---- which ---- */

/* Words of the command, the URL among them; *ret_n is 0 when there is no program. */
static void
find_command(const char *url, char text[static COMMAND_BYTES], const char *ret[static WORDS_MAX + 2], size_t *ret_n)
{
	static const char *const usual[] = {"xdg-open", "open"};
	const char *chosen = terminal_variable("BROWSER");
	char *rest = NULL, file[FILE_PROGRAM_BYTES];
	size_t n = 0;
	bool has_url = false;
	*ret_n = 0;
	for (size_t i = 0; !chosen && i < array_length(usual); i++)
		chosen = file_find_program(usual[i], file) ? usual[i] : NULL;
	if (!chosen)
		return;
	snprintf(text, COMMAND_BYTES, "%.*s", (int)strcspn(chosen, ":"), chosen); /* a list: the first */
	for (char *word = strtok_r(text, " ", &rest); word && n < WORDS_MAX; word = strtok_r(NULL, " ", &rest)) {
		has_url |= strcmp(word, "%s") == 0;
		ret[n++] = strcmp(word, "%s") == 0 ? url : word;
	}
	if (!n || !file_find_program(ret[0], file))
		return;
	if (!has_url)
		ret[n++] = url;
	ret[n] = NULL;
	*ret_n = n;
}

bool
browser_is_there(void)
{
	char text[COMMAND_BYTES];
	const char *words[WORDS_MAX + 2];
	size_t n;
	bool is_remote = terminal_variable("SSH_CONNECTION") && !terminal_variable("DISPLAY") &&
	                 !terminal_variable("WAYLAND_DISPLAY");
	if (terminal_is_ci() || is_remote || !isatty(STDOUT_FILENO))
		return false;
	find_command("", text, words, &n);
	return n > 0;
}

/* ---- what ---- */

bool
browser_takes(const char *url)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%";
	bool is_web = strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
	return is_web && url[strspn(url, letters)] == '\0';
}

bool
browser_open(const char *url, struct error *err)
{
	char text[COMMAND_BYTES];
	const char *words[WORDS_MAX + 2];
	size_t n;
	if (!browser_takes(url))
		return error_set(err, ERROR_USAGE, "\"%s\" is no address for a browser", url);
	find_command(url, text, words, &n);
	if (!n) {
		error_put(err, ERROR_FAILED, "there is no browser: neither $BROWSER nor xdg-open");
		return error_next(err, "open it yourself: %s", url);
	}
	/* Our end may close the terminal before the child has left it. */
	void (*before)(int) = signal(SIGHUP, SIG_IGN);
	scoped(arena_release) struct arena scratch = {0};
	char **environment = process_environment_without_tokens(&scratch);
	pid_t child = detach_fork(NULL, 0, 1);
	if (child == 0) {
		alarm(0); /* it stays as long as its reader */
		execvpe(words[0], (char *const *)(uintptr_t)words, environment);
		_exit(127);
	}
	signal(SIGHUP, before);
	return child > 0 || error_set(err, ERROR_FAILED, "no process can be started");
}
