/* The subcommands of `paas secrets` and `paas vars`, once: they differ by a form and a few words. */
#ifndef PAAS_CMD_VALUES_COMMANDS_H
#define PAAS_CMD_VALUES_COMMANDS_H

#include "cmd/application_values.h"
#include "core/configuration/values.h"

/* Defines `subcommands`.  `text`: the command; `kind`: "Secret"; `example`: a name; `rest`: how pods
 * get it, the last paragraph of the manual of `set`. */
#define VALUES_COMMANDS(form, text, kind, example, rest) \
	static bool \
	run_list(struct session *session, struct error *err) \
	{ \
		return values_run_list(&form, session, err); \
	} \
 \
	static const struct command_example list_examples[] = { \
		{"paas " text " list", "of the application of this folder, in the first environment"}, \
		{"paas " text " list checkout --env pro --jq '.values[].name'", "the names alone"}, \
		{NULL, NULL}, \
	}; \
 \
	static const struct command list = { \
		.name = "list", \
		.group = GROUP_CONFIGURE, \
		.summary = "List names: since when, by whom, and whether pods have them", \
		.description = \
			"Values are never read: the names come from the book that the cluster keeps of who holds which field. SET and BY " \
			"are of the last change: the user where paas made it, else the program that did. PODS tells whether the pods that " \
			"run have what was set last, or need a restart, or do not mount the " kind " at all.", \
		.options = values_list_options, \
		.examples = list_examples, \
		.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT, \
		.answers_json = true, \
		.run = run_list, \
	}; \
 \
	static bool \
	run_set(struct session *session, struct error *err) \
	{ \
		return values_run_set(&form, session, err); \
	} \
 \
	static const struct command_example set_examples[] = { \
		{"paas " text " set " example " --env dev", "asks for the value, without showing it"}, \
		{"printf %s \"$VALUE\" | paas " text " set " example "", "from a pipe"}, \
		{"paas " text " set CERTIFICATE --from-file ca.pem", "the bytes of a file"}, \
		{"paas " text " set --from-env-file .env --restart", "several at once, then new pods"}, \
		{NULL, NULL}, \
	}; \
 \
	static const struct command set = { \
		.name = "set", \
		.group = GROUP_CONFIGURE, \
		.summary = "Set one name, or all of a file", \
		.description = \
			"The value comes from standard input, from a file, or from a question at the terminal that does not show it. It is " \
			"never taken from the command line, where every user of the machine could read it. Of what is piped in, one newline " \
			"at the end is cut off, as the shell does in $(...); --from-file keeps every byte, also from standard input " \
			"(--from-file -). An empty value is refused unless --allow-empty says that it is meant.\n\n" \
			"--from-env-file reads NAME=VALUE lines: blank lines and those that begin with \"#\" are passed over, \"export \" " \
			"before a name is allowed, a blank and \"#\" begin a comment. In 'single quotes' everything stands for itself, in " \
			"\"double quotes\" \\n, \\r, \\t, \\\", \\\\ and \\$ are what they look like; both may go over several lines. Nothing is " \
			"expanded: $ is a dollar. All names change together, or none.\n\n" \
			"The " kind " is created when there is none. Only the given names are written, and who writes others at the same time " \
			"loses nothing. A name that another manager has set (kubectl, a pipeline) is refused with whose it is, exit status " \
			"6; --force takes it over. A " kind " that a controller writes (External Secrets, Sealed Secrets, Helm, Argo CD, Flux " \
			"or any owner) is always refused, as the change would be undone; so is an immutable one. All values together have " \
			"at most 1 MiB.\n\n" \
			rest, \
		.options = values_set_options, \
		.examples = set_examples, \
		.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT, \
		.answers_json = true, \
		.run = run_set, \
	}; \
 \
	static bool \
	run_unset(struct session *session, struct error *err) \
	{ \
		return values_run_unset(&form, session, err); \
	} \
 \
	static const struct command_example unset_examples[] = { \
		{"paas " text " unset " example " --env dev", "take one away"}, \
		{NULL, NULL}, \
	}; \
 \
	static const struct command unset = { \
		.name = "unset", \
		.group = GROUP_CONFIGURE, \
		.summary = "Take names away", \
		.description = \
			"All of the names go, or none when one of them does not exist (exit status 5). Whose they are is asked as for " \
			"paas " text " set. To have one back, set it again: the value is gone.", \
		.options = form##_unset_options, \
		.examples = unset_examples, \
		.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT, \
		.answers_json = true, \
		.run = run_unset, \
	}; \
 \
	static const struct command *const subcommands[] = {&list, &set, &unset, NULL};

#endif
