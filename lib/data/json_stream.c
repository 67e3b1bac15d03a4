/* The structure of a document: what may come next, how deep, and which node of the paths it is.
 *
 *	levels:  the open containers that some path leads into, outermost first;
 *	depth:   all open containers; when it is more than n_levels, we are inside what nobody wants.
 */
#include "data/json_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "data/json_path.h"
#include "data/json_token.h"

enum {
	DEPTH_MAX = 2048, /* as jansson counts: scalars are a level too */
	PIECE_MAX = 8 * 1024 * 1024,
};

enum expect {
	EXPECT_VALUE,
	EXPECT_FIRST_ELEMENT, /* or ']' */
	EXPECT_FIRST_KEY,     /* or '}' */
	EXPECT_KEY,
	EXPECT_COLON,
	EXPECT_NEXT, /* ',' or the end of the container */
	EXPECT_NOTHING,
};

struct level {
	const struct json_node *node;
	int64_t index; /* of the element that is next */
};

struct json_stream {
	struct arena arena;
	const char *what;
	void *data;
	struct json_opened *opened;
	size_t n_opened;
	enum expect expect;
	bool is_sequence;
	struct json_token token;
	const struct json_node *root;
	const struct json_node *value; /* of the value that is next or under way; NULL: nobody wants it */
	struct level levels[JSON_PATH_MAX + 1];
	size_t n_levels, depth;
	uint8_t is_object[DEPTH_MAX / 8]; /* a bit a level: object, else array */
	uint64_t offset;                  /* of what is fed now in the document */
	struct buf piece;                 /* of the record that is kept as written, when there is one: */
	const char *piece_from;           /* from where it is not in there yet; NULL: none is under way */
};

struct json_stream *
json_stream_new(const struct json_record *records, size_t n_records, const char *what, void *data)
{
	struct json_stream *stream = calloc(1, sizeof *stream);
	if (stream == NULL)
		abort();
	stream->what = arena_strdup(&stream->arena, what);
	stream->data = data;
	stream->opened = arena_array(&stream->arena, struct json_opened, n_records);
	stream->n_opened = n_records;
	stream->root = json_path_compile(records, n_records, stream->opened, &stream->arena);
	stream->value = stream->root;
	json_token_init(&stream->token);
	stream->piece = (struct buf)BUF_INIT(PIECE_MAX);
	return stream;
}

void
json_stream_expect_more(struct json_stream *stream)
{
	stream->is_sequence = true;
}

void
json_stream_free(struct json_stream **stream)
{
	if (*stream == NULL)
		return;
	for (size_t i = 0; i < (*stream)->n_opened; i++)
		arena_release(&(*stream)->opened[i].texts);
	json_token_release(&(*stream)->token);
	buf_release(&(*stream)->piece);
	arena_release(&(*stream)->arena);
	free(*stream);
	*stream = NULL;
}

/* ---- containers ---- */

static bool
in_object(const struct json_stream *stream)
{
	size_t top = stream->depth - 1;
	return stream->depth > 0 && (stream->is_object[top / 8] >> top % 8 & 1) != 0;
}

/* The innermost container, when some path leads into it. */
static struct level *
wanted_level(struct json_stream *stream)
{
	return stream->n_levels == stream->depth && stream->depth > 0 ? &stream->levels[stream->n_levels - 1] : NULL;
}

static void
after_value(struct json_stream *stream)
{
	stream->expect = stream->depth > 0 ? EXPECT_NEXT : EXPECT_NOTHING;
}

static void
open_record(struct json_stream *stream, struct json_opened *opened, const char *at)
{
	if (opened->values == NULL) {
		stream->piece_from = at;
		return;
	}
	memset(opened->values, 0, opened->record->size);
	arena_reset(&opened->texts);
}

