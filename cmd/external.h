/* Words that are no command of ours: `paas-WORD` on PATH, or a word of a peer tool. */
#ifndef PAAS_CMD_EXTERNAL_H
#define PAAS_CMD_EXTERNAL_H

#include "base/buf.h"
#include "cmd/parse.h"

/* Becomes `paas-WORD REST…` when there is one on PATH, with PAAS_BIN naming this binary.  Returns
 * only when there is none: ERROR_USAGE with what was likely meant. */
void external_run(const struct parsed *parsed, struct arena *arena, struct error *err);

/* There is a `paas-WORD` on PATH. */
bool external_exists(const char *word);

/* Lists the external commands on PATH, one a line; nothing when there are none. */
void external_write_list(struct buf *buf);

#endif
