/* One string, number or literal of a JSON document whose bytes come in pieces (RFC 8259).
 *
 * For json_stream.c alone.  Everything is validated, wanted or not: UTF-8 (no overlong form, no
 * surrogate), escapes and their pairs, control characters, the grammar of numbers.  Like jansson,
 * it refuses U+0000, which no C string can hold.
 */
#ifndef PAAS_DATA_JSON_TOKEN_H
#define PAAS_DATA_JSON_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	JSON_TEXT_MAX = 64 * 1024, /* bytes of a string or number that is kept */
	JSON_NUMBER_MAX = 512,     /* bytes of any number */
};

enum json_token_kind { JSON_TOKEN_NONE, JSON_TOKEN_STRING, JSON_TOKEN_NUMBER, JSON_TOKEN_LITERAL };
enum json_scan { JSON_SCAN_MORE, JSON_SCAN_DONE, JSON_SCAN_BAD };

struct json_token {
	enum json_token_kind kind; /* NONE: between tokens */
	bool is_kept;              /* its bytes are wanted */
	bool is_integer;           /* of a number: neither fraction nor exponent */
	const char *bytes;         /* of a kept token, once done: decoded, not NUL-terminated, */
	size_t length;             /* valid until the next token or the end of the piece */
	const char *literal;       /* "true", "false" or "null" */
	const char *problem;       /* after JSON_SCAN_BAD */
	/* Where it stands within a token. */
	unsigned step;             /* of the string's or number's grammar, or of the literal's letters */
	size_t n_digits;           /* bytes of the number so far */
	unsigned n_continuation;   /* bytes of UTF-8 to come */
	unsigned char low, high;   /* what the next of them may be */
	uint32_t unit, surrogate;  /* of a \u escape; of the first half of a pair, 0 = none */
	struct buf text;           /* what earlier pieces gave */
};

void json_token_init(struct json_token *token);
void json_token_release(struct json_token *token);
/* Begins with `first`, a byte that is consumed by this call.  False when no value begins so. */
bool json_token_begin(struct json_token *token, char first, bool is_kept);
/* Goes on from *at, which moves past what was consumed.  A number ends before the first byte that
 * is not its own. */
enum json_scan json_token_scan(struct json_token *token, const char **at, const char *end);
/* The document ended: done when that completes a number. */
enum json_scan json_token_finish(struct json_token *token);

#endif
