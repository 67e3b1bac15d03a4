/* `paas sandbox approve`: be the person in front of the sign-on server's page. */
#include "cmd/sandbox.h"
#include "ui/output.h"

static const char *code, *person;
static bool do_deny;

static const struct option_spec options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_ARG, .name = "CODE", .text = &code, .help = "which, as the device shows it; without it the last one that began to wait"},
	{.kind = OPTION_FLAG, .name = "deny", .flag = &do_deny, .help = "say no"},
	{.kind = OPTION_TEXT, .name = "as", .value = "PERSON", .text = &person, .fallback = "ada",
	 .help = "who you are: ada (of team payments), grace (of platform too) or nobody (of no team)"},
	{.kind = OPTION_END},
};

static bool
run(struct session *session, struct error *err)
{
	json_t *body = json_pack("{s:b}", "deny", do_deny), *answer;
	if (code != NULL)
		json_object_set_new(body, "user_code", json_string(code));
	if (person != NULL)
		json_object_set_new(body, "person", json_string(person));
	if (!sandbox_ask(session, "POST", "approve", body, &answer, err)) {
		error_put_next(err, "paas sandbox status --json");
		return error_doing(err, "%s a sign-on", do_deny ? "denying" : "approving");
	}
	if (output_is_json(session->out))
		return output_json(session->out, answer, err);
	output_note(session->out, "%s %s as %s\n", do_deny ? "denied" : "approved",
	            json_string_value(json_object_get(answer, "user_code")),
	            json_string_value(json_object_get(answer, "person")));
	json_decref(answer);
	return true;
}

static const struct command_example examples[] = {
	{"paas sandbox approve", "approve the sign-on that waits"},
	{"paas sandbox approve --deny", "deny it"},
	{NULL, NULL},
};

const struct command command_sandbox_approve = {
	.name = "approve",
	.summary = "Approve or deny a sign-on that waits",
	.description =
		"With paas sandbox start --sign-on ask, a sign-on waits until a person decides: at the page that the "
		"sign-on server names, or with this command. Without it each sign-on is approved by itself, as ada, once it was asked "
		"for a second time.",
	.options = options,
	.needs = NEEDS_LOOP,
	.examples = examples,
	.answers_json = true,
	.run = run,
};
