/* An OCI registry (distribution specification 1.0) with bearer tokens, as far as clients that
 * resolve, copy and push images need it: the challenge and its token service, manifests and
 * indexes by tag and digest, blobs, uploads in one or several pieces, tags in pages.
 *
 * Anybody may pull, except from repositories under "private/"; pushing and those take the account
 * that the registry was made with.
 */
#ifndef PAAS_SANDBOX_OCI_REGISTRY_H
#define PAAS_SANDBOX_OCI_REGISTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct registry;
struct web_request;

struct registry_options {
	const char *username, *password; /* copied */
	int64_t token_lifetime_ms;       /* 0 = 300 s */
};
struct registry *registry_new(const struct registry_options *options);
void registry_free(struct registry *registry);
/* "https://localhost:5000": the challenge's realm begins with it. Copied. */
void registry_set_origin(struct registry *registry, const char *origin);

/* Answers any request to the registry or its token service. */
void registry_handle(struct registry *registry, struct web_request *request);

/* An image worth deploying: an index of linux/amd64 and linux/arm64, or of `only_architecture`,
 * whose config names the commit.  Distinct content for each tag.  Returns the digest of the index. */
const char *registry_seed(struct registry *registry, const char *repository, const char *tag,
                          const char *commit, const char *only_architecture);
/* The digest that "repository:tag" or "repository@sha256:…" stands for now, or NULL. */
const char *registry_find_digest(const struct registry *registry, const char *repository,
                                 const char *reference);

json_t *registry_snapshot(const struct registry *registry);
bool registry_restore(struct registry *registry, const json_t *snapshot);

#endif
