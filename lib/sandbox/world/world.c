#include "sandbox/world/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/world/parts.h"

static void (*const workers[WORKER_COUNT])(struct world *, const char *, const char *) = {
	[WORKER_DEPLOYMENT] = deployment_visit, [WORKER_REPLICA_SET] = replica_set_visit,
	[WORKER_POD] = pod_visit, [WORKER_SERVICE] = service_visit, [WORKER_INGRESS] = ingress_visit,
	[WORKER_AUTOSCALER] = autoscaler_visit,
	[WORKER_APPLICATION] = application_visit, [WORKER_OPERATOR] = operator_visit,
};

static const struct {
	const char *api_version, *kind;
} kind_names[KIND_COUNT] = {
#define _(constant, api_version, kind) {api_version, kind},
	WORLD_KINDS(_)
#undef _
};

/* The queue. */

static void
set_timer(struct world *world)
{
	int64_t due_ms = queue_next_due_ms(&world->queue);
	if (due_ms < 0) {
		loop_timer_cancel(world->loop, &world->timer);
		return;
	}
	int64_t delay_ms = due_ms - clock_monotonic_ms();
	loop_timer_set(world->loop, &world->timer, delay_ms > 0 ? delay_ms : 0);
}

/* A bounded number of keys a turn, so that requests are answered in between. */
static void
timer_fired(struct loop_timer *timer)
{
	enum { KEYS_A_TURN = 200 };
	struct world *world = timer->data;
	struct queue_key key;
	for (int i = 0; i < KEYS_A_TURN; i++) {
		if (!queue_take(&world->queue, clock_monotonic_ms(), &key))
			break;
		workers[key.worker](world, key.namespace, key.name);
	}
	set_timer(world);
}

void
world_visit(struct world *world, enum queue_worker worker, const char *namespace, const char *name,
            int64_t delay_ms)
{
	queue_add(&world->queue, worker, namespace, name, clock_monotonic_ms() + delay_ms);
	set_timer(world);
}

/* What a change in the store sets in motion. */

static void
visit_owner(struct world *world, enum queue_worker worker, const json_t *object)
{
	size_t i;
	json_t *owner;
	json_array_foreach(item_at(object, "metadata/ownerReferences"), i, owner) {
		if (item_flag(owner, "controller"))
			world_visit(world, worker, item_namespace(object), item_text(owner, "name"), 0);
	}
}

static bool
visit_one_service(void *data, const json_t *service)
{
	world_visit(data, WORKER_SERVICE, item_namespace(service), item_name(service), 0);
	return true;
}

static void
pod_changed(struct world *world, const json_t *pod, bool is_deleted)
{
	visit_owner(world, WORKER_REPLICA_SET, pod);
	store_each(world->store, world->kinds[KIND_SERVICE], item_namespace(pod), visit_one_service, world);
	if (!is_deleted) {
		world_visit(world, WORKER_POD, item_namespace(pod), item_name(pod), 0);
		return;
	}
	json_object_del(world->pods, item_uid(pod));
	world_delete(world, KIND_POD_METRICS, pod);
}

/* As the service account controller does. */
static void
namespace_changed(struct world *world, const char *name)
{
	if (!world_get(world, KIND_SERVICE_ACCOUNT, name, "default"))
		world_put(world, KIND_SERVICE_ACCOUNT,
		          json_pack("{s:{s:s, s:s}}", "metadata", "name", "default", "namespace", name));
}

/* The controller looks every 15 s; an autoscaler has the name of what it scales, as the operator makes it. */
static void
autoscale_later(struct world *world, const json_t *object)
{
	enum { SYNC_MS = 15 * 1000 };
	world_visit(world, WORKER_AUTOSCALER, item_namespace(object), item_name(object), SYNC_MS);
}

static void
object_changed(struct world *world, enum world_kind kind, const json_t *object, bool is_deleted)
{
	static const enum queue_worker own_worker[KIND_COUNT] = {
		[KIND_DEPLOYMENT] = WORKER_DEPLOYMENT, [KIND_REPLICA_SET] = WORKER_REPLICA_SET,
		[KIND_SERVICE] = WORKER_SERVICE, [KIND_INGRESS] = WORKER_INGRESS,
	};
	if (kind == KIND_DEPLOYMENT || kind == KIND_REPLICA_SET || kind == KIND_SERVICE || kind == KIND_INGRESS)
		world_visit(world, own_worker[kind], item_namespace(object), item_name(object), 0);
	if ((kind == KIND_DEPLOYMENT || kind == KIND_AUTOSCALER) && !is_deleted)
		autoscale_later(world, object);
	if (kind == KIND_REPLICA_SET)
		visit_owner(world, WORKER_DEPLOYMENT, object);
	if (kind == KIND_SERVICE && is_deleted)
		world_delete(world, KIND_ENDPOINTS, object);
	if (kind == KIND_NAMESPACE && !is_deleted)
		namespace_changed(world, item_name(object));
	if (kind == KIND_POD)
		pod_changed(world, object, is_deleted);
	if (kind == KIND_APPLICATION && !is_deleted)
		world_visit(world, WORKER_APPLICATION, item_namespace(object), item_name(object),
		            world->options.operator_delay_ms);
}

