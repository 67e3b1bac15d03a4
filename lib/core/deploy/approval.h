/* A deployment that waits for a person where no pipeline asks: environments with `needs: approval` and the operator alone.
 *
 * The request and its decision stand in the ConfigMap "paas-approval-NAME" beside the Application, with all that is needed to
 * deploy, so that whoever approves needs no work tree.  Of two decisions at once the first counts.  When the release is handed
 * over the Application says who approved it (paas/approved-by), and the request goes.
 */
#ifndef PAAS_CORE_DEPLOY_APPROVAL_H
#define PAAS_CORE_DEPLOY_APPROVAL_H

#include <jansson.h>
#include <stdint.h>

#include "core/deploy/release.h"

struct kubernetes;

enum approval_state { APPROVAL_NONE, APPROVAL_PENDING, APPROVAL_APPROVED, APPROVAL_REJECTED };
const char *approval_state_name(enum approval_state state);

struct approval {
	enum approval_state state;
	const char *name; /* of the application */
	const char *deployment_id;
	const char *image, *digest, *commit, *author; /* author: who asked; "" = not known */
	int64_t requested_ms, decided_ms; /* wall; 0 = not yet */
	const char *decided_by, *message; /* "" = none */
	json_t *config; /* owned */
	json_t *map;    /* the ConfigMap; owned */
};
void approval_release(struct approval *approval); /* for scoped() */

/* The label that each such ConfigMap has. */
#define APPROVAL_LABEL "paas/approval"

/* That of a ConfigMap; APPROVAL_NONE when it makes no sense. */
void approval_parse(const json_t *map, struct arena *arena, struct approval *ret);
/* APPROVAL_NONE when there is none, or none that makes sense. */
bool approval_read(struct kubernetes *kubernetes, const char *namespace, const char *name, struct arena *arena,
                   struct approval *ret, struct error *err) must_use;
/* Whether it is about that very release. */
bool approval_is_of(const struct approval *approval, const struct release *release);
/* In place of what was there. */
bool approval_request(struct kubernetes *kubernetes, const struct release *release, const char *deployment_id, const char *author,
                      int64_t now_ms, struct error *err) must_use;

struct approval_decision {
	bool is_approved;
	const char *by, *message; /* NULL: none */
};
/* Fails: ERROR_CONFLICT when it was decided, or asked anew, meanwhile. */
bool approval_decide(struct kubernetes *kubernetes, const struct approval *approval, const struct approval_decision *decision,
                     int64_t now_ms, struct error *err) must_use;
/* It has served.  What cannot be removed does no harm: it counts for no later deployment. */
void approval_forget(struct kubernetes *kubernetes, const struct approval *approval);

#endif
