/* What logs_read tells, as text, and pods that write one line after the other. */
#ifndef PAAS_TESTS_UNIT_TOLD_FIXTURE_H
#define PAAS_TESTS_UNIT_TOLD_FIXTURE_H

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

MAY_BE_UNUSED bool
is_told(const char *text)
{
	return strstr(told_text.bytes, text) != NULL;
}

MAY_BE_UNUSED void
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

MAY_BE_UNUSED struct log_container *
add_container(void)
{
	return &add_pod("v1")->containers[0];
}

MAY_BE_UNUSED void
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

MAY_BE_UNUSED void
read_to_the_end(void)
{
	start_reading(&reading);
	fiber_join(reading.fiber);
	if (!reading.is_ok)
		fail_msg("%s", reading.err.why);
}

MAY_BE_UNUSED void
start_following(void)
{
	reading.request.follow = true;
	start_reading(&reading);
}

MAY_BE_UNUSED void
stop_following(void)
{
	cancel_reading(&reading);
	assert_false(reading.is_ok);
	assert_int_equal(reading.err.code, ERROR_INTERRUPTED);
}

/* The n-th request for the log of a container, from 0. */
MAY_BE_UNUSED const char *
log_target(size_t n)
{
	for (size_t i = 0; i < cluster.n_targets; i++) {
		if (strstr(cluster.targets[i], "/log?") != NULL && n-- == 0)
			return cluster.targets[i];
	}
	fail_msg("too few requests for logs");
	return "";
}

MAY_BE_UNUSED size_t
count_log_targets(void)
{
	size_t n = 0;
	for (size_t i = 0; i < cluster.n_targets; i++)
		n += strstr(cluster.targets[i], "/log?") != NULL;
	return n;
}

MAY_BE_UNUSED bool
has_parameter(const char *target, const char *parameter)
{
	const char *at = strstr(target, parameter);
	size_t length = strlen(parameter);
	return at != NULL && (at[-1] == '?' || at[-1] == '&') && (at[length] == '&' || at[length] == '\0');
}

#endif
