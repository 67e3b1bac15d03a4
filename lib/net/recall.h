/* What servers answered before, so that they may say that it still holds (304).  For lib/net only.
 *
 * In memory and bounded: RECALL_ENTRIES answers of RECALL_BYTES in all; the one that was of no use for longest goes first.
 * An answer belongs to the address, to the headers and to whoever asked: another token never gets it.  It is kept when it
 * has a tag (ETag) and does not say no-store.
 */
#ifndef PAAS_NET_RECALL_H
#define PAAS_NET_RECALL_H

#include <stdbool.h>

#include "net/http.h"

enum { RECALL_KEY_BYTES = 32, RECALL_ENTRIES = 64, RECALL_BYTES = 4 * 1024 * 1024, RECALL_BODY_MAX = 1024 * 1024 };

struct recall;

struct recall *recall_new(void);
void recall_free(struct recall *recall); /* NULL is fine */
/* Of a request, as it stands before its condition. */
void recall_key(const struct http_request *request, unsigned char ret[static RECALL_KEY_BYTES]);
/* In the arena; NULL: nothing is kept of it. */
const char *recall_tag(struct recall *recall, const unsigned char key[static RECALL_KEY_BYTES], struct arena *arena);
/* Fills status, headers and body with copies in the arena, the address stays.  False: it is not kept any more. */
bool recall_answer(struct recall *recall, const unsigned char key[static RECALL_KEY_BYTES], struct arena *arena,
                   struct http_response *ret);
void recall_keep(struct recall *recall, const unsigned char key[static RECALL_KEY_BYTES], const struct http_response *answer);

#endif
