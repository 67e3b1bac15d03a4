/* paas-tokens(5). */
#ifndef PAAS_CMD_MAN_TOKENS_H
#define PAAS_CMD_MAN_TOKENS_H

#include "base/buf.h"

/* From DESCRIPTION's text on. */
void man_write_tokens(struct buf *buf);

#endif
