#include "core/deploy/direct.h"

#include <stdio.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "core/diagnose/object.h"
#include "data/json.h"
#include "data/platform.h"

const char *
direct_change_name(enum direct_change change)
{
	static const char *const names[] = {"created", "changed", "unchanged", "pruned"};
	return names[change];
}

void
direct_release(struct direct *direct)
{
	for (size_t i = 0; i < direct->count; i++) {
		json_decref(direct->objects[i].intent);
		json_decref(direct->objects[i].live);
		json_decref(direct->objects[i].result);
	}
	direct->count = 0;
	json_decref(direct->guard);
	direct->guard = NULL;
	standing_release(&direct->standing);
}

json_t *
direct_to_json(const struct direct *direct)
{
	json_t *list = json_array();
	for (size_t i = 0; i < direct->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "kind", direct->objects[i].resource->kind, "name",
		                                      direct->objects[i].name, "change",
		                                      direct_change_name(direct->objects[i].change)));
	return list;
}

bool
direct_decide(const struct direct *direct, int64_t now_ms, bool force, enum submit_plan *ret, struct error *err)
{
	const char *release = object_annotation(direct->standing.application, DIRECT_RELEASE);
	bool is_same_spec = !direct->is_claimed && release && !strcmp(release, direct->fingerprint);
	return standing_decide(direct->release, &direct->standing, is_same_spec, now_ms, force, ret, err);
}

/* ---- whose it is ---- */

bool
direct_check_owner(const struct direct *direct, const struct direct_object *object, bool force, struct error *err)
{
	if (!object->live || direct_is_ours(object->live, direct->release->name))
		return true;
	const char *owner = direct_owner(object->live, direct->arena), *writer = direct_writer(object->live);
	if (!owner && force)
		return true;
	error_put(err, ERROR_CONFLICT, "%s %s in namespace %s is not from paas deploy --direct: %s%s",
	          object->resource->kind, object->name, direct->release->namespace,
	          owner ? "it belongs to " : *writer ? "written by " : "writer unknown", owner ? owner : writer);
	return owner ? error_next(err, "remove it there first, or deploy under another name")
	             : error_next(err, "take it over with --force, or deploy under another name");
}

/* ---- what it shall be ---- */

static void
annotate(json_t *object, const char *key, const char *value)
{
	json_t *metadata = json_object_get(object, "metadata"), *annotations = json_object_get(metadata, "annotations");
	if (!value || !*value)
		return;
	if (!annotations) {
		annotations = json_object();
		json_object_set_new(metadata, "annotations", annotations);
	}
	json_object_set_new(annotations, key, json_string(value));
}

/* A release that is there already keeps what was noted when it was deployed. */
static void
describe(const struct direct *direct, json_t *deployment)
{
	char time[CLOCK_TEXT_BYTES] = "";
	const struct standing *standing = &direct->standing;
	const struct release *release = direct->release;
	int64_t at_ms = direct->is_join ? standing->deployed_ms : direct->started_ms;
	annotate(deployment, SUBMIT_DIGEST, direct->is_join ? standing->digest : release->digest);
	annotate(deployment, SUBMIT_COMMIT, direct->is_join ? standing->commit : release->commit);
	annotate(deployment, SUBMIT_AUTHOR, direct->is_join ? standing->author : direct->author);
	annotate(deployment, SUBMIT_TIME, at_ms >= 0 ? clock_format(at_ms, time) : NULL);
	annotate(deployment, DIRECT_RELEASE, direct->fingerprint);
}

/* The same objects in the same order as direct_look found them, now with their deployment id. */
bool
direct_complete(struct direct *direct, struct error *err)
{
	scoped(json_release) json_t *objects = NULL;
	if (!direct_render(direct->release, direct->deployment_id, direct, direct->arena, &objects, err))
		return false;
	for (size_t i = 0; i < direct->count && direct->objects[i].intent; i++) {
		struct direct_object *object = &direct->objects[i];
		json_t *intent = json_array_get(objects, i);
		if (!intent || strcmp(object_name(intent), object->name) != 0)
			return error_set(err, ERROR_CONFLICT, "what the namespace allows has changed meanwhile");
		json_decref(object->intent);
		object->intent = json_incref(intent);
		if (object->resource == &kubernetes_deployments)
			describe(direct, object->intent);
	}
	return true;
}

/* ---- the rehearsal ---- */

bool
direct_doing(const struct direct *direct, const struct direct_object *object, const char *what, struct error *err)
{
	bool is_old_ingress = !strcmp(object->resource->group, "extensions");
	if (err->code == ERROR_NOT_FOUND && is_old_ingress)
		error_put_next(err, "this cluster needs use_networkingv1_ingress: true under clusters.%s.fiaas of the platform "
		               "file", direct->release->environment->cluster_name);
	if (err->code == ERROR_CONFLICT)
		error_put_next(err, "take these fields over with --force");
	return error_doing(err, "%s %s %s", what, object->resource->kind, object->name);
}

/* Of a deployment that was written halfway: its other half is as it was before. */
static bool
is_of_another(const struct direct *direct, const json_t *live)
{
	const char *id = object_label(live, "fiaas/deployment_id");
	return direct->is_join && (!id || strcmp(id, direct->deployment_id) != 0);
}

