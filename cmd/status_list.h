/* `paas status --namespace` and `--team`: every application of a namespace in one table. */
#ifndef PAAS_CMD_STATUS_LIST_H
#define PAAS_CMD_STATUS_LIST_H

#include <stdbool.h>

struct error;
struct overview_request;
struct session;

enum { STATUS_LIST_ROWS = 20 /* of a namespace: with more of them, only the well ones are left out */ };

/* With `all`, well applications are shown however many there are. */
bool status_list(struct session *session, const struct overview_request *request, bool all, bool exit_code,
                 struct error *err);

#endif
