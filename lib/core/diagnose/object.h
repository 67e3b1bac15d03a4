/* Reading Kubernetes objects as they come: JSON trees in which anything may be absent or of the
 * wrong type.  Nothing here fails; what is not there is NULL, 0 or false, as the API means it
 * (absent counts are 0: `omitempty`).
 */
#ifndef PAAS_CORE_DIAGNOSE_OBJECT_H
#define PAAS_CORE_DIAGNOSE_OBJECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "data/json.h"

/* What stands at a path of data/json.h, with the API's defaults: "", 0, false. */
const char *object_word(const json_t *object, const char *path) __attribute__((returns_nonnull));
int64_t object_int(const json_t *object, const char *path);
bool object_is_true(const json_t *object, const char *path);
/* Its RFC 3339 time in wall ms, or -1. */
int64_t object_time(const json_t *object, const char *path);

const char *object_name(const json_t *object) __attribute__((returns_nonnull));
const char *object_uid(const json_t *object) __attribute__((returns_nonnull));
const char *object_label(const json_t *object, const char *key); /* or NULL */
const char *object_annotation(const json_t *object, const char *key); /* or NULL */
bool object_is_leaving(const json_t *object); /* has a deletionTimestamp */
/* Its controller's uid is `uid`. */
bool object_is_controlled_by(const json_t *object, const char *uid);
/* Of status.conditions the one of that type, or NULL. */
const json_t *object_condition(const json_t *object, const char *type);
/* … and it has that status ("True"). */
bool object_has_condition(const json_t *object, const char *type, const char *status);

/* When an event last happened: series, last, event, first time, creation, first that is there
 * (scheduler events have no lastTimestamp); -1 when none is. */
int64_t event_time(const json_t *event);
/* How many times, at least 1. */
int64_t event_count(const json_t *event);

/* Of a Deployment or ReplicaSet: the image of the container of that name, else of the first; "" = none. */
const char *object_main_image(const json_t *owner, const char *name);

#endif
