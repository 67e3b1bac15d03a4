/* Where there is no Deployment yet, none can hold the note of who is writing.  A ConfigMap holds it until
 * there is: creating one succeeds once.  Whoever may not make a ConfigMap deploys without it.
 *
 * It goes only after the Deployment is there, and who gets it looks for the Deployment once more: so
 * nobody takes a guard that was dropped for one that never was.
 */
#include <string.h>

#include "api/kubernetes/client.h"
#include "core/deploy/direct.h"
#include "core/diagnose/object.h"
#include "data/json.h"

static const char *
name_of_guard(const struct direct *direct)
{
	return arena_printf(direct->arena, "paas-direct-%s", direct->release->name);
}

bool
direct_guard_look(struct direct *direct, struct error *err)
{
	struct error failure;
	if (kubernetes_get(direct->kubernetes, &kubernetes_configmaps, direct->release->namespace, name_of_guard(direct),
	                   &direct->guard, &failure) ||
	    failure.code == ERROR_NOT_FOUND || failure.code == ERROR_FORBIDDEN)
		return true;
	*err = failure;
	return error_doing(err, "looking whether somebody else deploys %s", direct->release->name);
}

static bool
make(const struct direct *direct, const char *claim, json_t **ret, struct error *err)
{
	scoped(json_release) json_t *guard = json_pack(
		"{s:s, s:s, s:{s:s, s:{s:s}, s:{s:s}}}", "apiVersion", "v1", "kind", "ConfigMap", "metadata", "name",
		name_of_guard(direct), "labels", DIRECT_LABEL, direct->release->name, "annotations", DIRECT_CLAIM, claim);
	return kubernetes_create(direct->kubernetes, &kubernetes_configmaps, direct->release->namespace, guard, ret, err);
}

/* One that got old, or that this release made before. */
static bool
take_over(const struct direct *direct, const char *claim, bool force, json_t **ret, struct error *err)
{
	const char *version = json_text_or(direct->guard, "metadata.resourceVersion", "");
	scoped(json_release) json_t *patch = json_pack("{s:{s:s*, s:{s:s}}}", "metadata", "resourceVersion",
	                                               force ? NULL : version, "annotations", DIRECT_CLAIM, claim);
	return kubernetes_merge(direct->kubernetes, &kubernetes_configmaps, direct->release->namespace,
	                        name_of_guard(direct), patch, DIRECT_MANAGER, ret, err);
}

/* Somebody may have deployed and dropped the guard since we looked. */
static bool
is_still_first(const struct direct *direct)
{
	scoped(json_release) json_t *deployment = NULL;
	struct standing now;
	struct error ignored;
	return !kubernetes_get(direct->kubernetes, &kubernetes_deployments, direct->release->namespace,
	                       direct->release->name, &deployment, &ignored) ||
	       !direct_standing_of(deployment, direct->release->name, &now) ||
	       strcmp(now.deployment_id, direct->deployment_id) == 0;
}

static bool
overtaken(const struct direct *direct, bool *ret_overtaken, struct error *err)
{
	*ret_overtaken = true;
	error_put(err, ERROR_CONFLICT, "somebody else deploys it at the same moment");
	return error_doing(err, "beginning the first deploy of %s", direct->release->name);
}

bool
direct_guard_take(struct direct *direct, bool force, bool *ret_overtaken, struct error *err)
{
	const char *claim = direct_write_claim(direct);
	struct error failure;
	json_t *taken = NULL;
	bool is_ours = direct->guard ? take_over(direct, claim, force, &taken, &failure)
	                             : make(direct, claim, &taken, &failure);
	bool is_lost = !is_ours && failure.code == ERROR_CONFLICT &&
	               direct_has_claim(direct, &kubernetes_configmaps, name_of_guard(direct), claim);
	if (is_ours || is_lost) {
		json_decref(direct->guard);
		direct->guard = taken;
	}
	if (is_lost && !direct_guard_look(direct, err))
		return false;
	if (!is_ours && !is_lost && failure.code != ERROR_FORBIDDEN) {
		if (failure.code == ERROR_CONFLICT || (direct->guard && failure.code == ERROR_NOT_FOUND))
			return overtaken(direct, ret_overtaken, err);
		*err = failure;
		return error_doing(err, "beginning the first deploy of %s", direct->release->name);
	}
	if (force || is_still_first(direct))
		return true;
	direct_guard_drop(direct);
	return overtaken(direct, ret_overtaken, err);
}

void
direct_guard_drop(struct direct *direct)
{
	struct error ignored;
	if (direct->guard)
		(void)!kubernetes_delete_exactly(direct->kubernetes, &kubernetes_configmaps, direct->guard, false, &ignored);
	json_decref(direct->guard);
	direct->guard = NULL;
}
