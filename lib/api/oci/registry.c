#include "api/oci/registry.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "api/oci/request.h"
#include "data/json.h"

enum { PLATFORMS_MAX = 256, LABELS_MAX = 256 };

struct oci *
oci_open(struct http *http, const struct http_endpoint *endpoint, const char *token_origin)
{
	struct oci *oci = calloc(1, sizeof *oci);
	if (oci == NULL)
		abort();
	*oci = (struct oci){.http = http, .endpoint = endpoint, .token_origin = token_origin,
	                    .tokens = oci_tokens_new(http)};
	return oci;
}

void
oci_close(struct oci *oci)
{
	if (oci == NULL)
		return;
	oci_tokens_free(oci->tokens);
	free(oci);
}

const char *
oci_image_label(const struct oci_image *image, const char *name)
{
	for (size_t i = 0; i < image->n_labels; i++) {
		if (strcmp(image->labels[i].name, name) == 0)
			return image->labels[i].value;
	}
	return NULL;
}

/* ---- platforms ---- */

static const char *
copy_text(const json_t *value, const char *path, struct arena *arena)
{
	return arena_strdup(arena, json_text_at(value, path));
}

/* Build attestations stand in an index as "unknown/unknown". */
static bool
read_platform(const json_t *entry, struct arena *arena, struct oci_platform *ret)
{
	*ret = (struct oci_platform){
		.os = copy_text(entry, "platform.os", arena),
		.architecture = copy_text(entry, "platform.architecture", arena),
		.variant = copy_text(entry, "platform.variant", arena),
		.digest = copy_text(entry, "digest", arena),
	};
	return ret->os != NULL && ret->architecture != NULL && ret->digest != NULL && oci_is_digest(ret->digest) &&
	       strcmp(ret->os, "unknown") != 0;
}

static void
read_index(const json_t *manifests, struct arena *arena, struct oci_image *image)
{
	struct oci_platform *platforms = arena_array(arena, struct oci_platform, PLATFORMS_MAX);
	size_t at;
	json_t *entry;
	json_array_foreach(manifests, at, entry) {
		if (image->n_platforms < PLATFORMS_MAX && read_platform(entry, arena, &platforms[image->n_platforms]))
			image->n_platforms++;
	}
	image->platforms = platforms;
}

/* "linux/arm64/v8" names a platform with its variant, "linux/arm64" one of any. */
static bool
is_platform(const struct oci_platform *platform, const char *wanted, struct arena *arena)
{
	const char *name = arena_printf(arena, "%s/%s", platform->os, platform->architecture);
	if (strcmp(name, wanted) == 0)
		return true;
	return platform->variant != NULL && strcmp(arena_printf(arena, "%s/%s", name, platform->variant), wanted) == 0;
}

static const struct oci_platform *
find_platform(const struct oci_image *image, const char *wanted, struct arena *arena)
{
	for (size_t i = 0; i < image->n_platforms; i++) {
		if (is_platform(&image->platforms[i], wanted, arena))
			return &image->platforms[i];
	}
	return NULL;
}

static bool
put_no_platform(const struct oci_reference *reference, const struct oci_image *image, const char *wanted,
                struct arena *arena, struct error *err)
{
	const char *all = "";
	for (size_t i = 0; i < image->n_platforms && i < 8; i++)
		all = arena_printf(arena, "%s%s%s/%s", all, i > 0 ? ", " : "", image->platforms[i].os,
		                   image->platforms[i].architecture);
	error_put(err, ERROR_NOT_FOUND, "%s is not built for %s, only for %s", oci_reference_format(reference, arena),
	          wanted, all[0] != '\0' ? all : "nothing");
	return error_next(err, "build it for %s and push it again", wanted);
}

/* ---- labels ---- */

static void
add_labels(const json_t *map, struct arena *arena, struct oci_label *labels, size_t *n)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)map, name, value) {
		if (*n < LABELS_MAX && json_is_string(value))
			labels[(*n)++] = (struct oci_label){arena_strdup(arena, name),
			                                    arena_strdup(arena, json_string_value(value))};
	}
}

static int64_t
download_bytes(const json_t *manifest)
{
	int64_t total = json_int_at(manifest, "config.size", 0);
	json_t *layers = json_list_at(manifest, "layers"), *layer;
	size_t at;
	json_array_foreach(layers, at, layer) {
		int64_t size = json_int_at(layer, "size", 0);
		if (size > 0 && size < INT64_MAX / 2 - total)
			total += size;
	}
	return total;
}

/* The config blob: labels, creation, and the platform of an image that is no index.  It often lies
 * in an object store that not everybody reaches: without it, an image has fewer labels. */
