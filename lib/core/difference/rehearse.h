/* What would come out if the operator wrote an object: asked of the server, which stores nothing.
 *
 * The operator replaces objects as a whole, so a replacement (PUT) with dryRun=All answers exactly
 * what would stand there, defaults included; what is new is created (POST) the same way.
 */
#ifndef PAAS_CORE_DIFFERENCE_REHEARSE_H
#define PAAS_CORE_DIFFERENCE_REHEARSE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

struct kubernetes;
struct kubernetes_resource;

struct rehearsal {
	json_t *answer;      /* owned; NULL: the server did not tell */
	const char *reason;  /* why it did not: no rights, no dry run; NULL */
	const char *refusal; /* it would not take the object: its own words; NULL */
	bool has_moved;      /* somebody wrote the object meanwhile: read it again */
};

/* Whether this server takes a dry run for one: before 1.13 it wrote all the same.  False with *ret_reason. */
bool rehearse_is_safe(const json_t *version, struct arena *arena, const char **ret_reason);

/* A refusal of the dry run, not of the object: a webhook with side effects. */
bool rehearse_is_unsupported(const char *message);

/* `live` NULL: the object is new.  Neither lacking rights nor a refusal is a failure; fails as any
 * request does that gets no answer. */
bool rehearse(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const char *namespace,
              const json_t *object, const json_t *live, struct arena *arena, struct rehearsal *ret,
              struct error *err) must_use;

#endif
