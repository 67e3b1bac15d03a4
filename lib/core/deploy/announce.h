/* A deployment told where people look: a GitHub deployment with its states, a status of the commit, and one message in the
 * team's channel.
 *
 * Which of them the platform file says, by environment (`announce`).  Once for each deployment id, whoever tells it how
 * often: GitHub's is found again by the id in its payload, the message by what is kept in
 * $XDG_STATE_HOME/paas/announced.json.  Best effort: a failure is told and changes nothing.
 */
#ifndef PAAS_CORE_DEPLOY_ANNOUNCE_H
#define PAAS_CORE_DEPLOY_ANNOUNCE_H

#include <stdbool.h>

#include "base/error.h"

struct http;
struct loop;
struct platform;
struct platform_environment;
struct repository;

struct announcement {
	struct loop *loop;
	struct http *http;
	const struct platform *platform;
	const struct platform_environment *environment;
	const struct repository *repository; /* NULL: the scm is not told */
	const char *name, *team;             /* of the application; team may be NULL */
	const char *commit;                  /* NULL: not known */
	const char *deployment_id;
	const char *url;                     /* where people look at it; NULL: not known */
	bool is_ours; /* this process began it */
};

enum announce_stage { ANNOUNCE_BEGUN, ANNOUNCE_WAITING, ANNOUNCE_SUCCEEDED, ANNOUNCE_FAILED, ANNOUNCE_UNCLEAR };

/* Of a deployment that begins, or waits for a person, the chat hears nothing: its message is of the outcome.
 *
 * From a fiber; all at once, each for at most ten seconds.  `text` is one line: what happened.  `failed` hears of each
 * that was not reached: "github", as the platform file calls it. */
void announce(const struct announcement *announcement, enum announce_stage stage, const char *text,
              void (*failed)(void *data, const char *target, const struct error *err), void *data);

#endif
