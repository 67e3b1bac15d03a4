#include "core/difference/lines.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { TABLE_MAX = 1000 };

struct text_lines {
	const char **starts;
	size_t *lengths;
	size_t count;
};

static struct text_lines
split(const char *text, struct arena *arena)
{
	struct text_lines lines = {0};
	size_t room = 1;
	for (const char *at = text; *at != '\0'; at++)
		room += *at == '\n';
	lines.starts = arena_array(arena, const char *, room);
	lines.lengths = arena_array(arena, size_t, room);
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		lines.starts[lines.count] = text;
		lines.lengths[lines.count++] = length;
		text += length + (text[length] == '\n');
	}
	return lines;
}

struct comparison {
	struct text_lines before, after;
	struct line_change *items; /* without anything left out */
	size_t count;
	struct arena *arena;
};

static bool
is_same(const struct comparison *comparison, size_t i, size_t k)
{
	const struct text_lines *before = &comparison->before, *after = &comparison->after;
	return before->lengths[i] == after->lengths[k] &&
	       memcmp(before->starts[i], after->starts[k], before->lengths[i]) == 0;
}

static void
add(struct comparison *comparison, char sign, const struct text_lines *lines, size_t i)
{
	comparison->items[comparison->count++] = (struct line_change){sign, lines->starts[i], lines->lengths[i]};
}

/* The part between what both begin and end with: lengths of common subsequences decide. */
static void
compare_middle(struct comparison *comparison, size_t first, size_t n_before, size_t n_after)
{
	size_t i = 0, k = 0, width = n_after + 1;
	bool is_small = n_before <= TABLE_MAX && n_after <= TABLE_MAX;
	uint16_t *table = is_small ? arena_array(comparison->arena, uint16_t, (n_before + 1) * width) : NULL;
	for (size_t row = n_before; is_small && row-- > 0;)
		for (size_t column = n_after; column-- > 0;) {
			uint16_t down = table[(row + 1) * width + column], right = table[row * width + column + 1];
			bool is_kept = is_same(comparison, first + row, first + column);
			table[row * width + column] =
				is_kept ? (uint16_t)(table[(row + 1) * width + column + 1] + 1) : down > right ? down : right;
		}
	while (i < n_before || k < n_after) {
		bool is_kept = is_small && i < n_before && k < n_after && is_same(comparison, first + i, first + k);
		bool goes = i < n_before && (k == n_after || !is_small ||
		                             table[(i + 1) * width + k] >= table[i * width + k + 1]);
		if (is_kept)
			add(comparison, ' ', &comparison->before, first + i);
		else if (goes)
			add(comparison, '-', &comparison->before, first + i);
		else
			add(comparison, '+', &comparison->after, first + k);
		i += is_kept || goes;
		k += is_kept || !goes;
	}
}

static bool
is_near_change(const struct comparison *comparison, size_t at, size_t context)
{
	size_t from = at > context ? at - context : 0;
	for (size_t i = from; i < comparison->count && i <= at + context; i++)
		if (comparison->items[i].sign != ' ')
			return true;
	return false;
}

static struct line_changes
leave_out(const struct comparison *comparison, size_t context)
{
	struct line_changes ret = {.items = arena_array(comparison->arena, struct line_change, comparison->count + 1)};
	bool was_left_out = false;
	for (size_t i = 0; i < comparison->count; i++) {
		bool is_shown = is_near_change(comparison, i, context);
		if (is_shown)
			ret.items[ret.count++] = comparison->items[i];
		else if (!was_left_out)
			ret.items[ret.count++] = (struct line_change){'@', "", 0};
		was_left_out = !is_shown;
	}
	return ret;
}

struct line_changes
lines_compare(const char *before, const char *after, size_t context, struct arena *arena)
{
	struct comparison comparison = {.before = split(before, arena), .after = split(after, arena), .arena = arena};
	size_t n_before = comparison.before.count, n_after = comparison.after.count, first = 0, last = 0;
	comparison.items = arena_array(arena, struct line_change, n_before + n_after + 1);
	while (first < n_before && first < n_after && is_same(&comparison, first, first))
		first++;
	while (last < n_before - first && last < n_after - first &&
	       is_same(&comparison, n_before - last - 1, n_after - last - 1))
		last++;
	for (size_t i = 0; i < first; i++)
		add(&comparison, ' ', &comparison.before, i);
	compare_middle(&comparison, first, n_before - first - last, n_after - first - last);
	for (size_t i = n_before - last; i < n_before; i++)
		add(&comparison, ' ', &comparison.before, i);
	return leave_out(&comparison, context);
}
