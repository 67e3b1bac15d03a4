/* What logs_read promises, against random clusters: every line of every container once and in
 * order, whatever happens to the connections (kubernetes.md 2.10).
 *
 * PAAS_TEST_SEED=N begins at schedule N and tells what happened in those that fail (sockets have a
 * chance of their own: it may take some tries); PAAS_TEST_SCHEDULES=N runs that many. */
#include "core/logs/logs.h"

#include "logs_fixture.h"

#ifdef __SANITIZE_ADDRESS__
enum { SCHEDULES = 100, RATE = 300 };
#else
enum { SCHEDULES = 1000, RATE = 1000 };
#endif
enum { PATIENCE_MS = 10 * 1000, TROUBLES_MAX = 2, BAD_MAX = 10, SECOND_NS = 1000000000 };

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
	int64_t time_ns = (clock_wall_ms() / 1000 - 24 * 3600) * SECOND_NS + (int64_t)draw(SECOND_NS);
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

/* ---- what the server does to streams ---- */

static bool has_calmed;   /* nothing bad happens any more */
static unsigned troubles; /* percent */

/* What only can be read once more has to be readable after some tries. */
static bool
may_trouble(struct log_container *container, const struct web_request *request)
{
	if (container == NULL || (!is_true(request, "previous") && reading.request.follow))
		return true;
	if (container->n_troubles == 0) {
		container->n_troubles = TROUBLES_MAX;
		return false;
	}
	container->n_troubles--;
	return true;
}

/* A tail is asked for once: afterwards it would leave lines out, or bring them again. */
static void
leave_out(const struct outlet *outlet)
{
	struct log_container *container = outlet->container;
	struct log_run *run = &container->runs[outlet->run - container->runs];
	size_t n_told = 0;
	for (unsigned i = 0; i <= container->run; i++)
		n_told += container->runs[i].n_told;
	if (n_told > 0)
		find_fault("%s is asked for with a tail though lines of it were told", outlet->request->target);
	for (size_t i = 0; i < outlet->at; i++)
		run->lines[i].is_lost = true;
}

static size_t
limit(struct outlet *outlet)
{
	struct log_container *container = outlet->container;
	if (container != NULL && web_query(outlet->request, "tailLines") != NULL)
		leave_out(outlet);
	outlet->end = (enum outlet_end)draw(OUTLET_ENDS);
	if (has_calmed || !happens(troubles) || !may_trouble(container, outlet->request))
		return SIZE_MAX;
	if (container == NULL)
		return 1 + draw(4000);
	if (!outlet->is_following && outlet->end == OUTLET_END)
		outlet->end = OUTLET_CUT; /* nobody could tell that from the end */
	return happens(20) ? 0 : draw(happens(50) ? 100 : 3000);
}

static bool
refuses(struct log_container *container, struct web_request *request)
{
	if (has_calmed || !happens(troubles / 3) || !may_trouble(container, request))
		return false;
	note("server: %s refused", request->target);
	if (happens(50))
		web_cut(request, happens(50));
	else
		web_respond(request, 500 + (unsigned)draw(4), "proxy error", 11);
	return true;
}

/* ---- the judge ---- */

