/* ID tokens made by an independent library (tests/fixtures/auth/make-tokens).
 * covers: token-store-9.17 token-store-9.20 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "auth/token_verify.h"
#include "base/file.h"
#include "data/json.h"

static struct arena arena;
static json_t *fixture;
static struct token_keyset *keys, *rotated;
static struct token_claims claims;
static struct error err;
static bool is_unknown_key;

static struct token_keyset *
keyset_of(const char *member)
{
	struct token_keyset *ret = NULL;
	const char *text = json_write(json_object_get(fixture, member), &arena);
	if (!token_keyset_read(text, strlen(text), &ret, &err))
		print_error("%s\n", err.why);
	return ret;
}

static int
set_up(void **state)
{
	char *text;
	size_t length;
	(void)state;
	if (!file_read("tests/fixtures/auth/tokens.json", 1024 * 1024, &arena, &text, &length, &err) ||
	    !json_parse(text, length, "tokens.json", &fixture, &err)) {
		print_error("%s\n", err.why);
		return -1;
	}
	keys = keyset_of("keys");
	rotated = keyset_of("rotated");
	return keys != NULL && rotated != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	token_keyset_free(keys);
	token_keyset_free(rotated);
	json_release(&fixture);
	arena_release(&arena);
	return 0;
}

static struct token_expectation
expectation(void)
{
	return (struct token_expectation){.issuer = "https://sso.acme.example", .audience = "paas-cli", .nonce = "n-1",
	                                  .now_ms = json_int_at(fixture, "now", 0) * 1000};
}

static bool
verify_text(const char *text, const struct token_keyset *keyset, const struct token_expectation *expected, const char *claim)
{
	scoped(secret_release) struct secret *token = secret_new(text, strlen(text));
	err = (struct error){0};
	return token_verify(token, keyset, expected, claim, &arena, &claims, &is_unknown_key, &err);
}

static const char *
token_named(const char *name)
{
	const char *text = json_string_value(json_object_get(json_object_get(fixture, "tokens"), name));
	if (text == NULL)
		fail_msg("no token \"%s\" in the fixture", name);
	return text;
}

static bool
verify(const char *name, const struct token_keyset *keyset)
{
	struct token_expectation expected = expectation();
	return verify_text(token_named(name), keyset, &expected, NULL);
}

static void
test_token__good_ones_are_accepted(void **state)
{
	static const char *const names[] = {
		"rs256", "es256", "es256-short-r", "es256-short-s", "eddsa", "ed25519", "no-kid", "audience-list", "audience-several", "times-with-fractions",
		"expired-within-skew", "early-within-skew",
	};
	(void)state;
	for (size_t i = 0; i < array_length(names); i++) {
		if (!verify(names[i], keys))
			fail_msg("%s: %s", names[i], err.why);
		assert_string_equal(claims.subject, "u-1");
		assert_string_equal(claims.name, "u-1");
		assert_int_equal(claims.n_groups, 0);
		assert_false(claims.groups_left_out);
	}
}

static const struct bad {
	const char *name, *why;
	bool is_unknown_key;
} signatures[] = {
	{"none", "its algorithm is \"none\"", false},
	{"none-unsigned", "three parts", false},
	{"none-in-letters", "its algorithm is \"nOnE\"", false},
	{"no-algorithm", "its algorithm is \"\"", false},
	{"hs256-pem", "its algorithm is \"HS256\"", false},
	{"hs256-modulus", "its algorithm is \"HS256\"", false},
	{"hs256-as-rs256", "its signature is wrong", false},
	{"confused-kind", "its algorithm is not that of the key \"es-1\"", false},
	{"confused-key", "its signature is wrong", false},
	{"rs512", "its algorithm is \"RS512\"", false},
	{"rs512-as-rs256", "its signature is wrong", false},
	{"es256-der", "its signature is wrong", false},
	{"es256-zero", "its signature is wrong", false},
	{"no-kid-ambiguous", "it does not name its key, and 2 keys are fit", false},
	{"kid-number", "the name of its key is no text", false},
	{"unknown-kid", "no key \"es-9\"", true},
	{"rotated", "no key \"rs-2\"", true},
	{"weak-key", "no key \"rs-weak\"", true},
	{"encryption-key", "no key \"rs-enc\"", true},
	{"other-operations", "no key \"ed-ops\"", true},
	{"other-algorithm", "no key \"rs-512\"", true},
	{"private-key-shown", "no key \"ed-shown\"", true},
	{"critical", "demands that are not known (crit)", false},
	{"critical-empty", "demands that are not known (crit)", false},
	{"access-token", "it is of the type \"at+jwt\"", false},
	{"doubled-header", "its header has a member twice", false},
	{"doubled-claim", "its payload has a member twice", false},
	{"huge-header", "its header is longer than", false},
	{"other-body", "its signature is wrong", false},
	{"other-signature", "its signature is wrong", false},
	{"padded", "its signature is no base64url", false},
	{"four-parts", "three parts", false},
	{"two-parts", "three parts", false},
	{"empty-body", "three parts", false},
	{"line-break", "its signature is no base64url", false},
	{"list-as-claims", "its payload is no JSON object", false},
	{"text-as-claims", "its payload is no JSON object", false},
}, parties[] = {
	{"wrong-issuer", "it is of the issuer \"https://sso.evil.example\"", false},
	{"issuer-slash", "it is of the issuer \"https://sso.acme.example/\"", false},
	{"no-issuer", "it is of the issuer \"\"", false},
	{"wrong-audience", "(aud)", false},
	{"wrong-audience-list", "(aud)", false},
	{"audience-numbers", "(aud)", false},
	{"no-audience", "(aud)", false},
	{"several-without-party", "(azp)", false},
	{"other-party", "(azp)", false},
	{"no-subject", "(sub)", false},
	{"empty-subject", "(sub)", false},
	{"subject-number", "(sub)", false},
	{"wrong-nonce", "(nonce)", false},
	{"no-nonce", "(nonce)", false},
}, times[] = {
	{"expired", "it expired 61 s ago; if it is new, your clock is 361 s off", false},
	{"future", "your clock is 400 s off", false},
	{"not-yet", "your clock is 61 s off", false},
	{"no-expiry", "since when and until when", false},
	{"expiry-text", "since when and until when", false},
	{"expiry-endless", "since when and until when", false},
	{"no-issue-time", "since when and until when", false},
};

static void
assert_refused(const struct bad *rows, size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (verify(rows[i].name, keys))
			fail_msg("%s is accepted", rows[i].name);
		if (strstr(err.why, rows[i].why) == NULL || err.code != ERROR_BAD_ANSWER)
			fail_msg("%s: %s", rows[i].name, err.why);
		if (is_unknown_key != rows[i].is_unknown_key)
			fail_msg("%s: unknown key: %d", rows[i].name, is_unknown_key);
	}
}

static void
test_token__20_signatures_that_are_none_are_refused(void **state)
{
	(void)state;
	assert_refused(signatures, array_length(signatures));
}

static void
test_token__17_those_of_others_are_refused(void **state)
{
	(void)state;
	assert_refused(parties, array_length(parties));
}

static void
test_token__17_a_renewed_one_is_of_the_same_person(void **state)
{
	struct token_expectation expected = expectation();
	scoped(secret_release) struct secret *token = secret_new(token_named("rs256"), strlen(token_named("rs256")));
	scoped(secret_release) struct secret *none = secret_new("a.b.c", 5);
	(void)state;
	expected.subject = token_peek_subject(token, &arena);
	assert_string_equal(expected.subject, "u-1");
	assert_null(token_peek_subject(none, &arena));
	assert_true(verify_text(token_named("rs256"), keys, &expected, NULL));
	expected.subject = "u-2";
	assert_false(verify_text(token_named("rs256"), keys, &expected, NULL));
	assert_non_null(strstr(err.why, "it speaks of somebody else than before (sub)"));
}

/* Two keys of one name: each serves its own algorithm only. */
static void
test_token__20_a_name_twice_is_no_way_round_the_algorithm(void **state)
{
	scoped(token_keyset_release) struct token_keyset *twins = keyset_of("twins");
	(void)state;
	assert_non_null(twins);
	assert_true(verify("twin", twins));
	assert_false(verify("confused-twin", twins));
	assert_non_null(strstr(err.why, "its signature is wrong"));
}

