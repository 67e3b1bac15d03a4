/* Secret bytes in guarded memory: locked, fenced by guard pages, zeroed when released.
 *
 * Opaque on purpose: nothing prints it by accident.  secret_reveal is the only way in, easy to
 * find, and allowed in lib/net, lib/store and lib/auth only (`make lint`).
 */
#ifndef PAAS_BASE_SECRET_H
#define PAAS_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct secret;

/* Copies `length` bytes; the caller wipes its own copy (secret_wipe). Never NULL. */
struct secret *secret_new(const void *bytes, size_t length) __attribute__((returns_nonnull));
void secret_free(struct secret *secret);
/* For scoped(). */
void secret_release(struct secret **secret);
/* The bytes, NUL-terminated; valid as long as the secret lives. */
const char *secret_reveal(const struct secret *secret) returns_text;
size_t secret_length(const struct secret *secret);
/* In constant time for equal lengths. */
bool secret_equals(const struct secret *a, const struct secret *b);
/* Zeroes memory in a way the compiler may not leave out. */
void secret_wipe(void *bytes, size_t length);

/* Once, early in main: no core dumps, not traceable by others of the same user. */
void secret_protect_process(void);

#endif