static void
store_changed(struct store_listener *listener, const struct store_change *change)
{
	struct world *world = listener->data;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		if (world->kinds[kind] == change->resource)
			object_changed(world, (enum world_kind)kind, change->object,
			               change->type == STORE_DELETED);
	}
}

/* Life cycle. */

struct world *
world_start(struct loop *loop, struct store *store, const struct world_options *options)
{
	struct world *world = calloc(1, sizeof(*world));
	if (!world)
		abort();
	world->loop = loop;
	world->store = store;
	world->options = *options;
	world->random = options->seed ? options->seed : (uint64_t)clock_wall_ms() * 2654435761u + 1;
	world->pods = json_object();
	world->armed = json_object();
	world->operator = json_object();
	world->pulled = json_object();
	world->timer = (struct loop_timer){.fire = timer_fired, .data = world};
	for (int kind = 0; kind < KIND_COUNT; kind++)
		world->kinds[kind] = resource_of_kind(kind_names[kind].api_version, kind_names[kind].kind);
	world->listener = (struct store_listener){.changed = store_changed, .data = world};
	store_listen(store, &world->listener);
	return world;
}

void
world_stop(struct world *world)
{
	if (!world)
		return;
	store_unlisten(world->store, &world->listener);
	loop_timer_cancel(world->loop, &world->timer);
	queue_release(&world->queue);
	json_decref(world->pods);
	json_decref(world->armed);
	json_decref(world->operator);
	json_decref(world->pulled);
	free(world);
}

json_t *
world_snapshot(const struct world *world)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "pods", json_deep_copy(world->pods), "armed",
	                 json_deep_copy(world->armed), "operator", json_deep_copy(world->operator),
	                 "pulled", json_deep_copy(world->pulled));
}

static void
restore_map(json_t **map, const json_t *snapshot, const char *name)
{
	json_decref(*map);
	*map = json_deep_copy(json_object_get(snapshot, name));
	if (!json_is_object(*map))
		*map = json_object();
}

static bool
visit_again(void *data, const json_t *object)
{
	struct world *world = data;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		if (!strcmp(item_text(object, "kind"), kind_names[kind].kind))
			object_changed(world, (enum world_kind)kind, object, false);
	}
	return true;
}

void
world_restore(struct world *world, const json_t *snapshot)
{
	static const enum world_kind moving[] = {KIND_DEPLOYMENT, KIND_REPLICA_SET, KIND_POD,
	                                         KIND_SERVICE, KIND_APPLICATION, KIND_AUTOSCALER};
	queue_release(&world->queue);
	restore_map(&world->pods, snapshot, "pods");
	restore_map(&world->armed, snapshot, "armed");
	restore_map(&world->operator, snapshot, "operator");
	restore_map(&world->pulled, snapshot, "pulled");
	for (size_t i = 0; i < array_length(moving); i++)
		store_each(world->store, world->kinds[moving[i]], NULL, visit_again, world);
	world_visit(world, WORKER_OPERATOR, "", "", 0);
}

/* Objects. */

const json_t *
world_get(const struct world *world, enum world_kind kind, const char *namespace, const char *name)
{
	return world->kinds[kind] ? store_get(world->store, world->kinds[kind], namespace, name) : NULL;
}

const json_t *
world_put(struct world *world, enum world_kind kind, json_t *object)
{
	json_object_set_new(object, "apiVersion", json_string(kind_names[kind].api_version));
	json_object_set_new(object, "kind", json_string(kind_names[kind].kind));
	return store_put(world->store, world->kinds[kind], object);
}

bool
world_delete(struct world *world, enum world_kind kind, const json_t *object)
{
	return world->kinds[kind] && store_delete(world->store, world->kinds[kind],
	                                          item_namespace(object), item_name(object));
}

struct list_request {
	json_t *ret;
	const char *owner_uid;
};

static bool
collect(void *data, const json_t *object)
{
	struct list_request *request = data;
	if (!request->owner_uid || item_is_controlled_by(object, request->owner_uid))
		json_array_append(request->ret, (json_t *)(uintptr_t)object);
	return true;
}

json_t *
world_list(const struct world *world, enum world_kind kind, const char *namespace,
           const char *owner_uid)
{
	struct list_request request = {json_array(), owner_uid};
	if (world->kinds[kind])
		store_each(world->store, world->kinds[kind], namespace, collect, &request);
	return request.ret;
}

json_t *
world_copy(const json_t *object)
{
	return json_deep_copy(object);
}

/* The alphabet of k8s.io/apimachinery/pkg/util/rand: no vowels, nothing that looks alike. */
void
world_random_name(struct world *world, char *ret, size_t length)
{
	static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
	for (size_t i = 0; i < length; i++) {
		world->random ^= world->random << 13;
		world->random ^= world->random >> 7;
		world->random ^= world->random << 17;
		ret[i] = alphabet[world->random % (sizeof(alphabet) - 1)];
	}
	ret[length] = '\0';
}

const json_t *
world_logs(const struct world *world, const char *pod_uid, const char *container, bool is_previous)
{
	const json_t *record = json_object_get(world->pods, pod_uid);
	return json_object_get(json_object_get(record, is_previous ? "previous_logs" : "logs"), container);
}
