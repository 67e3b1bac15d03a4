/* Quantities of Kubernetes, "1500m", "1Gi", "2e3", 0.5: which of them mean the same. */
#ifndef PAAS_CORE_DIFFERENCE_QUANTITY_H
#define PAAS_CORE_DIFFERENCE_QUANTITY_H

#include <jansson.h>
#include <stdbool.h>

/* Exactly, without rounding.  False too when one of them is no quantity, or past 10^29. */
bool quantity_is_equal(const json_t *a, const json_t *b);

#endif
