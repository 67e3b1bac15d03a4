/* `paas config get`, `set` and `unset`: one setting in the engineer's own config.yml. */
#include <string.h>

#include "base/buf.h"
#include "cmd/config.h"
#include "data/settings_edit.h"
#include "ui/output.h"

enum { WORD_MAX_BYTES = 4096 };

static const char *name, *value;
static bool show_origin;

/* ---- get ---- */

static bool
run_get(struct session *session, struct error *err)
{
	enum setting setting;
	if (!config_find_setting(name, &setting, err))
		return false;
	const struct setting_value *found = &session->settings->values[setting];
	if (!found->text) {
		error_put(err, ERROR_NOT_FOUND, "\"%s\" is not set", name);
		return error_next(err, "paas config set %s VALUE", name);
	}
	if (output_is_json(session->out))
		return output_json(session->out,
		                   json_pack("{s:s, s:s, s:s, s:s}", "name", name, "value", found->text, "level",
		                             setting_level_name(found->level), "origin", found->origin), err);
	output_print(session->out, show_origin ? "%s\t%s\n" : "%s\n", found->text, found->origin);
	return true;
}

static const struct option_spec get_options[] = {
	{.kind = OPTION_FLAG, .name = "show-origin", .flag = &show_origin, .help = "say where the value comes from"},
	{.kind = OPTION_ARG, .name = "NAME", .text = &name, .is_required = true, .complete = "setting",
	 .help = "setting to print"},
	{.kind = OPTION_END},
};
static const struct command_example get_examples[] = {
	{"paas config get color", "the value that holds here, alone on a line"},
	{"paas config get color --show-origin", "and the file, variable or flag that set it"},
	{NULL, NULL},
};

const struct command config_get = {
	.name = "get",
	.group = GROUP_CONFIGURE,
	.summary = "Print one setting",
	.description = "Prints the value that holds in this folder. Exit status 5 when it is not set.",
	.options = get_options,
	.examples = get_examples,
	.needs = NEEDS_PROJECT,
	.answers_json = true,
	.run = run_get,
};

/* ---- set, unset ---- */

/* What the file says is not always what holds. */
static void
warn_of_shadow(struct session *session, enum setting setting)
{
	const struct setting_value *winner = &session->settings->values[setting];
	if (winner->text && winner->level > SETTING_USER)
		output_warn(session->out, "%s says %s, and that wins", winner->origin, winner->text);
}

static const char *
value_in_file(const struct session *session, enum setting setting)
{
	struct problems ignored = {.arena = session->arena};
	struct settings settings;
	const struct setting_value *found;
	settings_load_files(&settings, &ignored);
	found = &settings.values[setting];
	return found->level == SETTING_USER ? found->text : NULL;
}

static bool
tell(struct session *session, const char *file, const char *before, const char *now, struct error *err)
{
	struct output *out = session->out;
	if (output_is_json(out))
		return output_json(out, json_pack("{s:s, s:s?, s:s?, s:s}", "name", name, "value", now, "previous", before, "file",
		                                  file), err);
	if (now)
		output_print(out, "%s is %s now, in %s\n", name, now, file);
	else
		output_print(out, "%s is no longer set in %s\n", name, file);
	scoped(buf_release) struct buf word = BUF_INIT(WORD_MAX_BYTES);
	if (before && buf_add_shell_word(&word, before) && (!now || strcmp(before, now)))
		output_note(out, "undo: paas config set %s %s\n", name, word.bytes);
	else if (!before)
		output_note(out, "undo: paas config unset %s\n", name);
	return true;
}

static bool
change(struct session *session, const char *to, struct error *err)
{
	enum setting setting;
	const char *file;
	struct settings scratch = {.arena = session->arena};
	if (!config_find_setting(name, &setting, err) ||
	    (to && !settings_set(&scratch, setting, SETTING_USER, to, "config set", err)))
		return false;
	const char *before = value_in_file(session, setting);
	const struct settings_edit edit = {.key = name, .value = to};
	if (!settings_edit_file(&edit, session->arena, &file, err) || !tell(session, file, before, to, err))
		return false;
	warn_of_shadow(session, setting);
	return true;
}

static bool
run_set(struct session *session, struct error *err)
{
	return change(session, value, err);
}

static const struct option_spec set_options[] = {
	{.kind = OPTION_ARG, .name = "NAME", .text = &name, .is_required = true, .complete = "setting",
	 .help = "setting to change"},
	{.kind = OPTION_ARG, .name = "VALUE", .text = &value, .is_required = true, .complete = "setting-value",
	 .help = "its new value"},
	{.kind = OPTION_END},
};
static const struct command_example set_examples[] = {
	{"paas config set team payments", "the team when nobody else names one"},
	{"paas config set color never", "no colours, anywhere"},
	{NULL, NULL},
};

const struct command config_set = {
	.name = "set",
	.group = GROUP_CONFIGURE,
	.summary = "Change one setting",
	.description = "Writes it to config.yml, which is made when there is none; comments, order and unknown keys stay. A "
	               "link is followed. What a variable or the repository's .paas.yml says wins, and is named.",
	.options = set_options,
	.examples = set_examples,
	.needs = NEEDS_PROJECT,
	.answers_json = true,
	.run = run_set,
};

static bool
run_unset(struct session *session, struct error *err)
{
	return change(session, NULL, err);
}

static const struct option_spec unset_options[] = {
	{.kind = OPTION_ARG, .name = "NAME", .text = &name, .is_required = true, .complete = "setting",
	 .help = "setting to take out"},
	{.kind = OPTION_END},
};
static const struct command_example unset_examples[] = {
	{"paas config unset color", "back to what others say, or to what is built in"},
	{NULL, NULL},
};

const struct command config_unset = {
	.name = "unset",
	.group = GROUP_CONFIGURE,
	.summary = "Take one setting out of config.yml",
	.description = "Exit status 5 when config.yml does not set it.",
	.options = unset_options,
	.examples = unset_examples,
	.needs = NEEDS_PROJECT,
	.answers_json = true,
	.run = run_unset,
};
