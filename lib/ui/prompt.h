/* Questions to the person at the terminal.
 *
 * Asked only where somebody can answer (`can_ask`: terminal_can_prompt); elsewhere each of these
 * fails with ERROR_USAGE and names the flag that answers, so a script never hangs.  Questions go to
 * standard error, whatever -q says; texts are neutralised.  While one waits, the loop and other
 * fibers stand still: ask before anything runs at the same time.
 *
 *	struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
 *	if (!prompt_confirm(&prompt, &(struct prompt_question){.text = "Delete API_KEY?", .flag = "--yes"}, &is_sure, err))
 *		return false;
 *
 * The signal Ctrl-C sends ends the question: ERROR_INTERRUPTED (exit 130), SIGTERM: ERROR_TERMINATED,
 * Ctrl-D: ERROR_CANCELLED.  Terminal modes are put back first, on Ctrl-Z too.  So a caller that asks
 * before it changes anything has changed nothing.
 */
#ifndef PAAS_UI_PROMPT_H
#define PAAS_UI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct output;
struct secret;

struct prompt {
	struct output *out;
	bool can_ask;    /* session->can_prompt */
	bool assume_yes; /* --yes: answers prompt_confirm, and nothing else */
};

struct prompt_question {
	const char *text;     /* "Team", "Delete API_KEY of checkout in pro?": one line, no colon */
	const char *flag;     /* "--team NAME": what to give instead */
	const char *fallback; /* what Enter means, shown; NULL: nothing, it is asked again */
	/* NULL: everything is good.  False: why is shown and the question asked again. */
	bool (*check)(const char *answer, const void *data, struct error *err);
	const void *data;
};

/* A line without blanks around it, never empty. */
bool prompt_text(const struct prompt *prompt, const struct prompt_question *question, struct arena *arena,
                 const char **ret, struct error *err) must_use;

/* [y/N]: Enter means no. */
bool prompt_confirm(const struct prompt *prompt, const struct prompt_question *question, bool *ret,
                    struct error *err) must_use;

/* For what cannot be undone: the name must be typed, --yes does not do.  `given` is what the flag
 * said (--confirm=NAME), or NULL.  Fails with ERROR_USAGE when `given` is another name. */
bool prompt_confirm_name(const struct prompt *prompt, const struct prompt_question *question, const char *name,
                         const char *given, bool *ret, struct error *err) must_use;

/* One of a numbered list; its number or its text is typed. `fallback` is the text of one of them. */
struct prompt_choice {
	const char *text; /* "8080" */
	const char *hint; /* "Dockerfile:12: EXPOSE 8080"; NULL: none */
};
bool prompt_choose(const struct prompt *prompt, const struct prompt_question *question,
                   const struct prompt_choice *choices, size_t n_choices, size_t *ret, struct error *err) must_use;

/* Read from /dev/tty without echo, at most 4094 bytes (a terminal's line); the caller frees it.
 * `fallback` and `check` do not apply. Never empty. */
bool prompt_secret(const struct prompt *prompt, const struct prompt_question *question, struct secret **ret,
                   struct error *err) must_use;

#endif
