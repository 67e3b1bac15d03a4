#include "api/spinnaker/stage_order.h"

#include <stdlib.h>
#include <string.h>

#include "data/json.h"

enum { DEPTH_MAX = 16 };

/* The stages that are still to be placed, and those that are. */
struct order {
	const struct spinnaker_stage *stages;
	size_t count;
	bool *is_placed;
	bool *needs;   /* [i * count + k]: i comes after k */
	size_t *rank;  /* of a top-level stage: the longest way to it; in a circle more than there are stages */
	struct spinnaker_stage *result;
	size_t n_result;
};

/* ---- who comes after whom ---- */

/* A reference in a list of those that a stage needs; numbers as in reference_of. */
static bool
is_reference(const json_t *value, const char *reference)
{
	if (json_is_integer(value))
		return strtoll(reference, NULL, 10) == json_integer_value(value) && *reference != '\0';
	return json_is_string(value) && strcmp(json_string_value(value), reference) == 0;
}

static bool
needs(const struct spinnaker_stage *stage, const struct spinnaker_stage *other)
{
	const json_t *list = json_list_at(stage->json, "requisiteStageRefIds"), *value;
	size_t i;
	if (stage == other || *stage->parent != '\0' || *other->parent != '\0')
		return false;
	json_array_foreach (list, i, value)
		if (i < SPINNAKER_STAGES_MAX && is_reference(value, other->reference))
			return true;
	return false;
}

/* One more than the rank of each that it needs; true when that changed. */
static bool
raise_rank(struct order *order, size_t i)
{
	bool has_changed = false;
	for (size_t k = 0; k < order->count; k++) {
		if (!order->needs[i * order->count + k] || order->rank[i] > order->rank[k] || order->rank[i] > order->count)
			continue;
		order->rank[i] = order->rank[k] + 1;
		has_changed = true;
	}
	return has_changed;
}

/* As many rounds as there are stages settle all but circles. */
static void
rank(struct order *order)
{
	bool has_changed = true;
	for (size_t i = 0; i < order->count; i++)
		for (size_t k = 0; k < order->count; k++)
			order->needs[i * order->count + k] = needs(&order->stages[i], &order->stages[k]);
	for (size_t round = 0; has_changed && round <= order->count; round++) {
		has_changed = false;
		for (size_t i = 0; i < order->count; i++)
			has_changed |= raise_rank(order, i);
	}
}

/* "2" before "10", words as words. */
static int
compare_references(const char *a, const char *b)
{
	char *end_a, *end_b;
	long number_a = strtol(a, &end_a, 10), number_b = strtol(b, &end_b, 10);
	if (*a != '\0' && *b != '\0' && *end_a == '\0' && *end_b == '\0')
		return (number_a > number_b) - (number_a < number_b);
	return strcmp(a, b);
}

static bool
comes_first(const struct order *order, size_t a, size_t b, bool is_top)
{
	const struct spinnaker_stage *one = &order->stages[a], *other = &order->stages[b];
	if (is_top && order->rank[a] != order->rank[b])
		return order->rank[a] < order->rank[b];
	if (!is_top && one->started_ms != other->started_ms)
		return one->started_ms != 0 && (other->started_ms == 0 || one->started_ms < other->started_ms);
	return compare_references(one->reference, other->reference) < 0;
}

/* ---- placing ---- */

static void place(struct order *order, size_t i, unsigned depth);

static bool
is_child(const struct order *order, size_t i, const char *parent, bool is_before)
{
	const char *owner = json_text_or(order->stages[i].json, "syntheticStageOwner", "");
	return !order->is_placed[i] && strcmp(order->stages[i].parent, parent) == 0 &&
	       (strcmp(owner, "STAGE_BEFORE") == 0) == is_before;
}

/* The next of those that hang on `parent`; SIZE_MAX: none. */
static size_t
next_of(const struct order *order, const char *parent, bool is_before)
{
	size_t best = SIZE_MAX;
	bool is_top = *parent == '\0';
	for (size_t i = 0; i < order->count; i++)
		if (is_child(order, i, parent, is_before) && (best == SIZE_MAX || comes_first(order, i, best, is_top)))
			best = i;
	return best;
}

static void
place_children(struct order *order, const char *parent, unsigned depth)
{
	for (int is_before = 1; is_before >= 0; is_before--)
		for (size_t i; depth < DEPTH_MAX && (i = next_of(order, parent, is_before)) != SIZE_MAX;)
			place(order, i, depth);
}

static void
place(struct order *order, size_t i, unsigned depth)
{
	order->is_placed[i] = true;
	order->result[order->n_result] = order->stages[i];
	order->result[order->n_result++].depth = depth;
	if (*order->stages[i].id != '\0')
		place_children(order, order->stages[i].id, depth + 1);
}

void
stage_order(struct spinnaker_stage *stages, size_t count, struct arena *arena)
{
	struct order order = {
		.stages = stages, .count = count, .is_placed = arena_array(arena, bool, count + 1),
		.needs = arena_array(arena, bool, count * count + 1),
		.rank = arena_array(arena, size_t, count + 1), .result = arena_array(arena, struct spinnaker_stage, count + 1),
	};
	rank(&order);
	place_children(&order, "", 0);
	for (size_t i = 0; i < count; i++)
		if (!order.is_placed[i])
			place(&order, i, 0);
	if (count > 0)
		memcpy(stages, order.result, count * sizeof *stages);
}
