/* `paas token docker`, docker-credential-paas: a credential helper of docker, podman and skopeo. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "auth/credential.h"
#include "auth/docker_question.h"
#include "base/file.h"
#include "cmd/token.h"
#include "cmd/token_helper.h"
#include "data/platform.h"
#include "net/http.h"
#include "ui/output.h"

static const char *verb;

/* What docker looks for, word for word (docker-credential-helpers, credentials/error.go). */
static const char not_found[] = "credentials not found in native keychain";

/* Docker reads the reason on standard output, and the exit status. */
static bool
refuse(struct session *session, const char *why)
{
	output_print_document(session->out, why, strlen(why));
	output_print_document(session->out, "\n", 1);
	session->exit_status = 1;
	return true;
}

/* ---- which registry ---- */

static bool
read_question(struct arena *arena, struct docker_question *ret, struct error *err)
{
	char *text;
	size_t length;
	return file_read("-", DOCKER_QUESTION_MAX, arena, &text, &length, err) && docker_question_read(text, length, arena, ret, err);
}

static const struct system *
find(struct session *session, const char *origin)
{
	struct system *systems = arena_array(session->arena, struct system, SYSTEMS_MAX);
	return token_helper_find(session, "artifacts", origin, systems);
}

/* ---- verbs ---- */

/* Docker takes "<token>" for a token that stands alone. */
static const char *
username_of(const struct credential *credential)
{
	return credential->account != NULL ? credential->account : "<token>";
}

static char *
quote(const char *text)
{
	scoped(json_decrefp) json_t *string = json_string(text);
	return string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
}

static bool
write_answer(struct session *session, const char *url, const struct credential *credential, struct error *err)
{
	char *server = quote(url), *user = quote(username_of(credential));
	struct secret_piece pieces[] = {
		{arena_printf(session->arena, "{\"ServerURL\":%s,\"Username\":%s,\"Secret\":\"", server != NULL ? server : "\"\"",
		              user != NULL ? user : "\"\""), credential->token, SECRET_AS_JSON},
		{.text = "\"}\n"},
	};
	scoped(secret_release) struct secret *answer = secret_compose(pieces, array_length(pieces));
	free(server);
	free(user);
	return token_helper_write(answer, err);
}

static bool
get(struct session *session, struct error *err)
{
	scoped(credential_release) struct credential credential = {0};
	struct docker_question question;
	if (!read_question(session->arena, &question, err))
		return false;
	const struct system *system = find(session, question.origin);
	if (system == NULL)
		return refuse(session, not_found);
	if (!credential_find(&system->credential, session->arena, &credential, err))
		return false;
	return credential.token != NULL ? write_answer(session, question.url, &credential, err) : refuse(session, not_found);
}

static bool
store(struct session *session, struct error *err)
{
	(void)err;
	return refuse(session, "paas keeps this credential: paas login artifacts");
}

static bool
erase(struct session *session, struct error *err)
{
	struct token_store *tokens;
	struct docker_question question;
	const char *own;
	bool was_there;
	if (!read_question(session->arena, &question, err))
		return false;
	const struct system *system = find(session, question.origin);
	if (system == NULL)
		return true;
	return http_origin_of(system->credential.url, session->arena, &own, err) && credential_store(&tokens, err) &&
	       (!token_store_exists(tokens) || token_store_remove(tokens, system->credential.provider, own, &was_there, err));
}

/* Under which name docker knows it. */
static const char *
registry_of(const struct session *session, const struct system *system)
{
	const char *registry = session->platform->artifacts.registry;
	return registry != NULL ? arena_printf(session->arena, "https://%s", registry) : systems_web_origin(system, session->arena);
}

static bool
list(struct session *session, struct error *err)
{
	scoped(credential_release) struct credential credential = {0};
	scoped(json_decrefp) json_t *all = json_object();
	struct system *systems = arena_array(session->arena, struct system, SYSTEMS_MAX);
	size_t n_systems = systems_of_platform(session->platform, session->arena, systems);
	const struct system *system;
	struct error ignored;
	if (systems_find(systems, n_systems, "artifacts", &system, &ignored)) {
		if (!credential_find(&system->credential, session->arena, &credential, err))
			return false;
		if (credential.token != NULL)
			json_object_set_new(all, registry_of(session, system), json_string(username_of(&credential)));
	}
	char *text = json_dumps(all, JSON_COMPACT);
	if (text != NULL)
		output_print_document(session->out, text, strlen(text));
	output_print_document(session->out, "\n", 1);
	free(text);
	return true;
}

static bool
version(struct session *session, struct error *err)
{
	(void)err;
	output_print(session->out, "docker-credential-paas (paas) %s\n", PAAS_VERSION);
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct session *session, struct error *err);
	bool shows_token;
} verbs[] = {{"get", get, true}, {"store", store, false}, {"erase", erase, false}, {"list", list, false}, {"version", version, false}};

static bool
run(struct session *session, struct error *err)
{
	for (size_t i = 0; i < array_length(verbs); i++) {
		if (strcmp(verbs[i].name, verb) != 0)
			continue;
		return (!verbs[i].shows_token || token_helper_check_output("docker", err)) && verbs[i].run(session, err);
	}
	return error_set(err, ERROR_USAGE, "docker's helpers have no \"%s\"", verb);
}

static const char *const verb_names[] = {"get", "store", "erase", "list", "version", NULL};

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "VERB", .text = &verb, .is_required = true, .choices = verb_names, .help = "what docker asks for"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas token docker list", "which registries it answers for"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-login(1)", NULL};

const struct command command_token_docker = {
	.name = "docker",
	.group = GROUP_START,
	.summary = "Answer docker, podman and skopeo as a credential helper",
	.description =
		"Speaks the protocol of docker-credential-helpers; called docker-credential-paas, it needs no other word. It answers for the "
		"registry of the platform file alone. In ~/.docker/config.json it is named under credHelpers: {\"credHelpers\": "
		"{\"registry.acme.example\": \"paas\"}}. store is refused, as paas login artifacts keeps the credential; erase (docker "
		"logout) forgets it.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM,
	.run = run,
};
