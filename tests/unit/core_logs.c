/* What logs_read tells in plain cases; core_logs_random.c has the wild ones. */
#include "core/logs/logs.h"

#include "logs_fixture.h"

enum { FAST = 20 };
static const int64_t second_ns = 1000000000;

static struct reading reading;
static struct buf told_text = BUF_INIT(64 << 20); /* a line each: "0/app text" */
static int64_t told_ms;                           /* when the last event came */
static int64_t start_ns;                          /* of the lines */

/* ---- what is told, as text ---- */

static void
tell_line(const struct logs_event *event)
{
	buf_printf(&told_text, "%s%s", event->is_late ? "(late) " : "", event->is_cut ? "(cut) " : "");
	if (event->time_ns < 0)
		buf_add_text(&told_text, "(no time) ");
	if (event->length > 1000)
		buf_printf(&told_text, "%zu bytes", event->length);
	else
		buf_add(&told_text, event->text, event->length);
}

static void
told(void *data, const struct logs_event *event)
{
	(void)data;
	if (event->container != NULL)
		buf_printf(&told_text, "%s/%s ", strchr(event->container->pod, '-') + 1, event->container->name);
	switch (event->type) {
	case LOGS_LINE:
		tell_line(event);
		break;
	case LOGS_GAP:
		buf_add_text(&told_text, "gap");
		break;
	case LOGS_RELEASE:
		buf_printf(&told_text, "release %s", event->text);
		break;
	case LOGS_RESTARTED:
		buf_printf(&told_text, "restarted: %s", event->text);
		break;
	case LOGS_WAITING:
		buf_printf(&told_text, "waits: %s", event->text);
		break;
	case LOGS_LEFT_BEHIND:
		buf_add_text(&told_text, "is left behind");
		break;
	case LOGS_TROUBLE:
		buf_printf(&told_text, "%s", event->is_over ? "is given up" : "has trouble");
		break;
	}
	buf_add_char(&told_text, '\n');
	told_ms = clock_monotonic_ms();
}

static bool
is_told(const char *text)
{
	return strstr(told_text.bytes, text) != NULL;
}

static void
wait_until_told(const char *text)
{
	int64_t end_ms = real_ms() + 10 * 1000;
	while (!is_told(text)) {
		if (real_ms() > end_ms)
			fail_msg("\"%s\" is not told, only:\n%s", text, told_text.bytes);
		assert_true(fiber_sleep(loop, 1));
	}
}

/* ---- a test's cluster ---- */

static int
set_up_reading(void **state)
{
	buf_clear(&told_text);
	start_ns = (clock_wall_ms() / 1000 - 3600) * second_ns;
	reading = (struct reading){.request = {.tail_lines = -1, .since_ms = -1, .told = told}};
	return set_up(state);
}

/* Lines of the present run, to come by log_write. */
static void
add_line(struct log_container *container, int64_t after_ns, const char *text)
{
	enum { MAX = 1000 };
	struct log_run *run = &container->runs[container->run];
	if (run->lines == NULL)
		run->lines = arena_array(&cluster.arena, struct log_line, MAX);
	assert_in_range(run->n_lines, 0, MAX - 1);
	run->lines[run->n_lines++] = (struct log_line){.time_ns = start_ns + after_ns, .text = text, .length = strlen(text)};
}

static void
write_all(struct log_container *container)
{
	struct log_run *run = &container->runs[container->run];
	run->n_written = run->n_lines;
	log_pump(container, SIZE_MAX / 4);
}

static void
write_line(struct log_container *container, int64_t after_ns, const char *text)
{
	add_line(container, after_ns, text);
	write_all(container);
}

static struct log_pod *
add_pod(const char *release)
{
	struct log_pod *pod = pod_new(release, 1);
	pod_changed(pod);
	return pod;
}

static struct log_container *
add_container(void)
{
	return &add_pod("v1")->containers[0];
}

static void
restart(struct log_container *container, struct log_pod *pod, int exit_code)
{
	container->exit_code = exit_code;
	container->state = CONTAINER_ENDED;
	log_pump(container, SIZE_MAX / 4);
	pod_changed(pod);
	container->run++;
	container->state = CONTAINER_RUNNING;
	pod_changed(pod);
}

static void
read_to_the_end(void)
{
	start_reading(&reading);
	fiber_join(reading.fiber);
	if (!reading.is_ok)
		fail_msg("%s", reading.err.why);
}

static void
start_following(void)
{
	reading.request.follow = true;
	start_reading(&reading);
}

static void
stop_following(void)
{
	cancel_reading(&reading);
	assert_false(reading.is_ok);
	assert_int_equal(reading.err.code, ERROR_INTERRUPTED);
}

