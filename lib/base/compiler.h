/* What we ask of the compiler beyond C17, under names that say why.
 *
 *	scoped(file_close) FILE *file = fopen(…);     released when the block ends, on every path
 *	return take(file);                            handed to the caller instead
 */
#ifndef PAAS_BASE_COMPILER_H
#define PAAS_BASE_COMPILER_H

#include <stddef.h>

#define must_use __attribute__((warn_unused_result))
#define printf_like(text, first) __attribute__((format(printf, text, first)))
#define returns_text __attribute__((returns_nonnull))

/* Calls `release(&variable)` at the end of the block; `release` takes a pointer to the variable. */
#define scoped(release) __attribute__((cleanup(release)))

/* The value of `pointer`, which becomes NULL: its scope no longer owns it. */
#define take(pointer)                                 \
	__extension__({                               \
		__typeof__(pointer) taken_ = pointer; \
		(pointer) = NULL;                     \
		taken_;                               \
	})

#define array_length(array) (sizeof(array) / sizeof((array)[0]))

#define container_of(member_pointer, type, member) \
	((type *)(void *)((char *)(member_pointer) - offsetof(type, member)))

#endif
