/* The API of Artifactory beside its registry: as much as a client asks to see whether it is there, and whose a token is.
 *
 * Source: JFrog's REST API, "System & Configuration": GET /api/system/ping and /api/system/version.
 */
#ifndef PAAS_SANDBOX_OCI_ARTIFACTORY_H
#define PAAS_SANDBOX_OCI_ARTIFACTORY_H

struct token_service;
struct web_request;

/* Answers a request below /artifactory/. */
void artifactory_handle(const struct token_service *service, struct web_request *request);

#endif
