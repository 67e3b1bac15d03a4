/* printf whose arguments cannot harm: the format is walked here, numbers are left to snprintf. */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/neutral.h"
#include "ui/text.h"

enum { NUMBER_BYTES = 512, ARGUMENT_MAX_BYTES = 1024 * 1024 };

/* One conversion, "%-8.3s": taken apart. */
struct conversion {
	char flags[8];
	int width, precision; /* -1: not given */
	char size[3];         /* "l", "ll", "z", … */
	char letter;
};

static int
read_number(const char **at, va_list *args)
{
	int value = 0;
	if (**at == '*') {
		(*at)++;
		return va_arg(*args, int);
	}
	for (; **at >= '0' && **at <= '9'; (*at)++)
		value = value * 10 + (**at - '0');
	return value;
}

/* Reads what follows '%'; returns the first byte after it. */
static const char *
read_conversion(const char *at, va_list *args, struct conversion *ret)
{
	*ret = (struct conversion){.width = -1, .precision = -1};
	for (size_t n = 0; *at != '\0' && strchr("-+ #0", *at) != NULL && n + 1 < sizeof ret->flags; at++)
		ret->flags[n++] = *at;
	if (*at == '*' || (*at >= '1' && *at <= '9'))
		ret->width = read_number(&at, args);
	if (*at == '.') {
		at++;
		ret->precision = read_number(&at, args);
	}
	for (size_t n = 0; *at != '\0' && strchr("hljzt", *at) != NULL && n + 1 < sizeof ret->size; at++)
		ret->size[n++] = *at;
	ret->letter = *at;
	return *at == '\0' ? at : at + 1;
}

static bool
is_trusted(const struct text_trusted *trusted, const char *text)
{
	for (size_t i = 0; trusted != NULL && i < trusted->count; i++)
		if (trusted->texts[i] == text)
			return true;
	return false;
}

static void
add_text(struct buf *buf, const struct conversion *conversion, const char *text)
{
	size_t length = conversion->precision >= 0 ? strnlen(text, (size_t)conversion->precision) : strlen(text);
	scoped(buf_release) struct buf safe = BUF_INIT(ARGUMENT_MAX_BYTES);
	neutral_add(&safe, NEUTRAL_LINE, text, length);
	size_t width = conversion->width > 0 ? (size_t)conversion->width : 0;
	bool is_left = strchr(conversion->flags, '-') != NULL;
	if (conversion->width < -1) {
		width = (size_t)-(long)conversion->width;
		is_left = true;
	}
	size_t columns = width > 0 ? text_width(safe.bytes, safe.length) : 0;
	size_t blanks = width > columns ? width - columns : 0;
	if (!is_left)
		buf_add_repeated(buf, ' ', blanks);
	buf_add(buf, safe.bytes, safe.length);
	if (is_left)
		buf_add_repeated(buf, ' ', blanks);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void
add_number(struct buf *buf, const struct conversion *conversion, va_list *args)
{
	assert(strchr("diuxXofFeEgG", conversion->letter) != NULL);
	char format[48], width[16] = "", precision[16] = "", text[NUMBER_BYTES];
	if (conversion->width != -1)
		snprintf(width, sizeof width, "%d", conversion->width);
	if (conversion->precision >= 0)
		snprintf(precision, sizeof precision, ".%d", conversion->precision);
	bool is_float = strchr("fFeEgGaA", conversion->letter) != NULL;
	bool is_signed = conversion->letter == 'd' || conversion->letter == 'i';
	snprintf(format, sizeof format, "%%%s%s%s%s%c", conversion->flags, width, precision,
	         is_float ? "" : "j", conversion->letter);
	if (is_float)
		snprintf(text, sizeof text, format, va_arg(*args, double));
	else if (strpbrk(conversion->size, "ljzt") != NULL) /* all of 64 bits */
		snprintf(text, sizeof text, format, va_arg(*args, intmax_t));
	else if (is_signed)
		snprintf(text, sizeof text, format, (intmax_t)va_arg(*args, int));
	else
		snprintf(text, sizeof text, format, (uintmax_t)va_arg(*args, unsigned));
	buf_add_text(buf, text);
}

#pragma GCC diagnostic pop

void
text_add_format(struct buf *buf, const struct text_trusted *trusted, const char *format, va_list args)
{
	va_list rest;
	va_copy(rest, args);
	while (*format != '\0') {
		size_t literal = strcspn(format, "%");
		buf_add(buf, format, literal);
		format += literal;
		if (*format == '\0')
			break;
		struct conversion conversion;
		format = read_conversion(format + 1, &rest, &conversion);
		if (conversion.letter == '%') {
			buf_add_char(buf, '%');
		} else if (conversion.letter == 's') {
			const char *text = va_arg(rest, const char *);
			if (text != NULL && is_trusted(trusted, text))
				buf_add_text(buf, text);
			else
				add_text(buf, &conversion, text == NULL ? "(none)" : text);
		} else if (conversion.letter == 'c') {
			char one[2] = {(char)va_arg(rest, int), '\0'};
			add_text(buf, &conversion, one);
		} else {
			add_number(buf, &conversion, &rest);
		}
	}
	va_end(rest);
}
