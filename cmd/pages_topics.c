/* The topics of `paas help`: exit-codes, environment, formatting, following, direct, accessibility. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/command.h"
#include "cmd/globals.h"
#include "cmd/help_text.h"
#include "cmd/pages.h"
#include "data/settings.h"
#include "ui/text.h"

const struct page_row page_exit_statuses[] = {
	{"0", "done"},
	{"1", "the operation failed: deploy unhealthy, rolled back, cancelled"},
	{"2", "usage: the command line was not understood"},
	{"3", "\"no\": a problem or difference was found where that was the question"},
	{"4", "not logged in, or not allowed"},
	{"5", "not found"},
	{"6", "conflict, locked, superseded, or waiting for a person"},
	{"7", "a system is unreachable or answered nonsense"},
	{"8", "the wait ended before the outcome"},
	{"9", "an unusable file: platform, settings, or a spec that cannot be deployed"},
	{"125", "of paas exec: it failed before the command in the pod ran; every other status is that command's"},
	{"130", "interrupted"},
	{"143", "terminated"},
	{NULL, NULL},
};

/* Those that no option and no setting declares. */
static const struct page_row variables[] = {
	{"NO_COLOR, PAAS_NO_COLOR", "not empty: no colour; bold, links and progress stay (--plain takes all away)"},
	{"FORCE_COLOR", "0: no colour; anything else: colour also into a pipe"},
	{"CLICOLOR_FORCE, CLICOLOR", "not 0: colour also into a pipe; CLICOLOR=0: no colour"},
	{"TERM", "dumb or unset: no colour, nothing redrawn"},
	{"COLUMNS", "width of a terminal that does not tell it"},
	{"PAAS_FORCE_TTY", "treat standard output and error as a terminal of that many columns"},
	{"FORCE_HYPERLINK", "1: print links (OSC 8) although the terminal is not known to take them"},
	{"PAAS_TOKEN, PAAS_TOKEN_FILE", "the sign-on's token, or a file that holds it: counts before the token store"},
	{"PAAS_TOKEN_SYSTEM", "the credential of one system, by its role or name: PAAS_TOKEN_SCM, PAAS_TOKEN_GITHUB"},
	{"PAAS_WORKLOAD_TOKEN_FILE", "a pod's own identity token, exchanged where sso.workload_audience is set (default /var/run/secrets/tokens/paas)"},
	{"CI", "not empty and not false: no prompts, plain progress lines, a heartbeat every 30 s"},
	{"GITHUB_ACTIONS", "true: groups and annotations"},
	{"GITHUB_OUTPUT, GITHUB_STEP_SUMMARY", "files that paas deploy adds its outcome to"},
	{"LC_ALL, LC_CTYPE, LANG", "whether signs beyond ASCII may be printed; numbers and JSON never change"},
	{"XDG_CONFIG_HOME", "settings, in paas/config.yml below it (default ~/.config)"},
	{"XDG_STATE_HOME, XDG_DATA_HOME, XDG_CACHE_HOME", "state, tokens and cache, each in paas/ below it"},
	{"KUBECONFIG", "files that name clusters and credentials, separated by colons"},
	{"HTTP_PROXY, HTTPS_PROXY, NO_PROXY", "proxies, also in lower case"},
	{"PAAS_CLOCK_RATE", "for rehearsals: let every wait pass that many times as fast (1 to 1000)"},
	{NULL, NULL},
};

enum { NAME_COLUMN = 28, ROW_MAX_BYTES = 1000 };

static void
add_row(struct buf *buf, const char *name, const char *text, size_t column, size_t columns)
{
	size_t width = strlen(name) + 2;
	if (columns == HELP_LISTED) {
		buf_printf(buf, "%s: %s\n", name, text);
		return;
	}
	buf_printf(buf, "  %s", name);
	if (width + 2 > column)
		buf_add_char(buf, '\n');
	buf_add_repeated(buf, ' ', width + 2 > column ? column : column - width);
	text_add_wrapped(buf, text, columns, column);
	buf_add_char(buf, '\n');
}

/* ---- exit-codes ---- */

/* "error codes: a, b" */
static void
add_codes(struct buf *text, int status)
{
	const char *before = "error codes: ";
	for (unsigned code = 1; code < ERROR_COUNT; code++) {
		const struct error_kind *kind = error_kind((enum error_code)code);
		if (kind->exit_status != status)
			continue;
		buf_printf(text, "%s%s", before, kind->name);
		before = ", ";
	}
}

