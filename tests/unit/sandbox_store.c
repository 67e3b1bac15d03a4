#include "sandbox/kubernetes/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct store *store;
static const struct resource *pods, *sets, *namespaces, *configmaps;
static char heard[512]; /* "+a ~a -a " */

static void
hear(struct store_listener *listener, const struct store_change *change)
{
	static const char marks[] = "+~-";
	const json_t *metadata = json_object_get(change->object, "metadata");
	size_t used = strlen(heard);
	(void)listener;
	snprintf(heard + used, sizeof heard - used, "%c%s ", marks[change->type],
	         json_string_value(json_object_get(metadata, "name")));
}

static struct store_listener listener = {.changed = hear};

static int
set_up(void **state)
{
	(void)state;
	heard[0] = '\0';
	store = store_new();
	pods = resource_find("", "v1", "pods");
	sets = resource_find("apps", "v1", "replicasets");
	namespaces = resource_find("", "v1", "namespaces");
	configmaps = resource_find("", "v1", "configmaps");
	store_listen(store, &listener);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_free(store);
	return 0;
}

static const json_t *
put(const struct resource *resource, const char *namespace, const char *name, const char *value)
{
	json_t *metadata = json_pack("{s:s}", "name", name);
	if (namespace[0] != '\0')
		json_object_set_new(metadata, "namespace", json_string(namespace));
	return store_put(store, resource,
	                 json_pack("{s:o, s:{s:s}}", "metadata", metadata, "spec", "value", value));
}

static const char *
metadata_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(json_object_get(object, "metadata"), key));
}

static json_int_t
generation(const json_t *object)
{
	return json_integer_value(json_object_get(json_object_get(object, "metadata"), "generation"));
}

static void
test_store__put_keeps_identity_and_counts_generations(void **state)
{
	(void)state;
	char uid[64];
	const json_t *first = put(sets, "n", "a", "1");
	snprintf(uid, sizeof uid, "%s", metadata_text(first, "uid"));
	assert_int_equal(strlen(uid), 36);
	assert_int_equal(generation(first), 1);
	assert_string_equal(json_string_value(json_object_get(first, "apiVersion")), "apps/v1");

	const json_t *second = put(sets, "n", "a", "2");
	assert_string_equal(metadata_text(second, "uid"), uid);
	assert_int_equal(generation(second), 2);

	json_t *copy = json_deep_copy(second);
	json_object_set_new(copy, "status", json_pack("{s:i}", "replicas", 1));
	assert_int_equal(generation(store_put(store, sets, copy)), 2);
}

static void
test_store__a_put_that_changes_nothing_is_silent(void **state)
{
	(void)state;
	put(pods, "n", "a", "1");
	uint64_t version = store_version(store);
	put(pods, "n", "a", "1");
	assert_int_equal(store_version(store), version);
	assert_string_equal(heard, "+a ");
}

static bool
collect(void *data, const json_t *object)
{
	strcat(data, metadata_text(object, "name"));
	return true;
}

static void
test_store__each_goes_in_order_within_a_namespace(void **state)
{
	(void)state;
	char names[16] = "";
	put(pods, "n", "c", "");
	put(pods, "m", "z", "");
	put(pods, "n", "a", "");
	put(pods, "n", "b", "");
	store_each(store, pods, "n", collect, names);
	assert_string_equal(names, "abc");
	store_each(store, pods, NULL, collect, names);
	assert_string_equal(names, "abczabc");
}

static bool
delete_self_and_next(void *data, const json_t *object)
{
	const char *name = metadata_text(object, "name");
	char next[2] = {(char)(name[0] + 1), '\0'};
	strcat(data, name);
	store_delete(store, pods, "n", name);
	store_delete(store, pods, "n", next);
	return true;
}

static void
test_store__each_survives_deletes(void **state)
{
	(void)state;
	char names[16] = "";
	for (const char *name = "abcde"; *name != '\0'; name++)
		put(pods, "n", (char[]){*name, '\0'}, "");
	store_each(store, pods, "n", delete_self_and_next, names);
	assert_string_equal(names, "ace");
}

static void
test_store__owned_objects_go_with_their_owner(void **state)
{
	(void)state;
	const json_t *owner = put(sets, "n", "set", "1");
	json_t *pod = json_pack("{s:{s:s, s:s, s:[{s:s}]}}", "metadata", "name", "pod", "namespace", "n",
	                        "ownerReferences", "uid", metadata_text(owner, "uid"));
	store_put(store, pods, pod);
	put(pods, "n", "free", "1");
	assert_true(store_delete(store, sets, "n", "set"));
	assert_null(store_get(store, pods, "n", "pod"));
	assert_non_null(store_get(store, pods, "n", "free"));
	assert_string_equal(heard, "+set +pod +free -set -pod ");
	assert_false(store_delete(store, sets, "n", "set"));
}

