#include "auth/redirect.h"

#include <ctype.h>
#include <string.h>

#include "base/compiler.h"

struct field {
	const char *name;
	char *value;
	size_t size;
};

void
redirect_wipe(struct redirect *redirect)
{
	secret_wipe(redirect, sizeof *redirect);
}

static int
digit_of(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* One letter of a form's value, at *at; -1: it is none. */
static int
next_letter(const char *text, size_t length, size_t *at)
{
	char c = text[(*at)++];
	if (c != '%')
		return c == '+' ? ' ' : (unsigned char)c;
	if (length - *at < 2)
		return -1;
	int high = digit_of(text[*at]), low = digit_of(text[*at + 1]);
	*at += 2;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* application/x-www-form-urlencoded; no control characters. */
static bool
decode(const char *text, size_t length, char *ret, size_t size)
{
	size_t used = 0;
	for (size_t at = 0; at < length;) {
		int c = next_letter(text, length, &at);
		if (c < ' ' || c == 0x7f || used + 1 >= size)
			return false;
		ret[used++] = (char)c;
	}
	ret[used] = '\0';
	return true;
}

/* The parameter that begins at `at` and ends before `stop`. */
static bool
read_parameter(const char *at, const char *stop, const struct field *fields, size_t n_fields, unsigned *seen)
{
	const char *equals = memchr(at, '=', (size_t)(stop - at)), *value = equals != NULL ? equals + 1 : stop;
	size_t name_length = (size_t)((equals != NULL ? equals : stop) - at);
	for (size_t i = 0; i < n_fields; i++) {
		if (strlen(fields[i].name) != name_length || strncmp(fields[i].name, at, name_length) != 0)
			continue;
		if ((*seen & 1U << i) != 0 || !decode(value, (size_t)(stop - value), fields[i].value, fields[i].size))
			return false;
		*seen |= 1U << i;
	}
	return true;
}

bool
redirect_read(const char *query, size_t length, struct redirect *ret)
{
	const struct field fields[] = {
		{"code", ret->code, sizeof ret->code}, {"state", ret->state, sizeof ret->state}, {"iss", ret->iss, sizeof ret->iss},
		{"error", ret->error, sizeof ret->error}, {"error_description", ret->description, sizeof ret->description},
	};
	unsigned seen = 0;
	*ret = (struct redirect){0};
	for (const char *at = query, *end = query + length; at < end;) {
		const char *ampersand = memchr(at, '&', (size_t)(end - at)), *stop = ampersand != NULL ? ampersand : end;
		if (!read_parameter(at, stop, fields, array_length(fields), &seen))
			return false;
		at = stop + 1;
	}
	return true;
}
