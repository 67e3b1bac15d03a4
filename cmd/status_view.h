/* How the rows of a status look, and a status that goes on: for cmd/status.c. */
#ifndef PAAS_CMD_STATUS_VIEW_H
#define PAAS_CMD_STATUS_VIEW_H

#include "core/deploy/status.h"
#include "ui/output.h"

struct session;

enum style status_style(enum status_state state);
/* The part of an image that tells releases apart; within `image`. */
const char *status_short_image(const char *image);
/* The answer of --json; new reference. */
json_t *status_rows_to_json(const char *name, const struct status_row *rows, size_t count);

/* Whether --watch is a region that is redrawn. */
bool status_is_drawn(const struct output *out);

/* --watch, until Ctrl-C or until nobody reads any more: a region that is redrawn, in accessible mode
 * each fact that changed, elsewhere the rows again whenever they changed, with --json as a line. */
bool status_follow(struct session *session, const struct status_request *request, struct error *err) must_use;

#endif
