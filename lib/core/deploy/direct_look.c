/* What is there before anything is done: ours, what stands in its place, and what is left over. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "core/deploy/direct.h"
#include "core/diagnose/object.h"
#include "data/json.h"

enum { UNDER_WAY_MS = 2 * 60 * 1000 };

/* ---- all that carries our label ---- */

struct reading {
	struct kubernetes *kubernetes;
	struct kubernetes_query query;
	const struct direct_kind *kind;
	json_t *list; /* owned; NULL: there is no such kind, or it is not ours to see */
	struct fiber *fiber;
	struct error err;
	bool is_fine;
};

static void
read_list(void *data)
{
	struct reading *reading = data;
	reading->is_fine = kubernetes_list(reading->kubernetes, &reading->query, &reading->list, &reading->err);
	if (reading->is_fine)
		return;
	reading->is_fine = reading->err.code == ERROR_NOT_FOUND ||
	                   (reading->kind->is_optional && reading->err.code == ERROR_FORBIDDEN);
}

static void
read_lists(const struct direct *direct, struct reading *readings)
{
	struct loop *loop = fiber_loop(fiber_current());
	const char *selector = arena_printf(direct->arena, DIRECT_LABEL "=%s", direct->release->name);
	for (size_t i = 0; i < n_direct_kinds; i++) {
		readings[i] = (struct reading){
			.kubernetes = direct->kubernetes, .kind = &direct_kinds[i],
			.query = {.resource = direct_kinds[i].resource, .namespace = direct->release->namespace,
			          .label_selector = selector}};
		readings[i].fiber = fiber_start(loop, read_list, &readings[i]);
	}
	for (size_t i = 0; i < n_direct_kinds; i++)
		fiber_join(readings[i].fiber);
}

static bool
check_readings(const struct reading *readings, struct error *err)
{
	for (size_t i = 0; i < n_direct_kinds; i++)
		if (!readings[i].is_fine) {
			*err = readings[i].err;
			return false;
		}
	return true;
}

/* ---- put beside what is rendered ---- */

static json_t *
take_named(const struct reading *reading, const char *name)
{
	json_t *items = json_at(reading->list, "items"), *item;
	size_t i;
	json_array_foreach(items, i, item)
		if (!strcmp(object_name(item), name)) {
			json_incref(item);
			json_array_remove(items, i);
			return item;
		}
	return NULL;
}

/* What does not carry our label may stand there all the same. */
static bool
find_live(struct direct *direct, const struct reading *reading, struct direct_object *object, struct error *err)
{
	struct error failure;
	object->live = take_named(reading, object->name);
	if (object->live || kubernetes_get(direct->kubernetes, object->resource, direct->release->namespace, object->name,
	                                   &object->live, &failure) || failure.code == ERROR_NOT_FOUND)
		return true;
	*err = failure;
	return error_doing(err, "looking at %s %s", object->resource->kind, object->name);
}

static bool
add_rendered(struct direct *direct, const struct reading *readings, const json_t *objects, struct error *err)
{
	const json_t *rendered;
	size_t i;
	json_array_foreach(objects, i, rendered) {
		const struct direct_kind *kind = direct_kind_of(rendered);
		struct direct_object *object = &direct->objects[direct->count++];
		*object = (struct direct_object){.resource = kind->resource, .intent = json_deep_copy(rendered),
		                                 .name = arena_strdup(direct->arena, object_name(rendered))};
		if (!find_live(direct, &readings[kind - direct_kinds], object, err))
			return false;
	}
	return true;
}

/* A copy that somebody made of an object has its labels too, but was not written by us. */
static void
add_left_over(struct direct *direct, const struct reading *readings)
{
	json_t *item;
	size_t at;
	for (size_t i = n_direct_kinds; i-- > 0;)
		json_array_foreach(json_at(readings[i].list, "items"), at, item)
			if (direct_is_made_by_us(item) && !object_is_leaving(item))
				direct->objects[direct->count++] = (struct direct_object){
					.resource = direct_kinds[i].resource, .name = arena_strdup(direct->arena, object_name(item)),
					.live = json_incref(item)};
}

static size_t
count_items(const struct reading *readings)
{
	size_t count = 0;
	for (size_t i = 0; i < n_direct_kinds; i++)
		count += json_array_size(json_at(readings[i].list, "items"));
	return count;
}

/* ---- the deployment that stands there ---- */

