/* `paas token git`, git-credential-paas: a credential helper of git. */
#include <string.h>

#include "auth/credential.h"
#include "auth/git_credential.h"
#include "base/file.h"
#include "cmd/token.h"
#include "cmd/token_helper.h"
#include "net/http.h"
#include "ui/output.h"

static const char *verb;

/* GitHub takes any name beside a token, and names this one in its documentation. */
static const char *
username_for(const struct git_question *question, const struct credential *credential)
{
	if (credential->kind == TOKEN_KIND_BASIC && credential->account != NULL)
		return credential->account;
	return question->username != NULL ? question->username : "x-access-token";
}

static bool
get(const struct git_question *question, const struct credential *credential, struct error *err)
{
	const char *username = username_for(question, credential);
	scoped(secret_release) struct secret *answer = NULL;
	bool is_other = question->username != NULL && strcmp(question->username, username) != 0;
	if (credential->token == NULL || is_other)
		return true;
	return git_answer_compose(username, credential->token, credential->expires_at_ms, &answer, err) &&
	       token_helper_write(answer, err);
}

/* Only what we gave: another helper's password is no reason to forget ours. */
static bool
erase(struct session *session, const struct system *system, const struct git_question *question,
      const struct credential *credential, struct error *err)
{
	struct token_store *store;
	bool was_there;
	if (credential->token == NULL || question->password == NULL || !secret_equals(question->password, credential->token))
		return true;
	if (credential->source != CREDENTIAL_STORE) {
		output_warn(session->out, "%s does not take the token of $%s", system->label,
		            credential->detail != NULL ? credential->detail : "?");
		return true;
	}
	return credential_store(&store, err) &&
	       token_store_remove(store, system->credential.provider, credential->origin, &was_there, err);
}

static bool
answer(struct session *session, const struct git_question *question, struct error *err)
{
	scoped(credential_release) struct credential credential = {0};
	struct system *systems = arena_array(session->arena, struct system, SYSTEMS_MAX);
	const struct system *system =
		question->origin != NULL ? token_helper_find(session, NULL, question->origin, systems) : NULL;
	if (system == NULL)
		return true;
	if (!credential_find(&system->credential, session->arena, &credential, err))
		return false;
	if (strcmp(verb, "erase") == 0)
		return erase(session, system, question, &credential, err);
	return get(question, &credential, err);
}

static bool
run(struct session *session, struct error *err)
{
	scoped(secret_release) struct secret *input = NULL;
	scoped(git_question_release) struct git_question question = {0};
	bool is_known = strcmp(verb, "get") == 0 || strcmp(verb, "erase") == 0;
	if (!is_known) /* store: we issued it; verbs to come */
		return true;
	if (!token_helper_check_output("git", err) || !file_read_secret("-", GIT_CREDENTIAL_MAX, &input, err) ||
	    !git_question_read(input, session->arena, &question, err))
		return false;
	return answer(session, &question, err);
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "VERB", .text = &verb, .is_required = true, .help = "get, store or erase, as git says it"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"git config --global credential.https://github.com.helper '!paas token git'", "git uses the token of paas login github"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-login(1)", "gitcredentials(7)", NULL};

const struct command command_token_git = {
	.name = "git",
	.group = GROUP_START,
	.summary = "Answer git as a credential helper",
	.description =
		"Speaks the protocol of gitcredentials(7) on standard input and output; called git-credential-paas, it needs no other word. "
		"It answers for the origins of the platform file alone (scheme, host and port), over https or to loopback; a question with a "
		"control character, without a host or with one said twice gets no answer. store is not needed and does nothing; erase "
		"forgets the token that was given, and no other.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM,
	.run = run,
};
