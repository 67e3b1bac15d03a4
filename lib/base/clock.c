#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static unsigned rate = 1;
static int64_t monotonic_start_ms, wall_start_ms; /* where the rate began */
static bool frozen;
static int64_t frozen_ms;

static int64_t
read_ms(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_monotonic_ms(void)
{
	if (frozen)
		return frozen_ms;
	int64_t now = read_ms(CLOCK_MONOTONIC);
	return monotonic_start_ms + (now - monotonic_start_ms) * rate;
}

int64_t
clock_wall_ms(void)
{
	if (frozen)
		return frozen_ms;
	int64_t now = read_ms(CLOCK_REALTIME);
	return wall_start_ms + (now - wall_start_ms) * rate;
}

void
clock_set_rate(unsigned new_rate)
{
	monotonic_start_ms = read_ms(CLOCK_MONOTONIC);
	wall_start_ms = read_ms(CLOCK_REALTIME);
	rate = new_rate < 1 ? 1 : new_rate > 1000 ? 1000 : new_rate;
}

unsigned
clock_rate(void)
{
	return rate;
}

void
clock_freeze(int64_t wall_ms)
{
	frozen = true;
	frozen_ms = wall_ms;
}

void
clock_advance(int64_t by_ms)
{
	frozen_ms += by_ms;
}

const char *
clock_format(int64_t wall_ms, char ret[static CLOCK_TEXT_BYTES])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm utc;
	if (gmtime_r(&seconds, &utc) == NULL || utc.tm_year > 9999 - 1900)
		return memcpy(ret, "?", 2);
	strftime(ret, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return ret;
}

/* "+02:00", "Z" or "z" → minutes east of UTC; false when it is something else. */
static bool
parse_zone(const char *text, int *ret_minutes)
{
	int hours, minutes, end = 0;
	if ((text[0] == 'Z' || text[0] == 'z') && text[1] == '\0') {
		*ret_minutes = 0;
		return true;
	}
	if ((text[0] != '+' && text[0] != '-') ||
	    sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &end) != 2 || text[1 + end] != '\0')
		return false;
	*ret_minutes = (hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
	return true;
}

static int64_t
parse_rfc3339(const char *text)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	if (rest == NULL || (*rest != 'T' && *rest != 't' && *rest != ' '))
		return -1;
	rest = strptime(rest + 1, "%H:%M:%S", &tm);
	if (rest == NULL)
		return -1;
	int fraction_ms = 0;
	if (*rest == '.') {
		int unit = 100;
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
			fraction_ms += (*rest - '0') * unit;
	}
	int zone;
	if (!parse_zone(rest, &zone))
		return -1;
	return ((int64_t)timegm(&tm) - zone * 60) * 1000 + fraction_ms;
}

int64_t
clock_parse_ms(const char *text)
{
	int64_t at = parse_rfc3339(text);
	if (at >= 0)
		return at;
	struct tm tm = {0};
	const char *rest = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return rest != NULL && *rest == '\0' ? (int64_t)timegm(&tm) * 1000 : -1;
}

const char *
clock_format_duration(int64_t duration_ms, char ret[static CLOCK_TEXT_BYTES])
{
	static const struct {
		int64_t seconds;
		const char *name;
		int64_t small_seconds;
		const char *small_name;
	} units[] = {{86400, "d", 3600, "h"}, {3600, "h", 60, "min"}, {60, "min", 1, "s"}};
	int64_t seconds = duration_ms / 1000;
	if (duration_ms < 1000) {
		snprintf(ret, CLOCK_TEXT_BYTES, "%lld ms", (long long)(duration_ms < 0 ? 0 : duration_ms));
		return ret;
	}
	for (size_t i = 0; i < array_length(units); i++) {
		if (seconds < units[i].seconds)
			continue;
		long long large = seconds / units[i].seconds;
		long long small = seconds % units[i].seconds / units[i].small_seconds;
		if (small == 0)
			snprintf(ret, CLOCK_TEXT_BYTES, "%lld %s", large, units[i].name);
		else
			snprintf(ret, CLOCK_TEXT_BYTES, "%lld %s %lld %s", large, units[i].name, small,
			         units[i].small_name);
		return ret;
	}
	snprintf(ret, CLOCK_TEXT_BYTES, "%lld s", (long long)seconds);
	return ret;
}

const char *
clock_format_age(int64_t age_ms, char ret[static CLOCK_TEXT_BYTES])
{
	if (age_ms >= 1000)
		return clock_format_duration(age_ms, ret);
	snprintf(ret, CLOCK_TEXT_BYTES, "0 s");
	return ret;
}
