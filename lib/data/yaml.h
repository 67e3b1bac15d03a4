/* YAML with positions and limits (libyaml's events).
 *
 * Foreign files: depth, nodes, aliases and size are capped, so an alias bomb or ten thousand open
 * brackets end as an error with a place.  Aliases share their anchor's node, merge keys (`<<`) are
 * applied.  Duplicate keys, unknown tags, a second document, NUL and invalid UTF-8 are errors.
 * Fails: ERROR_INVALID_FILE, why = "FILE:LINE:COLUMN: …".
 */
#ifndef PAAS_DATA_YAML_H
#define PAAS_DATA_YAML_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum yaml_kind { YAML_KIND_SCALAR, YAML_KIND_MAP, YAML_KIND_LIST };

struct yaml_node;
struct yaml_pair {
	struct yaml_node *key; /* always a scalar */
	struct yaml_node *value;
};

struct yaml_node {
	enum yaml_kind kind;
	unsigned line, column; /* 1-based, of its first byte */
	const char *text;      /* scalar: NUL-terminated */
	size_t length;
	bool is_plain;         /* scalar: neither quoted nor block, so 1.1 rules give it a type */
	struct yaml_pair *pairs;
	struct yaml_node **items;
	size_t count;          /* pairs or items */
};

struct yaml_limits {
	size_t max_bytes, max_nodes; /* nodes count aliases as many times as they are used */
	unsigned max_depth;
};
extern const struct yaml_limits yaml_limits_default; /* 1 MiB, 100,000 nodes, 64 deep */

/* The document in `bytes`; none at all gives *ret NULL.  `file` is for messages. */
bool yaml_parse(const char *bytes, size_t length, const char *file, const struct yaml_limits *limits,
                struct arena *arena, struct yaml_node **ret, struct error *err) must_use;

/* The value of `key` in a map, or NULL (also when `map` is NULL or no map). */
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* What a plain scalar means to PyYAML's safe loader (YAML 1.1): FDD's dialect. */
enum yaml_type { YAML_TYPE_STRING, YAML_TYPE_NULL, YAML_TYPE_BOOL, YAML_TYPE_INT, YAML_TYPE_FLOAT,
                 YAML_TYPE_TIMESTAMP };
enum yaml_type yaml_type_of(const struct yaml_node *scalar);
/* Its 1.1 value as JSON (new reference): `010` is 8, `1:30` 90, `yes` true; also as a key, where
 * `no: x` becomes "false".  Timestamps, .inf and .nan, which JSON lacks, stay text. */
json_t *yaml_to_json(const struct yaml_node *node);
/* Appends JSON as block YAML that any 1.1 or 1.2 reader takes for the same value; keys keep their
 * order.  Control, bidi and invisible characters are written as escapes, so a terminal may see it.
 * False when it does not fit in `out`. */
struct buf;
bool yaml_write(const json_t *value, struct buf *out);

#endif
