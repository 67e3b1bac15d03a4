/* Regular expressions (PCRE2, loaded when the first is compiled), for choosing lines and names.
 *
 * Bytes are matched as UTF-8 where they are, and invalid ones match nothing but themselves.  The
 * work a match may take is limited: one that takes more is no match.
 */
#ifndef PAAS_DATA_PATTERN_H
#define PAAS_DATA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct pattern;

/* `what` names it in messages: "--grep".  Fails: ERROR_USAGE, with the place of the mistake;
 * ERROR_FAILED without the library. */
bool pattern_compile(const char *what, const char *text, struct pattern **ret, struct error *err) must_use;
void pattern_free(struct pattern *pattern);
/* Does it match anywhere in `text`? */
bool pattern_matches(const struct pattern *pattern, const char *text, size_t length);

#endif
