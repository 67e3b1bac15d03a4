/* What a handler says to a request: whole, as a stream that grows, or spoilt on purpose. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "web/exchange.h"

enum { BLOCK_BYTES = 32 << 10 };

static ssize_t
read_stream(void *data, uint64_t position, char *block, size_t max)
{
	struct exchange *exchange = data;
	size_t left = exchange->output.length - exchange->output_read;
	(void)position;
	if (left == 0 && exchange->is_cut)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (left == 0 && exchange->is_ended)
		return exchange->declared_length == UINT64_MAX ? MHD_CONTENT_READER_END_OF_STREAM
		                                               : MHD_CONTENT_READER_END_WITH_ERROR;
	if (left == 0) {
		exchange_suspend(exchange);
		return 0;
	}
	size_t length = left < max ? left : max;
	memcpy(block, exchange->output.bytes + exchange->output_read, length);
	exchange->output_read += length;
	if (exchange->output_read * 2 > exchange->output.length) {
		buf_consume(&exchange->output, exchange->output_read);
		exchange->output_read = 0;
	}
	return (ssize_t)length;
}

/* By our own clock, which may run faster: objects and answers have to agree on the time. */
static void
add_date(struct MHD_Response *response)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	char text[CLOCK_TEXT_BYTES];
	struct tm parts;
	if (strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts)))
		mhd.add_response_header(response, "Date", text);
}

enum MHD_Result
exchange_queue_answer(struct exchange *exchange)
{
	struct MHD_Response *response =
		exchange->is_stream
			? mhd.create_response_from_callback(exchange->declared_length, BLOCK_BYTES,
		                                            read_stream, exchange, NULL)
			: mhd.create_response_from_buffer(exchange->output.length, exchange->output.bytes,
		                                          MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	for (const struct header *at = exchange->headers; at != NULL; at = at->next)
		mhd.add_response_header(response, at->name, at->value);
	add_date(response);
	exchange->is_queued = true;
	enum MHD_Result result = mhd.queue_response(exchange->connection, exchange->status, response);
	mhd.destroy_response(response);
	return result;
}

void
web_add_header(struct web_request *request, const char *name, const char *value)
{
	struct exchange *exchange = exchange_of(request);
	struct header *header = arena_new(&exchange->arena, struct header);
	header->name = arena_strdup(&exchange->arena, name);
	header->value = arena_strdup(&exchange->arena, value);
	*exchange->last_header = header;
	exchange->last_header = &header->next;
}

void
web_respond(struct web_request *request, unsigned status, const void *body, size_t length)
{
	struct exchange *exchange = exchange_of(request);
	exchange->output.max = length;
	buf_add(&exchange->output, body, length);
	exchange->status = status;
	if (exchange->sabotage == WEB_CUT_BODY || exchange->sabotage == WEB_LIE_ABOUT_LENGTH) {
		exchange->is_stream = exchange->is_cut = true;
		exchange->declared_length = length + (exchange->sabotage == WEB_LIE_ABOUT_LENGTH ? 100 : 0);
		if (exchange->sabotage == WEB_CUT_BODY)
			buf_truncate(&exchange->output, length / 2);
	}
	exchange_resume(exchange);
}

void
web_respond_json(struct web_request *request, unsigned status, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	if (text == NULL) {
		web_respond(request, 400, "", 0);
		return;
	}
	web_add_header(request, "Content-Type", "application/json");
	web_respond(request, status, text, strlen(text));
	free(text);
	json_decref(answer);
}

void
web_stream_open(struct web_request *request, unsigned status, uint64_t declared_length)
{
	struct exchange *exchange = exchange_of(request);
	exchange->is_stream = true;
	exchange->declared_length = declared_length;
	exchange->status = status;
	exchange_resume(exchange);
}

bool
web_stream_push(struct web_request *request, const void *bytes, size_t length)
{
	struct exchange *exchange = exchange_of(request);
	if (exchange->is_cut)
		return false;
	bool is_spoilt = exchange->sabotage == WEB_CUT_BODY;
	if (!buf_add(&exchange->output, bytes, is_spoilt ? length / 2 : length) || is_spoilt) {
		web_cut(request, false);
		return false;
	}
	exchange_resume(exchange);
	return true;
}

void
web_stream_end(struct web_request *request)
{
	struct exchange *exchange = exchange_of(request);
	exchange->is_ended = true;
	exchange_resume(exchange);
}

static void
linger_none(int fd)
{
	struct linger none = {.l_onoff = 1};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

void
web_cut(struct web_request *request, bool reset)
{
	struct exchange *exchange = exchange_of(request);
	if (reset)
		linger_none(exchange_socket(exchange));
	exchange->is_cut = true;
	exchange_resume(exchange);
}

void
web_spoil(struct web_request *request, enum web_sabotage sabotage)
{
	exchange_of(request)->sabotage = sabotage;
}
