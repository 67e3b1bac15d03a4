/* What the files of this folder share; nobody else includes it. */
#ifndef PAAS_SANDBOX_SLACK_PARTS_H
#define PAAS_SANDBOX_SLACK_PARTS_H

#include <jansson.h>

#include "base/arena.h"
#include "sandbox/slack/slack.h"
#include "web/form.h"
#include "web/server.h"

/* `state`: {"messages": {CHANNEL: [message, oldest first]}, "last_us": the last `ts` in microseconds, "is_revoked": whether
 * the token counts no more}. */
struct slack {
	struct slack_options options;
	json_t *state;
};

/* A request on its way. */
struct slack_call {
	struct slack *slack;
	struct web_request *request;
	struct arena *arena;
	json_t *body;         /* where it is JSON */
	struct web_form form; /* else, and of the query */
	const char *method;
	const char *warning;
};

/* HTTP 200 with "ok"; `body` is stolen.  An answer with "error" is none that is ok. */
void slack_answer(struct slack_call *call, json_t *body);
void slack_fail(struct slack_call *call, const char *error);
/* A parameter of the body or the query; NULL where it is absent or empty. */
const char *slack_param(const struct slack_call *call, const char *name);

/* ---- methods.c ---- */

struct slack_method {
	const char *name;
	void (*run)(struct slack_call *call);
};
extern const struct slack_method slack_methods[];
extern const size_t slack_n_methods;

#endif
