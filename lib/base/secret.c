#include "base/secret.h"

#include <ctype.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct secret {
	size_t length;
	char bytes[];
};

struct secret *
secret_new(const void *bytes, size_t length)
{
	if (sodium_init() < 0)
		abort();
	/* sodium puts the end at a guard page: only a rounded size leaves the start aligned. */
	size_t size = (sizeof(struct secret) + length + 1 + 15) & ~(size_t)15;
	struct secret *secret = sodium_malloc(size);
	if (secret == NULL)
		abort();
	secret->length = length;
	memcpy(secret->bytes, bytes, length);
	secret->bytes[length] = '\0';
	sodium_mprotect_readonly(secret);
	return secret;
}

void
secret_free(struct secret *secret)
{
	sodium_free(secret);
}

void
secret_release(struct secret **secret)
{
	secret_free(*secret);
	*secret = NULL;
}

const char *
secret_reveal(const struct secret *secret)
{
	return secret->bytes;
}

size_t
secret_length(const struct secret *secret)
{
	return secret->length;
}

bool
secret_equals(const struct secret *a, const struct secret *b)
{
	return a->length == b->length && sodium_memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* ---- composing ---- */

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL, JSON_ESCAPE_BYTES = 6, URL_ESCAPE_BYTES = 3 };

static size_t
room_of(const struct secret_piece *piece)
{
	size_t length = piece->text != NULL ? strlen(piece->text) : 0;
	if (piece->secret == NULL)
		return length;
	if (piece->form == SECRET_AS_BASE64)
		return length + sodium_base64_encoded_len(piece->secret->length, BASE64);
	size_t widest = piece->form == SECRET_AS_JSON ? JSON_ESCAPE_BYTES : piece->form == SECRET_AS_URL ? URL_ESCAPE_BYTES : 1;
	return length + piece->secret->length * widest;
}

/* RFC 8259 7; whether it is UTF-8 is the caller's business. */
static char *
put_json(char *at, const struct secret *secret)
{
	static const char hex[] = "0123456789abcdef";
	for (size_t i = 0; i < secret->length; i++) {
		unsigned char c = (unsigned char)secret->bytes[i];
		if (c == '"' || c == '\\') {
			*at++ = '\\';
			*at++ = (char)c;
		} else if (c < 0x20) {
			memcpy(at, "\\u00", 4);
			at[4] = hex[c >> 4];
			at[5] = hex[c & 15];
			at += JSON_ESCAPE_BYTES;
		} else {
			*at++ = (char)c;
		}
	}
	return at;
}

static char *
put_url(char *at, const struct secret *secret)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < secret->length; i++) {
		unsigned char c = (unsigned char)secret->bytes[i];
		if (c < 0x80 && (isalnum(c) || (c != '\0' && strchr("-._~", c) != NULL))) {
			*at++ = (char)c;
			continue;
		}
		*at++ = '%';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	return at;
}

static char *
put_piece(char *at, const struct secret_piece *piece)
{
	const struct secret *secret = piece->secret;
	if (piece->text != NULL)
		at = mempcpy(at, piece->text, strlen(piece->text));
	if (secret == NULL)
		return at;
	if (piece->form == SECRET_AS_IS)
		return mempcpy(at, secret->bytes, secret->length);
	if (piece->form == SECRET_AS_JSON)
		return put_json(at, secret);
	if (piece->form == SECRET_AS_URL)
		return put_url(at, secret);
	size_t room = sodium_base64_encoded_len(secret->length, BASE64);
	sodium_bin2base64(at, room, (const unsigned char *)secret->bytes, secret->length, BASE64);
	return at + room - 1;
}

struct secret *
secret_compose(const struct secret_piece *pieces, size_t n_pieces)
{
	size_t room = 1;
	for (size_t i = 0; i < n_pieces; i++)
		room += room_of(&pieces[i]);
	if (sodium_init() < 0)
		abort();
	char *bytes = sodium_malloc(room), *at = bytes;
	if (bytes == NULL)
		abort();
	for (size_t i = 0; i < n_pieces; i++)
		at = put_piece(at, &pieces[i]);
	struct secret *secret = secret_new(bytes, (size_t)(at - bytes));
	sodium_free(bytes);
	return secret;
}

struct secret *
secret_slice(const struct secret *secret, size_t start, size_t length)
{
	start = start < secret->length ? start : secret->length;
	size_t rest = secret->length - start;
	return secret_new(secret->bytes + start, length < rest ? length : rest);
}

/* ---- what may be known of one ---- */

size_t
secret_newline(const struct secret *secret)
{
	size_t length = secret->length;
	if (length == 0 || secret->bytes[length - 1] != '\n')
		return 0;
	return length > 1 && secret->bytes[length - 2] == '\r' ? 2 : 1;
}

bool
secret_has_nul(const struct secret *secret)
{
	return memchr(secret->bytes, '\0', secret->length) != NULL;
}

/* The length of the UTF-8 sequence at `at` (RFC 3629), 0 when it is none. */
static size_t
sequence_length(const unsigned char *at, size_t left)
{
	unsigned char first = at[0], low = 0x80, high = 0xbf;
	size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	if (length == 0 || length > left)
		return 0;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf)
		if (at[i] < low || at[i] > high)
			return 0;
	return length;
}

bool
secret_bytes_are_text(const char *bytes, size_t n_bytes)
{
	const unsigned char *at = (const unsigned char *)bytes;
	for (size_t i = 0, length; i < n_bytes; i += length) {
		length = sequence_length(at + i, n_bytes - i);
		if (length == 0 || at[i] == '\0')
			return false;
	}
	return true;
}

bool
secret_is_text(const struct secret *secret)
{
	return secret_bytes_are_text(secret->bytes, secret->length);
}

bool
secret_is_line(const struct secret *secret)
{
	for (size_t i = 0; i < secret->length; i++)
		if ((unsigned char)secret->bytes[i] < ' ' || secret->bytes[i] == 0x7f)
			return false;
	return secret_is_text(secret);
}

/* Whether a stretch of `text` stands in `bytes`. */
static bool
shares(const char *bytes, size_t length, const char *text)
{
	enum { STRETCH = 8, LEAST = 3 };
	size_t stretch = length < STRETCH ? length : STRETCH, n = strlen(text);
	for (size_t i = 0; stretch >= LEAST && i + stretch <= n; i++)
		if (memmem(bytes, length, text + i, stretch) != NULL)
			return true;
	return false;
}

bool
secret_shows_in(const struct secret *secret, const char *text)
{
	struct secret *encoded = secret_compose(&(struct secret_piece){NULL, secret, SECRET_AS_BASE64}, 1);
	bool shows = shares(secret->bytes, secret->length, text) ||
	             (secret->length >= 3 && shares(encoded->bytes, encoded->length, text));
	secret_free(encoded);
	return shows;
}

bool
secret_write(const struct secret *secret, int fd)
{
	for (size_t done = 0; done < secret->length;) {
		ssize_t written = write(fd, secret->bytes + done, secret->length - done);
		if (written < 0 && errno != EINTR)
			return false;
		done += written > 0 ? (size_t)written : 0;
	}
	return true;
}

void
secret_wipe(void *bytes, size_t length)
{
	sodium_memzero(bytes, length);
}

void
secret_protect_process(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}
