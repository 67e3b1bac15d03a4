/* The life of whatever is kept up to date; for watch.c (objects) and table_watch.c (rows).
 *
 *	list ──▶ watch from the list's version ──▶ end, reset, silence: watch again from the last version
 *	  ▲                                   └──▶ 410: the version is too old
 *	  └──────────────────────────────────────────┘
 */
#ifndef PAAS_API_KUBERNETES_CYCLE_H
#define PAAS_API_KUBERNETES_CYCLE_H

#include "api/kubernetes/call.h"
#include "api/kubernetes/status.h"
#include "data/json_stream.h"

struct cycle {
	struct kubernetes *kubernetes;
	const struct kubernetes_query *query;
	const char *parameters;           /* of the watch's query besides; NULL = none */
	const struct http_header *accept; /* NULL: plain JSON */
	/* Reads everything anew and sets the version. */
	bool (*list)(struct cycle *cycle, struct error *err);
	/* Of an event of the watch, told with the struct cycle as data. */
	const struct json_record *records;
	size_t n_records;
	/* A watch begins: what was told of an event that did not end is void.  NULL: no matter. */
	void (*watch_begun)(struct cycle *cycle);
	/* KUBERNETES_LOST, with why; KUBERNETES_BACK. */
	void (*told)(struct cycle *cycle, enum kubernetes_event_type type, const struct error *trouble);
	/* Where it stands: */
	char version[128]; /* where the next watch starts; "" = list first */
	bool is_lost;
	unsigned failures;
	int64_t wait_ms;   /* asked for by the server */
};

/* From a fiber, until it is cancelled or refused for good. */
void cycle_run(struct cycle *cycle);
/* "" and what is too long change nothing. */
void cycle_keep_version(struct cycle *cycle, const char *version);
/* The server answered: told, when it was lost. */
void cycle_back(struct cycle *cycle);
/* An ERROR event: a Status inside an answer that began as a success.  False always. */
bool cycle_fail(struct cycle *cycle, const struct kubernetes_status *status, struct error *err);

#endif
