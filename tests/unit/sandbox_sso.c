#include "net_fixture.h"

#include <jansson.h>

#include "auth/token_verify.h"
#include "sandbox/sso/keys.h"
#include "sandbox/sso/sso.h"
#include "web/form.h"

#define SCOPES "openid%20profile%20email%20groups%20offline_access"
#define DEVICE "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=paas-cli&device_code="
#define REFRESH "grant_type=refresh_token&client_id=paas-cli&refresh_token="

static const int64_t noon_ms = INT64_C(1795694400000);
static struct sso *sso;
static json_t *answer; /* the last one, where it was JSON */
static struct http_response response;

static void
handle(void *data, struct web_request *request)
{
	(void)data;
	sso_handle(sso, request);
}

static void
begin(bool asks)
{
	sso = sso_new(&(struct sso_options){.asks = asks, .token_lifetime_ms = 300 * 1000});
	sso_set_origin(sso, plain_site);
}

static void
end(void)
{
	json_decref(answer);
	answer = NULL;
	sso_free(sso);
}

/* POST of a form, or GET without one; its status. */
static int
ask(const char *path, const char *form)
{
	static const struct http_header type = {"Content-Type", "application/x-www-form-urlencoded"};
	struct http_endpoint endpoint = {.system = "sso", .origin = plain_site, .proxy = ""};
	struct http_request request = {
		.method = form != NULL ? "POST" : "GET", .endpoint = &endpoint, .body = form,
		.body_length = form != NULL ? strlen(form) : 0, .headers = &type, .n_headers = form != NULL,
		.url = path[0] == '/' ? arena_printf(&arena, "%s%s", sso_issuer(sso), path) : path};
	json_decref(answer);
	answer = NULL;
	assert_true(http_send(http, &request, &arena, &response, &err));
	answer = json_loadb(response.body, response.length, 0, NULL);
	return response.status;
}

static const char *
said(const char *member)
{
	const char *text = json_string_value(json_object_get(answer, member));
	return arena_strdup(&arena, text != NULL ? text : "");
}

#define assert_refused(code, path, form)                   \
	do {                                               \
		assert_int_equal(ask(path, form), 400);    \
		assert_string_equal(said("error"), code);  \
	} while (0)

static const char *
join(const char *first, const char *second)
{
	return arena_printf(&arena, "%s%s", first, second);
}

static const char *
new_device(void)
{
	assert_int_equal(ask("/device_authorization", "client_id=paas-cli&scope=" SCOPES), 200);
	assert_int_equal(json_integer_value(json_object_get(answer, "interval")), 1);
	return said("device_code");
}

/* A whole sign-on; the answer is that of the token endpoint. */
static void
sign_on(void)
{
	const char *form = join(DEVICE, new_device());
	assert_refused("authorization_pending", "/token", form);
	assert_int_equal(ask("/token", form), 200);
}

/* ---- device ---- */

