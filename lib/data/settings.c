#include "data/settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/number.h"
#include "data/schema.h"

#define SYSTEM_FILE "/etc/paas/config.yml"
enum { NAME_MAX_LENGTH = 63 };

#define AT(level) (1U << SETTING_##level)
#define OF_ENGINEER (AT(BUILT_IN) | AT(SYSTEM) | AT(USER) | AT(ENVIRONMENT) | AT(FLAG))
#define OF_APPLICATION (AT(REPOSITORY) | AT(ENVIRONMENT) | AT(FLAG))
#define OF_ANYBODY (OF_ENGINEER | AT(REPOSITORY))

const struct setting_description setting_table[SETTING_COUNT] = {
#define _(constant, name, type, initial, choices, variable, flag, levels, sentence) \
	[SETTING_##constant] = {name, SETTING_TYPE_##type, initial, choices, variable, flag, levels, sentence},
	SETTINGS(_)
#undef _
};

static const char *const level_names[SETTING_LEVELS] = {
	[SETTING_BUILT_IN] = "built in",     [SETTING_SYSTEM] = "system",
	[SETTING_USER] = "user",             [SETTING_REPOSITORY] = "repository",
	[SETTING_ENVIRONMENT] = "environment", [SETTING_FLAG] = "flag",
};

const char *
setting_level_name(enum setting_level level)
{
	return level_names[level];
}

/* ---- values ---- */

static const char *const true_words[] = {"1", "true", "yes", "on"};
static const char *const false_words[] = {"0", "false", "no", "off", ""};

static bool
is_among(const char *text, const char *const *words, size_t n_words)
{
	for (size_t i = 0; i < n_words; i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

static bool
is_choice(const char *text, const char *choices)
{
	size_t length = strlen(text);
	for (const char *word = choices; *word;) {
		size_t n = strcspn(word, " ");
		if (n == length && strncmp(word, text, n) == 0)
			return true;
		word += n + (word[n] == ' ');
	}
	return false;
}

/* A DNS label (RFC 1123): what Kubernetes takes as a name. */
static bool
is_name(const char *text)
{
	size_t length = strlen(text);
	if (!length || length > NAME_MAX_LENGTH || text[0] == '-' || text[length - 1] == '-')
		return false;
	return !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

static bool
check_value(const struct setting_description *setting, const char *text, struct error *err)
{
	int64_t duration_ms;
	switch (setting->type) {
	case SETTING_TYPE_TEXT:
		return *text || error_set(err, ERROR_USAGE, "\"%s\" must not be empty", setting->name);
	case SETTING_TYPE_NAME:
		return is_name(text) || error_set(err, ERROR_USAGE,
		                                  "\"%s\" is \"%s\", but must be lower case letters, digits and "
		                                  "'-', at most %d", setting->name, text, NAME_MAX_LENGTH);
	case SETTING_TYPE_BOOL:
		return is_among(text, true_words, array_length(true_words)) ||
		       is_among(text, false_words, array_length(false_words)) ||
		       error_set(err, ERROR_USAGE, "\"%s\" is \"%s\", but must be true or false", setting->name, text);
	case SETTING_TYPE_CHOICE:
		return is_choice(text, setting->choices) ||
		       error_set(err, ERROR_USAGE, "\"%s\" is \"%s\", but may be: %s", setting->name, text,
		                 setting->choices);
	case SETTING_TYPE_DURATION:
		if (number_parse_duration_ms(text, &duration_ms, err))
			return true;
		return error_set(err, ERROR_USAGE, "\"%s\" is \"%s\", but must be a duration such as 90s or 15m",
		                 setting->name, text);
	}
	return false;
}

static bool
check_level(const struct setting_description *setting, enum setting_level level, struct error *err)
{
	if (setting->levels & 1U << level)
		return true;
	if (level == SETTING_REPOSITORY)
		return error_set(err, ERROR_USAGE,
		                 "\"%s\" may not be set by a repository: it is not trusted with hosts, files "
		                 "or commands", setting->name);
	return error_set(err, ERROR_USAGE, "\"%s\" belongs into the repository's .paas.yml", setting->name);
}

bool
settings_set(struct settings *settings, enum setting setting, enum setting_level level, const char *text,
             const char *origin, struct error *err)
{
	const struct setting_description *description = &setting_table[setting];
	if (!(check_level(description, level, err) && check_value(description, text, err)))
		return false;
	struct setting_value *value = &settings->values[setting];
	if (!value->text || level >= value->level)
		*value = (struct setting_value){arena_strdup(settings->arena, text), level,
		                                arena_strdup(settings->arena, origin)};
	return true;
}

bool
settings_set_flag(struct settings *settings, enum setting setting, const char *text, struct error *err)
{
	return text == NULL || settings_set(settings, setting, SETTING_FLAG, text, setting_table[setting].flag, err);
}

/* ---- files ---- */

static void
read_aliases(struct settings *settings, const struct yaml_node *map, struct problems *problems)
{
	if (map->kind != YAML_KIND_MAP) {
		problem_add(problems, PROBLEM_ERROR, RULE_WRONG_VALUE, map, NULL, "\"aliases\" must be a map");
		return;
	}
	settings->aliases = arena_array(settings->arena, struct setting_alias, map->count + 1);
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_node *key = map->pairs[i].key, *value = map->pairs[i].value;
		if (value->kind != YAML_KIND_SCALAR || !*value->text)
			problem_add(problems, PROBLEM_ERROR, RULE_WRONG_VALUE, value, NULL,
			            "alias \"%s\" must be the words it stands for", key->text);
		else
			settings->aliases[settings->n_aliases++] = (struct setting_alias){key->text, value->text};
	}
}

static void
complain_unknown(const struct yaml_node *key, enum setting_level level, struct problems *problems)
{
	const char *names[SETTING_COUNT];
	size_t n_names = 0;
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_table[i].levels & 1U << level)
			names[n_names++] = setting_table[i].name;
	enum problem_severity severity = level == SETTING_REPOSITORY ? PROBLEM_ERROR : PROBLEM_WARNING;
	problem_add(problems, severity, RULE_UNKNOWN_KEY, key,
	            problem_suggest(key->text, names, n_names, problems->arena), "unknown key \"%s\"", key->text);
}

static void
read_value(struct settings *settings, enum setting setting, const struct yaml_pair *pair,
           enum setting_level level, struct problems *problems)
{
	struct error err;
	const struct yaml_node *value = pair->value;
	if (value->kind != YAML_KIND_SCALAR) {
		problem_add(problems, PROBLEM_ERROR, RULE_WRONG_VALUE, value, NULL, "\"%s\" must be one value",
		            setting_table[setting].name);
		return;
	}
	if (yaml_type_of(value) == YAML_TYPE_NULL)
		return;
	const char *origin = arena_printf(settings->arena, "%s:%u:%u", problems->file, value->line, value->column);
	if (!settings_set(settings, setting, level, value->text, origin, &err))
		problem_add(problems, PROBLEM_ERROR, RULE_WRONG_VALUE, value, NULL, "%s", err.why);
}

static enum setting
find_setting(const char *name)
{
	enum setting setting = 0;
	while (setting < SETTING_COUNT && strcmp(setting_table[setting].name, name) != 0)
		setting++;
	return setting;
}

static bool
is_ignored(const char *name, const char *const *ignored)
{
	for (; ignored && *ignored; ignored++)
		if (strcmp(*ignored, name) == 0)
			return true;
	return false;
}

void
settings_read_map(struct settings *settings, const struct yaml_node *map, enum setting_level level,
                  const char *const *ignored, struct problems *problems)
{
	for (size_t i = 0; map && i < map->count; i++) {
		const struct yaml_pair *pair = &map->pairs[i];
		enum setting setting = find_setting(pair->key->text);
		if (is_ignored(pair->key->text, ignored))
			continue;
		if (setting < SETTING_COUNT)
			read_value(settings, setting, pair, level, problems);
		else if (level == SETTING_USER && strcmp(pair->key->text, "aliases") == 0)
			read_aliases(settings, pair->value, problems);
		else
			complain_unknown(pair->key, level, problems);
	}
}

static const char *
read_file(struct settings *settings, const char *path, enum setting_level level, struct problems *problems)
{
	static const char *const version[] = {"version", NULL};
	struct yaml_node *root;
	if (!path || !file_exists(path))
		return NULL;
	if (schema_open(path, problems, &root))
		settings_read_map(settings, root, level, version, problems);
	return path;
}

static void
read_environment(struct settings *settings, struct problems *problems)
{
	problems->file = "environment";
	for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
		struct error err;
		const char *variable = setting_table[setting].variable, *text = getenv(variable);
		if (!text || (!*text && setting_table[setting].type != SETTING_TYPE_BOOL))
			continue;
		const char *origin = arena_printf(settings->arena, "$%s", variable);
		if (!settings_set(settings, setting, SETTING_ENVIRONMENT, text, origin, &err))
			problem_add(problems, PROBLEM_ERROR, RULE_WRONG_VALUE, NULL, NULL, "$%s: %s", variable, err.why);
	}
}

void
settings_load_files(struct settings *settings, struct problems *problems)
{
	*settings = (struct settings){.arena = problems->arena};
	for (enum setting setting = 0; setting < SETTING_COUNT; setting++)
		settings->values[setting] = (struct setting_value){setting_table[setting].initial, SETTING_BUILT_IN,
		                                                   level_names[SETTING_BUILT_IN]};
	settings->system_file = read_file(settings, SYSTEM_FILE, SETTING_SYSTEM, problems);
	settings->user_file = read_file(settings, file_config_path(problems->arena, "config.yml"), SETTING_USER,
	                                problems);
}

void
settings_load(struct settings *settings, struct problems *problems)
{
	settings_load_files(settings, problems);
	read_environment(settings, problems);
}

const char *
settings_text(const struct settings *settings, enum setting setting)
{
	return settings->values[setting].text;
}

bool
settings_bool(const struct settings *settings, enum setting setting)
{
	const char *text = settings->values[setting].text;
	return text && is_among(text, true_words, array_length(true_words));
}

int64_t
settings_duration_ms(const struct settings *settings, enum setting setting)
{
	struct error err;
	int64_t duration_ms;
	const char *text = settings->values[setting].text;
	return text && number_parse_duration_ms(text, &duration_ms, &err) ? duration_ms : -1;
}
