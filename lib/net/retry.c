#include "net/retry.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "net/http.h"

bool
retry_is_idempotent(const char *method)
{
	static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
	for (size_t i = 0; i < array_length(methods); i++) {
		if (strcmp(method, methods[i]) == 0)
			return true;
	}
	return false;
}

bool
retry_is_for_status(int status, const char *retry_after)
{
	if (status == 500)
		return retry_after != NULL;
	return status == 429 || status == 502 || status == 503 || status == 504;
}

int64_t
retry_parse_after_ms(const char *retry_after, int64_t wall_ms)
{
	const uint64_t a_year_s = 365 * 86400;
	uint64_t seconds;
	struct error ignored;
	if (retry_after == NULL)
		return -1;
	if (number_parse_u64(retry_after, 0, a_year_s, &seconds, &ignored))
		return (int64_t)seconds * 1000;
	int64_t at_ms = clock_parse_ms(retry_after);
	if (at_ms < 0)
		return -1;
	return at_ms > wall_ms ? at_ms - wall_ms : 0;
}

int64_t
retry_backoff_ms(const struct http_policy *policy, unsigned next_try, uint64_t random)
{
	int64_t ceiling_ms = policy->base_ms;
	for (unsigned i = 2; i < next_try && ceiling_ms < policy->cap_ms; i++)
		ceiling_ms *= 2;
	if (ceiling_ms > policy->cap_ms)
		ceiling_ms = policy->cap_ms;
	return ceiling_ms <= 0 ? 0 : (int64_t)(random % (uint64_t)(ceiling_ms + 1));
}
