/* The build that makes a release's image: one look, or followed to its end.
 *
 * It is the CI's build of the commit that is checked out (role/ci.h).
 */
#ifndef PAAS_CORE_DEPLOY_BUILD_H
#define PAAS_CORE_DEPLOY_BUILD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "role/ci.h"

struct http;
struct loop;
struct platform;
struct repository;

struct build_request {
	struct loop *loop;
	struct http *http;
	const struct platform *platform;
	const struct repository *repository;
	int64_t timeout_ms; /* of build_follow; 0: 30 min */
	/* Told of the build whenever it was looked at; NULL while there is none.  Of build_follow. */
	void (*told)(void *data, const struct ci_build *build);
	void *data;
};

/* Fails as scm_slug, ci_open and ci_build_of_commit; ERROR_NOT_FOUND also before the first commit. */
bool build_look(const struct build_request *request, struct arena *arena, struct ci_build *ret, bool *ret_found,
                struct error *err) must_use;

enum { BUILD_LOG_LINES = 20 };
struct build_end {
	struct ci_build build;  /* passed, or failed in any way */
	const char *job, *lines; /* the first job that failed, and how it ended; "" = not known */
};
/* From a fiber, until the build is over: looks after 2 s, then less and less often, at least every 10 s.  A CI that is
 * out of reach or wants to be asked less often for a while ends nothing.  True with a build that did not pass, too.
 * Fails: ERROR_TIMED_OUT, ERROR_NOT_FOUND (no build within two minutes), ERROR_CONFLICT (it is the build we run in),
 * ERROR_INTERRUPTED, and as build_look. */
bool build_follow(const struct build_request *request, struct arena *arena, struct build_end *ret, struct error *err) must_use;

/* New reference. */
json_t *build_to_json(const struct ci_build *build);

#endif
