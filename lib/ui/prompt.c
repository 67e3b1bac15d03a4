#include "ui/prompt.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/number.h"
#include "base/secret.h"
#include "ui/output.h"
#include "ui/terminal_line.h"

enum { TRIES_MAX = 5 };

/* ---- what all of them share ---- */

static bool
refuse(const struct prompt_question *question, struct error *err)
{
	error_put(err, ERROR_USAGE, "\"%s\" needs an answer, and nobody can be asked here", question->text);
	return error_next(err, "give %s", question->flag);
}

struct drawing {
	const struct prompt *prompt;
	const struct prompt_question *question;
	const char *end;
};

static void
draw(void *data)
{
	const struct drawing *drawing = data;
	struct output *out = drawing->prompt->out;
	const char *fallback = drawing->question->fallback;
	output_ask(out, "%s%s%s", output_note_style(out, STYLE_STRONG), drawing->question->text,
	           output_note_style(out, STYLE_PLAIN));
	if (fallback != NULL)
		output_ask(out, output_is_accessible(out) ? ", Enter for %s" : " [%s]", fallback);
	output_ask(out, "%s ", drawing->end);
}

/* The answer without blanks around it, in `line`; what Enter means for an empty one. */
static bool
ask(const struct prompt *prompt, const struct prompt_question *question, const char *end,
    char line[static TERMINAL_LINE_MAX_BYTES + 1], const char **ret, struct error *err)
{
	struct drawing drawing = {prompt, question, end};
	if (!terminal_read_line(STDIN_FILENO, false, draw, &drawing, line, err))
		return false;
	char *start = line + strspn(line, " \t\r"), *last = start + strlen(start);
	while (last > start && isspace((unsigned char)last[-1]))
		*--last = '\0';
	*ret = *start == '\0' && question->fallback != NULL ? question->fallback : start;
	return true;
}

static bool
give_up(const struct prompt_question *question, struct error *err)
{
	error_put(err, ERROR_USAGE, "\"%s\" got no answer that can be used in %d tries", question->text, TRIES_MAX);
	return error_next(err, "give %s", question->flag);
}

/* ---- questions ---- */

static bool
is_good(const struct prompt *prompt, const struct prompt_question *question, const char *answer)
{
	struct error problem = {0};
	if (answer[0] == '\0')
		return false;
	if (question->check == NULL || question->check(answer, question->data, &problem))
		return true;
	output_ask(prompt->out, "%s\n", problem.why);
	return false;
}

bool
prompt_text(const struct prompt *prompt, const struct prompt_question *question, struct arena *arena,
            const char **ret, struct error *err)
{
	char line[TERMINAL_LINE_MAX_BYTES + 1];
	const char *answer;
	if (!prompt->can_ask)
		return refuse(question, err);
	for (unsigned i = 0; i < TRIES_MAX; i++) {
		if (!ask(prompt, question, ":", line, &answer, err))
			return false;
		if (is_good(prompt, question, answer)) {
			*ret = arena_strdup(arena, answer);
			return true;
		}
	}
	return give_up(question, err);
}

static bool
read_yes_or_no(const char *answer, bool *ret)
{
	static const struct {
		const char *word;
		bool is_yes;
	} words[] = {{"y", true}, {"yes", true}, {"n", false}, {"no", false}, {"", false}};
	for (size_t i = 0; i < array_length(words); i++) {
		if (strcasecmp(answer, words[i].word) == 0) {
			*ret = words[i].is_yes;
			return true;
		}
	}
	return false;
}

bool
prompt_confirm(const struct prompt *prompt, const struct prompt_question *question, bool *ret, struct error *err)
{
	char line[TERMINAL_LINE_MAX_BYTES + 1];
	const char *answer;
	struct prompt_question bare = {.text = question->text, .flag = question->flag};
	if (prompt->assume_yes) {
		*ret = true;
		return true;
	}
	if (!prompt->can_ask)
		return refuse(question, err);
	for (unsigned i = 0; i < TRIES_MAX; i++) {
		if (!ask(prompt, &bare, output_is_accessible(prompt->out) ? " Type yes or no, Enter for no:" : " [y/N]", line, &answer, err))
			return false;
		if (read_yes_or_no(answer, ret))
			return true;
		output_ask(prompt->out, "Type yes or no.\n");
	}
	return give_up(question, err);
}

