/* `paas secrets`: the application's Secret: names go out, values only in. */
#include "cmd/values_commands.h"

VALUES_COMMANDS(values_secret, "secrets", "Secret", "DATABASE_PASSWORD",
                "Pods have the Secret as files in /var/run/secrets/fiaas/, which follow a change within about two "
                "minutes. With secrets_in_environment: true in fiaas.yml they have it as environment variables too, "
                "and these are of the time a container started: paas restart, or --restart, brings them up to date. "
                "What the running pods really mount is looked at and said.")

static const char *const see_also[] = {"paas-vars(1)", "paas-restart(1)", "fiaas.yml(5)", NULL};

const struct command command_secrets = {
	.name = "secrets",
	.group = GROUP_CONFIGURE,
	.summary = "Set what the application has to keep secret",
	.description =
		"The Secret that is called as the application and that FIAAS mounts at /var/run/secrets/fiaas/, one "
		"file a name. Values go in and never come out: what is shown is names, ages and who set them.",
	.subcommands = subcommands,
	.see_also = see_also,
};
