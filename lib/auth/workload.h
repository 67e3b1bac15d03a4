/* The identity that a machine gives its job: GitHub Actions' OIDC token, a pod's projected service account token.
 * Nothing is written to disk.
 *
 * The pod's token is the file $PAAS_WORKLOAD_TOKEN_FILE, else /var/run/secrets/tokens/paas: one projected for
 * the sign-on server.  That for the API server (…/kubernetes.io/serviceaccount/token) is never sent elsewhere.
 */
#ifndef PAAS_AUTH_WORKLOAD_H
#define PAAS_AUTH_WORKLOAD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

struct http;

enum workload_kind { WORKLOAD_NONE, WORKLOAD_GITHUB_ACTIONS, WORKLOAD_SERVICE_ACCOUNT };
/* From the environment and whether that file is there. $PAAS_WORKLOAD_TOKEN_FILE wins. */
enum workload_kind workload_find(void);
/* "GitHub Actions", "service account". */
const char *workload_name(enum workload_kind kind);

/* A token, fresh at each call, for `audience`; whom a pod's is for, its volume says.  Fails: ERROR_NOT_LOGGED_IN (refused:
 * what permission is missing; no file, or an expired token in it),
 * ERROR_UNREACHABLE, ERROR_BAD_ANSWER. */
bool workload_token(struct http *http, enum workload_kind kind, const char *audience, struct arena *arena,
                    struct secret **ret, struct error *err) must_use;

#endif
