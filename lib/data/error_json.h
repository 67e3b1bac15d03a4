/* An error as JSON: the same members wherever an answer holds one. */
#ifndef PAAS_DATA_ERROR_JSON_H
#define PAAS_DATA_ERROR_JSON_H

#include <jansson.h>

#include "base/error.h"

/* {"code", "what", "why", "next", "source", "retryable"}; absent texts are null.  JSON null without an
 * error (NULL or ERROR_NONE).  New reference. */
json_t *error_to_json(const struct error *error);

#endif
