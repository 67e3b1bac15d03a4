#include "data/json_token.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/compiler.h"

enum string_step { STRING_PLAIN, STRING_ESCAPE, STRING_DIGITS, STRING_PAIR = STRING_DIGITS + 4, STRING_PAIR_U };

enum number_step {
	NUMBER_SIGN, /* after '-' */
	NUMBER_ZERO,
	NUMBER_INTEGER,
	NUMBER_DOT, /* after '.' */
	NUMBER_FRACTION,
	NUMBER_E, /* after 'e' */
	NUMBER_E_SIGN,
	NUMBER_EXPONENT,
};

void
json_token_init(struct json_token *token)
{
	*token = (struct json_token){.text = BUF_INIT(JSON_TEXT_MAX)};
}

void
json_token_release(struct json_token *token)
{
	buf_release(&token->text);
}

static enum json_scan
bad(struct json_token *token, const char *problem)
{
	token->problem = problem;
	return JSON_SCAN_BAD;
}

static bool
keep(struct json_token *token, const char *bytes, size_t length)
{
	return !token->is_kept || buf_add(&token->text, bytes, length);
}

/* ---- strings ---- */

/* The first byte that needs a look: quote, backslash, control character or part of UTF-8. */
static const char *
skip_plain(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
	for (; end - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		/* As signed bytes, both controls and everything from 0x80 on are less than a space. */
		__m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
		                               _mm_cmplt_epi8(bytes, space));
		int mask = _mm_movemask_epi8(special);
		if (mask != 0)
			return at + __builtin_ctz((unsigned)mask);
	}
#endif
	while (at < end && *at != '"' && *at != '\\' && (signed char)*at >= ' ')
		at++;
	return at;
}

/* RFC 3629, section 4: what may follow which first byte. */
static bool
begin_utf8(struct json_token *token, unsigned char first)
{
	token->low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	token->high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	token->n_continuation = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	return first >= 0xc2 && first <= 0xf4;
}

static bool
continue_utf8(struct json_token *token, unsigned char byte)
{
	bool is_fine = byte >= token->low && byte <= token->high;
	token->low = 0x80;
	token->high = 0xbf;
	token->n_continuation--;
	return is_fine;
}

static bool
keep_character(struct json_token *token, uint32_t c)
{
	char bytes[4];
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = length - 1; i > 0; i--, c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(marks[length] | c);
	return keep(token, bytes, length);
}

/* A whole \u escape is in `unit`; surrogates come in pairs, high first (RFC 8259, section 7). */
static enum json_scan
end_unit(struct json_token *token)
{
	uint32_t unit = token->unit, first = token->surrogate;
	bool is_low = unit >= 0xdc00 && unit <= 0xdfff, is_high = unit >= 0xd800 && unit <= 0xdbff;
	token->step = STRING_PLAIN;
	token->surrogate = 0;
	if ((first != 0) != is_low)
		return bad(token, "half a surrogate pair");
	if (unit == 0)
		return bad(token, "\\u0000 in a string");
	if (is_high) {
		token->surrogate = unit;
		token->step = STRING_PAIR;
		return JSON_SCAN_MORE;
	}
	if (is_low)
		unit = 0x10000 + ((first - 0xd800) << 10) + (unit - 0xdc00);
	return keep_character(token, unit) ? JSON_SCAN_MORE : bad(token, "a string is too long");
}

static enum json_scan
scan_digit(struct json_token *token, char c)
{
	uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
	                 : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
	                 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) : 16;
	if (digit > 15)
		return bad(token, "a \\u escape needs four hexadecimal digits");
	token->unit = token->unit << 4 | digit;
	return ++token->step < STRING_DIGITS + 4 ? JSON_SCAN_MORE : end_unit(token);
}

/* One byte after a backslash. */
static enum json_scan
scan_escape(struct json_token *token, char c)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	if (token->step == STRING_PAIR || token->step == STRING_PAIR_U) {
		if (c != (token->step == STRING_PAIR ? '\\' : 'u'))
			return bad(token, "half a surrogate pair");
		token->step = token->step == STRING_PAIR ? STRING_PAIR_U : STRING_DIGITS;
		token->unit = 0;
		return JSON_SCAN_MORE;
	}
	if (token->step != STRING_ESCAPE)
		return scan_digit(token, c);
	if (c == 'u') {
		token->step = STRING_DIGITS;
		token->unit = 0;
		return JSON_SCAN_MORE;
	}
	const char *name = c != '\0' ? strchr(names, c) : NULL;
	if (name == NULL)
		return bad(token, "an unknown escape");
	token->step = STRING_PLAIN;
	return keep(token, &values[name - names], 1) ? JSON_SCAN_MORE : bad(token, "a string is too long");
}

/* One byte of a string that is no plain character; the end of the string is not here. */
static enum json_scan
scan_special(struct json_token *token, char c)
{
	unsigned char byte = (unsigned char)c;
	if (token->step != STRING_PLAIN)
		return scan_escape(token, c);
	if (c == '\\') {
		token->step = STRING_ESCAPE;
		return JSON_SCAN_MORE;
	}
	if (byte < 0x20)
		return bad(token, "a control character in a string");
	if (!(token->n_continuation > 0 ? continue_utf8(token, byte) : begin_utf8(token, byte)))
		return bad(token, "bytes that are no UTF-8");
	return keep(token, &c, 1) ? JSON_SCAN_MORE : bad(token, "a string is too long");
}

