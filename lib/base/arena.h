/* Memory that is released as a whole.
 *
 * A command owns one arena; everything a function builds for its caller goes there and is never
 * freed alone.  A function that allocates takes a `struct arena *`; one that does not, cannot.
 * Long loops use a scratch arena and reset it each turn.  Secrets never enter an arena
 * (base/secret.h).  Out of memory ends the process: a killed and a starved process are one case.
 */
#ifndef PAAS_BASE_ARENA_H
#define PAAS_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena_block;

/* All zero is an empty arena: `struct arena arena = {0};` */
struct arena {
	struct arena_block *blocks;
	size_t used_bytes; /* handed out since the last reset */
};

/* Frees everything; the arena can be used again. */
void arena_release(struct arena *arena);
/* Forgets everything but keeps one block, so that a loop settles without allocating. */
void arena_reset(struct arena *arena);

/* `size` zeroed bytes, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull, malloc));
/* `count` zeroed elements; aborts when the product overflows. */
void *arena_calloc(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
#define arena_new(arena, type) ((type *)arena_alloc(arena, sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_calloc(arena, count, sizeof(type)))

/* Copies, always NUL-terminated. arena_strdup(NULL) is NULL. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) printf_like(2, 3) returns_text;
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0))) returns_text;

#endif
