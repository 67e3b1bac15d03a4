/* What waits for approval in a namespace, whatever its applications: the runs of the environment's pipeline that ask a person,
 * or where there are no pipelines the requests of approval.h, in one list.
 */
#ifndef PAAS_CORE_DEPLOY_OVERVIEW_APPROVALS_H
#define PAAS_CORE_DEPLOY_OVERVIEW_APPROVALS_H

#include <jansson.h>

#include "base/loop.h"
#include "core/deploy/overview.h"

struct kubernetes;

enum { OVERVIEW_APPROVALS_MAX = 50 }; /* a namespace: further ones are counted, not named */

struct overview_approval {
	const char *name, *image, *author; /* of the application; author: who asked, "" = not known */
	int64_t since_ms;                  /* wall; 0 = not known */
};

struct overview_approvals {
	struct error trouble; /* code ERROR_NONE: the list is whole */
	struct overview_approval *items;
	size_t count, n_dropped;
};

/* The question of a namespace, asked in a fiber of its own for at most ten seconds. */
struct overview_question {
	const struct overview_request *request;
	const struct overview *overview; /* whose: environment and namespace */
	struct kubernetes *kubernetes;
	struct arena *arena; /* of the answer */
	struct overview_approvals answer;

	struct fiber *fiber;
	struct loop_timer timer;
	bool is_late;
};

bool overview_has_approvals(const struct overview_request *request, const struct platform_environment *environment);
/* From a fiber; *question stays where it is until overview_await_approvals. */
void overview_ask_approvals(struct overview_question *question);
void overview_await_approvals(struct overview_question *question);

/* A list of name, image, author and since; null when it could not be read.  New reference. */
json_t *overview_approvals_to_json(const struct overview_approvals *approvals);

#endif
