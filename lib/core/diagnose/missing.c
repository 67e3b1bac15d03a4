/* Programs say it in many ways, and a log may say anything: only a word that could be a variable and that
 * stands in one of the usual sentences is taken.
 */
#include "core/diagnose/missing.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"

enum { NAME_MIN = 2, MARKS_MAX = 4, LINE_MAX_BYTES = 2000 };

/* After the name; these are said of variables only. */
static const char *const certain[] = {
	"is not set", "not set", "isn't set", "is unset", "was not set", "has not been set", "must be set",
	"should be set", "needs to be set", "is not defined", "not defined", "is undefined", "must be defined",
	"must be provided", "was not provided", "is not provided", "not provided", "must be specified", "not specified",
	"unbound variable", "parameter not set", "parameter null or not set",
};
/* These of much else: only of what looks like a variable, see is_likely. */
static const char *const likely[] = {
	"is required", "required", "is missing", "missing", "not found", "is empty", "must not be empty",
	"cannot be empty", "is mandatory",
};
/* Before the name; likely as well. */
static const char *const leads[] = {
	"environment variable", "environment variables", "env variable", "env var", "env vars", "envvar", "keyerror",
	"key not found", "required key", "missing key", "missing required", "missing", "resolve placeholder", "set the",
};
static const char *const nouns[] = {"environment variable", "env variable", "env var", "variable"};
static const char *const complaints[] = {"missing", "required", "not ", "undefined", "must be", "unset", "set the",
                                         "please set", "keyerror", "unresolved"};
/* They begin a line and are no variables. */
static const char *const levels[] = {"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "SEVERE", "CRITICAL",
                                     "FATAL", "PANIC", "FAIL", "FAILED", "EXCEPTION"};

struct word {
	const char *line;
	const char *name;
	size_t length;
	bool is_of_environment; /* somebody speaks of the environment */
};

/* The length of the text of `list` that `text` begins with, case ignored; 0: none. */
static size_t
begins_with(const char *text, const char *const *list, size_t n)
{
	size_t longest = 0;
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(list[i]);
		if (length > longest && strncasecmp(text, list[i], length) == 0 && !isalnum((unsigned char)text[length]))
			longest = length;
	}
	return longest;
}

static bool
ends_with(const char *start, const char *end, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(list[i]);
		if ((size_t)(end - start) >= length && strncasecmp(end - length, list[i], length) == 0)
			return true;
	}
	return false;
}

static bool
contains(const char *text, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasestr(text, list[i]))
			return true;
	return false;
}

static const char *
skip_marks(const char *at)
{
	for (size_t n = 0; n < MARKS_MAX && *at && strchr("\"'`\\)}]:", *at); n++)
		at++;
	return at + strspn(at, " ");
}

static const char *
skip_marks_back(const char *start, const char *at)
{
	for (size_t n = 0; n < MARKS_MAX && at > start && strchr("\"'`\\({[:$= ", at[-1]); n++)
		at--;
	return at;
}

static bool
is_likely(const struct word *word)
{
	return word->is_of_environment || memchr(word->name, '_', word->length);
}

static bool
is_missed(const struct word *word)
{
	const char *after = skip_marks(word->name + word->length);
	size_t noun = begins_with(after, nouns, array_length(nouns));
	const char *verb = noun ? skip_marks(after + noun) : after;
	if (begins_with(verb, certain, array_length(certain)))
		return true;
	if (!is_likely(word))
		return false;
	return begins_with(verb, likely, array_length(likely)) ||
	       (noun && contains(word->line, complaints, array_length(complaints))) ||
	       (ends_with(word->line, skip_marks_back(word->line, word->name), leads, array_length(leads)) &&
	        contains(word->line, complaints, array_length(complaints)));
}

static bool
is_variable(const char *name, size_t length)
{
	size_t n_letters = 0;
	for (size_t i = 0; i < length; i++)
		n_letters += isupper((unsigned char)name[i]) != 0;
	for (size_t i = 0; i < array_length(levels); i++)
		if (strlen(levels[i]) == length && memcmp(levels[i], name, length) == 0)
			return false;
	return length >= NAME_MIN && length <= MISSING_NAME_MAX && n_letters > 0 && !isdigit((unsigned char)name[0]);
}

/* Whether a byte belongs to a word: letters beyond ASCII do, in whatever encoding. */
static bool
is_of_word(char byte)
{
	return isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80 || byte == '_';
}

/* The name in one line, or NULL. */
static const char *
in_line(const char *line, bool is_of_environment, struct arena *arena)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	struct word word = {.line = line, .is_of_environment = is_of_environment};
	for (const char *at = line; *at; at += *at != 0) {
		bool starts_word = at == line || !(is_of_word(at[-1]) || strchr("-.)/", at[-1]));
		word.name = at;
		word.length = starts_word ? strspn(at, upper) : 0;
		at += word.length;
		if (is_variable(word.name, word.length) && !is_of_word(*at) && is_missed(&word))
			return arena_strndup(arena, word.name, word.length);
		if (!*at)
			break;
	}
	return NULL;
}

const char *
missing_variable(const char *log, struct arena *arena)
{
	static const char *const environments[] = {"environ", "env var", "envvar", "getenv", "process.env", "env."};
	bool is_of_environment = contains(log, environments, array_length(environments));
	const char *end = log + strlen(log);
	for (size_t n = 0; n < MISSING_LINES && end > log; n++) {
		const char *newline = memrchr(log, '\n', (size_t)(end - log));
		const char *start = newline ? newline + 1 : log;
		size_t length = (size_t)(end - start);
		const char *name = in_line(arena_strndup(arena, start, length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES),
		                           is_of_environment, arena);
		if (name)
			return name;
		end = newline ? newline : log;
	}
	return NULL;
}
