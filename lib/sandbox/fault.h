/* What goes wrong on purpose between a client and an emulated server, and a count of what was asked.
 *
 * Each server passes its requests through fault_pass; the first rule that matches acts:
 *
 *	fault_add(faults, &(struct fault){.kind = FAULT_STATUS, .status = 429, .retry_after_s = 1,
 *	                                  .path = "/pods", .nth = 2, .count = 1});
 */
#ifndef PAAS_SANDBOX_FAULT_H
#define PAAS_SANDBOX_FAULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct web_request;
struct faults;

enum fault_kind {
	FAULT_REFUSE,        /* reset before a word */
	FAULT_CUT_BEFORE,    /* closed before a word */
	FAULT_CUT_BODY,      /* in the middle of the body */
	FAULT_CUT_AFTER,     /* after a whole answer */
	FAULT_LATENCY,       /* delay_ms, then as usual */
	FAULT_STATUS,        /* `status`, with Retry-After when retry_after_s >= 0 */
	FAULT_HANG,          /* no answer, ever */
	FAULT_LYING_LENGTH,  /* Content-Length larger than the body */
	FAULT_GARBAGE_JSON,  /* 200 with text that is almost JSON */
	FAULT_GARBAGE_HTML,  /* 200 with a proxy's page */
	FAULT_EXPIRED_WATCH, /* a watch that says 410 in its stream */
	FAULT_KINDS,
};
/* "refuse", "cut-before", …; the kind of that name, or FAULT_KINDS. */
const char *fault_name(enum fault_kind kind);
enum fault_kind fault_kind_of_name(const char *name);

struct fault {
	enum fault_kind kind;
	const char *method;      /* NULL = any */
	const char *path;        /* part of the target, query included; NULL = any */
	unsigned nth;            /* begins with the nth match; 0 = 1 */
	unsigned count;          /* acts that often; 0 = for ever */
	unsigned status;         /* FAULT_STATUS */
	int retry_after_s;       /* FAULT_STATUS; -1 = no header */
	int64_t delay_ms;        /* FAULT_LATENCY */
};

struct faults *faults_new(struct loop *loop);
void faults_free(struct faults *faults);
/* Copies the rule. */
void fault_add(struct faults *faults, const struct fault *fault);
void fault_clear(struct faults *faults);

/* Counts the request, then lets a rule have it or calls `handle`. */
void fault_pass(struct faults *faults, struct web_request *request,
                void (*handle)(void *data, struct web_request *request), void *data);

/* Borrowed: {"GET /api/v1/pods": 3, "GET /api/v1/pods?watch": 1, "PUT …?dryRun": 1, …}, without queries. */
const json_t *fault_counts(const struct faults *faults);
uint64_t fault_total(const struct faults *faults);

#endif
