#include "sandbox/oci/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/oci/content.h"

static const struct registry_options account = {.username = "u", .password = "p"};

static void
test_registry__each_tag_has_content_of_its_own(void **state)
{
	struct registry *registry = registry_new(&account);
	(void)state;
	const char *one = registry_seed(registry, "shop/checkout", "1.0", "abc", NULL);
	const char *two = registry_seed(registry, "shop/checkout", "1.1", "def", NULL);
	assert_string_not_equal(one, two);
	assert_string_equal(registry_find_digest(registry, "shop/checkout", "1.0"), one);
	assert_string_equal(registry_find_digest(registry, "shop/checkout", two), two);
	assert_null(registry_find_digest(registry, "shop/checkout", "1.2"));
	assert_null(registry_find_digest(registry, "shop/other", "1.0"));
	registry_free(registry);
}

static void
test_registry__a_moved_tag_names_the_new_digest(void **state)
{
	struct registry *registry = registry_new(&account);
	(void)state;
	const char *old = registry_seed(registry, "shop/checkout", "1.0", "abc", NULL);
	const char *new = registry_seed(registry, "shop/checkout", "1.0", "def", "arm64");
	assert_string_equal(registry_find_digest(registry, "shop/checkout", "1.0"), new);
	assert_string_equal(registry_find_digest(registry, "shop/checkout", old), old);
	registry_free(registry);
}

static void
test_registry__comes_back_from_a_snapshot(void **state)
{
	struct registry *registry = registry_new(&account), *other = registry_new(&account);
	(void)state;
	const char *digest = registry_seed(registry, "shop/checkout", "1.0", "abc", NULL);
	json_t *snapshot = registry_snapshot(registry);
	assert_true(registry_restore(other, snapshot));
	assert_string_equal(registry_find_digest(other, "shop/checkout", "1.0"), digest);
	json_object_set_new(snapshot, "tags", json_pack("[{s:i}]", "name", 1));
	assert_false(registry_restore(other, snapshot));
	assert_string_equal(registry_find_digest(other, "shop/checkout", "1.0"), digest);
	json_decref(snapshot);
	registry_free(registry);
	registry_free(other);
}

static void
test_content__lists_tags_in_order_and_forgets_deleted_ones(void **state)
{
	struct content content = {0};
	(void)state;
	const char *digest = content_put(&content, "r", "application/json", "{}", 2);
	content_tag(&content, "r", "b", digest);
	content_tag(&content, "r", "a", digest);
	content_tag(&content, "q", "z", digest);
	assert_string_equal(content.tags[0].repository, "q");
	assert_string_equal(content.tags[1].name, "a");
	char copy[DIGEST_BYTES];
	memcpy(copy, digest, sizeof copy);
	assert_true(content_delete_manifest(&content, "r", copy));
	assert_int_equal(content.n_tags, 1);
	assert_false(content_delete_manifest(&content, "r", copy));
	content_release(&content);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registry__each_tag_has_content_of_its_own),
		cmocka_unit_test(test_registry__a_moved_tag_names_the_new_digest),
		cmocka_unit_test(test_registry__comes_back_from_a_snapshot),
		cmocka_unit_test(test_content__lists_tags_in_order_and_forgets_deleted_ones),
	};
	return cmocka_run_group_tests_name("sandbox/registry", tests, NULL, NULL);
}
