/* Secret bytes in guarded memory: locked, fenced by guard pages, zeroed when released.
 *
 * Opaque on purpose: nothing prints it by accident.  secret_reveal is the only way in, easy to
 * find, and allowed in lib/net, lib/store and lib/auth only (`make lint`).
 */
#ifndef PAAS_BASE_SECRET_H
#define PAAS_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct secret;

/* Copies `length` bytes; the caller wipes its own copy (secret_wipe). Never NULL. */
struct secret *secret_new(const void *bytes, size_t length) __attribute__((returns_nonnull));
void secret_free(struct secret *secret);
/* For scoped(). */
void secret_release(struct secret **secret);
/* The bytes, NUL-terminated; valid as long as the secret lives. */
const char *secret_reveal(const struct secret *secret) returns_text;
size_t secret_length(const struct secret *secret);
/* In constant time for equal lengths. */
bool secret_equals(const struct secret *a, const struct secret *b);

/* A piece of a text that holds secrets: public text, or a secret written in one of these ways. */
enum secret_form {
	SECRET_AS_IS,
	SECRET_AS_BASE64,
	SECRET_AS_JSON, /* a string without its quotes */
	SECRET_AS_URL,  /* percent-encoded but for unreserved characters, as in a form (RFC 3986 2.3) */
};
struct secret_piece {
	const char *text;            /* comes first; NULL: none */
	const struct secret *secret; /* NULL: none */
	enum secret_form form;
};
/* All of them, one behind the other: a request's body, a file.  The whole is a secret again. */
struct secret *secret_compose(const struct secret_piece *pieces, size_t n_pieces) __attribute__((returns_nonnull));
/* Bytes `start` to `start` + `length` of it; both are cut to what is there. */
struct secret *secret_slice(const struct secret *secret, size_t start, size_t length) __attribute__((returns_nonnull));

/* ---- what may be known of one ---- */

/* How many bytes of "\n" or "\r\n" it ends in: 0, 1 or 2. */
size_t secret_newline(const struct secret *secret);
bool secret_has_nul(const struct secret *secret);
/* UTF-8 without NUL. */
bool secret_is_text(const struct secret *secret);
/* Such text without control characters: what may stand in a header, or in a line for another program. */
bool secret_is_line(const struct secret *secret);
bool secret_bytes_are_text(const char *bytes, size_t n_bytes); /* before they are one */
/* Whether eight bytes in a row of it (all, when it has fewer) stand in `text`, as they are or in
 * base64.  A secret of one or two bytes is in no text: they would be in every one. */
bool secret_shows_in(const struct secret *secret, const char *text);

/* Writes all of it.  False: errno says why. */
bool secret_write(const struct secret *secret, int fd) must_use;

/* Zeroes memory in a way the compiler may not leave out. */
void secret_wipe(void *bytes, size_t length);

/* Once, early in main: no core dumps, not traceable by others of the same user. */
void secret_protect_process(void);

#endif