static void
open_container(struct json_stream *stream, const char *at)
{
	const struct json_node *node = stream->value;
	bool is_object = *at == '{';
	size_t top = stream->depth++;
	uint8_t bit = (uint8_t)(1u << top % 8);
	stream->is_object[top / 8] = (uint8_t)(is_object ? stream->is_object[top / 8] | bit : stream->is_object[top / 8] & ~bit);
	if (node != NULL && (node->children != NULL || node->opened != NULL)) {
		stream->levels[stream->n_levels++] = (struct level){.node = node};
		if (node->opened != NULL)
			open_record(stream, node->opened, at);
	}
	stream->value = NULL;
	stream->expect = is_object ? EXPECT_FIRST_KEY : EXPECT_FIRST_ELEMENT;
}

/* Keeps what is under way, up to before `end`. */
static bool
keep_piece(struct json_stream *stream, const char *end, struct error *err)
{
	if (stream->piece_from == NULL ||
	    buf_add(&stream->piece, stream->piece_from, (size_t)(end - stream->piece_from)))
		return true;
	return error_set(err, ERROR_BAD_ANSWER, "a part of %s is larger than %d bytes", stream->what, PIECE_MAX);
}

static bool
tell_record(struct json_stream *stream, const struct json_opened *opened, const char *end, struct error *err)
{
	void *data = opened->record->data != NULL ? opened->record->data : stream->data;
	if (opened->values != NULL)
		return opened->record->told(data, opened->values, err);
	if (!keep_piece(stream, end, err))
		return false;
	stream->piece_from = NULL;
	const struct json_piece piece = {.bytes = stream->piece.bytes, .length = stream->piece.length};
	bool is_wanted = opened->record->told(data, &piece, err);
	buf_clear(&stream->piece);
	return is_wanted;
}

static bool
close_container(struct json_stream *stream, const char *end, struct error *err)
{
	struct level *level = wanted_level(stream);
	stream->depth--;
	after_value(stream);
	if (level == NULL)
		return true;
	stream->n_levels--;
	const struct json_opened *opened = level->node->opened;
	return opened == NULL || tell_record(stream, opened, end, err);
}

/* ---- scalars ---- */

static void
store_number(const struct json_token *token, void *place)
{
	char text[JSON_NUMBER_MAX + 1];
	memcpy(text, token->bytes, token->length);
	text[token->length] = '\0';
	errno = 0;
	long long number = strtoll(text, NULL, 10);
	if (errno == 0)
		*(int64_t *)place = number;
}

static void
store(const struct json_token *token, const struct json_node *node)
{
	void *place = (char *)node->owner->values + node->field->offset;
	enum json_field_type type = node->field->type;
	if (token->kind == JSON_TOKEN_LITERAL && token->literal[0] == 'n')
		return;
	if (type == JSON_FIELD_SCALAR || (type == JSON_FIELD_TEXT && token->kind == JSON_TOKEN_STRING))
		*(const char **)place = arena_strndup(&node->owner->texts, token->bytes, token->length);
	else if (type == JSON_FIELD_INT && token->kind == JSON_TOKEN_NUMBER && token->is_integer)
		store_number(token, place);
	else if (type == JSON_FIELD_BOOL && token->kind == JSON_TOKEN_LITERAL)
		*(bool *)place = token->literal[0] == 't';
}

/* A token is complete: a key, or a value. */
static void
end_token(struct json_stream *stream)
{
	struct json_token *token = &stream->token;
	if (stream->expect == EXPECT_KEY) {
		const struct level *level = wanted_level(stream);
		stream->value = level != NULL ? json_node_key(level->node, token->bytes, token->length) : NULL;
		stream->expect = EXPECT_COLON;
	} else {
		if (stream->value != NULL && stream->value->field != NULL)
			store(token, stream->value);
		after_value(stream);
	}
	token->kind = JSON_TOKEN_NONE;
}

/* ---- one byte between tokens; what is returned is what is wrong with it, or NULL ---- */

