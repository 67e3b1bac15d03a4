/* From the tag of a release to the digest it stands for now. */
#include "core/deploy/release.h"

#include "role/artifacts.h"

/* Nodes name an image by the digest of the index or of the manifest of their architecture. */
static void
keep_digests(struct release *release, const struct oci_image *image, struct arena *arena)
{
	release->digest = image->digest;
	release->platform_digests = arena_array(arena, const char *, image->n_platforms + 2);
	release->platform_digests[release->n_platform_digests++] = image->digest;
	if (image->manifest_digest)
		release->platform_digests[release->n_platform_digests++] = image->manifest_digest;
	for (size_t i = 0; i < image->n_platforms; i++)
		release->platform_digests[release->n_platform_digests++] = image->platforms[i].digest;
	/* What the image says of itself is nearer to the truth than the work tree. */
	if (image->revision)
		release->commit = image->revision;
}

bool
release_resolve(struct release *release, struct http *http, const struct platform *platform, struct arena *arena,
                struct error *err)
{
	scoped(artifacts_close) struct artifacts *artifacts = NULL;
	struct oci_image image;
	if (!artifacts_open(http, platform, arena, &artifacts, err) ||
	    !artifacts_resolve(artifacts, release->image, NULL, arena, &image, err)) {
		if (err->code == ERROR_NOT_FOUND)
			error_put_next(err, "build and push it, or deploy another one with --image");
		return false;
	}
	keep_digests(release, &image, arena);
	return true;
}
