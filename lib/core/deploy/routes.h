/* What stands before the pods and is no part of the verdict: looked at once, when the release is
 * healthy (signal 49 of rules.h). */
#ifndef PAAS_CORE_DEPLOY_ROUTES_H
#define PAAS_CORE_DEPLOY_ROUTES_H

#include "base/arena.h"

struct kubernetes;

/* A sentence with its next step, in `arena`, when nobody can reach the application by its Service
 * or Ingress; NULL when all is well or may not be read. */
const char *routes_look(struct kubernetes *kubernetes, const char *namespace, const char *name,
                        struct arena *arena);

#endif
