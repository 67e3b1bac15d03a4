#include <inttypes.h>
#include <string.h>

#include "api/github/github.h"
#include "data/json.h"

enum { DEPLOYMENTS_MAX = 100, DESCRIPTION_MAX_BYTES = 140 };

/* The payload comes back as it was given, by some servers as text. */
static bool
is_wanted(const json_t *deployment, const char *id)
{
	const char *text = json_text_at(deployment, "payload");
	return strcmp(json_text_or(deployment, "payload.paas_deployment", ""), id) == 0 ||
	       (text != NULL && strstr(text, id) != NULL);
}

bool
github_deployment_find(const struct rest *rest, const char *slug, const struct github_deployment *wanted,
                       struct arena *arena, int64_t *ret_id, struct error *err)
{
	scoped(json_release) json_t *list = NULL;
	const char *path = arena_printf(arena, "/repos/%s/deployments?environment=%s&sha=%s&task=deploy&per_page=100", slug,
	                                http_escape(wanted->environment, arena), http_escape(wanted->commit, arena));
	const json_t *deployment;
	size_t i;
	if (!rest_get_list(rest, path, NULL, DEPLOYMENTS_MAX, arena, &list, err))
		return false;
	*ret_id = 0;
	json_array_foreach(list, i, deployment)
		if (*ret_id == 0 && is_wanted(deployment, wanted->id))
			*ret_id = json_int_at(deployment, "id", 0);
	return true;
}

/* Without these two GitHub merges, or waits for checks, in place of making a deployment. */
bool
github_deployment_create(const struct rest *rest, const char *slug, const struct github_deployment *wanted,
                         struct arena *arena, int64_t *ret_id, struct error *err)
{
	scoped(json_release) json_t *answer = NULL,
	                            *body = json_pack("{s:s, s:s, s:s, s:b, s:[], s:{s:s}, s:s}", "ref", wanted->commit, "task",
	                                              "deploy", "environment", wanted->environment, "auto_merge", 0,
	                                              "required_contexts", "payload", "paas_deployment", wanted->id,
	                                              "description", arena_printf(arena, "paas deploy %s", wanted->id));
	if (body == NULL)
		return error_set(err, ERROR_FAILED, "the deployment is not described in UTF-8");
	if (!rest_post(rest, arena_printf(arena, "/repos/%s/deployments", slug), body, arena, &answer, err))
		return false;
	*ret_id = json_int_at(answer, "id", 0);
	return *ret_id != 0 || error_set(err, ERROR_BAD_ANSWER, "GitHub made no deployment");
}

/* Says it once: the newest one may say it already. */
bool
github_deployment_say(const struct rest *rest, const char *slug, int64_t id, const struct github_status *status,
                      struct arena *arena, struct error *err)
{
	scoped(json_release) json_t *statuses = NULL, *answer = NULL;
	const char *path = arena_printf(arena, "/repos/%s/deployments/%" PRId64 "/statuses", slug, id);
	char shortened[DESCRIPTION_MAX_BYTES];
	if (!rest_get(rest, arena_printf(arena, "%s?per_page=1", path), arena, &statuses, err))
		return false;
	if (strcmp(json_text_or(statuses, "0.state", ""), status->state) == 0)
		return true;
	error_copy_text(shortened, sizeof shortened, status->description);
	scoped(json_release) json_t *body = json_pack("{s:s, s:s, s:s*}", "state", status->state, "description", shortened, "log_url",
	                                              status->url);
	if (body == NULL)
		return error_set(err, ERROR_FAILED, "the outcome is not told in UTF-8");
	return rest_post(rest, path, body, arena, &answer, err);
}

/* ---- of the commit ---- */

/* The combined status has the latest of each context. */
static bool
is_said(const json_t *combined, const struct github_status *status)
{
	const json_t *said;
	size_t i;
	json_array_foreach(json_list_at(combined, "statuses"), i, said)
		if (strcmp(json_text_or(said, "context", ""), status->context) == 0)
			return strcmp(json_text_or(said, "state", ""), status->state) == 0 &&
			       strcmp(json_text_or(said, "description", ""), status->description) == 0;
	return false;
}

bool
github_status_say(const struct rest *rest, const char *slug, const struct github_status *status, struct arena *arena,
                  struct error *err)
{
	scoped(json_release) json_t *combined = NULL, *answer = NULL;
	char shortened[DESCRIPTION_MAX_BYTES];
	const char *commit = http_escape(status->commit, arena);
	struct github_status wanted = *status;
	error_copy_text(shortened, sizeof shortened, status->description);
	wanted.description = shortened;
	if (!rest_get(rest, arena_printf(arena, "/repos/%s/commits/%s/status?per_page=100", slug, commit), arena, &combined, err))
		return false;
	if (is_said(combined, &wanted))
		return true;
	scoped(json_release) json_t *body = json_pack("{s:s, s:s, s:s, s:s*}", "state", wanted.state, "context", wanted.context,
	                                              "description", wanted.description, "target_url", wanted.url);
	if (body == NULL)
		return error_set(err, ERROR_FAILED, "the outcome is not told in UTF-8");
	return rest_post(rest, arena_printf(arena, "/repos/%s/statuses/%s", slug, commit), body, arena, &answer, err);
}
