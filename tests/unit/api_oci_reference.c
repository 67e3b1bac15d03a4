#include "api/oci/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct arena arena;

static int
release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
test_reference__names_an_image(void **state)
{
	static const struct {
		const char *text, *whole, *origin;
	} rows[] = {
		{"nginx", "docker.io/library/nginx:latest", "https://registry-1.docker.io"},
		{"nginx:1.25", "docker.io/library/nginx:1.25", "https://registry-1.docker.io"},
		{"acme/shop", "docker.io/acme/shop:latest", "https://registry-1.docker.io"},
		{"index.docker.io/acme/shop", "docker.io/acme/shop:latest", "https://registry-1.docker.io"},
		{"ghcr.io/acme/shop/web:1_0.x-Y", "ghcr.io/acme/shop/web:1_0.x-Y", "https://ghcr.io"},
		{"localhost/shop:1", "localhost/shop:1", "https://localhost"},
		{"localhost:5000/shop:1", "localhost:5000/shop:1", "https://localhost:5000"},
		{"[::1]:5000/shop:1", "[::1]:5000/shop:1", "https://[::1]:5000"},
		{"shop@" DIGEST, "docker.io/library/shop@" DIGEST, "https://registry-1.docker.io"},
		{"r.example/shop:1@" DIGEST, "r.example/shop:1@" DIGEST, "https://r.example"},
		{"r.example/a__b/c--d/e.f", "r.example/a__b/c--d/e.f:latest", "https://r.example"},
		{"Registry.example/shop", "Registry.example/shop:latest", "https://Registry.example"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		struct oci_reference reference;
		struct error err;
		assert_true(oci_reference_parse(rows[i].text, &arena, &reference, &err));
		assert_string_equal(oci_reference_format(&reference, &arena), rows[i].whole);
		assert_string_equal(oci_reference_origin(&reference, &arena), rows[i].origin);
		assert_int_equal(reference.is_tag_implied, strstr(rows[i].whole, ":latest") != NULL);
	}
}

static void
test_reference__says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{"", "is empty"}, {"Shop", "upper case"}, {"r.example/Shop:1", "upper case"}, {"shop:", "the tag after ':'"},
		{"r.example/shop: 1", "holds a space"}, {"shop\n", "holds a space"}, {"https://r.example/shop", "is a URL"},
		{"r.example//shop", "empty part"}, {"r.example/", "empty part"}, {"r.example/shop/", "empty part"},
		{"shop:-1", "is no tag"}, {"shop:1:2", "is no tag"}, {"shop@sha256:12", "is no digest"},
		{"shop@", "is no digest"}, {"a..b", "is no part"}, {"-a", "is no part"}, {"a_-b", "is no part"},
		{"a___b", "is no part"}, {"r.example:0/shop", "is no registry"}, {"r.example:/shop", "is no registry"},
		{"-r.example/shop", "is no registry"}, {"r..example/shop", "is no registry"}, {"[::1/shop", "is no registry"},
		{"a\xc3\xa9", "is no part"}, {".../x", "is no registry"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		struct oci_reference reference;
		struct error err;
		assert_false(oci_reference_parse(rows[i].text, &arena, &reference, &err));
		assert_int_equal(err.code, ERROR_USAGE);
		if (strstr(err.why, rows[i].words) == NULL)
			fail_msg("%s: %s", rows[i].text, err.why);
	}
	char text[300];
	struct oci_reference reference;
	struct error err;
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '\0';
	assert_false(oci_reference_parse(text, &arena, &reference, &err));
	text[0] = 'x';
	text[1] = ':';
	assert_false(oci_reference_parse(text, &arena, &reference, &err));
	assert_non_null(strstr(err.why, "at most 128"));
	assert_false(oci_reference_parse("Shop", &arena, &reference, &err));
	assert_string_equal(err.next, "use \"shop\", if that is the image");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference__names_an_image),
		cmocka_unit_test(test_reference__says_what_is_wrong),
	};
	return cmocka_run_group_tests_name("api/oci/reference", tests, NULL, release);
}
