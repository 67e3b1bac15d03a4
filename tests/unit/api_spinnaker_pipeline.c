/* What a stored pipeline makes of its parameters. */
#include "api/spinnaker/pipeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/json.h"

static bool
reads(const char *expression, const char *parameter)
{
	scoped(arena_release) struct arena arena = {0};
	struct spinnaker_pipeline pipeline = {.json = json_pack("{s:[{s:{s:s}}]}", "stages", "manifest", "image", expression)};
	bool is_read = spinnaker_pipeline_reads(&pipeline, parameter, &arena);
	spinnaker_pipeline_release(&pipeline);
	return is_read;
}

static void
test_parameters__are_seen_in_each_form(void **state)
{
	(void)state;
	assert_true(reads("${parameters.image}", "image"));
	assert_true(reads("${ parameters?.image }", "image"));
	assert_true(reads("${parameters['image']}", "image"));
	assert_true(reads("${parameters[\"image\"]}", "image"));
	assert_true(reads("${trigger.parameters.image}", "image"));
	assert_true(reads("${parameters.images} ${parameters.image}", "image"));
	assert_false(reads("${parameters.images}", "image"));
	assert_false(reads("${parameters.image_tag}", "image"));
	assert_false(reads("image", "image"));
}

static void
test_parameters__of_no_stages_are_read_by_nobody(void **state)
{
	(void)state;
	scoped(arena_release) struct arena arena = {0};
	struct spinnaker_pipeline pipeline = {.json = json_object()};
	assert_false(spinnaker_pipeline_reads(&pipeline, "image", &arena));
	spinnaker_pipeline_release(&pipeline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters__are_seen_in_each_form),
		cmocka_unit_test(test_parameters__of_no_stages_are_read_by_nobody),
	};
	return cmocka_run_group_tests_name("spinnaker pipelines", tests, NULL, NULL);
}
