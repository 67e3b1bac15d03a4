/* Small readers over jansson.
 *
 * A path walks objects by key and arrays by number: "spec.containers.0.image".  A dot that belongs
 * to a key is written `\.`: "labels.app\\.kubernetes\\.io/name".  What is absent, null or of
 * another type gives the fallback: answers from outside are read without trusting their shape.
 * Results are borrowed from `value` and live as long as it does.
 */
#ifndef PAAS_DATA_JSON_H
#define PAAS_DATA_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* NULL when there is nothing (also for JSON null); `value` may be NULL. */
json_t *json_at(const json_t *value, const char *path);
const char *json_text_at(const json_t *value, const char *path); /* NULL unless a string */
const char *json_text_or(const json_t *value, const char *path, const char *fallback);
int64_t json_int_at(const json_t *value, const char *path, int64_t fallback);
double json_number_at(const json_t *value, const char *path, double fallback);
bool json_bool_at(const json_t *value, const char *path, bool fallback);
json_t *json_list_at(const json_t *value, const char *path); /* NULL unless an array */
json_t *json_map_at(const json_t *value, const char *path);  /* NULL unless an object */

/* One JSON value and nothing after it.  `what` names it in messages ("the answer of GET /v2/").
 * At most 64 MiB and jansson's 2048 levels.  Fails: ERROR_BAD_ANSWER with line and column. */
bool json_parse(const char *bytes, size_t length, const char *what, json_t **ret,
                struct error *err) must_use;
/* Compact text in `arena`. */
char *json_write(const json_t *value, struct arena *arena) returns_text;

/* From now on jansson wipes what it frees: before an answer with secrets is parsed. */
void json_wipe_freed(void);

/* For scoped(): drops the reference. */
void json_release(json_t **value);

#endif
