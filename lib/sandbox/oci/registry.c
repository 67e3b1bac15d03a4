#include "sandbox/oci/registry.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sandbox/oci/artifactory.h"
#include "sandbox/oci/content.h"
#include "sandbox/oci/token.h"
#include "web/server.h"

enum { UPLOADS_MAX = 32, UPLOAD_BYTES_MAX = 64 * 1024 * 1024, PAGE_MAX = 1000 };

struct upload {
	char id[33]; /* "" = free */
	char repository[200];
	struct buf bytes;
};

struct registry {
	char *origin;
	struct content content;
	struct token_service tokens;
	struct upload uploads[UPLOADS_MAX];
};

/* What a path below /v2/ speaks of. */
struct target {
	const char *repository, *reference; /* reference: tag, digest or upload id; may be "" */
};

/* ---- answers ---- */

static void
refuse(struct web_request *request, unsigned status, const char *code, const char *message)
{
	web_respond_json(request, status, json_pack("{s:[{s:s, s:s}]}", "errors", "code", code,
	                                            "message", message));
}

/* False, and answered with the challenge, when the caller may not. */
static bool
may(struct registry *registry, struct web_request *request, const char *repository, const char *action)
{
	if (token_service_allows(&registry->tokens, request, repository, action))
		return true;
	const char *actions = strcmp(action, "pull") == 0 ? "pull" : "pull,push";
	const char *scope = repository == NULL ? ""
	                                       : arena_printf(request->arena, ",scope=\"repository:%s:%s\"",
	                                                      repository, actions);
	web_add_header(request, "WWW-Authenticate",
	               arena_printf(request->arena, "Bearer realm=\"%s/token\",service=\"sandbox\"%s",
	                            registry->origin, scope));
	refuse(request, 401, "UNAUTHORIZED", "authentication required");
	return false;
}

/* ---- manifests ---- */

static bool
is_accepted(const struct web_request *request, const char *media_type)
{
	const char *accept = web_header_list(request, "Accept");
	return accept != NULL && (strstr(accept, media_type) != NULL || strstr(accept, "*/*") != NULL);
}

static void
send_entry(struct web_request *request, const struct content_entry *entry)
{
	web_add_header(request, "Docker-Content-Digest", entry->digest);
	web_add_header(request, "Content-Type",
	               entry->media_type != NULL ? entry->media_type : "application/octet-stream");
	web_respond(request, 200, entry->bytes, entry->length);
}

static void
get_manifest(struct registry *registry, struct web_request *request, const struct target *target)
{
	const struct content_entry *entry =
		content_find_manifest(&registry->content, target->repository, target->reference);
	if (!content_has_repository(&registry->content, target->repository))
		refuse(request, 404, "NAME_UNKNOWN", "repository name not known to registry");
	else if (entry == NULL)
		refuse(request, 404, "MANIFEST_UNKNOWN", "manifest unknown");
	else if (!is_accepted(request, entry->media_type))
		refuse(request, 404, "MANIFEST_UNKNOWN",
		       "manifest found, but the Accept header does not support its media type");
	else
		send_entry(request, entry);
}

static void
put_manifest(struct registry *registry, struct web_request *request, const struct target *target)
{
	const char *type = web_header(request, "Content-Type");
	json_t *manifest = json_loadb(request->body, request->body_length, 0, NULL);
	json_decref(manifest);
	if (manifest == NULL || type == NULL) {
		refuse(request, 400, "MANIFEST_INVALID", "the manifest is not JSON, or has no Content-Type");
		return;
	}
	const char *digest =
		content_put(&registry->content, target->repository, type, request->body, request->body_length);
	if (strchr(target->reference, ':') == NULL) {
		content_tag(&registry->content, target->repository, target->reference, digest);
	} else if (strcmp(target->reference, digest) != 0) {
		refuse(request, 400, "DIGEST_INVALID", "the digest does not match the manifest");
		return;
	}
	web_add_header(request, "Docker-Content-Digest", digest);
	web_add_header(request, "Location", arena_printf(request->arena, "/v2/%s/manifests/%s",
	                                                 target->repository, digest));
	web_respond(request, 201, "", 0);
}

