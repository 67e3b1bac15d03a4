/* libyaml's events built into a tree, with our own limits: events do not expand aliases, so the
 * caps on depth and nodes count what a reader of the finished tree would walk. */
#include "data/yaml.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

const struct yaml_limits yaml_limits_default = {1024 * 1024, 100000, 64};

/* A node that aliases may use. */
struct anchor {
	const char *name;
	struct yaml_node *node; /* NULL until it is complete */
	size_t n_nodes;         /* as many as a walk over it meets */
	unsigned height;
	struct anchor *next;
};

struct builder {
	yaml_parser_t *parser;
	const char *bytes, *file;
	size_t length;
	const struct yaml_limits *limits;
	struct arena *arena;
	struct anchor *anchors; /* newest first: a name may be used again */
	size_t n_nodes;
	struct error *err;
};

/* Where a subtree stands, and what it turned out to be. */
struct place {
	unsigned depth;
	unsigned height; /* result: levels of collections from here down */
};

static bool build_node(struct builder *builder, const yaml_event_t *event, struct place *place,
                       struct yaml_node **ret);

/* ---- errors ---- */

#define fail_at(builder, mark, ...) \
	(fail_at_mark((builder), (mark), arena_printf((builder)->arena, __VA_ARGS__)), false)

static void
fail_at_mark(struct builder *builder, yaml_mark_t mark, const char *message)
{
	(void)error_set(builder->err, ERROR_INVALID_FILE, "%s:%zu:%zu: %s", builder->file,
	                mark.line + 1, mark.column + 1, message);
}

/* libyaml's reader gives a byte offset only. */
static yaml_mark_t
mark_of_offset(const struct builder *builder, size_t offset)
{
	yaml_mark_t mark = {.index = offset};
	for (size_t i = 0; i < offset && i < builder->length; i++) {
		if (builder->bytes[i] == '\n') {
			mark.line++;
			mark.column = 0;
		} else {
			mark.column++;
		}
	}
	return mark;
}

/* Whether the line of `mark` is indented with a tab, the usual cause of a scanner error. */
static bool
is_indented_with_tab(const struct builder *builder, yaml_mark_t mark)
{
	const char *line = builder->bytes, *end = builder->bytes + builder->length;
	for (size_t n = 0; line && n < mark.line; n++) {
		line = memchr(line, '\n', (size_t)(end - line));
		line = line ? line + 1 : NULL;
	}
	while (line && line < end && *line == ' ')
		line++;
	return line && line < end && *line == '\t';
}

static bool
fail_from_parser(struct builder *builder)
{
	const yaml_parser_t *parser = builder->parser;
	const char *problem = parser->problem ? parser->problem : "not YAML";
	if (parser->error == YAML_READER_ERROR) {
		yaml_mark_t mark = mark_of_offset(builder, parser->problem_offset);
		return fail_at(builder, mark, "not UTF-8 text: %s", problem);
	}
	if (is_indented_with_tab(builder, parser->problem_mark))
		return fail_at(builder, parser->problem_mark, "a tab cannot indent YAML: use spaces");
	if (!parser->context)
		return fail_at(builder, parser->problem_mark, "%s", problem);
	return fail_at(builder, parser->problem_mark, "%s (%s that began at line %zu)", problem,
	               parser->context, parser->context_mark.line + 1);
}

static bool
next_event(struct builder *builder, yaml_event_t *ret)
{
	return yaml_parser_parse(builder->parser, ret) || fail_from_parser(builder);
}

/* ---- scalars ---- */

/* What an explicit tag makes of a scalar. */
static const struct tag {
	const char *name;
	bool is_plain; /* the 1.1 rules give it its type */
	enum yaml_type type;
} tags[] = {
	{"!", false, YAML_TYPE_STRING},
	{YAML_STR_TAG, false, YAML_TYPE_STRING},
	{YAML_NULL_TAG, true, YAML_TYPE_NULL},
	{YAML_BOOL_TAG, true, YAML_TYPE_BOOL},
	{YAML_INT_TAG, true, YAML_TYPE_INT},
	{YAML_FLOAT_TAG, true, YAML_TYPE_FLOAT},
	{YAML_TIMESTAMP_TAG, true, YAML_TYPE_TIMESTAMP},
};

