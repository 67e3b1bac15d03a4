/* Names and values as forms and queries carry them: application/x-www-form-urlencoded (URL
 * standard 5.1), the encoding of every OAuth request (RFC 6749, appendix B).
 */
#ifndef PAAS_WEB_FORM_H
#define PAAS_WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"

enum { WEB_FORM_FIELDS_MAX = 64 };

struct web_form {
	struct web_form_field {
		const char *name, *value; /* decoded, UTF-8 */
	} *fields;
	size_t count;
};

/* "a=1&b=x%20y", without the "?" of a query.  False when it is none: a broken escape, a NUL, no
 * UTF-8, more than WEB_FORM_FIELDS_MAX fields. */
bool web_form_read(const char *bytes, size_t length, struct arena *arena, struct web_form *ret) must_use;
/* The first of that name; NULL when there is none. */
const char *web_form_value(const struct web_form *form, const char *name);
/* Whether a name stands there twice. */
bool web_form_repeats(const struct web_form *form);

#endif
