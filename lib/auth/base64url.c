#include "auth/base64url.h"

#include <sodium.h>
#include <string.h>

/* libsodium takes some letters with their highest bit set for those without. */
static bool
is_alphabet(const char *text, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	for (size_t i = 0; i < length; i++) {
		if (memchr(letters, text[i], sizeof letters - 1) == NULL)
			return false;
	}
	return true;
}

bool
base64url_decode(const char *text, size_t length, unsigned char *ret, size_t size, size_t *ret_length)
{
	const char *end;
	return is_alphabet(text, length) &&
	       sodium_base642bin(ret, size, text, length, NULL, ret_length, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       end == text + length;
}

const char *
base64url_encode(const unsigned char *bytes, size_t length, struct arena *arena)
{
	size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return sodium_bin2base64(arena_alloc(arena, room), room, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