/* The n-th request for the log of a container, from 0. */
static const char *
log_target(size_t n)
{
	for (size_t i = 0; i < cluster.n_targets; i++) {
		if (strstr(cluster.targets[i], "/log?") != NULL && n-- == 0)
			return cluster.targets[i];
	}
	fail_msg("too few requests for logs");
	return "";
}

static size_t
count_log_targets(void)
{
	size_t n = 0;
	for (size_t i = 0; i < cluster.n_targets; i++)
		n += strstr(cluster.targets[i], "/log?") != NULL;
	return n;
}

static bool
has_parameter(const char *target, const char *parameter)
{
	const char *at = strstr(target, parameter);
	size_t length = strlen(parameter);
	return at != NULL && (at[-1] == '?' || at[-1] == '&') && (at[length] == '&' || at[length] == '\0');
}

/* ---- once ---- */

/* Bytes come in pieces of all sizes, and in no order among the containers. */
static void
merge_three(void)
{
	struct log_container *containers[3];
	static char names[300][8];
	for (size_t i = 0; i < 3; i++) {
		containers[i] = add_container();
		containers[i]->is_mute = true;
	}
	for (size_t i = 0; i < 300; i++) {
		snprintf(names[i], sizeof names[i], "%03zu", i);
		add_line(containers[i * 7 / 3 % 3], (int64_t)i * 7919, names[i]);
	}
	for (size_t i = 0; i < 3; i++)
		containers[i]->runs[0].n_written = containers[i]->runs[0].n_lines;
	start_reading(&reading);
	for (size_t n = 1; !reading.is_done; n++) {
		assert_in_range(n, 1, 100 * 1000);
		containers[n % 3]->is_mute = false;
		log_pump(containers[n % 3], n * 37 % 101);
		assert_true(fiber_sleep(loop, 0));
	}
	fiber_join(reading.fiber);
	assert_true(reading.is_ok);
}

static void
test_logs__once_the_merge_is_exact_by_time(void **state)
{
	(void)state;
	in_fiber(merge_three);
	const char *at = told_text.bytes;
	for (size_t i = 0; i < 300; i++) {
		char expected[8];
		snprintf(expected, sizeof expected, "%03zu", i);
		at = strchr(at, ' ') + 1;
		assert_memory_equal(at, expected, 3);
		at += 4;
	}
	assert_int_equal(*at, 0);
	assert_int_equal(reading.result.n_pods, 3);
	assert_int_equal(reading.result.n_containers, 3);
	assert_int_equal(reading.result.n_failed, 0);
}

static void
read_the_last_two(void)
{
	struct log_container *container = add_container();
	for (int i = 0; i < 5; i++)
		add_line(container, i, (const char *[]){"a", "b", "c", "d", "e"}[i]);
	write_all(container);
	reading.request.tail_lines = 2;
	reading.request.since_ms = start_ns / 1000000 - 60 * 1000;
	read_to_the_end();
}

static void
test_logs__tail_and_since_are_passed_on(void **state)
{
	char since[CLOCK_TEXT_BYTES];
	(void)state;
	in_fiber(read_the_last_two);
	assert_string_equal(told_text.bytes, "0/app d\n0/app e\n");
	assert_true(has_parameter(log_target(0), "tailLines=2"));
	assert_true(has_parameter(log_target(0), "timestamps=true"));
	clock_format(reading.request.since_ms, since);
	char *parameter = arena_printf(&arena, "sinceTime=%s", http_escape(since, &arena));
	if (!has_parameter(log_target(0), parameter))
		fail_msg("%s lacks %s", log_target(0), parameter);
}

static void
read_none(void)
{
	write_line(add_container(), 0, "a");
	reading.request.tail_lines = 0;
	read_to_the_end();
}

static void
test_logs__a_tail_of_no_lines_is_empty(void **state)
{
	(void)state;
	in_fiber(read_none);
	assert_string_equal(told_text.bytes, "");
}

/* It stopped at a line; what it asks for again is from there on, not the tail again. */
static void
cut_once(void)
{
	struct log_container *container = add_container();
	write_line(container, 0, "a");
	write_line(container, 1, "b");
	write_line(container, 2, "c");
	reading.request.tail_lines = 1;
	start_following();
	wait_until_told("0/app c\n");
	outlet_stop(cluster.outlets->container != NULL ? cluster.outlets : cluster.outlets->next, OUTLET_RESET);
	write_line(container, 3, "d");
	wait_until_told("0/app d\n");
	stop_following();
}

