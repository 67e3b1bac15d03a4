#include "core/deploy/watch.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "core/diagnose/object.h"
#include "core/diagnose/symptom.h"

enum { TICK_MS = 500, REFRESH_MS = 15 * 1000, LOG_LINES = 20, NODES_MAX = 4 };

struct watch {
	const struct watch_request *request;
	struct follow *follow;
	struct fiber *fiber;
	int64_t base_ms, monotonic_ms; /* the server's clock, and ours at that moment */
	int64_t refreshed_ms;
	bool may_read_nodes, may_read_claims;
	struct arena arena;            /* of one errand */
};

/* One informer a kind.  Without the optional ones the diagnosis knows less, but the verdict stands. */
static const struct watched {
	const struct kubernetes_resource *resource;
	enum observed kind;
	const char *selector; /* before the name: a field or a label */
	bool is_field, is_optional;
} watched[] = {
	{&kubernetes_applications, OBSERVED_APPLICATION, "metadata.name=", true, false},
	{&kubernetes_application_statuses, OBSERVED_STATUS, "app=", false, false},
	{&kubernetes_deployments, OBSERVED_DEPLOYMENT, "metadata.name=", true, false},
	{&kubernetes_replica_sets, OBSERVED_REPLICA_SET, "app=", false, false},
	{&kubernetes_pods, OBSERVED_POD, "app=", false, false},
	{&kubernetes_events, OBSERVED_EVENT, NULL, false, true},
};

static const struct watched *
watched_of(const struct kubernetes_resource *resource)
{
	for (size_t i = 0; i < array_length(watched); i++)
		if (watched[i].resource == resource)
			return &watched[i];
	return NULL;
}

static bool
is_operators(const struct watched *what)
{
	return what->kind == OBSERVED_APPLICATION || what->kind == OBSERVED_STATUS;
}

static int64_t
server_now(const struct watch *watch)
{
	return watch->base_ms + clock_monotonic_ms() - watch->monotonic_ms;
}

static void
told_lost(struct watch *watch, const struct watched *what, const struct error *trouble)
{
	if (what->is_optional || (watch->request->is_restart && is_operators(what) && !trouble->retryable))
		return;
	bool is_for_good = !trouble->retryable &&
	                   (trouble->code == ERROR_NOT_LOGGED_IN || trouble->code == ERROR_FORBIDDEN);
	if (is_for_good)
		follow_blind(watch->follow, trouble);
	else
		follow_lost(watch->follow, server_now(watch), trouble);
}

static void
told(void *data, const struct kubernetes_event *event)
{
	struct watch *watch = data;
	const struct watched *what = watched_of(event->resource);
	if (!what)
		return;
	switch (event->type) {
	case KUBERNETES_ADDED:
	case KUBERNETES_MODIFIED:
		follow_object(watch->follow, what->kind, event->object);
		break;
	case KUBERNETES_DELETED:
		follow_gone(watch->follow, what->kind, event->object);
		break;
	case KUBERNETES_LOST:
		told_lost(watch, what, &event->trouble);
		break;
	case KUBERNETES_BACK:
		if (!what->is_optional)
			follow_back(watch->follow, server_now(watch));
		break;
	case KUBERNETES_SYNCED:
		break;
	}
	fiber_wake(watch->fiber);
}

/* ---- errands: what only a request can find out ---- */

static bool
read_list(struct watch *watch, const struct kubernetes_resource *resource, const char *label_selector,
          enum observed kind, struct error *err)
{
	struct kubernetes_query query = {.resource = resource, .namespace = watch->request->namespace,
	                                 .label_selector = label_selector};
	scoped(json_release) json_t *list = NULL;
	const json_t *item;
	size_t i;
	if (!kubernetes_list(watch->request->kubernetes, &query, &list, err))
		return false;
	json_array_foreach(json_at(list, "items"), i, item)
		follow_object(watch->follow, kind, item);
	return true;
}

static void
look_up_missing(struct watch *watch, const struct follow_reference *missing)
{
	static const struct kubernetes_resource *const kinds[] = {
		&kubernetes_secrets, &kubernetes_configmaps, &kubernetes_service_accounts,
		&kubernetes_persistent_volume_claims};
	struct error ignored;
	for (size_t i = 0; i < array_length(kinds); i++) {
		scoped(json_release) json_t *object = NULL;
		if (!strcmp(kinds[i]->plural, missing->kind))
			follow_present(watch->follow, missing->kind, missing->name,
			               kubernetes_get(watch->request->kubernetes, kinds[i], watch->request->namespace,
			                              missing->name, &object, &ignored));
	}
}

