/* What `paas deploy --direct` would make of each object, without a plan to deploy: for `paas diff`.
 * What would stop a deploy is noted on the object instead of stopping here.
 */
#include <string.h>

#include "api/kubernetes/client.h"
#include "core/deploy/direct.h"

/* Force shows what would come out were the fields of others taken over. */
static bool
ask(const struct direct *direct, struct direct_object *object, bool force, struct error *err)
{
	struct kubernetes_apply_options options = {.field_manager = DIRECT_MANAGER, .force = force, .dry_run = true};
	return kubernetes_apply(direct->kubernetes, object->resource, direct->release->namespace, object->name,
	                        object->intent, &options, &object->result, err);
}

static bool
is_a_webhooks(const struct error *err)
{
	return err->code == ERROR_FORBIDDEN && strstr(err->why, "denied the request") != NULL;
}

/* A refusal is part of the answer; an account that may not write leaves the local comparison. */
static bool
foresee_one(const struct direct *direct, struct direct_object *object, struct error *err)
{
	struct error failure;
	if (!direct_check_owner(direct, object, false, &failure))
		object->refusal = arena_strdup(direct->arena, failure.why);
	if (ask(direct, object, object->refusal != NULL, &failure))
		return true;
	if (failure.code == ERROR_CONFLICT) {
		object->refusal = arena_strdup(direct->arena, failure.why);
		if (ask(direct, object, true, &failure))
			return true;
	}
	if (failure.code == ERROR_INVALID_SPEC || is_a_webhooks(&failure)) {
		object->refusal = object->unasked = arena_strdup(direct->arena, failure.why);
		return true;
	}
	if (failure.code == ERROR_FORBIDDEN) {
		object->unasked = arena_strdup(direct->arena, failure.why);
		return true;
	}
	*err = failure;
	return direct_doing(direct, object, "rehearsing", err);
}

bool
direct_foresee(struct direct *direct, struct error *err)
{
	direct->is_join = direct->standing.application != NULL && !direct->guard;
	direct->started_ms = -1;
	direct->deployment_id = direct->is_join && *direct->standing.deployment_id ? direct->standing.deployment_id
	                                                                            : "unreleased";
	if (!direct_complete(direct, err))
		return false;
	for (size_t i = 0; i < direct->count; i++)
		if (direct->objects[i].intent && !foresee_one(direct, &direct->objects[i], err))
			return false;
	return true;
}