static void
test_logs__the_tail_is_asked_for_once(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(cut_once);
	assert_string_equal(told_text.bytes, "0/app c\n0/app d\n");
	assert_true(has_parameter(log_target(0), "tailLines=1"));
	assert_null(strstr(log_target(1), "tailLines"));
	assert_non_null(strstr(log_target(1), "sinceTime="));
}

static void
read_previous(void)
{
	struct log_pod *pod = add_pod("v1");
	write_line(&pod->containers[0], 0, "before");
	restart(&pod->containers[0], pod, 1);
	write_line(&pod->containers[0], 10, "after");
	reading.request.previous = true;
	read_to_the_end();
}

static void
test_logs__the_previous_run_is_read_in_place_of_the_present(void **state)
{
	(void)state;
	in_fiber(read_previous);
	assert_string_equal(told_text.bytes, "0/app before\n");
}

static bool
wants_second(void *data, const char *pod, const char *container)
{
	(void)data;
	(void)container;
	return strcmp(pod, "checkout-1") == 0;
}

static void
read_wanted(void)
{
	write_line(add_container(), 0, "a");
	write_line(add_container(), 1, "b");
	reading.request.wants = wants_second;
	read_to_the_end();
}

static void
test_logs__only_what_is_wanted_is_asked_for(void **state)
{
	(void)state;
	in_fiber(read_wanted);
	assert_string_equal(told_text.bytes, "1/app b\n");
	assert_int_equal(count_log_targets(), 1);
}

static void
read_release(void)
{
	write_line(&add_pod("v1")->containers[0], 0, "a");
	write_line(&add_pod("v2")->containers[0], 1, "b");
	reading.request.deployment_id = "v1";
	read_to_the_end();
}

static void
test_logs__only_the_release_asked_for_is_read(void **state)
{
	(void)state;
	in_fiber(read_release);
	assert_string_equal(told_text.bytes, "0/app a\n");
}

/* One waits for its image, one for a node. */
static void
read_waiting(void)
{
	add_container()->state = CONTAINER_CREATING;
	add_pod("v1")->is_scheduled = false;
	write_line(add_container(), 0, "a");
	read_to_the_end();
}

static void
test_logs__who_has_written_nothing_yet_is_told_as_waiting(void **state)
{
	(void)state;
	in_fiber(read_waiting);
	assert_true(is_told("0/app waits: ContainerCreating\n"));
	assert_true(is_told("1/app waits: "));
	assert_true(is_told("2/app a\n"));
	assert_int_equal(reading.result.n_failed, 0);
}

static void
read_with_failures(void)
{
	static const unsigned refusals[] = {403, 0, 500};
	for (int i = 0; i < 3; i++) {
		struct log_container *container = add_container();
		write_line(container, i, "hello");
		container->refusal = refusals[i];
	}
	read_to_the_end();
}

static void
test_logs__one_that_fails_does_not_stop_the_others(void **state)
{
	(void)state;
	clock_set_rate(200);
	in_fiber(read_with_failures);
	assert_true(is_told("0/app is given up\n"));
	assert_true(is_told("1/app hello\n"));
	assert_true(is_told("2/app is given up\n"));
	assert_int_equal(reading.result.n_failed, 2);
	assert_int_equal(reading.result.n_containers, 3);
	assert_int_equal(cluster.pods[0].containers[0].n_asked, 1); /* time does not cure a 403 */
	assert_in_range(cluster.pods[2].containers[0].n_asked, 2, 20);
}

static void
read_after_a_failure(void)
{
	struct log_container *container = add_container();
	write_line(container, 0, "hello");
	container->refusal = 503;
	container->n_refusals = 2;
	read_to_the_end();
}

static void
test_logs__what_passes_is_tried_again(void **state)
{
	(void)state;
	clock_set_rate(200);
	in_fiber(read_after_a_failure);
	assert_true(is_told("0/app hello\n"));
	assert_int_equal(reading.result.n_failed, 0);
}

/* It brings the earliest line of all, and late. */
static void
read_with_a_silent_one(void)
{
	struct log_container *silent = add_container(), *other = add_container();
	silent->is_mute = true;
	add_line(silent, 0, "first");
	write_all(silent);
	write_line(other, second_ns, "second");
	int64_t start_ms = clock_monotonic_ms();
	start_reading(&reading);
	wait_until_told("1/app second\n");
	assert_in_range(told_ms - start_ms, 2000, 4000);
	silent->is_mute = false;
	log_pump(silent, SIZE_MAX / 4);
	fiber_join(reading.fiber);
	assert_true(reading.is_ok);
}

