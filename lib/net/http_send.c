#include "net/exchange.h"
#include "net/http.h"

bool
http_send(struct http *http, const struct http_request *request, struct arena *arena,
          struct http_response *ret, struct error *err)
{
	struct http_request now = *request;
	struct transfer transfer;
	http_hold(http);
	bool ok = exchange_run(http, &now, false, arena, &transfer, err);
	if (ok)
		exchange_put_response(&transfer, ret);
	transfer_release(&transfer);
	http_let_go(http);
	return ok;
}
