/* A body that goes on.  Two buffers change places: one fills while the other is read; a full one
 * pauses curl, and with it the server. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "net/exchange.h"
#include "net/http.h"

struct http_stream {
	struct transfer transfer;
	struct http_request request; /* the transfer's, as are the next two */
	struct http_endpoint endpoint;
	struct http_policy policy;
	struct buf reading;
};

void
http_stream_close(struct http_stream *stream)
{
	if (stream == NULL)
		return;
	struct http *http = stream->transfer.http;
	transfer_release(&stream->transfer);
	buf_release(&stream->reading);
	free(stream);
	http_let_go(http);
}

/* What the caller said lives only as long as its call; the stream lives on. */
static void
copy_request(struct http_stream *stream, const struct http_request *request)
{
	stream->request = *request;
	if (request->endpoint != NULL) {
		stream->endpoint = *request->endpoint;
		stream->request.endpoint = &stream->endpoint;
	}
	if (request->policy != NULL) {
		stream->policy = *request->policy;
		stream->request.policy = &stream->policy;
	}
}

bool
http_stream_open(struct http *http, const struct http_request *request, struct arena *arena,
                 struct http_response *ret_head, struct http_stream **ret, struct error *err)
{
	struct http_stream *stream = calloc(1, sizeof *stream);
	if (stream == NULL)
		abort();
	http_hold(http);
	copy_request(stream, request);
	stream->reading = (struct buf)BUF_INIT(transfer_max_waiting(request) * 2);
	bool ok = exchange_run(http, &stream->request, true, arena, &stream->transfer, err);
	if (ok && stream->transfer.status < 400) {
		bool was_done = stream->transfer.is_done;
		stream->transfer.is_done = false; /* its bytes are for http_stream_read */
		exchange_put_response(&stream->transfer, ret_head);
		stream->transfer.is_done = was_done;
		*ret = stream;
		return true;
	}
	if (ok) {
		exchange_put_response(&stream->transfer, ret_head);
		*ret = NULL;
	}
	http_stream_close(stream);
	return ok;
}

/* Until there is something to tell. False when cancelled. */
static bool
wait_for_bytes(struct transfer *transfer, int64_t max_wait_ms, bool *ret_timed_out)
{
	struct loop *loop = transfer->http->loop;
	int64_t due_ms = clock_monotonic_ms() + max_wait_ms;
	bool is_going_on = true;
	*ret_timed_out = false;
	transfer->waiter = fiber_current();
	while (is_going_on && transfer->body.length == 0 && !transfer->is_done && !*ret_timed_out) {
		if (max_wait_ms < 0)
			is_going_on = fiber_wait();
		else
			is_going_on = fiber_wait_for(loop, due_ms - clock_monotonic_ms(), ret_timed_out);
	}
	transfer->waiter = NULL;
	return is_going_on;
}

bool
http_stream_read(struct http_stream *stream, int64_t max_wait_ms, const char **ret_bytes,
                 size_t *ret_length, struct error *err)
{
	struct transfer *transfer = &stream->transfer;
	bool timed_out;
	buf_clear(&stream->reading);
	transfer_resume(transfer);
	if (!wait_for_bytes(transfer, max_wait_ms, &timed_out) || fiber_is_cancelled())
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	if (transfer->body.length == 0 && transfer->is_done && transfer->result != CURLE_OK)
		return transfer_put_error(transfer, err);
	bool is_end = transfer->body.length == 0 && transfer->is_done;
	struct buf arrived = transfer->body;
	transfer->body = stream->reading;
	stream->reading = arrived;
	transfer_resume(transfer);
	*ret_bytes = arrived.length > 0 || is_end ? stream->reading.bytes : NULL;
	*ret_length = arrived.length;
	return true;
}
