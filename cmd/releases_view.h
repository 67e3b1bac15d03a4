/* The releases of an application in an environment, opened for `paas releases`, `rollback` and `promote`. */
#ifndef PAAS_CMD_RELEASES_VIEW_H
#define PAAS_CMD_RELEASES_VIEW_H

#include "core/deploy/history.h"
#include "core/deploy/release.h"

struct cluster;
struct session;

struct releases_view {
	struct release located;  /* name, environment and namespace */
	struct cluster *cluster;
	struct cd *cd;
	struct history history;
};
/* Of `application` (NULL: as the project says) in the environment of the settings.  What a source did not answer is a warning. */
bool releases_open(struct session *session, const char *application, unsigned max, struct releases_view *ret, struct error *err)
	must_use;
void releases_close(struct releases_view *view); /* for scoped(); also when it was never opened */

/* "r41", else the deployment id. */
const char *releases_label(const struct past_release *release, struct arena *arena);

#endif
