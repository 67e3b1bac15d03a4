#include "base/clock.h"
#include "net/exchange.h"
#include "net/http.h"

/* Somebody is told when it takes long. */
struct patience {
	struct loop_timer timer;
	struct http *http;
	const struct http_request *request;
};

static void
lose_patience(struct loop_timer *timer)
{
	struct patience *patience = timer->data;
	patience->http->tell_slow(patience->http->slow_data, patience->request);
}

static bool
run(struct http *http, struct http_request *request, struct arena *arena, struct transfer *ret, struct error *err)
{
	struct patience patience = {.timer = {.fire = lose_patience}, .http = http, .request = request};
	patience.timer.data = &patience;
	if (http->tell_slow != NULL)
		loop_timer_set(http->loop, &patience.timer, http->slow_ms * clock_rate());
	bool ok = exchange_run(http, request, false, arena, ret, err);
	loop_timer_cancel(http->loop, &patience.timer);
	return ok;
}

bool
http_send(struct http *http, const struct http_request *request, struct arena *arena,
          struct http_response *ret, struct error *err)
{
	struct http_request now = *request;
	struct transfer transfer;
	if (request->secret_body != NULL) {
		now.body = secret_reveal(request->secret_body);
		now.body_length = secret_length(request->secret_body);
		now.is_private = true;
	}
	http_hold(http);
	bool ok = run(http, &now, arena, &transfer, err);
	if (ok)
		exchange_put_response(&transfer, ret);
	transfer_release(&transfer);
	http_let_go(http);
	return ok;
}