static void
device_waits_for_a_decision(void)
{
	begin(true);
	json_t *decided;
	const char *form = join(DEVICE, new_device());
	assert_refused("authorization_pending", "/token", form);
	assert_refused("slow_down", "/token", form);
	clock_advance(5999); /* the second, and five more from now on */
	assert_refused("authorization_pending", "/token", form);
	clock_advance(1500);
	assert_refused("slow_down", "/token", form);
	assert_true(sso_decide(sso, NULL, "grace", true, &decided, &err));
	json_decref(decided);
	assert_int_equal(ask("/token", form), 200);
	assert_false(sso_decide(sso, NULL, NULL, true, &decided, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	end();
}

static void
device_is_denied_or_expires(void)
{
	begin(true);
	json_t *decided;
	const char *denied = join(DEVICE, new_device()), *denied_code = said("user_code"), *late = join(DEVICE, new_device()),
		   *last = join(DEVICE, new_device());
	assert_false(sso_decide(sso, denied_code, "eve", false, &decided, &err));
	assert_int_equal(err.code, ERROR_USAGE);
	assert_true(sso_decide(sso, denied_code, NULL, false, &decided, &err));
	json_decref(decided);
	assert_true(sso_decide(sso, NULL, NULL, true, &decided, &err));
	json_decref(decided);
	assert_int_equal(ask("/token", last), 200);
	assert_refused("access_denied", "/token", denied);
	clock_advance(600 * 1000);
	assert_refused("expired_token", "/token", late);
	assert_refused("invalid_grant", "/token", DEVICE "unknown");
	assert_refused("invalid_request", "/token", "client_id=paas-cli&" "grant_type=urn:ietf:params:oauth:grant-type:device_code");
	end();
}

static void
device_page_is_read_by_a_person(void)
{
	begin(true);
	const char *form = join(DEVICE, new_device()), *code = said("user_code"), *page = said("verification_uri_complete");
	assert_int_equal(ask(page, NULL), 200);
	assert_non_null(strstr(response.body, code));
	assert_non_null(strstr(response.body, "<button name=\"decision\" value=\"approve\">"));
	assert_int_equal(ask("/device?user_code=%3Cb%3E", NULL), 400);
	assert_null(strstr(response.body, "<b>"));
	assert_int_equal(ask("/device", join("decision=maybe&user_code=", code)), 400);
	/* Typed in lower case and without the dash (RFC 8628 6.1). */
	char typed[16] = "";
	for (size_t i = 0; code[i] != '\0'; i++)
		strncat(typed, (char[]){(char)(code[i] == '-' ? ' ' : code[i] | 0x20), '\0'}, 1);
	typed[4] = '+';
	assert_int_equal(ask("/device", join("decision=approve&person=nobody&user_code=", typed)), 200);
	assert_int_equal(ask("/token", form), 200);
	end();
}

static void
device_code_used_twice_ends_the_session(void)
{
	begin(false);
	const char *form = join(DEVICE, new_device());
	assert_refused("authorization_pending", "/token", form);
	assert_int_equal(ask("/token", form), 200);
	const char *refresh = join(REFRESH, said("refresh_token"));
	assert_refused("invalid_grant", "/token", form);
	assert_refused("invalid_grant", "/token", refresh);
	end();
}

/* ---- authorization code ---- */

static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"; /* RFC 7636, appendix B */
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define AUTHORIZE "/authorize?client_id=paas-cli&redirect_uri=http://127.0.0.1:45678/callback&scope=" SCOPES "&state=s%26t&nonce=n1"
#define PKCE "&code_challenge=" CHALLENGE "&code_challenge_method=S256"
#define CODE_FORM "grant_type=authorization_code&client_id=paas-cli&redirect_uri=http://127.0.0.1:45678/callback&code_verifier="

static const char *
location(void)
{
	const char *value = http_header_value(&response, "location");
	return value != NULL ? value : "";
}

static const char *
new_code(void)
{
	struct web_form form;
	assert_int_equal(ask(AUTHORIZE "&response_type=code" PKCE, NULL), 303);
	assert_int_equal(ask(location(), NULL), 303);
	const char *query = strstr(location(), "/callback?") + 10;
	assert_true(web_form_read(query, strlen(query), &arena, &form));
	assert_string_equal(web_form_value(&form, "state"), "s&t");
	assert_string_equal(web_form_value(&form, "iss"), sso_issuer(sso));
	return web_form_value(&form, "code");
}

static void
code_is_proved_and_used_once(void)
{
	begin(false);
	const char *code = new_code();
	assert_refused("invalid_grant", "/token",
	               arena_printf(&arena, CODE_FORM "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&code=%s", code));
	const char *form = arena_printf(&arena, CODE_FORM "%s&code=%s", verifier, code);
	assert_int_equal(ask("/token", form), 200);
	const char *refresh = join(REFRESH, said("refresh_token"));
	assert_refused("invalid_grant", "/token", form);
	assert_refused("invalid_grant", "/token", refresh);
	const char *late = arena_printf(&arena, CODE_FORM "%s&code=%s", verifier, new_code());
	clock_advance(60 * 1000);
	assert_refused("invalid_grant", "/token", late);
	end();
}

static void
code_goes_back_to_registered_addresses_only(void)
{
	static const char *const foreign[] = {
		"https://evil.example/callback", "http://127.0.0.1:1.evil.example/callback", "http://127.0.0.1@evil.example/callback",
		"http://127.0.0.1:45678/other", "http://127.0.0.1:99999/callback", "http://127.0.0.1:/callback",
	};
	begin(true);
	for (size_t i = 0; i < array_length(foreign); i++)
		assert_int_equal(ask(join("/authorize?response_type=code&client_id=paas-cli" PKCE "&redirect_uri=", foreign[i]), NULL), 400);
	assert_int_equal(ask("/authorize?response_type=code&client_id=other" PKCE, NULL), 400);
	assert_int_equal(ask(AUTHORIZE "&response_type=code", NULL), 303); /* no PKCE */
	assert_non_null(strstr(location(), "http://127.0.0.1:45678/callback?error=invalid_request&state=s%26t&iss="));
	assert_int_equal(ask(AUTHORIZE "&response_type=token" PKCE, NULL), 303);
	assert_non_null(strstr(location(), "error=unsupported_response_type"));
	assert_int_equal(ask(AUTHORIZE "&prompt=none&response_type=code" PKCE, NULL), 303);
	assert_non_null(strstr(location(), "error=login_required"));
	end();
}

static void
code_waits_at_its_page(void)
{
	begin(true);
	json_t *decided;
	assert_int_equal(ask(AUTHORIZE "&response_type=code" PKCE, NULL), 303);
	const char *page = arena_strdup(&arena, location());
	assert_int_equal(ask(page, NULL), 200);
	assert_true(sso_decide(sso, NULL, NULL, false, &decided, &err));
	json_decref(decided);
	assert_int_equal(ask(page, NULL), 303);
	assert_non_null(strstr(location(), "error=access_denied&state=s%26t"));
	assert_int_equal(ask(page, NULL), 400);
	end();
}

/* ---- tokens ---- */

static void
refresh_rotates_and_finds_reuse(void)
{
	begin(false);
	sign_on();
	const char *first = join(REFRESH, said("refresh_token"));
	assert_refused("invalid_scope", "/token", join(first, "&scope=openid%20admin"));
	assert_int_equal(ask("/token", first), 200);
	const char *second = join(REFRESH, said("refresh_token"));
	assert_string_not_equal(first, second);
	assert_refused("invalid_grant", "/token", first);
	assert_refused("invalid_grant", "/token", second);
	end();
}

static void
revoked_refresh_token_ends_the_session(void)
{
	begin(false);
	sign_on();
	const char *token = said("refresh_token");
	assert_int_equal(ask("/revoke", "client_id=paas-cli&token=unknown"), 200);
	assert_refused("invalid_request", "/revoke", join("client_id=paas-cli-es256&token=", token));
	assert_int_equal(ask("/revoke", join("client_id=paas-cli&token_type_hint=access_token&token=", token)), 200);
	assert_refused("invalid_grant", "/token", join(REFRESH, token));
	end();
}

static void
exchange_gives_a_token_for_another_audience(void)
{
#define EXCHANGE "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=paas-cli" \
	"&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token="
	struct sso_identity who;
	begin(false);
	sign_on();
	const char *form = join(EXCHANGE, said("id_token"));
	assert_refused("invalid_target", "/token", join(form, "&audience=elsewhere"));
	assert_int_equal(ask("/token", join(form, "&audience=paas-cli-es256")), 200);
	assert_string_equal(said("issued_token_type"), "urn:ietf:params:oauth:token-type:jwt");
	assert_true(sso_authenticate(sso, said("access_token"), &arena, &who));
	assert_refused("invalid_request", "/token", EXCHANGE "a.b.c");
	end();
}

/* A job shows its own token and gets one that says which job it is. */
static const char *
job_identity(const char *audience, const char *shown, int status)
{
	struct http_endpoint endpoint = {.system = "jobs", .origin = plain_site, .proxy = ""};
	struct http_header header = {"Authorization", join("Bearer ", shown)};
	struct http_request request = {.endpoint = &endpoint, .headers = &header, .n_headers = 1,
	                               .url = arena_printf(&arena, "%s/actions/id-token?api-version=2.0&audience=%s", plain_site, audience)};
	json_decref(answer);
	assert_true(http_send(http, &request, &arena, &response, &err));
	answer = json_loadb(response.body, response.length, 0, NULL);
	assert_int_equal(response.status, status);
	return said("value");
}

static void
job_is_exchanged(void)
{
	struct sso_identity who;
	begin(true);
	job_identity("paas", "job", 401);
	sso_free(sso);
	sso = sso_new(&(struct sso_options){.job_token = "job"});
	sso_set_origin(sso, plain_site);
	job_identity("paas", "jobs", 401);
	const char *other = join(EXCHANGE, job_identity("elsewhere", "job", 200)), *identity = job_identity("paas", "job", 200);
	assert_refused("invalid_request", "/token", other);
	assert_false(sso_authenticate(sso, identity, &arena, &who));
	assert_int_equal(ask("/token", join(EXCHANGE, identity)), 200);
	assert_true(sso_authenticate(sso, said("access_token"), &arena, &who));
	assert_string_equal(who.name, "repo:payments/checkout:ref:refs/heads/main");
	assert_string_equal(who.groups[0], "payments");
	end();
}

static void
requests_that_are_none_are_refused(void)
{
	begin(false);
	assert_refused("unsupported_grant_type", "/token", "grant_type=password&client_id=paas-cli");
	assert_refused("invalid_request", "/token", "client_id=paas-cli");
	assert_refused("invalid_request", "/token", "client_id=paas-cli&client_id=paas-cli&grant_type=refresh_token");
	assert_refused("invalid_request", "/token", "client_id=paas-cli&grant_type=%zz");
	assert_refused("invalid_request", "/token", "client_id=paas-cli&grant_type=%ff");
	assert_int_equal(ask("/token", "client_id=who&grant_type=refresh_token"), 401);
	assert_string_equal(said("error"), "invalid_client");
	assert_int_equal(ask("/token", NULL), 405);
	assert_int_equal(ask("/nothing", NULL), 404);
	assert_int_equal(ask("/userinfo", NULL), 401);
	assert_string_equal(http_header_value(&response, "www-authenticate"),
	                    arena_printf(&arena, "Bearer realm=\"%s\"", sso_issuer(sso)));
	end();
}

/* ---- what others make of its tokens ---- */

static void
cluster_believes_a_live_id_token(void)
{
	struct sso_identity who;
	begin(false);
	sign_on();
	const char *token = said("id_token"), *access = said("access_token");
	assert_true(sso_authenticate(sso, token, &arena, &who));
	assert_string_equal(who.name, "ada");
	assert_string_equal(who.groups[0], "payments");
	assert_null(who.groups[1]);
	assert_false(sso_authenticate(sso, access, &arena, &who));
	char *forged = arena_strdup(&arena, token);
	char *payload = strchr(forged, '.') + 5;
	*payload = *payload == 'A' ? 'B' : 'A';
	assert_false(sso_authenticate(sso, forged, &arena, &who));
	assert_false(sso_authenticate(sso, "..", &arena, &who));
	sso_expire_tokens(sso, true);
	assert_false(sso_authenticate(sso, token, &arena, &who));
	sign_on();
	assert_true(sso_authenticate(sso, said("id_token"), &arena, &who));
	sso_expire_tokens(sso, false);
	assert_true(sso_authenticate(sso, token, &arena, &who));
	clock_advance(300 * 1000);
	assert_false(sso_authenticate(sso, token, &arena, &who));
	end();
}

static void
state_comes_back(void)
{
	begin(false);
	sign_on();
	const char *refresh = join(REFRESH, said("refresh_token"));
	json_t *snapshot = sso_snapshot(sso), *wrong = json_pack("{s:[]}", "requests");
	assert_true(sso_restore(sso, NULL));
	assert_refused("invalid_grant", "/token", refresh);
	assert_true(sso_restore(sso, snapshot));
	assert_false(sso_restore(sso, wrong));
	assert_int_equal(ask("/token", refresh), 200);
	json_decref(snapshot);
	json_decref(wrong);
	end();
}

#define IN_FIBER(body, name)                     \
	static void name(void **state)           \
	{                                        \
		(void)state;                     \
		clock_freeze(noon_ms);           \
		in_fiber(body);                  \
	}
IN_FIBER(device_waits_for_a_decision, test_device__waits_for_a_decision_and_slows_down)
IN_FIBER(device_is_denied_or_expires, test_device__is_denied_or_expires)
IN_FIBER(device_page_is_read_by_a_person, test_device__has_a_page_for_a_person)
IN_FIBER(device_code_used_twice_ends_the_session, test_device__code_used_twice_ends_the_session)
IN_FIBER(code_is_proved_and_used_once, test_code__is_proved_and_used_once)
IN_FIBER(code_goes_back_to_registered_addresses_only, test_code__goes_back_to_registered_addresses_only)
IN_FIBER(code_waits_at_its_page, test_code__waits_at_its_page)
IN_FIBER(refresh_rotates_and_finds_reuse, test_refresh__rotates_and_finds_reuse)
IN_FIBER(revoked_refresh_token_ends_the_session, test_revoke__of_a_refresh_token_ends_the_session)
IN_FIBER(exchange_gives_a_token_for_another_audience, test_exchange__gives_a_token_for_another_audience)
IN_FIBER(job_is_exchanged, test_exchange__believes_a_job)
IN_FIBER(requests_that_are_none_are_refused, test_sso__refuses_what_is_no_request)
IN_FIBER(cluster_believes_a_live_id_token, test_sso__id_token_counts_until_it_expires)
IN_FIBER(state_comes_back, test_sso__state_comes_back)

/* ---- keys, against another library ---- */

static bool
client_verifies(const struct token_keyset *keyset, const char *token)
{
	struct token_expectation expected = {.issuer = "i", .audience = "a", .now_ms = noon_ms};
	struct token_claims claims;
	bool is_unknown;
	scoped(secret_release) struct secret *text = secret_new(token, strlen(token));
	return token_verify(text, keyset, &expected, NULL, &arena, &claims, &is_unknown, &err);
}

/* Many, as a number with leading zeros comes once in 256 times. */
static void
test_keys__sign_what_another_library_verifies(void **state)
{
	enum { TOKENS = 600 };
	struct sso_keys *keys;
	struct token_keyset *keyset;
	(void)state;
	assert_true(sso_keys_open(NULL, &keys, &err));
	json_t *public = sso_keys_public(keys);
	char *text = json_dumps(public, 0);
	assert_true(token_keyset_read(text, strlen(text), &keyset, &err));
	for (int n = 0; n < TOKENS; n++) {
		const char *token = sso_keys_sign(keys, n % 200 == 0 ? "RS256" : "ES256",
		                                  json_pack("{s:s, s:s, s:s, s:I, s:I}", "iss", "i", "aud", "a", "sub", "s", "iat",
		                                            (json_int_t)noon_ms / 1000, "exp", (json_int_t)noon_ms / 1000 + 60 + n),
		                                  &arena);
		json_t *claims = sso_keys_verify(keys, token);
		assert_string_equal(json_string_value(json_object_get(claims, "sub")), "s");
		assert_true(client_verifies(keyset, token));
		json_decref(claims);
	}
	free(text);
	json_decref(public);
	token_keyset_free(keyset);
	sso_keys_free(keys);
}

static void
test_keys__are_kept(void **state)
{
	char folder[] = "/tmp/sso-XXXXXX";
	struct sso_keys *keys, *again;
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_true(sso_keys_open(folder, &keys, &err));
	assert_true(sso_keys_open(folder, &again, &err));
	json_t *one = sso_keys_public(keys), *two = sso_keys_public(again);
	assert_true(json_equal(one, two));
	json_decref(one);
	json_decref(two);
	sso_keys_free(keys);
	sso_keys_free(again);
	assert_int_equal(remove(join(folder, "/sso-rsa.pem")), 0);
	assert_int_equal(remove(join(folder, "/sso-ec.pem")), 0);
	assert_int_equal(remove(folder), 0);
}

static void
test_form__decodes_and_refuses(void **state)
{
	static const char *const broken[] = {"a=%", "a=%4", "a=%4g", "%00=a", "a=%c3", "a=b%"};
	struct web_form form;
	(void)state;
	assert_true(web_form_read("a=1+2%2B3&&b&c=&a%20=x", 22, &arena, &form));
	assert_int_equal(form.count, 4);
	assert_string_equal(web_form_value(&form, "a"), "1 2+3");
	assert_string_equal(web_form_value(&form, "b"), "");
	assert_string_equal(web_form_value(&form, "c"), "");
	assert_string_equal(web_form_value(&form, "a "), "x");
	assert_null(web_form_value(&form, "d"));
	assert_false(web_form_repeats(&form));
	for (size_t i = 0; i < array_length(broken); i++)
		assert_false(web_form_read(broken[i], strlen(broken[i]), &arena, &form));
	assert_true(web_form_read("a&a", 3, &arena, &form));
	assert_true(web_form_repeats(&form));
	char many[2 * WEB_FORM_FIELDS_MAX + 2];
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = i % 2 == 0 ? 'a' : '&';
	assert_true(web_form_read(many, sizeof many - 2, &arena, &form));
	assert_false(web_form_read(many, sizeof many, &arena, &form));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_device__waits_for_a_decision_and_slows_down),
		cmocka_unit_test(test_device__is_denied_or_expires),
		cmocka_unit_test(test_device__has_a_page_for_a_person),
		cmocka_unit_test(test_device__code_used_twice_ends_the_session),
		cmocka_unit_test(test_code__is_proved_and_used_once),
		cmocka_unit_test(test_code__goes_back_to_registered_addresses_only),
		cmocka_unit_test(test_code__waits_at_its_page),
		cmocka_unit_test(test_refresh__rotates_and_finds_reuse),
		cmocka_unit_test(test_revoke__of_a_refresh_token_ends_the_session),
		cmocka_unit_test(test_exchange__gives_a_token_for_another_audience),
		cmocka_unit_test(test_exchange__believes_a_job),
		cmocka_unit_test(test_sso__refuses_what_is_no_request),
		cmocka_unit_test(test_sso__id_token_counts_until_it_expires),
		cmocka_unit_test(test_sso__state_comes_back),
		cmocka_unit_test(test_keys__sign_what_another_library_verifies),
		cmocka_unit_test(test_keys__are_kept),
		cmocka_unit_test(test_form__decodes_and_refuses),
	};
	return cmocka_run_group_tests_name("sandbox/sso", tests, open_all, close_all);
}