static void
test_store__a_namespace_takes_its_content_along(void **state)
{
	(void)state;
	put(namespaces, "", "n", "");
	put(configmaps, "n", "a", "");
	put(configmaps, "m", "b", "");
	store_delete(store, namespaces, "", "n");
	assert_null(store_get(store, configmaps, "n", "a"));
	assert_non_null(store_get(store, configmaps, "m", "b"));
}

static void
react(struct store_listener *reacting, const struct store_change *change)
{
	if (change->type == STORE_ADDED && strcmp(metadata_text(change->object, "name"), "a") == 0)
		put(pods, "n", "b", "");
	(void)reacting;
}

static void
test_store__changes_made_by_listeners_are_told_in_order(void **state)
{
	(void)state;
	struct store_listener reacting = {.changed = react}, late = {.changed = hear};
	store_unlisten(store, &listener);
	store_listen(store, &reacting);
	store_listen(store, &late);
	put(pods, "n", "a", "");
	assert_string_equal(heard, "+a +b ");
	assert_non_null(store_get(store, pods, "n", "b"));
}

static void
replayed(void *data, const struct store_change *change)
{
	hear(data, change);
}

static void
test_store__replay_tells_what_came_later_until_compacted(void **state)
{
	(void)state;
	put(pods, "n", "a", "1");
	uint64_t version = store_version(store);
	put(pods, "n", "a", "2");
	put(sets, "n", "other", "2");
	store_delete(store, pods, "n", "a");
	heard[0] = '\0';
	assert_true(store_replay(store, pods, version, replayed, NULL));
	assert_string_equal(heard, "~a -a ");
	store_compact(store);
	assert_false(store_replay(store, pods, version, replayed, NULL));
	assert_true(store_replay(store, pods, store_version(store), replayed, NULL));
}

static void
test_store__history_is_bounded(void **state)
{
	(void)state;
	char value[16];
	store_unlisten(store, &listener);
	put(pods, "n", "a", "first");
	uint64_t version = store_version(store);
	for (int i = 0; i < 10001; i++) {
		snprintf(value, sizeof value, "%d", i);
		put(pods, "n", "a", value);
	}
	assert_true(store_oldest_version(store) > version);
	assert_false(store_replay(store, pods, version, replayed, NULL));
}

static void
test_store__a_snapshot_restores_everything_and_versions_rise(void **state)
{
	(void)state;
	char uid[64];
	snprintf(uid, sizeof uid, "%s", metadata_text(put(pods, "n", "a", "1"), "uid"));
	json_t *snapshot = store_snapshot(store);
	uint64_t version = store_version(store);
	store_delete(store, pods, "n", "a");
	put(pods, "n", "b", "1");
	assert_true(store_restore(store, snapshot));
	json_decref(snapshot);
	assert_string_equal(metadata_text(store_get(store, pods, "n", "a"), "uid"), uid);
	assert_null(store_get(store, pods, "n", "b"));
	assert_true(store_version(store) > version);
	assert_int_equal(store_oldest_version(store), store_version(store));
}

static void
test_store__a_broken_snapshot_changes_nothing(void **state)
{
	(void)state;
	json_t *broken = json_pack("{s:i, s:[{s:s}]}", "version", 1, "objects", "kind", "Nonsense");
	put(pods, "n", "a", "1");
	assert_false(store_restore(store, broken));
	json_decref(broken);
	assert_non_null(store_get(store, pods, "n", "a"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_store__##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(put_keeps_identity_and_counts_generations),
		TEST(a_put_that_changes_nothing_is_silent),
		TEST(each_goes_in_order_within_a_namespace),
		TEST(each_survives_deletes),
		TEST(owned_objects_go_with_their_owner),
		TEST(a_namespace_takes_its_content_along),
		TEST(changes_made_by_listeners_are_told_in_order),
		TEST(replay_tells_what_came_later_until_compacted),
		TEST(history_is_bounded),
		TEST(a_snapshot_restores_everything_and_versions_rise),
		TEST(a_broken_snapshot_changes_nothing),
	};
	return cmocka_run_group_tests_name("sandbox/store", tests, NULL, NULL);
}
