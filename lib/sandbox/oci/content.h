/* What the emulated registry keeps: blobs and manifests by digest, tags by repository. */
#ifndef PAAS_SANDBOX_OCI_CONTENT_H
#define PAAS_SANDBOX_OCI_CONTENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_BYTES = 72 }; /* "sha256:" and 64 hex digits, with the NUL */

struct content_entry {
	char digest[DIGEST_BYTES];
	char *repository; /* blobs belong to one repository as much as manifests do */
	char *media_type; /* of a manifest; NULL for a blob */
	char *bytes;
	size_t length;
};

struct content_tag {
	char *repository, *name;
	char digest[DIGEST_BYTES];
};

/* All zero is empty. */
struct content {
	struct content_entry **entries; /* each stays where it is: digests are borrowed */
	size_t n_entries;
	struct content_tag *tags; /* sorted by repository and name, as tags/list wants them */
	size_t n_tags;
};

void content_release(struct content *content);
void content_digest(const void *bytes, size_t length, char ret[static DIGEST_BYTES]);

/* Copies; `media_type` NULL makes it a blob. The digest, which lives as long as the content. */
const char *content_put(struct content *content, const char *repository, const char *media_type,
                        const void *bytes, size_t length);
void content_tag(struct content *content, const char *repository, const char *name,
                 const char *digest);
/* A manifest by tag or digest, or a blob by digest; NULL when absent. */
const struct content_entry *content_find_manifest(const struct content *content,
                                                  const char *repository, const char *reference);
const struct content_entry *content_find_blob(const struct content *content,
                                              const char *repository, const char *digest);
bool content_has_repository(const struct content *content, const char *repository);
/* False when absent; the tags that name it go too. */
bool content_delete_manifest(struct content *content, const char *repository, const char *digest);

/* New reference, and back (replaces all; false when it is not a snapshot). */
json_t *content_snapshot(const struct content *content);
bool content_restore(struct content *content, const json_t *snapshot);

#endif
