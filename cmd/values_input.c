#include "cmd/values_input.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/command.h"
#include "core/configuration/environment_file.h"
#include "ui/prompt.h"

/* ---- the command line ---- */

static bool
refuse_value(const struct values_form *form, struct error *err)
{
	error_put(err, ERROR_USAGE, "a value on the command line was not taken: every user of this machine can read it there, "
	          "and the shell keeps it. Take it for known, and choose another");
	return error_next(err, "paas %s set NAME, which asks for the value; or pipe it in; or --from-file FILE",
	                  form->command);
}

bool
values_input_check(const struct values_input *input, const struct values_form *form, struct error *err)
{
	size_t n_names = input->names->count;
	bool is_several = input->environment_file != NULL;
	for (size_t i = 0; i < n_names; i++)
		if (strchr(input->names->items[i], '=') != NULL)
			return refuse_value(form, err);
	if (n_names > 1)
		return refuse_value(form, err);
	if (is_several && (n_names > 0 || input->file != NULL))
		return error_set(err, ERROR_USAGE, "--from-env-file brings its names along: give neither NAME nor --from-file");
	if (!is_several && n_names == 0) {
		error_put(err, ERROR_USAGE, "nobody says which %s to set", form->noun);
		return error_next(err, "paas %s set NAME, or --from-env-file FILE for several", form->command);
	}
	return n_names == 0 || value_name_check(input->names->items[0], err);
}

/* ---- one value ---- */

static bool
check_empty(const struct values_input *input, const struct secret *value, const char *where, struct error *err)
{
	if (secret_length(value) > 0 || input->may_be_empty)
		return true;
	error_put(err, ERROR_USAGE, "%s is empty", where);
	return error_next(err, "pipe the value in, or say --allow-empty if that is meant");
}

static bool
ask(struct session *session, const struct values_form *form, const char *name, struct secret **ret, struct error *err)
{
	struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	struct prompt_question question = {
		.text = arena_printf(session->arena, "Value of the %s %s", form->noun, name),
		.flag = "--from-file FILE, or a pipe"};
	return prompt_secret(&prompt, &question, ret, err);
}

/* What is typed into a plain read would show on the screen. */
static bool
check_source(const char *path, const struct values_form *form, struct error *err)
{
	if (strcmp(path, "-") != 0 || !isatty(STDIN_FILENO))
		return true;
	error_put(err, ERROR_USAGE, "standard input is a terminal, which would show what is typed");
	return error_next(err, "pipe it in; or paas %s set NAME, which asks without showing", form->command);
}

/* Of a line that somebody pipes in, the newline is no part; of a file, every byte is. */
static struct secret *
without_newline(struct secret *value)
{
	size_t newline = secret_newline(value), length = secret_length(value);
	if (newline == 0)
		return value;
	struct secret *shorter = secret_slice(value, 0, length - newline);
	secret_free(value);
	return shorter;
}

static bool
read_one(struct session *session, const struct values_input *input, const struct values_form *form,
         struct value_change *ret, struct error *err)
{
	bool is_file = input->file != NULL;
	ret->name = input->names->items[0];
	if (!is_file && isatty(STDIN_FILENO))
		return ask(session, form, ret->name, &ret->value, err);
	const char *path = is_file ? input->file : "-";
	const char *where = strcmp(path, "-") == 0 ? "standard input" : path;
	if (!check_source(path, form, err) || !file_read_secret(path, VALUES_BYTES_MAX, &ret->value, err))
		return false;
	if (!is_file)
		ret->value = without_newline(ret->value);
	return check_empty(input, ret->value, where, err);
}

/* ---- several ---- */

static bool
read_several(const char *path, const struct values_form *form, struct arena *arena, struct value_change **ret,
             size_t *ret_count, struct error *err)
{
	scoped(secret_release) struct secret *text = NULL;
	const char *what = strcmp(path, "-") == 0 ? "standard input" : path;
	return check_source(path, form, err) && file_read_secret(path, VALUES_BYTES_MAX, &text, err) &&
	       environment_file_parse(text, what, arena, ret, ret_count, err);
}

bool
values_input_read(struct session *session, const struct values_input *input, const struct values_form *form,
                  struct value_change **ret, size_t *ret_count, struct error *err)
{
	*ret_count = 0;
	*ret = arena_array(session->arena, struct value_change, 1);
	if (input->environment_file != NULL)
		return read_several(input->environment_file, form, session->arena, ret, ret_count, err);
	*ret_count = 1;
	return read_one(session, input, form, *ret, err);
}