static json_t *
fetch_config(struct oci *oci, const struct oci_reference *reference, const json_t *manifest, struct arena *arena)
{
	const char *digest = json_text_at(manifest, "config.digest"), *actual;
	struct http_response answer;
	struct error ignored;
	json_t *config = NULL;
	if (digest == NULL || !oci_is_digest(digest) ||
	    !oci_fetch(oci, reference, arena_printf(arena, "blobs/%s", digest), digest, arena, &answer, &actual,
	               &ignored) ||
	    !json_parse(answer.body, answer.length, "the image's config", &config, &ignored))
		return NULL;
	return config;
}

static void
read_image(const json_t *manifest, const json_t *config, struct arena *arena, struct oci_image *image)
{
	struct oci_label *labels = arena_array(arena, struct oci_label, LABELS_MAX);
	size_t n = 0;
	add_labels(json_map_at(config, "config.Labels"), arena, labels, &n);
	add_labels(json_map_at(manifest, "annotations"), arena, labels, &n);
	image->labels = labels;
	image->n_labels = n;
	image->size_bytes = download_bytes(manifest);
	image->revision = oci_image_label(image, "org.opencontainers.image.revision");
	image->created = copy_text(config, "created", arena);
	if (image->n_platforms == 0 && json_text_at(config, "os") != NULL) {
		struct oci_platform *only = arena_new(arena, struct oci_platform);
		*only = (struct oci_platform){copy_text(config, "os", arena), copy_text(config, "architecture", arena),
		                              copy_text(config, "variant", arena), image->digest};
		image->platforms = only;
		image->n_platforms = only->architecture != NULL;
	}
}

/* ---- the whole ---- */

static bool
fetch_manifest(struct oci *oci, const struct oci_reference *reference, const char *name, const char *digest,
               struct arena *arena, struct oci_image *image, json_t **ret, struct error *err)
{
	struct http_response answer;
	const char *actual;
	if (!oci_fetch(oci, reference, arena_printf(arena, "manifests/%s", name), digest, arena, &answer, &actual, err) ||
	    !json_parse(answer.body, answer.length, "the manifest", ret, err))
		return false;
	const char *type = http_header_value(&answer, "content-type");
	if (image->digest == NULL) {
		image->digest = actual;
		image->media_type = json_text_at(*ret, "mediaType") != NULL ? copy_text(*ret, "mediaType", arena) : type;
	}
	image->manifest_digest = actual;
	return true;
}

/* Follows an index to the manifest of the platform; *manifest changes to it. */
static bool
enter_index(struct oci *oci, const struct oci_reference *reference, const char *platform, struct arena *arena,
            struct oci_image *image, json_t **manifest, struct error *err)
{
	json_t *list = json_list_at(*manifest, "manifests");
	if (list == NULL)
		return true;
	read_index(list, arena, image);
	const struct oci_platform *chosen = find_platform(image, platform != NULL ? platform : "linux/amd64", arena);
	if (chosen == NULL && platform == NULL && image->n_platforms > 0)
		chosen = &image->platforms[0];
	if (chosen == NULL)
		return put_no_platform(reference, image, platform != NULL ? platform : "linux/amd64", arena, err);
	json_t *index = *manifest;
	*manifest = NULL;
	json_decref(index);
	return fetch_manifest(oci, reference, chosen->digest, chosen->digest, arena, image, manifest, err);
}

bool
oci_resolve(struct oci *oci, const struct oci_reference *reference, const char *platform, struct arena *arena,
            struct oci_image *ret, struct error *err)
{
	struct oci_image image = {0};
	scoped(json_release) json_t *manifest = NULL;
	const char *name = reference->digest != NULL ? reference->digest : reference->tag;
	if (!fetch_manifest(oci, reference, name, reference->digest, arena, &image, &manifest, err) ||
	    !enter_index(oci, reference, platform, arena, &image, &manifest, err))
		return false;
	scoped(json_release) json_t *config = fetch_config(oci, reference, manifest, arena);
	read_image(manifest, config, arena, &image);
	if (platform != NULL && image.n_platforms > 0 && find_platform(&image, platform, arena) == NULL)
		return put_no_platform(reference, &image, platform, arena, err);
	*ret = image;
	return true;
}

bool
oci_resolve_digest(struct oci *oci, const struct oci_reference *reference, struct arena *arena, const char **ret,
                   struct error *err)
{
	struct http_response answer;
	const char *name = reference->digest != NULL ? reference->digest : reference->tag;
	const char *path = arena_printf(arena, "manifests/%s", name);
	if (!oci_request(oci, "HEAD", reference, path, arena, &answer, err))
		return false;
	const char *said = http_header_value(&answer, "docker-content-digest");
	if (said == NULL || !oci_is_digest(said))
		return oci_fetch(oci, reference, path, reference->digest, arena, &answer, ret, err);
	if (reference->digest != NULL && strcmp(said, reference->digest) != 0)
		return error_set(err, ERROR_BAD_ANSWER, "%s: the registry says its digest is %s",
		                 oci_reference_format(reference, arena), said);
	*ret = said;
	return true;
}
