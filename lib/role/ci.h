/* What builds the images: the build of a commit, its jobs, and how a failed one ended.
 *
 *	scoped(ci_close) struct ci *ci = NULL;
 *	if (!ci_open(http, platform, slug, arena, &ci, err) ||
 *	    !ci_build_of_commit(ci, commit, arena, &build, &is_there, err))
 *		return false;
 */
#ifndef PAAS_ROLE_CI_H
#define PAAS_ROLE_CI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct ci;
struct http;
struct platform;

enum ci_state { CI_QUEUED, CI_RUNNING, CI_PASSED, CI_FAILED, CI_CANCELLED, CI_UNKNOWN };
/* "queued", …: in JSON too. */
const char *ci_state_name(enum ci_state state);
/* Nothing more will become of it by itself. */
bool ci_state_is_final(enum ci_state state);

struct ci_build {
	const char *id, *number;    /* the provider's; the number is what people call it by: "12" */
	enum ci_state state;
	const char *word;           /* the provider's own for the state: "startup_failure" */
	const char *url;            /* for people */
	const char *commit, *branch; /* "" = not said */
	int64_t started_ms, ended_ms; /* -1 = not yet, or not said */
};
struct ci_job {
	const char *id, *name, *url; /* url "" = the build's */
	enum ci_state state;
};

/* Whether the platform file names a CI that this version speaks to. */
bool ci_knows(const struct platform *platform);
/* `slug`: "owner/name" (role/scm.h); it and the arena outlive *ret.  Nothing is asked yet.  Fails as connection_open, and
 * ERROR_NOT_FOUND for a provider that this version does not speak to. */
bool ci_open(struct http *http, const struct platform *platform, const char *slug, struct arena *arena, struct ci **ret,
             struct error *err) must_use;
/* For scoped(). */
void ci_close(struct ci **ci);

/* The newest build of a commit; of GitHub Actions, whose workflows run each for itself, the workflow that is worst off
 * stands for all: failed before running before queued before passed.  *ret_found is false when there is none.  Fails as
 * rest.h says. */
bool ci_build_of_commit(struct ci *ci, const char *commit, struct arena *arena, struct ci_build *ret, bool *ret_found,
                        struct error *err) must_use;
/* That of the newest commit of a branch that was built. */
bool ci_build_of_branch(struct ci *ci, const char *branch, struct arena *arena, struct ci_build *ret, bool *ret_found,
                        struct error *err) must_use;

/* The first job that failed and the last `n_lines` lines that it printed before it did, cut to 64 KiB, without the CI's
 * own markup, colours and control characters.  *ret_found is false when no job failed; the lines are "" when there is no
 * log any more. */
bool ci_failure(struct ci *ci, const struct ci_build *build, size_t n_lines, struct arena *arena, struct ci_job *ret,
                const char **ret_lines, bool *ret_found, struct error *err) must_use;

#endif
