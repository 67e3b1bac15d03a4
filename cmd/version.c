/* `paas version`: which build this is. */
#include <jansson.h>

#include "base/library.h"
#include "cmd/command.h"
#include "cmd/version.h"
#include "core/doctor/doctor.h"
#include "ui/output.h"

/* The build says which commit this is. */
#ifndef PAAS_COMMIT
#define PAAS_COMMIT "unknown"
#define PAAS_COMMIT_DATE "unknown"
#endif

const char version_text[] = PAAS_VERSION;

/* jq exists as a shared library only: curl tells whether the libraries are inside. */
static bool
is_single_file(void)
{
	return library_is_built_in(LIBRARY_CURL);
}

static json_t *
libraries_to_json(void)
{
	json_t *list = json_array();
	for (enum library i = 0; i < LIBRARY_COUNT; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b}", "file", library_info[i].file, "package",
		                                      library_info[i].package, "purpose", library_info[i].purpose,
		                                      "is_built_in", (int)library_is_built_in(i)));
	return list;
}

static json_t *
protocols_to_json(void)
{
	return json_pack("{s:[i, i], s:[i], s:{s:i, s:i}}", "fiaas", 2, 3, "platform", 1, "kubernetes", "major", 1,
	                 "minor_min", KUBERNETES_MINOR_MIN);
}

static bool
run(struct session *session, struct error *err)
{
	if (!output_is_json(session->out)) {
		output_print(session->out, "paas %s (%s, %s)\n", version_text, PAAS_COMMIT, PAAS_COMMIT_DATE);
		return true;
	}
	return output_json(session->out,
	                   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "version", version_text, "commit",
	                             PAAS_COMMIT, "commit_date", PAAS_COMMIT_DATE, "flavour",
	                             is_single_file() ? "single-file" : "dynamic", "compiler", __VERSION__,
	                             "fiaas_format", "v2, v3", "protocols", protocols_to_json(), "libraries",
	                             libraries_to_json()),
	                   err);
}

static const struct command_example examples[] = {
	{"paas version", "which build this is"},
	{"paas version --json=version", "the same for a script"},
	{"paas version --json --jq '.libraries[] | select(.is_built_in | not) | .package'",
	 "the Debian packages that commands load libraries from"},
	{NULL, NULL},
};

const struct command command_version = {
	.name = "version",
	.group = GROUP_FIX,
	.summary = "Show which build this is",
	.description =
		"Prints the version of this binary, its commit and the date of that. No file is read and no connection "
		"made. --json adds how it was built (flavour dynamic or single-file), the formats of fiaas.yml and "
		"platform.yml and the versions of Kubernetes that it knows, and the libraries that commands load when "
		"they first need them.\n\n"
		"The single-file release has its libraries inside and needs libc alone, with one exception: --jq loads "
		"libjq.so.1 there too (Debian: libjq1), and says so where it is missing.",
	.examples = examples,
	.answers_json = true,
	.run = run,
};
