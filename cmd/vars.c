/* `paas vars`: the application's ConfigMap: names go out, values only in. */
#include "cmd/values_commands.h"

VALUES_COMMANDS(values_variable, "vars", "ConfigMap", "LOG_LEVEL",
                "Pods have the ConfigMap as environment variables, which are of the time a container started, and as "
                "files in /var/run/config/fiaas/, which follow a change within about two minutes: paas restart, or "
                "--restart, brings the variables up to date. A value that is no UTF-8 text is a file only. What the "
                "running pods really mount is looked at and said.")

static const char *const see_also[] = {"paas-secrets(1)", "paas-restart(1)", "fiaas.yml(5)", NULL};

const struct command command_vars = {
	.name = "vars",
	.group = GROUP_CONFIGURE,
	.summary = "Set the application's variables that are no secrets",
	.description =
		"The ConfigMap that is called as the application. FIAAS mounts it at /var/run/config/fiaas/, one file "
		"a name, and makes each name an environment variable. Values go in and are not shown; what is secret "
		"belongs into paas secrets.",
	.subcommands = subcommands,
	.see_also = see_also,
};
