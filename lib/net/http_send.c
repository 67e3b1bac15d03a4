#include "net/exchange.h"
#include "net/http.h"

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
	bool ok = exchange_run(http, &now, false, arena, &transfer, err);
	if (ok)
		exchange_put_response(&transfer, ret);
	transfer_release(&transfer);
	http_let_go(http);
	return ok;
}
