/* How far a connection came, and with whom: for `paas doctor`. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/transfer.h"

static enum http_phase
phase_of(const struct transfer *transfer)
{
	if (transfer->phase <= TRANSFER_RESOLVING)
		return HTTP_PHASE_RESOLVE;
	if (transfer->phase > TRANSFER_CONNECTING)
		return HTTP_PHASE_ANSWER;
	return transfer_is_in_tls(transfer) ? HTTP_PHASE_TLS : HTTP_PHASE_CONNECT;
}

/* Since the try began, real milliseconds; 0 when that was not reached. */
static int64_t
reached_ms(const struct transfer *transfer, CURLINFO what)
{
	curl_off_t us = 0;
	curl_library.easy_getinfo(transfer->easy, what, &us);
	return us / 1000;
}

static int64_t
difference(int64_t later_ms, int64_t earlier_ms)
{
	return later_ms > earlier_ms ? later_ms - earlier_ms : 0;
}

/* "Nov 24 02:41:20 2036 GMT", as OpenSSL prints it. */
static int64_t
parse_expiry(const char *text)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%b %d %H:%M:%S %Y", &tm);
	return rest != NULL ? (int64_t)timegm(&tm) * 1000 : 0;
}

static void
put_certificate(const struct transfer *transfer, struct http_peer *peer)
{
	struct curl_certinfo *info = NULL;
	curl_library.easy_getinfo(transfer->easy, CURLINFO_CERTINFO, &info);
	if (info == NULL || info->num_of_certs == 0)
		return;
	for (struct curl_slist *field = info->certinfo[0]; field != NULL; field = field->next) {
		if (strncmp(field->data, "Issuer:", 7) == 0)
			error_copy_text(peer->certificate_issuer, sizeof peer->certificate_issuer, field->data + 7);
		if (strncmp(field->data, "Expire date:", 12) == 0)
			peer->certificate_expires_at_ms = parse_expiry(field->data + 12);
	}
}

void
transfer_put_peer(const struct transfer *transfer)
{
	struct http_peer *peer = transfer->request->peer;
	char *address = NULL;
	if (peer == NULL)
		return;
	*peer = (struct http_peer){.phase = phase_of(transfer), .is_tls = strcmp(transfer->url.scheme, "https") == 0};
	int64_t resolved_ms = reached_ms(transfer, CURLINFO_NAMELOOKUP_TIME_T);
	int64_t connected_ms = reached_ms(transfer, CURLINFO_CONNECT_TIME_T);
	peer->resolve_ms = resolved_ms;
	peer->connect_ms = difference(connected_ms, resolved_ms);
	peer->tls_ms = difference(reached_ms(transfer, CURLINFO_APPCONNECT_TIME_T), connected_ms);
	curl_library.easy_getinfo(transfer->easy, CURLINFO_PRIMARY_IP, &address);
	error_copy_text(peer->address, sizeof peer->address, address != NULL ? address : "");
	error_copy_text(peer->proxy, sizeof peer->proxy, transfer_shown_proxy(transfer));
	put_certificate(transfer, peer);
}
