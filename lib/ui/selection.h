/* What of a JSON answer is printed: --json=FIELD,… and escapes for terminals. */
#ifndef PAAS_UI_SELECTION_H
#define PAAS_UI_SELECTION_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/* Replaces *value by an object of the named fields, in the order named; NULL or "" keeps it whole.
 * On failure *value is released. Fails: ERROR_USAGE, listing the fields there are. */
bool selection_apply(json_t **value, const char *fields, struct error *err) must_use;

/* Appends JSON text with every character that a terminal must not see as \uXXXX: the same value. */
void selection_escape(struct buf *buf, const char *json);

#endif
