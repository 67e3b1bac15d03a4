#include "auth/token_verify.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "auth/base64url.h"
#include "auth/strict_json.h"
#include "auth/token_keyset.h"
#include "data/json.h"

enum {
	TOKEN_MAX = 64 * 1024, HEADER_MAX = 8 * 1024, SIGNATURE_MAX = 1024,
	SUBJECT_MAX = 255, AUDIENCES_MAX = 100, GROUPS_MAX = 2000,
	DEFAULT_SKEW_MS = 60 * 1000, MOST_SKEW_MS = 300 * 1000,
};
static const double latest_s = 253402300800; /* the year 10000 */

#define NOT_VALID "the ID token is not valid: "
#define refuse(err, ...) error_set(err, ERROR_BAD_ANSWER, NOT_VALID __VA_ARGS__)

/* ---- its three parts ---- */

struct part {
	const char *text;
	size_t length;
};

/* Header, claims, signature: none empty, no fourth. */
static bool
split(const struct secret *token, struct part ret[static 3], struct error *err)
{
	const char *at = secret_reveal(token), *end = at + secret_length(token);
	if (secret_length(token) > TOKEN_MAX)
		return refuse(err, "it is longer than %d bytes", TOKEN_MAX);
	for (int i = 0; i < 3; i++) {
		const char *dot = memchr(at, '.', (size_t)(end - at)), *stop = dot != NULL ? dot : end;
		if (stop == at || (dot == NULL) != (i == 2))
			return refuse(err, "it does not have three parts");
		ret[i] = (struct part){at, (size_t)(stop - at)};
		at = stop + 1;
	}
	return true;
}

static bool
parse_part(const struct part *part, const char *what, size_t max, struct arena *arena, json_t **ret, struct error *err)
{
	size_t room = part->length, length;
	unsigned char *bytes = arena_alloc(arena, room);
	if (part->length > max)
		return refuse(err, "%s is longer than %zu bytes", what, max);
	if (!base64url_decode(part->text, part->length, bytes, room, &length))
		return refuse(err, "%s is no base64url", what);
	return strict_json_parse((const char *)bytes, length, what, ret, err) ? true : error_doing(err, "the ID token is not valid");
}

/* ---- its signature ---- */

/* No other name gets further: not "none", not HS256, not RS256 with other letters. */
static const struct algorithm {
	const char *name;
	enum signature_algorithm algorithm;
} algorithms[] = {
	{"RS256", SIGNATURE_RS256}, {"ES256", SIGNATURE_ES256}, {"EdDSA", SIGNATURE_EDDSA}, {"Ed25519", SIGNATURE_EDDSA},
};

static bool
read_algorithm(const json_t *header, enum signature_algorithm *ret, struct error *err)
{
	const char *name = json_text_or(header, "alg", ""), *type = json_text_or(header, "typ", "JWT");
	if (json_object_get(header, "crit") != NULL)
		return refuse(err, "its header makes demands that are not known (crit)");
	if (strcasecmp(type, "JWT") != 0)
		return refuse(err, "it is of the type \"%.40s\"", type);
	for (size_t i = 0; i < array_length(algorithms); i++) {
		if (strcmp(algorithms[i].name, name) == 0) {
			*ret = algorithms[i].algorithm;
			return true;
		}
	}
	return refuse(err, "its algorithm is \"%.40s\"; only RS256, ES256 and EdDSA are taken", name);
}

struct signed_text {
	struct part text; /* header and claims with the dot between them */
	unsigned char signature[SIGNATURE_MAX];
	size_t signature_length;
};

static bool
verify_named(const struct signed_text *text, const char *id, enum signature_algorithm algorithm,
             const struct token_keyset *keyset, bool *ret_unknown_key, struct error *err)
{
	bool is_known = false, is_fit = false, ok = false;
	for (size_t i = 0; i < keyset->n_keys && !ok; i++) {
		const struct token_key *key = &keyset->keys[i];
		if (key->id == NULL || strcmp(key->id, id) != 0)
			continue;
		is_known = true;
		is_fit |= key->algorithm == algorithm;
		ok = key->algorithm == algorithm &&
		     signature_verify(key->key, text->text.text, text->text.length, text->signature, text->signature_length);
	}
	*ret_unknown_key = !is_known;
	if (!is_known)
		return refuse(err, "the sign-on server has no key \"%.80s\"", id);
	if (!is_fit)
		return refuse(err, "its algorithm is not that of the key \"%.80s\"", id);
	return ok ? true : refuse(err, "its signature is wrong");
}

