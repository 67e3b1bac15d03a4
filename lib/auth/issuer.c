#include "auth/issuer.h"

#include <stddef.h>
#include <string.h>

#include "auth/strict_json.h"
#include "auth/token_verify.h"
#include "data/json.h"
#include "net/http.h"
#include "net/url.h"

enum { DOCUMENT_MAX = 1024 * 1024, URL_MAX = 2000 };

/* ---- which URLs are taken ---- */

static bool
is_loopback(const char *host)
{
	return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}

static bool
is_plain_loopback(const char *text)
{
	scoped(arena_release) struct arena scratch = {0};
	struct url url;
	struct error ignored;
	return url_parse(text, &scratch, &url, &ignored) && strcmp(url.scheme, "http") == 0 && is_loopback(url.host);
}

bool
issuer_check_url(const char *issuer, const char *url, const char *what, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct url parsed;
	if (strlen(url) > URL_MAX)
		return error_set(err, ERROR_BAD_ANSWER, "%s of the sign-on server %s is longer than %d letters", what, issuer,
		                 URL_MAX);
	if (!url_parse(url, &scratch, &parsed, err))
		return error_doing(err, "%s of the sign-on server %s", what, issuer);
	if (strchr(url, '#') != NULL)
		return error_set(err, ERROR_BAD_ANSWER, "%s of the sign-on server %s has a fragment", what, issuer);
	if (strcmp(parsed.scheme, "https") == 0 || (is_loopback(parsed.host) && is_plain_loopback(issuer)))
		return true;
	return error_set(err, ERROR_BAD_ANSWER, "%s of the sign-on server %s is not https: %s", what, issuer, url);
}

bool
issuer_put_endpoint(const struct issuer *issuer, const char *url, struct arena *arena, struct http_endpoint *ret,
                    struct error *err)
{
	struct url parsed;
	if (!issuer_check_url(issuer->issuer, url, "an endpoint", err) || !url_parse(url, arena, &parsed, err))
		return false;
	*ret = (struct http_endpoint){.system = "sso", .origin = parsed.origin, .ca_pem = issuer->ca_pem};
	return true;
}

/* ---- the document ---- */

/* The endpoints; those without are NULL. */
static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
#define FIELD(name) {#name, offsetof(struct issuer, name)}
	FIELD(authorization_endpoint), FIELD(token_endpoint), FIELD(device_authorization_endpoint), FIELD(jwks_uri),
	FIELD(revocation_endpoint), FIELD(userinfo_endpoint), FIELD(end_session_endpoint),
#undef FIELD
};

static bool
read_endpoints(const json_t *document, struct arena *arena, struct issuer *ret, struct error *err)
{
	for (size_t i = 0; i < array_length(fields); i++) {
		const json_t *value = json_at(document, fields[i].name);
		if (value == NULL)
			continue;
		if (!json_is_string(value))
			return error_set(err, ERROR_BAD_ANSWER, "%s of the sign-on server %s is no text", fields[i].name,
			                 ret->issuer);
		if (!issuer_check_url(ret->issuer, json_string_value(value), fields[i].name, err))
			return false;
		const char **field = (const char **)(void *)((char *)ret + fields[i].offset);
		*field = arena_strdup(arena, json_string_value(value));
	}
	return ret->token_endpoint != NULL ? true :
	       error_set(err, ERROR_BAD_ANSWER, "the sign-on server %s announces no token_endpoint", ret->issuer);
}

/* Whether the list holds it, or there is no such list. */
static bool
announces(const json_t *document, const char *list, const char *wanted)
{
	const json_t *values = json_list_at(document, list), *value;
	size_t i;
	json_array_foreach(values, i, value) {
		if (json_is_string(value) && strcmp(json_string_value(value), wanted) == 0)
			return true;
	}
	return values == NULL;
}

static bool
differ_by_slash(const char *a, const char *b)
{
	size_t length_a = strlen(a), length_b = strlen(b), shorter = length_a < length_b ? length_a : length_b;
	size_t longer = length_a + length_b - shorter;
	return longer == shorter + 1 && strncmp(a, b, shorter) == 0 && (length_a > length_b ? a : b)[shorter] == '/';
}