static bool
apply_tag(struct builder *builder, const yaml_event_t *event, struct yaml_node *node)
{
	const char *name = (const char *)event->data.scalar.tag;
	if (!name)
		return true;
	for (size_t i = 0; i < array_length(tags); i++) {
		if (strcmp(tags[i].name, name) != 0)
			continue;
		node->is_plain = tags[i].is_plain;
		if (yaml_type_of(node) == tags[i].type)
			return true;
		return fail_at(builder, event->start_mark, "the value is not what its tag says");
	}
	return fail_at(builder, event->start_mark, "unknown tag \"%s\"", name);
}

static bool
build_scalar(struct builder *builder, const yaml_event_t *event, struct yaml_node *node)
{
	const char *text = (const char *)event->data.scalar.value;
	node->kind = YAML_KIND_SCALAR;
	node->length = event->data.scalar.length;
	if (strlen(text) != node->length)
		return fail_at(builder, event->start_mark, "a NUL character is not allowed in text");
	node->text = arena_strndup(builder->arena, text, node->length);
	node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return apply_tag(builder, event, node);
}

/* ---- collections ---- */

/* Grows by doubling; what is left behind goes with the arena. */
static void *
room_for_one(struct arena *arena, void *items, size_t count, size_t size)
{
	if (count & (count - 1) || !count)
		return count ? items : arena_calloc(arena, 1, size);
	void *grown = arena_calloc(arena, count * 2, size);
	memcpy(grown, items, count * size);
	return grown;
}

static bool
check_collection_tag(struct builder *builder, const yaml_event_t *event, const yaml_char_t *tag,
                     const char *allowed)
{
	if (!tag || strcmp((const char *)tag, allowed) == 0 || strcmp((const char *)tag, "!") == 0)
		return true;
	return fail_at(builder, event->start_mark, "unknown tag \"%s\"", (const char *)tag);
}

static bool
build_child(struct builder *builder, const yaml_event_t *event, struct place *parent,
            struct yaml_node **ret)
{
	struct place place = {.depth = parent->depth + 1};
	if (!build_node(builder, event, &place, ret))
		return false;
	if (place.height + 1 > parent->height)
		parent->height = place.height + 1;
	return true;
}

static bool
build_list(struct builder *builder, const yaml_event_t *start, struct place *place,
           struct yaml_node *node)
{
	node->kind = YAML_KIND_LIST;
	place->height = 1;
	if (!check_collection_tag(builder, start, start->data.sequence_start.tag, YAML_SEQ_TAG))
		return false;
	for (;;) {
		scoped(yaml_event_delete) yaml_event_t event = {0};
		if (!next_event(builder, &event))
			return false;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			return true;
		struct yaml_node *item = NULL;
		if (!build_child(builder, &event, place, &item))
			return false;
		node->items = room_for_one(builder->arena, node->items, node->count, sizeof(*node->items));
		node->items[node->count++] = item;
	}
}

static int
compare_keys(const void *left, const void *right)
{
	const struct yaml_node *a = *(struct yaml_node *const *)left, *b = *(struct yaml_node *const *)right;
	int order = strcmp(a->text, b->text);
	if (order)
		return order;
	return a->line != b->line ? (a->line < b->line ? -1 : 1) : (a->column < b->column ? -1 : 1);
}

static bool
check_duplicate_keys(struct builder *builder, const struct yaml_node *map)
{
	if (map->count < 2)
		return true;
	struct yaml_node **keys = arena_array(builder->arena, struct yaml_node *, map->count);
	for (size_t i = 0; i < map->count; i++)
		keys[i] = map->pairs[i].key;
	qsort(keys, map->count, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < map->count; i++) {
		if (strcmp(keys[i - 1]->text, keys[i]->text) != 0)
			continue;
		return error_set(builder->err, ERROR_INVALID_FILE,
		                 "%s:%u:%u: key \"%s\" occurs twice (first at line %u)", builder->file,
		                 keys[i]->line, keys[i]->column, keys[i]->text, keys[i - 1]->line);
	}
	return true;
}

