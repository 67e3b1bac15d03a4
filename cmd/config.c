/* `paas config`: the settings and where they come from, the platform file and who may sign it. */
#include "cmd/config.h"

#include <string.h>

#include "cmd/parse.h"

bool
config_find_setting(const char *name, enum setting *ret, struct error *err)
{
	const char *names[SETTING_COUNT];
	for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
		names[setting] = setting_table[setting].name;
		if (!strcmp(name, setting_table[setting].name)) {
			*ret = setting;
			return true;
		}
	}
	return parse_refuse_word("setting", name, names, SETTING_COUNT, "paas config list", err);
}

static const struct command *const subcommands[] = {&config_get, &config_set, &config_unset, &config_list, &config_check,
                                                    &config_use, &config_trust, &config_alias, NULL};
static const char *const see_also[] = {"config.yml(5)", "platform.yml(5)", ".paas.yml(5)", NULL};

const struct command command_config = {
	.name = "config",
	.group = GROUP_CONFIGURE,
	.summary = "Read and change settings; choose the platform file",
	.description = "Settings are few: which platform file, which team and environment when none is given, how "
	               "output looks. They are kept in config.yml; a repository has its own in .paas.yml, which is "
	               "written by hand.",
	.subcommands = subcommands,
	.see_also = see_also,
};