static bool
rehearse_one(const struct direct *direct, struct direct_object *object, bool force, struct error *err)
{
	struct kubernetes_apply_options options = {.field_manager = DIRECT_MANAGER, .force = force, .dry_run = true};
	const char *namespace = direct->release->namespace;
	scoped(json_release) json_t *result = NULL;
	if (!object->intent) {
		object->change = DIRECT_PRUNED;
		return kubernetes_delete_exactly(direct->kubernetes, object->resource, object->live, true, err) ||
		       err->code == ERROR_NOT_FOUND || err->code == ERROR_CONFLICT || direct_doing(direct, object, "removing", err);
	}
	if (!kubernetes_apply(direct->kubernetes, object->resource, namespace, object->name, object->intent, &options,
	                      &result, err))
		return direct_doing(direct, object, "applying", err);
	object->change = !object->live                                ? DIRECT_CREATED
	                 : direct_differs(object->live, result) ||
	                                   is_of_another(direct, object->live) ? DIRECT_CHANGED
	                                                              : DIRECT_UNCHANGED;
	return true;
}

bool
direct_rehearse(struct direct *direct, enum submit_plan plan, bool force, struct error *err)
{
	struct error ignored;
	direct->is_join = plan == SUBMIT_JOIN;
	direct->started_ms = kubernetes_server_time_ms(direct->kubernetes);
	direct->deployment_id = direct->is_join                  ? direct->standing.deployment_id
	                        : direct->resumed_id && !force ? direct->resumed_id
	                                                       : submit_new_id(direct->started_ms, direct->arena);
	if (!direct->is_join && !kubernetes_who_am_i(direct->kubernetes, direct->arena, &direct->author, &ignored))
		direct->author = NULL;
	for (size_t i = 0; i < direct->count; i++)
		if (direct->objects[i].intent && !direct_check_owner(direct, &direct->objects[i], force, err))
			return false;
	if (!direct_complete(direct, err))
		return false;
	for (size_t i = 0; i < direct->count; i++)
		if (!rehearse_one(direct, &direct->objects[i], force, err))
			return false;
	return true;
}

/* ---- for real ---- */

static bool
apply_one(const struct direct *direct, const struct direct_object *object, bool force, struct submission *ret,
          struct error *err)
{
	struct kubernetes_apply_options options = {.field_manager = DIRECT_MANAGER, .force = force};
	scoped(json_release) json_t *stored = NULL;
	if (!kubernetes_apply(direct->kubernetes, object->resource, direct->release->namespace, object->name, object->intent,
	                      &options, &stored, err))
		return direct_doing(direct, object, "applying", err);
	if (object->resource == &kubernetes_deployments && !direct->is_join)
		ret->started_ms = kubernetes_server_time_ms(direct->kubernetes);
	return true;
}

static bool
is_to_write(const struct direct *direct, const struct direct_object *object)
{
	return object->intent && !(direct->is_join && object->change == DIRECT_UNCHANGED);
}

static bool
has_to_write(const struct direct *direct)
{
	for (size_t i = 0; i < direct->count; i++)
		if (is_to_write(direct, &direct->objects[i]))
			return true;
	return false;
}

/* Half of it is there: the same command again does the other half, under the same deployment id. */
static void
say_half_done(const struct direct *direct, size_t n_written, struct error *err)
{
	enum { ROOM = 120 };
	char why[sizeof err->why - ROOM];
	if (!n_written)
		return;
	error_copy_text(why, sizeof why, err->why);
	snprintf(err->why, sizeof err->why, "%s (%zu object%s of %.63s %s written before)", why, n_written,
	         n_written == 1 ? "" : "s", direct->deployment_id, n_written == 1 ? "was" : "were");
	error_put_next(err, "deploy again to complete it");
}

bool
direct_apply(struct direct *direct, bool force, struct submission *ret, struct error *err)
{
	size_t n_written = 0;
	*ret = (struct submission){.deployment_id = direct->deployment_id,
	                           .started_ms = direct->is_join ? direct->standing.deployed_ms : direct->started_ms};
	if (has_to_write(direct) && !direct_claim(direct, force, &ret->is_overtaken, err))
		return false;
	for (size_t i = 0; i < direct->count; i++) {
		const struct direct_object *object = &direct->objects[i];
		if (!is_to_write(direct, object))
			continue;
		if (!apply_one(direct, object, force, ret, err)) {
			if (!n_written)
				direct_guard_drop(direct);
			say_half_done(direct, n_written, err);
			return false;
		}
		n_written++;
	}
	direct_guard_drop(direct);
	return true;
}

/* ---- afterwards ---- */

size_t
direct_count_changes(const struct direct *direct)
{
	size_t count = 0;
	for (size_t i = 0; i < direct->count; i++)
		count += direct->objects[i].change != DIRECT_UNCHANGED;
	return count;
}

size_t
direct_count_pruned(const struct direct *direct)
{
	size_t count = 0;
	for (size_t i = 0; i < direct->count; i++)
		count += !direct->objects[i].intent;
	return count;
}

/* Read once more: it may have found another owner while the pods started. */
static bool
prune_one(const struct direct *direct, const struct direct_object *object, struct error *err)
{
	scoped(json_release) json_t *now = NULL;
	if (!kubernetes_get(direct->kubernetes, object->resource, direct->release->namespace, object->name, &now, err))
		return err->code == ERROR_NOT_FOUND;
	if (strcmp(object_uid(now), object_uid(object->live)) != 0 || !direct_is_ours(now, direct->release->name) ||
	    !direct_is_made_by_us(now))
		return true;
	return kubernetes_delete_exactly(direct->kubernetes, object->resource, now, false, err) ||
	       err->code == ERROR_NOT_FOUND;
}

bool
direct_prune(struct direct *direct, struct error *err)
{
	for (size_t i = 0; i < direct->count; i++) {
		const struct direct_object *object = &direct->objects[i];
		if (!object->intent && !prune_one(direct, object, err)) {
			error_put_next(err, "deploy again to remove it");
			return error_doing(err, "removing %s %s, which the release has no more", object->resource->kind, object->name);
		}
	}
	return true;
}
