/* JSON values as Python sees them.
 *
 * FDD checks few types, so what it does with a wrong one, and what it says about it, is decided by
 * Python's rules: truth, equality across numbers, str() and repr().  NULL counts as None.
 */
#ifndef PAAS_CORE_FIAAS_PYTHON_H
#define PAAS_CORE_FIAAS_PYTHON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* "int", "str", "NoneType", … */
const char *python_type_name(const json_t *value);
/* False for None, False, 0, 0.0, "", [] and {}. */
bool python_is_true(const json_t *value);
/* `==`: 3 is 3.0, and True is 1. */
bool python_is_equal(const json_t *a, const json_t *b);
/* A number, booleans included. */
bool python_is_number(const json_t *value);
double python_number(const json_t *value);
bool python_is_number_equal(const json_t *value, int number);
/* Literal notation, as in messages: 'text', None, [1, 2.0]. */
const char *python_repr(const json_t *value, struct arena *arena);
/* As in f"{value}": texts as they are. */
const char *python_text(const json_t *value, struct arena *arena);

/* jansson iterates and counts references through pointers without const. */
static inline json_t *
json_borrow(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}
/* A new reference. */
static inline json_t *
json_share(const json_t *value)
{
	return json_incref(json_borrow(value));
}

#endif
