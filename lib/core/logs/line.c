#include "core/logs/line.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

enum { SECOND_LENGTH = 19, NS_DIGITS = 9 };
static const int64_t second_ns = 1000000000;
static const int64_t second_max = 9000000000; /* in 2255: nanoseconds end in 2262 */

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
	return *ret >= 0 && *ret <= second_max;
}

/* ".123"; returns its bytes. */
static size_t
parse_fraction(const char *text, size_t length, int64_t *ret_ns)
{
	uint32_t value = 0;
	size_t n = 1, end = length < NS_DIGITS + 1 ? length : NS_DIGITS + 1;
	*ret_ns = 0;
	if (length == 0 || text[0] != '.')
		return 0;
	for (; n < end && (unsigned char)(text[n] - '0') < 10; n++)
		value = value * 10 + (uint32_t)(text[n] - '0');
	for (size_t i = n; i <= NS_DIGITS; i++)
		value *= 10;
	*ret_ns = value;
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

/* Eight digits at once: each step adds neighbours (Lemire's parse_eight_digits); false: not all are digits. */
static bool
parse_eight_digits(const char *text, uint32_t *ret)
{
	uint64_t value;
	memcpy(&value, text, sizeof value);
	value = le64toh(value);
	if (((value & 0xf0f0f0f0f0f0f0f0) | (((value + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) != 0x3333333333333333)
		return false;
	value = (value & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
	value = (value & 0x00ff00ff00ff00ff) * 6553601 >> 16;
	*ret = (uint32_t)((value & 0x0000ffff0000ffff) * 42949672960001 >> 32);
	return true;
}

/* ".123456789Z " behind a second that is known: what nearly every line has. */
static bool
parse_usual(const char *bytes, size_t length, const struct log_time_cache *cache, struct log_line *ret)
{
	enum { USUAL = 31 };
	uint32_t digits_8;
	unsigned last = (unsigned)(unsigned char)bytes[28] - '0';
	if (memcmp(bytes, cache->text, SECOND_LENGTH) != 0 || bytes[19] != '.' || bytes[29] != 'Z' || bytes[30] != ' ' ||
	    last > 9 || !parse_eight_digits(bytes + 20, &digits_8))
		return false;
	ret->text = bytes + USUAL;
	ret->length = length - USUAL;
	ret->time_ns = cache->second * second_ns + digits_8 * 10LL + last;
	return true;
}

void
log_line_parse(const char *bytes, size_t length, struct log_time_cache *cache, struct log_line *ret)
{
	int64_t second, fraction, offset;
	if (length > 30 && parse_usual(bytes, length, cache, ret))
		return;
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
