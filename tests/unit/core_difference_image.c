/* Which changes only follow from another image. */
#include "fiaas_fixture.h"

#include "core/difference/image.h"

static json_t *
tree(const char *kind, const char *text)
{
	json_t *value = json_loads(text, 0, NULL);
	assert_non_null(value);
	json_object_set_new(value, "apiVersion", json_string("v1"));
	json_object_set_new(value, "kind", json_string(kind));
	json_object_set_new(value, "metadata", json_pack("{s:s}", "name", "shop"));
	return value;
}

/* How many changes of a Deployment carry the image that the Application, or else it, changes. */
static size_t
carriers(const char *application_before, const char *application_after, const char *before, const char *after)
{
	const char *const texts[2][2] = {{application_before, application_after}, {before, after}};
	static const char *const kinds[] = {"Application", "Deployment"};
	struct differences differences = {.arena = &arena};
	size_t count = 0;
	for (size_t i = 0; i < array_length(kinds); i++) {
		struct object_difference object = {0};
		json_t *trees[2] = {tree(kinds[i], texts[i][0]), tree(kinds[i], texts[i][1])};
		object_describe(&object, trees[0], &arena);
		object_compare(&object, trees[0], trees[1], &arena);
		differences_add(&differences, &object);
		json_decref(trees[0]);
		json_decref(trees[1]);
	}
	struct image_change image = image_change_find(&differences);
	for (size_t i = 0; i < differences.count; i++)
		for (size_t k = 0; k < differences.items[i].changes.count; k++)
			count += image_change_carries(&image, &differences.items[i].changes.items[k]);
	differences_release(&differences);
	return count;
}

#define POD(image, version, own) \
	"{\"spec\": {\"template\": {\"spec\": {\"containers\": [{\"name\": \"shop\", \"image\": \"" image "\", \"env\": [" \
	"{\"name\": \"VERSION\", \"value\": \"" version "\"}, {\"name\": \"SCHEMA\", \"value\": \"" own "\"}]}]}}}}"

static void
test_carries__places_of_the_operator_alone(void **state)
{
	(void)state;
	/* image and VERSION; a variable of the application that changes the same way is its own. */
	assert_int_equal(carriers("{\"spec\": {\"image\": \"r:5000/shop:1\"}}", "{\"spec\": {\"image\": \"r:5000/shop:2\"}}",
	                          POD("r:5000/shop:1", "1", "1"), POD("r:5000/shop:2", "2", "2")), 2);
}

static void
test_carries__what_changes_otherwise_is_shown(void **state)
{
	(void)state;
	/* VERSION does not say the tag, so it is no repetition. */
	assert_int_equal(carriers("{\"spec\": {\"image\": \"r/shop:1\"}}", "{\"spec\": {\"image\": \"r/shop:2\"}}",
	                          POD("r/shop:1", "1", ""), POD("r/shop:3", "3", "")), 0);
	/* A registry's port is no tag. */
	assert_int_equal(carriers("{\"spec\": {\"image\": \"r:1/shop\"}}", "{\"spec\": {\"image\": \"r:2/shop\"}}",
	                          POD("r:1/shop", "1/shop", ""), POD("r:2/shop", "2/shop", "")), 1);
}

static void
test_carries__without_an_application_the_deployment_says_it(void **state)
{
	(void)state;
	assert_int_equal(carriers("{}", "{}", POD("r/shop:1", "1", ""), POD("r/shop:2", "2", "")), 1);
	assert_int_equal(carriers("{}", "{}", POD("r/shop:1", "1", ""), POD("r/shop:1", "2", "")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_carries__places_of_the_operator_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_carries__what_changes_otherwise_is_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_carries__without_an_application_the_deployment_says_it, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("core/difference image", tests, NULL, NULL);
}
