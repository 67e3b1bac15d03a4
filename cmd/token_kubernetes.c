/* `paas token kubernetes`: an exec credential plugin of kubectl (client.authentication.k8s.io). */
#include <stdlib.h>
#include <string.h>

#include "auth/credential.h"
#include "auth/kubectl_question.h"
#include "base/clock.h"
#include "cmd/token.h"
#include "cmd/token_helper.h"
#include "data/platform.h"
#include "net/http.h"
#include "role/cluster.h"

enum { EARLY_MS = 60 * 1000 };

static const char *cluster_name, *environment_name;

/* ---- for which cluster ---- */

static bool
is_same_origin(const char *a, const char *b, struct arena *arena)
{
	struct error ignored;
	const char *origins[2];
	return http_origin_of(a, arena, &origins[0], &ignored) && http_origin_of(b, arena, &origins[1], &ignored) &&
	       strcmp(origins[0], origins[1]) == 0;
}

/* With several, a token kept for one is not for whichever comes first. */
static bool
check_named(const struct platform *platform, const struct kubectl_question *question, struct error *err)
{
	if (question->server != NULL || cluster_name != NULL || platform->n_clusters <= 1)
		return true;
	error_put(err, ERROR_USAGE, "nobody says which of the %zu clusters the token is for", platform->n_clusters);
	return error_next(err, "paas token kubernetes --cluster NAME; in a kubeconfig also provideClusterInfo: true");
}

/* The PEM of the kubeconfig stands, blanks at its ends apart, in that of the platform. */
static bool
is_trusted(const char *pem, const char *ours, struct arena *arena)
{
	size_t start = strspn(pem, " \t\r\n"), length = strlen(pem + start);
	while (length > 0 && strchr(" \t\r\n", pem[start + length - 1]) != NULL)
		length--;
	return ours != NULL && length > 0 && strstr(ours, arena_strndup(arena, pem + start, length)) != NULL;
}

/* kubectl sends the token where and how its kubeconfig says: past a certificate that nobody looks at, or through a proxy that may
 * show one of its own, it would come into other hands. */
static bool
check_way(const struct kubectl_question *question, const struct kubernetes_access *ours, struct arena *arena, struct error *err)
{
	bool has_proxy = question->proxy != NULL && (ours->proxy == NULL || strcmp(ours->proxy, question->proxy) != 0);
	if (question->server == NULL)
		return true;
	if (question->skips_verification && !ours->insecure_skip_tls_verify) {
		error_put(err, ERROR_FORBIDDEN, "kubectl would not verify the certificate of %.200s: it gets no token", question->server);
		return error_next(err, "take insecure-skip-tls-verify out of the kubeconfig");
	}
	if (question->ca_pem == NULL || is_trusted(question->ca_pem, ours->ca_pem, arena))
		return true;
	if (ours->ca_pem == NULL && !has_proxy) /* the platform trusts the system's authorities, and the way is the usual one */
		return true;
	error_put(err, ERROR_FORBIDDEN, "the kubeconfig trusts another authority for %.200s than the platform file: it gets no token",
	          question->server);
	return error_next(err, "%s", has_proxy ? "take certificate-authority or proxy-url out of the kubeconfig, or name ca_file in the platform file"
	                                       : "take certificate-authority out of the kubeconfig, or correct ca_file in the platform file");
}

/* A server that is none of the platform's gets no token, whoever wrote the kubeconfig. */
static bool
fail_unknown(const struct kubectl_question *question, struct error *err)
{
	if (question->server != NULL)
		return error_set(err, ERROR_FORBIDDEN, "%.200s is no cluster of the platform file: it gets no token", question->server);
	return error_set(err, ERROR_NOT_FOUND, "the platform file has no cluster \"%s\" with a server", cluster_name != NULL ? cluster_name : "");
}