static void
add_pair(struct builder *builder, struct yaml_node *map, struct yaml_pair pair)
{
	map->pairs = room_for_one(builder->arena, map->pairs, map->count, sizeof(*map->pairs));
	map->pairs[map->count++] = pair;
}

static void
merge_map(struct builder *builder, struct yaml_node *map, const struct yaml_node *source)
{
	for (size_t i = 0; i < source->count; i++)
		if (!yaml_get(map, source->pairs[i].key->text))
			add_pair(builder, map, source->pairs[i]);
}

/* `<<: *base` (YAML 1.1 merge keys): the map's own keys win, then the first source that has one. */
static bool
apply_merge(struct builder *builder, struct yaml_node *map)
{
	struct yaml_node *value = yaml_get(map, "<<"), whole = {.kind = YAML_KIND_LIST, .count = 1};
	size_t place = 0;
	while (value && map->pairs[place].value != value)
		place++;
	if (!value || !map->pairs[place].key->is_plain)
		return true;
	memmove(&map->pairs[place], &map->pairs[place + 1], (map->count - place - 1) * sizeof(*map->pairs));
	map->count--;
	whole.items = &value;
	const struct yaml_node *sources = value->kind == YAML_KIND_LIST ? value : &whole;
	for (size_t i = 0; i < sources->count; i++) {
		const struct yaml_node *source = sources->items[i];
		if (source->kind != YAML_KIND_MAP)
			return error_set(builder->err, ERROR_INVALID_FILE,
			                 "%s:%u:%u: \"<<\" merges maps only", builder->file, source->line,
			                 source->column);
		merge_map(builder, map, source);
	}
	return true;
}

static bool
build_map(struct builder *builder, const yaml_event_t *start, struct place *place,
          struct yaml_node *node)
{
	node->kind = YAML_KIND_MAP;
	place->height = 1;
	if (!check_collection_tag(builder, start, start->data.mapping_start.tag, YAML_MAP_TAG))
		return false;
	for (;;) {
		scoped(yaml_event_delete) yaml_event_t key_event = {0}, value_event = {0};
		if (!next_event(builder, &key_event))
			return false;
		if (key_event.type == YAML_MAPPING_END_EVENT)
			return check_duplicate_keys(builder, node) && apply_merge(builder, node);
		struct yaml_pair pair = {0};
		if (!build_child(builder, &key_event, place, &pair.key))
			return false;
		if (pair.key->kind != YAML_KIND_SCALAR)
			return fail_at(builder, key_event.start_mark, "a key must be text, not a map or list");
		if (!(next_event(builder, &value_event) &&
		      build_child(builder, &value_event, place, &pair.value)))
			return false;
		add_pair(builder, node, pair);
	}
}

/* ---- nodes ---- */

static bool
count_nodes(struct builder *builder, yaml_mark_t mark, size_t n_nodes, unsigned depth)
{
	builder->n_nodes += n_nodes;
	if (builder->n_nodes > builder->limits->max_nodes)
		return fail_at(builder, mark, "more than %zu values (aliases count each time they are used)",
		               builder->limits->max_nodes);
	if (depth > builder->limits->max_depth)
		return fail_at(builder, mark, "nested more than %u levels deep", builder->limits->max_depth);
	return true;
}

static bool
use_alias(struct builder *builder, const yaml_event_t *event, struct place *place,
          struct yaml_node **ret)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *anchor = builder->anchors;
	while (anchor && strcmp(anchor->name, name) != 0)
		anchor = anchor->next;
	if (!anchor)
		return fail_at(builder, event->start_mark, "nothing above is named \"&%s\"", name);
	if (!anchor->node)
		return fail_at(builder, event->start_mark, "\"*%s\" contains itself", name);
	if (!count_nodes(builder, event->start_mark, anchor->n_nodes, place->depth + anchor->height))
		return false;
	place->height = anchor->height;
	*ret = anchor->node;
	return true;
}

