/* What the files of this folder share; nobody else includes it. */
#ifndef PAAS_SANDBOX_FORGE_PARTS_H
#define PAAS_SANDBOX_FORGE_PARTS_H

#include <jansson.h>

#include "sandbox/forge/forge.h"

enum { FORGE_COMMITS_MAX = 1000 };

struct forge {
	struct forge_options options;
	json_t *state;
};

/* The state of a new sandbox, new reference. */
json_t *forge_seed(bool is_empty);

#endif
