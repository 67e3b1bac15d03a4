/* How `paas logs` shows what it reads: lines on standard output, marks on standard error, or all
 * of it as JSON lines. */
#ifndef PAAS_CMD_LOGS_VIEW_H
#define PAAS_CMD_LOGS_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/logs/level.h"
#include "core/logs/logs.h"

struct arena;
struct output;
struct pattern;

enum { VIEW_PREFIX_MAX = 400, VIEW_PREFIXES = 64 };

/* Made once for lines that follow one another in turns. */
struct view_prefix {
	unsigned serial; /* of the container; 0: none yet */
	char text[VIEW_PREFIX_MAX];
};

struct logs_view {
	struct output *out;
	/* Which lines. */
	const struct pattern *pod, *container; /* NULL: any */
	const struct pattern *grep, *exclude;  /* NULL: none */
	enum log_level level;                  /* and worse; LOG_LEVEL_NONE: all */
	int64_t since_ns;                      /* -1: any; the server counts in whole seconds only */
	/* How. */
	bool has_prefix, has_time, is_pretty;
	/* So far. */
	unsigned last;                         /* serial of the container of the last line; 0: none */
	bool is_last_shown;                    /* its line before was shown: a stack trace follows it */
	const char *prefix;                    /* of the last line */
	struct view_prefix prefixes[VIEW_PREFIXES]; /* by serial, in turns */
	uint64_t n_lines;
	size_t n_waiting, n_gaps;
	struct error trouble;                  /* the first that ended a container's stream */
};

/* For struct logs_request. */
bool logs_view_wants(void *view, const char *pod, const char *container);
void logs_view_tell(void *view, const struct logs_event *event);
void logs_view_flush(void *view);

/* "-- pod/app: restarted --": told apart from the lines of pods by its dashes, in accessible mode by a word. */
void logs_view_note(struct output *out, const char *format, ...) printf_like(2, 3);

/* The last line of --json; `failure` may be NULL. */
bool logs_view_finish(struct logs_view *view, const struct logs_result *result, const struct error *failure,
                      struct error *err) must_use;

#endif
