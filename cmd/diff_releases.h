/* `paas diff RELEASE RELEASE`: two releases, wherever they are. */
#ifndef PAAS_CMD_DIFF_RELEASES_H
#define PAAS_CMD_DIFF_RELEASES_H

#include "cmd/diff_view.h"
#include "core/deploy/release.h"

struct session;

struct diff_releases {
	const char *before, *after;  /* words of the command line */
	const char *environment;     /* --env; NULL: that of the first release that has one */
	struct release_request *request; /* of the file, and who the application is */
};

/* `ret` begins with its arena only; the caller releases it, on failure too. */
bool diff_releases_find(struct session *session, const struct diff_releases *choice, struct diff_subject *ret_subject,
                        struct differences *ret, struct error *err) must_use;

#endif