static const char *
begin_value(struct json_stream *stream, const char *at)
{
	char c = *at;
	struct level *level = in_object(stream) ? NULL : wanted_level(stream);
	if (level != NULL)
		stream->value = json_node_element(level->node, level->index++);
	if (stream->depth >= DEPTH_MAX)
		return "too many levels";
	if (c == '{' || c == '[') {
		open_container(stream, at);
		return NULL;
	}
	stream->expect = EXPECT_VALUE;
	bool is_kept = stream->value != NULL && stream->value->field != NULL;
	return json_token_begin(&stream->token, c, is_kept) ? NULL : "no value begins so";
}

static const char *
begin_key(struct json_stream *stream, char c)
{
	if (c != '"')
		return "a key was expected";
	stream->expect = EXPECT_KEY;
	(void)json_token_begin(&stream->token, c, wanted_level(stream) != NULL);
	return NULL;
}

static bool
ends_container(const struct json_stream *stream, char c)
{
	return stream->expect != EXPECT_KEY && stream->expect != EXPECT_VALUE && stream->expect != EXPECT_COLON &&
	       stream->depth > 0 && c == (in_object(stream) ? '}' : ']');
}

static const char *
step(struct json_stream *stream, const char *at)
{
	char c = *at;
	switch (stream->expect) {
	case EXPECT_FIRST_ELEMENT:
	case EXPECT_VALUE:
		return begin_value(stream, at);
	case EXPECT_FIRST_KEY:
	case EXPECT_KEY:
		return begin_key(stream, c);
	case EXPECT_COLON:
		stream->expect = EXPECT_VALUE;
		return c == ':' ? NULL : "':' was expected";
	case EXPECT_NEXT:
		stream->expect = in_object(stream) ? EXPECT_KEY : EXPECT_VALUE;
		return c == ',' ? NULL : "',' or the end of the container was expected";
	case EXPECT_NOTHING:
		if (!stream->is_sequence)
			break;
		stream->value = stream->root;
		return begin_value(stream, at);
	}
	return "there is something after the end";
}

/* ---- pieces ---- */

static bool
put_problem(const struct json_stream *stream, uint64_t offset, const char *problem, struct error *err)
{
	return error_set(err, ERROR_BAD_ANSWER, "%s is not JSON: byte %llu: %s", stream->what,
	                 (unsigned long long)offset + 1, problem);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool
json_stream_feed(struct json_stream *stream, const char *bytes, size_t length, struct error *err)
{
	const char *at = bytes, *end = bytes + length, *problem = NULL;
	if (stream->piece_from != NULL)
		stream->piece_from = bytes;
	while (at < end && problem == NULL) {
		if (stream->token.kind != JSON_TOKEN_NONE) {
			enum json_scan scan = json_token_scan(&stream->token, &at, end);
			if (scan == JSON_SCAN_BAD)
				problem = stream->token.problem;
			else if (scan == JSON_SCAN_DONE)
				end_token(stream);
		} else if (is_space(*at)) {
			at++;
		} else if (ends_container(stream, *at)) {
			if (!close_container(stream, ++at, err))
				return false;
		} else if ((problem = step(stream, at)) == NULL) {
			at++;
		}
	}
	if (problem != NULL)
		return put_problem(stream, stream->offset + (uint64_t)(at - bytes), problem, err);
	stream->offset += length;
	return keep_piece(stream, end, err);
}

bool
json_stream_end(struct json_stream *stream, struct error *err)
{
	if (stream->token.kind != JSON_TOKEN_NONE) {
		if (json_token_finish(&stream->token) == JSON_SCAN_BAD)
			return put_problem(stream, stream->offset, stream->token.problem, err);
		end_token(stream);
	}
	bool is_empty = stream->is_sequence && stream->expect == EXPECT_VALUE && stream->depth == 0;
	if (stream->expect != EXPECT_NOTHING && !is_empty)
		return put_problem(stream, stream->offset, "it ends too early", err);
	return true;
}
