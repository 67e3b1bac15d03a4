/* The Status object, in which the API server tells every failure. */
#ifndef PAAS_SANDBOX_KUBERNETES_STATUS_H
#define PAAS_SANDBOX_KUBERNETES_STATUS_H

#include <jansson.h>

#include "base/compiler.h"

struct resource;

/* New references.  `resource` and `name` fill the details; both may be NULL. */
json_t *status_new(unsigned code, const char *reason, const struct resource *resource,
                   const char *name, const char *format, ...) printf_like(5, 6);
json_t *status_not_found(const struct resource *resource, const char *name);
json_t *status_already_exists(const struct resource *resource, const char *name);
/* Somebody changed it since the version the caller has seen. */
json_t *status_stale(const struct resource *resource, const char *name);
json_t *status_bad_request(const char *format, ...) printf_like(1, 2);
/* Nobody that the server knows. */
json_t *status_unauthorized(void);
/* No such URL at all. */
json_t *status_no_route(void);
json_t *status_success(const struct resource *resource, const char *name, const char *uid);

void status_add_cause(json_t *status, const char *reason, const char *message, const char *field);
/* 422 out of causes already collected (steals them), worded as the server does. */
json_t *status_invalid(const struct resource *resource, const char *name, json_t *causes);
/* One more for status_invalid. */
void status_collect(json_t *causes, const char *reason, const char *field, const char *format, ...)
	printf_like(4, 5);

#endif
