/* Numbers and durations out of text, whole or not at all. */
#ifndef PAAS_BASE_NUMBER_H
#define PAAS_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Decimal digits only, no sign, no space; within min..max. Fails: ERROR_USAGE. */
bool number_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret,
                      struct error *err) must_use;
/* "90s", "15m", "2h30m", "250ms", "1d"; a bare "0". Fails: ERROR_USAGE, naming the forms. */
bool number_parse_duration_ms(const char *text, int64_t *ret_ms, struct error *err) must_use;

#endif
