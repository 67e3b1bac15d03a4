/* logs_read against the pods of pods_fixture.h, all on one loop. */
#ifndef PAAS_TESTS_UNIT_LOGS_FIXTURE_H
#define PAAS_TESTS_UNIT_LOGS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pods_fixture.h"

#include "api/kubernetes/access.h"
#include "api/kubernetes/client.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "core/logs/logs.h"
#include "net/http.h"

static struct loop *loop;
static struct web_server *server;
static struct http *http;
static struct arena arena;
static struct kubernetes_access access_;
static struct kubernetes *kubernetes;

/* One call of logs_read, in a fiber of its own. */
struct reading {
	struct logs_request request;
	struct logs_result result;
	struct error err;
	struct fiber *fiber;
	bool is_ok, is_done;
};

static int
set_up(void **state)
{
	struct error err = {0};
	(void)state;
	struct web_server_options options = {.handle = kubelet_handle, .max_stream_bytes = 64 << 20};
	if (!loop_open(&loop, &err) || !http_open(loop, &http, &err))
		return -1;
	options.loop = loop;
	if (!web_server_open(&options, &server, &err)) {
		print_error("%s\n", err.why);
		return -1;
	}
	http_seed(http, 1);
	access_ = (struct kubernetes_access){
		.server = arena_printf(&arena, "http://127.0.0.1:%u", web_server_port(server)),
		.namespace = "ns", .origin = "a test", .credential = "no credential", .proxy = "",
	};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	clock_set_rate(1);
	http_close(http);
	cluster_clear();
	web_server_close(server);
	loop_close(loop);
	kubernetes_access_release(&access_);
	arena_release(&arena);
	return 0;
}

static void
read_logs(void *data)
{
	struct reading *reading = data;
	reading->is_ok = logs_read(&reading->request, &reading->result, &reading->err);
	reading->is_done = true;
}

static void
start_reading(struct reading *reading)
{
	reading->request.loop = loop;
	reading->request.kubernetes = kubernetes;
	if (reading->request.namespace == NULL)
		reading->request.namespace = "ns";
	reading->request.label_selector = "app=checkout";
	reading->fiber = fiber_start(loop, read_logs, reading);
}

static void
cancel_reading(struct reading *reading)
{
	fiber_cancel(reading->fiber);
	fiber_join(reading->fiber);
}

static void
run_body(void *data)
{
	void (**body)(void) = data;
	struct error err = {0};
	if (!kubernetes_open(http, "test", &access_, &arena, &kubernetes, &err))
		fail_msg("%s", err.why);
	(*body)();
	kubernetes_close(kubernetes);
}

/* Runs the test's body in a fiber. */
static void
in_fiber(void (*body)(void))
{
	fiber_run(loop, run_body, &body);
}

/* Real time, whatever rate the clock has. */
static int64_t
real_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
