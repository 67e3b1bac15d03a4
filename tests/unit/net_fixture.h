/* Servers on loopback, one plain and one with TLS, and a client, all on one loop.  The handler is
 * the including file's. */
#ifndef PAAS_TESTS_UNIT_NET_FIXTURE_H
#define PAAS_TESTS_UNIT_NET_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "net/http.h"
#include "web/certificate.h"
#include "web/server.h"

static struct loop *loop;
static struct web_server *plain, *secure;
static struct http *http;
static struct arena arena;
static struct certificate certificate;
static const char *plain_site, *secure_site;
static struct error err;

/* What every test asks of the servers; `data` is the server's site. */
static void handle(void *data, struct web_request *request);

__attribute__((unused)) static const struct http_policy quick = {.tries = 3, .base_ms = 1, .cap_ms = 3, .connect_ms = 2000,
                                         .idle_ms = 60, .total_ms = 3000};

static bool
open_server(bool is_secure, struct web_server **ret, const char **ret_site)
{
	struct web_server_options options = {
		.loop = loop, .handle = handle,
		.certificate_pem = is_secure ? certificate.server_pem : NULL,
		.key_pem = is_secure ? certificate.key_pem : NULL,
		.max_stream_bytes = 8 * 1024 * 1024,
	};
	options.data = (void *)(uintptr_t)(is_secure ? "secure" : "plain");
	if (!web_server_open(&options, ret, &err))
		return false;
	*ret_site = arena_printf(&arena, "%s://localhost:%u", is_secure ? "https" : "http",
	                         (unsigned)web_server_port(*ret));
	return true;
}

static int
open_all(void **state)
{
	(void)state;
	arena = (struct arena){0};
	static const char *const variables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	for (size_t i = 0; i < array_length(variables); i++)
		unsetenv(variables[i]);
	if (!loop_open(&loop, &err) || !certificate_make("test", &arena, &certificate, &err) ||
	    !open_server(false, &plain, &plain_site) || !open_server(true, &secure, &secure_site) ||
	    !http_open(loop, &http, &err)) {
		print_error("%s\n", err.why);
		return -1;
	}
	http_seed(http, 1);
	err = (struct error){0};
	return 0;
}

static int
close_all(void **state)
{
	(void)state;
	http_close(http);
	web_server_close(plain);
	web_server_close(secure);
	loop_close(loop);
	arena_release(&arena);
	return 0;
}

static void
run_body(void *data)
{
	void (**body)(void) = data;
	(*body)();
}

/* Runs the test's body in a fiber. */
static void
in_fiber(void (*body)(void))
{
	fiber_run(loop, run_body, &body);
}

#define at(site, path) arena_printf(&arena, "%s%s", site, path)

#endif
