/* A fiaas.yml (version 3) out of an inspection.
 *
 * Only what differs from FIAAS's defaults is written, each value with a comment that says from which
 * file and line it came, or what was assumed.  Both probes are written when one is: a readiness
 * that is not given copies liveness.  Text of the repository stands in comments as printable ASCII and
 * in values as quoted YAML, so it cannot become anything else.
 */
#ifndef PAAS_CORE_ONBOARD_PROPOSE_H
#define PAAS_CORE_ONBOARD_PROPOSE_H

#include "base/arena.h"
#include "core/onboard/inspect.h"

/* `folder` ("" or relative to the tree) is where the file will stand: evidence below it is named from
 * there.  `schema`: what the editor's line points at, NULL for no such line. */
char *propose(const struct inspection *found, const char *folder, const char *schema, struct arena *arena)
	returns_text;

/* "# yaml-language-server: $schema=…" with its newline. */
char *propose_schema_line(const char *schema, struct arena *arena) returns_text;

#endif
