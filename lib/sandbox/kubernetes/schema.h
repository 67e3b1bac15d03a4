/* What the API knows of the shape of built-in kinds: which lists merge by key, which values are
 * taken whole.  Custom resources: maps merge, lists are taken whole. */
#ifndef PAAS_SANDBOX_KUBERNETES_SCHEMA_H
#define PAAS_SANDBOX_KUBERNETES_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

struct resource;

/* Where a value stands: a chain up to the object itself.  An item of a list has its list as `up`
 * and no field. */
struct place {
	const struct place *up;          /* NULL = the object */
	const char *field;               /* NULL = an item of the list above */
	const struct resource *resource; /* of the object */
};

enum schema_kind {
	SCHEMA_WHOLE, /* scalars, and maps and lists that are replaced as one */
	SCHEMA_MAP,   /* merged key by key */
	SCHEMA_LIST,  /* items told apart by `keys` */
	SCHEMA_SET,   /* scalars, each at most once */
};
enum { SCHEMA_KEYS_MAX = 2 };
struct schema {
	enum schema_kind kind;
	const char *keys[SCHEMA_KEYS_MAX]; /* SCHEMA_LIST; the first is the patch merge key */
};
struct schema schema_of(const struct place *place, const json_t *value);

/* New reference: {"containerPort": 80, "protocol": "TCP"}, defaults filled in. */
json_t *schema_item_key(const struct schema *schema, const json_t *item);
/* The place in `list` of the item with that key, or its length. */
size_t schema_find_item(const struct schema *schema, const json_t *list, const json_t *key);

#endif
