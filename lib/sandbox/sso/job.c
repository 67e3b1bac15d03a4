/* The identity of a job, as GitHub Actions gives it: asked for with a token that only the job has, made for
 * an audience, and believed by whoever trusts the runner's issuer. */
#include <string.h>

#include "base/compiler.h"
#include "sandbox/sso/parts.h"
#include "web/server.h"

#define TRUSTED_AUDIENCE "paas"

static const char *
job_issuer(const struct sso *sso, struct arena *arena)
{
	return arena_printf(arena, "%s/actions", sso->origin);
}

void
sso_handle_job(struct sso_call *call)
{
	const char *header = web_header(call->request, "Authorization"), *audience = sso_param(call, "audience"),
		   *wanted = call->sso->options.job_token;
	bool is_job = wanted != NULL && header != NULL && strncasecmp(header, "Bearer ", 7) == 0 && strcmp(header + 7, wanted) == 0;
	if (!is_job) {
		sso_fail(call, 401, "unauthorized", "that is no job's token");
		return;
	}
	const char *issuer = job_issuer(call->sso, call->arena);
	json_t *claims = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "iss", issuer, "aud",
	                           audience != NULL ? audience : "https://github.com/payments", "sub",
	                           "repo:payments/checkout:ref:refs/heads/main", "repository", "payments/checkout",
	                           "repository_owner", "payments", "ref", "refs/heads/main", "sha",
	                           "32883ace84591ba9d89399648fcccf127b3d0eff", "actor", "ada", "run_id", "1");
	const char *token = sso_sign(call->sso, "RS256", claims, call->arena);
	if (token != NULL)
		sso_answer(call, 200, json_pack("{s:i, s:s}", "count", (int)strlen(token), "value", token));
	else
		sso_fail(call, 500, "server_error", "a token cannot be signed");
}

json_t *
sso_job_claims(struct sso *sso, const char *token)
{
	scoped(arena_release) struct arena arena = {0};
	json_t *job = sso_verify(sso, token, job_issuer(sso, &arena)), *claims = NULL;
	if (strcmp(sso_text(job, "aud"), TRUSTED_AUDIENCE) == 0)
		claims = json_pack("{s:s, s:s, s:[s]}", "sub", sso_text(job, "sub"), "preferred_username", sso_text(job, "sub"),
		                   "groups", sso_text(job, "repository_owner"));
	json_decref(job);
	return claims;
}
