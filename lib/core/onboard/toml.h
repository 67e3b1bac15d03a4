/* TOML, as far as manifests need it: which key in which section has which text.
 *
 * Not a validator: what it does not understand it skips to the next line.  Strings (basic, literal,
 * of one line), numbers and booleans are values; each string of an array is an entry; an inline
 * table is its raw text.  Multi-line strings are skipped.
 */
#ifndef PAAS_CORE_ONBOARD_TOML_H
#define PAAS_CORE_ONBOARD_TOML_H

#include <stddef.h>

#include "base/arena.h"

struct toml_entry {
	const char *section; /* "tool.poetry.dependencies"; "" at the top; "bin" of [[bin]] */
	const char *key, *value;
	unsigned line;
};

/* At most 20,000 entries. Never fails. */
struct toml_entry *toml_read(const char *text, struct arena *arena, size_t *ret_count);
/* The first entry of that place, or NULL. */
const struct toml_entry *toml_find(const struct toml_entry *entries, size_t count, const char *section,
                                   const char *key);

#endif
