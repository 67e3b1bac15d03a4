/* fiaas.yml as JSON Schema (draft 7), for editors that check and complete while one types. */
#ifndef PAAS_CORE_FIAAS_SCHEMA_H
#define PAAS_CORE_FIAAS_SCHEMA_H

#include <jansson.h>

#include "base/arena.h"

/* Versions 2 and 3, from the table of keys (new reference).  Stricter than the operator, which
 * ignores unknown keys and checks no scalar; null stands for absent, as there. */
json_t *fiaas_schema_new(struct arena *arena);

#endif
