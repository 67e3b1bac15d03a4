#include "net/challenge.h"

#include <string.h>
#include <strings.h>

/* RFC 9110 5.6.2, and '/' and '=' as token68 ends with them. */
static size_t
token_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~/");
}

static const char *
skip(const char *text, const char *set)
{
	return text + strspn(text, set);
}

/* A token or a quoted string; moves *at behind it. */
static const char *
read_value(const char **at, struct arena *arena)
{
	const char *text = *at;
	if (*text != '"') {
		size_t length = strcspn(text, ", \t");
		*at = text + length;
		return arena_strndup(arena, text, length);
	}
	char *value = arena_alloc(arena, strlen(text)), *end = value;
	for (text++; *text != '\0' && *text != '"'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		*end++ = *text;
	}
	*at = *text == '"' ? text + 1 : text;
	return value;
}

static void
add_parameter(struct challenge *challenge, const char *name, const char *value)
{
	if (challenge->n_parameters == CHALLENGE_PARAMETERS)
		return;
	challenge->parameters[challenge->n_parameters].name = name;
	challenge->parameters[challenge->n_parameters++].value = value;
}

size_t
challenge_parse(const char *value, struct arena *arena, struct challenge *ret, size_t max)
{
	size_t n = 0;
	for (const char *at = skip(value, ", \t"); *at != '\0'; at = skip(at, ", \t")) {
		size_t length = token_length(at);
		if (length == 0) {
			at++; /* not ours to understand */
			continue;
		}
		const char *word = arena_strndup(arena, at, length);
		const char *next = skip(at + length, " \t");
		at += length;
		if (*next != '=') { /* a word alone is a scheme */
			if (n == max)
				return n;
			ret[n++] = (struct challenge){.scheme = word};
			continue;
		}
		at = skip(next + 1, " \t");
		const char *text = read_value(&at, arena);
		if (n > 0)
			add_parameter(&ret[n - 1], word, text);
	}
	return n;
}

const char *
challenge_parameter(const struct challenge *challenge, const char *name)
{
	for (size_t i = 0; i < challenge->n_parameters; i++) {
		if (strcasecmp(challenge->parameters[i].name, name) == 0)
			return challenge->parameters[i].value;
	}
	return NULL;
}
