/* Which probes an application gets. */
#ifndef PAAS_CORE_FIAAS_HEALTHCHECK_H
#define PAAS_CORE_FIAAS_HEALTHCHECK_H

#include "core/fiaas/merge.h"
#include "core/fiaas/spec.h"

/* Fills liveness and readiness of `spec`, whose ports are parsed; failures go to the merge. */
void fiaas_healthchecks_parse(const struct merged *root, struct fiaas_spec *spec);

#endif
