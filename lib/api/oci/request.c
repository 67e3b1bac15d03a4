#include "api/oci/request.h"

#include <sodium.h>
#include <string.h>

#include "api/oci/registry.h"
#include "data/json.h"

enum { MANIFEST_MAX = 4 * 1024 * 1024, REDIRECTS_MAX = 5 };

/* All of them: with fewer, registries convert (another digest) or answer 404. */
static const struct http_header accept = {
	"Accept", "application/vnd.oci.image.index.v1+json, "
	          "application/vnd.docker.distribution.manifest.list.v2+json, "
	          "application/vnd.oci.image.manifest.v1+json, "
	          "application/vnd.docker.distribution.manifest.v2+json, */*;q=0.1"};

/* ---- what went wrong ---- */

/* What each status means to whoever asked for an image. */
static const struct row {
	int status;
	enum error_code code;
	const char *next;
} rows[] = {
	{404, ERROR_NOT_FOUND, "check the name and the tag: was the image built and pushed?"},
	{401, ERROR_NOT_LOGGED_IN, "the image is private or its name is wrong: check the registry's credentials"},
	{403, ERROR_FORBIDDEN, "ask the owner of the repository for the right to pull"},
	{429, ERROR_RATE_LIMITED, "wait some minutes, or use credentials: anonymous requests have a lower limit"},
};

static bool
put_status(const struct http_endpoint *endpoint, const struct oci_reference *reference,
           const struct http_response *answer, struct arena *arena, struct error *err)
{
	scoped(json_release) json_t *body = NULL;
	struct error ignored;
	struct row row = {.code = answer->status >= 500 ? ERROR_UNREACHABLE : ERROR_BAD_ANSWER};
	if (!json_parse(answer->body, answer->length, "the answer", &body, &ignored))
		body = NULL;
	const char *code = json_text_or(body, "errors.0.code", ""), *words = json_text_or(body, "errors.0.message", "");
	for (size_t i = 0; i < array_length(rows); i++) {
		if (rows[i].status == answer->status)
			row = rows[i];
	}
	bool has_account = endpoint->username != NULL || endpoint->bearer != NULL;
	if (row.status == 401 && has_account)
		row.code = ERROR_FORBIDDEN;
	error_put(err, row.code, "%s: HTTP %d%s%s%s%s", oci_reference_format(reference, arena), answer->status,
	          code[0] != '\0' ? " " : "", code, words[0] != '\0' ? ": " : "", words);
	if (row.next != NULL)
		error_put_next(err, "%s", row.next);
	err->retryable = answer->status == 429 || answer->status >= 500;
	return error_from(err, endpoint->system, oci_reference_format(reference, arena), answer->url);
}

/* ---- asking ---- */

/* What is known of the reference's registry: the configured one, or nothing. */
static struct http_endpoint
endpoint_of(const struct oci *oci, const struct oci_reference *reference, struct arena *arena)
{
	const char *origin = oci_reference_origin(reference, arena), *ours, *theirs;
	struct error ignored;
	struct http_endpoint stranger = {.system = "registry", .origin = origin};
	if (oci->endpoint == NULL || !http_origin_of(oci->endpoint->origin, arena, &ours, &ignored) ||
	    !http_origin_of(origin, arena, &theirs, &ignored) || strcmp(ours, theirs) != 0)
		return stranger;
	return *oci->endpoint;
}

/* Sends with the token at hand; after a 401 once more, with a new one. */
static bool
send_with_token(struct oci *oci, const struct oci_token_query *query, const struct http_request *asked,
                struct arena *arena, struct http_response *ret, struct error *err)
{
	struct http_request request = *asked;
	struct http_endpoint endpoint = *query->registry;
	const struct secret *rejected = oci_token_find(oci->tokens, query), *token;
	if (rejected != NULL)
		endpoint.bearer = rejected;
	else if (endpoint.bearer == NULL)
		endpoint.username = NULL; /* for the token service; for the registry only if it wants Basic */
	request.endpoint = &endpoint;
	if (!http_send(oci->http, &request, arena, ret, err))
		return false;
	if (ret->status != 401)
		return true;
	if (!oci_token_fetch(oci->tokens, query, ret, rejected, &token, err))
		return false;
	endpoint.bearer = token;
	endpoint.username = query->registry->username;
	if (token == NULL && endpoint.username == NULL)
		return true; /* it wants Basic, and we have none: the 401 is the answer */
	return http_send(oci->http, &request, arena, ret, err);
}

