/* One environment of a status that is kept up to date: its connection, what is known there, and the
 * row that follows from it.  For status_watch.c alone.
 */
#ifndef PAAS_CORE_DEPLOY_STATUS_PLACE_H
#define PAAS_CORE_DEPLOY_STATUS_PLACE_H

#include "core/deploy/contact.h"
#include "core/deploy/status.h"

struct fiber;
struct kubernetes_informer;

enum { STATUS_PLACE_KINDS = 5 };

struct status_place {
	/* Of whoever watches: */
	const struct status_request *request;
	struct fiber *fiber;   /* runs status_place_run */
	struct fiber *reader;  /* woken when there is a new row, */
	bool *has_news;        /* which is said here */
	struct status_row row; /* as judged last; texts in `arena` */
	struct arena arena;

	/* Of one connection: */
	struct arena memory;
	struct cluster *cluster;
	const char *namespace;
	struct kubernetes_informer *informers[STATUS_PLACE_KINDS];
	json_t *objects[STATUS_PLACE_KINDS]; /* uid to object */
	json_t *events;                      /* a list, of the last errand */
	json_t *logs;                        /* [pod, container, lines] of the last errand */
	struct contact contact;
	int64_t errand_ms;                 /* our clock */
	int64_t server_ms, server_read_ms; /* the server's clock, and ours when it said so */
};

/* The body of its fiber, until cancelled; `data` is the place. */
void status_place_run(void *data);

#endif
