/* Travis CI, API v3: the builds of a repository, their jobs and logs.
 *
 * `slug` is "owner/name"; it is one segment of a path here.  Every call fails as rest.h says; a repository that Travis has
 * not synchronised is ERROR_NOT_FOUND.  https://developer.travis-ci.com
 */
#ifndef PAAS_API_TRAVIS_TRAVIS_H
#define PAAS_API_TRAVIS_TRAVIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/rest/rest.h"
#include "net/http.h"

/* Of every request, without which the answers are of version 2. */
enum { TRAVIS_HEADERS = 1 };
extern const struct http_header travis_headers[TRAVIS_HEADERS];

struct travis_build {
	int64_t id;
	const char *number, *state, *commit, *branch; /* state: "created", … "passed", "errored" */
	int64_t started_ms, finished_ms;              /* -1 = not yet, or not said */
};
enum { TRAVIS_BUILDS_MAX = 100, TRAVIS_JOBS_MAX = 200 };
/* Newest first; of one branch, or (NULL) of all; at most `max`, which is TRAVIS_BUILDS_MAX or less. */
bool travis_builds(const struct rest *rest, const char *slug, const char *branch, size_t max, struct arena *arena,
                   struct travis_build **ret, size_t *ret_count, struct error *err) must_use;

struct travis_job {
	int64_t id;
	const char *number, *state; /* "12.1" */
};
bool travis_jobs(const struct rest *rest, int64_t build, struct arena *arena, struct travis_job **ret, size_t *ret_count,
                 struct error *err) must_use;
/* The last `max` bytes of what a job printed.  Fails also: ERROR_NOT_FOUND, when the log was removed. */
bool travis_job_log(const struct rest *rest, int64_t job, size_t max, struct arena *arena, const char **ret,
                    size_t *ret_length, struct error *err) must_use;

#endif
