#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char buf_empty[1];

/* Makes room for `extra` more bytes and a NUL; false when that passes the maximum. */
static bool
buf_reserve(struct buf *buf, size_t extra)
{
	if (extra > buf->max - buf->length)
		return false;
	size_t needed = buf->length + extra;
	if (buf->bytes != buf_empty && needed <= buf->capacity)
		return true;
	size_t capacity = buf->capacity < 64 ? 64 : buf->capacity;
	while (capacity < needed)
		capacity = capacity > buf->max / 2 ? buf->max : capacity * 2;
	char *bytes = realloc(buf->bytes == buf_empty ? NULL : buf->bytes, capacity + 1);
	if (bytes == NULL)
		abort();
	buf->bytes = bytes;
	buf->capacity = capacity;
	return true;
}

void
buf_release(struct buf *buf)
{
	if (buf->bytes != buf_empty)
		free(buf->bytes);
	*buf = (struct buf)BUF_INIT(buf->max);
}

void
buf_clear(struct buf *buf)
{
	buf_truncate(buf, 0);
	buf->overflow = false;
}

char *
buf_detach(struct buf *buf)
{
	char *bytes = buf->bytes;
	if (bytes == buf_empty) {
		bytes = calloc(1, 1);
		if (bytes == NULL)
			abort();
	}
	*buf = (struct buf)BUF_INIT(buf->max);
	return bytes;
}

bool
buf_add(struct buf *buf, const void *bytes, size_t length)
{
	bool fits = length <= buf->max - buf->length;
	if (!fits) {
		length = buf->max - buf->length;
		buf->overflow = true;
	}
	if (length == 0)
		return fits;
	buf_reserve(buf, length);
	memcpy(buf->bytes + buf->length, bytes, length);
	buf->length += length;
	buf->bytes[buf->length] = '\0';
	return fits;
}

bool
buf_add_text(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

bool
buf_add_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

bool
buf_add_repeated(struct buf *buf, char c, size_t count)
{
	bool fits = true;
	while (count-- > 0 && fits)
		fits = buf_add_char(buf, c);
	return fits;
}

bool
buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	char small[256];
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(small, sizeof small, format, again);
	va_end(again);
	if (length < 0)
		abort();
	if ((size_t)length < sizeof small)
		return buf_add(buf, small, (size_t)length);
	if (!buf_reserve(buf, (size_t)length)) {
		buf->overflow = true;
		return false;
	}
	vsnprintf(buf->bytes + buf->length, (size_t)length + 1, format, args);
	buf->length += (size_t)length;
	return true;
}

bool
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	bool fits = buf_vprintf(buf, format, args);
	va_end(args);
	return fits;
}

bool
buf_add_shell_word(struct buf *buf, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/-._%:=,@+";
	if (*text != '\0' && text[strspn(text, plain)] == '\0')
		return buf_add_text(buf, text);
	buf_add_char(buf, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_add_text(buf, "'\\''");
		else
			buf_add_char(buf, *text);
	}
	return buf_add_char(buf, '\'');
}

void
buf_consume(struct buf *buf, size_t length)
{
	if (length > buf->length)
		length = buf->length;
	if (length == 0)
		return;
	memmove(buf->bytes, buf->bytes + length, buf->length - length + 1);
	buf->length -= length;
}

void
buf_truncate(struct buf *buf, size_t length)
{
	if (length >= buf->length)
		return;
	buf->length = length;
	buf->bytes[length] = '\0';
}
