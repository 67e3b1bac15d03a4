/* Names for completion that the command table does not know: one provider a kind. */
#ifndef PAAS_CMD_COMPLETE_NAMES_H
#define PAAS_CMD_COMPLETE_NAMES_H

#include "cmd/complete.h"

/* Adds the names of `kind` (option_spec.complete: "environment", "file", …); returns the bits. */
unsigned complete_names(const char *kind, struct candidates *candidates);

#endif
