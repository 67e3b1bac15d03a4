/* --jq: filters JSON with libjq, in a child process that can do no harm.
 *
 * A filter may loop for ever, read the environment or ask for files, and libjq aborts on some of
 * them, so it runs with an empty environment, without HOME, with limits on processor time, memory
 * and descriptors.  Values go in through a pipe; the child writes the results to standard output
 * itself, strings as they are (as `jq -r`).  Numbers beyond 2^53 are rounded: libjq's nature.
 */
#ifndef PAAS_UI_FILTER_H
#define PAAS_UI_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct filter;

/* Compiles `expression` in a new child and waits until it is ready, so that a wrong filter is found
 * before anything was done.  Fails: ERROR_USAGE; ERROR_FAILED when libjq is not there. */
bool filter_start(const char *expression, bool for_terminal, struct arena *arena, struct filter **ret,
              struct error *err) must_use;
/* One JSON text without newlines.  What goes wrong with it is said by filter_finish. */
void filter_feed(struct filter *filter, const char *json, size_t length);
/* Waits for the child. Fails: ERROR_FAILED with the filter's own message. */
bool filter_finish(struct filter *filter, struct error *err) must_use;

#endif
