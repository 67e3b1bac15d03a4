/* How Gate answers: JSON, nothing at all, or an error as Spring words it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"
#include "web/gzip.h"

enum { GZIP_FROM_BYTES = 2048, CHUNKS_FROM_BYTES = 4096 };

static bool
takes_gzip(const struct gate_call *call)
{
	const char *accepted = web_header(call->request, "Accept-Encoding");
	return accepted != NULL && strstr(accepted, "gzip") != NULL;
}

void
gate_answer(struct gate_call *call, unsigned status, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	if (text == NULL)
		abort();
	size_t length = strlen(text);
	scoped(buf_release) struct buf small = BUF_INIT(length);
	web_add_header(call->request, "Content-Type", "application/json");
	if (length >= GZIP_FROM_BYTES && takes_gzip(call) && gzip_compress(text, length, &small)) {
		web_add_header(call->request, "Content-Encoding", "gzip");
		web_respond(call->request, status, small.bytes, small.length);
	} else if (length >= CHUNKS_FROM_BYTES) {
		web_stream_open(call->request, status, UINT64_MAX);
		web_stream_push(call->request, text, length);
		web_stream_end(call->request);
	} else {
		web_respond(call->request, status, text, length);
	}
	free(text);
	json_decref(body);
}

void
gate_answer_nothing(struct gate_call *call, unsigned status)
{
	web_respond(call->request, status, "", 0);
}

static const struct {
	unsigned status;
	const char *error, *exception;
} errors[] = {
	{400, "Bad Request", "com.netflix.spinnaker.kork.web.exceptions.InvalidRequestException"},
	{401, "Unauthorized", "org.springframework.security.authentication.BadCredentialsException"},
	{403, "Forbidden", "org.springframework.security.access.AccessDeniedException"},
	{404, "Not Found", "com.netflix.spinnaker.kork.web.exceptions.NotFoundException"},
	{405, "Method Not Allowed", NULL},
	{413, "Payload Too Large", NULL},
	{429, "Too Many Requests", NULL},
	{500, "Internal Server Error", "java.lang.NullPointerException"},
};

/* `timestamp` is a number in the one, a text in the other: both have been seen. */
static void
answer_error(struct gate_call *call, unsigned status, const char *message, bool is_dated)
{
	char now[CLOCK_TEXT_BYTES];
	size_t i = 0;
	while (i + 1 < array_length(errors) && errors[i].status != status)
		i++;
	json_t *timestamp = is_dated ? json_sprintf("%.19s.000+00:00", clock_format(clock_wall_ms(), now))
	                             : json_integer(clock_wall_ms());
	gate_answer(call, status,
	            json_pack("{s:o, s:i, s:s, s:s*, s:s}", "timestamp", timestamp, "status", (int)status, "error",
	                      errors[i].error, "exception", errors[i].exception, "message", message));
}

void
gate_fail(struct gate_call *call, unsigned status, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *message = arena_vprintf(call->arena, format, args);
	va_end(args);
	answer_error(call, status, message, false);
}

void
gate_fail_behind(struct gate_call *call, unsigned status, const char *method, const char *url, const char *message)
{
	answer_error(call, status,
	             arena_printf(call->arena, "Status: %u, Method: %s, URL: %s, Message: %s", status, method, url, message),
	             true);
}

/* ---- what a query says ---- */

bool
gate_is_text(const char *bytes)
{
	json_t *text = json_string(bytes);
	json_decref(text);
	return text != NULL;
}

const char *
gate_query(const struct gate_call *call, const char *name, const char *fallback)
{
	const char *value = web_query(call->request, name);
	return value != NULL && value[0] != '\0' && gate_is_text(value) ? value : fallback;
}

long
gate_query_number(const struct gate_call *call, const char *name, long fallback)
{
	char *end;
	const char *value = gate_query(call, name, NULL);
	long number = value != NULL ? strtol(value, &end, 10) : fallback;
	return value != NULL && (*end != '\0' || number < 0) ? fallback : number;
}

bool
gate_query_is(const struct gate_call *call, const char *name, bool fallback)
{
	const char *value = gate_query(call, name, NULL);
	return value != NULL ? strcasecmp(value, "true") == 0 : fallback;
}
