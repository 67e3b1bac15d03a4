/* What the files of this folder share; nobody else includes it. */
#ifndef PAAS_SANDBOX_TRAVIS_PARTS_H
#define PAAS_SANDBOX_TRAVIS_PARTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "sandbox/forge/forge.h"
#include "sandbox/path_pattern.h"
#include "sandbox/travis/travis.h"
#include "web/server.h"

#define TRAVIS_FIRST_BUILD INT64_C(9000000000) /* identifiers beyond 32 bits */

struct travis {
	struct travis_options options;
};

/* A request on its way. */
struct travis_call {
	struct travis *travis;
	struct web_request *request;
	struct arena *arena;
	const char *params[PATH_PARAMS_MAX];
	const json_t *repository, *build; /* what the path names */
	size_t job;
};

/* ---- shapes.c ---- */

int64_t travis_job_id(const json_t *build, size_t job);
/* Its words for how far something came. */
const char *travis_state_of(const struct forge_progress *progress);
/* New references. */
json_t *travis_minimal_repository(const struct travis_call *call);
json_t *travis_standard_job(const struct travis_call *call, const json_t *build, size_t job);
json_t *travis_standard_build(const struct travis_call *call, const json_t *build);

#endif
