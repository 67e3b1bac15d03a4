/* Names that live in clusters, for completion: from the cache, which is refreshed behind the answer.
 *
 * A list that is cached is answered at once, however old it is; when its last refresh began more
 * than 5 s ago, a process of its own refreshes it and outlives us.  A list that is not cached is
 * waited for until candidates->answer_by_ms.  No library is loaded and no socket made here: all
 * that is done by that process, so nothing a server or a resolver does can hold up the answer.
 */
#ifndef PAAS_CMD_COMPLETE_LIVE_H
#define PAAS_CMD_COMPLETE_LIVE_H

#include "cmd/choices.h"
#include "core/names/target.h"

struct token_keys;

/* Adds what is known. `keys`: of the token store, unattended. With `application`, only its pods, releases and deployments. */
void complete_live(const struct platform *platform, const struct token_keys *keys, const struct names_question *question,
                   const char *application, struct choices *choices);

#endif
