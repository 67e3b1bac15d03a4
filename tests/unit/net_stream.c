#include "net_fixture.h"

enum { MIB = 1024 * 1024 };

static struct web_request *held;
static bool was_cut_for_slowness, is_held_complete;
static int n_requests;
static char block[64 * 1024];

static void
note_closed(struct web_request *request, bool is_complete)
{
	if (held == request)
		held = NULL;
	is_held_complete = is_complete;
}

static void
handle(void *data, struct web_request *request)
{
	(void)data;
	n_requests++;
	if (strcmp(request->path, "/live") == 0) {
		held = request;
		request->closed = note_closed;
		web_stream_open(request, 200, UINT64_MAX);
		web_stream_push(request, "one\n", 4);
	} else if (strcmp(request->path, "/much") == 0) {
		web_stream_open(request, 200, UINT64_MAX);
		for (int i = 0; i < 4 * MIB / (int)sizeof block; i++)
			was_cut_for_slowness |= !web_stream_push(request, block, sizeof block);
		web_stream_end(request);
	} else if (strcmp(request->path, "/lying") == 0) {
		web_stream_open(request, 200, 1000);
		web_stream_push(request, "less", 4);
		web_cut(request, false);
	} else if (strcmp(request->path, "/late") == 0 && n_requests < 3) {
		web_respond(request, 503, "", 0);
	} else {
		unsigned status = strcmp(request->path, "/no") == 0 ? 404 : 200;
		web_respond(request, status, "whole", 5);
	}
}

static int
set_up(void **state)
{
	held = NULL;
	was_cut_for_slowness = is_held_complete = false;
	n_requests = 0;
	return open_all(state);
}

static bool
open_stream(const char *path, struct http_response *ret_head, struct http_stream **ret)
{
	return http_stream_open(http, &(struct http_request){.url = at(plain_site, path), .policy = &quick}, &arena,
	                        ret_head, ret, &err);
}

static void
read_as_it_comes(void)
{
	struct http_response head;
	struct http_stream *stream;
	const char *bytes;
	size_t length;
	assert_true(open_stream("/live", &head, &stream));
	assert_int_equal(head.status, 200);
	assert_true(http_stream_read(stream, -1, &bytes, &length, &err));
	assert_memory_equal(bytes, "one\n", 4);
	assert_true(http_stream_read(stream, 5, &bytes, &length, &err));
	assert_null(bytes);
	web_stream_push(held, "two\n", 4);
	web_stream_end(held);
	assert_true(http_stream_read(stream, -1, &bytes, &length, &err));
	assert_int_equal(length, 4);
	assert_memory_equal(bytes, "two\n", 4);
	assert_true(http_stream_read(stream, -1, &bytes, &length, &err));
	assert_non_null(bytes);
	assert_int_equal(length, 0);
	http_stream_close(stream);
}

static void
test_stream__brings_bytes_as_they_come(void **state)
{
	(void)state;
	in_fiber(read_as_it_comes);
}

static void
read_slowly(void)
{
	struct http_response head;
	struct http_stream *stream;
	const char *bytes;
	size_t length, total = 0, largest = 0;
	assert_true(open_stream("/much", &head, &stream));
	assert_true(fiber_sleep(loop, 100)); /* longer than idle_ms: a paused stream is not idle */
	do {
		assert_true(http_stream_read(stream, -1, &bytes, &length, &err));
		total += length;
		largest = length > largest ? length : largest;
	} while (length > 0);
	http_stream_close(stream);
	assert_false(was_cut_for_slowness);
	assert_int_equal(total, 4 * MIB);
	assert_in_range(largest, 1, 256 * 1024);
}

static void
test_stream__is_paused_while_nobody_reads(void **state)
{
	(void)state;
	in_fiber(read_slowly);
}

static void
read_to_the_cut(void)
{
	struct http_response head;
	struct http_stream *stream;
	const char *bytes;
	size_t length;
	assert_true(open_stream("/lying", &head, &stream));
	assert_true(http_stream_read(stream, -1, &bytes, &length, &err));
	assert_int_equal(length, 4);
	assert_false(http_stream_read(stream, -1, &bytes, &length, &err));
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	http_stream_close(stream);
	/* Chunks that stop. */
	assert_true(open_stream("/live", &head, &stream));
	web_cut(held, true);
	do {
		err = (struct error){0};
		if (!http_stream_read(stream, -1, &bytes, &length, &err))
			break;
	} while (length > 0);
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	http_stream_close(stream);
}

static void
test_stream__tells_a_cut_from_an_end(void **state)
{
	(void)state;
	in_fiber(read_to_the_cut);
}

static void
open_what_is_not_there(void)
{
	struct http_response head;
	struct http_stream *stream = (void *)&head;
	assert_true(open_stream("/no", &head, &stream));
	assert_null(stream);
	assert_int_equal(head.status, 404);
	assert_string_equal(head.body, "whole");
	n_requests = 0;
	assert_true(open_stream("/late", &head, &stream));
	assert_int_equal(head.status, 200);
	assert_int_equal(n_requests, 3);
	http_stream_close(stream);
}

static void
test_stream__an_error_is_read_whole_and_retried_like_others(void **state)
{
	(void)state;
	in_fiber(open_what_is_not_there);
}

static void
wait_in_silence(void)
{
	struct http_response head;
	struct http_stream *stream;
	const char *bytes;
	size_t length;
	assert_true(open_stream("/live", &head, &stream));
	assert_true(http_stream_read(stream, -1, &bytes, &length, &err));
	int64_t begin_ms = clock_monotonic_ms();
	assert_false(http_stream_read(stream, -1, &bytes, &length, &err));
	assert_in_range(clock_monotonic_ms() - begin_ms, 40, 1000);
	assert_non_null(strstr(err.why, "nothing came"));
	http_stream_close(stream);
}

static void
test_stream__silence_has_a_deadline(void **state)
{
	(void)state;
	in_fiber(wait_in_silence);
}

static void
close_early(void)
{
	struct http_response head;
	struct http_stream *stream, *other;
	assert_true(open_stream("/live", &head, &stream));
	http_stream_close(stream);
	/* The server notices by its own: the connection is gone. */
	for (int i = 0; i < 100 && held != NULL; i++)
		assert_true(fiber_sleep(loop, 1));
	assert_null(held);
	assert_true(open_stream("/live", &head, &other));
	http_close(http);
	const char *bytes;
	size_t length;
	assert_true(http_stream_read(other, -1, &bytes, &length, &err)); /* what had come before */
	assert_false(http_stream_read(other, -1, &bytes, &length, &err));
	assert_int_equal(err.code, ERROR_INTERRUPTED);
	http_stream_close(other);
	http = NULL;
}

static void
test_stream__can_be_left_at_any_time(void **state)
{
	(void)state;
	in_fiber(close_early);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_stream__##name, set_up, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(brings_bytes_as_they_come), TEST(is_paused_while_nobody_reads), TEST(tells_a_cut_from_an_end),
		TEST(an_error_is_read_whole_and_retried_like_others), TEST(silence_has_a_deadline),
		TEST(can_be_left_at_any_time),
	};
	return cmocka_run_group_tests_name("net/stream", tests, NULL, NULL);
}
