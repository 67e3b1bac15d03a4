/* FDD's default config of each spec version (upstream 4ec192a8, Apache-2.0). */
#ifndef PAAS_CORE_FIAAS_DEFAULTS_H
#define PAAS_CORE_FIAAS_DEFAULTS_H

#include <jansson.h>

/* Borrowed, parsed at first use and kept; never change them. */
const json_t *fiaas_defaults_v3(void);
const json_t *fiaas_defaults_v2(void);

#endif
