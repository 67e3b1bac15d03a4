#include "data/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static char home[] = "/tmp/paas-settings-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	strcpy(home + sizeof(home) - 7, "XXXXXX");
	setenv("XDG_CONFIG_HOME", mkdtemp(home), 1);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		unsetenv(setting_table[i].variable);
	return 0;
}

static int
tear_down(void **state)
{
	char command[100];
	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", home);
	arena_release(&arena);
	return system(command);
}

static void
write_config(const char *text)
{
	char path[100];
	snprintf(path, sizeof(path), "%s/paas", home);
	assert_int_equal(system(arena_printf(&arena, "mkdir -p %s", path)), 0);
	strcat(path, "/config.yml");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The first choice, or the last. */
static const char *
choice_of(const char *choices, bool is_last)
{
	if (is_last)
		return strrchr(choices, ' ') + 1;
	return arena_printf(&arena, "%.*s", (int)strcspn(choices, " "), choices);
}

/* Two different good values of a type. */
static const char *
value_of(const struct setting_description *setting, bool is_second)
{
	static const char *const values[][2] = {
		[SETTING_TYPE_TEXT] = {"one", "two"},       [SETTING_TYPE_NAME] = {"one", "two"},
		[SETTING_TYPE_BOOL] = {"true", "false"},
		[SETTING_TYPE_DURATION] = {"10s", "20m"},
	};
	if (setting->type == SETTING_TYPE_CHOICE)
		return choice_of(setting->choices, is_second);
	return values[setting->type][is_second];
}

/* Every key, every pair of neighbouring levels that may set it: the higher one wins, whichever is
 * read first. */
static void
test_settings__the_higher_level_wins(void **state)
{
	unsigned n_pairs = 0;
	(void)state;
	for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
		int lower = -1;
		for (int level = SETTING_SYSTEM; level < SETTING_LEVELS; level++) {
			struct settings settings = {.arena = &arena};
			struct error err;
			if (!(setting_table[setting].levels & 1U << level))
				continue;
			for (int order = 0; lower >= 0 && order < 2; order++) {
				settings = (struct settings){.arena = &arena};
				for (int turn = 0; turn < 2; turn++) {
					bool high = turn == order;
					assert_true(settings_set(&settings, setting, high ? level : lower,
					                         value_of(&setting_table[setting], high), "x", &err));
				}
				assert_string_equal(settings_text(&settings, setting),
				                    value_of(&setting_table[setting], true));
				assert_int_equal(settings.values[setting].level, level);
				n_pairs++;
			}
			lower = level;
		}
	}
	assert_true(n_pairs >= 2 * 2 * SETTING_COUNT);
}

static void
test_settings__environment_beats_file_beats_built_in(void **state)
{
	struct problems problems = {.arena = &arena};
	struct settings settings;
	(void)state;
	write_config("team: payments\ncolor: never\n");
	settings_load(&settings, &problems);
	assert_int_equal(problems.count, 0);
	assert_string_equal(settings_text(&settings, SETTING_TEAM), "payments");
	assert_non_null(strstr(settings.values[SETTING_TEAM].origin, "/paas/config.yml:1:7"));
	assert_string_equal(settings_text(&settings, SETTING_COLOR), "never");
	setenv("PAAS_COLOR", "always", 1);
	settings_load(&settings, &problems);
	assert_string_equal(settings_text(&settings, SETTING_COLOR), "always");
	assert_string_equal(settings.values[SETTING_COLOR].origin, "$PAAS_COLOR");
	assert_false(settings_bool(&settings, SETTING_ACCESSIBLE));
	assert_int_equal(settings.values[SETTING_ACCESSIBLE].level, SETTING_BUILT_IN);
}

static void
test_settings__mistakes_name_place_and_remedy(void **state)
{
	struct problems problems = {.arena = &arena};
	struct settings settings;
	(void)state;
	write_config("colour: never\ncolor: blue\nname: x\ntimeout: [1]\naliases:\n  d: deploy --env dev\n");
	settings_load(&settings, &problems);
	assert_int_equal(problems.count, 4);
	assert_int_equal(problems.items[0].severity, PROBLEM_WARNING);
	assert_string_equal(problems.items[0].message, "unknown key \"colour\"");
	assert_string_equal(problems.items[0].fix, "did you mean \"color\"?");
	assert_string_equal(problems.items[1].message, "\"color\" is \"blue\", but may be: auto always never");
	assert_int_equal(problems.items[1].line, 2);
	assert_int_equal(problems.items[1].column, 8);
	assert_string_equal(problems.items[2].message, "\"name\" belongs into the repository's .paas.yml");
	assert_string_equal(problems.items[3].message, "\"timeout\" must be one value");
	assert_int_equal(settings.n_aliases, 1);
	assert_string_equal(settings.aliases[0].words, "deploy --env dev");
}

static void
test_settings__a_repository_is_not_trusted(void **state)
{
	struct settings settings = {.arena = &arena};
	struct error err;
	(void)state;
	assert_false(settings_set(&settings, SETTING_PLATFORM, SETTING_REPOSITORY, "/tmp/evil.yml", "x", &err));
	assert_non_null(strstr(err.why, "may not be set by a repository"));
	assert_null(settings_text(&settings, SETTING_PLATFORM));
}

static void
test_settings__durations_are_read(void **state)
{
	struct settings settings = {.arena = &arena};
	struct error err;
	(void)state;
	assert_int_equal(settings_duration_ms(&settings, SETTING_TIMEOUT), -1);
	assert_true(settings_set(&settings, SETTING_TIMEOUT, SETTING_FLAG, "15m", "--timeout", &err));
	assert_int_equal(settings_duration_ms(&settings, SETTING_TIMEOUT), 900000);
	assert_false(settings_set(&settings, SETTING_TIMEOUT, SETTING_FLAG, "soon", "--timeout", &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_settings__the_higher_level_wins, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_settings__environment_beats_file_beats_built_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_settings__mistakes_name_place_and_remedy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_settings__a_repository_is_not_trusted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_settings__durations_are_read, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
