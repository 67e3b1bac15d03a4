/* Every application of a namespace, from rows instead of objects: memory grows with the number of
 * applications, not with that of pods, and whole objects are asked for only where something is
 * wrong or under way, up to a cap.
 *
 * A pod belongs to the Deployment whose name its own begins with (NAME-REVISION-SUFFIX); others
 * (jobs, stateful sets) are counted apart.
 */
#ifndef PAAS_CORE_DEPLOY_OVERVIEW_H
#define PAAS_CORE_DEPLOY_OVERVIEW_H

#include "core/deploy/status.h"

enum {
	OVERVIEW_APPS_MAX = 10000,  /* a namespace, of each kind: further ones are counted, not named */
	OVERVIEW_EXAMINED_MAX = 10, /* a namespace: applications whose objects are read */
	OVERVIEW_SAMPLES = 3,       /* an application: unwell pods that are read */
	OVERVIEW_PATIENCE_MS = 5 * 60 * 1000, /* what waits longer than this does not merely start */
};

struct overview_app {
	const char *name;
	enum status_state state;
	bool has_application, has_deployment; /* the FIAAS resource; what runs it */
	const char *deployment_id;            /* of the Application, else of the Deployment; "" = none */
	bool is_behind;                       /* the Deployment is of another one: the operator has not acted, or refused */
	int64_t ready, desired, updated;      /* pods, as the Deployment counts them */
	int64_t age_ms;                       /* of the Deployment, else of the Application; -1 = not known */
	int64_t pods, pods_ready, pods_starting, pods_unwell, restarts; /* as counted; pods that ran to their end are none of these three */
	const char *word;                     /* what an unwell pod says of itself: "CrashLoopBackOff"; "" = none */
	const char *samples[OVERVIEW_SAMPLES];
	size_t n_samples;
	struct status_row *examined;          /* with findings; NULL: not asked, or it could not be read */
};

/* One namespace of one environment. */
struct overview {
	const struct platform_environment *environment;
	const char *namespace; /* NULL when it cannot be told */
	struct error trouble;  /* code ERROR_NONE: it was read to its end */
	struct overview_app *apps; /* unwell first, then those under way, then the others; each by name */
	size_t n_apps, n_dropped, n_unwell, n_under_way;
	size_t n_examined, n_worth; /* looked into, of so many that were unwell or under way */
	int64_t pods, pods_ready, pods_unwell; /* of all, the next included */
	int64_t others, others_unwell;         /* pods of no Deployment */
	struct overview_approvals *approvals;  /* overview_approvals.h; NULL: not asked */
};

struct overview_request {
	struct loop *loop;
	struct http *http;
	const struct platform *platform;
	const char *namespace;   /* or NULL, and */
	const char *team;        /* the namespaces of this team by the platform file, or */
	bool is_everywhere;      /* those of every team */
	const char *environment; /* only this one; NULL: all */
};

/* From a fiber.  *ret: one a namespace and cluster, in the order of the platform file.  Fails: no
 * such environment or team (ERROR_NOT_FOUND), a name no namespace can have (ERROR_USAGE), cancelled. */
bool overview_read(const struct overview_request *request, struct arena *arena, struct overview **ret,
                   size_t *ret_count, struct error *err) must_use;
void overview_release(struct overview *overviews, size_t count);

/* New references. */
json_t *overview_to_json(const struct overview *overview);
json_t *overview_totals_to_json(const struct overview *overview); /* the same without its applications */
json_t *overview_app_to_json(const struct overview_app *app);

#endif
