/* How fiaas-deploy-daemon names the ApplicationStatus of a deployment.
 *
 * `<application>-<suffix>`, the suffix being Python 2.7's string hash of the deployment id as eight
 * little-endian bytes in lower-case base32 without padding.  Both the operator and whoever looks
 * for its answer need it.
 */
#ifndef PAAS_CORE_FIAAS_STATUS_NAME_H
#define PAAS_CORE_FIAAS_STATUS_NAME_H

#include <stdint.h>

#include "base/arena.h"

/* hash(text) of 64-bit CPython 2.7 without hash randomisation; `text` is ASCII (a label value). */
int64_t fiaas_python_hash(const char *text);

enum { FIAAS_STATUS_SUFFIX_LENGTH = 13 };
void fiaas_status_suffix(const char *deployment_id, char ret[static FIAAS_STATUS_SUFFIX_LENGTH + 1]);

char *fiaas_status_name(struct arena *arena, const char *application, const char *deployment_id)
	returns_text;

#endif