/* A string that came in one piece is read where it lies. */
static enum json_scan
end_string(struct json_token *token, const char *bytes, size_t length)
{
	token->bytes = bytes;
	token->length = length;
	if (token->is_kept && token->text.length > 0) {
		if (!buf_add(&token->text, bytes, length))
			return bad(token, "a string is too long");
		token->bytes = token->text.bytes;
		token->length = token->text.length;
	}
	return token->length <= JSON_TEXT_MAX || !token->is_kept ? JSON_SCAN_DONE : bad(token, "a string is too long");
}

static enum json_scan
scan_string(struct json_token *token, const char **at, const char *end)
{
	while (*at < end) {
		const char *from = *at;
		bool is_inside = token->step != STRING_PLAIN || token->n_continuation > 0;
		if (!is_inside) {
			*at = skip_plain(from, end);
			if (*at < end && **at == '"')
				return end_string(token, from, (size_t)((*at)++ - from));
			if (!keep(token, from, (size_t)(*at - from)))
				return bad(token, "a string is too long");
			if (*at == end)
				break;
		}
		enum json_scan scan = scan_special(token, **at);
		if (scan != JSON_SCAN_MORE)
			return scan;
		(*at)++;
	}
	return JSON_SCAN_MORE;
}

/* ---- numbers ---- */

/* The step after `c`, or -1 when it cannot follow. */
static int
number_next(enum number_step step, char c)
{
	bool is_digit = c >= '0' && c <= '9', is_e = c == 'e' || c == 'E';
	switch (step) {
	case NUMBER_SIGN:
		return c == '0' ? NUMBER_ZERO : is_digit ? NUMBER_INTEGER : -1;
	case NUMBER_INTEGER:
		if (is_digit)
			return NUMBER_INTEGER;
		return c == '.' ? NUMBER_DOT : is_e ? NUMBER_E : -1;
	case NUMBER_ZERO:
		return c == '.' ? NUMBER_DOT : is_e ? NUMBER_E : -1;
	case NUMBER_DOT:
		return is_digit ? NUMBER_FRACTION : -1;
	case NUMBER_FRACTION:
		return is_digit ? NUMBER_FRACTION : is_e ? NUMBER_E : -1;
	case NUMBER_E:
		return c == '+' || c == '-' ? NUMBER_E_SIGN : is_digit ? NUMBER_EXPONENT : -1;
	case NUMBER_E_SIGN:
	case NUMBER_EXPONENT:
		return is_digit ? NUMBER_EXPONENT : -1;
	default:
		return -1;
	}
}

static enum json_scan
end_number(struct json_token *token)
{
	unsigned step = token->step;
	if (step == NUMBER_SIGN || step == NUMBER_DOT || step == NUMBER_E || step == NUMBER_E_SIGN)
		return bad(token, "a number without its digits");
	token->is_integer = step == NUMBER_ZERO || step == NUMBER_INTEGER;
	token->bytes = token->text.bytes;
	token->length = token->text.length;
	return JSON_SCAN_DONE;
}

static enum json_scan
scan_number(struct json_token *token, const char **at, const char *end)
{
	const char *from = *at;
	int next = 0;
	while (*at < end && (next = number_next(token->step, **at)) >= 0) {
		token->step = (unsigned)next;
		(*at)++;
	}
	token->n_digits += (size_t)(*at - from);
	if (token->n_digits > JSON_NUMBER_MAX)
		return bad(token, "a number is too long");
	if (!keep(token, from, (size_t)(*at - from)))
		return bad(token, "a number is too long");
	return *at < end ? end_number(token) : JSON_SCAN_MORE;
}

/* ---- literals ---- */

static enum json_scan
scan_literal(struct json_token *token, const char **at, const char *end)
{
	for (; *at < end; (*at)++) {
		if (**at != token->literal[token->step])
			return bad(token, "no value begins so");
		if (token->literal[++token->step] == '\0') {
			(*at)++;
			token->bytes = token->literal;
			token->length = token->step;
			return JSON_SCAN_DONE;
		}
	}
	return JSON_SCAN_MORE;
}

/* ---- one token ---- */

bool
json_token_begin(struct json_token *token, char first, bool is_kept)
{
	token->is_kept = is_kept;
	token->step = STRING_PLAIN;
	if (token->text.length > 0)
		buf_clear(&token->text);
	if (first == '"') {
		token->kind = JSON_TOKEN_STRING;
	} else if (first == '-' || (first >= '0' && first <= '9')) {
		token->kind = JSON_TOKEN_NUMBER;
		token->step = first == '-' ? NUMBER_SIGN : first == '0' ? NUMBER_ZERO : NUMBER_INTEGER;
		token->n_digits = 1;
		(void)keep(token, &first, 1);
	} else {
		token->literal = first == 't' ? "true" : first == 'f' ? "false" : first == 'n' ? "null" : NULL;
		token->kind = token->literal != NULL ? JSON_TOKEN_LITERAL : JSON_TOKEN_NONE;
		token->step = 1;
	}
	return token->kind != JSON_TOKEN_NONE;
}

enum json_scan
json_token_scan(struct json_token *token, const char **at, const char *end)
{
	if (token->kind == JSON_TOKEN_STRING)
		return scan_string(token, at, end);
	return token->kind == JSON_TOKEN_NUMBER ? scan_number(token, at, end) : scan_literal(token, at, end);
}

enum json_scan
json_token_finish(struct json_token *token)
{
	return token->kind == JSON_TOKEN_NUMBER ? end_number(token) : bad(token, "it ends within a value");
}
