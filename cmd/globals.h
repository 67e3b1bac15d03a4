/* The flags that every command takes, before or after its name. */
#ifndef PAAS_CMD_GLOBALS_H
#define PAAS_CMD_GLOBALS_H

#include "cmd/command.h"
#include "ui/output.h"

struct globals {
	bool help, version, quiet, no_input, yes, plain, accessible;
	uint64_t verbose;
	const char *json;  /* NULL: not given; "": whole */
	const char *jq;
	const char *color;
	const char *platform;
};

extern struct globals globals;
extern const struct option_spec global_options[];

/* --accessible or its variable, for who has no settings. */
bool globals_are_accessible(void);

/* The output as flags, settings (NULL: none were read) and the command want it. */
struct output_settings globals_output_settings(const struct command *command,
                                               const struct settings *settings);

#endif
