/* What logs_read promises, against random clusters: every line of every container once and in
 * order, whatever happens to the connections (kubernetes.md 2.10).
 *
 * PAAS_TEST_SEED=N begins at schedule N and tells what happened in those that fail (sockets have a
 * chance of their own: it may take some tries); PAAS_TEST_SCHEDULES=N runs that many. */
#include "core/logs/logs.h"

#include "random_logs.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SCHEDULES = 200, RATE = 300 };
#else
enum { SCHEDULES = 1000, RATE = 1000 };
#endif
enum { PATIENCE_MS = 20 * 1000, TROUBLES_MAX = 2, BAD_MAX = 10 };

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
leave_out(struct outlet *outlet)
{
	struct log_container *container = outlet->container;
	struct log_run *run = &container->runs[outlet->run - container->runs];
	size_t n_told = 0;
	for (unsigned i = 0; i <= container->run; i++)
		n_told += container->runs[i].n_told;
	if (n_told > 0)
		find_fault("%s is asked for with a tail though lines of it were told", outlet->request->target);
	/* Between two times: what was left out of one time cannot be told from it afterwards. */
	while (outlet->at > run->n_rotated && outlet->at < run->n_written &&
	       run->lines[outlet->at].time_ns == run->lines[outlet->at - 1].time_ns)
		outlet->at++;
	for (size_t i = 0; i < outlet->at; i++)
		run->lines[i].is_lost = true;
}

/* Who asks anew has closed the stream that would have brought what is rotated away since. */
static void
lose_rotated(const struct outlet *outlet)
{
	struct log_run *run = &outlet->container->runs[outlet->run - outlet->container->runs];
	for (size_t i = run->n_told; i < run->n_rotated; i++)
		run->lines[i].is_lost = true;
}

static size_t
limit(struct outlet *outlet)
{
	struct log_container *container = outlet->container;
	if (container != NULL)
		lose_rotated(outlet);
	if (container != NULL && web_query(outlet->request, "tailLines") != NULL)
		leave_out(outlet);
	outlet->end = (enum outlet_end)draw(OUTLET_ENDS);
	if (has_calmed || !happens(troubles) || !may_trouble(container, outlet->request))
		return SIZE_MAX;
	if (container == NULL)
		return 1 + draw(4000);
	if (is_last_of_run(outlet) && outlet->end == OUTLET_END)
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

/* What had ended before anybody looked is not asked for. */
static void
listed(void)
{
	for (size_t i = 0; i < cluster.n_pods; i++) {
		for (size_t j = 0; j < cluster.pods[i].n_containers; j++)
			cluster.pods[i].containers[j].first_run = cluster.pods[i].containers[j].run;
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
		run->lines[run->n_rotated].is_lost |= run->n_rotated >= run->n_told && !is_sent(run, run->n_rotated);
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
	cluster.listed = listed;
	troubles = (unsigned[]){0, 30, 60, 90}[draw(4)];
	reading = (struct reading){.request = {.tail_lines = -1, .since_ms = -1, .told = told}};
	reading.request.follow = happens(70);
	if (happens(25))
		reading.request.tail_lines = 1 + (int64_t)draw(6);
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
