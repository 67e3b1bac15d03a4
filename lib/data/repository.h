/* What the local git repository tells, through libgit2: no network, no child processes.
 *
 * libgit2 is loaded at the first call.  It refuses a repository that belongs to somebody else, as
 * git does (safe.directory), so a shared folder cannot feed us names.
 */
#ifndef PAAS_DATA_REPOSITORY_H
#define PAAS_DATA_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum { REPOSITORY_UNPUSHED_MAX = 1000 }; /* counting stops there */

struct repository {
	const char *root;          /* the work tree, absolute, without a final slash */
	const char *branch;        /* NULL when HEAD is detached */
	const char *commit;        /* 40 hex digits; NULL before the first commit */
	const char *commit_title;  /* first line of its message, or NULL */
	const char *remote_url;    /* of origin, without user name and password; NULL: no origin */
	const char *remote_name;   /* "checkout" of "…/acme/checkout.git", or NULL */
	const char *remote_owner;  /* "acme", or NULL */
	size_t n_changed;          /* tracked files that differ from the commit */
	size_t n_unpushed;         /* commits on no remote-tracking branch */
};

/* The repository that holds `folder`.  Fails: ERROR_NOT_FOUND when there is none, ERROR_FAILED when
 * libgit2 is absent, ERROR_INVALID_FILE when it cannot be read. */
bool repository_read(const char *folder, struct arena *arena, const struct repository **ret,
                     struct error *err) must_use;

/* The same but for n_changed and n_unpushed, which take a look at every file and at many commits. */
bool repository_read_head(const char *folder, struct arena *arena, const struct repository **ret,
                          struct error *err) must_use;

struct repository_commit {
	const char *commit; /* 40 hex digits */
	const char *title;  /* may be NULL */
};
/* The commits that `to` has and `from` has not, newest first, at most `max`.  Fails as
 * repository_read, and ERROR_NOT_FOUND when either commit is not here. */
bool repository_commits(const char *folder, const char *from, const char *to, size_t max, struct arena *arena,
                        struct repository_commit **ret, size_t *ret_count, struct error *err) must_use;

/* Owner and name out of a remote URL of any form git knows; both NULL when it has none. */
void repository_split_url(const char *url, struct arena *arena, const char **ret_owner,
                          const char **ret_name);
/* `url` without "user:password@". */
const char *repository_clean_url(const char *url, struct arena *arena);

#endif
