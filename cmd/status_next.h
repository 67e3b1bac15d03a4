/* The one next command, for `paas` alone: what a person who knows the rows would type. */
#ifndef PAAS_CMD_STATUS_NEXT_H
#define PAAS_CMD_STATUS_NEXT_H

#include "core/deploy/status.h"

struct session;

/* An application, and where it stands. */
struct status_standing {
	const char *name;
	const struct status_row *rows;
	size_t count;
};

/* Below the status: "next: paas deploy", and kept for `paas next`.  Of several applications the most urgent. */
void status_next(struct session *session, const struct status_standing *standings, size_t n_standings);

/* The rule, pure: in `arena`.  `commit`: what is checked out, or NULL. */
const char *status_next_command(const struct status_standing *standings, size_t n_standings, const char *commit,
                                struct arena *arena);

#endif
