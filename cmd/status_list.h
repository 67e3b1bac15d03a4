/* `paas status --namespace` and `--team`: every application of a namespace in one table. */
#ifndef PAAS_CMD_STATUS_LIST_H
#define PAAS_CMD_STATUS_LIST_H

#include <stdbool.h>

#include "core/deploy/overview.h"

struct session;

enum { STATUS_LIST_ROWS = 20 /* of a namespace: with more of them, only the well ones are left out */ };

/* With `all`, well applications are shown however many there are. */
bool status_list(struct session *session, const struct overview_request *request, bool all, bool exit_code,
                 struct error *err);

/* --watch, until Ctrl-C or until nobody reads any more: on a terminal a region that is redrawn,
 * elsewhere a line an application that changed (well ones with `all` only), with --json an object. */
bool status_list_follow(struct session *session, const struct overview_request *request, bool all,
                        struct error *err);

bool status_is_well(enum status_state state);
/* Why it is not. */
const char *status_list_why(const struct overview_app *app);

/* Before the first list is read: less memory, for a little time. */
void status_list_keep_small(void);

#endif
