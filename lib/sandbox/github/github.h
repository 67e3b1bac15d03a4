/* The emulated GitHub: the REST API (version 2022-11-28) of an Enterprise Server, for clients that
 * look at repositories, pull requests, checks and Actions, and that write statuses and deployments.
 *
 * Written from GitHub's documentation, not from our client.  What engineers pushed and built is
 * sandbox/forge; here is what GitHub adds: statuses, deployments, the limit of requests.
 */
#ifndef PAAS_SANDBOX_GITHUB_GITHUB_H
#define PAAS_SANDBOX_GITHUB_GITHUB_H

#include <jansson.h>
#include <stdbool.h>

struct github;
struct forge;
struct web_request;

struct github_options {
	struct forge *forge; /* borrowed */
	const char *token;     /* of ada; borrowed */
};
struct github *github_new(const struct github_options *options);
void github_free(struct github *github);
/* "https://localhost:PORT", with which its addresses begin. Copied. */
void github_set_origin(struct github *github, const char *origin);

/* Answers a request at once. */
void github_handle(struct github *github, struct web_request *request);

/* The limit of requests is used up, until it is not. */
void github_exhaust(struct github *github, bool is_exhausted);

/* New reference, and back; false when it is no snapshot.  NULL: as new. */
json_t *github_snapshot(const struct github *github);
bool github_restore(struct github *github, const json_t *snapshot);

#endif
