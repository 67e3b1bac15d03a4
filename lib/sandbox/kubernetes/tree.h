/* Reading and building JSON trees by dotted paths: tree_text(pod, "status.phase").  A number is a
 * place in a list.  For fixed paths only: label keys hold dots. */
#ifndef PAAS_SANDBOX_KUBERNETES_TREE_H
#define PAAS_SANDBOX_KUBERNETES_TREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Borrowed, or NULL.  Steps over anything that is not there. */
json_t *tree_get(const json_t *tree, const char *path);
const char *tree_text(const json_t *tree, const char *path); /* "" when absent */
json_int_t tree_int(const json_t *tree, const char *path);   /* 0 when absent */
bool tree_bool(const json_t *tree, const char *path);
/* Objects along the path are made where missing; steals `value`. */
void tree_set(json_t *tree, const char *path, json_t *value);
/* Only when absent. */
void tree_set_default(json_t *tree, const char *path, json_t *value);
void tree_remove(json_t *tree, const char *path);
/* The object in the list whose `key` is `text`; borrowed, NULL when there is none. */
json_t *tree_find(const json_t *list, const char *key, const char *text);
/* Whether an equal value is in the list. */
bool tree_holds(const json_t *list, const json_t *value);
/* New reference: the list `old` (or NULL) and what of `more` it does not hold. */
json_t *tree_unite(const json_t *old, const json_t *more);
/* jansson's iterators and copies take no const, though they change nothing. */
static inline json_t *
tree_loose(const json_t *tree)
{
	return (json_t *)(uintptr_t)tree;
}
/* json_t ** for scoped(). */
void tree_release(json_t **tree);

#endif
