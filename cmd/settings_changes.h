/* What differs between the settings of two releases, a line each, for whoever is about to deploy or to approve one. */
#ifndef PAAS_CMD_SETTINGS_CHANGES_H
#define PAAS_CMD_SETTINGS_CHANGES_H

#include <jansson.h>

#include "base/arena.h"

struct output;

/* As notes, secrets taken out; nothing when either is not known or they are equal. */
void settings_changes_say(struct output *out, const json_t *before, const json_t *after, struct arena *arena);

#endif
