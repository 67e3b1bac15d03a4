#include "auth/token_keyset.h"

#include <stdlib.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/strict_json.h"
#include "data/json.h"

enum { KEYS_MAX = 256 };

/* What a key of each kind looks like (RFC 7518 6, 8037 2). */
static const struct kind {
	const char *type, *curve;   /* kty and crv */
	const char *first, *second; /* its numbers */
	const char *names[2];       /* alg, when it says one */
} kinds[SIGNATURE_ALGORITHMS] = {
	[SIGNATURE_RS256] = {"RSA", NULL, "n", "e", {"RS256", NULL}},
	[SIGNATURE_ES256] = {"EC", "P-256", "x", "y", {"ES256", NULL}},
	[SIGNATURE_EDDSA] = {"OKP", "Ed25519", "x", NULL, {"EdDSA", "Ed25519"}},
};

void
token_keyset_free(struct token_keyset *keyset)
{
	if (keyset == NULL)
		return;
	for (size_t i = 0; i < keyset->n_keys; i++)
		signature_key_free(keyset->keys[i].key);
	arena_release(&keyset->arena);
	free(keyset);
}

void
token_keyset_release(struct token_keyset **keyset)
{
	token_keyset_free(*keyset);
	*keyset = NULL;
}

/* ---- which keys are for us ---- */

static bool
is_text(const json_t *key, const char *member, const char *wanted)
{
	const char *text = json_string_value(json_object_get(key, member));
	return text != NULL && wanted != NULL && strcmp(text, wanted) == 0;
}

static bool
may_verify(const json_t *key)
{
	const json_t *operations = json_object_get(key, "key_ops"), *operation;
	bool may = operations == NULL;
	size_t i;
	json_array_foreach(operations, i, operation) {
		if (json_is_string(operation) && strcmp(json_string_value(operation), "verify") == 0)
			may = true;
	}
	return may && (json_object_get(key, "use") == NULL || is_text(key, "use", "sig"));
}

/* One that shows its private half ("d") is nobody's any more. */
static bool
is_of(const json_t *key, const struct kind *kind)
{
	bool has_algorithm = json_object_get(key, "alg") != NULL;
	const json_t *id = json_object_get(key, "kid");
	return is_text(key, "kty", kind->type) && (kind->curve == NULL || is_text(key, "crv", kind->curve)) &&
	       (!has_algorithm || is_text(key, "alg", kind->names[0]) || is_text(key, "alg", kind->names[1])) &&
	       (id == NULL || json_is_string(id)) && may_verify(key) && json_object_get(key, "d") == NULL;
}

static bool
read_number(const json_t *key, const char *member, unsigned char *ret, size_t size, size_t *ret_length)
{
	const json_t *text = json_object_get(key, member);
	return json_is_string(text) &&
	       base64url_decode(json_string_value(text), json_string_length(text), ret, size, ret_length);
}

/* False with err->code left ERROR_NONE when it is not for us. */
static bool
read_key(const json_t *json, struct arena *arena, struct token_key *ret, struct error *err)
{
	for (enum signature_algorithm i = 0; i < SIGNATURE_ALGORITHMS; i++) {
		const struct kind *kind = &kinds[i];
		struct signature_numbers numbers;
		numbers.second_length = 0;
		if (!is_of(json, kind) ||
		    !read_number(json, kind->first, numbers.first, sizeof numbers.first, &numbers.first_length) ||
		    (kind->second != NULL &&
		     !read_number(json, kind->second, numbers.second, sizeof numbers.second, &numbers.second_length)))
			continue;
		*ret = (struct token_key){.id = arena_strdup(arena, json_text_at(json, "kid")), .algorithm = i};
		return signature_key_make(i, &numbers, &ret->key, err);
	}
	return false;
}

static bool
read_keys(const json_t *list, struct token_keyset *keyset, struct error *err)
{
	const json_t *json;
	size_t i;
	keyset->keys = arena_array(&keyset->arena, struct token_key, json_array_size(list) + 1);
	json_array_foreach(list, i, json) {
		struct error unfit = {0};
		if (read_key(json, &keyset->arena, &keyset->keys[keyset->n_keys], &unfit)) {
			keyset->n_keys++;
		} else if (unfit.code == ERROR_FAILED) { /* no libcrypto */
			*err = unfit;
			return false;
		}
	}
	return keyset->n_keys > 0 ? true :
	       error_set(err, ERROR_BAD_ANSWER, "none of the %zu keys of the sign-on server is for RS256 (2048 bits or more), ES256 or EdDSA",
	                 json_array_size(list));
}

bool
token_keyset_read(const char *json, size_t length, struct token_keyset **ret, struct error *err)
{
	scoped(json_release) json_t *document = NULL;
	if (!strict_json_parse(json, length, "the list of keys of the sign-on server", &document, err))
		return false;
	json_t *list = json_list_at(document, "keys");
	if (list == NULL || json_array_size(list) > KEYS_MAX)
		return error_set(err, ERROR_BAD_ANSWER, "the sign-on server answered no list of keys, or one of more than %d", KEYS_MAX);
	scoped(token_keyset_release) struct token_keyset *keyset = calloc(1, sizeof *keyset);
	if (keyset == NULL)
		abort();
	if (!read_keys(list, keyset, err))
		return false;
	*ret = take(keyset);
	return true;
}
