#include "auth/git_credential.h"

#include <string.h>

#include "net/http.h"

void
git_question_release(struct git_question *question)
{
	secret_release(&question->password);
}

/* ---- reading ---- */

/* A value while it is read; borrowed from the input. */
struct span {
	const char *text; /* NULL: not given */
	size_t length;
};

struct spans {
	struct span protocol, host, username, password;
};

static bool
has_control(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return true;
	return false;
}

/* What else git knows (path, wwwauth[], capability[]) does not matter here, nor does what it may learn. */
static bool
take_pair(struct spans *spans, const char *line, size_t length, struct error *err)
{
	const struct {
		const char *name;
		struct span *at;
	} known[] = {{"protocol", &spans->protocol}, {"host", &spans->host}, {"username", &spans->username},
	             {"password", &spans->password}};
	const char *equals = memchr(line, '=', length);
	if (equals == NULL)
		return error_set(err, ERROR_USAGE, "git's question has a line without \"=\"");
	if (has_control(line, length))
		return error_set(err, ERROR_USAGE, "git's question holds a control character: no answer");
	size_t name_length = (size_t)(equals - line);
	for (size_t i = 0; i < array_length(known); i++) {
		if (strlen(known[i].name) != name_length || memcmp(known[i].name, line, name_length) != 0)
			continue;
		if (known[i].at->text != NULL)
			return error_set(err, ERROR_USAGE, "git's question says \"%s\" twice: no answer", known[i].name);
		*known[i].at = (struct span){equals + 1, length - name_length - 1};
	}
	return true;
}

static bool
read_lines(const struct secret *input, struct spans *ret, struct error *err)
{
	const char *line = secret_reveal(input), *end = line + secret_length(input);
	while (line < end && *line != '\n') {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((newline != NULL ? newline : end) - line);
		if (!take_pair(ret, line, length, err))
			return false;
		line += length + (newline != NULL);
	}
	return true;
}

static bool
is_text(const struct span *span, const char *text)
{
	return span->length == strlen(text) && memcmp(span->text, text, span->length) == 0;
}

/* A name, an address or [an address], and a port: nothing that a URL could take for more. */
static bool
is_host(const struct span *host)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
	for (size_t i = 0; i < host->length; i++)
		if (strchr(alphabet, host->text[i]) == NULL)
			return false;
	return host->length > 0 && host->length < 300;
}

static bool
is_loopback(const struct span *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	const char *colon = memrchr(host->text, ':', host->length);
	struct span name = {host->text, host->text[host->length - 1] != ']' && colon != NULL ? (size_t)(colon - host->text) : host->length};
	for (size_t i = 0; i < array_length(names); i++)
		if (is_text(&name, names[i]))
			return true;
	return false;
}

static const char *
origin_of(const struct spans *spans, struct arena *arena)
{
	struct error ignored;
	const char *origin;
	if (spans->protocol.text == NULL || spans->host.text == NULL || !is_host(&spans->host))
		return NULL;
	if (!is_text(&spans->protocol, "https") && !(is_text(&spans->protocol, "http") && is_loopback(&spans->host)))
		return NULL;
	const char *url = arena_printf(arena, "%.*s://%.*s", (int)spans->protocol.length, spans->protocol.text,
	                               (int)spans->host.length, spans->host.text);
	return http_origin_of(url, arena, &origin, &ignored) ? origin : NULL;
}

bool
git_question_read(const struct secret *input, struct arena *arena, struct git_question *ret, struct error *err)
{
	struct spans spans = {0};
	if (!read_lines(input, &spans, err))
		return false;
	*ret = (struct git_question){.origin = origin_of(&spans, arena)};
	if (spans.username.length > 0)
		ret->username = arena_strndup(arena, spans.username.text, spans.username.length);
	if (spans.password.text != NULL)
		ret->password = secret_new(spans.password.text, spans.password.length);
	return true;
}

/* ---- answering ---- */

bool
git_answer_compose(const char *username, const struct secret *password, int64_t expires_at_ms, struct secret **ret,
                   struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	if (has_control(username, strlen(username)) || has_control(secret_reveal(password), secret_length(password)))
		return error_set(err, ERROR_USAGE, "the credential holds a control character, which git would take for another line");
	const char *expiry = expires_at_ms > 0 ? arena_printf(&scratch, "password_expiry_utc=%lld\n", (long long)(expires_at_ms / 1000)) : "";
	struct secret_piece pieces[] = {{.text = arena_printf(&scratch, "username=%s\npassword=", username), .secret = password},
	                                {.text = arena_printf(&scratch, "\n%s", expiry)}};
	*ret = secret_compose(pieces, array_length(pieces));
	return true;
}
