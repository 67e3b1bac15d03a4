/* Pods with random lines, and a judge of what is told of them; for core_logs_random.c. */
#ifndef PAAS_TESTS_UNIT_RANDOM_LOGS_H
#define PAAS_TESTS_UNIT_RANDOM_LOGS_H

#include "logs_fixture.h"

enum { SECOND_NS = 1000000000 };
static const int64_t start_s = 1767323045; /* 2026-01-02T03:04:05Z */

/* ---- chance ---- */

static struct reading reading;
static uint64_t chance;

static uint64_t
draw(uint64_t below)
{
	/* splitmix64 */
	uint64_t x = chance += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (x ^ (x >> 31)) % below;
}

static bool
happens(unsigned percent)
{
	return draw(100) < percent;
}

/* Mostly small. */
static size_t
draw_few(size_t max)
{
	return 1 + draw(happens(80) ? (max < 4 ? max : 4) : max);
}

/* ---- faults ---- */

static char verdict[600]; /* "" so far */

__attribute__((format(printf, 1, 2))) static void
find_fault(const char *format, ...)
{
	va_list args;
	if (verdict[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(verdict, sizeof verdict, format, args);
	va_end(args);
}

/* ---- lines ---- */

static int64_t
draw_step_ns(void)
{
	static const int64_t units[] = {1, 1000, 100000, 1000000, 10000000, 100000000, SECOND_NS};
	int64_t unit = units[draw(array_length(units))];
	if (happens(20))
		return 0;
	return unit * (int64_t)(1 + draw(unit == SECOND_NS ? 2 : 9));
}

/* Bytes of any kind, but for those that end a line or a string. */
static const char *
draw_bytes(size_t length)
{
	char *text = arena_alloc(&cluster.arena, length + 1);
	for (size_t i = 0; i < length; i++) {
		text[i] = (char)(1 + draw(255));
		if (text[i] == '\n')
			text[i] = '\r';
	}
	return text;
}

static size_t
draw_length(void)
{
	if (happens(90))
		return draw(60);
	return draw(happens(95) ? 2000 : 100 * 1000);
}

static void
draw_line(struct log_line *line, int64_t time_ns, size_t number)
{
	*line = (struct log_line){.time_ns = time_ns, .has_offset = happens(20)};
	switch (draw(8)) {
	case 0:
		line->text = "";
		break;
	case 1:
		line->text = "the same as many others";
		break;
	case 2: /* looks like another line's beginning */
		line->text = arena_printf(&cluster.arena, "2026-01-02T03:04:%02zu.5Z no time", number % 60);
		break;
	case 3:
		line->length = draw_length();
		line->text = draw_bytes(line->length);
		return;
	default:
		line->text = arena_printf(&cluster.arena, " line %zu\t", number);
	}
	line->length = strlen(line->text);
}

/* All lines of a container, over all its runs; each run begins later than the last one ended. */
static void
draw_lines(struct log_container *container, size_t lines_max)
{
	int64_t time_ns = start_s * (int64_t)SECOND_NS + (int64_t)draw(SECOND_NS);
	size_t number = 0;
	container->n_runs = happens(60) ? 1 : 1 + (unsigned)draw(RUNS_MAX);
	for (unsigned run = 0; run < container->n_runs; run++) {
		struct log_run *at = &container->runs[run];
		at->n_lines = happens(10) ? 0 : draw_few(lines_max);
		at->lines = arena_array(&cluster.arena, struct log_line, at->n_lines);
		time_ns += 1 + draw_step_ns();
		for (size_t i = 0; i < at->n_lines; i++, time_ns += draw_step_ns())
			draw_line(&at->lines[i], time_ns, number++);
	}
}

static void
draw_pods(void)
{
	bool is_crowd = happens(2);
	size_t n = is_crowd ? 1 + draw(PODS_MAX) : draw_few(8);
	for (size_t i = 0; i < n; i++) {
		struct log_pod *pod = pod_new("v1", happens(70) ? 1 : 1 + draw(CONTAINERS_MAX));
		for (size_t j = 0; j < pod->n_containers; j++) {
			draw_lines(&pod->containers[j], is_crowd ? 5 : 60);
			pod->containers[j].state = CONTAINER_CREATING;
			pod->containers[j].exit_code = (int)draw(3);
		}
		pod->is_scheduled = false;
	}
}

/* ---- the judge ---- */

/* Following, all since the start; else the present or the previous run, as the kubelet understands these. */
static bool
is_asked_for(const struct log_container *container, unsigned run)
{
	unsigned n_ended = container->run + (container->state == CONTAINER_BACKING_OFF);
	if (reading.request.follow)
		return run >= container->first_run;
	return reading.request.previous ? run + 1 == n_ended : run == container->run;
}

static struct log_container *
container_of_event(const struct logs_event *event)
{
	const char *number = strrchr(event->container->pod, '-');
	return find_container(&cluster.pods[strtoul(number + 1, NULL, 10)], event->container->name);
}

static bool
is_line(const struct log_line *line, const struct logs_event *event)
{
	return line->time_ns == event->time_ns && line->length == event->length &&
	       memcmp(line->text, event->text, line->length) == 0;
}

/* Takes the line as the next of that run; lines that vanished may be left out. */
static bool
take_line(struct log_container *container, struct log_run *run, const struct logs_event *event)
{
	size_t at = run->n_told;
	while (at < run->n_written && run->lines[at].is_lost && !is_line(&run->lines[at], event))
		at++;
	if (at >= run->n_written || !is_line(&run->lines[at], event))
		return false;
	if (at > run->n_told && run->n_told > 0)
		container->is_skipped = true;
	run->n_told = at + 1;
	return true;
}

static void
find_line_fault(const struct log_container *container, const struct logs_event *event)
{
	const char *what = "was never written";
	for (unsigned run = 0; run <= container->run; run++) {
		for (size_t i = 0; i < container->runs[run].n_written; i++) {
			if (is_line(&container->runs[run].lines[i], event))
				what = i < container->runs[run].n_told ? "was told already" : "comes too early";
		}
	}
	find_fault("%s/%s: a line of %lld.%09lld \"%.*s\" %s (told so far: %zu %zu %zu %zu, present run %u)",
	           event->container->pod, event->container->name, (long long)(event->time_ns / SECOND_NS),
	           (long long)(event->time_ns % SECOND_NS), event->length < 80 ? (int)event->length : 80, event->text,
	           what, container->runs[0].n_told, container->runs[1].n_told, container->runs[2].n_told,
	           container->runs[3].n_told, container->run);
}

/* Late is what another container's later line came before. */
static void
check_lateness(const struct log_container *container, const struct logs_event *event)
{
	bool is_late = false;
	for (size_t i = 0; i < cluster.n_pods; i++) {
		for (size_t j = 0; j < cluster.pods[i].n_containers; j++) {
			const struct log_container *other = &cluster.pods[i].containers[j];
			is_late |= other != container && other->latest_ns > event->time_ns;
		}
	}
	if (is_late != event->is_late)
		find_fault("%s/%s: a line is told as %s and is not", event->container->pod, event->container->name,
		           event->is_late ? "late" : "in time");
}

static void
judge_line(struct log_container *container, const struct logs_event *event)
{
	unsigned run = 0;
	while (run <= container->run &&
	       (!is_asked_for(container, run) || !take_line(container, &container->runs[run], event)))
		run++;
	if (run > container->run)
		find_line_fault(container, event);
	else if (run < container->latest_run && container->n_asked_previous == 0)
		find_fault("%s/%s: lines of run %u after those of run %u", event->container->pod,
		           event->container->name, run, container->latest_run);
	if (run <= container->run && run > container->latest_run)
		container->latest_run = run;
	check_lateness(container, event);
	if (event->time_ns > container->latest_ns)
		container->latest_ns = event->time_ns;
}

/* Whether there is a run to read at all. */
static bool
is_read(const struct log_container *container)
{
	bool is_any = false;
	for (unsigned run = 0; run <= container->run; run++)
		is_any |= is_asked_for(container, run);
	return is_any;
}

static void
told(void *data, const struct logs_event *event)
{
	(void)data;
	if (event->container == NULL) {
		find_fault("an event of type %d has no container", (int)event->type);
		return;
	}
	struct log_container *container = container_of_event(event);
	note("told:   %s/%s type %d %lld.%09lld %.*s", event->container->pod, event->container->name, (int)event->type,
	      (long long)(event->time_ns / SECOND_NS), (long long)(event->time_ns % SECOND_NS),
	      event->type == LOGS_LINE && event->length < 30 ? (int)event->length : 0, event->text);
	if (event->type == LOGS_LINE)
		judge_line(container, event);
	else if (event->type == LOGS_GAP && !container->is_rotated && !(event->gap_ms < 0 && container->run > 0))
		find_fault("%s/%s: a gap where nothing was rotated", event->container->pod, event->container->name);
	else if (event->type == LOGS_TROUBLE && event->is_over && is_read(container))
		find_fault("%s/%s: given up: %s", event->container->pod, event->container->name, event->trouble->why);
	container->is_gap_told |= event->type == LOGS_GAP;
}

/* How many lines are still owed. */
static size_t
count_owed(const struct log_run *run)
{
	size_t n = 0;
	for (size_t i = run->n_told; i < run->n_written; i++)
		n += !run->lines[i].is_lost;
	return n;
}

static size_t
count_container_owed(const struct log_pod *pod, const struct log_container *container, char ret[static 200])
{
	size_t n = 0;
	for (unsigned run = 0; run <= container->run; run++) {
		size_t owed = is_asked_for(container, run) ? count_owed(&container->runs[run]) : 0;
		if (owed > 0)
			snprintf(ret, 200, "%s/%s: %zu lines of run %u of %u are missing, from line %zu on", pod->name,
			         container->name, owed, run, container->run, container->runs[run].n_told);
		n += owed;
	}
	return n;
}

/* *ret names one container that owes. */
static size_t
count_all_owed(char ret[static 200])
{
	size_t n = 0;
	for (size_t i = 0; i < cluster.n_pods; i++) {
		for (size_t j = 0; j < cluster.pods[i].n_containers; j++)
			n += count_container_owed(&cluster.pods[i], &cluster.pods[i].containers[j], ret);
	}
	return n;
}

static void
check_gaps(void)
{
	for (size_t i = 0; i < cluster.n_pods; i++) {
		for (size_t j = 0; j < cluster.pods[i].n_containers; j++) {
			const struct log_container *container = &cluster.pods[i].containers[j];
			if (container->is_skipped && !container->is_gap_told)
				find_fault("%s/%s: lines are gone and no gap is told", cluster.pods[i].name,
				           container->name);
		}
	}
}

#endif