static void
test_logs__a_silent_stream_is_left_behind_after_2_s(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(read_with_a_silent_one);
	assert_string_equal(told_text.bytes, "0/app is left behind\n1/app second\n0/app (late) first\n");
}

/* A runtime that fails says so within the log, without a time; whatever else a line is, it is passed on as it is. */
static void
read_odd_lines(void)
{
	static const char text[] = "2026-01-02T03:04:05Z whole second\n"
		"rpc error: code = Unknown\n"
		"2026-01-02T05:04:05.1+02:00 offset\n"
		"\n"
		"2026-01-02T03:04:06.000000001Z \n"
		"2026-01-02T03:04:07Z  two \t\xff\xfe\r\n"
		"2026-01-02T03:04:08Z 2026-01-02T03:04:05Z twice\n";
	struct log_container *container = add_container();
	container->is_mute = true;
	start_reading(&reading);
	while (cluster.outlets == NULL)
		assert_true(fiber_sleep(loop, 1));
	outlet_push(cluster.outlets, text, sizeof text - 1);
	outlet_stop(cluster.outlets, OUTLET_END);
	fiber_join(reading.fiber);
	assert_true(reading.is_ok);
}

static void
test_logs__odd_lines_stay_as_they_are(void **state)
{
	(void)state;
	in_fiber(read_odd_lines);
	assert_string_equal(told_text.bytes, "0/app whole second\n0/app (no time) rpc error: code = Unknown\n0/app offset\n"
	                    "0/app (no time) \n0/app \n0/app  two \t\xff\xfe\r\n0/app 2026-01-02T03:04:05Z twice\n");
}

static void
read_a_huge_line(void)
{
	struct log_container *container = add_container();
	char *huge = arena_alloc(&cluster.arena, LOGS_LINE_MAX + 100000);
	memset(huge, 'x', LOGS_LINE_MAX + 99999);
	write_line(container, 0, "before");
	write_line(container, 1, huge);
	write_line(container, 2, "after");
	read_to_the_end();
}

static void
test_logs__a_line_that_is_too_long_is_cut(void **state)
{
	(void)state;
	in_fiber(read_a_huge_line);
	/* With its time or without: the limit is what one line may take of memory. */
	assert_non_null(strstr(told_text.bytes, "0/app before\n0/app (cut) 167"));
	assert_non_null(strstr(told_text.bytes, " bytes\n0/app after\n"));
}

/* ---- following ---- */

static void
follow_late(void)
{
	struct log_container *first = add_container(), *second = add_container();
	start_following();
	write_line(first, 2 * second_ns, "two");
	wait_until_told("0/app two\n");
	write_line(second, 1 * second_ns, "one");
	wait_until_told("one\n");
	write_line(first, 3 * second_ns, "three");
	wait_until_told("three\n");
	stop_following();
}

static void
test_logs__a_late_line_is_told_as_late(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(follow_late);
	assert_string_equal(told_text.bytes, "0/app two\n1/app (late) one\n0/app three\n");
}

/* The later line arrives first, the earlier one at once after it. */
static void
follow_swapped(void)
{
	struct log_container *first = add_container(), *second = add_container();
	start_following();
	while (first->n_asked == 0 || second->n_asked == 0)
		assert_true(fiber_sleep(loop, 1));
	int64_t start_ms = clock_monotonic_ms();
	write_line(first, 2 * second_ns, "two");
	assert_true(fiber_sleep(loop, 20));
	write_line(second, 1 * second_ns, "one");
	wait_until_told("two\n");
	assert_in_range(told_ms - start_ms, 280, 2000);
	stop_following();
}

static void
test_logs__lines_are_held_back_for_300_ms_to_be_ordered(void **state)
{
	(void)state;
	in_fiber(follow_swapped);
	assert_string_equal(told_text.bytes, "1/app one\n0/app two\n");
}

static void
follow_restart(void)
{
	struct log_pod *pod = add_pod("v1");
	struct log_container *container = &pod->containers[0];
	write_line(container, 0, "a");
	start_following();
	wait_until_told("0/app a\n");
	add_line(container, 1, "last words");
	container->runs[0].n_written = 2;
	restart(container, pod, 1);
	write_line(container, second_ns, "b");
	wait_until_told("0/app b\n");
	stop_following();
}

static void
test_logs__a_restart_is_told_between_the_runs(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(follow_restart);
	assert_string_equal(told_text.bytes, "0/app a\n0/app last words\n0/app restarted: Error, exit 1\n0/app b\n");
}

