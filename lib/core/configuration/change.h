/* Changing names of an application's Secret or ConfigMap.
 *
 * A merge patch that holds the names to change and nothing else, guarded by the resourceVersion at
 * which their owners were looked at: whoever writes at the same time loses nothing, and neither do
 * we.  All names change together or none.
 */
#ifndef PAAS_CORE_CONFIGURATION_CHANGE_H
#define PAAS_CORE_CONFIGURATION_CHANGE_H

#include "base/secret.h"
#include "core/configuration/values.h"

struct loop;

struct value_change {
	const char *name;
	struct secret *value; /* NULL: taken away */
};

struct values_change {
	struct loop *loop;
	const struct values_form *form;
	const char *namespace, *name;
	const struct value_change *changes;
	size_t n_changes;
	bool force; /* takes over what other managers hold */
};

/* Before anything is asked: names, no name twice, not more than fits.  Fails: ERROR_USAGE. */
bool values_change_check(const struct values_change *change, struct error *err) must_use;

/* *ret_is_new: the object was created.  Fails: ERROR_CONFLICT (held by others, written anew by a
 * controller, immutable, changed by others time and again), ERROR_NOT_FOUND (no such name, no such
 * namespace), …  A server's message that repeats a value is not passed on. */
bool values_write(struct kubernetes *kubernetes, const struct values_change *change, struct arena *arena,
                  bool *ret_is_new, int64_t *ret_set_ms, struct error *err) must_use;

/* The body of the request, against what was read; its author may be NULL. */
struct secret *values_body(const struct values_change *change, const struct values *before, const char *author,
                           int64_t now_ms, struct arena *arena) __attribute__((returns_nonnull));

#endif
