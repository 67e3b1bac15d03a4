/* Reading and changing Kubernetes objects by path: "spec/template/metadata/labels".
 *
 * A path goes through objects only.  Getters never fail: absent and of another type are "", 0 or
 * false, as `omitempty` means it.
 */
#ifndef PAAS_SANDBOX_WORLD_ITEM_H
#define PAAS_SANDBOX_WORLD_ITEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

/* Borrowed, or NULL. */
json_t *item_at(const json_t *object, const char *path);
/* The object in the list whose `key` is `text`; NULL when there is none. */
json_t *item_find(const json_t *list, const char *key, const char *text);
const char *item_text(const json_t *object, const char *path) returns_text;
int64_t item_integer(const json_t *object, const char *path, int64_t otherwise);
bool item_flag(const json_t *object, const char *path);
const char *item_name(const json_t *object) returns_text;
const char *item_namespace(const json_t *object) returns_text;
const char *item_uid(const json_t *object) returns_text;
const char *item_label(const json_t *object, const char *key) returns_text;
const char *item_annotation(const json_t *object, const char *key) returns_text;
/* Milliseconds since 1970 of a timestamp field, -1 when absent. */
int64_t item_time_ms(const json_t *object, const char *path);
bool item_is_terminating(const json_t *object);
/* Whether the controller of `object` has this uid. */
bool item_is_controlled_by(const json_t *object, const char *uid);
const char *item_controller_uid(const json_t *object) returns_text;
/* Whether `labels` has all of `match_labels`; an empty selector matches nothing here. */
bool item_matches(json_t *match_labels, const json_t *labels);

/* Steals `value`; makes the objects on the way. */
void item_set(json_t *object, const char *path, json_t *value);
void item_set_text(json_t *object, const char *path, const char *value);
void item_set_integer(json_t *object, const char *path, int64_t value);
/* For status fields: 0 is left out, as `omitempty` does. */
void item_set_count(json_t *object, const char *path, int64_t value);
void item_set_label(json_t *object, const char *key, const char *value);
void item_set_annotation(json_t *object, const char *key, const char *value);
/* New reference: what an owned object says of its owner. */
json_t *item_owner_reference(const json_t *owner, const char *api_version, const char *kind);
/* New reference: a list of it alone. */
json_t *item_owner_references(const json_t *owner, const char *api_version, const char *kind);

/* status.conditions: borrowed, or NULL. */
json_t *item_condition(const json_t *object, const char *type);
bool item_condition_is(const json_t *object, const char *type, const char *status);
/* Adds or changes it; lastTransitionTime moves when `status` changes only.  A NULL reason or
 * message is left out.  `with_update_time`: Deployments say lastUpdateTime too. */
void item_condition_set(json_t *object, const char *type, const char *status, const char *reason,
                          const char *message, bool with_update_time);
void item_condition_remove(json_t *object, const char *type);

/* "2026-11-23T10:00:00Z" of now, new reference. */
json_t *item_now(void);
/* With microseconds, as eventTime and leases have it. */
json_t *item_now_micro(void);

/* "25%" or 2 of `total`, rounded up or down. */
int64_t item_share(const json_t *amount, int64_t total, bool round_up, int64_t otherwise);

/* A quantity ("500m", "1Gi", 2, "1.5") in thousandths; 0 when it is none. */
int64_t item_quantity_milli(const json_t *quantity);

#endif
