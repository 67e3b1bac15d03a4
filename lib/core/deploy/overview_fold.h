/* Rows of three Tables, folded into the applications of a namespace: pure, for overview.c and tests.
 *
 *	deployment… application… → index → pod… → judge → (whoever examined some) → order
 *
 * A Table that begins again is forgotten first (api/kubernetes/table.h).
 */
#ifndef PAAS_CORE_DEPLOY_OVERVIEW_FOLD_H
#define PAAS_CORE_DEPLOY_OVERVIEW_FOLD_H

#include "core/deploy/overview.h"

struct overview_found {
	struct overview_found *next;
	struct overview_app app;
};

struct overview_fold {
	struct arena *arena; /* of everything kept */
	struct overview *overview;
	struct overview_found *deployments, *applications; /* newest first, until `index` */
	size_t n_deployments, n_applications; /* told, those past OVERVIEW_APPS_MAX included */
};

/* Columns, in the order of the cells below; applications and Deployments have a last cell more, the
 * value of OVERVIEW_LABEL. */
#define OVERVIEW_LABEL "fiaas/deployment_id"
enum { OVERVIEW_APPLICATION_CELLS = 2, OVERVIEW_DEPLOYMENT_CELLS = 4, OVERVIEW_POD_CELLS = 5 };
extern const char *const overview_application_columns[OVERVIEW_APPLICATION_CELLS];
extern const char *const overview_deployment_columns[OVERVIEW_DEPLOYMENT_CELLS];
extern const char *const overview_pod_columns[OVERVIEW_POD_CELLS];

void overview_forget_applications(struct overview_fold *fold);
void overview_fold_application(struct overview_fold *fold, const char *const *cells);
void overview_forget_deployments(struct overview_fold *fold);
void overview_fold_deployment(struct overview_fold *fold, const char *const *cells);
/* Both are complete: one application a name, by name. */
void overview_index(struct overview_fold *fold);
void overview_forget_pods(struct overview_fold *fold);
void overview_fold_pod(struct overview_fold *fold, const char *const *cells);
/* All is known: states, order. */
void overview_judge(struct overview_fold *fold);
/* States changed: counts and order anew. */
void overview_order(struct overview *overview);

/* "2d3h", "5m", "17s" as the server shortens them; -1 when it is none of these. */
int64_t overview_parse_age_ms(const char *text);

#endif
