/* What time it is.  One place, so that tests can replace it.
 *
 * Durations are milliseconds named …_ms.  Waits and ages of our own use the monotonic clock; the
 * wall clock is for showing and for talking to servers, whose own `Date` is preferred.
 */
#ifndef PAAS_BASE_CLOCK_H
#define PAAS_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

int64_t clock_monotonic_ms(void);
/* Milliseconds since 1970 UTC. */
int64_t clock_wall_ms(void);

/* Lets both clocks run `rate` times as fast from now on (1 to 1000); loop timers follow.
 * For rehearsals: `PAAS_CLOCK_RATE=20 paas deploy` against a sandbox started at the same rate. */
void clock_set_rate(unsigned rate);
unsigned clock_rate(void);
/* Stops both clocks at `wall_ms`, for unit tests; clock_advance moves them. */
void clock_freeze(int64_t wall_ms);
void clock_advance(int64_t by_ms);

/* RFC 3339 UTC with seconds, "2026-11-23T10:00:00Z". */
enum { CLOCK_TEXT_BYTES = 48 };
const char *clock_format(int64_t wall_ms, char ret[static CLOCK_TEXT_BYTES]);
/* RFC 3339 with any fraction and zone, or an HTTP date (RFC 9110 5.6.7). -1 when it is neither. */
int64_t clock_parse_ms(const char *text);
/* "850 ms", "41 s", "3 min 5 s", "2 h 10 min", "4 d 2 h": for people. */
const char *clock_format_duration(int64_t duration_ms, char ret[static CLOCK_TEXT_BYTES]);
/* How long ago something was: the same, in whole seconds; "0 s" for what is yet to come by a clock that is ahead. */
const char *clock_format_age(int64_t age_ms, char ret[static CLOCK_TEXT_BYTES]);

#endif