static bool
find_server(struct session *session, const struct kubectl_question *question, const char **ret, struct error *err)
{
	const struct platform *platform = session->platform;
	if (!check_named(platform, question, err))
		return false;
	for (size_t i = 0; i < platform->n_clusters; i++) {
		const struct platform_cluster *cluster = &platform->clusters[i];
		scoped(kubernetes_access_release) struct kubernetes_access access = {0};
		if (cluster_name != NULL && strcmp(cluster_name, cluster->name) != 0)
			continue;
		if (!cluster_access(cluster, session->arena, &access, err)) {
			if (cluster_name != NULL || platform->n_clusters == 1)
				return false;
			continue;
		}
		if (question->server == NULL || is_same_origin(access.server, question->server, session->arena)) {
			*ret = access.server;
			return check_way(question, &access, session->arena, err);
		}
	}
	return fail_unknown(question, err);
}

/* --env says it in other words. */
static bool
choose_cluster(struct session *session, struct error *err)
{
	const struct platform_environment *environment;
	if (environment_name == NULL)
		return true;
	if (cluster_name != NULL)
		return error_set(err, ERROR_USAGE, "--env and --cluster both choose a cluster; give one");
	if (!platform_environment(session->platform, environment_name, &environment, err))
		return false;
	cluster_name = environment->cluster->name;
	return true;
}

/* ---- what kubectl is told ---- */

/* A minute early, so that kubectl does not send one that ends on the way. */
static bool
write_answer(const struct kubectl_question *question, const struct credential *credential, struct arena *arena, struct error *err)
{
	char expiry[CLOCK_TEXT_BYTES];
	const char *until = credential->expires_at_ms > EARLY_MS
	                        ? arena_printf(arena, "\"expirationTimestamp\":\"%s\",", clock_format(credential->expires_at_ms - EARLY_MS, expiry))
	                        : "";
	struct secret_piece pieces[] = {
		{arena_printf(arena, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\",\"spec\":{\"interactive\":false},\"status\":{%s\"token\":\"",
		              question->version, until), credential->token, SECRET_AS_JSON},
		{.text = "\"}}\n"},
	};
	scoped(secret_release) struct secret *answer = secret_compose(pieces, array_length(pieces));
	return token_helper_write(answer, err);
}

static bool
run(struct session *session, struct error *err)
{
	scoped(credential_release) struct credential credential = {0};
	struct credential_system system = {.role = "kubernetes", .provider = "kubernetes", .takes_sign_on = true};
	struct kubectl_question question;
	if (!token_helper_check_output("kubectl", err) ||
	    !kubectl_question_read(getenv("KUBERNETES_EXEC_INFO"), session->arena, &question, err) || !choose_cluster(session, err) ||
	    !find_server(session, &question, &system.url, err) || !credential_find(&system, session->arena, &credential, err))
		return false;
	if (credential.token == NULL) {
		error_put(err, ERROR_NOT_LOGGED_IN, "nobody is logged in");
		return error_next(err, "paas login");
	}
	return write_answer(&question, &credential, session->arena, err);
}

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .name = "cluster", .value = "NAME", .text = &cluster_name, .complete = "cluster",
	 .fallback = "that of the server kubectl names, or the only one", .help = "cluster of the platform file"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment_name, .complete = "environment",
	 .help = "the cluster of this environment instead"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas token kubernetes --cluster pro | jq .status.expirationTimestamp", "until when the token counts"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-login(1)", NULL};

const struct command command_token_kubernetes = {
	.name = "kubernetes",
	.group = GROUP_START,
	.summary = "Answer kubectl as a credential plugin",
	.description =
		"Prints an ExecCredential with the sign-on's ID token, in the version that KUBERNETES_EXEC_INFO asks for "
		"(client.authentication.k8s.io/v1 or v1beta1). A server that kubectl names must be that of a cluster of the platform file; "
		"another gets no token, nor does one whose certificate kubectl would not verify (insecure-skip-tls-verify), or would verify by "
		"another authority than the platform file's. It never asks and never opens a browser: when nobody is logged in it says so, exit status 4.\n\n"
		"In a kubeconfig:\n\n"
		"users: [{name: paas, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: paas, args: [token, kubernetes], "
		"interactiveMode: IfAvailable, provideClusterInfo: true}}}]",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM,
	.run = run,
};
