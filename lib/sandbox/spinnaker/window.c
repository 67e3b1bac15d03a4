/* The hours in which a stage may run (UTC here). */
#include <time.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

enum { LOOK_AGAIN_MS = 30 * 1000, MINUTES_AN_HOUR = 60 };

/* Sunday is 1; none at all are all. */
static bool
is_day(const json_t *days, int day)
{
	json_t *given;
	size_t i;
	json_array_foreach (days, i, given)
		if (json_integer_value(given) == day)
			return true;
	return json_array_size(days) == 0;
}

static json_int_t
minute_of(const json_t *hours, const char *hour, const char *minute)
{
	return tree_int(hours, hour) * MINUTES_AN_HOUR + tree_int(hours, minute);
}

static bool
is_open(const json_t *window, int64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm parts;
	const json_t *list = json_object_get(window, "whitelist");
	json_t *hours;
	size_t i;
	if (gmtime_r(&now, &parts) == NULL || !is_day(json_object_get(window, "days"), parts.tm_wday + 1))
		return false;
	json_int_t minute = parts.tm_hour * MINUTES_AN_HOUR + parts.tm_min;
	json_array_foreach (list, i, hours)
		if (minute >= minute_of(hours, "startHour", "startMin") && minute < minute_of(hours, "endHour", "endMin"))
			return true;
	return json_array_size(list) == 0;
}

const char *
window_wait(struct stage_run *run)
{
	run->again_ms = LOOK_AGAIN_MS;
	return tree_bool(run->context, "skipRemainingWait") ||
	                       is_open(json_object_get(run->context, "restrictedExecutionWindow"), run->now_ms)
	               ? "SUCCEEDED"
	               : "RUNNING";
}
