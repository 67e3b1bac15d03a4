/* A growing byte buffer that cannot be made without a maximum.
 *
 * `bytes` is always NUL-terminated and never NULL, so a buffer of text can be printed as it is.
 * Adding past `max` keeps what fits, sets `overflow` and returns false: a caller that only cares
 * at the end checks `overflow` once.
 *
 *	scoped(buf_release) struct buf body = BUF_INIT(BODY_MAX);
 *	buf_add(&body, bytes, length);
 */
#ifndef PAAS_BASE_BUF_H
#define PAAS_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct buf {
	char *bytes;
	size_t length, capacity; /* capacity leaves room for the NUL */
	size_t max;              /* most bytes it may hold, without the NUL */
	bool overflow;           /* something did not fit */
};

extern char buf_empty[1];
#define BUF_INIT(maximum) {.bytes = buf_empty, .max = (maximum)}

/* Life cycle. */
void buf_release(struct buf *buf);
/* Empties it; the memory and the maximum stay. */
void buf_clear(struct buf *buf);
/* Hands the bytes over; the caller frees them. The buffer is empty again. */
char *buf_detach(struct buf *buf) returns_text;

/* Content. */
bool buf_add(struct buf *buf, const void *bytes, size_t length);
bool buf_add_text(struct buf *buf, const char *text);
bool buf_add_char(struct buf *buf, char c);
/* As one word of a shell's command line, in quotes where that needs them. */
bool buf_add_shell_word(struct buf *buf, const char *text);
bool buf_add_repeated(struct buf *buf, char c, size_t count);
bool buf_printf(struct buf *buf, const char *format, ...) printf_like(2, 3);
bool buf_vprintf(struct buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* Drops the first `length` bytes (all when it holds fewer). */
void buf_consume(struct buf *buf, size_t length);
/* Keeps the first `length` bytes. */
void buf_truncate(struct buf *buf, size_t length);

#endif
