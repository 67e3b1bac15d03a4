/* `paas deploy --all`: every application of a repository (`apps:` of .paas.yml).
 *
 * First all are prepared, so that nothing has changed when one of them cannot be deployed; then all
 * are handed over; then each is followed, while the cluster goes on with the others.
 */
#ifndef PAAS_CMD_DEPLOY_ALL_H
#define PAAS_CMD_DEPLOY_ALL_H

#include "cmd/deploy_job.h"

/* Fails with the gravest failure (DESIGN 3: the first of 130, 4, 7, 8, 1), after all were told. */
bool deploy_all(struct session *session, struct deploy_choice *choice, struct error *err) must_use;

#endif
