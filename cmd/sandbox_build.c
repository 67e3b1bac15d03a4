/* `paas sandbox build`: be the engineer who pushes, and the CI. */
#include "cmd/sandbox.h"
#include "ui/output.h"

enum { WAIT_MS = 2000, RUN_MS = 10000 };

static const char *commit, *branch, *repository;
static bool does_fail;
static int64_t wait_ms = WAIT_MS, run_ms = RUN_MS;

static const struct option_spec options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_ARG, .name = "COMMIT", .text = &commit, .is_required = true,
	 .help = "which, in 40 hexadecimal digits; one that the sandbox does not know is pushed to the branch"},
	{.kind = OPTION_FLAG, .name = "fail", .flag = &does_fail, .help = "let its tests fail; else it makes the image"},
	{.kind = OPTION_TEXT, .name = "branch", .value = "NAME", .text = &branch, .help = "of the commit; main unless given"},
	{.kind = OPTION_TEXT, .name = "repository", .value = "OWNER/NAME", .text = &repository,
	 .fallback = "payments/checkout", .help = "where"},
	{.kind = OPTION_DURATION, .name = "after", .value = "D", .duration_ms = &wait_ms, .fallback = "2s",
	 .help = "how long it waits for a runner"},
	{.kind = OPTION_DURATION, .name = "takes", .value = "D", .duration_ms = &run_ms, .fallback = "10s",
	 .help = "how long it runs then"},
	{.kind = OPTION_END},
};

static bool
run(struct session *session, struct error *err)
{
	json_t *body = json_pack("{s:s, s:b, s:I, s:I}", "commit", commit, "fails", does_fail, "wait_ms", (json_int_t)wait_ms,
	                         "run_ms", (json_int_t)run_ms),
	       *build;
	if (branch != NULL)
		json_object_set_new(body, "branch", json_string(branch));
	if (repository != NULL)
		json_object_set_new(body, "repository", json_string(repository));
	if (!sandbox_ask(session, "POST", "build", body, &build, err)) {
		error_put_next(err, "paas sandbox status");
		return error_doing(err, "building %s", commit);
	}
	if (output_is_json(session->out))
		return output_json(session->out, build, err);
	output_note(session->out, "build %lld of %s waits\n",
	            (long long)json_integer_value(json_object_get(build, "number")),
	            json_string_value(json_object_get(build, "repository")));
	json_decref(build);
	return true;
}

static const struct command_example examples[] = {
	{"paas sandbox build a2761926192884afb988d70e79bc075965799696", "build the newest commit once more"},
	{"paas sandbox build 1111111111111111111111111111111111111111 --fail --branch try-it", "push to a branch; its tests fail"},
	{NULL, NULL},
};

const struct command command_sandbox_build = {
	.name = "build",
	.summary = "Push a commit and let the CI build it",
	.description =
		"The build waits, runs and ends by the sandbox's clock; GitHub Actions and Travis CI both show it. When it ends "
		"well, the image REPOSITORY:COMMIT is in the registry. A commit that is pushed this way has a name only: git, which "
		"the sandbox's GitHub serves as well, does not know it.",
	.options = options,
	.needs = NEEDS_LOOP,
	.examples = examples,
	.answers_json = true,
	.run = run,
};
