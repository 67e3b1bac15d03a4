/* A child process, waited for from a fiber: no shell, bounded output, a deadline.
 *
 *	scoped(process_release) struct process_result result = {0};
 *	if (!process_run(loop, &(struct process_request){.argv = argv, .deadline_ms = 30000}, &result, err))
 *		return false;
 *
 * The child gets our environment without tokens, default signal handling and none of our descriptors.
 */
#ifndef PAAS_BASE_PROCESS_H
#define PAAS_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct loop;

struct process_request {
	const char *const *argv;        /* NULL-terminated; argv[0] without a slash is looked for in PATH */
	const char *const *environment; /* NULL-terminated "NAME=value" over ours; NULL: nothing to add */
	bool is_environment_whole; /* `environment` is all there is: nothing of ours goes along */
	const void *input;    /* standard input, `input_length` bytes; NULL: empty.  Not with is_interactive */
	size_t input_length;
	bool keeps_tokens;    /* $PAAS_TOKEN… go along: the child is paas itself */
	bool is_interactive;  /* shares our terminal: stdin and process group */
	bool captures_errors; /* stderr into the result instead of ours; what is past 64 KiB is dropped */
	size_t max_bytes;     /* of standard output; 0 = 1 MiB */
	int64_t deadline_ms;  /* 0 = none */
};

struct process_result {
	int exit_status;   /* 128 + N when signal N ended it */
	struct buf output; /* standard output, whole */
	struct buf errors; /* standard error, when captured */
};

/* Runs it to its end; any exit status is a success here.  *ret is released by the caller also on
 * failure.  Fails: ERROR_NOT_FOUND (no such program), ERROR_TIMED_OUT (deadline), ERROR_BAD_ANSWER
 * (too much output), ERROR_INTERRUPTED (the fiber was cancelled), ERROR_FAILED.  In each case the
 * child is gone when it returns. */
bool process_run(struct loop *loop, const struct process_request *request, struct process_result *ret,
                 struct error *err) must_use;
/* Our environment without $PAAS_TOKEN…, NULL-terminated, for children that are started otherwise; the strings
 * are the environment's. */
char **process_environment_without_tokens(struct arena *arena) __attribute__((returns_nonnull));

/* For scoped(); wipes the output first, as plugins answer with tokens. */
void process_release(struct process_result *result);

#endif
