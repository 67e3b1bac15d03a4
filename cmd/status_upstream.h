/* The rows of `paas status` above the environments: the last build, the open pull request, the pipeline's last run, and what waits
 * for approval.
 *
 *	status_upstream_begin(session, request, UPSTREAM_ALL, &upstream);
 *	…ask the clusters…
 *	status_upstream_end(&upstream);
 */
#ifndef PAAS_CMD_STATUS_UPSTREAM_H
#define PAAS_CMD_STATUS_UPSTREAM_H

#include "core/deploy/status.h"
#include "core/deploy/upstream.h"
#include "ui/output.h"

struct fiber;
struct session;

struct status_upstream {
	struct session *session;
	struct upstream_request request;
	struct upstream upstream;
	struct fiber *fiber; /* NULL: nothing is asked */
};

/* The question: all kinds; of builds and pull requests only when `name` is an application of this folder's repository. */
void status_upstream_put_request(struct session *session, const struct status_request *request, struct upstream_request *ret);
/* Starts asking it, or only some of its kinds (enum upstream_kind). */
void status_upstream_begin(struct session *session, const struct status_request *request, unsigned kinds,
                           struct status_upstream *ret);
/* Waits for the answers. */
void status_upstream_end(struct status_upstream *upstream);
void status_upstream_release(struct status_upstream *upstream); /* for scoped() */

/* One table of all applications, and below it what went wrong where a table cannot say it. */
void status_upstream_print(const struct status_upstream *list, size_t count, struct output *out);
/* JSON: "build", "pull_request", "pipeline" and "approvals" of an application's status. */
void status_upstream_add_json(const struct upstream *upstream, json_t *object);

/* The same in a line each, without ages, so that a line is another one only when something happened. */
struct status_line {
	const char *subject; /* "pull request" */
	enum style style;
	const char *text;    /* NULL: nothing to tell */
};
enum { STATUS_UPSTREAM_LINES = 4 };
void status_upstream_put_lines(const struct upstream *upstream, const char *name, struct arena *arena,
                               struct status_line ret[static STATUS_UPSTREAM_LINES]);
/* Something was asked and has not answered yet. */
bool status_upstream_is_awaited(const struct upstream *upstream);

#endif
