/* The table of `paas status`: where one application, or each of a repository, stands everywhere. */
#ifndef PAAS_CMD_STATUS_TABLE_H
#define PAAS_CMD_STATUS_TABLE_H

#include "core/deploy/status.h"

struct session;

/* With `exit_code`, and when nobody answered, sets the session's exit status. */
bool status_of_one(struct session *session, const struct status_request *request, bool exit_code,
                   struct error *err) must_use;

/* All of `apps:`, asked at once; `environment` NULL: in all of them.  JSON: applications[], each as
 * that of one. */
bool status_of_apps(struct session *session, const char *environment, bool exit_code, struct error *err) must_use;

#endif
