/* fiaas.yml as JSON Schema, as `help --schema`, `validate --schema` and `init` give it. */
#ifndef PAAS_CMD_SCHEMA_TEXT_H
#define PAAS_CMD_SCHEMA_TEXT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

struct session;

char *schema_text(struct arena *arena) returns_text;
/* The schema as the result; with --json the same document, so that --jq can ask it. */
bool schema_print(struct session *session, struct error *err) must_use;

#endif
