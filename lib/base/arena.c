#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	size_t size, used; /* bytes of `data` */
	alignas(max_align_t) char data[];
};

enum { BLOCK_BYTES = 16 * 1024 };

static struct arena_block *
block_new(size_t size, struct arena_block *next)
{
	if (size > SIZE_MAX - sizeof(struct arena_block))
		abort();
	struct arena_block *block = malloc(sizeof *block + size);
	if (block == NULL)
		abort();
	block->next = next;
	block->size = size;
	block->used = 0;
	return block;
}

static void
blocks_free(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void
arena_release(struct arena *arena)
{
	blocks_free(arena->blocks);
	*arena = (struct arena){0};
}

void
arena_reset(struct arena *arena)
{
	arena->used_bytes = 0;
	if (arena->blocks == NULL)
		return;
	blocks_free(arena->blocks->next);
	arena->blocks->next = NULL;
	arena->blocks->used = 0;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (size > SIZE_MAX - align)
		abort();
	size = (size + align - 1) / align * align;
	struct arena_block *block = arena->blocks;
	if (block == NULL || block->size - block->used < size) {
		block = block_new(size > BLOCK_BYTES ? size : BLOCK_BYTES, arena->blocks);
		arena->blocks = block;
	}
	void *memory = block->data + block->used;
	block->used += size;
	arena->used_bytes += size;
	return memset(memory, 0, size);
}

void *
arena_calloc(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(count, size, &total))
		abort();
	return arena_alloc(arena, total);
}

char *
arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);
	if (length > 0)
		memcpy(copy, text, length);
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_strndup(arena, text, strlen(text));
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	char small[256]; /* most texts: those are formatted once */
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(small, sizeof(small), format, again);
	va_end(again);
	if (length < 0)
		abort();
	if ((size_t)length < sizeof(small))
		return arena_strndup(arena, small, (size_t)length);
	char *text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, args);
	return text;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}
