#include "net/mask.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define HIDDEN "(hidden)"

bool
mask_is_secret_name(const char *name, size_t length)
{
	static const char *const parts[] = {"token", "secret", "password", "passwd", "passphrase", "authoriz",
	                                    "cookie", "credential", "api-key", "apikey", "api_key", "app-key",
	                                    "app_key", "private", "signature", "assertion", "jwt", "verifier"};
	static const char *const wholes[] = {"sig", "key", "code", "auth", "pat", "device_code", "user_code"};
	for (size_t i = 0; i < array_length(parts); i++) {
		size_t part = strlen(parts[i]);
		for (size_t at = 0; at + part <= length; at++) {
			if (strncasecmp(name + at, parts[i], part) == 0)
				return true;
		}
	}
	size_t n = length > 5 && strncasecmp(name + length - 4, "-key", 4) == 0;
	for (size_t i = 0; i < array_length(wholes) && n == 0; i++)
		n = strlen(wholes[i]) == length && strncasecmp(name, wholes[i], length) == 0;
	return n > 0;
}

/* "a=b&c=d": keeps what is not secret. */
static void
add_pairs(struct buf *ret, const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		const char *pair = text + at, *end = memchr(pair, '&', length - at);
		size_t pair_length = end != NULL ? (size_t)(end - pair) : length - at;
		const char *equals = memchr(pair, '=', pair_length);
		size_t name = equals != NULL ? (size_t)(equals - pair) : pair_length;
		bool is_secret = equals != NULL && mask_is_secret_name(pair, name);
		buf_add(ret, pair, is_secret ? name + 1 : pair_length);
		buf_add_text(ret, is_secret ? HIDDEN : "");
		buf_add_text(ret, end != NULL ? "&" : "");
		at += pair_length + (end != NULL);
	}
}

void
mask_add_target(struct buf *ret, const char *target)
{
	size_t path = strcspn(target, "?");
	buf_add(ret, target, path);
	if (target[path] == '\0')
		return;
	buf_add_char(ret, '?');
	add_pairs(ret, target + path + 1, strlen(target + path + 1));
}

/* ---- JSON, by its tokens only: an answer that is cut or broken is masked too ---- */

/* Past the string that begins at text[at] == '"'. */
static size_t
skip_string(const char *text, size_t length, size_t at)
{
	for (at++; at < length && text[at] != '"'; at++)
		at += text[at] == '\\';
	return at < length ? at + 1 : length;
}

static size_t
skip_space(const char *text, size_t length, size_t at)
{
	while (at < length && isspace((unsigned char)text[at]))
		at++;
	return at;
}

/* Past the value that begins at text[at], nested or not. */
static size_t
skip_value(const char *text, size_t length, size_t at)
{
	size_t depth = 0;
	while (at < length) {
		char c = text[at];
		if (c == '"') {
			at = skip_string(text, length, at);
		} else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
			return at;
		} else {
			depth += c == '{' || c == '[';
			depth -= c == '}' || c == ']';
			at++;
		}
		if (depth == 0 && (c == '"' || c == '}' || c == ']'))
			return at;
	}
	return length;
}

static bool
names_a_secret_object(const char *text, size_t length)
{
	return memmem(text, length, "\"Secret\"", 8) != NULL || memmem(text, length, "\"SecretList\"", 12) != NULL;
}

static bool
is_hidden_key(const char *name, size_t length, bool is_secret_object)
{
	static const char *const wholes[] = {"data", "stringData", "kubectl.kubernetes.io/last-applied-configuration"};
	for (size_t i = 0; is_secret_object && i < array_length(wholes); i++) {
		if (strlen(wholes[i]) == length && memcmp(name, wholes[i], length) == 0)
			return true;
	}
	return mask_is_secret_name(name, length);
}

/* {"name": "DATABASE_PASSWORD", "value": …}: `name` is that of the map at hand, whole with its quotes. */
static bool
is_value_of_secret(const char *key, size_t length, const char *name, size_t name_length)
{
	return name != NULL && name_length > 2 && length == 5 && memcmp(key, "value", 5) == 0 &&
	       mask_is_secret_name(name + 1, name_length - 2);
}

/* "scheme://user:password@": its length from the ':' up to the '@', 0 when there is none. */
static size_t
userinfo_length(const char *text, size_t length)
{
	if (length < 4 || memcmp(text, "://", 3) != 0)
		return 0;
	for (size_t at = 3; at < length && strchr("/ \t\\\"?#", text[at]) == NULL; at++)
		if (text[at] == '@')
			return at;
	return 0;
}

/* A string with its quotes. */
static void
add_string(struct buf *ret, const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t userinfo = userinfo_length(text + at, length - at);
		if (userinfo > 0)
			buf_add_text(ret, "://" HIDDEN);
		else
			buf_add_char(ret, text[at]);
		at += userinfo > 0 ? userinfo : 1;
	}
}

static void
add_json(struct buf *ret, const char *text, size_t length)
{
	bool is_secret_object = names_a_secret_object(text, length);
	const char *map_name = NULL;
	size_t map_name_length = 0;
	for (size_t at = 0; at < length && !ret->overflow;) {
		if (text[at] != '"') {
			if (text[at] == '{' || text[at] == '}')
				map_name = NULL;
			buf_add_char(ret, text[at++]);
			continue;
		}
		size_t name = at + 1, end = skip_string(text, length, at);
		size_t colon = skip_space(text, length, end);
		add_string(ret, text + at, end - at);
		at = end;
		if (colon >= length || text[colon] != ':' || end - name < 2)
			continue;
		size_t value = skip_space(text, length, colon + 1);
		if (end - name == 5 && memcmp(text + name, "name", 4) == 0 && value < length && text[value] == '"') {
			map_name = text + value;
			map_name_length = skip_string(text, length, value) - value;
		}
		if (!is_hidden_key(text + name, end - name - 1, is_secret_object) &&
		    !is_value_of_secret(text + name, end - name - 1, map_name, map_name_length))
			continue;
		buf_add_text(ret, ":\"" HIDDEN "\"");
		at = skip_value(text, length, value);
	}
}

void
mask_add_body(struct buf *ret, const char *body, size_t length)
{
	size_t start = skip_space(body, length, 0);
	if (start < length && (body[start] == '{' || body[start] == '['))
		add_json(ret, body, length);
	else
		add_pairs(ret, body, length);
}
