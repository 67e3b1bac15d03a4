/* JSON that says who somebody is: one object, no member twice, wiped when freed.
 *
 * Two readers of {"sub":"a","sub":"b"} see two people; here nobody does.  Messages do not quote the
 * text, which may hold tokens.
 */
#ifndef PAAS_AUTH_STRICT_JSON_H
#define PAAS_AUTH_STRICT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* `what` names it: "the header of the ID token".  Fails: ERROR_BAD_ANSWER. */
bool strict_json_parse(const char *bytes, size_t length, const char *what, json_t **ret, struct error *err) must_use;
/* A number, also one written as a text ("3600"); `fallback` when it is neither or not finite. */
double strict_json_number(const json_t *object, const char *key, double fallback);

#endif