static void
test_token__a_wrong_clock_is_told(void **state)
{
	(void)state;
	assert_refused(times, array_length(times));
	struct token_expectation expected = expectation();
	expected.skew_ms = 120 * 1000;
	assert_true(verify_text(token_named("expired"), keys, &expected, NULL));
	expected.skew_ms = 3600 * 1000; /* at most 300 s */
	assert_false(verify_text(token_named("future"), keys, &expected, NULL));
}

static void
test_token__20_every_letter_counts(void **state)
{
	static const char *const names[] = {"rs256", "es256", "eddsa", "no-kid"};
	struct token_expectation expected = expectation();
	(void)state;
	for (size_t i = 0; i < array_length(names); i++) {
		char *text = arena_strdup(&arena, token_named(names[i]));
		for (size_t at = 0; text[at] != '\0'; at += 7) {
			char before = text[at];
			text[at] = before == 'A' ? 'B' : 'A';
			if (verify_text(text, keys, &expected, NULL))
				fail_msg("%s with letter %zu changed is accepted", names[i], at);
			text[at] = (char)((unsigned char)before | 0x80);
			assert_false(verify_text(text, keys, &expected, NULL));
			text[at] = before;
		}
		for (size_t length = strlen(text); length-- > 0;) {
			text[length] = '\0';
			assert_false(verify_text(text, keys, &expected, NULL));
		}
	}
}