static void
delete_manifest(struct registry *registry, struct web_request *request, const struct target *target)
{
	if (content_delete_manifest(&registry->content, target->repository, target->reference))
		web_respond(request, 202, "", 0);
	else
		refuse(request, 404, "MANIFEST_UNKNOWN", "manifest unknown");
}

/* ---- blobs ---- */

static void
get_blob(struct registry *registry, struct web_request *request, const struct target *target)
{
	const struct content_entry *entry =
		content_find_blob(&registry->content, target->repository, target->reference);
	if (entry == NULL)
		refuse(request, 404, "BLOB_UNKNOWN", "blob unknown to registry");
	else
		send_entry(request, entry);
}

static struct upload *
find_upload(struct registry *registry, const char *repository, const char *id)
{
	for (size_t i = 0; i < UPLOADS_MAX; i++) {
		struct upload *upload = &registry->uploads[i];
		if (strcmp(upload->id, id) == 0 && (id[0] == '\0' || strcmp(upload->repository, repository) == 0))
			return upload;
	}
	return NULL;
}

static void
send_upload(struct web_request *request, const struct upload *upload)
{
	web_add_header(request, "Location",
	               arena_printf(request->arena, "/v2/%s/blobs/uploads/%s?state=sandbox", upload->repository,
	                            upload->id));
	web_add_header(request, "Docker-Upload-UUID", upload->id);
	web_add_header(request, "Range",
	               arena_printf(request->arena, "0-%zu", upload->bytes.length > 0 ? upload->bytes.length - 1 : 0));
	web_respond(request, 202, "", 0);
}

