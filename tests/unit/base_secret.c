/* Secrets that become a part of something, and what may be known of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/secret.h"

static struct secret *
of(const char *text)
{
	return secret_new(text, strlen(text));
}

static void
test_secret__is_composed_in_four_forms(void **state)
{
	scoped(secret_release) struct secret *secret = secret_new("a\"\\\n\0z", 6);
	const struct secret_piece pieces[] = {
		{"<", secret, SECRET_AS_BASE64}, {"|", secret, SECRET_AS_JSON}, {">", NULL, SECRET_AS_IS}, {NULL, secret, SECRET_AS_IS},
		{"&", secret, SECRET_AS_URL}};
	scoped(secret_release) struct secret *whole = secret_compose(pieces, array_length(pieces));
	static const char expected[] = "<YSJcCgB6|a\\\"\\\\\\u000a\\u0000z>a\"\\\n\0z&a%22%5C%0A%00z";
	(void)state;
	assert_int_equal(secret_length(whole), sizeof expected - 1);
	assert_memory_equal(secret_reveal(whole), expected, sizeof expected);
}

static void
test_secret__tells_no_more_than_asked(void **state)
{
	static const struct {
		const char *text;
		size_t length, newline;
		bool is_text, has_nul;
	} rows[] = {
		{"", 0, 0, true, false},        {"a", 1, 0, true, false},          {"a\n", 2, 1, true, false},
		{"a\r\n", 3, 2, true, false},   {"\n\n", 2, 1, true, false},       {"\r", 1, 0, true, false},
		{"a\0b", 3, 0, false, true},    {"\xc3\xa4", 2, 0, true, false},   {"\xc3", 1, 0, false, false},
		{"\xed\xa0\x80", 3, 0, false, false}, {"\xf0\x9f\x98\x80", 4, 0, true, false}, {"\xc0\x80", 2, 0, false, false},
		{"\xf4\x90\x80\x80", 4, 0, false, false}, {"\xe0\x80\x80", 3, 0, false, false},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(secret_release) struct secret *secret = secret_new(rows[i].text, rows[i].length);
		if (secret_newline(secret) != rows[i].newline || secret_is_text(secret) != rows[i].is_text ||
		    secret_has_nul(secret) != rows[i].has_nul)
			fail_msg("row %zu", i);
	}
}

static void
test_secret__is_found_in_what_others_say(void **state)
{
	scoped(secret_release) struct secret *secret = of("correct-horse-battery"), *pin = of("123"), *bit = of("1");
	(void)state;
	assert_true(secret_shows_in(secret, "invalid value \"correct-horse-battery\""));
	assert_true(secret_shows_in(secret, "cut: ect-horse-b"));
	assert_true(secret_shows_in(secret, "in base64: Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5"));
	assert_false(secret_shows_in(secret, "a horse"));
	assert_false(secret_shows_in(secret, ""));
	assert_true(secret_shows_in(pin, "x123"));
	assert_false(secret_shows_in(bit, "HTTP 401"));
}

static void
test_secret__goes_through_a_file(void **state)
{
	scoped(secret_release) struct secret *secret = secret_new("a\0b\n", 4), *slice = secret_slice(secret, 1, 99), *back = NULL;
	scoped(file_close_fd) int fd = memfd_create("secret", MFD_CLOEXEC);
	struct error err;
	char path[40];
	(void)state;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_true(secret_write(secret, fd));
	assert_true(file_read_secret(path, 4, &back, &err));
	assert_true(secret_equals(secret, back));
	assert_int_equal(secret_length(slice), 3);
	secret_release(&back);
	assert_false(file_read_secret(path, 3, &back, &err));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
	assert_false(file_read_secret("/nowhere", 3, &back, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secret__is_composed_in_four_forms),
		cmocka_unit_test(test_secret__tells_no_more_than_asked),
		cmocka_unit_test(test_secret__is_found_in_what_others_say),
		cmocka_unit_test(test_secret__goes_through_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
