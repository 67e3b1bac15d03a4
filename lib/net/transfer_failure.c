/* curl's results in the words of the house: host, phase, time, proxy. */
#include <stdio.h>
#include <string.h>

#include "net/transfer.h"

enum { NO_RETRY = 0, RETRY = 1 };

/* What each result means; those absent are unreachable, without a retry. */
static const struct row {
	CURLcode result;
	enum error_code code;
	bool is_retryable;
	const char *because; /* NULL: curl's own words */
	const char *next;
} rows[] = {
	{CURLE_COULDNT_RESOLVE_HOST, ERROR_UNREACHABLE, RETRY, "the name has no address",
	 "check the name; paas doctor looks at the network"},
	{CURLE_COULDNT_RESOLVE_PROXY, ERROR_UNREACHABLE, NO_RETRY, "the proxy's name has no address",
	 "check HTTPS_PROXY and NO_PROXY"},
	{CURLE_COULDNT_CONNECT, ERROR_UNREACHABLE, RETRY, NULL, NULL},
	{CURLE_OPERATION_TIMEDOUT, ERROR_UNREACHABLE, RETRY, NULL, NULL},
	{CURLE_SSL_CONNECT_ERROR, ERROR_UNREACHABLE, RETRY, NULL, NULL},
	{CURLE_SEND_ERROR, ERROR_UNREACHABLE, RETRY, NULL, NULL},
	{CURLE_RECV_ERROR, ERROR_UNREACHABLE, RETRY, NULL, NULL},
	{CURLE_GOT_NOTHING, ERROR_UNREACHABLE, RETRY, "the connection was closed without an answer", NULL},
	{CURLE_PARTIAL_FILE, ERROR_UNREACHABLE, RETRY, "the answer ended before its announced length", NULL},
	{CURLE_HTTP2, ERROR_UNREACHABLE, RETRY, NULL, NULL},
	{CURLE_HTTP2_STREAM, ERROR_UNREACHABLE, RETRY, NULL, NULL},
	{CURLE_PEER_FAILED_VERIFICATION, ERROR_UNREACHABLE, NO_RETRY, NULL,
	 "if the server is yours, trust its authority: PAAS_CA_FILE=FILE"},
	{CURLE_SSL_CACERT_BADFILE, ERROR_INVALID_FILE, NO_RETRY, "the certificate authority is unreadable", NULL},
	{CURLE_SSL_CERTPROBLEM, ERROR_INVALID_FILE, NO_RETRY, "the client certificate or its key is unusable", NULL},
	{CURLE_BAD_CONTENT_ENCODING, ERROR_BAD_ANSWER, NO_RETRY, "the body is not the gzip that its header says", NULL},
	{CURLE_WEIRD_SERVER_REPLY, ERROR_BAD_ANSWER, NO_RETRY, "that is not HTTP", NULL},
	{CURLE_UNSUPPORTED_PROTOCOL, ERROR_BAD_ANSWER, NO_RETRY, "that is not HTTP", NULL},
	{CURLE_WRITE_ERROR, ERROR_BAD_ANSWER, NO_RETRY, NULL, NULL},
	{CURLE_ABORTED_BY_CALLBACK, ERROR_INTERRUPTED, NO_RETRY, "interrupted", NULL},
};

/* What the server says in TLS of our certificate (RFC 8446 6.2).  curl has no result for it, as in
 * TLS 1.3 it comes when the handshake is over; the words are those of OpenSSL. */
static const struct alert {
	const char *words;
	struct row row;
} alerts[] = {
#define REFUSED(why, next) {CURLE_RECV_ERROR, ERROR_NOT_LOGGED_IN, NO_RETRY, why, next}
	{"alert certificate required", REFUSED("the server demands a client certificate",
	 "client-certificate and client-key in the kubeconfig of a cluster; elsewhere paas login SYSTEM --certificate FILE")},
	{"alert certificate expired", REFUSED("the client certificate has expired", "get a new one")},
	{"alert certificate revoked", REFUSED("the client certificate is revoked", "get a new one")},
	{"alert unknown ca", REFUSED("the server does not know who signed the client certificate",
	 "is it meant for another server?")},
	{"certificate", REFUSED("the server refuses the client certificate", "is it meant for another server?")},
#undef REFUSED
};

static const struct row *
row_of_alert(const char *curls_words)
{
	const char *said = strstr(curls_words, " alert ");
	for (size_t i = 0; said != NULL && i < array_length(alerts); i++) {
		if (strstr(said, alerts[i].words) != NULL)
			return &alerts[i].row;
	}
	return NULL;
}