static void
test_token__20_a_huge_one_is_refused(void **state)
{
	enum { HUGE = 70 * 1000 };
	char *text = arena_alloc(&arena, HUGE + 1);
	struct token_expectation expected = expectation();
	(void)state;
	memset(text, 'A', HUGE);
	text[10] = text[HUGE - 10] = '.';
	assert_false(verify_text(text, keys, &expected, NULL));
	assert_non_null(strstr(err.why, "longer than 65536 bytes"));
}

static void
test_token__keys_are_rotated(void **state)
{
	(void)state;
	assert_false(verify("rotated", keys));
	assert_true(is_unknown_key);
	assert_true(verify("rotated", rotated));
	assert_false(is_unknown_key);
	assert_false(verify("rs256", rotated));
	assert_true(is_unknown_key);
}

static void
test_token__without_a_nonce_none_is_asked_for(void **state)
{
	struct token_expectation expected = expectation();
	(void)state;
	expected.nonce = NULL;
	assert_true(verify_text(token_named("no-nonce"), keys, &expected, NULL));
	assert_true(verify_text(token_named("wrong-nonce"), keys, &expected, NULL));
}

/* ---- who it is ---- */

static void
test_token__the_name_is_not_an_unverified_mail(void **state)
{
	(void)state;
	assert_true(verify("named", keys));
	assert_string_equal(claims.name, "anna");
	assert_true(verify("mail-verified", keys));
	assert_string_equal(claims.name, "anna@acme.example");
	assert_true(verify("mail-unverified", keys));
	assert_string_equal(claims.name, "u-1");
}

static void
assert_groups(const char *name, const char *claim, size_t n, const char *last)
{
	struct token_expectation expected = expectation();
	assert_true(verify_text(token_named(name), keys, &expected, claim));
	assert_int_equal(claims.n_groups, n);
	if (n > 0)
		assert_string_equal(claims.groups[n - 1], last);
}

static void
test_token__groups_come_in_many_shapes(void **state)
{
	(void)state;
	assert_groups("named", NULL, 2, "/org/search");
	assert_groups("named", "teams", 0, NULL);
	assert_groups("mail-verified", NULL, 1, "checkout");
	assert_groups("groups-nested", "realm_access.roles", 2, "b");
	assert_groups("groups-dotted-name", "https://acme.example/groups", 1, "a");
	assert_false(claims.groups_left_out);
	assert_groups("groups-left-out", NULL, 0, NULL);
	assert_true(claims.groups_left_out);
	assert_groups("groups-has", NULL, 0, NULL);
	assert_true(claims.groups_left_out);
}

static void
test_token__expiry_can_be_peeked(void **state)
{
	scoped(secret_release) struct secret *good = secret_new(token_named("es256"), strlen(token_named("es256")));
	scoped(secret_release) struct secret *opaque = secret_new("gho_16C7e42F292c6912E7", 22);
	int64_t expires_at_ms = 0;
	(void)state;
	assert_true(token_peek_expiry(good, &expires_at_ms));
	assert_int_equal(expires_at_ms, (json_int_at(fixture, "now", 0) + 300) * 1000);
	assert_false(token_peek_expiry(opaque, &expires_at_ms));
}

/* ---- keys ---- */

static void
test_keyset__20_nonsense_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[1,null,\"x\",[]]}", "{\"keys\":[],\"keys\":[]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA==\"}]}",
		"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
	};
	struct token_keyset *keyset = NULL;
	(void)state;
	for (size_t i = 0; i < array_length(texts); i++) {
		assert_false(token_keyset_read(texts[i], strlen(texts[i]), &keyset, &err));
		assert_int_equal(err.code, ERROR_BAD_ANSWER);
		assert_null(keyset);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token__good_ones_are_accepted),
		cmocka_unit_test(test_token__20_signatures_that_are_none_are_refused),
		cmocka_unit_test(test_token__17_those_of_others_are_refused),
		cmocka_unit_test(test_token__17_a_renewed_one_is_of_the_same_person),
		cmocka_unit_test(test_token__20_a_name_twice_is_no_way_round_the_algorithm),
		cmocka_unit_test(test_token__a_wrong_clock_is_told),
		cmocka_unit_test(test_token__20_every_letter_counts),
		cmocka_unit_test(test_token__20_a_huge_one_is_refused),
		cmocka_unit_test(test_token__keys_are_rotated),
		cmocka_unit_test(test_token__without_a_nonce_none_is_asked_for),
		cmocka_unit_test(test_token__the_name_is_not_an_unverified_mail),
		cmocka_unit_test(test_token__groups_come_in_many_shapes),
		cmocka_unit_test(test_token__expiry_can_be_peeked),
		cmocka_unit_test(test_keyset__20_nonsense_is_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
