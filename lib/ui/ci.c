#include "ui/ci.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/file.h"
#include "ui/neutral.h"

/* A mask of a few letters would make the whole log unreadable. */
enum { MASK_MIN_BYTES = 4, MASK_MAX_BYTES = 64 * 1024, COMMAND_MAX_BYTES = 64 * 1024, TOKEN_RANDOM_BYTES = (CI_TOKEN_BYTES - 1) / 2 };

bool
ci_is_github(const struct output *out)
{
	return terminal_variable_is_true("GITHUB_ACTIONS") && !output_is_json(out);
}

/* ---- groups ---- */

enum { GROUP_NAME_BYTES = 48 };
/* The group that is open. */
static struct group {
	char name[GROUP_NAME_BYTES]; /* of the title, in letters that every runner takes */
	const char *title;           /* escaped; only while it begins */
	int64_t started_ms;          /* wall clock */
} group;

static void
begin_github(struct output *out)
{
	output_print(out, "::group::%s\n", group.title);
}

static void
end_github(struct output *out)
{
	output_print(out, "::endgroup::\n");
}

static void
begin_travis(struct output *out)
{
	output_print(out, "travis_fold:start:%s\r\033[0Ktravis_time:start:%s\r\033[0K%s\n", group.name, group.name, group.title);
}

static void
end_travis(struct output *out)
{
	long long start = group.started_ms * 1000000LL, finish = clock_wall_ms() * 1000000LL;
	output_print(out, "travis_time:end:%s:start=%lld,finish=%lld,duration=%lld\r\033[0Ktravis_fold:end:%s\r\033[0K\n",
	             group.name, start, finish, finish - start, group.name);
}

static void
begin_gitlab(struct output *out)
{
	output_print(out, "\033[0Ksection_start:%lld:%s\r\033[0K%s\n", (long long)(group.started_ms / 1000), group.name,
	             group.title);
}

static void
end_gitlab(struct output *out)
{
	output_print(out, "\033[0Ksection_end:%lld:%s\r\033[0K\n", (long long)(clock_wall_ms() / 1000), group.name);
}

/* The next heading ends a section. */
static void
begin_buildkite(struct output *out)
{
	output_print(out, "--- %s\n", group.title);
}

static void
end_buildkite(struct output *out)
{
	output_print(out, "+++ outcome\n");
}

static void
begin_azure(struct output *out)
{
	output_print(out, "##[group]%s\n", group.title);
}

static void
end_azure(struct output *out)
{
	output_print(out, "##[endgroup]\n");
}

static const struct runner {
	const char *variable;
	void (*begin)(struct output *out), (*end)(struct output *out);
} runners[] = {
	{"GITHUB_ACTIONS", begin_github, end_github},
	{"TRAVIS", begin_travis, end_travis},
	{"GITLAB_CI", begin_gitlab, end_gitlab},
	{"BUILDKITE", begin_buildkite, end_buildkite},
	{"TF_BUILD", begin_azure, end_azure},
};

static const struct runner *
find_runner(const struct output *out)
{
	for (size_t i = 0; i < array_length(runners) && !output_is_json(out); i++)
		if (terminal_variable_is_true(runners[i].variable))
			return &runners[i];
	return NULL;
}

static void
name_group(const char *title)
{
	size_t length = 0;
	for (const char *at = title; *at && length < sizeof group.name - 1; at++)
		group.name[length++] = isalnum((unsigned char)*at) ? (char)tolower((unsigned char)*at) : '_';
	group.name[length] = '\0';
}

void
ci_group_begin(struct output *out, const char *title)
{
	const struct runner *runner = find_runner(out);
	if (!runner)
		return;
	scoped(buf_release) struct buf escaped = BUF_INIT(COMMAND_MAX_BYTES);
	neutral_add(&escaped, NEUTRAL_CI, title, strlen(title));
	name_group(title);
	group.title = escaped.bytes;
	group.started_ms = clock_wall_ms();
	runner->begin(out);
	group.title = NULL;
	output_flush(out); /* what is folded goes to standard error */
}

void
ci_group_end(struct output *out)
{
	const struct runner *runner = find_runner(out);
	if (!runner)
		return;
	runner->end(out);
	output_flush(out);
}

/* ---- annotations ---- */

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

/* ---- masks ---- */

static bool
is_read_by_runner(void)
{
	struct stat status;
	return terminal_variable_is_true("GITHUB_ACTIONS") && fstat(STDERR_FILENO, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Without a buffer in between, which would keep a copy. */
static void
write_mask(const char *text, size_t length)
{
	dprintf(STDERR_FILENO, "::add-mask::");
	for (size_t i = 0; i < length; i++) {
		size_t plain = 0;
		while (i + plain < length && text[i + plain] != '%' && text[i + plain] != '\r')
			plain++;
		dprintf(STDERR_FILENO, "%.*s", (int)plain, text + i);
		i += plain;
		if (i < length)
			dprintf(STDERR_FILENO, text[i] == '%' ? "%%25" : "%%0D");
	}
	dprintf(STDERR_FILENO, "\n");
}

void
ci_add_mask(const struct secret *secret)
{
	const char *text = secret_reveal(secret), *end = text + secret_length(secret);
	while (is_read_by_runner() && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((newline ? newline : end) - text);
		if (line >= MASK_MIN_BYTES && line <= MASK_MAX_BYTES && !memchr(text, '\0', line))
			write_mask(text, line);
		text += line + 1;
	}
}

/* ---- foreign text ---- */

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
