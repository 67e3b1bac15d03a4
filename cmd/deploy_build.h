/* What `paas deploy` makes of an image that is not there yet: the build that will make it. */
#ifndef PAAS_CMD_DEPLOY_BUILD_H
#define PAAS_CMD_DEPLOY_BUILD_H

#include "cmd/deploy_job.h"

/* `failure` is that of the registry.  With --wait-for-build the build of the commit is followed, and true says that the
 * image is there now; else false, with what the CI says of the build added to *failure. */
bool deploy_build_await(struct deploy_job *job, struct error *failure) must_use;

#endif
