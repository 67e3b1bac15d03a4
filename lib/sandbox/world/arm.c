/* Breaking and healing: which causes are armed, and what that sets in motion. */
#include <stdio.h>
#include <string.h>

#include "sandbox/world/causes.h"
#include "sandbox/world/parts.h"

static void
visit_at_once(struct world *world, json_t *record, const json_t *pod)
{
	json_object_set_new(record, "due", json_integer(0));
	world_visit(world, WORKER_POD, item_namespace(pod), item_name(pod), 0);
}

/* A lost node takes what runs there; everything else is for pods made from now on. */
static bool
mark_pod(void *data, const json_t *pod)
{
	struct world *world = data;
	json_t *record = json_object_get(world->pods, item_uid(pod));
	if (!record || !cause_of_app(world, item_namespace(pod), item_label(pod, "app"), CAUSE_NODE_LOST))
		return true;
	json_object_set_new(json_object_get(record, "causes"), "node-lost", json_true());
	visit_at_once(world, record, pod);
	return true;
}

static bool
wake_pod(void *data, const json_t *pod)
{
	struct world *world = data;
	json_t *record = json_object_get(world->pods, item_uid(pod));
	if (record)
		visit_at_once(world, record, pod);
	return true;
}

static bool
visit_application_again(void *data, const json_t *application)
{
	struct world *world = data;
	world_visit(world, WORKER_APPLICATION, item_namespace(application), item_name(application),
	            world->options.operator_delay_ms);
	return true;
}

static bool
visit_deployment_again(void *data, const json_t *deployment)
{
	world_visit(data, WORKER_DEPLOYMENT, item_namespace(deployment), item_name(deployment), 0);
	return true;
}

/* Everything that may go on differently now. */
static void
stir(struct world *world, bool (*each_pod)(void *data, const json_t *pod))
{
	store_each(world->store, world->kinds[KIND_POD], NULL, each_pod, world);
	store_each(world->store, world->kinds[KIND_DEPLOYMENT], NULL, visit_deployment_again, world);
	store_each(world->store, world->kinds[KIND_APPLICATION], NULL, visit_application_again, world);
	world_visit(world, WORKER_OPERATOR, "", "", 0);
}

bool
world_break(struct world *world, const char *name, const char *namespace, const char *app,
            struct error *err)
{
	const struct world_cause *cause = world_cause_named(name);
	if (!cause) {
		error_put(err, ERROR_NOT_FOUND, "no cause is named \"%s\"", name);
		return error_next(err, "paas sandbox break");
	}
	char key[340];
	snprintf(key, sizeof(key), "%s/%s", namespace, app);
	json_t *armed = json_object_get(world->armed, key);
	if (!armed) {
		armed = json_object();
		json_object_set_new(world->armed, key, armed);
	}
	bool is_counted_per_app = cause->strikes && cause->stage != CAUSE_EXIT;
	json_object_set_new(armed, name, json_integer(is_counted_per_app ? cause->strikes : -1));
	stir(world, mark_pod);
	return true;
}

void
world_heal(struct world *world, const char *cause, const char *namespace, const char *app)
{
	const char *key;
	json_t *armed;
	void *next;
	json_object_foreach_safe(world->armed, next, key, armed) {
		const char *slash = strchr(key, '/');
		size_t length = (size_t)(slash - key);
		if (namespace && *namespace && (strlen(namespace) != length || memcmp(key, namespace, length) != 0))
			continue;
		if (app && *app && strcmp(slash + 1, app) != 0)
			continue;
		if (cause && *cause)
			json_object_del(armed, cause);
		else
			json_object_clear(armed);
	}
	node_recover_all(world);
	stir(world, wake_pod);
}

json_t *
world_broken(const struct world *world)
{
	json_t *list = json_array();
	const char *key, *cause;
	json_t *armed, *left;
	json_object_foreach(world->armed, key, armed) {
		const char *slash = strchr(key, '/');
		json_object_foreach(armed, cause, left) {
			json_array_append_new(list, json_pack("{s:s, s:s%, s:s}", "cause", cause, "namespace",
			                                      key, (size_t)(slash - key), "app", slash + 1));
		}
	}
	return list;
}
