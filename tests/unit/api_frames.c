#include "api/kubernetes/frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char stream[] =
	"{\"a\":\"}{\\\"\"}\n{\"b\":[{},{\"c\":\"\\\\\"}]}\r\n\n {\"d\":\"\xc3\xa9\"}";
static const char *const objects[] = {"{\"a\":\"}{\\\"\"}", "{\"b\":[{},{\"c\":\"\\\\\"}]}", "{\"d\":\"\xc3\xa9\"}"};

/* Feeds the stream in chunks of `size` and compares what comes out. */
static void
check_in_chunks(size_t size)
{
	scoped(frames_release) struct frames frames = FRAMES_INIT;
	struct error err;
	size_t n = 0, length;
	const char *object;
	for (size_t at = 0; at < sizeof stream - 1; at += size) {
		size_t left = sizeof stream - 1 - at;
		assert_true(frames_add(&frames, stream + at, left < size ? left : size, &err));
		while (frames_next(&frames, &object, &length)) {
			assert_true(n < array_length(objects));
			assert_int_equal(length, strlen(objects[n]));
			assert_memory_equal(object, objects[n], length);
			n++;
		}
	}
	assert_int_equal(n, array_length(objects));
}

static void
test_frames__objects_are_found_wherever_the_chunks_end(void **state)
{
	(void)state;
	for (size_t size = 1; size <= sizeof stream; size++)
		check_in_chunks(size);
}

static void
test_frames__an_endless_object_is_an_error(void **state)
{
	scoped(frames_release) struct frames frames = FRAMES_INIT;
	struct error err;
	size_t length, fed = 0;
	const char *object;
	char chunk[65536];
	(void)state;
	memset(chunk, 'x', sizeof chunk);
	assert_true(frames_add(&frames, "{\"a\":\"", 6, &err));
	while (frames_add(&frames, chunk, sizeof chunk, &err)) {
		assert_false(frames_next(&frames, &object, &length));
		fed += sizeof chunk;
		assert_true(fed <= FRAMES_MAX);
	}
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
}

static void
test_frames__an_hour_of_events_stays_in_one_buffer(void **state)
{
	scoped(frames_release) struct frames frames = FRAMES_INIT;
	struct error err;
	size_t length;
	const char *object;
	(void)state;
	for (int i = 0; i < 100000; i++) {
		assert_true(frames_add(&frames, "{\"type\":\"BOOKMARK\"}\n", 20, &err));
		assert_true(frames_next(&frames, &object, &length));
		assert_false(frames_next(&frames, &object, &length));
	}
	assert_true(frames.pending.capacity < 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames__objects_are_found_wherever_the_chunks_end),
		cmocka_unit_test(test_frames__an_endless_object_is_an_error),
		cmocka_unit_test(test_frames__an_hour_of_events_stays_in_one_buffer),
	};
	return cmocka_run_group_tests_name("api/frames", tests, NULL, NULL);
}
