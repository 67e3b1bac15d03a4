/* covers: token-store-9.13 */
/* Which pod is gone into, which container, which port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/pods/choose.h"
#include "data/json.h"

#define POD(name, id, created, ready) \
	"{\"metadata\":{\"name\":\"" name "\",\"creationTimestamp\":\"2026-01-01T00:00:0" created "Z\",\"labels\":" \
	"{\"fiaas/deployment_id\":\"" id "\"}},\"spec\":{\"containers\":[{\"name\":\"side\"},{\"name\":\"web\",\"ports\":[" \
	"{\"name\":\"metrics\",\"containerPort\":9090},{\"name\":\"http\",\"containerPort\":8080}]}]},\"status\":{\"phase\":" \
	"\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"" ready "\"}]}}"

static void
test_pod_choose__takes_the_release_then_ready_then_young(void **state)
{
	static const struct {
		const char *pods, *id, *pod;
	} rows[] = {
		{"[" POD("old", "a", "1", "True") "," POD("new", "b", "2", "False") "]", "b", "new"},
		{"[" POD("old", "a", "1", "True") "," POD("new", "b", "2", "False") "]", "", "old"},
		{"[" POD("one", "a", "1", "True") "," POD("two", "a", "2", "True") "," POD("three", "a", "3", "False") "]", "a", "two"},
		{"[" POD("two", "a", "2", "True") "," POD("one", "a", "1", "True") "]", "a", "two"},
		{"[7,{}," POD("one", "a", "1", "True") "]", "z", "one"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(arena_release) struct arena arena = {0};
		scoped(json_release) json_t *pods = json_loads(rows[i].pods, 0, NULL);
		struct pod_question question = {.application = "web", .namespace = "ns", .deployment_id = rows[i].id};
		struct pod_choice choice;
		struct error err;
		assert_true(pod_choose(&question, pods, &arena, &choice, &err));
		assert_string_equal(choice.pod, rows[i].pod);
		assert_string_equal(choice.container, "web");
	}
}

static void
test_pod_choose__refuses_names_that_are_flags(void **state)
{
	static const char *const names[] = {"--kubeconfig=x", "-n", "a/b", "", "A", ".a"};
	(void)state;
	for (size_t i = 0; i < array_length(names); i++) {
		scoped(arena_release) struct arena arena = {0};
		scoped(json_release) json_t *pods = json_pack("[{s:{s:s}, s:{s:[{s:s}]}, s:{s:s}}]", "metadata", "name", names[i],
		                                              "spec", "containers", "name", "web", "status", "phase", "Running");
		struct pod_question question = {.application = "web", .namespace = "ns", .deployment_id = ""};
		struct pod_choice choice;
		struct error err;
		assert_false(pod_choose(&question, pods, &arena, &choice, &err));
		assert_int_equal(err.code, ERROR_BAD_ANSWER);
	}
}

static void
test_pod_port__knows_numbers_and_names(void **state)
{
	static const struct {
		const char *port;
		int number; /* 0: fails */
	} rows[] = {{NULL, 8080}, {"http", 8080}, {"metrics", 9090}, {"1", 1}, {"65535", 65535},
	            {"65536", 0}, {"0", 0}, {"", 0}, {"none", 0}, {"80x", 0}, {"-1", 0}};
	scoped(arena_release) struct arena arena = {0};
	scoped(json_release) json_t *pod = json_loads(POD("one", "a", "1", "True"), 0, NULL);
	struct pod_choice choice = {.object = pod, .pod = "one", .container = "web"};
	struct error err;
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		uint16_t number = 0;
		bool is_fine = pod_port(&choice, rows[i].port, &arena, &number, &err);
		if (is_fine != (rows[i].number > 0) || (is_fine && number != rows[i].number))
			fail_msg("row %zu: %u", i, number);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pod_choose__takes_the_release_then_ready_then_young),
		cmocka_unit_test(test_pod_choose__refuses_names_that_are_flags),
		cmocka_unit_test(test_pod_port__knows_numbers_and_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
