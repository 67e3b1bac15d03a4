/* Where an application stands in each environment: all asked at once, each with its own deadline.
 * A cluster that does not answer is a row that says so, never an empty one.
 */
#ifndef PAAS_CORE_DEPLOY_STATUS_H
#define PAAS_CORE_DEPLOY_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/deploy/follow.h"
#include "core/deploy/release.h"

struct http;
struct kubernetes;
struct loop;

enum status_state {
	STATUS_HEALTHY,
	STATUS_ABSENT,    /* never deployed there */
	STATUS_STOPPED,   /* scaled to zero */
	STATUS_ROLLING,   /* under way, nothing wrong so far */
	STATUS_PAUSED,
	STATUS_UNHEALTHY, /* something is wrong now */
	STATUS_FAILED,    /* the operator refused or failed the last deployment */
	STATUS_UNKNOWN,   /* the cluster did not answer, or not to us: `trouble` */
};
const char *status_state_name(enum status_state state);
bool status_is_unwell(enum status_state state);

struct status_row {
	const struct platform_environment *environment;
	const char *namespace;   /* NULL when it cannot be told */
	enum status_state state;
	struct error trouble;    /* of STATUS_UNKNOWN */
	const char *image, *digest, *commit, *author, *deployment_id; /* of the Application; "" = not known */
	int64_t deployed_ms;     /* -1 = not known */
	const struct deployment *deployment; /* progress, findings, operator's word; NULL when unknown or absent */
	struct follow *follow;   /* owns the above */
};

struct status_request {
	struct loop *loop;
	struct http *http;
	const struct platform *platform;
	const char *name, *team;
	const char *environment; /* only this one; NULL: all */
};

/* From a fiber.  *ret: one row an environment, in the order of the platform file.  Fails only when
 * cancelled (ERROR_INTERRUPTED) or when the environment does not exist. */
bool status_read(const struct status_request *request, struct arena *arena, struct status_row **ret,
                 size_t *ret_count, struct error *err) must_use;
void status_release(struct status_row *rows, size_t count);

/* One application that was found unwell already (core/deploy/overview.h).  Its pods and their events
 * are read by name, since a list of them has no bound. */
struct status_subject {
	struct loop *loop;
	struct kubernetes *kubernetes;
	const struct platform_environment *environment;
	const char *namespace, *name;
	const char *const *pods; /* at most STATUS_PODS_MAX */
	size_t n_pods;
};
enum { STATUS_PODS_MAX = 3 };
/* From a fiber; *ret is released with status_release.  Fails as the cluster does. */
bool status_examine(const struct status_subject *subject, struct arena *arena, struct status_row *ret,
                    struct error *err) must_use;

/* New references. */
json_t *status_row_to_json(const struct status_row *row);

#endif
