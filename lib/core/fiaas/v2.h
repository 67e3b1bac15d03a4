/* Version 2 of fiaas.yml, turned into version 3 as FDD does it (deprecated upstream). */
#ifndef PAAS_CORE_FIAAS_V2_H
#define PAAS_CORE_FIAAS_V2_H

#include <jansson.h>
#include <stdbool.h>

#include "core/fiaas/merge.h"

/* The version 3 config (new reference), every v2 default filled in.  Resources the user did not
 * set are fiaas_is_unset(): left out of the Deployment, not defaulted.  The merge fails with FDD's
 * message when there is no health check to choose; the result is then not to be used. */
json_t *fiaas_v2_transform(struct merge *merge, const json_t *config);
bool fiaas_is_unset(const json_t *value);

/* What FDD's /transform answers: without unset resources, version 3 defaults and what is falsy
 * (new reference).  Not equivalent: an unset limit becomes the default of version 3 when the
 * result is deployed, and `metrics.prometheus.enabled: false` and `ingress: []` vanish. */
json_t *fiaas_v2_strip(const json_t *transformed);

#endif
