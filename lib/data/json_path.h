/* The paths of a stream's records and fields as one tree, and where in it the document stands.
 *
 * For json_stream.c alone.
 */
#ifndef PAAS_DATA_JSON_PATH_H
#define PAAS_DATA_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "data/json_stream.h"

enum { JSON_PATH_MAX = 24 /* segments of a path; half of them its record's */ };

/* A record being filled. */
struct json_opened {
	const struct json_record *record;
	void *values;       /* of record->size */
	struct arena texts; /* of this one occurrence */
};

struct json_node {
	const char *key; /* NULL: an element */
	size_t key_length;
	int64_t index; /* of the element; -1: any */
	struct json_opened *opened;     /* a record begins here */
	const struct json_field *field; /* a field is here … */
	struct json_opened *owner;      /* … of this record */
	struct json_node *children, *sibling;
};

/* The root; everything in `arena`.  `opened` has a place for each record. */
struct json_node *json_path_compile(const struct json_record *records, size_t n_records,
                                    struct json_opened *opened, struct arena *arena);
/* The child, or NULL. */
struct json_node *json_node_key(const struct json_node *node, const char *key, size_t length);
struct json_node *json_node_element(const struct json_node *node, int64_t index);

#endif
