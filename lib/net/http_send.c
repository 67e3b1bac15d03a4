#include "base/clock.h"
#include "net/exchange.h"
#include "net/http.h"
#include "net/recall.h"

enum { HTTP_NOT_MODIFIED = 304 };

static bool
send_now(struct http *http, struct http_request *request, struct arena *arena, struct http_response *ret, struct error *err)
{
	struct transfer transfer;
	bool ok = exchange_run(http, request, false, arena, &transfer, err);
	if (ok)
		exchange_put_response(&transfer, ret);
	transfer_release(&transfer);
	return ok;
}

static struct http_request
on_condition(const struct http_request *request, const char *tag, struct arena *arena)
{
	struct http_request conditional = *request;
	struct http_header *headers = arena_array(arena, struct http_header, request->n_headers + 1);
	for (size_t i = 0; i < request->n_headers; i++)
		headers[i] = request->headers[i];
	headers[request->n_headers] = (struct http_header){"If-None-Match", tag};
	conditional.headers = headers;
	conditional.n_headers++;
	return conditional;
}

/* What was kept may be gone when the server says that it still holds: then it is asked once more. */
static bool
send_repeated(struct http *http, const struct http_request *request, struct arena *arena, struct http_response *ret,
              struct error *err)
{
	unsigned char key[RECALL_KEY_BYTES];
	if (http->recall == NULL)
		http->recall = recall_new();
	recall_key(request, key);
	const char *tag = recall_tag(http->recall, key, arena);
	struct http_request now = tag != NULL ? on_condition(request, tag, arena) : *request;
	if (!send_now(http, &now, arena, ret, err))
		return false;
	if (tag != NULL && ret->status == HTTP_NOT_MODIFIED) {
		if (recall_answer(http->recall, key, arena, ret))
			return true;
		now = *request;
		if (!send_now(http, &now, arena, ret, err))
			return false;
	}
	recall_keep(http->recall, key, ret);
	return true;
}

bool
http_send(struct http *http, const struct http_request *request, struct arena *arena,
          struct http_response *ret, struct error *err)
{
	struct http_request now = *request;
	if (request->secret_body != NULL) {
		now.body = secret_reveal(request->secret_body);
		now.body_length = secret_length(request->secret_body);
		now.is_private = true;
	}
	http_hold(http);
	bool ok = request->is_repeated ? send_repeated(http, &now, arena, ret, err) : send_now(http, &now, arena, ret, err);
	http_let_go(http);
	return ok;
}
