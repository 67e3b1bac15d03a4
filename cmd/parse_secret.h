/* Words of a command line that look like a token: every user of the machine can read them there. */
#ifndef PAAS_CMD_PARSE_SECRET_H
#define PAAS_CMD_PARSE_SECRET_H

#include <stdbool.h>

#include "base/error.h"

/* Fails: ERROR_USAGE, without the word. */
bool parse_refuse_secret(const char *word, struct error *err) must_use;

#endif
