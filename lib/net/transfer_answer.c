/* What comes back: header lines and body bytes, bounded. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "net/transfer.h"

static void
wake(struct transfer *transfer)
{
	if (transfer->waiter != NULL)
		fiber_wake(transfer->waiter);
}

/* "HTTP/1.1 200 OK": a new head begins; an informational one (103) is forgotten by this. */
static void
take_status_line(struct transfer *transfer, const char *line, size_t length)
{
	const char *space = memchr(line, ' ', length);
	transfer->status = 0;
	transfer->n_headers = 0;
	for (int i = 1; space != NULL && i <= 3 && space + i < line + length && isdigit((unsigned char)space[i]); i++)
		transfer->status = transfer->status * 10 + (space[i] - '0');
	transfer_enter(transfer, TRANSFER_ANSWERING);
}

static void
take_field(struct transfer *transfer, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	if (colon == NULL || colon == line)
		return;
	const char *value = colon + 1, *end = line + length;
	while (value < end && isspace((unsigned char)*value))
		value++;
	while (end > value && isspace((unsigned char)end[-1]))
		end--;
	char *name = arena_strndup(transfer->arena, line, (size_t)(colon - line));
	for (char *at = name; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	if (transfer->n_headers == transfer->header_capacity) {
		size_t capacity = transfer->header_capacity == 0 ? 16 : transfer->header_capacity * 2;
		struct http_header *larger = arena_array(transfer->arena, struct http_header, capacity);
		if (transfer->n_headers > 0)
			memcpy(larger, transfer->headers, transfer->n_headers * sizeof *larger);
		transfer->headers = larger;
		transfer->header_capacity = capacity;
	}
	transfer->headers[transfer->n_headers++] = (struct http_header){
		name, arena_strndup(transfer->arena, value, (size_t)(end - value))};
}

size_t
transfer_take_header(char *bytes, size_t size, size_t count, void *data)
{
	struct transfer *transfer = data;
	size_t length = size * count;
	transfer->last_byte_ms = clock_monotonic_ms();
	transfer->header_bytes += length;
	if (transfer->header_bytes > TRANSFER_HEADER_BYTES) {
		transfer->is_too_large = true;
		return 0;
	}
	if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		take_status_line(transfer, bytes, length);
	} else if (transfer->has_head) {
		return length; /* a trailer */
	} else if (length <= 2 && (bytes[0] == '\r' || bytes[0] == '\n')) {
		transfer->has_head = transfer->status >= 200;
		if (transfer->has_head && transfer->is_stream) {
			transfer_enter(transfer, TRANSFER_ANSWERING); /* the total deadline is met */
			wake(transfer);
		}
	} else {
		take_field(transfer, bytes, length);
	}
	return length;
}

static size_t
take_stream(struct transfer *transfer, const char *bytes, size_t length)
{
	if (transfer->status >= 400) {
		size_t room = TRANSFER_ERROR_BODY - transfer->body.length;
		buf_add(&transfer->body, bytes, length < room ? length : room);
		return length <= room ? length : 0;
	}
	if (transfer->body.length > 0 && transfer->body.length + length > transfer_max_waiting(transfer->request)) {
		transfer->is_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	buf_add(&transfer->body, bytes, length);
	wake(transfer);
	return length;
}

size_t
transfer_take_body(char *bytes, size_t size, size_t count, void *data)
{
	struct transfer *transfer = data;
	size_t length = size * count;
	transfer->last_byte_ms = clock_monotonic_ms();
	if (transfer->is_stream)
		return take_stream(transfer, bytes, length);
	if (buf_add(&transfer->body, bytes, length))
		return length;
	transfer->is_too_large = true;
	return 0;
}
