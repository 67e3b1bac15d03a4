/* Signatures that minisign 0.11 made, and every single bit of them turned over. */
#include "data/minisign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char key_line[] = "RWQp4fbOI0AdS6kAlkZDZ3ZaFfhw4ZfuQRbO2XUztJ7mBoupaUQOlIyd";
static const char key_file[] = "untrusted comment: minisign public key 4B1D4023CEF6E129\nRWQp4fbOI0AdS6kAlkZDZ3ZaFfhw4ZfuQRbO2XUztJ7mBoupaUQOlIyd\n";
static const char file[] = "{\"version\":1,\"serial\":7,\"company\":\"acme\",\"clusters\":{\"dev\":{\"server\":\"https://k8s.acme.example\"}},\"environments\":[{\"name\":\"dev\",\"cluster\":\"dev\",\"namespace\":\"team\"}]}";
static const char hashed[] =
	"untrusted comment: signature from minisign secret key\nRUQp4fbOI0AdSxnMM3hx0DaJH/EAuVX3jd7m4A9PY+Oj8oE5XQNo982pWYOfSlMNN90BpPcv3PpsHxhU+lrSetDlT+vwTgfZVQ4=\ntrusted comment: timestamp of p7\npFnheoJvnfLv8+LDxKbWhiUHxZmiM1gjt8orOJvA+iieAdhSprEOKDhrkefK8CoXakkPP5PbSM5cKho4to0ZAw==\n";
static const char legacy[] =
	"untrusted comment: signature from minisign secret key\nRWQp4fbOI0AdSxDy5mNxTy2pj1eYpQTbYBZAu16/8Yz2WSTJbTAFPFuOQh5Xtnme4XSk40G4A2Vty7foygfCtkY9NXN12+p7KAk=\ntrusted comment: legacy\nIDouJcDyNHO6IdBuZn3020YMMEbj5jssKRkdo6Y5C6vTBiTcK1ZyPRimsXW8hMpL/R6IHkDZV+/C7ewb/WgzBw==\n";
static const char other[] =
	"untrusted comment: signature from minisign secret key\nRUTRqr0Gp7D0XIScpK4jHWNW/vvHF5AzRIoQv1+pn8RwvoWZIaoVClac6tVOZQxkdYhyMgLco6QSF+WU724eTew8xf5SktW4WA8=\ntrusted comment: other\nOcFPDYNwXnlVTAFQszHU36XYJyvmy7u2MXjczGRk18wGtF42jTbYde7EnwRS2wOrD4lePpfm+Rh6T1ZGjbmwAw==\n";

static bool
verify(const char *signature_text, size_t length, const char *bytes, struct error *err)
{
	struct minisign_key key;
	struct minisign_signature signature;
	return minisign_read_key(key_line, strlen(key_line), &key, err) &&
	       minisign_read_signature(signature_text, length, &signature, err) &&
	       minisign_verify(&signature, &key, 1, bytes, strlen(bytes), err);
}

static void
test_minisign__takes_both_forms(void **state)
{
	(void)state;
	struct error err = {0};
	struct minisign_key key;
	char id[MINISIGN_ID_BYTES];
	assert_true(verify(hashed, strlen(hashed), file, &err));
	assert_true(verify(legacy, strlen(legacy), file, &err));
	assert_false(verify(other, strlen(other), file, &err));
	assert_true(minisign_read_key(key_file, strlen(key_file), &key, &err));
	assert_string_equal(minisign_key_id(&key, id), "4B1D4023CEF6E129");
	assert_string_equal(key.text, key_line);
}

/* The comment of the first line is nobody's; everything else counts. */
static void
refuse_every_flip(const char *text)
{
	char copy[1024];
	size_t first = (size_t)(strchr(text, '\n') - text) + 1, length = strlen(text);
	for (size_t bit = first * 8; bit < length * 8; bit++) {
		struct error err;
		memcpy(copy, text, length);
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		if (verify(copy, length, file, &err))
			fail_msg("bit %zu of byte %zu does not matter", bit % 8, bit / 8);
	}
}

static void
test_minisign__refuses_every_flipped_bit(void **state)
{
	(void)state;
	char copy[sizeof(file)];
	refuse_every_flip(hashed);
	refuse_every_flip(legacy);
	for (size_t bit = 0; bit < (sizeof(file) - 1) * 8; bit++) {
		struct error err;
		memcpy(copy, file, sizeof(file));
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		assert_false(verify(hashed, strlen(hashed), copy, &err));
	}
}

static void
test_minisign__refuses_what_is_cut_or_longer(void **state)
{
	(void)state;
	struct error err;
	char longer[sizeof(hashed) + 8];
	for (size_t length = 0; length + 1 < strlen(hashed); length++)
		assert_false(verify(hashed, length, file, &err));
	snprintf(longer, sizeof(longer), "%sx", hashed);
	assert_false(verify(longer, strlen(longer), file, &err));
}

static void
test_minisign__keys_are_strict(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "RW", "untrusted comment: x", "untrusted comment: x\n",
	                                  "untrusted comment: x\nRWx\n",
	                                  "RXQp4fbOI0AdS6kAlkZDZ3ZaFfhw4ZfuQRbO2XUztJ7mBoupaUQOlIyd",
	                                  "RWQp4fbOI0AdS6kAlkZDZ3ZaFfhw4ZfuQRbO2XUztJ7mBoupaUQOlI=="};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct minisign_key key;
		struct error err = {0};
		assert_false(minisign_read_key(bad[i], strlen(bad[i]), &key, &err));
		assert_int_equal(err.code, ERROR_INVALID_FILE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minisign__takes_both_forms),
		cmocka_unit_test(test_minisign__refuses_every_flipped_bit),
		cmocka_unit_test(test_minisign__refuses_what_is_cut_or_longer),
		cmocka_unit_test(test_minisign__keys_are_strict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
