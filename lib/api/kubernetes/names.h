/* The names of what there is, and nothing else: for completion.
 *
 * Asks for Table rows without objects (some 200 bytes a row) in pages of 500, so that a list of
 * any length costs the memory of one page.  An answer that is larger than such a page can be, as
 * from a server that knows neither tables nor pages, is refused unread.
 */
#ifndef PAAS_API_KUBERNETES_NAMES_H
#define PAAS_API_KUBERNETES_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct kubernetes;
struct kubernetes_query;

/* Tells `told` of at most `max` rows, in the server's order.  `images` is the column of that name
 * ("registry/team/shop:1.0,registry/sidecar:2"), NULL where the kind has none.  Texts are as the
 * server sent them and last until `told` returns.  Fails as kubernetes_list, and with
 * ERROR_BAD_ANSWER for an answer that is no table; some may have been told by then. */
bool kubernetes_list_names(struct kubernetes *kubernetes, const struct kubernetes_query *query, size_t max,
                           void (*told)(void *data, const char *name, const char *images), void *data,
                           struct error *err) must_use;

#endif
