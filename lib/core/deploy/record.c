#include "core/deploy/record.h"

#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "core/deploy/submit.h"
#include "data/json.h"

static const char *
map_name(const char *name, struct arena *arena)
{
	return arena_printf(arena, "paas-releases-%s", name);
}

/* ---- writing ---- */

/* Whether it was short enough for data. */
static bool
put_entry(json_t *data, const struct record_entry *entry, struct arena *arena)
{
	char time[CLOCK_TEXT_BYTES];
	scoped(json_release) json_t *object =
		json_pack("{s:s, s:s*, s:s*, s:s*, s:s*, s:O}", "image", entry->image, "digest", entry->digest, "commit", entry->commit,
	              "author", entry->author, "deployed_at", entry->at_ms > 0 ? clock_format(entry->at_ms, time) : NULL, "config",
	              entry->config);
	const char *text = json_write(object, arena);
	if (strlen(text) > RECORD_ENTRY_MAX)
		return false;
	json_object_set_new(data, entry->deployment_id, json_string(text));
	return true;
}

static void
put_standing(json_t *data, const struct standing *standing, struct arena *arena)
{
	const struct record_entry entry = {
		.deployment_id = standing->deployment_id, .image = standing->image, .digest = standing->digest,
		.commit = standing->commit, .author = standing->author, .at_ms = standing->deployed_ms,
		.config = json_map_at(standing->application, "spec.config")};
	if (*entry.deployment_id != '\0' && entry.config != NULL)
		(void)!put_entry(data, &entry, arena);
}

/* A ConfigMap that has these keys, too, or is made of them. */
static bool
add_entries(struct kubernetes *kubernetes, const char *namespace, const char *name, json_t *data, struct arena *arena,
            json_t **ret, struct error *err)
{
	const char *map = map_name(name, arena);
	scoped(json_release) json_t *patch = json_pack("{s:O}", "data", data);
	scoped(json_release) json_t *whole = json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:O}", "apiVersion", "v1", "kind",
	                                               "ConfigMap", "metadata", "name", map, "namespace", namespace, "labels",
	                                               "paas/releases", name, "data", data);
	if (kubernetes_merge(kubernetes, &kubernetes_configmaps, namespace, map, patch, SUBMIT_MANAGER, ret, err))
		return true;
	if (err->code != ERROR_NOT_FOUND)
		return false;
	if (kubernetes_create(kubernetes, &kubernetes_configmaps, namespace, whole, ret, err))
		return true;
	return err->code == ERROR_CONFLICT && /* somebody was faster */
	       kubernetes_merge(kubernetes, &kubernetes_configmaps, namespace, map, patch, SUBMIT_MANAGER, ret, err);
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Deployment ids begin with their time: the first are the oldest. */
static bool
forget_oldest(struct kubernetes *kubernetes, const char *namespace, const char *name, const json_t *map, struct arena *arena,
              struct error *err)
{
	json_t *data = json_object_get(map, "data");
	size_t count = json_object_size(data), i = 0;
	if (count <= RECORD_MAX)
		return true;
	const char **keys = arena_array(arena, const char *, count), *key;
	json_t *value, *gone = json_object();
	json_object_foreach (data, key, value)
		keys[i++] = key;
	qsort(keys, count, sizeof *keys, compare_keys);
	for (i = 0; i < count - RECORD_MAX; i++)
		json_object_set_new(gone, keys[i], json_null());
	scoped(json_release) json_t *patch = json_pack("{s:o}", "data", gone);
	scoped(json_release) json_t *stored = NULL;
	return kubernetes_merge(kubernetes, &kubernetes_configmaps, namespace, map_name(name, arena), patch, SUBMIT_MANAGER, &stored,
	                        err);
}

bool
record_write(struct kubernetes *kubernetes, const char *namespace, const char *name, const struct record_entry *entry,
             const struct standing *before, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(json_release) json_t *data = json_object();
	scoped(json_release) json_t *stored = NULL;
	put_standing(data, before, &arena);
	bool is_short = put_entry(data, entry, &arena);
	if (json_object_size(data) > 0 && (!add_entries(kubernetes, namespace, name, data, &arena, &stored, err) ||
	                                   !forget_oldest(kubernetes, namespace, name, stored, &arena, err)))
		return false;
	return is_short || error_set(err, ERROR_FAILED, "its settings are longer than %d bytes", RECORD_ENTRY_MAX);
}

/* ---- reading ---- */

bool
record_read(struct kubernetes *kubernetes, const char *namespace, const char *name, json_t **ret, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(json_release) json_t *map = NULL;
	struct error ignored;
	json_t *value, *entries = json_object();
	const char *key;
	if (!kubernetes_get(kubernetes, &kubernetes_configmaps, namespace, map_name(name, &arena), &map, err) &&
	    err->code != ERROR_NOT_FOUND) {
		json_decref(entries);
		return false;
	}
	json_object_foreach (json_object_get(map, "data"), key, value) {
		const char *text = json_string_value(value);
		json_t *entry = NULL;
		if (text != NULL && json_parse(text, strlen(text), "a recorded release", &entry, &ignored))
			json_object_set_new(entries, key, entry); /* what others wrote there is none of ours */
	}
	*ret = entries;
	return true;
}
