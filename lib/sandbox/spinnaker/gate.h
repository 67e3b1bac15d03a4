/* The emulated Spinnaker, as it looks through Gate.
 *
 * Written from Gate's description and what Gate, Orca, Front50 and Echo are known to answer, not from our client.
 * Pipelines are data: the sample application "checkout" has `deploy-dev` and `deploy-pro`, any other is saved
 * through the API.  Stages that run here: deployManifest, manualJudgment and wait, each in its time window; an Orca
 * task takes a few hundred milliseconds.  What is deployed goes through the hook `apply`.
 *
 * Everything it remembers is bounded: 200 executions, the oldest that are complete go first.
 */
#ifndef PAAS_SANDBOX_SPINNAKER_GATE_H
#define PAAS_SANDBOX_SPINNAKER_GATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct gate;
struct loop;
struct web_request;

struct gate_options {
	struct loop *loop;
	const char *account;   /* the one cluster it deploys to; borrowed */
	const char *token;     /* the password of "sandbox", and a bearer that /login takes; borrowed */
	bool is_empty;         /* without the sample application */
	void *data;            /* the hooks' */
	/* Brings an object into the cluster; false: *ret_why is what kubectl would have said, in `arena`. */
	bool (*apply)(void *data, const json_t *object, struct arena *arena, const char **ret_why);
	/* An object of the cluster, borrowed until the loop turns; NULL when there is none. */
	const json_t *(*find)(void *data, const char *api_version, const char *kind, const char *namespace, const char *name);
	/* Whose access token of the sign-on server it is, an address, borrowed; NULL when nobody's. */
	const char *(*person)(void *data, const char *token);
};

struct gate *gate_new(const struct gate_options *options);
void gate_free(struct gate *gate);
/* Where it sends whoever comes to /login without a token.  Copied. */
void gate_set_issuer(struct gate *gate, const char *issuer);

/* Answers a request at once. */
void gate_handle(struct gate *gate, struct web_request *request);

/* What can be broken here: how it signs people on, and how it misbehaves. */
struct gate_trouble {
	const char *name, *summary;
};
extern const struct gate_trouble gate_troubles[];
extern const size_t n_gate_troubles;
bool gate_is_trouble(const char *name);
/* False when there is no such trouble.  `app`: only this application; NULL or "": all.  `count`: so often; 0: always. */
bool gate_break(struct gate *gate, const char *name, const char *app, unsigned count);
/* NULL: whatever is broken. */
void gate_heal(struct gate *gate, const char *name);
/* Adds {"cause", "namespace", "app"} of each. */
void gate_list_broken(const struct gate *gate, json_t *list);

/* New reference, and back; false when it is no snapshot.  NULL: as new. */
json_t *gate_snapshot(const struct gate *gate);
bool gate_restore(struct gate *gate, const json_t *snapshot);

#endif