/* Everything a failure rests on, once more. */
static void
reread(struct watch *watch)
{
	const struct deployment *deployment = follow_deployment(watch->follow);
	const char *label = arena_printf(&watch->arena, "app=%s", watch->request->name);
	int64_t at_ms = server_now(watch);
	struct error err;
	scoped(json_release) json_t *object = NULL;
	bool is_fine = read_list(watch, &kubernetes_replica_sets, label, OBSERVED_REPLICA_SET, &err) &&
	               read_list(watch, &kubernetes_pods, label, OBSERVED_POD, &err);
	bool is_there = kubernetes_get(watch->request->kubernetes, &kubernetes_deployments, watch->request->namespace,
	                               watch->request->name, &object, &err);
	if (is_there)
		follow_object(watch->follow, OBSERVED_DEPLOYMENT, object);
	for (size_t i = 0; i < deployment->n_missing; i++)
		look_up_missing(watch, &deployment->missing[i]);
	if (is_fine && (is_there || err.code == ERROR_NOT_FOUND))
		follow_reread(watch->follow, at_ms);
}

/* The previous run's last words; before the first restart those of the present one. */
static void
read_log(struct watch *watch, const struct follow_log_wish *wish)
{
	struct kubernetes_log_query query = {.namespace = watch->request->namespace, .pod = wish->pod,
	                                     .container = wish->container, .previous = true, .tail_lines = LOG_LINES};
	const char *text = NULL;
	size_t length;
	struct error ignored;
	bool is_read = kubernetes_read_log(watch->request->kubernetes, &query, &watch->arena, &text, &length, &ignored);
	query.previous = false;
	if (!is_read || !length)
		is_read = kubernetes_read_log(watch->request->kubernetes, &query, &watch->arena, &text, &length, &ignored);
	follow_log(watch->follow, wish->pod, wish->container, is_read && text ? text : "");
}

static const char *
pod_line(const json_t *pod, struct arena *arena)
{
	const char *waiting = object_word(pod, "status.containerStatuses.0.state.waiting.reason");
	bool is_ready = object_has_condition(pod, "Ready", "True");
	return arena_printf(arena, "pod %s of the operator is %s", object_name(pod),
	                    is_ready ? "ready" : *waiting ? waiting : object_word(pod, "status.phase"));
}

static void
look_at_operator(struct watch *watch)
{
	struct kubernetes_query query = {.resource = &kubernetes_pods, .namespace = watch->request->namespace,
	                                 .label_selector = "app=fiaas-deploy-daemon"};
	scoped(json_release) json_t *list = NULL;
	struct error err;
	const char *line = arena_printf(&watch->arena, "no pod of fiaas-deploy-daemon in namespace %s",
	                                watch->request->namespace);
	if (!kubernetes_list(watch->request->kubernetes, &query, &list, &err))
		line = "its pods cannot be read";
	else if (json_at(list, "items.0"))
		line = pod_line(json_at(list, "items.0"), &watch->arena);
	follow_operator(watch->follow, line);
}

/* Nodes of the pods that do not get on; claims.  Often not ours to read: asked for once then. */
static void
refresh(struct watch *watch)
{
	struct rollout_objects objects = follow_objects(watch->follow);
	const json_t *pod;
	const char *uid, *asked[NODES_MAX];
	size_t n_asked = 0;
	struct error err;
	watch->refreshed_ms = clock_monotonic_ms();
	if (watch->may_read_claims &&
	    !read_list(watch, &kubernetes_persistent_volume_claims, NULL, OBSERVED_CLAIM, &err))
		watch->may_read_claims = err.retryable;
	json_object_foreach((json_t *)(uintptr_t)objects.pods, uid, pod)
		if (n_asked < NODES_MAX && json_text_at(pod, "spec.nodeName") && !object_has_condition(pod, "Ready", "True"))
			asked[n_asked++] = arena_strdup(&watch->arena, json_text_at(pod, "spec.nodeName"));
	for (size_t i = 0; i < n_asked && watch->may_read_nodes; i++) {
		scoped(json_release) json_t *node = NULL;
		if (kubernetes_get(watch->request->kubernetes, &kubernetes_nodes, NULL, asked[i], &node, &err))
			follow_object(watch->follow, OBSERVED_NODE, node);
		else
			watch->may_read_nodes = err.retryable || err.code == ERROR_NOT_FOUND;
	}
}