/* Without a name, only where there is no choice. */
static bool
verify_unnamed(const struct signed_text *text, enum signature_algorithm algorithm, const struct token_keyset *keyset,
               struct error *err)
{
	const struct token_key *only = NULL;
	size_t n = 0;
	for (size_t i = 0; i < keyset->n_keys; i++) {
		if (keyset->keys[i].algorithm == algorithm) {
			only = &keyset->keys[i];
			n++;
		}
	}
	if (n != 1)
		return refuse(err, "it does not name its key, and %zu keys are fit", n);
	return signature_verify(only->key, text->text.text, text->text.length, text->signature, text->signature_length) ? true :
	       refuse(err, "its signature is wrong");
}

static bool
verify_signature(const struct part parts[static 3], const struct token_keyset *keyset, struct arena *arena,
                 bool *ret_unknown_key, struct error *err)
{
	scoped(json_release) json_t *header = NULL;
	enum signature_algorithm algorithm;
	struct signed_text text = {.text = {parts[0].text, parts[0].length + 1 + parts[1].length}};
	if (!parse_part(&parts[0], "its header", HEADER_MAX, arena, &header, err) || !read_algorithm(header, &algorithm, err))
		return false;
	if (!base64url_decode(parts[2].text, parts[2].length, text.signature, sizeof text.signature, &text.signature_length))
		return refuse(err, "its signature is no base64url, or longer than %d bytes", SIGNATURE_MAX);
	const json_t *id = json_object_get(header, "kid");
	if (id == NULL)
		return verify_unnamed(&text, algorithm, keyset, err);
	if (!json_is_string(id))
		return refuse(err, "the name of its key is no text");
	return verify_named(&text, json_string_value(id), algorithm, keyset, ret_unknown_key, err);
}

/* ---- whose it is and for whom ---- */

static bool
is_for(const json_t *claims, const char *client, bool *ret_several)
{
	const json_t *audience = json_object_get(claims, "aud"), *one;
	size_t i;
	bool found = false;
	*ret_several = json_array_size(audience) > 1;
	if (json_is_string(audience))
		return strcmp(json_string_value(audience), client) == 0;
	if (json_array_size(audience) > AUDIENCES_MAX)
		return false;
	json_array_foreach(audience, i, one) {
		if (!json_is_string(one))
			return false;
		found |= strcmp(json_string_value(one), client) == 0;
	}
	return found;
}

static bool
is_nonce(const char *given, const char *expected)
{
	return strlen(given) == strlen(expected) && sodium_memcmp(given, expected, strlen(expected)) == 0;
}

/* OpenID Connect Core 3.1.3.7. */
static bool
check_parties(const json_t *claims, const struct token_expectation *expected, struct error *err)
{
	const char *issuer = json_text_or(claims, "iss", ""), *subject = json_text_or(claims, "sub", "");
	const json_t *party = json_object_get(claims, "azp");
	bool are_several;
	if (strcmp(issuer, expected->issuer) != 0)
		return refuse(err, "it is of the issuer \"%.120s\", not of \"%.120s\"", issuer, expected->issuer);
	if (!is_for(claims, expected->audience, &are_several))
		return refuse(err, "it is not for the client \"%.120s\" (aud)", expected->audience);
	if ((party != NULL || are_several) && strcmp(json_text_or(claims, "azp", ""), expected->audience) != 0)
		return refuse(err, "it was given to another client than \"%.120s\" (azp)", expected->audience);
	if (subject[0] == '\0' || strlen(subject) > SUBJECT_MAX)
		return refuse(err, "it does not say of whom it speaks (sub)");
	if (expected->subject != NULL && strcmp(subject, expected->subject) != 0)
		return refuse(err, "it speaks of somebody else than before (sub)");
	if (expected->nonce != NULL && !is_nonce(json_text_or(claims, "nonce", ""), expected->nonce))
		return refuse(err, "it is the answer to another login (nonce)");
	return true;
}

/* ---- when it holds ---- */

/* Seconds, with a fraction perhaps (RFC 7519 2, NumericDate).  False: absent, or no such number. */
static bool
read_time(const json_t *claims, const char *name, int64_t *ret_ms)
{
	const json_t *value = json_object_get(claims, name);
	double seconds = json_number_value(value);
	if (!json_is_number(value) || seconds < 0 || seconds > latest_s)
		return false;
	*ret_ms = (int64_t)(seconds * 1000);
	return true;
}

