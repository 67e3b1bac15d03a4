#include "ui/ci.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/file.h"
#include "ui/neutral.h"

enum { COMMAND_MAX_BYTES = 64 * 1024, TOKEN_RANDOM_BYTES = (CI_TOKEN_BYTES - 1) / 2 };

bool
ci_is_github(const struct output *out)
{
	return terminal_variable_is_true("GITHUB_ACTIONS") && !output_is_json(out);
}

void
ci_group_begin(struct output *out, const char *title)
{
	if (!ci_is_github(out))
		return;
	scoped(buf_release) struct buf line = BUF_INIT(COMMAND_MAX_BYTES);
	neutral_add(&line, NEUTRAL_CI, title, strlen(title));
	output_print(out, "::group::%s\n", line.bytes);
}

void
ci_group_end(struct output *out)
{
	if (ci_is_github(out))
		output_print(out, "::endgroup::\n");
}

static void
add_property(struct buf *line, const char *name, const char *value)
{
	buf_printf(line, "%s%s=", line->bytes[line->length - 1] == ' ' ? "" : ",", name);
	neutral_add(line, NEUTRAL_CI_PROPERTY, value, strlen(value));
}

static void
add_number_property(struct buf *line, const char *name, unsigned value)
{
	char text[16];
	if (value == 0)
		return;
	snprintf(text, sizeof text, "%u", value);
	add_property(line, name, text);
}

void
ci_annotate(struct output *out, const struct ci_annotation *annotation)
{
	static const char *const levels[] = {"notice", "warning", "error"};
	if (!ci_is_github(out))
		return;
	scoped(buf_release) struct buf line = BUF_INIT(COMMAND_MAX_BYTES);
	buf_printf(&line, "%s ", levels[annotation->level]);
	if (annotation->file != NULL) {
		add_property(&line, "file", annotation->file);
		add_number_property(&line, "line", annotation->line);
		add_number_property(&line, "col", annotation->column);
	}
	if (annotation->title != NULL)
		add_property(&line, "title", annotation->title);
	buf_add_text(&line, "::");
	neutral_add(&line, NEUTRAL_CI, annotation->message, strlen(annotation->message));
	output_print(out, "::%s\n", line.bytes);
}

/* A word that whoever wrote the text in between could not know. */
static void
make_token(char ret[static CI_TOKEN_BYTES])
{
	unsigned char random[TOKEN_RANDOM_BYTES];
	while (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		;
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(ret + 2 * i, 3, "%02x", random[i]);
}

void
ci_stop_commands(struct output *out, char ret_token[static CI_TOKEN_BYTES])
{
	make_token(ret_token);
	if (ci_is_github(out))
		output_print(out, "::stop-commands::%s\n", ret_token);
}

void
ci_resume_commands(struct output *out, const char *token)
{
	if (ci_is_github(out))
		output_print(out, "::%s::\n", token);
}

static bool
append(const char *variable, const char *text, struct error *err)
{
	const char *path = terminal_variable(variable);
	if (path == NULL)
		return true;
	scoped(file_close) FILE *file = fopen(path, "ae");
	if (file == NULL || fputs(text, file) < 0 || fflush(file) != 0)
		return error_set(err, ERROR_FILE, "writing $%s (%s): %s", variable, path, strerror(errno));
	return true;
}

bool
ci_set_output(const char *name, const char *value, struct error *err)
{
	char token[CI_TOKEN_BYTES];
	scoped(buf_release) struct buf text = BUF_INIT(1024 * 1024);
	make_token(token);
	buf_printf(&text, "%s<<%s\n%s\n%s\n", name, token, value, token);
	return append("GITHUB_OUTPUT", text.bytes, err);
}

bool
ci_add_summary(const char *markdown, struct error *err)
{
	return append("GITHUB_STEP_SUMMARY", markdown, err);
}
