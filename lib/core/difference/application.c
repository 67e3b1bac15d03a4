#include "core/difference/application.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "core/deploy/submit.h"
#include "core/difference/rehearse.h"
#include "data/json.h"

/* A server-side apply, as deploy makes it, without storing.  `*ret` NULL: see object->reason. */
static bool
rehearse_apply(const struct preview_request *request, const json_t *intent, struct differences *differences,
               struct object_difference *object, json_t **ret, struct error *err)
{
	const struct release *release = request->release;
	struct kubernetes_apply_options options = {.field_manager = SUBMIT_MANAGER, .dry_run = true};
	struct error failure;
	if (kubernetes_apply(request->kubernetes, &kubernetes_applications, release->namespace, release->name, intent,
	                     &options, ret, &failure))
		return true;
	if (failure.code == ERROR_FORBIDDEN) {
		object->reason = arena_printf(differences->arena, "a dry run is not allowed: %s", failure.why);
	} else if (failure.code == ERROR_CONFLICT) {
		object->reason = "others hold fields of it";
		differences_caution(differences, "a deploy would stop: %s; it takes these fields over with --force", failure.why);
	} else if (failure.code == ERROR_INVALID_SPEC && rehearse_is_unsupported(failure.why)) {
		object->reason = arena_printf(differences->arena, "a dry run is not possible: %s", failure.why);
	} else if (failure.code == ERROR_INVALID_SPEC) {
		object->reason = "the server refuses it";
		object->refusal = arena_strdup(differences->arena, failure.why);
	} else {
		*err = failure;
		return false;
	}
	return true;
}

/* What stands there with what a deploy says: other managers keep the rest. */
static json_t *
merge(const json_t *stored, const json_t *intent)
{
	json_t *ret = json_deep_copy(stored);
	json_object_update(json_object_get(ret, "spec"), json_object_get(intent, "spec"));
	json_object_update(json_at(ret, "metadata.labels"), json_at(intent, "metadata.labels"));
	return ret;
}

static void
set_digest(json_t *tree, const char *digest)
{
	json_t *annotations = json_at(tree, "metadata.annotations");
	if (digest == NULL)
		json_object_del(annotations, SUBMIT_DIGEST);
	else if (annotations != NULL)
		json_object_set_new(annotations, SUBMIT_DIGEST, json_string(digest));
}

/* Another image has another digest, which is no news; the same image should not. */
static void
settle_digest(const struct preview_request *request, json_t *before, json_t *after)
{
	const struct standing *standing = request->standing;
	const struct release *release = request->release;
	bool counts = release->digest != NULL && *standing->digest != '\0' && strcmp(standing->image, release->image) == 0;
	set_digest(before, counts ? standing->digest : NULL);
	set_digest(after, counts ? release->digest : NULL);
}

static json_t *
tree_after(const struct preview_request *request, const json_t *intent, json_t *answer, struct differences *differences)
{
	const json_t *stored = request->standing->application;
	const struct release *release = request->release;
	const char *file = release->problems.file; /* as a person would name it */
	json_t *after = answer != NULL ? json_deep_copy(answer) : stored != NULL ? merge(stored, intent) : json_deep_copy(intent);
	const char *surplus = stored != NULL && answer != NULL ? submit_difference(after, release->config, differences->arena) : "";
	if (*surplus != '\0')
		differences_caution(differences, "a deploy would stop: the Application has settings that %s does not: %s; it removes "
		                    "them with --force", file != NULL ? file : "the file", surplus);
	/* In the end the file holds, key for key. */
	json_object_set(json_object_get(after, "spec"), "config", release->config);
	return after;
}

bool
application_compare(const struct preview_request *request, const char *unsafe, struct differences *ret,
                    struct error *err)
{
	const struct release *release = request->release;
	const char *id = *request->standing->deployment_id != '\0' ? request->standing->deployment_id : "unreleased";
	struct object_difference object = {.reason = unsafe};
	json_t *answer = NULL;
	scoped(json_release) json_t *intent = submit_application(release, id, NULL, 0);
	object_describe(&object, intent, ret->arena);
	if (unsafe == NULL && !rehearse_apply(request, intent, ret, &object, &answer, err))
		return false;
	scoped(json_release) json_t *after = tree_after(request, intent, answer, ret);
	scoped(json_release) json_t *before = json_deep_copy(request->standing->application);
	json_decref(answer);
	settle_digest(request, before, after);
	object_compare(&object, before, after, ret->arena);
	differences_add(ret, &object);
	return true;
}
