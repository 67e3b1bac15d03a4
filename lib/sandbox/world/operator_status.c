#include "sandbox/world/operator_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/fiaas/status_name.h"

enum { STATUSES_KEPT = 10, NAME_BYTES = 300, KEY_BYTES = NAME_BYTES + 128 };

static const char *
app_of(const json_t *application)
{
	return item_text(application, "spec/application");
}

static const char *
id_of(const json_t *application)
{
	return item_label(application, "fiaas/deployment_id");
}

static void
status_name(const char *app, const char *id, char ret[static NAME_BYTES])
{
	char suffix[FIAAS_STATUS_SUFFIX_LENGTH + 1];
	fiaas_status_suffix(id, suffix);
	snprintf(ret, NAME_BYTES, "%s-%s", app, suffix);
}

/* Lines are kept by (namespace, application, id) until the last status takes them. */
static void
log_key(const json_t *application, char ret[static KEY_BYTES])
{
	snprintf(ret, KEY_BYTES, "%s/%s/%s", item_namespace(application), app_of(application),
	         id_of(application));
}

static json_t *
log_of(struct world *world, const json_t *application)
{
	char key[KEY_BYTES];
	log_key(application, key);
	json_t *logs = json_object_get(world->operator, "logs");
	if (!logs) {
		logs = json_object();
		json_object_set_new(world->operator, "logs", logs);
	}
	json_t *lines = json_object_get(logs, key);
	if (!lines) {
		lines = json_array();
		json_object_set_new(logs, key, lines);
	}
	return lines;
}

void
operator_log(struct world *world, const json_t *application, const char *level, const char *message)
{
	char date[CLOCK_TEXT_BYTES];
	int64_t now_ms = clock_wall_ms();
	clock_format(now_ms, date);
	json_array_append_new(log_of(world, application),
	                      json_sprintf("[%.10s %.8s,%03d|%7s] %s [fiaas_deploy_daemon.deployer|Deployer|%s/%s]",
	                                   date, date + 11, (int)(now_ms % 1000), level, message,
	                                   item_namespace(application), app_of(application)));
}

/* "2026-11-23T10:00:00.123000+00:00", as Python writes it. */
static void
python_now(char ret[static 64])
{
	char date[CLOCK_TEXT_BYTES];
	int64_t now_ms = clock_wall_ms();
	clock_format(now_ms, date);
	snprintf(ret, 64, "%.19s.%03d000+00:00", date, (int)(now_ms % 1000));
}

static void
add_all(json_t *object, const char *map, const json_t *application, const char *additional)
{
	const char *key;
	json_t *value;
	json_object_foreach(item_at(application, additional), key, value)
		json_object_set(item_at(object, map), key, value);
}

static json_t *
new_status(const json_t *application, const char *name, const char *result, json_t *logs)
{
	const char *app = app_of(application);
	json_t *owner = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "apiVersion", "fiaas.schibsted.io/v1",
	                          "kind", "Application", "name", app, "uid", item_uid(application),
	                          "controller", 1, "blockOwnerDeletion", 1);
	json_t *status = json_pack("{s:{s:s, s:s, s:{}, s:{}, s:[o]}, s:s, s:o}", "metadata", "name", name,
	                           "namespace", item_namespace(application), "labels", "annotations",
	                           "ownerReferences", owner, "result", result, "logs", logs);
	add_all(status, "metadata/labels", application, "spec/additional_labels/status");
	add_all(status, "metadata/annotations", application, "spec/additional_annotations/status");
	item_set_label(status, "app", app);
	item_set_label(status, "fiaas/deployment_id", id_of(application));
	char now[64];
	python_now(now);
	item_set_annotation(status, "fiaas/last_updated", now);
	return status;
}

/* The status of the Application itself, if it still is about this deployment: ERROR lines only. */
static void
write_inline_status(struct world *world, const json_t *application, const char *result,
                    const json_t *lines)
{
	const json_t *now = world_get(world, KIND_APPLICATION, item_namespace(application), app_of(application));
	if (!world->options.include_status_in_app || !now || strcmp(id_of(now), id_of(application)) != 0)
		return;
	json_t *errors = json_array(), *line;
	size_t i;
	json_array_foreach(lines, i, line) {
		if (strstr(json_string_value(line), "|  ERROR]"))
			json_array_append(errors, line);
	}
	json_t *changed = world_copy(now);
	item_set(changed, "status",
	           json_pack("{s:s, s:I, s:o, s:s}", "result", result, "observedGeneration",
	                     (json_int_t)item_integer(now, "metadata/generation", 1), "logs", errors,
	                     "deployment_id", id_of(application)));
	world_put(world, KIND_APPLICATION, changed);
}

static int
by_update(const void *left, const void *right)
{
	const json_t *const *a = left, *const *b = right;
	return strcmp(item_annotation(*a, "fiaas/last_updated"), item_annotation(*b, "fiaas/last_updated"));
}

static void
forget_old(struct world *world, const char *namespace, const char *app)
{
	scoped(json_decrefp) json_t *all = world_list(world, KIND_APPLICATION_STATUS, namespace, NULL);
	const json_t **own = calloc(json_array_size(all) + 1, sizeof(*own));
	if (!own)
		abort();
	size_t count = 0, i;
	json_t *status;
	json_array_foreach(all, i, status) {
		if (!strcmp(item_label(status, "app"), app))
			own[count++] = status;
	}
	qsort(own, count, sizeof(*own), by_update);
	for (i = 0; i + STATUSES_KEPT < count; i++)
		world_delete(world, KIND_APPLICATION_STATUS, own[i]);
	free(own);
}

void
operator_write_status(struct world *world, const json_t *application, const char *result)
{
	char name[NAME_BYTES];
	status_name(app_of(application), id_of(application), name);
	json_t *lines = log_of(world, application);
	write_inline_status(world, application, result, lines);
	world_put(world, KIND_APPLICATION_STATUS,
	          new_status(application, name, result, json_deep_copy(lines)));
	forget_old(world, item_namespace(application), app_of(application));
	if (!strcmp(result, "SUCCESS") || !strcmp(result, "FAILED")) {
		char key[KEY_BYTES];
		log_key(application, key);
		json_object_del(json_object_get(world->operator, "logs"), key);
	}
}

const char *
operator_result(const struct world *world, const char *namespace, const char *app, const char *id)
{
	char name[NAME_BYTES];
	status_name(app, id, name);
	return item_text(world_get(world, KIND_APPLICATION_STATUS, namespace, name), "result");
}