static void
run_errands(struct watch *watch)
{
	const struct deployment *deployment = follow_deployment(watch->follow);
	struct follow_log_wish logs[array_length(deployment->logs)];
	size_t n_logs = deployment->n_logs;
	unsigned wants = deployment->wants;
	for (size_t i = 0; i < n_logs; i++)
		logs[i] = (struct follow_log_wish){arena_strdup(&watch->arena, deployment->logs[i].pod),
		                                   arena_strdup(&watch->arena, deployment->logs[i].container)};
	if (wants & WANTS_OPERATOR)
		look_at_operator(watch);
	for (size_t i = 0; i < n_logs; i++)
		read_log(watch, &logs[i]);
	if (wants & WANTS_REREAD)
		reread(watch);
	if (deployment->findings.count && clock_monotonic_ms() - watch->refreshed_ms >= REFRESH_MS)
		refresh(watch);
	arena_reset(&watch->arena);
}

/* ---- the watch ---- */

static bool
run(struct watch *watch, struct error *err)
{
	const struct watch_request *request = watch->request;
	for (;;) {
		bool timed_out;
		follow_tick(watch->follow, server_now(watch));
		const struct deployment *deployment = follow_deployment(watch->follow);
		request->told(request->data, deployment);
		if (deployment->outcome != OUTCOME_NONE)
			return true;
		run_errands(watch);
		bool has_news = deployment->wants & (WANTS_REREAD | WANTS_LOGS);
		if (!fiber_wait_for(request->loop, has_news ? 1 : TICK_MS, &timed_out))
			return error_set(err, ERROR_INTERRUPTED, "the deployment goes on");
	}
}

static struct kubernetes_informer *
start(struct watch *watch, const struct watched *what)
{
	const struct watch_request *request = watch->request;
	const char *selector = what->selector ? arena_printf(&watch->arena, "%s%s", what->selector, request->name) : NULL;
	struct kubernetes_query query = {.resource = what->resource, .namespace = request->namespace,
	                                 .field_selector = what->is_field ? selector : NULL,
	                                 .label_selector = what->is_field ? NULL : selector};
	return kubernetes_informer_start(request->kubernetes, &query, told, watch);
}

bool
watch_deployment(const struct watch_request *request, struct follow *follow, struct error *err)
{
	struct watch watch = {.request = request, .follow = follow, .fiber = fiber_current(),
	                      .base_ms = request->server_ms, .monotonic_ms = clock_monotonic_ms(),
	                      .refreshed_ms = -REFRESH_MS, .may_read_nodes = true, .may_read_claims = true};
	struct kubernetes_informer *informers[array_length(watched)];
	struct arena texts = {0};
	for (size_t i = 0; i < array_length(watched); i++)
		informers[i] = request->is_direct && is_operators(&watched[i]) ? NULL : start(&watch, &watched[i]);
	texts = watch.arena;
	watch.arena = (struct arena){0};
	bool is_fine = run(&watch, err);
	for (size_t i = 0; i < array_length(watched); i++)
		kubernetes_informer_stop(informers[i]);
	arena_release(&watch.arena);
	arena_release(&texts);
	return is_fine;
}

bool
watch_finds_foreign_image(const struct follow *follow, const char *const *digests, size_t n_digests,
                          const char **ret_pod, const char **ret_image)
{
	struct rollout_objects objects = follow_objects(follow);
	struct rollout_view view = rollout_look(&objects);
	const char *name = object_name(objects.deployment), *uid;
	const json_t *pod, *status;
	size_t i;
	json_object_foreach((json_t *)(uintptr_t)objects.pods, uid, pod) {
		json_array_foreach(json_at(pod, "status.containerStatuses"), i, status) {
			const char *image = object_word(status, "imageID");
			bool is_known = !strstr(image, "sha256:");
			for (size_t digest = 0; digest < n_digests; digest++)
				is_known |= strstr(image, digests[digest]) != NULL;
			if (rollout_has_pod(&view, pod) && !strcmp(object_word(status, "name"), name) && !is_known) {
				*ret_pod = object_name(pod);
				*ret_image = image;
				return true;
			}
		}
	}
	return false;
}
