#include "core/deploy/restart.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "core/deploy/submit.h"
#include "core/diagnose/object.h"
#include "net/http.h"

#define RESTARTED_AT "kubectl.kubernetes.io/restartedAt"

/* ---- may it be? ---- */

/* A cluster without the operator has no Application, and restarts all the same. */
static bool
read_standing(const struct restart_request *request, struct arena *arena, struct standing *ret, struct error *err)
{
	struct error failure;
	*ret = (struct standing){.deployment_id = ""};
	if (standing_read(request->kubernetes, request->namespace, request->name, arena, ret, &failure) ||
	    failure.code == ERROR_NOT_FOUND)
		return true;
	*err = failure;
	return false;
}

static bool
check_standing(const struct restart_request *request, const struct standing *standing, struct error *err)
{
	if (!standing->is_under_way || request->force)
		return true;
	error_put(err, ERROR_CONFLICT, "deployment %s of %s is under way, and its pods will be new anyway",
	          standing->deployment_id, request->name);
	return error_next(err, "wait for its end, or restart now with --force");
}

static bool
read_deployment(const struct restart_request *request, json_t **ret, struct error *err)
{
	if (!kubernetes_get(request->kubernetes, &kubernetes_deployments, request->namespace, request->name, ret, err)) {
		if (err->code == ERROR_NOT_FOUND)
			error_put(err, ERROR_NOT_FOUND, "there is no Deployment %s in namespace %s, so nothing runs", request->name,
			          request->namespace);
		return false;
	}
	if (!object_is_true(*ret, "spec.paused"))
		return true;
	error_put(err, ERROR_PAUSED, "Deployment %s is paused: its pods would not change", request->name);
	return error_next(err, "kubectl rollout resume -n %s deployment/%s", request->namespace, request->name);
}

/* ---- asking for it ---- */

/* The annotation has whole seconds: twice in one would change nothing. */
static const char *
choose_time(const json_t *deployment, int64_t now_ms, char text[static CLOCK_TEXT_BYTES])
{
	const json_t *annotations = json_at(deployment, "spec.template.metadata.annotations");
	const char *last = json_string_value(json_object_get(annotations, RESTARTED_AT));
	clock_format(now_ms, text);
	if (last != NULL && strcmp(last, text) == 0)
		clock_format(now_ms + 1000, text);
	return text;
}

static bool
annotate(const struct restart_request *request, const json_t *deployment, int64_t now_ms, struct arena *arena,
         struct error *err)
{
	char text[CLOCK_TEXT_BYTES];
	scoped(json_release) json_t *patch =
		json_pack("{s:{s:{s:{s:{s:s}}}}}", "spec", "template", "metadata", "annotations", RESTARTED_AT,
	                  choose_time(deployment, now_ms, text));
	const char *body = json_write(patch, arena);
	const char *path = kubernetes_path(&kubernetes_deployments, request->namespace, request->name, NULL, arena);
	struct http_header type = {"Content-Type", "application/strategic-merge-patch+json"};
	struct kubernetes_call call = {.method = "PATCH", .path = arena_printf(arena, "%s?fieldManager=" SUBMIT_MANAGER, path),
	                               .headers = &type, .n_headers = 1, .body = body, .length = strlen(body),
	                               .is_idempotent = true};
	scoped(arena_release) struct arena scratch = {0};
	struct http_response answer;
	return kubernetes_call_send(request->kubernetes, &call, &scratch, &answer, err);
}

bool
restart_begin(const struct restart_request *request, struct arena *arena, struct restart *ret, struct error *err)
{
	scoped(standing_release) struct standing standing = {0};
	scoped(json_release) json_t *deployment = NULL;
	if (!read_standing(request, arena, &standing, err) || !check_standing(request, &standing, err) ||
	    !read_deployment(request, &deployment, err))
		return false;
	const json_t *labels = json_at(deployment, "spec.template.metadata.labels");
	const char *id = json_string_value(json_object_get(labels, "fiaas/deployment_id"));
	const char *image = json_text_or(deployment, "spec.template.spec.containers.0.image", "");
	*ret = (struct restart){.deployment_id = arena_strdup(arena, id != NULL ? id : ""),
	                        .image = arena_strdup(arena, image),
	                        .replicas = json_int_at(deployment, "spec.replicas", 1),
	                        .started_ms = kubernetes_server_time_ms(request->kubernetes)};
	if (*standing.deployment_id != '\0' && strcmp(standing.deployment_id, ret->deployment_id) != 0)
		ret->previous_id = arena_strdup(arena, standing.deployment_id);
	return annotate(request, deployment, ret->started_ms, arena, err);
}

struct follow_plan
restart_plan(const struct restart_request *request, const struct restart *restart, const char *system)
{
	return (struct follow_plan){
		.name = request->name,
		.deployment_id = restart->deployment_id,
		.previous_id = restart->previous_id,
		.system = system,
		.is_restart = true,
		.started_ms = restart->started_ms,
		.settle_ms = -1,
	};
}
