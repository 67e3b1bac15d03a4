/* covers: token-store-9.11 */
/* The pure parts of net: URLs, proxies, retries, masks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/http.h"
#include "net/mask.h"
#include "net/proxy.h"
#include "net/retry.h"

static struct arena arena;
static struct error err;

static int
release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
test_url__origin_is_what_credentials_compare(void **state)
{
	static const char *const rows[][2] = {
		{"https://Example.COM", "https://example.com:443"},
		{"https://example.com:443/a?b", "https://example.com:443"},
		{"HTTP://example.com:8080", "http://example.com:8080"},
		{"https://example.com:", "https://example.com:443"},
		{"https://[::1]:6443/x", "https://[::1]:6443"},
		{"https://127.0.0.1?x", "https://127.0.0.1:443"},
		{"ftp://example.com", NULL}, {"https://", NULL}, {"example.com", NULL},
		{"https://user@example.com", NULL}, {"https://user:word@example.com", NULL},
		{"https://example.com:0", NULL}, {"https://example.com:65536", NULL}, {"https://example.com:1x", NULL},
		{"https://example.com\\@evil.example", NULL}, {"https://ex%61mple.com", NULL},
		{"https://example.com/a b", NULL}, {"https://example.com/\r\nX: y", NULL}, {"https://[::1", NULL},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		const char *origin = NULL;
		bool ok = http_origin_of(rows[i][0], &arena, &origin, &err);
		assert_int_equal(ok, rows[i][1] != NULL);
		if (ok)
			assert_string_equal(origin, rows[i][1]);
		else
			assert_int_equal(err.code, ERROR_BAD_ANSWER);
	}
}

static void
test_url__resolves_references(void **state)
{
	static const char *const rows[][3] = {
		{"https://h.x/v2/a?n=1", "/v2/b?last=c", "https://h.x/v2/b?last=c"},
		{"https://h.x/v2/a?n=1", "b", "https://h.x/v2/b"},
		{"https://h.x/v2/a/", "../b/./c", "https://h.x/v2/b/c"},
		{"https://h.x/a", "../../../b", "https://h.x/b"},
		{"https://h.x/a/b", "..", "https://h.x/"},
		{"https://h.x/a/b", "?q", "https://h.x/a/b?q"},
		{"https://h.x/a/b?c", "#f", "https://h.x/a/b?c"},
		{"https://h.x/a", "//o.x:8443/p", "https://o.x:8443/p"},
		{"https://h.x/a", "http://o.x/p?q#f", "http://o.x/p?q"},
		{"https://h.x:8443/a", "/p?x=/../y", "https://h.x:8443/p?x=/../y"},
		{"https://h.x", "x", "https://h.x/x"},
		{"https://h.x/", "javascript:alert(1)", NULL},
		{"https://h.x/", "https://me@o.x/", NULL},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		const char *got = NULL;
		bool ok = http_url_resolve(rows[i][0], rows[i][1], &arena, &got, &err);
		assert_int_equal(ok, rows[i][2] != NULL);
		if (ok)
			assert_string_equal(got, rows[i][2]);
	}
}

static void
test_url__escapes_all_but_unreserved(void **state)
{
	(void)state;
	assert_string_equal(http_escape("a/b c%~\xc3\xa9-._", &arena), "a%2Fb%20c%25~%C3%A9-._");
	assert_string_equal(http_escape("", &arena), "");
}

static void
test_proxy__no_proxy_covers(void **state)
{
	static const struct {
		const char *list, *host;
		bool is_covered;
	} rows[] = {
		{"*", "a.b", true}, {"acme.example", "acme.example", true}, {"acme.example", "k8s.acme.example", true},
		{".acme.example", "k8s.acme.example", true}, {"acme.example", "notacme.example", false},
		{"ACME.example", "k8s.acme.Example", true}, {"a.b, acme.example", "acme.example", true},
		{"a.b acme.example", "acme.example", true}, {"10.0.0.0/8", "10.1.2.3", true},
		{"10.0.0.0/8", "11.1.2.3", false}, {"fd00::/8", "fd12::1", true}, {"10.1.2.3", "10.1.2.3", true},
		{"10.0.0.0/33", "10.0.0.0", false}, {"", "a.b", false}, {NULL, "a.b", false}, {",,", "a.b", false},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		assert_int_equal(proxy_list_covers(rows[i].list, rows[i].host), rows[i].is_covered);
}

static void
test_proxy__is_read_from_the_environment(void **state)
{
	(void)state;
	setenv("HTTPS_PROXY", "http://proxy:3128", 1);
	setenv("HTTP_PROXY", "http://cgi:1", 1);
	setenv("NO_PROXY", "inside.example", 1);
	assert_string_equal(proxy_from_environment("https", "outside.example"), "http://proxy:3128");
	assert_string_equal(proxy_from_environment("https", "k.inside.example"), "");
	assert_string_equal(proxy_from_environment("https", "localhost"), "");
	assert_string_equal(proxy_from_environment("https", "127.8.0.1"), "");
	assert_string_equal(proxy_from_environment("https", "::1"), "");
	assert_string_equal(proxy_from_environment("http", "outside.example"), "");
	setenv("all_proxy", "socks5h://s:1080", 1);
	assert_string_equal(proxy_from_environment("http", "outside.example"), "socks5h://s:1080");
}

static void
test_retry__reads_retry_after(void **state)
{
	int64_t now_ms = clock_parse_ms("2026-11-23T10:00:00Z");
	(void)state;
	assert_int_equal(retry_parse_after_ms("7", now_ms), 7000);
	assert_int_equal(retry_parse_after_ms("Mon, 23 Nov 2026 10:00:05 GMT", now_ms), 5000);
	assert_int_equal(retry_parse_after_ms("Mon, 23 Nov 2026 09:00:00 GMT", now_ms), 0);
	assert_int_equal(retry_parse_after_ms("soon", now_ms), -1);
	assert_int_equal(retry_parse_after_ms("-1", now_ms), -1);
	assert_int_equal(retry_parse_after_ms(NULL, now_ms), -1);
}

static void
test_retry__backs_off_with_full_jitter(void **state)
{
	const struct http_policy policy = {.base_ms = 200, .cap_ms = 1000};
	(void)state;
	assert_int_equal(retry_backoff_ms(&policy, 2, 200), 200);
	assert_int_equal(retry_backoff_ms(&policy, 2, 201), 0);
	assert_int_equal(retry_backoff_ms(&policy, 3, 400), 400);
	assert_int_equal(retry_backoff_ms(&policy, 4, 800), 800);
	assert_int_equal(retry_backoff_ms(&policy, 5, 1000), 1000);
	assert_int_equal(retry_backoff_ms(&policy, 60, 1001), 0);
}

static const char *
masked_body(const char *body)
{
	struct buf out = BUF_INIT(4096);
	mask_add_body(&out, body, strlen(body));
	const char *ret = arena_strdup(&arena, out.bytes);
	buf_release(&out);
	return ret;
}

static void
test_mask__hides_what_smells_of_a_secret(void **state)
{
	static const char *const rows[][2] = {
		{"{\"token\": \"abc\", \"name\": \"shop\"}", "{\"token\":\"(hidden)\", \"name\": \"shop\"}"},
		{"{\"a\":{\"access_token\":\"x\\\"y\",\"n\":1}}", "{\"a\":{\"access_token\":\"(hidden)\",\"n\":1}}"},
		{"{\"password\":{\"deep\":[1,\"}\"]},\"b\":2}", "{\"password\":\"(hidden)\",\"b\":2}"},
		{"{\"kind\":\"Secret\",\"data\":{\"a\":\"Yg==\"}}", "{\"kind\":\"Secret\",\"data\":\"(hidden)\"}"},
		{"{\"kind\":\"ConfigMap\",\"data\":{\"a\":\"b\"}}", "{\"kind\":\"ConfigMap\",\"data\":{\"a\":\"b\"}}"},
		{"grant_type=refresh_token&refresh_token=abc&scope=x", "grant_type=refresh_token&refresh_token=(hidden)&scope=x"},
		{"[{\"name\":\"DB_PASSWORD\",\"value\":\"abc\"},{\"name\":\"LEVEL\", \"value\":\"2\"},{\"value\":1}]",
		 "[{\"name\":\"DB_PASSWORD\",\"value\":\"(hidden)\"},{\"name\":\"LEVEL\", \"value\":\"2\"},{\"value\":1}]"},
		{"{\"a\":\"x https://u:p@h/1?a=b@c\"}", "{\"a\":\"x https://(hidden)@h/1?a=b@c\"}"},
		{"{\"token\":\"abc", "{\"token\":\"(hidden)\""}, {"[\"token\"]", "[\"token\"]"}, {"plain text", "plain text"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		assert_string_equal(masked_body(rows[i][0]), rows[i][1]);
	assert_true(mask_is_secret_name("Authorization", 13));
	assert_true(mask_is_secret_name("X-JFrog-Art-Api-Key", 19));
	assert_true(mask_is_secret_name("Set-Cookie", 10));
	assert_false(mask_is_secret_name("Content-Type", 12));
	struct buf out = BUF_INIT(4096);
	mask_add_target(&out, "/a?limit=5&X-Amz-Signature=f00&sig=1#x");
	assert_string_equal(out.bytes, "/a?limit=5&X-Amz-Signature=(hidden)&sig=(hidden)");
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url__origin_is_what_credentials_compare),
		cmocka_unit_test(test_url__resolves_references),
		cmocka_unit_test(test_url__escapes_all_but_unreserved),
		cmocka_unit_test(test_proxy__no_proxy_covers),
		cmocka_unit_test(test_proxy__is_read_from_the_environment),
		cmocka_unit_test(test_retry__reads_retry_after),
		cmocka_unit_test(test_retry__backs_off_with_full_jitter),
		cmocka_unit_test(test_mask__hides_what_smells_of_a_secret),
	};
	return cmocka_run_group_tests_name("net/rules", tests, NULL, release);
}
