#include "core/configuration/delivery.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "core/diagnose/object.h"

enum { SECOND_MS = 1000 };

/* ---- one pod or template ---- */

struct way {
	const char *folder; /* NULL: not mounted */
	bool is_fixed, is_environment;
	const char *filled_by;
};

/* The container called as the application, else the first. */
static const json_t *
main_container(const json_t *spec, const char *name)
{
	const json_t *containers = json_list_at(spec, "containers"), *container;
	size_t i;
	json_array_foreach(containers, i, container)
		if (strcmp(object_word(container, "name"), name) == 0)
			return container;
	return json_array_get(containers, 0);
}

static const json_t *
mount_of(const json_t *container, const char *volume)
{
	const json_t *mount;
	size_t i;
	json_array_foreach(json_list_at(container, "volumeMounts"), i, mount)
		if (strcmp(object_word(mount, "name"), volume) == 0)
			return mount;
	return NULL;
}

static const json_t *
mount_of_object(const struct values_form *form, const char *name, const json_t *spec, const json_t *container)
{
	const json_t *volume;
	size_t i;
	json_array_foreach(json_list_at(spec, "volumes"), i, volume) {
		const json_t *source = json_object_get(volume, form->volume);
		const json_t *mount = mount_of(container, object_word(volume, "name"));
		if (source != NULL && mount != NULL && strcmp(object_word(source, form->name_key), name) == 0)
			return mount;
	}
	return NULL;
}

/* Who else writes to the folder in which the files would be. */
static const char *
filler_of(const struct values_form *form, const json_t *spec)
{
	const json_t *container, *mount;
	size_t i, k;
	json_array_foreach(json_list_at(spec, "initContainers"), i, container)
		json_array_foreach(json_list_at(container, "volumeMounts"), k, mount)
			if (strncmp(object_word(mount, "mountPath"), form->folder, strlen(form->folder)) == 0 &&
			    !object_is_true(mount, "readOnly"))
				return object_word(container, "name");
	return NULL;
}

static bool
is_in_environment(const struct values_form *form, const char *name, const json_t *container)
{
	const json_t *from;
	size_t i;
	json_array_foreach(json_list_at(container, "envFrom"), i, from)
		if (strcmp(object_word(json_object_get(from, form->env_key), "name"), name) == 0)
			return true;
	return false;
}

static struct way
way_of(const struct values_form *form, const char *name, const json_t *spec)
{
	const json_t *container = main_container(spec, name);
	const json_t *mount = mount_of_object(form, name, spec, container);
	struct way way = {.is_environment = is_in_environment(form, name, container)};
	if (mount != NULL)
		way.folder = object_word(mount, "mountPath");
	else
		way.filled_by = filler_of(form, spec);
	way.is_fixed = *object_word(mount, "subPath") != '\0';
	return way;
}

/* ---- the pods ---- */

/* When its container started; -1 when it does not run. */
static int64_t
started_ms(const json_t *pod, const char *name)
{
	const char *wanted = object_word(main_container(json_object_get(pod, "spec"), name), "name");
	const json_t *status;
	size_t i;
	json_array_foreach(json_at(pod, "status.containerStatuses"), i, status)
		if (strcmp(object_word(status, "name"), wanted) == 0)
			return object_time(status, "state.running.startedAt");
	return -1;
}

static void
add_pod(const struct values_form *form, const char *name, const json_t *pod, struct delivery *delivery)
{
	struct way way = way_of(form, name, json_object_get(pod, "spec"));
	int64_t at_ms = started_ms(pod, name);
	if (object_is_leaving(pod) || at_ms < 0)
		return;
	delivery->started_ms[delivery->n_pods++] = at_ms;
	delivery->n_without += way.folder == NULL && !way.is_environment;
}

static const char *
without_slash(const char *path, struct arena *arena)
{
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	return arena_strndup(arena, path, length);
}

void
delivery_of(const struct values_form *form, const char *name, const json_t *deployment, const json_t *pods,
            struct arena *arena, struct delivery *ret)
{
	struct way way = way_of(form, name, json_at(deployment, "spec.template.spec"));
	const json_t *pod;
	size_t i;
	*ret = (struct delivery){
		.is_deployed = deployment != NULL,
		.folder = way.folder != NULL ? without_slash(way.folder, arena) : NULL,
		.is_fixed = way.is_fixed,
		.is_environment = way.is_environment,
		.filled_by = arena_strdup(arena, way.filled_by),
		.started_ms = arena_array(arena, int64_t, json_array_size(pods) + 1),
	};
	json_array_foreach(pods, i, pod)
		add_pod(form, name, pod, ret);
}

bool
delivery_read(struct kubernetes *kubernetes, const struct values_form *form, const char *namespace, const char *name,
              struct arena *arena, struct delivery *ret, struct error *err)
{
	scoped(json_release) json_t *deployment = NULL;
	scoped(json_release) json_t *pods = NULL;
	struct kubernetes_query query = {.resource = &kubernetes_pods, .namespace = namespace,
	                                 .label_selector = arena_printf(arena, "app=%s", name)};
	struct error failure;
	if (!kubernetes_get(kubernetes, &kubernetes_deployments, namespace, name, &deployment, &failure) &&
	    failure.code != ERROR_NOT_FOUND) {
		*err = failure;
		return false;
	}
	if (!kubernetes_list(kubernetes, &query, &pods, err))
		return false;
	delivery_of(form, name, deployment, json_list_at(pods, "items"), arena, ret);
	return true;
}

/* ---- does a value reach them ---- */

const char *
reach_name(enum reach reach)
{
	static const char *const names[] = {"current", "arriving", "restart-needed", "not-mounted", "no-pods", "unknown"};
	return names[reach];
}

/* Both times have whole seconds: in the same one, nobody knows which came first. */
static bool
has_older_pod(const struct delivery *delivery, int64_t set_ms)
{
	for (size_t i = 0; i < delivery->n_pods; i++)
		if (delivery->started_ms[i] / SECOND_MS <= set_ms / SECOND_MS)
			return true;
	return false;
}

enum reach
delivery_reach(const struct delivery *delivery, bool is_variable, int64_t set_ms, int64_t now_ms)
{
	is_variable &= delivery->is_environment;
	if (delivery->n_pods == 0)
		return REACH_NO_PODS;
	if (delivery->n_without == delivery->n_pods || (delivery->folder == NULL && !is_variable))
		return REACH_UNMOUNTED;
	if (set_ms < 0)
		return REACH_UNKNOWN;
	if (!has_older_pod(delivery, set_ms))
		return REACH_CURRENT;
	if (is_variable || delivery->is_fixed || delivery->n_without > 0)
		return REACH_RESTART;
	return now_ms - set_ms < DELIVERY_FILES_MS ? REACH_ARRIVING : REACH_CURRENT;
}
