/* One kind's objects in order of namespace and name: the store's inside. */
#ifndef PAAS_SANDBOX_KUBERNETES_SHELF_H
#define PAAS_SANDBOX_KUBERNETES_SHELF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct shelf {
	json_t **objects; /* owned references */
	size_t count, capacity;
};

/* The place of the first object not before (namespace, name). */
size_t shelf_search(const struct shelf *shelf, const char *namespace, const char *name);
/* The place of the object itself; false when absent. */
bool shelf_find(const struct shelf *shelf, const char *namespace, const char *name, size_t *ret);
/* Steals `object`; `place` is where shelf_search would put it. */
void shelf_insert(struct shelf *shelf, size_t place, json_t *object);
/* The reference goes to the caller. */
json_t *shelf_take(struct shelf *shelf, size_t place);
void shelf_release(struct shelf *shelf);

#endif