static void
follow_releases(void)
{
	write_line(&add_pod("v1")->containers[0], 0, "a");
	start_following();
	wait_until_told("0/app a\n");
	write_line(&add_pod("v2")->containers[0], 1, "b");
	wait_until_told("1/app b\n");
	write_line(&add_pod("v2")->containers[0], 2, "c");
	wait_until_told("2/app c\n");
	pod_changed(&cluster.pods[0]);
	write_line(&add_pod("v2")->containers[0], 3, "d");
	wait_until_told("3/app d\n");
	stop_following();
}

static void
test_logs__another_release_is_told_once(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(follow_releases);
	assert_string_equal(told_text.bytes, "0/app a\nrelease v2\n1/app b\n2/app c\n3/app d\n");
}

/* It has ended, all is read: asking again and again would bring nothing. */
static void
follow_to_the_end(void)
{
	struct log_pod *pod = add_pod("v1");
	struct log_container *container = &pod->containers[0];
	write_line(container, 0, "a");
	start_following();
	wait_until_told("0/app a\n");
	container->state = CONTAINER_ENDED;
	log_pump(container, SIZE_MAX / 4);
	pod_changed(pod);
	assert_true(fiber_sleep(loop, 60 * 1000));
	stop_following();
}

static void
test_logs__the_log_of_an_ended_container_is_not_polled(void **state)
{
	(void)state;
	clock_set_rate(500);
	in_fiber(follow_to_the_end);
	assert_string_equal(told_text.bytes, "0/app a\n");
	assert_in_range(count_log_targets(), 1, 2);
}

/* Lines vanish while nobody can read them. */
static void
follow_rotation(void)
{
	struct log_container *container = add_container();
	write_line(container, 0, "a");
	write_line(container, 1, "b");
	start_following();
	wait_until_told("0/app b\n");
	outlet_stop(cluster.outlets->container != NULL ? cluster.outlets : cluster.outlets->next, OUTLET_CUT);
	add_line(container, second_ns / 2, "lost");
	write_line(container, 5 * second_ns, "c");
	container->runs[0].n_rotated = 3;
	wait_until_told("0/app c\n");
	stop_following();
}

static void
test_logs__lines_that_vanished_are_told_as_a_gap(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(follow_rotation);
	assert_string_equal(told_text.bytes, "0/app a\n0/app b\n0/app gap\n0/app c\n");
}

/* In its back-off, in a silent stream, with bytes at hand. */
static void
cancel_in_the_middle(void)
{
	struct log_container *refused = add_container(), *silent = add_container(), *loud = add_container();
	refused->refusal = 500;
	silent->is_mute = true;
	start_following();
	while (refused->n_asked < 4 || silent->n_asked < 1 || loud->n_asked < 1)
		assert_true(fiber_sleep(loop, 1));
	write_line(loud, 0, "held back");
	int64_t start_ms = real_ms();
	stop_following();
	assert_in_range(real_ms() - start_ms, 0, 200);
}

static void
test_logs__cancelled_it_ends_at_once(void **state)
{
	(void)state;
	in_fiber(cancel_in_the_middle);
}

static void
list_nothing(void)
{
	reading.request.namespace = "other";
	start_reading(&reading);
	fiber_join(reading.fiber);
}

static void
test_logs__pods_that_cannot_be_listed_are_a_failure(void **state)
{
	(void)state;
	in_fiber(list_nothing);
	assert_false(reading.is_ok);
	assert_int_equal(reading.err.code, ERROR_NOT_FOUND);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_logs__##name, set_up_reading, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(once_the_merge_is_exact_by_time),
		TEST(tail_and_since_are_passed_on),
		TEST(a_tail_of_no_lines_is_empty),
		TEST(the_tail_is_asked_for_once),
		TEST(the_previous_run_is_read_in_place_of_the_present),
		TEST(only_what_is_wanted_is_asked_for),
		TEST(only_the_release_asked_for_is_read),
		TEST(who_has_written_nothing_yet_is_told_as_waiting),
		TEST(one_that_fails_does_not_stop_the_others),
		TEST(what_passes_is_tried_again),
		TEST(a_silent_stream_is_left_behind_after_2_s),
		TEST(odd_lines_stay_as_they_are),
		TEST(a_line_that_is_too_long_is_cut),
		TEST(a_late_line_is_told_as_late),
		TEST(lines_are_held_back_for_300_ms_to_be_ordered),
		TEST(a_restart_is_told_between_the_runs),
		TEST(another_release_is_told_once),
		TEST(the_log_of_an_ended_container_is_not_polled),
		TEST(lines_that_vanished_are_told_as_a_gap),
		TEST(cancelled_it_ends_at_once),
		TEST(pods_that_cannot_be_listed_are_a_failure),
	};
	return cmocka_run_group_tests_name("core/logs", tests, NULL, NULL);
}
