#include "net/http_trace.h"

#include <string.h>

#include "base/trace.h"
#include "net/mask.h"
#include "net/transfer.h"

enum { SHOWN_BODY = 4096, LINE = 16 * 1024 };

/* "kubernetes dev" → "dev, " */
static void
add_instance(struct buf *line, const struct transfer *transfer)
{
	const struct http_endpoint *endpoint = transfer->request->endpoint;
	const char *space = endpoint != NULL && endpoint->system != NULL ? strchr(endpoint->system, ' ') : NULL;
	if (space != NULL)
		buf_printf(line, "%s, ", space + 1);
}

static void
add_request(struct buf *line, const struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	const struct http_endpoint *endpoint = request->endpoint;
	const char *method = request->method != NULL ? request->method : "GET";
	bool is_secret = endpoint != NULL && endpoint->has_secret_url;
	scoped(buf_release) struct buf target = BUF_INIT(LINE);
	if (is_secret)
		buf_add_text(&target, "/…");
	else
		mask_add_target(&target, transfer->url.target);
	if (endpoint != NULL && endpoint->system != NULL && transfer_is_home(transfer) && !is_secret) {
		buf_printf(line, "paas api %.*s %s ", (int)strcspn(endpoint->system, " "), endpoint->system, method);
		buf_add_shell_word(line, target.bytes);
	} else {
		buf_printf(line, "%s %s%s", method, transfer->url.site, target.bytes);
	}
}

static void
print_header(char direction, const char *name, const char *value)
{
	if (mask_is_secret_name(name, strlen(name)))
		trace_print(TRACE_BODIES, "%c %s: (%zu bytes hidden)", direction, name, strlen(value));
	else
		trace_print(TRACE_BODIES, "%c %s: %s", direction, name, value);
}

static void
print_body(char direction, const char *body, size_t length)
{
	scoped(buf_release) struct buf shown = BUF_INIT(SHOWN_BODY);
	if (length == 0)
		return;
	mask_add_body(&shown, body, length);
	trace_print(TRACE_BODIES, "%c %s%s", direction, shown.bytes, shown.overflow ? " …" : "");
}

/* That there are some, never which. */
static void
print_credentials(const struct http_endpoint *endpoint)
{
	if (endpoint->bearer != NULL || endpoint->username != NULL)
		trace_print(TRACE_BODIES, "> authorization: (%s, hidden)", endpoint->bearer != NULL ? "bearer" : "basic");
	for (size_t i = 0; i < endpoint->n_secret_headers; i++)
		trace_print(TRACE_BODIES, "> %s: (hidden)", endpoint->secret_headers[i].name);
}

static void
print_details(const struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	const struct http_endpoint *endpoint = request->endpoint;
	for (size_t i = 0; i < request->n_headers; i++)
		print_header('>', request->headers[i].name, request->headers[i].value);
	if (endpoint != NULL && transfer_is_home(transfer))
		print_credentials(endpoint);
	if (!request->is_private)
		print_body('>', request->body, request->body_length);
	for (size_t i = 0; i < transfer->n_headers; i++) {
		bool is_link = strcmp(transfer->headers[i].name, "location") == 0;
		scoped(buf_release) struct buf link = BUF_INIT(LINE);
		if (request->is_private && strcmp(transfer->headers[i].name, "warning") == 0)
			continue;
		if (is_link) /* signed links to object stores carry a credential */
			mask_add_target(&link, transfer->headers[i].value);
		print_header('<', transfer->headers[i].name, is_link ? link.bytes : transfer->headers[i].value);
	}
	if (request->is_private)
		trace_print(TRACE_BODIES, "(%zu bytes sent and %zu received are hidden)", request->body_length,
		            transfer->body.length);
	else if (!transfer->is_stream)
		print_body('<', transfer->body.bytes, transfer->body.length);
}

void
http_trace_try(const struct transfer *transfer)
{
	if (!trace_is_on(TRACE_REQUESTS))
		return;
	scoped(buf_release) struct buf line = BUF_INIT(LINE);
	add_request(&line, transfer);
	buf_add_text(&line, "  # ");
	add_instance(&line, transfer);
	if (transfer->is_done && transfer->result != CURLE_OK)
		buf_add_text(&line, "failed");
	else
		buf_printf(&line, "%d", transfer->status);
	buf_printf(&line, ", %d ms", transfer->elapsed_ms);
	if (!transfer->is_stream)
		buf_printf(&line, ", %zu bytes", transfer->body.length);
	trace_print(TRACE_REQUESTS, "%s", line.bytes);
	if (trace_is_on(TRACE_BODIES))
		print_details(transfer);
}