/* Following, all of them; else the present or the previous run, as the kubelet understands these. */
static bool
is_asked_for(const struct log_container *container, unsigned run)
{
	unsigned n_ended = container->run + (container->state == CONTAINER_BACKING_OFF);
	if (reading.request.follow)
		return true;
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
	else if (event->type == LOGS_GAP && !container->is_rotated && !(event->gap_ms < 0 && container->run >= 2))
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

/* ---- what happens ---- */

/* Full of bytes for whoever reads, sometimes only some of them. */
static void
write_lines(struct log_container *container)
{
	struct log_run *run = &container->runs[container->run];
	if (container->state != CONTAINER_RUNNING || run->n_written == run->n_lines)
		return;
	run->n_written += 1 + draw(run->n_lines - run->n_written);
	note("write:  %s up to line %zu of run %u", container->name, run->n_written, container->run);
	log_pump(container, happens(30) ? draw(200) : SIZE_MAX / 4);
}

/* Whether somebody reads this line for sure: a stream that is not going to be cut has it. */
static bool
is_sent(const struct log_run *run, size_t line)
{
	for (const struct outlet *at = cluster.outlets; at != NULL; at = at->next) {
		if (at->run == run && !at->is_stopped && at->bytes_left == SIZE_MAX && at->at > line)
			return true;
	}
	return false;
}

/* Between two times: which of several lines of one time were read cannot be told afterwards. */
static void
rotate(struct log_container *container)
{
	struct log_run *run = &container->runs[container->run];
	size_t end = run->n_rotated + draw(run->n_written - run->n_rotated + 1);
	while (end > run->n_rotated && end < run->n_lines && run->lines[end].time_ns == run->lines[end - 1].time_ns)
		end--;
	log_pump(container, SIZE_MAX / 4);
	note("rotate: %s to line %zu", container->name, end);
	for (; run->n_rotated < end; run->n_rotated++) {
		container->is_rotated = true;
		run->lines[run->n_rotated].is_lost = run->n_rotated >= run->n_told && !is_sent(run, run->n_rotated);
	}
}

/* The one before the last run is gone for good when the next begins: it has to be read by then. */
static bool
may_restart(const struct log_container *container)
{
	return container->run + 1 < container->n_runs &&
	       (!reading.request.follow || container->run == 0 || count_owed(&container->runs[container->run - 1]) == 0);
}

static void
end_run(struct log_container *container)
{
	struct log_run *run = &container->runs[container->run];
	run->n_written = run->n_lines;
	container->state = CONTAINER_ENDED;
	log_pump(container, SIZE_MAX / 4);
}

/* Scheduled, created, running, ended, waiting, running again. */
static void
go_on(struct log_container *container)
{
	if (container->state == CONTAINER_CREATING)
		container->state = CONTAINER_RUNNING;
	else if (container->state == CONTAINER_BACKING_OFF) {
		container->run++;
		container->state = CONTAINER_RUNNING;
	} else if (container->state == CONTAINER_RUNNING && (may_restart(container) || happens(20)))
		end_run(container);
	else if (container->state == CONTAINER_ENDED && may_restart(container)) {
		container->state = CONTAINER_BACKING_OFF;
		if (happens(50))
			go_on(container);
	}
}

static void
happen(void)
{
	struct log_pod *pod = &cluster.pods[draw(cluster.n_pods)];
	struct log_container *container = &pod->containers[draw(pod->n_containers)];
	if (!pod->is_scheduled) {
		pod->is_scheduled = pod->version != 0 && happens(60);
		pod_changed(pod);
	} else if (container->state != CONTAINER_RUNNING || happens(15)) {
		go_on(container);
		pod_changed(pod);
	} else if (happens(8))
		rotate(container);
	else
		write_lines(container);
}

/* Lets all containers say what they have left, in the run they are in. */
static void
come_to_an_end(void)
{
	has_calmed = true;
	for (size_t i = 0; i < cluster.n_pods; i++) {
		struct log_pod *pod = &cluster.pods[i];
		for (size_t j = 0; j < pod->n_containers; j++) {
			struct log_container *container = &pod->containers[j];
			if (container->state == CONTAINER_CREATING)
				container->state = CONTAINER_RUNNING;
			if (container->state == CONTAINER_RUNNING)
				container->runs[container->run].n_written = container->runs[container->run].n_lines;
		}
		pod->is_scheduled = true;
		pod_changed(pod);
	}
	log_pump(NULL, SIZE_MAX / 4);
}

/* ---- a schedule ---- */

/* Waits for what is owed, then a little for what is too much. */
static void
wait_for_all(void)
{
	int64_t end_ms = real_ms() + PATIENCE_MS;
	char owed[200];
	while (verdict[0] == '\0' && !reading.is_done && count_all_owed(owed) > 0 && real_ms() < end_ms)
		(void)fiber_sleep(loop, 200);
	(void)fiber_sleep(loop, 1000);
	if (reading.is_done)
		find_fault("logs_read returned by itself: %s", reading.err.why);
	if (count_all_owed(owed) > 0)
		find_fault("%s", owed);
}

static void
follow(void)
{
	size_t n_steps = 20 + draw(60) + 2 * cluster.n_pods;
	for (size_t i = draw(2 * cluster.n_pods); i > 0; i--)
		happen();
	start_reading(&reading);
	for (size_t i = 0; i < n_steps && verdict[0] == '\0'; i++) {
		happen();
		(void)fiber_sleep(loop, happens(80) ? 0 : (int64_t)draw(happens(90) ? 400 : 4000));
	}
	come_to_an_end();
	wait_for_all();
	cancel_reading(&reading);
	check_gaps();
}

static void
read_once(void)
{
	int64_t end_ms = real_ms() + PATIENCE_MS;
	char owed[200];
	for (size_t i = draw(20 * cluster.n_pods); i > 0; i--)
		happen();
	start_reading(&reading);
	while (verdict[0] == '\0' && !reading.is_done && real_ms() < end_ms)
		(void)fiber_sleep(loop, 20);
	if (!reading.is_done)
		find_fault("logs_read does not come to an end");
	cancel_reading(&reading);
	if (!reading.is_ok)
		find_fault("logs_read fails: %s", reading.err.why);
	if (count_all_owed(owed) > 0)
		find_fault("%s", owed);
}

static bool
run_schedule(uint64_t seed)
{
	chance = seed * 0x2545f4914f6cdd1du;
	verdict[0] = '\0';
	has_calmed = false;
	cluster_clear();
	cluster.limit = limit;
	cluster.refuses = refuses;
	troubles = (unsigned[]){0, 30, 60, 90}[draw(4)];
	reading = (struct reading){.request = {.tail_lines = -1, .since_ms = -1, .told = told}};
	reading.request.follow = happens(70);
	if (happens(25))
		reading.request.tail_lines = (int64_t)draw(6);
	reading.request.previous = !reading.request.follow && happens(30);
	draw_pods();
	if (reading.request.follow)
		follow();
	else
		read_once();
	if (cluster.n_unknown > 0)
		find_fault("%u requests for nothing there is", cluster.n_unknown);
	if (verdict[0] != '\0')
		print_error("PAAS_TEST_SEED=%llu (%s, tail %lld, %zu pods, %u %% trouble): %s\n", (unsigned long long)seed,
		            reading.request.follow ? "follow" : reading.request.previous ? "previous" : "once",
		            (long long)reading.request.tail_lines, cluster.n_pods, troubles, verdict);
	if (verdict[0] != '\0' && getenv("PAAS_TEST_SEED") != NULL)
		fputs(story.bytes, stderr);
	return verdict[0] == '\0';
}

static uint64_t
number_of(const char *variable, uint64_t usual)
{
	const char *text = getenv(variable);
	return text != NULL ? strtoull(text, NULL, 10) : usual;
}

static void
run_schedules(void)
{
	uint64_t first = number_of("PAAS_TEST_SEED", 0), n = number_of("PAAS_TEST_SCHEDULES", first != 0 ? 1 : SCHEDULES);
	unsigned n_bad = 0;
	if (first == 0)
		first = 1;
	clock_set_rate(RATE);
	for (uint64_t seed = first; seed < first + n && n_bad < BAD_MAX; seed++)
		n_bad += !run_schedule(seed);
	assert_int_equal(n_bad, 0);
}

static void
test_logs__every_line_once_and_in_order_whatever_happens(void **state)
{
	(void)state;
	in_fiber(run_schedules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_logs__every_line_once_and_in_order_whatever_happens, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("core/logs random", tests, NULL, NULL);
}
