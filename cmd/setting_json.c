#include "cmd/setting_json.h"

#include <string.h>

static const char *const type_names[] = {
	[SETTING_TYPE_TEXT] = "text",         [SETTING_TYPE_BOOL] = "bool", [SETTING_TYPE_CHOICE] = "choice",
	[SETTING_TYPE_DURATION] = "duration", [SETTING_TYPE_NAME] = "name",
};

static json_t *
choices_to_json(const char *choices)
{
	json_t *list = json_array();
	for (const char *word = choices != NULL ? choices : ""; *word != '\0';) {
		size_t length = strcspn(word, " ");
		json_array_append_new(list, json_stringn(word, length));
		word += length + (word[length] == ' ');
	}
	return list;
}

/* Who may set it, the weakest first. */
static json_t *
levels_to_json(const struct setting_description *about)
{
	json_t *list = json_array();
	for (enum setting_level level = SETTING_SYSTEM; level < SETTING_LEVELS; level++)
		if ((about->levels & 1U << level) != 0 && (level != SETTING_ENVIRONMENT || about->variable != NULL) &&
		    (level != SETTING_FLAG || about->flag != NULL))
			json_array_append_new(list, json_string(setting_level_name(level)));
	return list;
}

json_t *
setting_to_json(const struct settings *settings, enum setting setting)
{
	const struct setting_value *value = &settings->values[setting];
	const struct setting_description *about = &setting_table[setting];
	return json_pack("{s:s, s:s?, s:s, s:s, s:s, s:s, s:o, s:s?, s:s?, s:s?, s:o}", "name", about->name, "value",
	                 value->text, "level", setting_level_name(value->level), "origin", value->origin, "description",
	                 about->sentence, "type", type_names[about->type], "choices", choices_to_json(about->choices),
	                 "default", about->initial, "variable", about->variable, "flag", about->flag, "set_by",
	                 levels_to_json(about));
}
