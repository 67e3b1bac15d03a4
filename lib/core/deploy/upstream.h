/* What stands before the environments: the last build of what is checked out, the open pull request of its branch, the last run of a
 * pipeline, and what waits for a person.
 *
 * All are asked at once, each with its own deadline; a system that does not answer, or not to us, is an answer that
 * says so.  Nothing is asked when the platform file has no such role, or origin is kept somewhere else.
 */
#ifndef PAAS_CORE_DEPLOY_UPSTREAM_H
#define PAAS_CORE_DEPLOY_UPSTREAM_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "core/deploy/pending.h"
#include "role/cd.h"
#include "role/ci.h"
#include "role/scm.h"

struct http;
struct loop;
struct platform;
struct platform_environment;
struct repository;

enum upstream_state {
	UPSTREAM_UNASKED,
	UPSTREAM_NONE,    /* asked: there is none */
	UPSTREAM_FOUND,
	UPSTREAM_UNKNOWN, /* no answer: the trouble says why */
};

enum upstream_kind {
	UPSTREAM_BUILD = 1,
	UPSTREAM_PULL = 2,
	UPSTREAM_RUN = 4,
	UPSTREAM_PENDING = 8,
	UPSTREAM_ALL = 15,
};

struct upstream {
	enum upstream_state build_state, pull_state, run_state, pending_state;
	struct ci_build build;
	bool is_of_commit; /* the build is of the commit that is checked out; else the branch's last one */
	struct scm_pull pull;
	struct cd_run run;         /* of any pipeline of the application; owned */
	struct pending *pending;   /* owned */
	size_t n_pending;
	struct error build_trouble, pull_trouble, run_trouble, pending_trouble;
};
void upstream_release(struct upstream *upstream); /* for scoped() */

struct upstream_request {
	unsigned kinds; /* of enum upstream_kind, together */
	struct loop *loop;
	struct http *http;
	const struct platform *platform;
	const struct repository *repository; /* NULL: neither builds nor pull requests are asked for */
	const char *name, *team;             /* of the application; team may be NULL */
	const struct platform_environment *environment; /* whose pipeline and approvals; NULL: of all */
};

/* From a fiber; ends early when that is cancelled.  Texts in `arena`. */
void upstream_read(const struct upstream_request *request, struct arena *arena, struct upstream *ret);

/* JSON null when it was not asked; new references. */
json_t *upstream_build_to_json(const struct upstream *upstream);
json_t *upstream_pull_to_json(const struct upstream *upstream);
json_t *upstream_run_to_json(const struct upstream *upstream);
json_t *upstream_pending_to_json(const struct upstream *upstream);

#endif
