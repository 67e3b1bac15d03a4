#include "api/kubernetes/status.h"

#include <string.h>

enum { BODY_SHOWN = 300 };

/* What a status means to a caller; the first row that fits. */
static const struct row {
	int from, to;
	enum error_code code;
	bool is_retryable;
} rows[] = {
	{300, 399, ERROR_BAD_ANSWER, false}, /* an API server does not redirect: a login page does */
	{401, 401, ERROR_NOT_LOGGED_IN, false},
	{403, 403, ERROR_FORBIDDEN, false},
	{404, 404, ERROR_NOT_FOUND, false},
	{408, 408, ERROR_UNREACHABLE, true},
	{409, 409, ERROR_CONFLICT, false},
	{410, 410, ERROR_CONFLICT, true},
	{400, 400, ERROR_INVALID_SPEC, false},
	{413, 413, ERROR_INVALID_SPEC, false},
	{422, 422, ERROR_INVALID_SPEC, false},
	{429, 429, ERROR_RATE_LIMITED, true},
	{400, 499, ERROR_BAD_ANSWER, false},
	{500, 599, ERROR_UNREACHABLE, true},
	{0, 999, ERROR_BAD_ANSWER, false},
};

static const struct row *
row_of(int status)
{
	const struct row *row = rows;
	while ((status < row->from || status > row->to) && row < rows + array_length(rows) - 1)
		row++;
	return row;
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

bool
kubernetes_status_read(const json_t *object, struct kubernetes_status *ret)
{
	const json_t *details = json_object_get(object, "details");
	json_int_t code = json_integer_value(json_object_get(object, "code"));
	json_int_t wait = json_integer_value(json_object_get(details, "retryAfterSeconds"));
	*ret = (struct kubernetes_status){.reason = "", .message = "", .kind = ""};
	if (strcmp(text_of(object, "kind"), "Status") != 0 ||
	    strcmp(text_of(object, "status"), "Success") == 0)
		return false;
	ret->code = code >= 100 && code <= 999 ? (int)code : 0;
	ret->reason = text_of(object, "reason");
	ret->message = text_of(object, "message");
	ret->kind = text_of(details, "kind");
	ret->retry_after_ms = wait > 0 && wait <= 3600 ? (int64_t)wait * 1000 : 0;
	return true;
}

static void
put_code(struct error *err, const struct row *row)
{
	err->retryable = row->is_retryable;
	if (row->code == ERROR_RATE_LIMITED)
		error_put_next(err, "wait a minute; others may be asking this API server too much as well");
}

void
kubernetes_status_put_read(struct error *err, const char *what, int http_status,
                           const struct kubernetes_status *status)
{
	int code = status->code != 0 ? status->code : http_status;
	const struct row *row = row_of(code);
	const char *message = status->message[0] != '\0' ? status->message : status->reason;
	error_put(err, row->code, "%s: HTTP %d: %s", what, code, message);
	put_code(err, row);
	if (code == 404 && status->kind[0] == '\0' && strstr(message, "could not find the requested") != NULL)
		error_put_next(err, "the cluster does not know this kind of object: paas doctor");
}

/* The first line of a body that is no Status, without markup; empty when there is none. */
static void
first_words(const char *body, size_t length, char ret[static BODY_SHOWN])
{
	size_t n = 0;
	bool in_tag = false, is_gap = false;
	for (size_t i = 0; i < length && body[i] != '\0' && n < BODY_SHOWN - 2; i++) {
		if (body[i] == '<' || body[i] == '>') {
			in_tag = body[i] == '<';
			is_gap = true;
		} else if ((unsigned char)body[i] <= ' ') {
			is_gap = true;
		} else if (!in_tag) {
			if (is_gap && n > 0)
				ret[n++] = ' ';
			is_gap = false;
			ret[n++] = body[i];
		}
	}
	ret[n] = '\0';
}

void
kubernetes_status_put(struct error *err, const char *what, int http_status, const char *body, size_t length)
{
	struct kubernetes_status status;
	char words[BODY_SHOWN];
	scoped(json_decrefp) json_t *object = json_loadb(body, length, 0, NULL);
	if (kubernetes_status_read(object, &status)) {
		kubernetes_status_put_read(err, what, http_status, &status);
		return;
	}
	const struct row *row = row_of(http_status);
	first_words(body, length, words);
	error_put(err, row->code, "%s: HTTP %d%s%s", what, http_status, words[0] != '\0' ? ": " : "", words);
	put_code(err, row);
}
