/* One container's log, read by a fiber of its own; for the files of this folder.
 *
 *	reading → (cut) reading again → ended → parked until it runs anew → reading …
 *
 * The fiber holds a chunk of bytes; whoever merges takes lines from it one by one, and wakes the
 * fiber when there is none left.  So nothing is copied but the line that two chunks share, and a
 * stream that nobody takes from stands still.
 */
#ifndef PAAS_CORE_LOGS_SOURCE_H
#define PAAS_CORE_LOGS_SOURCE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fiber.h"
#include "core/logs/cursor.h"
#include "core/logs/line.h"
#include "core/logs/logs.h"

struct http_stream;

/* What the cluster says of the container. */
struct container_state {
	int64_t run;            /* its restartCount */
	int64_t last_run;       /* that previous=true shows: the one before, or `run` itself while it waits to run anew; -1: none */
	bool has_started;       /* this run or one before: there is a log */
	bool is_running;
	bool is_gone;           /* with its pod */
	char why[160];          /* it waits ("ContainerCreating") or how its last run ended ("Error, exit 1") */
};

struct logs;

struct log_source {
	struct logs_container container;
	const char *uid;        /* of its pod */
	struct logs *logs;
	struct arena arena;     /* its names */
	struct fiber *fiber;
	struct container_state state;
	int64_t run;            /* that is read */
	bool is_late_comer;     /* its pod appeared while following: read from the beginning */
	/* The stream. */
	struct arena stream_arena;
	struct http_stream *stream;
	bool is_previous;       /* it is of the last run */
	struct log_cursor cursor;
	struct log_time_cache times;
	bool is_complete;       /* the run was read to its end */
	bool has_lost;          /* lines, even runs, may have gone unseen */
	uint64_t n_taken;       /* lines, over all runs */
	/* Bytes at hand. */
	const char *chunk;
	size_t chunk_length, chunk_at;
	struct buf carry;       /* a line's beginning, from the chunk before */
	bool is_carry_cut;      /* … of which more was dropped */
	bool is_carry_done;     /* the line in `carry` is told next; then it is emptied */
	/* For the merge. */
	struct log_line head;
	int64_t head_key;       /* its time, never before an earlier line's */
	int64_t gap_ms;         /* lines are missing before it: so long; -1: who knows how long; 0: none */
	bool has_head, is_head_cut, is_parked, is_behind, is_over;
	int64_t arrived_ms;     /* of the bytes at hand */
	bool is_pressing;       /* they are many: more wait behind them */
	int64_t silent_since_ms;
};

/* What all sources share. */
struct logs {
	const struct logs_request *request;
	struct fiber *fiber;    /* that merges */
	struct log_source **sources;
	size_t n_sources, capacity;
	unsigned n_pods, n_serials;
	int64_t told_key;       /* the latest time told */
	const struct log_source *told_last;
	struct logs_result result;
	bool is_stopping;
	bool is_synced;         /* the pods that were there at the start are known */
	struct error failure;   /* of the list of pods, when it cannot be had */
};

/* `pod` and `name` are copied. */
struct log_source *log_source_new(struct logs *logs, const json_t *pod, const char *name);
void log_source_start(struct log_source *source);
/* Waits for its end. */
void log_source_free(struct log_source *source);
/* Reads what `pod` says of the container; wakes whoever waits for a change. */
void log_source_learn(struct log_source *source, const json_t *pod);
void log_source_lose(struct log_source *source);

/* Takes the next line of the bytes at hand as `head`; false when there is none (the fiber reads on). */
bool log_source_advance(struct log_source *source);
/* Forgets a line's beginning, which will be sent again, or was told. */
void log_source_drop_carry(struct log_source *source);

/* What a pod says of one of its containers; false: nothing. */
bool container_state_read(const json_t *pod, const char *name, struct container_state *ret);

#endif