/* OpenID Connect Discovery 1.0, 4.3: byte for byte, or a server could speak for another. */
static bool
check_issuer(const json_t *document, const char *wanted, struct error *err)
{
	const char *issuer = json_text_or(document, "issuer", "");
	if (strcmp(issuer, wanted) == 0)
		return true;
	error_put(err, ERROR_BAD_ANSWER, "the sign-on server calls itself \"%.200s\"; the platform file calls it \"%.200s\"%s",
	          issuer, wanted, differ_by_slash(issuer, wanted) ? " (the last slash counts)" : "");
	return error_next(err, "if that is the server you mean, write sso.issuer as it spells itself");
}

bool
issuer_read(const char *json, size_t length, const struct issuer_choice *choice, struct arena *arena,
            struct issuer *ret, struct error *err)
{
	scoped(json_release) json_t *document = NULL;
	if (!strict_json_parse(json, length, "what the sign-on server announces", &document, err) ||
	    !check_issuer(document, choice->issuer, err))
		return false;
	struct issuer issuer = {
		.issuer = choice->issuer,
		.client_id = choice->client_id,
		.ca_pem = choice->ca_pem,
		.announces_iss = json_bool_at(document, "authorization_response_iss_parameter_supported", false),
		.supports_offline = announces(document, "scopes_supported", "offline_access"),
		.supports_s256 = announces(document, "code_challenge_methods_supported", "S256"),
	};
	if (!read_endpoints(document, arena, &issuer, err))
		return false;
	*ret = issuer;
	return true;
}

/* ---- asking ---- */

static bool
put_status(const char *what, const struct http_response *answer, struct error *err)
{
	const char *place = http_header_value(answer, "location");
	if (answer->status >= 500 || answer->status == 429)
		return error_set(err, ERROR_UNREACHABLE, "%s: HTTP %d", answer->url, answer->status);
	error_put(err, ERROR_BAD_ANSWER, "%s: HTTP %d%s%s where %s should be", answer->url, answer->status,
	          place != NULL ? " to " : "", place != NULL ? place : "", what);
	return error_next(err, "check sso.issuer in the platform file");
}

/* The document at `url`, no redirect followed: what it says is believed because of where it was. */
static bool
fetch(struct http *http, const struct issuer *issuer, const char *url, const char *what, struct arena *arena,
      struct http_response *ret, struct error *err)
{
	struct http_endpoint endpoint;
	if (!issuer_put_endpoint(issuer, url, arena, &endpoint, err))
		return false;
	struct http_request request = {.url = url, .endpoint = &endpoint, .max_bytes = DOCUMENT_MAX};
	if (!http_send(http, &request, arena, ret, err))
		return error_doing(err, "getting %s", what);
	return ret->status == 200 ? true : put_status(what, ret, err);
}

bool
issuer_discover(struct http *http, const struct issuer_choice *choice, struct arena *arena, struct issuer *ret,
                struct error *err)
{
	static const char what[] = "what the sign-on server announces";
	scoped(arena_release) struct arena scratch = {0};
	struct issuer asked = {.issuer = choice->issuer, .ca_pem = choice->ca_pem};
	struct http_response answer;
	size_t length = strlen(choice->issuer);
	if (!issuer_check_url(choice->issuer, choice->issuer, "the issuer", err))
		return false;
	if (strchr(choice->issuer, '?') != NULL)
		return error_set(err, ERROR_BAD_ANSWER, "the issuer %s has a query", choice->issuer);
	if (choice->issuer[length - 1] == '/')
		length--;
	const char *url = arena_printf(&scratch, "%.*s/.well-known/openid-configuration", (int)length, choice->issuer);
	return fetch(http, &asked, url, what, &scratch, &answer, err) &&
	       issuer_read(answer.body, answer.length, choice, arena, ret, err);
}

bool
issuer_fetch_keys(struct http *http, const struct issuer *issuer, struct arena *arena, struct token_keyset **ret,
                  struct error *err)
{
	struct http_response answer;
	if (issuer->jwks_uri == NULL)
		return error_set(err, ERROR_BAD_ANSWER, "the sign-on server %s announces no keys", issuer->issuer);
	return fetch(http, issuer, issuer->jwks_uri, "the keys of the sign-on server", arena, &answer, err) &&
	       token_keyset_read(answer.body, answer.length, ret, err);
}