bool
prompt_confirm_name(const struct prompt *prompt, const struct prompt_question *question, const char *name,
                    const char *given, bool *ret, struct error *err)
{
	char line[TERMINAL_LINE_MAX_BYTES + 1];
	const char *answer;
	struct prompt_question bare = {.text = question->text, .flag = question->flag};
	if (given != NULL && strcmp(given, name) != 0) {
		error_put(err, ERROR_USAGE, "\"%s\" is not the name \"%s\"", given, name);
		return error_next(err, "give %s", question->flag);
	}
	if (given != NULL) {
		*ret = true;
		return true;
	}
	if (!prompt->can_ask)
		return refuse(question, err);
	output_ask(prompt->out, "Type %s to confirm; anything else leaves all as it is.\n", name);
	if (!ask(prompt, &bare, "", line, &answer, err))
		return false;
	*ret = strcmp(answer, name) == 0;
	return true;
}

static void
list_choices(struct output *out, const struct prompt_choice *choices, size_t n_choices)
{
	int width = 1;
	for (size_t i = 0; i < n_choices; i++)
		width = (int)strlen(choices[i].text) > width ? (int)strlen(choices[i].text) : width;
	for (size_t i = 0; i < n_choices; i++) {
		if (choices[i].hint == NULL)
			output_ask(out, "  %zu) %s\n", i + 1, choices[i].text);
		else if (output_is_accessible(out))
			output_ask(out, "  %zu) %s, %s\n", i + 1, choices[i].text, choices[i].hint);
		else
			output_ask(out, "  %zu) %-*s  %s%s%s\n", i + 1, width, choices[i].text,
			           output_note_style(out, STYLE_FAINT), choices[i].hint,
			           output_note_style(out, STYLE_PLAIN));
	}
}

static bool
find_choice(const struct prompt_choice *choices, size_t n_choices, const char *answer, size_t *ret)
{
	struct error ignored;
	uint64_t number;
	for (size_t i = 0; i < n_choices; i++) {
		if (strcmp(choices[i].text, answer) == 0) {
			*ret = i; /* before its number: the texts may be numbers */
			return true;
		}
	}
	if (!number_parse_u64(answer, 1, n_choices, &number, &ignored))
		return false;
	*ret = (size_t)number - 1;
	return true;
}

bool
prompt_choose(const struct prompt *prompt, const struct prompt_question *question,
              const struct prompt_choice *choices, size_t n_choices, size_t *ret, struct error *err)
{
	char line[TERMINAL_LINE_MAX_BYTES + 1];
	const char *answer;
	struct prompt_question number = {.text = "Number", .fallback = question->fallback};
	if (!prompt->can_ask)
		return refuse(question, err);
	output_ask(prompt->out, "%s%s%s\n", output_note_style(prompt->out, STYLE_STRONG), question->text,
	           output_note_style(prompt->out, STYLE_PLAIN));
	list_choices(prompt->out, choices, n_choices);
	for (unsigned i = 0; i < TRIES_MAX; i++) {
		if (!ask(prompt, &number, ":", line, &answer, err))
			return false;
		if (find_choice(choices, n_choices, answer, ret))
			return true;
		output_ask(prompt->out, "Type a number from 1 to %zu.\n", n_choices);
	}
	return give_up(question, err);
}

bool
prompt_secret(const struct prompt *prompt, const struct prompt_question *question, struct secret **ret,
              struct error *err)
{
	char line[TERMINAL_LINE_MAX_BYTES + 1];
	struct prompt_question bare = {.text = question->text, .flag = question->flag};
	struct drawing drawing = {prompt, &bare, " (not shown):"};
	if (!prompt->can_ask)
		return refuse(question, err);
	scoped(file_close_fd) int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERROR_FAILED, "open /dev/tty: %s", strerror(errno));
	for (unsigned i = 0; i < TRIES_MAX; i++) {
		if (!terminal_read_line(fd, true, draw, &drawing, line, err))
			return false;
		if (line[0] == '\0') {
			output_ask(prompt->out, "Nothing was typed.\n");
			continue;
		}
		*ret = secret_new(line, strlen(line));
		secret_wipe(line, sizeof line);
		return true;
	}
	return give_up(question, err);
}
