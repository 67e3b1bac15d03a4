/* A command is a described object.  From the one table (cmd/table.h) come parsing, help, "did you
 * mean", man pages, completions and the tests that run every example.
 *
 *	static const char *environment;
 *	static const struct option_spec options[] = {
 *		{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "NAME", .text = &environment,
 *		 .help = "only this environment", .complete = "environment"},
 *		{.kind = OPTION_ARG, .name = "APP", .text = &app, .help = "application to look at"},
 *		{.kind = OPTION_END},
 *	};
 *	const struct command command_status = {.name = "status", .group = GROUP_LOOK, …, .run = run};
 */
#ifndef PAAS_CMD_COMMAND_H
#define PAAS_CMD_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct loop;
struct http;
struct output;
struct platform;
struct project;
struct settings;

enum option_kind {
	OPTION_END,
	OPTION_FLAG,     /* .flag; --no-NAME too */
	OPTION_TEXT,     /* .text */
	OPTION_LIST,     /* .list: may be repeated */
	OPTION_NUMBER,   /* .number, within min..max (max 0: no upper limit) */
	OPTION_COUNT,    /* .number: how often it was given */
	OPTION_DURATION, /* .duration_ms */
	OPTION_CHOICE,   /* .text, one of .choices */
	OPTION_MAYBE,    /* .text: "--json" gives "", "--json=a" gives "a" */
	OPTION_ARG,      /* positional: .text */
	OPTION_ARGS,     /* the remaining positionals: .list */
	OPTION_DATA,     /* the words after "--", flags or not: .list; these are then no positionals */
};

struct text_list {
	const char **items;
	size_t count;
};

struct option_spec {
	enum option_kind kind;
	char letter;             /* 0: none */
	const char *name;        /* "env", or the positional's name in capitals */
	const char *value;       /* "NAME" in help */
	const char *help;        /* lower case, no full stop */
	const char *environment; /* variable that gives the default, shown in help */
	const char *fallback;    /* what holds when it is not given, shown in help; not parsed */
	const char *const *choices; /* NULL-terminated */
	const char *complete;    /* what its value is: "environment", "application", "file", … */
	uint64_t min, max;
	bool is_required;        /* positionals */
	bool is_hidden;
	/* Where it goes: exactly one. */
	bool *flag;
	const char **text;
	struct text_list *list;
	uint64_t *number;
	int64_t *duration_ms;
};

enum command_group { GROUP_START, GROUP_SHIP, GROUP_LOOK, GROUP_GLUE, GROUP_CONFIGURE, GROUP_FIX };

enum command_needs {
	NEEDS_NOTHING = 0,
	NEEDS_LOOP = 1 << 0,     /* runs in a fiber; session->loop and ->http are there */
	NEEDS_PLATFORM = 1 << 1, /* session->platform is loaded */
	NEEDS_PROJECT = 1 << 2,  /* session->project: .paas.yml and what the repository tells */
	NEEDS_SETTINGS = 1 << 3, /* session->settings; the two above imply it */
};

struct command_example {
	const char *line;    /* "paas deploy --env pro" */
	const char *comment; /* "deploy what is checked out to pro" */
};

/* What main prepared for the command. */
struct session {
	struct arena *arena;
	struct output *out;        /* ui/output.h */
	struct loop *loop;
	struct http *http;
	struct settings *settings;       /* data/settings.h, global flags included; the command adds its own */
	const struct platform *platform; /* data/platform.h */
	struct project *project;         /* data/project.h */
	const char *platform_file; /* --platform or $PAAS_PLATFORM; NULL: neither */
	int exit_status;           /* what to exit with when run returns true; 0 unless set */
	bool in_ci, can_prompt;
	bool is_bare;              /* `paas` alone: a short answer, and the one next command */
	bool assume_yes;           /* --yes: confirmations are answered, values are not chosen */
};

struct command {
	const char *name;
	enum command_group group;
	const char *summary;     /* "Show where each environment stands": one line, no full stop */
	const char *description; /* paragraphs of the man page, blank line between them */
	const struct option_spec *options;
	const struct command *const *subcommands; /* NULL-terminated; then .run may be NULL */
	const struct command_example *examples;   /* NULL line ends */
	const char *const *see_also;              /* NULL-terminated: "paas-render(1)", "fiaas.yml(5)" */
	const char *const *topics;                /* NULL-terminated: help topics that its man page holds */
	unsigned needs;
	bool is_hidden;
	bool answers_json;       /* takes --json and --jq */
	bool streams;            /* JSON comes as lines, the last of type "result"; flushed one by one */
	int own_failure;         /* exit status of whatever fails before another program's status counts; 0: as the error says */
	bool stops_unread;       /* a reader that goes away (`| head`) ends it: nothing else is at stake */
	bool (*run)(struct session *session, struct error *err);
};

extern const struct command *const commands[];
extern const size_t n_commands;

#endif
