/* One namespace of an overview that is kept up to date: its connection, the rows known there, and
 * what follows from them.  For overview_watch.c alone.
 */
#ifndef PAAS_CORE_DEPLOY_OVERVIEW_PLACE_H
#define PAAS_CORE_DEPLOY_OVERVIEW_PLACE_H

#include "core/deploy/contact.h"
#include "core/deploy/overview.h"
#include "core/deploy/overview_rows.h"

struct kubernetes_table_informer;
struct overview_approvals_watch;
struct overview_place;

enum { OVERVIEW_TABLES = 3 };

struct overview_table {
	struct overview_place *place;
	struct kubernetes_table_informer *informer;
	struct overview_rows rows;
	bool is_listing; /* between `begun` and `synced`: what is known is not all */
};

/* What objects told of an application, until they are asked again. */
struct overview_examined {
	const char *name;
	struct status_row *row;
};

struct overview_place {
	/* Of whoever watches: */
	const struct overview_request *request;
	struct fiber *fiber;      /* runs overview_place_run */
	struct fiber *reader;     /* woken when there is news, */
	bool *has_news;           /* which is said here */
	struct overview overview; /* as judged last; what it holds is in `arena` */
	struct arena arena;
	bool is_known;            /* it has been judged, or failed */
	struct overview_approvals_watch *approvals; /* beside it; NULL: nothing can wait */

	/* Of one connection: */
	struct arena memory;
	struct cluster *cluster;
	struct overview_table tables[OVERVIEW_TABLES];
	struct contact contact;
	struct overview_examined examined[OVERVIEW_EXAMINED_MAX];
	size_t n_examined;
	struct arena examined_arena;
	struct error missing; /* of an empty namespace: that there is none */
	int64_t errand_ms, missing_ms; /* when objects were read, and that was asked; our clock */
};

/* The body of its fiber, until cancelled; `data` is the place, with overview.environment and
 * .namespace filled. */
void overview_place_run(void *data);
/* After its fiber ended. */
void overview_place_release(struct overview_place *place);

#endif
