#include "core/logs/level.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"

enum { HEAD = 120, FIELD_HEAD = 4096 };

const char *const log_level_names[] = {"trace", "debug", "info", "warn", "error", "fatal", NULL};

static const struct {
	const char *word;
	enum log_level level;
} words[] = {
	{"trace", LOG_LEVEL_TRACE}, {"10", LOG_LEVEL_TRACE}, {"finest", LOG_LEVEL_TRACE},
	{"debug", LOG_LEVEL_DEBUG}, {"20", LOG_LEVEL_DEBUG}, {"fine", LOG_LEVEL_DEBUG}, {"dbg", LOG_LEVEL_DEBUG},
	{"info", LOG_LEVEL_INFO}, {"30", LOG_LEVEL_INFO}, {"notice", LOG_LEVEL_INFO}, {"information", LOG_LEVEL_INFO},
	{"inf", LOG_LEVEL_INFO},
	{"warn", LOG_LEVEL_WARN}, {"warning", LOG_LEVEL_WARN}, {"40", LOG_LEVEL_WARN}, {"wrn", LOG_LEVEL_WARN},
	{"error", LOG_LEVEL_ERROR}, {"err", LOG_LEVEL_ERROR}, {"50", LOG_LEVEL_ERROR}, {"severe", LOG_LEVEL_ERROR},
	{"fatal", LOG_LEVEL_FATAL}, {"critical", LOG_LEVEL_FATAL}, {"crit", LOG_LEVEL_FATAL}, {"panic", LOG_LEVEL_FATAL},
	{"alert", LOG_LEVEL_FATAL}, {"emergency", LOG_LEVEL_FATAL}, {"60", LOG_LEVEL_FATAL},
};

enum log_level
log_level_parse(const char *word, size_t length)
{
	for (size_t i = 0; i < array_length(words); i++)
		if (strlen(words[i].word) == length && strncasecmp(words[i].word, word, length) == 0)
			return words[i].level;
	return LOG_LEVEL_NONE;
}

static size_t
word_length(const char *text, size_t length)
{
	size_t n = 0;
	while (n < length && isalnum((unsigned char)text[n]))
		n++;
	return n;
}

/* The value behind `key`: "level":"warn", level=warn, "level": 40. */
static enum log_level
find_field(const char *text, size_t length, const char *key)
{
	const char *at = text, *end = text + length;
	size_t key_length = strlen(key);
	while ((at = memmem(at, (size_t)(end - at), key, key_length)) != NULL) {
		bool is_whole = at == text || !isalnum((unsigned char)at[-1]);
		at += key_length;
		const char *value = at;
		if (value < end && *value == '"')
			value++;
		while (value < end && *value == ' ')
			value++;
		if (!is_whole || value == end || (*value != ':' && *value != '='))
			continue;
		for (value++; value < end && (*value == ' ' || *value == '"');)
			value++;
		enum log_level level = log_level_parse(value, word_length(value, (size_t)(end - value)));
		if (level != LOG_LEVEL_NONE)
			return level;
	}
	return LOG_LEVEL_NONE;
}

/* "E0102 15:04:05.678901 …" of klog. */
static enum log_level
klog_level(const char *text, size_t length)
{
	static const char letters[] = "IWEF";
	const char *letter = length > 6 && text[5] == ' ' ? memchr(letters, text[0], 4) : NULL;
	for (size_t i = 1; letter != NULL && i < 5; i++)
		if (!isdigit((unsigned char)text[i]))
			return LOG_LEVEL_NONE;
	return letter == NULL ? LOG_LEVEL_NONE : (enum log_level)(LOG_LEVEL_INFO + (letter - letters));
}

/* A level in capitals; a number is none. */
static enum log_level
find_word(const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t n = word_length(text + at, length - at);
		bool is_loud = n > 1;
		for (size_t i = 0; i < n && is_loud; i++)
			is_loud = isupper((unsigned char)text[at + i]);
		enum log_level level = is_loud ? log_level_parse(text + at, n) : LOG_LEVEL_NONE;
		if (level != LOG_LEVEL_NONE)
			return level;
		at += n + 1;
	}
	return LOG_LEVEL_NONE;
}

enum log_level
log_level_of(const char *text, size_t length)
{
	static const char *const keys[] = {"level", "severity", "lvl", "log.level"};
	enum log_level level = klog_level(text, length);
	size_t head = length < FIELD_HEAD ? length : FIELD_HEAD;
	for (size_t i = 0; i < array_length(keys) && level == LOG_LEVEL_NONE; i++)
		level = find_field(text, head, keys[i]);
	return level != LOG_LEVEL_NONE ? level : find_word(text, length < HEAD ? length : HEAD);
}