static const struct row *
row_of(const struct transfer *transfer)
{
	static const struct row other = {.code = ERROR_UNREACHABLE};
	const struct row *alert = row_of_alert(transfer->error_text);
	const CURLcode result = transfer->result;
	if (alert != NULL)
		return alert;
	for (size_t i = 0; i < array_length(rows); i++) {
		if (rows[i].result == result)
			return &rows[i];
	}
	return &other;
}

bool
transfer_is_retryable(const struct transfer *transfer)
{
	return row_of(transfer)->is_retryable && transfer->missed != DEADLINE_TOTAL;
}

const char *
transfer_shown_url(const struct transfer *transfer, struct arena *arena)
{
	const struct http_endpoint *endpoint = transfer->request->endpoint;
	const char *target = transfer->url.target;
	if (endpoint != NULL && endpoint->has_secret_url)
		return arena_printf(arena, "%s/…", transfer->url.site);
	return arena_printf(arena, "%s%.*s", transfer->url.site, (int)strcspn(target, "?"), target);
}

bool
transfer_is_in_tls(const struct transfer *transfer)
{
	bool is_by_result = transfer->result == CURLE_SSL_CONNECT_ERROR ||
	                    transfer->result == CURLE_PEER_FAILED_VERIFICATION ||
	                    transfer->result == CURLE_SSL_CERTPROBLEM;
	return transfer->phase == TRANSFER_CONNECTING && strcmp(transfer->url.scheme, "https") == 0 &&
	       (is_by_result || transfer->reached_tls);
}

/* "proxy:3128" of "http://user:password@proxy:3128". */
const char *
transfer_shown_proxy(const struct transfer *transfer)
{
	const char *proxy = transfer->proxy != NULL ? transfer->proxy : "";
	const char *at = strrchr(proxy, '@');
	return at != NULL ? at + 1 : proxy;
}

static const char *
describe_phase(const struct transfer *transfer, struct arena *arena)
{
	const struct url *url = &transfer->url;
	switch (transfer->phase) {
	case TRANSFER_QUEUED:
		return "waiting for a free connection";
	case TRANSFER_RESOLVING:
		return arena_printf(arena, "looking up %s", url->host);
	case TRANSFER_CONNECTING:
		return arena_printf(arena, transfer_is_in_tls(transfer) ? "TLS with %s:%s" : "connecting to %s:%s",
		                    url->host, url->port);
	case TRANSFER_ASKING:
		return "waiting for the answer";
	case TRANSFER_ANSWERING:
		return "reading the answer";
	}
	return "";
}

static const char *
describe_cause(const struct transfer *transfer, struct arena *arena)
{
	const struct row *row = row_of(transfer);
	const size_t max = transfer->request->max_bytes != 0 ? transfer->request->max_bytes : TRANSFER_BODY_DEFAULT;
	if (transfer->missed == DEADLINE_TOTAL)
		return "the time for it is over";
	if (transfer->missed != DEADLINE_NONE)
		return "nothing came";
	if (transfer->is_too_large)
		return arena_printf(arena, "the answer is larger than %zu bytes", max);
	if (row->because != NULL)
		return row->because;
	if (transfer->result == CURLE_COULDNT_CONNECT && transfer->os_error != 0)
		return arena_strdup(arena, strerror(transfer->os_error));
	if (transfer->error_text[0] != '\0')
		return transfer->error_text;
	return curl_library.easy_strerror(transfer->result);
}

bool
transfer_put_error(const struct transfer *transfer, struct error *err)
{
	const struct http_request *request = transfer->request;
	const struct row *row = row_of(transfer);
	struct arena scratch = {0};
	const char *url = transfer_shown_url(transfer, &scratch), *proxy = transfer_shown_proxy(transfer);
	error_put(err, row->code, "%s %s: %s%s%s failed after %d ms: %s",
	          request->method != NULL ? request->method : "GET", url, describe_phase(transfer, &scratch),
	          proxy[0] != '\0' ? " through the proxy " : "", proxy, transfer->elapsed_ms,
	          describe_cause(transfer, &scratch));
	if (row->next != NULL)
		error_put_next(err, "%s", row->next);
	error_put_source(err, request->endpoint != NULL ? request->endpoint->system : NULL,
	                 url + strlen(transfer->url.site), url);
	err->retryable = row->is_retryable;
	arena_release(&scratch);
	return false;
}
