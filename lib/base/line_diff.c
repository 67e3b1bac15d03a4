#include "base/line_diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { LINES_MAX = 2000, CONTEXT = 3 };

struct line {
	const char *text;
	size_t length;
};

struct lines {
	struct line *items;
	size_t count;
};

/* One line of the outcome. */
struct edit {
	char mark; /* ' ', '-', '+' */
	const struct line *line;
	size_t old_before, new_before; /* lines of each text before it */
};

static struct lines
split(const char *text, struct arena *arena)
{
	struct lines lines = {0};
	size_t max = 1;
	for (const char *c = text; *c != '\0'; c++)
		max += *c == '\n';
	lines.items = arena_array(arena, struct line, max);
	for (const char *at = text; *at != '\0';) {
		size_t length = strcspn(at, "\n");
		lines.items[lines.count++] = (struct line){at, length};
		at += length + (at[length] == '\n');
	}
	return lines;
}

static bool
is_same(const struct line *a, const struct line *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* lengths[i * (b + 1) + j]: of the longest common subsequence of a from i and b from j. */
static uint16_t *
measure(const struct lines *a, const struct lines *b, struct arena *arena)
{
	size_t width = b->count + 1;
	uint16_t *lengths = arena_array(arena, uint16_t, (a->count + 1) * width);
	for (size_t i = a->count; i-- > 0;) {
		for (size_t j = b->count; j-- > 0;) {
			uint16_t down = lengths[(i + 1) * width + j], right = lengths[i * width + j + 1];
			if (is_same(&a->items[i], &b->items[j]))
				lengths[i * width + j] = (uint16_t)(lengths[(i + 1) * width + j + 1] + 1);
			else
				lengths[i * width + j] = down >= right ? down : right;
		}
	}
	return lengths;
}

static struct edit *
compare(const struct lines *a, const struct lines *b, struct arena *arena, size_t *ret_count)
{
	struct edit *edits = arena_array(arena, struct edit, a->count + b->count + 1);
	bool is_small = a->count <= LINES_MAX && b->count <= LINES_MAX;
	uint16_t *lengths = is_small ? measure(a, b, arena) : NULL;
	size_t i = 0, j = 0, n = 0, width = b->count + 1;
	while (i < a->count || j < b->count) {
		bool takes_both = lengths != NULL && i < a->count && j < b->count &&
		        is_same(&a->items[i], &b->items[j]);
		bool takes_old = i < a->count && (j == b->count || lengths == NULL ||
		                                  lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]);
		edits[n] = (struct edit){takes_both ? ' ' : takes_old ? '-' : '+', NULL, i, j};
		edits[n].line = takes_both || takes_old ? &a->items[i] : &b->items[j];
		i += takes_both || takes_old;
		j += takes_both || !takes_old;
		n++;
	}
	*ret_count = n;
	return edits;
}

static void
write_hunk(struct buf *out, const struct edit *edits, size_t start, size_t end)
{
	size_t n_old = 0, n_new = 0;
	for (size_t i = start; i < end; i++) {
		n_old += edits[i].mark != '+';
		n_new += edits[i].mark != '-';
	}
	buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", edits[start].old_before + (n_old > 0), n_old,
	           edits[start].new_before + (n_new > 0), n_new);
	for (size_t i = start; i < end; i++) {
		buf_add_char(out, edits[i].mark);
		buf_add(out, edits[i].line->text, edits[i].line->length);
		buf_add_char(out, '\n');
	}
}

void
line_diff(struct buf *out, const char *old_name, const char *old_text, const char *new_name, const char *new_text)
{
	struct arena arena __attribute__((cleanup(arena_release))) = {0};
	struct lines a = split(old_text, &arena), b = split(new_text, &arena);
	size_t count, i = 0;
	struct edit *edits = compare(&a, &b, &arena, &count);
	bool has_head = false;
	while (i < count) {
		size_t first = i, last, end;
		while (first < count && edits[first].mark == ' ')
			first++;
		if (first == count)
			break;
		for (last = end = first; end < count && end - last <= 2 * (size_t)CONTEXT; end++)
			if (edits[end].mark != ' ')
				last = end;
		size_t start = first > i + CONTEXT ? first - CONTEXT : i;
		end = last + CONTEXT + 1 < count ? last + CONTEXT + 1 : count;
		if (!has_head)
			buf_printf(out, "--- %s\n+++ %s\n", old_name, new_name);
		has_head = true;
		write_hunk(out, edits, start, end);
		i = end;
	}
}