bool
oci_request(struct oci *oci, const char *method, const struct oci_reference *reference, const char *path,
            struct arena *arena, struct http_response *ret, struct error *err)
{
	const struct http_endpoint endpoint = endpoint_of(oci, reference, arena);
	const struct oci_token_query query = {
		.registry = &endpoint, .token_origin = oci->token_origin, .repository = reference->repository,
	};
	const struct http_request request = {
		.method = method,
		.url = arena_printf(arena, "%s/v2/%s/%s", endpoint.origin, reference->repository, path),
		.headers = &accept, .n_headers = 1,
		.max_bytes = MANIFEST_MAX,
		.max_redirects = REDIRECTS_MAX, /* blobs live in object stores */
	};
	if (!send_with_token(oci, &query, &request, arena, ret, err))
		return error_from(err, endpoint.system, oci_reference_format(reference, arena), request.url);
	if (ret->status == 200)
		return true;
	return put_status(&endpoint, reference, ret, arena, err);
}

/* "shop/checkout" out of "/v2/shop/checkout/tags/list"; "" where a path names no repository. */
static const char *
repository_of(const char *path, struct arena *arena)
{
	static const char *const parts[] = {"/manifests/", "/blobs/", "/tags/", "/referrers/"};
	for (size_t i = 0; i < array_length(parts) && strncmp(path, "/v2/", 4) == 0; i++) {
		const char *part = strstr(path + 4, parts[i]);
		if (part != NULL)
			return arena_strndup(arena, path + 4, (size_t)(part - path - 4));
	}
	return "";
}

bool
oci_request_raw(struct oci *oci, const struct oci_raw_request *raw, struct arena *arena,
                struct http_response *ret, struct error *err)
{
	const struct oci_token_query query = {
		.registry = oci->endpoint, .token_origin = oci->token_origin,
		.repository = repository_of(raw->path, arena),
	};
	const struct http_request request = {
		.method = raw->method,
		.url = arena_printf(arena, "%s%s", oci->endpoint->origin, raw->path),
		.headers = raw->n_headers > 0 ? raw->headers : &accept,
		.n_headers = raw->n_headers > 0 ? raw->n_headers : 1,
		.body = raw->body, .body_length = raw->length,
		.max_redirects = REDIRECTS_MAX,
	};
	return send_with_token(oci, &query, &request, arena, ret, err);
}

/* ---- content by digest ---- */

static const char *
digest_of(const struct http_response *answer, struct arena *arena)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char digits[2 * sizeof hash + 1];
	crypto_hash_sha256(hash, (const unsigned char *)answer->body, answer->length);
	sodium_bin2hex(digits, sizeof digits, hash, sizeof hash);
	return arena_printf(arena, "sha256:%s", digits);
}

bool
oci_fetch(struct oci *oci, const struct oci_reference *reference, const char *path, const char *digest,
          struct arena *arena, struct http_response *ret, const char **ret_digest, struct error *err)
{
	if (!oci_request(oci, "GET", reference, path, arena, ret, err))
		return false;
	const char *actual = digest_of(ret, arena);
	const char *said = http_header_value(ret, "docker-content-digest");
	const char *expected = digest != NULL ? digest : said;
	if (expected != NULL && strcmp(expected, actual) != 0) {
		error_put(err, ERROR_BAD_ANSWER, "%s: the content of %s has the digest %s, not %s",
		          oci_reference_format(reference, arena), path, actual, expected);
		return error_from(err, "registry", oci_reference_format(reference, arena), ret->url);
	}
	*ret_digest = actual;
	return true;
}