static void
write_exit_codes(struct buf *buf, size_t columns)
{
	for (const struct page_row *row = page_exit_statuses; row->name != NULL; row++) {
		scoped(buf_release) struct buf codes = BUF_INIT(ROW_MAX_BYTES);
		add_row(buf, row->name, row->text, 8, columns);
		add_codes(&codes, (int)strtol(row->name, NULL, 10));
		if (codes.length > 0) {
			buf_add_repeated(buf, ' ', columns == HELP_LISTED ? 0 : 8);
			text_add_wrapped(buf, codes.bytes, columns, 8);
			buf_add_char(buf, '\n');
		}
	}
	buf_add_char(buf, '\n');
	text_add_wrapped(buf,
	                 "Several at once: the first of 130, 4, 7, 8, 1, 3. With --json the status is the same. A closed "
	                 "pipe (paas ... | head) is not an error. `paas help CODE` explains an error code.\n",
	                 columns, 0);
}

/* ---- environment ---- */

static void
write_option_variables(struct buf *buf, const struct option_spec *options, const char *command,
                       page_row_writer *write, size_t columns)
{
	for (const struct option_spec *option = options; option != NULL && option->kind != OPTION_END; option++) {
		scoped(buf_release) struct buf text = BUF_INIT(ROW_MAX_BYTES);
		if (option->environment == NULL)
			continue;
		buf_printf(&text, "as --%s%s%s: %s", option->name, command[0] != '\0' ? " of paas " : "", command,
		           option->help);
		write(buf, option->environment, text.bytes, columns);
	}
}

static bool
is_of_a_global_option(const char *variable)
{
	for (const struct option_spec *option = global_options; option->kind != OPTION_END; option++)
		if (option->environment != NULL && strcmp(option->environment, variable) == 0)
			return true;
	return false;
}

static void
write_setting_variables(struct buf *buf, page_row_writer *write, size_t columns)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_description *setting = &setting_table[i];
		scoped(buf_release) struct buf text = BUF_INIT(ROW_MAX_BYTES);
		if (is_of_a_global_option(setting->variable))
			continue;
		buf_printf(&text, "as the setting %s: %s", setting->name, setting->sentence);
		for (const char *at = setting->choices; at != NULL; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
			buf_printf(&text, "%s%.*s", at == setting->choices ? "; one of " : ", ", (int)strcspn(at, " "), at);
		write(buf, setting->variable, text.bytes, columns);
	}
}

void
page_write_variables(struct buf *buf, page_row_writer *write, size_t columns)
{
	write_option_variables(buf, global_options, "", write, columns);
	for (size_t i = 0; i < n_commands; i++)
		if (!commands[i]->is_hidden)
			write_option_variables(buf, commands[i]->options, commands[i]->name, write, columns);
	write_setting_variables(buf, write, columns);
	for (const struct page_row *row = variables; row->name != NULL; row++)
		write(buf, row->name, row->text, columns);
}

static void
add_variable(struct buf *buf, const char *name, const char *text, size_t columns)
{
	add_row(buf, name, text, NAME_COLUMN, columns);
}

static void
write_environment(struct buf *buf, size_t columns)
{
	text_add_wrapped(buf, "A flag wins over its variable, a variable over every file. An empty variable counts as "
	                      "unset.\n\n",
	                 columns, 0);
	page_write_variables(buf, add_variable, columns);
	buf_add_char(buf, '\n');
	text_add_wrapped(buf,
	                 "Colour, first that speaks: --color, NO_COLOR, PAAS_NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, "
	                 "CLICOLOR=0, TERM=dumb, whether the stream is a terminal.\n",
	                 columns, 0);
}

/* ---- text ---- */

static const char formatting[] =
	"Text is for people and may change with any release. JSON, exit codes and flags are the interface.\n\n"
	"--json prints one JSON object with schema_version. Commands that follow something print one object a line "
	"(JSON Lines), each with type and time; the last has type \"result\". Names are snake_case, times RFC 3339 in "
	"UTC, durations seconds, sizes bytes, money integer millionths with a currency. New fields may appear; none is "
	"renamed or changes its type within a major version. On failure there is an object \"error\" with code, what, "
	"why, next, source and retryable.\n\n"
	"--json=FIELD,... prints the named fields only; an unknown one lists those there are. Of a stream, it prints the "
	"result only.\n\n"
	"--jq EXPR prints what a jq expression makes of it, strings without quotes, one result a line:\n\n"
	"  paas version --jq .version\n\n"
	"The expression runs in a process of its own with limits on time (5 s a value) and memory (1 GiB), without files "
	"and environment. Numbers beyond 2^53 are rounded there.\n\n"
	"Tables fit the width of a terminal: less important columns go first, long cells end in an ellipsis. Into a pipe "
	"they are one row a line, cells separated by tabs, whole, without a header.\n\n"
	"Whatever came from a server, a log or a file is shown harmless on a terminal: escape sequences, direction marks "
	"and invalid bytes appear as \\x1b, \\u202e, \\xff. JSON carries the text as it was.\n";

