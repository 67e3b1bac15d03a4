/* What becomes of an entry of the sign-on when it is renewed.
 * covers: token-store-9.21 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "auth/credential.h"
#include "auth/grant.h"

static struct secret *
secret_of(const char *text)
{
	return secret_new(text, strlen(text));
}

static void
test_credential__a_renewal_keeps_what_the_server_leaves_out(void **state)
{
	scoped(secret_release) struct secret *access = secret_of("access-1"), *refresh = secret_of("refresh-1"), *id_token = secret_of("id-1");
	struct token_entry old = {.system = "sso", .origin = "https://sso.example", .scopes = "openid", .token = access,
	                          .refresh_token = refresh, .extra = {{"id_token", id_token}}, .n_extra = 1};
	scoped(granted_release) struct granted granted = {.access_token = secret_of("access-2"), .expires_at_ms = 7};
	(void)state;
	struct token_entry fresh = credential_entry_of("https://sso.example", "ada", &granted, &old);
	assert_ptr_equal(fresh.token, granted.access_token);
	assert_ptr_equal(fresh.refresh_token, refresh);
	assert_ptr_equal(token_entry_extra(&fresh, "id_token"), id_token);
	assert_string_equal(fresh.scopes, "openid");
	assert_int_equal(fresh.expires_at_ms, 7);
}

static void
test_credential__a_renewal_takes_what_the_server_gives(void **state)
{
	scoped(secret_release) struct secret *access = secret_of("access-1"), *refresh = secret_of("refresh-1"), *id_token = secret_of("id-1");
	struct token_entry old = {.system = "sso", .origin = "https://sso.example", .scopes = "openid", .token = access,
	                          .refresh_token = refresh, .extra = {{"id_token", id_token}}, .n_extra = 1};
	scoped(granted_release) struct granted granted = {.access_token = secret_of("access-2"), .refresh_token = secret_of("refresh-2"),
	                                                  .id_token = secret_of("id-2"), .scopes = "openid groups"};
	(void)state;
	struct token_entry fresh = credential_entry_of("https://sso.example", "ada", &granted, &old);
	assert_ptr_equal(fresh.refresh_token, granted.refresh_token);
	assert_ptr_equal(token_entry_extra(&fresh, "id_token"), granted.id_token);
	assert_int_equal(fresh.n_extra, 1);
	assert_string_equal(fresh.scopes, "openid groups");
	/* A log-in begins with nothing. */
	struct token_entry first = credential_entry_of("https://sso.example", "ada", &(struct granted){.access_token = granted.access_token}, NULL);
	assert_null(first.refresh_token);
	assert_null(first.scopes);
	assert_int_equal(first.n_extra, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credential__a_renewal_keeps_what_the_server_leaves_out),
		cmocka_unit_test(test_credential__a_renewal_takes_what_the_server_gives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
