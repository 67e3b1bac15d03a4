/* `paas version`: which build this is. */
#include <jansson.h>

#include "cmd/command.h"
#include "cmd/version.h"
#include "ui/output.h"

const char version_text[] = PAAS_VERSION;

static bool
run(struct session *session, struct error *err)
{
	if (!output_is_json(session->out)) {
		output_print(session->out, "paas %s\n", version_text);
		return true;
	}
	return output_json(session->out,
	                   json_pack("{s:s, s:s, s:s}", "version", version_text, "compiler", __VERSION__,
	                             "fiaas_format", "v2, v3"),
	                   err);
}

static const struct command_example examples[] = {
	{"paas version", "which build this is"},
	{"paas version --json=version", "the same for a script"},
	{NULL, NULL},
};

const struct command command_version = {
	.name = "version",
	.group = GROUP_FIX,
	.summary = "Show which build this is",
	.description = "Prints the version of this binary. No file is read and no connection made.",
	.examples = examples,
	.answers_json = true,
	.run = run,
};