static const char direct[] =
	"With --direct, for a cluster without the operator, the objects of paas render are applied one by one "
	"(server-side apply, field manager paas-direct): ServiceAccount and RoleBindings, Service, Deployment, then "
	"Ingress, HorizontalPodAutoscaler and PodDisruptionBudget. Before the first write all of it is rehearsed on the "
	"server, so a refusal changes nothing. Every object carries the label paas/direct with the application's name; the "
	"Deployment also the annotations paas/release (a digest of all that was rendered), paas/digest, paas/commit, "
	"paas/deployed-by, paas/deployed-at and paas/claim (who began to write last: of two deploys at once the second has "
	"changed nothing; before there is a Deployment the ConfigMap paas-direct-NAME holds it, and goes when there is). When the release is healthy, objects with that label that paas wrote and that are rendered no "
	"more are deleted; never after a failure, and not with --detach.\n"
	"\n"
	"With --direct these are refused (exit status 6): a namespace that the operator serves; an object of the same name "
	"without that label (--force takes it over when no tool and no other object owns it); fields that others hold "
	"(--force takes them). A release that was written halfway is completed under its own deployment id. Another deploy "
	"counts as under way until its pods are ready, for at most as long as the operator would wait (2m or more). In JSON "
	"the line of type \"release\" lists objects, with change created, changed, unchanged or pruned.\n";

static const char accessibility[] =
	"Accessible mode is for screen readers and Braille displays. Three ways turn it on, the first that speaks wins:\n\n"
	"  --accessible                      for one command\n"
	"  PAAS_ACCESSIBLE=1                 for a shell; 0 turns it off\n"
	"  paas config set accessible true   for good\n\n"
	"What changes for every command\n\n"
	"Nothing is redrawn and the cursor never moves over what was read. Progress is a line a change, what happens "
	"first and the time after it; every 30 s without a change a line begins with \"still\".\n\n"
	"A table is a list: \"NAME: value\", a fact a line, an empty line between items, nothing cut and no column left out.\n\n"
	"A sign is a word, and nothing is lined up with blanks: \"2 of 2\" for 2/2, \"note:\" for a line between dashes.\n\n"
	"No pager starts by itself: neither $PAGER nor less. Who wants one sets PAAS_PAGER or the setting pager.\n\n"
	"A question says what can be typed and what Enter means; a choice is a numbered list and a typed number.\n\n"
	"Help is a line a flag, a command, an example.\n\n"
	"And for some\n\n"
	"deploy, restart: start, each change of phase, each problem and the outcome are sentences.\n\n"
	"status --watch: says what is watched, then each fact that changes, at the end that it is over.\n\n"
	"diff: \"added:\", \"removed:\", \"changed: X: from A to B\", line by line for long texts.\n\n"
	"logs: \"pod: line\", and \"late:\" before a line that comes out of order.\n\n"
	"findings of status and deploy: \"evidence:\" and \"next:\" before each, \"line:\" before lines of a log.\n\n"
	"secrets, vars, doctor, config list, sandbox status, init: a fact a line.\n\n"
	"JSON, exit statuses and what goes into files are the same as ever.\n\n"
	"Without the mode: --plain takes colour, bold, links and redrawing away and keeps the tables; NO_COLOR=1 takes "
	"the colours only. Colours are the sixteen of the terminal's own palette, and never the only carrier of a meaning: "
	"a word stands beside each. Links are printed with their text; --json has every URL. The setting notify lets a "
	"bell, a title or a notice of the desktop tell the end of a long wait.\n";

static const struct topic {
	const char *name, *title, *text;
	void (*write)(struct buf *buf, size_t columns);
} topics[] = {
	{"exit-codes", "What the exit status says", NULL, write_exit_codes},
	{"environment", "Variables that change what paas does", NULL, write_environment},
	{"formatting", "Text, JSON, and what a script may rely on", formatting, NULL},
	{"following", "How a deployment is followed and judged", NULL, page_write_following},
	{"direct", "Deploying without the operator", direct, NULL},
	{"accessibility", "For screen readers, few colours and quiet screens", accessibility, NULL},
};

static const char *
name_at(size_t i)
{
	return i < array_length(topics) ? topics[i].name : NULL;
}

static bool
write_topic(const char *name, size_t columns, struct buf *buf)
{
	for (const struct topic *topic = topics; topic < topics + array_length(topics); topic++) {
		if (strcmp(topic->name, name) != 0)
			continue;
		buf_printf(buf, "%s\n\n", topic->title);
		if (topic->text != NULL)
			text_add_wrapped(buf, topic->text, columns, 0);
		else
			topic->write(buf, columns);
		return true;
	}
	return false;
}

const struct page_source page_source_topics = {"topic", write_topic, name_at};
