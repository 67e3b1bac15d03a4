/* covers: token-store-9.17 */
#include "auth_fixture.h"

#include "auth/token_verify.h"

/* A good document with one part of it replaced. */
static const char *
document_with(const char *part, const char *other)
{
	const char *good = good_document(secure_site), *at = strstr(good, part);
	assert_non_null(at);
	return arena_printf(&arena, "%.*s%s%s", (int)(at - good), good, other, at + strlen(part));
}

static void
assert_refused(const char *text, const char *why)
{
	document = text;
	assert_false(discover(secure_site));
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	assert_non_null(strstr(arena_printf(&arena, "%s: %s", err.what, err.why), why));
}

static void
read_good(void)
{
	assert_true(discover(secure_site));
	assert_string_equal(issuer.token_endpoint, at(secure_site, "/token"));
	assert_string_equal(issuer.jwks_uri, at(secure_site, "/keys"));
	assert_null(issuer.userinfo_endpoint);
	assert_false(issuer.announces_iss);
	assert_true(issuer.supports_offline);
	assert_true(issuer.supports_s256);
	document = document_with("{", "{\"scopes_supported\":[\"openid\"],\"code_challenge_methods_supported\":[\"plain\"],"
	                              "\"authorization_response_iss_parameter_supported\":true,");
	assert_true(discover(secure_site));
	assert_true(issuer.announces_iss);
	assert_false(issuer.supports_offline);
	assert_false(issuer.supports_s256);
}

static void
test_issuer__announces_itself(void **state)
{
	(void)state;
	in_fiber(read_good);
}

static void
read_under_path(void)
{
	const char *realm = at(secure_site, "/realms/x");
	document = good_document(realm);
	assert_true(discover(realm));
	assert_string_equal(issuer.token_endpoint, at(realm, "/token"));
	assert_string_equal(discovery_path, "/realms/x/.well-known/openid-configuration");
}

static void
test_issuer__may_live_under_a_path(void **state)
{
	(void)state;
	in_fiber(read_under_path);
}

/* Lesson 17: the issuer is compared byte for byte. */
static void
refuse_others(void)
{
	const char *slash = at(secure_site, "/");
	assert_refused(good_document("https://sso.evil.example"), "calls itself \"https://sso.evil.example\"");
	assert_refused(good_document(slash), "the last slash counts");
	document = NULL;
	assert_false(discover(slash));
	assert_said("the last slash counts");
	document = good_document(slash);
	assert_true(discover(slash));
	assert_string_equal(discovery_path, "/.well-known/openid-configuration");
	assert_refused(document_with("\"issuer\":", "\"Issuer\":"), "calls itself \"\"");
	assert_refused(document_with("{", "{\"issuer\":\"https://sso.evil.example\","), "a member twice");
}

static void
test_issuer__17_another_one_is_refused(void **state)
{
	(void)state;
	in_fiber(refuse_others);
}

static void
refuse_plain(void)
{
	assert_refused(document_with(at(secure_site, "/token"), at(plain_site, "/token")), "token_endpoint of the sign-on server");
	assert_refused(document_with(at(secure_site, "/keys"), "http://sso.acme.example/keys"), "is not https");
	assert_refused(document_with(at(secure_site, "/keys"), "file:///etc/passwd"), "jwks_uri");
	assert_refused(document_with(at(secure_site, "/keys"), "https://user@sso.acme.example/keys"), "jwks_uri");
	assert_refused(document_with(at(secure_site, "/token"), at(secure_site, "/token#x")), "fragment");
	assert_refused(document_with(at(secure_site, "/token"), at(secure_site, arena_printf(&arena, "/%02000d", 0))), "longer than");
	document = NULL;
	assert_false(discover("http://sso.acme.example"));
	assert_said("the issuer");
	assert_false(discover("ssh://sso.acme.example"));
	assert_false(discover(at(secure_site, "/?tenant=1")));
	assert_said("has a query");
	assert_int_equal(n_seen, 0);
}

static void
test_issuer__plain_http_is_refused(void **state)
{
	(void)state;
	in_fiber(refuse_plain);
}

static void
read_plain_loopback(void)
{
	assert_true(discover(plain_site));
	assert_string_equal(issuer.token_endpoint, at(plain_site, "/token"));
	document = arena_printf(&arena, "{\"issuer\":\"%s\",\"token_endpoint\":\"http://sso.acme.example/token\"}", plain_site);
	assert_false(discover(plain_site));
	assert_said("is not https");
}

static void
test_issuer__plain_http_on_this_machine_is_taken(void **state)
{
	(void)state;
	in_fiber(read_plain_loopback);
}

static void
refuse_nonsense(void)
{
	assert_refused("", "no JSON object");
	assert_refused("[]", "no JSON object");
	assert_refused("{\"issuer\":", "no JSON object");
	assert_refused(document_with("token_endpoint", "t"), "announces no token_endpoint");
	assert_refused(document_with("\"token_endpoint\":", "\"token_endpoint\":1,\"x\":"), "is no text");
	enum { TOO_LARGE = 10 * 1024 * 1024 };
	char *large = arena_alloc(&arena, TOO_LARGE + 1);
	memset(large, ' ', TOO_LARGE);
	assert_refused(large, "larger than 1048576 bytes");
}

static void
test_issuer__nonsense_is_refused(void **state)
{
	(void)state;
	in_fiber(refuse_nonsense);
}

/* ---- keys ---- */

static void
fetch_keys(void)
{
	scoped(token_keyset_release) struct token_keyset *keys = NULL;
	assert_true(discover(secure_site));
	reply_with(WHOLE, 503, "");
	reply_with(WHOLE, 200, "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\","
	                       "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}"); /* RFC 8037 A.2 */
	assert_true(issuer_fetch_keys(http, &issuer, &arena, &keys, &err));
	assert_string_equal(seen[1].path, "/keys");
	token_keyset_release(&keys);
	reply_with(WHOLE, 200, "{\"keys\":[]}");
	assert_false(issuer_fetch_keys(http, &issuer, &arena, &keys, &err));
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	for (int i = 0; i < 4; i++)
		reply_with(WHOLE, 500, "");
	assert_false(issuer_fetch_keys(http, &issuer, &arena, &keys, &err));
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	n_seen = n_replies = 0;
	reply_with(WHOLE, 302, "");
	assert_false(issuer_fetch_keys(http, &issuer, &arena, &keys, &err));
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	reply_with(WHOLE, 404, "{\"keys\":[]}");
	assert_false(issuer_fetch_keys(http, &issuer, &arena, &keys, &err));
	assert_said("HTTP 404");
	reply_with(WHOLE, 200, arena_printf(&arena, "{\"keys\":[\"%0*d\"]}", 2 * 1024 * 1024, 0));
	assert_false(issuer_fetch_keys(http, &issuer, &arena, &keys, &err));
	assert_said("larger than 1048576 bytes");
	issuer.jwks_uri = NULL;
	assert_false(issuer_fetch_keys(http, &issuer, &arena, &keys, &err));
	assert_said("announces no keys");
}

static void
test_issuer__publishes_its_keys(void **state)
{
	(void)state;
	in_fiber(fetch_keys);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_issuer__announces_itself),
		TEST(test_issuer__may_live_under_a_path),
		TEST(test_issuer__17_another_one_is_refused),
		TEST(test_issuer__plain_http_is_refused),
		TEST(test_issuer__plain_http_on_this_machine_is_taken),
		TEST(test_issuer__nonsense_is_refused),
		TEST(test_issuer__publishes_its_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
