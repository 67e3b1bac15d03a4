#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/fiaas/status_name.h"

/* The vectors of the FIAAS reference, section 19. */
static const struct vector {
	const char *id;
	int64_t hash;
	const char *suffix;
} vectors[] = {
	{"a", 12416037344, "4cyq3zacaaaaa"},
	{"1", 6272018864, "wbu5o5ibaaaaa"},
	{"20180313140557-1.13.0", -8633005210180948085, "rnxrcp4am4yyq"},
	{"59677ef9-7bc6-4cec-bbd5-fc4f5a4d1933", 7056290406975157821, "hu3maq557lwgc"},
	{"deployment_id_1", -7465025454210676656, "kaeingxg4ztjq"},
};

static void
test_status_name__hashes_like_python_2(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(vectors); i++)
		assert_true(fiaas_python_hash(vectors[i].id) == vectors[i].hash);
	assert_true(fiaas_python_hash("") == 0);
}

static void
test_status_name__appends_the_suffix(void **state)
{
	(void)state;
	struct arena arena = {0};
	for (size_t i = 0; i < array_length(vectors); i++)
		assert_string_equal(fiaas_status_name(&arena, "shop", vectors[i].id),
		                    arena_printf(&arena, "shop-%s", vectors[i].suffix));
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_name__hashes_like_python_2),
		cmocka_unit_test(test_status_name__appends_the_suffix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
