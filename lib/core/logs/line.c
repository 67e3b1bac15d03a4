#include "core/logs/line.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

enum { SECOND_LENGTH = 19, NS_DIGITS = 9 };
static const int64_t second_ns = 1000000000;

static int
digits(const char *text, size_t count)
{
	int value = 0;
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* "2026-01-02T03:04:05" */
static bool
parse_second(const char *text, int64_t *ret)
{
	static const char form[] = "0000-00-00T00:00:00";
	for (size_t i = 0; i < SECOND_LENGTH; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	struct tm tm = {.tm_year = digits(text, 4) - 1900, .tm_mon = digits(text + 5, 2) - 1, .tm_mday = digits(text + 8, 2),
	                .tm_hour = digits(text + 11, 2), .tm_min = digits(text + 14, 2), .tm_sec = digits(text + 17, 2)};
	*ret = timegm(&tm);
	return *ret >= 0;
}

/* ".123"; returns its bytes. */
static size_t
parse_fraction(const char *text, size_t length, int64_t *ret_ns)
{
	size_t n = 0;
	*ret_ns = 0;
	if (length == 0 || text[0] != '.')
		return 0;
	for (n = 1; n < length && n <= NS_DIGITS && text[n] >= '0' && text[n] <= '9'; n++)
		*ret_ns = *ret_ns * 10 + (text[n] - '0');
	for (size_t i = n; i <= NS_DIGITS; i++)
		*ret_ns *= 10;
	return n;
}

/* "Z" or "+01:00"; returns its bytes, 0 when it is neither. */
static size_t
parse_zone(const char *text, size_t length, int64_t *ret_offset_ns)
{
	*ret_offset_ns = 0;
	if (length >= 1 && text[0] == 'Z')
		return 1;
	if (length < 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
		return 0;
	int hours = digits(text + 1, 2), minutes = digits(text + 4, 2);
	if (hours < 0 || minutes < 0)
		return 0;
	*ret_offset_ns = (int64_t)(hours * 60 + minutes) * 60 * second_ns * (text[0] == '-' ? -1 : 1);
	return 6;
}

static bool
find_second(const char *bytes, struct log_time_cache *cache, int64_t *ret)
{
	if (memcmp(bytes, cache->text, SECOND_LENGTH) != 0) {
		int64_t second;
		if (!parse_second(bytes, &second))
			return false;
		memcpy(cache->text, bytes, SECOND_LENGTH);
		cache->second = second;
	}
	*ret = cache->second;
	return true;
}

void
log_line_parse(const char *bytes, size_t length, struct log_time_cache *cache, struct log_line *ret)
{
	int64_t second, fraction, offset;
	*ret = (struct log_line){.text = bytes, .length = length, .time_ns = -1};
	if (length < SECOND_LENGTH || !find_second(bytes, cache, &second))
		return;
	size_t at = SECOND_LENGTH + parse_fraction(bytes + SECOND_LENGTH, length - SECOND_LENGTH, &fraction);
	size_t zone = parse_zone(bytes + at, length - at, &offset);
	at += zone;
	if (zone == 0 || (at < length && bytes[at] != ' '))
		return;
	at += at < length;
	*ret = (struct log_line){.text = bytes + at, .length = length - at, .time_ns = second * second_ns + fraction - offset};
}