/* Last of all: when only this is wrong, the clock may be. */
static bool
check_times(const json_t *claims, const struct token_expectation *expected, struct token_claims *ret, struct error *err)
{
	int64_t skew_ms = expected->skew_ms > 0 ? expected->skew_ms : DEFAULT_SKEW_MS, now_ms = expected->now_ms, begins_ms = 0;
	bool has_begin = json_object_get(claims, "nbf") != NULL;
	if (skew_ms > MOST_SKEW_MS)
		skew_ms = MOST_SKEW_MS;
	if (!read_time(claims, "exp", &ret->expires_at_ms) || !read_time(claims, "iat", &ret->issued_at_ms) ||
	    (has_begin && !read_time(claims, "nbf", &begins_ms)))
		return refuse(err, "it does not say since when and until when it holds");
	int64_t age_ms = now_ms - ret->issued_at_ms, early_ms = begins_ms - now_ms;
	if (age_ms <= -skew_ms || early_ms >= skew_ms) {
		int64_t off_ms = early_ms > -age_ms ? early_ms : -age_ms;
		error_put(err, ERROR_BAD_ANSWER, NOT_VALID "it begins to hold later: your clock is %lld s off (it is slow)", (long long)(off_ms / 1000));
		return error_next(err, "set the clock: timedatectl set-ntp true");
	}
	if (ret->expires_at_ms > now_ms - skew_ms)
		return true;
	error_put(err, ERROR_BAD_ANSWER, NOT_VALID "it expired %lld s ago; if it is new, your clock is %lld s off (it is fast)",
	          (long long)((now_ms - ret->expires_at_ms) / 1000), (long long)(age_ms / 1000));
	return error_next(err, "set the clock: timedatectl set-ntp true");
}

/* ---- who it is ---- */

static const char *
name_of(const json_t *claims)
{
	const char *name = json_text_or(claims, "preferred_username", "");
	if (name[0] == '\0' && json_bool_at(claims, "email_verified", false))
		name = json_text_or(claims, "email", "");
	return name[0] != '\0' ? name : json_text_at(claims, "sub");
}

/* A list of texts, or one text.  A claim whose name holds dots ("https://acme.example/groups") comes first. */
static void
read_groups(const json_t *claims, const char *claim, struct arena *arena, struct token_claims *ret)
{
	const json_t *literal = json_object_get(claims, claim), *value = literal != NULL ? literal : json_at(claims, claim), *one;
	size_t n = json_is_string(value) ? 1 : json_array_size(value), i;
	const char **groups = arena_array(arena, const char *, (n < GROUPS_MAX ? n : GROUPS_MAX) + 1);
	if (json_is_string(value))
		groups[ret->n_groups++] = arena_strdup(arena, json_string_value(value));
	json_array_foreach(value, i, one) {
		if (json_is_string(one) && ret->n_groups < GROUPS_MAX)
			groups[ret->n_groups++] = arena_strdup(arena, json_string_value(one));
	}
	ret->groups = groups;
	ret->groups_left_out = n > GROUPS_MAX || json_bool_at(claims, "hasgroups", false) ||
	                       json_object_get(json_object_get(claims, "_claim_names"), claim) != NULL;
}

bool
token_verify(const struct secret *token, const struct token_keyset *keyset, const struct token_expectation *expected,
             const char *groups_claim, struct arena *arena, struct token_claims *ret, bool *ret_unknown_key,
             struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_release) json_t *claims = NULL;
	struct token_claims read = {0};
	struct part parts[3];
	*ret_unknown_key = false;
	if (!split(token, parts, err) || !verify_signature(parts, keyset, &scratch, ret_unknown_key, err) ||
	    !parse_part(&parts[1], "its payload", TOKEN_MAX, &scratch, &claims, err) || !check_parties(claims, expected, err) ||
	    !check_times(claims, expected, &read, err))
		return false;
	read.subject = arena_strdup(arena, json_text_at(claims, "sub"));
	read.name = arena_strdup(arena, name_of(claims));
	read_groups(claims, groups_claim != NULL ? groups_claim : "groups", arena, &read);
	*ret = read;
	return true;
}

bool
token_peek_expiry(const struct secret *token, int64_t *ret_expires_at_ms)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_release) json_t *claims = NULL;
	struct part parts[3];
	struct error ignored;
	return split(token, parts, &ignored) && parse_part(&parts[1], "its payload", TOKEN_MAX, &scratch, &claims, &ignored) &&
	       read_time(claims, "exp", ret_expires_at_ms);
}

const char *
token_peek_subject(const struct secret *token, struct arena *arena)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_release) json_t *claims = NULL;
	struct part parts[3];
	struct error ignored;
	if (!split(token, parts, &ignored) || !parse_part(&parts[1], "its payload", TOKEN_MAX, &scratch, &claims, &ignored))
		return NULL;
	return arena_strdup(arena, json_text_at(claims, "sub"));
}
