#include "base/number.h"

#include <string.h>

bool
number_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret, struct error *err)
{
	uint64_t value = 0;
	if (text[0] == '\0')
		return error_set(err, ERROR_USAGE, "a number is missing");
	for (const char *at = text; *at != '\0'; at++) {
		if (*at < '0' || *at > '9')
			return error_set(err, ERROR_USAGE, "\"%.40s\" is not a number", text);
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
			return error_set(err, ERROR_USAGE, "%.40s is too large", text);
	}
	if (value < min || value > max)
		return error_set(err, ERROR_USAGE, "%.40s is not between %llu and %llu", text,
		                 (unsigned long long)min, (unsigned long long)max);
	*ret = value;
	return true;
}

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {{"ms", 1}, {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}};

static const struct unit *
unit_at(const char *text)
{
	for (size_t i = 0; i < array_length(units); i++)
		if (strncmp(text, units[i].name, strlen(units[i].name)) == 0)
			return &units[i];
	return NULL;
}

bool
number_parse_duration_ms(const char *text, int64_t *ret_ms, struct error *err)
{
	int64_t total = 0, value;
	const char *at = text;
	if (strcmp(text, "0") == 0) {
		*ret_ms = 0;
		return true;
	}
	do {
		const char *digits = at;
		for (value = 0; *at >= '0' && *at <= '9' && value < INT64_MAX / 1000000000; at++)
			value = value * 10 + (*at - '0');
		const struct unit *unit = unit_at(at);
		if (at == digits || unit == NULL || __builtin_mul_overflow(value, unit->ms, &value) ||
		    __builtin_add_overflow(total, value, &total))
			return error_set(err, ERROR_USAGE,
			                 "\"%.40s\" is not a duration; write 90s, 15m or 2h30m", text);
		at += strlen(unit->name);
	} while (*at != '\0');
	*ret_ms = total;
	return true;
}
