#include "core/deploy/submit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "data/json.h"
#include "data/platform.h"

static struct arena arena;
static const struct platform_environment environment = {.name = "dev"};
static const int64_t now_ms = 1795000000000;

static json_t *
parse(const char *text)
{
	char json[2048];
	snprintf(json, sizeof(json), "%s", text);
	for (char *at = json; *at; at++)
		if (*at == '\'')
			*at = '"';
	return json_loads(json, 0, NULL);
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

#define APPLICATION(image, digest, config) \
	"{'metadata': {'labels': {'fiaas/deployment_id': 'one'}, 'annotations': {'paas/digest': '" digest "', " \
	"'paas/deployed-by': 'ann', 'paas/deployed-at': '2026-11-24T10:00:00Z'}}, 'spec': {'image': '" image \
	"', 'config': " config "}}"

static const struct decision {
	const char *what, *application, *digest, *config;
	bool is_under_way, force, is_fine;
	enum submit_plan plan;
} decisions[] = {
	{"never deployed", NULL, "sha256:a", "{'version': 3}", false, false, true, SUBMIT_NEW},
	{"another image", APPLICATION("r/shop:0", "sha256:0", "{'version': 3}"), "sha256:a", "{'version': 3}", false, false,
	 true, SUBMIT_NEW},
	{"another config", APPLICATION("r/shop:1", "sha256:a", "{'version': 2}"), "sha256:a", "{'version': 3}", false, false,
	 true, SUBMIT_NEW},
	{"the same", APPLICATION("r/shop:1", "sha256:a", "{'version': 3}"), "sha256:a", "{'version': 3}", false, false, true,
	 SUBMIT_JOIN},
	{"the same under way", APPLICATION("r/shop:1", "sha256:a", "{'version': 3}"), "sha256:a", "{'version': 3}", true,
	 false, true, SUBMIT_JOIN},
	{"the same, forced", APPLICATION("r/shop:1", "sha256:a", "{'version': 3}"), "sha256:a", "{'version': 3}", false, true,
	 true, SUBMIT_NEW},
	{"another under way", APPLICATION("r/shop:0", "sha256:0", "{'version': 3}"), "sha256:a", "{'version': 3}", true, false,
	 false, SUBMIT_NEW},
	{"another under way, forced", APPLICATION("r/shop:0", "sha256:0", "{'version': 3}"), "sha256:a", "{'version': 3}", true,
	 true, true, SUBMIT_NEW},
	{"a moved tag", APPLICATION("r/shop:1", "sha256:0", "{'version': 3}"), "sha256:a", "{'version': 3}", false, false,
	 false, SUBMIT_NEW},
	{"a moved tag, forced", APPLICATION("r/shop:1", "sha256:0", "{'version': 3}"), "sha256:a", "{'version': 3}", false,
	 true, true, SUBMIT_NEW},
	{"no digest known", APPLICATION("r/shop:1", "sha256:0", "{'version': 3}"), NULL, "{'version': 3}", false, false, true,
	 SUBMIT_JOIN},
};

static void
test_submit__joins_refuses_or_goes_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(decisions); i++) {
		const struct decision *row = &decisions[i];
		scoped(json_release) json_t *application = row->application ? parse(row->application) : NULL;
		struct standing standing;
		struct release release = {.name = "shop", .environment = &environment, .image = "r/shop:1",
		                          .digest = row->digest, .config = parse(row->config)};
		enum submit_plan plan = SUBMIT_NEW;
		struct error err = {0};
		standing_of(application, &standing);
		standing.is_under_way = row->is_under_way;
		bool is_fine = submit_decide(&release, &standing, now_ms, row->force, &plan, &err);
		if (is_fine != row->is_fine || plan != row->plan || (!is_fine && err.code != ERROR_CONFLICT))
			fail_msg("%s: %s", row->what, err.why);
		json_decref(release.config);
	}
}

static void
test_submit__ids_are_fresh_and_label_values(void **state)
{
	(void)state;
	const char *first = submit_new_id(now_ms, &arena), *second = submit_new_id(now_ms, &arena);
	assert_string_not_equal(first, second);
	assert_int_equal(strlen(first), 23);
	assert_int_equal(strspn(first, "abcdefghijklmnopqrstuvwxyz0123456789-"), 23);
	assert_int_equal(strncmp(first, "20261118", 8), 0);
}

static void
test_submit__the_application_carries_the_whole_intent(void **state)
{
	(void)state;
	struct release release = {.name = "shop", .namespace = "demo", .image = "r/shop:1", .digest = "sha256:a",
	                          .config = parse("{'version': 3}")};
	scoped(json_release) json_t *application = submit_application(&release, "one", "ann", now_ms);
	assert_string_equal(json_text_at(application, "metadata.labels.fiaas/deployment_id"), "one");
	assert_string_equal(json_text_at(application, "metadata.labels.app"), "shop");
	assert_string_equal(json_text_at(application, "metadata.annotations.paas/digest"), "sha256:a");
	assert_null(json_at(application, "metadata.annotations.paas/commit"));
	assert_string_equal(json_text_at(application, "spec.application"), "shop");
	assert_int_equal(json_int_at(application, "spec.config.version", 0), 3);
	json_decref(release.config);
}

static void
test_submit__surplus_keys_are_named_with_their_manager(void **state)
{
	(void)state;
	scoped(json_release) json_t *stored = parse(
		"{'metadata': {'managedFields': [{'manager': 'kubectl-edit', 'fieldsV1': {'f:spec': {'f:config': "
		"{'f:ports': {}, 'f:extra': {'f:deep': {}}}}}}]}, 'spec': {'config': {'version': 3.0, 'ports': [], "
		"'extra': {'deep': 1, 'mine': 2}, 'replicas': 2}}}");
	scoped(json_release) json_t *config = parse("{'version': 3, 'extra': {'mine': 2}, 'replicas': 3}");
	assert_string_equal(submit_difference(stored, config, &arena),
	                    "spec.config.ports (kubectl-edit), spec.config.extra.deep (kubectl-edit), "
	                    "spec.config.replicas (unknown manager)");
	assert_string_equal(submit_difference(stored, json_at(stored, "spec.config"), &arena), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_submit__joins_refuses_or_goes_on, tear_down),
		cmocka_unit_test_teardown(test_submit__ids_are_fresh_and_label_values, tear_down),
		cmocka_unit_test_teardown(test_submit__the_application_carries_the_whole_intent, tear_down),
		cmocka_unit_test_teardown(test_submit__surplus_keys_are_named_with_their_manager, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