/* Keeps the blob of a finished upload when its digest is right. */
static void
finish_upload(struct registry *registry, struct web_request *request, const char *repository,
              const void *bytes, size_t length)
{
	char digest[DIGEST_BYTES];
	const char *claimed = web_query(request, "digest");
	content_digest(bytes, length, digest);
	if (claimed == NULL || strcmp(claimed, digest) != 0) {
		refuse(request, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
		return;
	}
	content_put(&registry->content, repository, NULL, bytes, length);
	web_add_header(request, "Docker-Content-Digest", digest);
	web_add_header(request, "Location", arena_printf(request->arena, "/v2/%s/blobs/%s", repository, digest));
	web_respond(request, 201, "", 0);
}

static void
start_upload(struct registry *registry, struct web_request *request, const struct target *target)
{
	unsigned char random[16];
	if (web_query(request, "digest") != NULL) {
		finish_upload(registry, request, target->repository, request->body, request->body_length);
		return;
	}
	struct upload *upload = find_upload(registry, "", "");
	if (upload == NULL) {
		refuse(request, 429, "TOOMANYREQUESTS", "too many uploads under way");
		return;
	}
	randombytes_buf(random, sizeof random);
	sodium_bin2hex(upload->id, sizeof upload->id, random, sizeof random);
	snprintf(upload->repository, sizeof upload->repository, "%s", target->repository);
	upload->bytes = (struct buf)BUF_INIT(UPLOAD_BYTES_MAX);
	send_upload(request, upload);
}

static void
continue_upload(struct registry *registry, struct web_request *request, const struct target *target)
{
	struct upload *upload = find_upload(registry, target->repository, target->reference);
	if (target->reference[0] == '\0' || upload == NULL)
		refuse(request, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
	else if (!buf_add(&upload->bytes, request->body, request->body_length))
		refuse(request, 413, "SIZE_INVALID", "the blob is too large");
	else if (strcmp(request->method, "PATCH") == 0)
		send_upload(request, upload);
	else {
		finish_upload(registry, request, upload->repository, upload->bytes.bytes, upload->bytes.length);
		buf_release(&upload->bytes);
		upload->id[0] = '\0';
	}
}

/* ---- tags ---- */

static void
list_tags(struct registry *registry, struct web_request *request, const struct target *target)
{
	const char *last = web_query(request, "last"), *limit_text = web_query(request, "n");
	size_t limit = limit_text != NULL ? strtoul(limit_text, NULL, 10) : PAGE_MAX, left_out = 0;
	json_t *names = json_array();
	for (size_t i = 0; i < registry->content.n_tags; i++) {
		const struct content_tag *tag = &registry->content.tags[i];
		if (strcmp(tag->repository, target->repository) != 0 || (last != NULL && strcmp(tag->name, last) <= 0))
			continue;
		if (json_array_size(names) < limit)
			json_array_append_new(names, json_string(tag->name));
		else
			left_out++;
	}
	if (!content_has_repository(&registry->content, target->repository)) {
		json_decref(names);
		refuse(request, 404, "NAME_UNKNOWN", "repository name not known to registry");
		return;
	}
	if (left_out > 0 && limit > 0)
		web_add_header(request, "Link",
		               arena_printf(request->arena, "</v2/%s/tags/list?n=%zu&last=%s>; rel=\"next\"",
		                            target->repository, limit,
		                            json_string_value(json_array_get(names, limit - 1))));
	web_respond_json(request, 200, json_pack("{s:s, s:o}", "name", target->repository, "tags", names));
}

/* ---- routes ---- */

static const struct route {
	const char *method, *marker; /* what stands between repository and reference */
	const char *action;
	void (*handle)(struct registry *, struct web_request *, const struct target *);
} routes[] = {
	{"GET", "/manifests/", "pull", get_manifest},
	{"HEAD", "/manifests/", "pull", get_manifest},
	{"PUT", "/manifests/", "push", put_manifest},
	{"DELETE", "/manifests/", "push", delete_manifest},
	{"POST", "/blobs/uploads/", "push", start_upload},
	{"PATCH", "/blobs/uploads/", "push", continue_upload},
	{"PUT", "/blobs/uploads/", "push", continue_upload},
	{"GET", "/blobs/", "pull", get_blob},
	{"HEAD", "/blobs/", "pull", get_blob},
	{"GET", "/tags/list", "pull", list_tags},
};

static bool
split_path(struct web_request *request, const char *marker, struct target *ret)
{
	const char *path = request->path + strlen("/v2/");
	const char *at = strstr(path, marker);
	if (at == NULL || at == path)
		return false;
	*ret = (struct target){.repository = arena_strndup(request->arena, path, (size_t)(at - path)),
	                       .reference = at + strlen(marker)};
	return true;
}

void
registry_handle(struct registry *registry, struct web_request *request)
{
	web_add_header(request, "Docker-Distribution-API-Version", "registry/2.0");
	if (strncmp(request->path, "/artifactory/", 13) == 0) {
		artifactory_handle(&registry->tokens, request);
		return;
	}
	if (strcmp(request->path, "/token") == 0) {
		token_service_handle(&registry->tokens, request);
		return;
	}
	if (strcmp(request->path, "/v2/") == 0 || strcmp(request->path, "/v2") == 0) {
		if (may(registry, request, NULL, "pull"))
			web_respond_json(request, 200, json_object());
		return;
	}
	bool is_path = strncmp(request->path, "/v2/", 4) == 0, has_marker = false;
	for (size_t i = 0; is_path && i < array_length(routes); i++) {
		struct target target;
		if (!split_path(request, routes[i].marker, &target))
			continue;
		has_marker = true;
		if (strcmp(request->method, routes[i].method) != 0)
			continue;
		if (may(registry, request, target.repository, routes[i].action))
			routes[i].handle(registry, request, &target);
		return;
	}
	if (has_marker)
		refuse(request, 405, "UNSUPPORTED", "the operation is unsupported");
	else
		refuse(request, 404, "NAME_UNKNOWN", "404 page not found");
}

/* ---- life, seeds, state ---- */

struct registry *
registry_new(const struct registry_options *options)
{
	struct registry *registry = calloc(1, sizeof *registry);
	if (registry == NULL)
		abort();
	token_service_init(&registry->tokens, options->username, options->password,
	                   options->token_lifetime_ms);
	registry_set_origin(registry, "https://localhost");
	return registry;
}

void
registry_free(struct registry *registry)
{
	if (registry == NULL)
		return;
	content_release(&registry->content);
	token_service_release(&registry->tokens);
	for (size_t i = 0; i < UPLOADS_MAX; i++)
		if (registry->uploads[i].id[0] != '\0')
			buf_release(&registry->uploads[i].bytes);
	free(registry->origin);
	free(registry);
}

void
registry_set_origin(struct registry *registry, const char *origin)
{
	free(registry->origin);
	registry->origin = strdup(origin);
	if (registry->origin == NULL)
		abort();
}

const char *
registry_find_digest(const struct registry *registry, const char *repository, const char *reference)
{
	const struct content_entry *entry =
		content_find_manifest(&registry->content, repository, reference);
	return entry != NULL ? entry->digest : NULL;
}

json_t *
registry_snapshot(const struct registry *registry)
{
	return content_snapshot(&registry->content);
}

bool
registry_restore(struct registry *registry, const json_t *snapshot)
{
	return content_restore(&registry->content, snapshot);
}

static const char *
put_json(struct registry *registry, const char *repository, const char *media_type, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	const char *digest = content_put(&registry->content, repository, media_type, text, strlen(text));
	free(text);
	json_decref(value);
	return digest;
}

static json_t *
descriptor(const struct registry *registry, const char *repository, const char *media_type,
           const char *digest)
{
	const struct content_entry *entry = content_find_manifest(&registry->content, repository, digest);
	if (entry == NULL)
		entry = content_find_blob(&registry->content, repository, digest);
	return json_pack("{s:s, s:s, s:I}", "mediaType", media_type, "digest", digest, "size",
	                 (json_int_t)(entry != NULL ? entry->length : 0));
}

/* The image of one architecture: a config that names the commit, and one small layer. */
static json_t *
seed_platform(struct registry *registry, const char *repository, const char *tag, const char *commit,
              const char *architecture)
{
	static const char config_type[] = "application/vnd.oci.image.config.v1+json",
	                  layer_type[] = "application/vnd.oci.image.layer.v1.tar",
	                  manifest_type[] = "application/vnd.oci.image.manifest.v1+json";
	char layer[512];
	int length = snprintf(layer, sizeof layer, "layer of %s:%s for %s\n", repository, tag, architecture);
	const char *layer_digest =
		content_put(&registry->content, repository, NULL, layer, (size_t)length);
	json_t *layers = json_pack("[o]", descriptor(registry, repository, layer_type, layer_digest));
	const char *config_digest = put_json(
		registry, repository, NULL,
		json_pack("{s:s, s:s, s:{s:{s:s}}, s:{s:s, s:[s]}}", "os", "linux", "architecture", architecture,
	                  "config", "Labels", "org.opencontainers.image.revision", commit, "rootfs", "type",
	                  "layers", "diff_ids", layer_digest));
	const char *digest = put_json(registry, repository, manifest_type,
	                              json_pack("{s:i, s:s, s:o, s:o}", "schemaVersion", 2, "mediaType",
	                                        manifest_type, "config",
	                                        descriptor(registry, repository, config_type, config_digest),
	                                        "layers", layers));
	json_t *entry = descriptor(registry, repository, manifest_type, digest);
	json_object_set_new(entry, "platform", json_pack("{s:s, s:s}", "os", "linux", "architecture", architecture));
	return entry;
}

const char *
registry_seed(struct registry *registry, const char *repository, const char *tag, const char *commit,
              const char *only_architecture)
{
	static const char *const architectures[] = {"amd64", "arm64"};
	static const char index_type[] = "application/vnd.oci.image.index.v1+json";
	json_t *manifests = json_array();
	for (size_t i = 0; i < array_length(architectures); i++)
		if (only_architecture == NULL || strcmp(only_architecture, architectures[i]) == 0)
			json_array_append_new(manifests,
			                      seed_platform(registry, repository, tag, commit, architectures[i]));
	const char *digest = put_json(
		registry, repository, index_type,
		json_pack("{s:i, s:s, s:o, s:{s:s}}", "schemaVersion", 2, "mediaType", index_type, "manifests",
	                  manifests, "annotations", "org.opencontainers.image.revision", commit));
	content_tag(&registry->content, repository, tag, digest);
	return digest;
}
