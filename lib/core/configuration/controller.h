/* Whether something writes an object anew from a source of its own, so that what a person changes in
 * the cluster is gone with its next round.
 */
#ifndef PAAS_CORE_CONFIGURATION_CONTROLLER_H
#define PAAS_CORE_CONFIGURATION_CONTROLLER_H

#include <jansson.h>

#include "base/arena.h"

/* "ExternalSecret checkout", "Helm release shop"; NULL: nothing does, as far as its metadata tells. */
const char *controller_of(const json_t *metadata, struct arena *arena);

#endif
