/* YAML into structs, by a table of fields: unknown keys with did-you-mean, strict types, ranges,
 * every problem with its place.
 *
 *	static const struct field fields[] = {
 *		{"name", FIELD_TEXT, offsetof(struct x, name), .is_required = true, .sentence = "…"},
 *		{.name = NULL},
 *	};
 *	schema_read(root, fields, PROBLEM_WARNING, &x, problems);
 *
 * The same tables give the manual pages of the files.  Null counts as absent.
 */
#ifndef PAAS_DATA_SCHEMA_H
#define PAAS_DATA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/problem.h"
#include "data/yaml.h"

enum field_type {
	FIELD_TEXT,       /* const char * */
	FIELD_CHOICE,     /* const char *, one of .choices */
	FIELD_URL,        /* const char *: https, http on loopback only, no user name */
	FIELD_BOOL,       /* bool */
	FIELD_NUMBER,     /* int64_t within min..max */
	FIELD_DURATION,   /* int64_t milliseconds: "90s", "15m" */
	FIELD_MILLIONTHS, /* int64_t: a decimal number times 1,000,000, exactly */
	FIELD_TEXTS,      /* const char ** and its count */
	FIELD_NODE,       /* const struct yaml_node *, kept as it stands */
	FIELD_MAP,        /* a nested struct, by .fields */
	FIELD_TABLE,      /* array and count of structs whose first member is `const char *name`: the key */
	FIELD_LIST,       /* array and count of structs */
};

struct field {
	const char *name; /* NULL ends the table */
	enum field_type type;
	size_t offset;       /* of the value or array */
	size_t count_offset; /* FIELD_TEXTS, _TABLE, _LIST: of its size_t */
	const struct field *fields;
	size_t size; /* of a struct of FIELD_TABLE and FIELD_LIST */
	const char *const *choices; /* NULL-terminated */
	int64_t min, max;
	/* More that a text must be: NULL when it is fine, else what is wrong, in `arena`. */
	const char *(*check)(const char *text, struct arena *arena);
	bool is_required;
	const char *sentence; /* for the manual: "the registry, as a URL" */
};

/* Fills the struct at `base` (zeroed or holding defaults) from `map`; NULL is an empty map. */
void schema_read(const struct yaml_node *map, const struct field *fields,
                 enum problem_severity unknown_keys, void *base, struct problems *problems);

/* Reads and parses `path`, a map or nothing; *ret NULL when it is empty.  Adds what is wrong to
 * `problems` and returns false when there is no tree. */
bool schema_open(const char *path, struct problems *problems, struct yaml_node **ret) must_use;

#endif