static const char *
main_image(const json_t *deployment)
{
	const json_t *container;
	size_t i;
	json_array_foreach(json_at(deployment, "spec.template.spec.containers"), i, container)
		if (!strcmp(object_name(deployment), json_text_or(container, "name", "")))
			return json_text_or(container, "image", "");
	return "";
}

static const char *
annotation_or(const json_t *object, const char *key)
{
	const char *text = object_annotation(object, key);
	return text ? text : "";
}

/* The Deployment's own labels may be newer than what runs: `kubectl rollout undo` changes pods only. */
static const char *
template_id(const json_t *deployment)
{
	const json_t *labels = json_at(deployment, "spec.template.metadata.labels");
	const char *id = json_string_value(json_object_get(labels, "fiaas/deployment_id"));
	return id ? id : "";
}

bool
direct_standing_of(const json_t *deployment, const char *name, struct standing *ret)
{
	if (!deployment || !direct_is_ours(deployment, name))
		return false;
	const char *time = annotation_or(deployment, SUBMIT_TIME);
	*ret = (struct standing){
		.application = (json_t *)(uintptr_t)deployment,
		.deployment_id = template_id(deployment),
		.image = main_image(deployment),
		.digest = annotation_or(deployment, SUBMIT_DIGEST),
		.commit = annotation_or(deployment, SUBMIT_COMMIT),
		.author = annotation_or(deployment, SUBMIT_AUTHOR),
		.deployed_ms = *time ? clock_parse_ms(time) : -1,
	};
	return true;
}

/* As long as the operator would wait for it; a rollout that will not end must not hold up its mending. */
static bool
is_under_way(const struct direct *direct, const json_t *deployment, int64_t deployed_ms, int64_t now_ms)
{
	int64_t desired = json_int_at(deployment, "spec.replicas", 1), limit_ms = direct->release->operator_limit_ms;
	bool is_seen = object_int(deployment, "status.observedGeneration") >= object_int(deployment, "metadata.generation");
	bool is_complete = is_seen && object_int(deployment, "status.updatedReplicas") == desired &&
	                   object_int(deployment, "status.availableReplicas") == desired &&
	                   object_int(deployment, "status.replicas") == desired;
	bool is_given_up = object_has_condition(deployment, "Progressing", "False");
	return !is_complete && !is_given_up && !object_is_true(deployment, "spec.paused") && deployed_ms >= 0 &&
	       now_ms - deployed_ms < (limit_ms > UNDER_WAY_MS ? limit_ms : UNDER_WAY_MS);
}

static bool
find_standing(struct direct *direct, struct error *err)
{
	const char *name = direct->release->name;
	for (size_t i = 0; i < direct->count; i++) {
		struct direct_object *object = &direct->objects[i];
		if (object->resource != &kubernetes_deployments || !direct_standing_of(object->live, name, &direct->standing))
			continue;
		json_incref(direct->standing.application);
		direct->standing.is_under_way = is_under_way(direct, object->live, direct->standing.deployed_ms,
		                                             kubernetes_server_time_ms(direct->kubernetes));
		direct_heed_claim(direct);
		return true;
	}
	if (!direct_guard_look(direct, err))
		return false;
	direct_heed_claim(direct);
	return true;
}

/* ---- all of it ---- */

static bool
look(struct direct *direct, struct reading *readings, struct error *err)
{
	const struct release *release = direct->release;
	scoped(json_release) json_t *objects = NULL;
	if (!direct_render(release, "unreleased", NULL, direct->arena, &objects, err))
		return false;
	direct->fingerprint = direct_fingerprint(objects, direct->arena);
	read_lists(direct, readings);
	if (!check_readings(readings, err))
		return false;
	size_t most = json_array_size(objects) + count_items(readings);
	direct->objects = arena_array(direct->arena, struct direct_object, most + 1);
	if (!add_rendered(direct, readings, objects, err))
		return false;
	add_left_over(direct, readings);
	return find_standing(direct, err);
}

bool
direct_look(struct kubernetes *kubernetes, const struct release *release, struct arena *arena, struct direct *ret,
            struct error *err)
{
	struct reading *readings = arena_array(arena, struct reading, n_direct_kinds);
	struct direct direct = {.kubernetes = kubernetes, .release = release, .arena = arena};
	standing_of(NULL, &direct.standing);
	if (!direct_check_namespace(kubernetes, release->namespace, err))
		return false;
	bool is_fine = look(&direct, readings, err);
	for (size_t i = 0; i < n_direct_kinds; i++)
		json_decref(readings[i].list);
	if (is_fine)
		*ret = direct;
	else
		direct_release(&direct);
	return is_fine;
}
