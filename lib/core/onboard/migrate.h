/* A fiaas.yml of version 2 as one of version 3 that means the same.
 *
 * The operator's own transformation, without what equals a default of version 3; then both are
 * rendered and every object compared, so that "the same" is proved and not hoped for.  One thing cannot
 * be kept: version 2 may leave resources unset, version 3 always has some.
 */
#ifndef PAAS_CORE_ONBOARD_MIGRATE_H
#define PAAS_CORE_ONBOARD_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct migration {
	const char *text;     /* of the new file */
	const char **changes; /* what is not the same: "resources.limits.cpu: not set so far, 400m from now on" */
	size_t n_changes;
	const char **dropped; /* keys without effect that are gone: "namespace" */
	size_t n_dropped;
};

/* The version a fiaas.yml says it has; 0 when it says none or cannot be read. */
long migrate_version(const char *text);

/* `file` is for messages; `schema` as in propose.h.  Fails: ERROR_INVALID_FILE (no YAML),
 * ERROR_INVALID_SPEC (not version 2, refused by the operator, or of another meaning afterwards). */
bool migrate(const char *text, const char *file, const char *schema, struct arena *arena, struct migration *ret,
             struct error *err) must_use;

#endif
