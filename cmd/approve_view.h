/* What is approved, before anybody says yes: the release, what runs now, the commits in between, build and checks of its commit, and
 * the settings that differ.
 */
#ifndef PAAS_CMD_APPROVE_VIEW_H
#define PAAS_CMD_APPROVE_VIEW_H

#include <jansson.h>

#include "core/deploy/pending.h"
#include "role/scm.h"

struct session;

struct approve_view {
	struct session *session;
	const char *name; /* of the application */
	const struct pending *pending;
	bool has_checks;
	struct scm_checks checks; /* when it has */
};

/* Asks for the checks of its commit; a system that does not know it, or does not answer, is left out. */
void approve_view_read(struct approve_view *view);
void approve_view_show(const struct approve_view *view);
/* [{name, state}], null when nobody knows them; new reference. */
json_t *approve_view_checks_to_json(const struct approve_view *view);

#endif
