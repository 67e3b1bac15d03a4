/* URLs as far as the client needs them: whose they are, and where a relative one leads.
 *
 * Only http and https, host names of letters, digits, '-', '.', '_' or an IP address, no user
 * information: what curl would take more kindly is refused, because an origin decides where
 * credentials go.
 */
#include "net/url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "net/http.h"

/* The length of "http://" or "https://", 0 when it is another one. */
static size_t
read_scheme(const char *url, struct url *ret)
{
	static const struct {
		const char *prefix, *name, *port;
	} schemes[] = {{"https://", "https", "443"}, {"http://", "http", "80"}};
	for (size_t i = 0; i < array_length(schemes); i++) {
		size_t length = strlen(schemes[i].prefix);
		if (strncasecmp(url, schemes[i].prefix, length) == 0) {
			ret->scheme = schemes[i].name;
			ret->port = schemes[i].port;
			return length;
		}
	}
	return 0;
}

/* The length of a host name, or of an address in brackets; 0 when it is neither. */
static size_t
host_length(const char *text)
{
	if (text[0] == '[') {
		size_t length = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
		return text[length] == ']' && length > 1 ? length + 1 : 0;
	}
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
}

static bool
read_port(const char *text, size_t length, struct arena *arena, struct url *ret)
{
	uint64_t port;
	struct error ignored;
	if (length == 0)
		return true; /* "host:" means the default, RFC 3986 3.2.3 */
	if (!number_parse_u64(arena_strndup(arena, text, length), 1, 65535, &port, &ignored))
		return false;
	ret->port = arena_printf(arena, "%u", (unsigned)port);
	return true;
}

bool
url_parse(const char *text, struct arena *arena, struct url *ret, struct error *err)
{
	struct url url = {0};
	const char *host = text + read_scheme(text, &url), *default_port = url.port;
	size_t length = host == text ? 0 : host_length(host);
	size_t authority = strcspn(host, "/?#");
	bool has_port = length > 0 && length < authority && host[length] == ':';
	if (length == 0 || (length != authority && !has_port) ||
	    (has_port && !read_port(host + length + 1, authority - length - 1, arena, &url)))
		return error_set(err, ERROR_BAD_ANSWER, "\"%.200s\" is no http or https URL", text);
	for (const char *at = text; *at != '\0'; at++) {
		if ((unsigned char)*at <= 0x20 || *at == 0x7f)
			return error_set(err, ERROR_BAD_ANSWER, "the URL \"%.200s\" holds a space or a control character",
			                 text);
	}
	bool is_bracketed = host[0] == '[';
	char *name = arena_strndup(arena, host + is_bracketed, length - (is_bracketed ? 2 : 0));
	for (char *at = name; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	url.host = name;
	url.target = arena_printf(arena, "%s%.*s", host[authority] == '/' ? "" : "/",
	                          (int)strcspn(host + authority, "#"), host + authority);
	const char *bare = arena_printf(arena, is_bracketed ? "%s://[%s]" : "%s://%s", url.scheme, name);
	url.origin = arena_printf(arena, "%s:%s", bare, url.port);
	url.site = strcmp(url.port, default_port) == 0 ? bare : url.origin;
	*ret = url;
	return true;
}

bool
http_origin_of(const char *url, struct arena *arena, const char **ret, struct error *err)
{
	struct url parsed;
	if (!url_parse(url, arena, &parsed, err))
		return false;
	*ret = parsed.origin;
	return true;
}

/* "/a/b/../c/./d" → "/a/c/d", as RFC 3986 5.2.4; what follows '?' stays. */
static char *
remove_dot_segments(const char *path, struct arena *arena)
{
	char *ret = arena_alloc(arena, strlen(path) + 2);
	size_t used = 0, end = strcspn(path, "?");
	for (size_t at = 0; at < end;) {
		size_t length = 1 + strcspn(path + at + 1, "/?");
		bool is_last = at + length >= end;
		bool is_up = length == 3 && strncmp(path + at, "/..", 3) == 0;
		bool is_here = length == 2 && strncmp(path + at, "/.", 2) == 0;
		if (is_up) {
			while (used > 0 && ret[--used] != '/')
				;
		}
		if (!is_up && !is_here) {
			memcpy(ret + used, path + at, length);
			used += length;
		} else if (is_last) {
			ret[used++] = '/';
		}
		at += length;
	}
	memcpy(ret + used, path + end, strlen(path + end) + 1);
	return ret;
}

/* Where `reference` leads from `from`: still to be checked. */
static const char *
resolve_text(const struct url *from, const char *reference, struct arena *arena)
{
	size_t path = strcspn(from->target, "?"), directory = path;
	while (from->target[directory - 1] != '/')
		directory--;
	size_t scheme = strspn(reference, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
	if (scheme > 0 && reference[scheme] == ':')
		return reference;
	if (strncmp(reference, "//", 2) == 0)
		return arena_printf(arena, "%s:%s", from->scheme, reference);
	if (reference[0] == '\0' || reference[0] == '#')
		return arena_printf(arena, "%s%s", from->site, from->target);
	if (reference[0] == '?')
		return arena_printf(arena, "%s%.*s%s", from->site, (int)path, from->target, reference);
	if (reference[0] != '/')
		reference = arena_printf(arena, "%.*s%s", (int)directory, from->target, reference);
	return arena_printf(arena, "%s%s", from->site, remove_dot_segments(reference, arena));
}

bool
http_url_resolve(const char *base, const char *reference, struct arena *arena, const char **ret,
                 struct error *err)
{
	struct url from, to;
	if (!url_parse(base, arena, &from, err) ||
	    !url_parse(resolve_text(&from, reference, arena), arena, &to, err))
		return false;
	*ret = arena_printf(arena, "%s%s", to.site, to.target);
	return true;
}

const char *
http_escape(const char *text, struct arena *arena)
{
	static const char digits[] = "0123456789ABCDEF";
	char *ret = arena_alloc(arena, strlen(text) * 3 + 1), *end = ret;
	for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
		if (isascii(*at) && (isalnum(*at) || strchr("-._~", *at) != NULL)) {
			*end++ = (char)*at;
			continue;
		}
		*end++ = '%';
		*end++ = digits[*at >> 4];
		*end++ = digits[*at & 15];
	}
	return ret;
}
