/* A setting as JSON: its value here, what set it, and what it may be. */
#ifndef PAAS_CMD_SETTING_JSON_H
#define PAAS_CMD_SETTING_JSON_H

#include <jansson.h>

#include "data/settings.h"

json_t *setting_to_json(const struct settings *settings, enum setting setting);

#endif
