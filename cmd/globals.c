#include "cmd/globals.h"

#include <string.h>

#include "data/settings.h"
#include "ui/terminal.h"

struct globals globals;

static const char *const colors[] = {"auto", "always", "never", NULL};

const struct option_spec global_options[] = {
	{.kind = OPTION_FLAG, .letter = 'h', .name = "help", .flag = &globals.help,
	 .help = "show help and do nothing else"},
	{.kind = OPTION_FLAG, .letter = 'V', .name = "version", .flag = &globals.version,
	 .help = "show the version"},
	{.kind = OPTION_COUNT, .letter = 'v', .name = "verbose", .number = &globals.verbose,
	 .help = "show each request on standard error; -vv bodies too, without secrets"},
	{.kind = OPTION_FLAG, .letter = 'q', .name = "quiet", .flag = &globals.quiet,
	 .help = "print the result and errors only"},
	{.kind = OPTION_MAYBE, .name = "json", .value = "FIELD,...", .text = &globals.json,
	 .help = "print JSON, all of it or the named fields"},
	{.kind = OPTION_TEXT, .name = "jq", .value = "EXPR", .text = &globals.jq,
	 .help = "print what a jq expression makes of the JSON"},
	{.kind = OPTION_CHOICE, .name = "color", .value = "WHEN", .choices = colors, .text = &globals.color,
	 .help = "colour of the output", .fallback = "auto"},
	{.kind = OPTION_FLAG, .name = "plain", .flag = &globals.plain,
	 .help = "no colour, no bold, no links, nothing redrawn"},
	{.kind = OPTION_FLAG, .name = "accessible", .flag = &globals.accessible,
	 .help = "for screen readers: nothing redrawn, one fact a line", .environment = "PAAS_ACCESSIBLE"},
	{.kind = OPTION_FLAG, .name = "no-input", .flag = &globals.no_input,
	 .help = "never ask", .environment = "PAAS_NO_INPUT"},
	{.kind = OPTION_FLAG, .letter = 'y', .name = "yes", .flag = &globals.yes,
	 .help = "answer confirmations with yes"},
	{.kind = OPTION_TEXT, .name = "platform", .value = "FILE", .text = &globals.platform,
	 .help = "platform file to use", .environment = "PAAS_PLATFORM", .complete = "file"},
	{.kind = OPTION_END},
};

static enum color_choice
color_choice(const char *word)
{
	if (word == NULL || strcmp(word, "auto") == 0)
		return COLOR_AUTO;
	return strcmp(word, "always") == 0 ? COLOR_ALWAYS : COLOR_NEVER;
}

bool
globals_are_accessible(void)
{
	return globals.accessible || terminal_variable_is_true("PAAS_ACCESSIBLE");
}

struct output_settings
globals_output_settings(const struct command *command, const struct settings *settings)
{
	const char *color = settings != NULL ? settings_text(settings, SETTING_COLOR) : globals.color;
	return (struct output_settings){
		.is_json = globals.json != NULL || globals.jq != NULL,
		.fields = globals.json,
		.filter = globals.jq,
		.is_stream = command != NULL && command->streams,
		.is_quiet = globals.quiet,
		.is_plain = globals.plain,
		.is_accessible = settings != NULL ? settings_bool(settings, SETTING_ACCESSIBLE) : globals_are_accessible(),
		.color = color_choice(color),
	};
}
