/* The log lines of all pods and containers of an application, in one stream.
 *
 * Within a container lines come in the order they were written, none lost and none twice, whatever
 * happens to the connection: each stream asks for timestamps, and a cut one goes on where it
 * stopped (lib/core/logs/cursor.h).  Across containers: without `follow` an exact merge by time, in which a
 * silent stream is waited for 2 s, then named and left behind; with `follow` lines are held back
 * for 300 ms, later ones are told as late.
 *
 * Memory is bounded: a stream that nobody reads is paused after 96 KiB (192 KiB when they are few), and
 * the server with it; a line longer than 16 MiB is cut, and told so.
 *
 * Source: kubernetes.md 2.10; the API reference of GET …/pods/NAME/log.
 */
#ifndef PAAS_CORE_LOGS_LOGS_H
#define PAAS_CORE_LOGS_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct kubernetes;
struct loop;

/* One container of one pod, over all its runs.  Lives until nothing more is told of it. */
struct logs_container {
	const char *pod, *name;
	const char *release;  /* the deployment id of its pod; "" = none */
	unsigned serial;      /* of the container, from 1, never used again */
	unsigned number;      /* of its pod, in order of appearance: for colours */
	bool is_lone;         /* its pod has no other container */
};

enum logs_event_type {
	LOGS_LINE,        /* text, length, time_ns, is_late, is_cut */
	LOGS_GAP,         /* lines are gone for good (rotated away): gap_ms, of the container */
	LOGS_RELEASE,     /* following: the first pod of another release; text = its deployment id */
	LOGS_RESTARTED,   /* following: the container runs anew; text = why the last run ended: "Error, exit 1" */
	LOGS_WAITING,     /* not following: it has written nothing yet; text = why ("ContainerCreating") */
	LOGS_LEFT_BEHIND, /* not following: silent for 2 s, the others go on without it */
	LOGS_TROUBLE,     /* its stream broke; `trouble` says why, and it is tried again or (is_over) given up */
};

struct logs_event {
	enum logs_event_type type;
	const struct logs_container *container; /* NULL for LOGS_RELEASE */
	const char *text;    /* of a line: without its time and newline; not NUL-terminated */
	size_t length;
	int64_t time_ns;     /* since 1970 UTC; -1: the line came without */
	bool is_late;        /* an event of another container with a later time was told already */
	bool is_cut;         /* the line was longer than LOGS_LINE_MAX */
	bool is_over;        /* LOGS_TROUBLE: no further try */
	int64_t gap_ms;      /* -1: nobody knows how long */
	const struct error *trouble;
};

enum { LOGS_LINE_MAX = 16 * 1024 * 1024 };

struct logs_request {
	struct loop *loop;
	struct kubernetes *kubernetes;
	const char *namespace;
	const char *label_selector; /* "app=checkout" */
	const char *deployment_id;  /* pods of this release only (label fiaas/deployment_id), and when
	                             * following of those that start later; NULL: of all */
	bool follow;
	bool previous;       /* the last run of each container instead of the present one */
	int64_t tail_lines;  /* of each container, 1 or more; -1: all */
	int64_t since_ms;    /* wall clock; -1: from the beginning */
	/* Both from logs_read's fiber. `wants` chooses containers; NULL: all. */
	bool (*wants)(void *data, const char *pod, const char *container);
	void (*told)(void *data, const struct logs_event *event);
	/* Everything told so far should be seen now: nothing more is at hand. */
	void (*idle)(void *data);
	void *data;
};

struct logs_result {
	size_t n_pods, n_containers; /* that were read */
	size_t n_failed;             /* containers whose stream was given up */
};

/* From a fiber.  Without `follow` it returns when all is told; with it, only when cancelled
 * (ERROR_INTERRUPTED).  Fails when the pods cannot be listed; a container that cannot be read is
 * told as LOGS_TROUBLE and counted. */
bool logs_read(const struct logs_request *request, struct logs_result *ret, struct error *err) must_use;

#endif