static const yaml_char_t *
anchor_name(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.anchor;
	return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.anchor
	                                               : event->data.sequence_start.anchor;
}

static struct anchor *
add_anchor(struct builder *builder, const yaml_event_t *event)
{
	const char *name = (const char *)anchor_name(event);
	if (!name)
		return NULL;
	struct anchor *anchor = arena_new(builder->arena, struct anchor);
	anchor->name = arena_strdup(builder->arena, name);
	anchor->next = builder->anchors;
	builder->anchors = anchor;
	return anchor;
}

static bool
build_content(struct builder *builder, const yaml_event_t *event, struct place *place,
              struct yaml_node *node)
{
	if (event->type == YAML_SCALAR_EVENT)
		return build_scalar(builder, event, node);
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return build_list(builder, event, place, node);
	assert(event->type == YAML_MAPPING_START_EVENT);
	return build_map(builder, event, place, node);
}

static bool
build_node(struct builder *builder, const yaml_event_t *event, struct place *place,
           struct yaml_node **ret)
{
	if (event->type == YAML_ALIAS_EVENT)
		return use_alias(builder, event, place, ret);
	size_t n_before = builder->n_nodes;
	bool is_collection = event->type != YAML_SCALAR_EVENT;
	if (!count_nodes(builder, event->start_mark, 1, place->depth + is_collection))
		return false;
	struct anchor *anchor = add_anchor(builder, event);
	struct yaml_node *node = arena_new(builder->arena, struct yaml_node);
	node->line = (unsigned)event->start_mark.line + 1;
	node->column = (unsigned)event->start_mark.column + 1;
	if (!build_content(builder, event, place, node))
		return false;
	if (anchor) {
		anchor->node = node;
		anchor->n_nodes = builder->n_nodes - n_before;
		anchor->height = place->height;
	}
	*ret = node;
	return true;
}

/* The only document, or NULL when there is none. */
static bool
build_document(struct builder *builder, struct yaml_node **ret)
{
	struct yaml_node *root = NULL;
	for (;;) {
		scoped(yaml_event_delete) yaml_event_t event = {0};
		if (!next_event(builder, &event))
			return false;
		switch (event.type) {
		case YAML_STREAM_END_EVENT:
			*ret = root;
			return true;
		case YAML_NO_EVENT:
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			continue;
		case YAML_DOCUMENT_START_EVENT:
			if (root)
				return fail_at(builder, event.start_mark,
				               "a second document begins here: one is allowed");
			continue;
		case YAML_ALIAS_EVENT:
		case YAML_SCALAR_EVENT:
		case YAML_SEQUENCE_START_EVENT:
		case YAML_SEQUENCE_END_EVENT:
		case YAML_MAPPING_START_EVENT:
		case YAML_MAPPING_END_EVENT: {
			struct place place = {0};
			if (!build_node(builder, &event, &place, &root))
				return false;
		}
		}
	}
}

bool
yaml_parse(const char *bytes, size_t length, const char *file, const struct yaml_limits *limits,
           struct arena *arena, struct yaml_node **ret, struct error *err)
{
	if (length > limits->max_bytes)
		return error_set(err, ERROR_INVALID_FILE, "%s: larger than %zu KiB", file,
		                 limits->max_bytes / 1024);
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		abort(); /* out of memory, as in the arena */
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
	struct builder builder = {.parser = &parser, .bytes = bytes, .length = length, .file = file,
	                          .limits = limits, .arena = arena, .err = err};
	bool ok = build_document(&builder, ret);
	yaml_parser_delete(&parser);
	return ok;
}

struct yaml_node *
yaml_get(const struct yaml_node *map, const char *key)
{
	for (size_t i = 0; map && map->kind == YAML_KIND_MAP && i < map->count; i++)
		if (strcmp(map->pairs[i].key->text, key) == 0)
			return map->pairs[i].value;
	return NULL;
}
