#include "data/json_stream.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "data/json.h"

struct container {
	const char *name;
	int64_t restarts;
	bool ready;
};
struct pod {
	const char *name, *app, *cell, *last;
	int64_t number;
	bool flag;
};
struct list {
	const char *kind, *next;
};

static bool tell_container(void *data, const void *record, struct error *err);
static bool tell_pod(void *data, const void *record, struct error *err);
static bool tell_list(void *data, const void *record, struct error *err);

static const struct json_field container_fields[] = {
	{"name", JSON_FIELD_TEXT, offsetof(struct container, name)},
	{"restartCount", JSON_FIELD_INT, offsetof(struct container, restarts)},
	{"ready", JSON_FIELD_BOOL, offsetof(struct container, ready)},
};
static const struct json_field pod_fields[] = {
	{"metadata.name", JSON_FIELD_TEXT, offsetof(struct pod, name)},
	{"metadata.labels.app\\.example/na\\[me]", JSON_FIELD_TEXT, offsetof(struct pod, app)},
	{"cells[1]", JSON_FIELD_SCALAR, offsetof(struct pod, cell)},
	{"all[][]", JSON_FIELD_SCALAR, offsetof(struct pod, last)},
	{"number", JSON_FIELD_INT, offsetof(struct pod, number)},
	{"flag", JSON_FIELD_BOOL, offsetof(struct pod, flag)},
};
static const struct json_field list_fields[] = {
	{"kind", JSON_FIELD_TEXT, offsetof(struct list, kind)},
	{"metadata.continue", JSON_FIELD_TEXT, offsetof(struct list, next)},
};
static const struct json_record records[] = {
	{"", list_fields, array_length(list_fields), sizeof(struct list), tell_list, NULL},
	{"items[]", pod_fields, array_length(pod_fields), sizeof(struct pod), tell_pod, NULL},
	{"items[].containers[]", container_fields, array_length(container_fields), sizeof(struct container),
	 tell_container, NULL},
};

/* ---- what was told, as text ---- */

static const char *
or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static bool
tell_container(void *data, const void *record, struct error *err)
{
	const struct container *container = record;
	(void)err;
	return buf_printf(data, "c %s %lld %d\n", or_dash(container->name), (long long)container->restarts,
	                  container->ready);
}

static bool
tell_pod(void *data, const void *record, struct error *err)
{
	const struct pod *pod = record;
	if (pod->name != NULL && strcmp(pod->name, "stop") == 0)
		return error_set(err, ERROR_CONFLICT, "enough");
	return buf_printf(data, "p %s %s %s %s %lld %d\n", or_dash(pod->name), or_dash(pod->app), or_dash(pod->cell),
	                  or_dash(pod->last), (long long)pod->number, pod->flag);
}

static bool
tell_list(void *data, const void *record, struct error *err)
{
	const struct list *list = record;
	(void)err;
	return buf_printf(data, "l %s %s\n", or_dash(list->kind), or_dash(list->next));
}

/* In a piece up to `cut`, then pieces of `size` (0: the rest at once). */
static bool
read_cut(const char *text, size_t length, size_t cut, size_t size, struct buf *told, struct error *err)
{
	scoped(json_stream_free) struct json_stream *stream =
		json_stream_new(records, array_length(records), "it", told);
	for (size_t at = 0, n = cut; at < length; at += n, n = size != 0 ? size : length) {
		n = length - at < n ? length - at : n;
		/* A copy of its own, so that the sanitizer sees a step beyond its end. */
		char *piece = malloc(n + 1);
		memcpy(piece, text + at, n);
		bool is_fine = json_stream_feed(stream, piece, n, err);
		free(piece);
		if (!is_fine)
			return false;
	}
	return json_stream_end(stream, err);
}

static void
assert_told(const char *text, const char *expected)
{
	scoped(buf_release) struct buf told = BUF_INIT(1 << 20);
	struct error err = {0};
	if (!read_cut(text, strlen(text), strlen(text), 0, &told, &err))
		fail_msg("%s", err.why);
	assert_string_equal(told.bytes, expected);
}

static bool
is_accepted(const char *text, size_t length, size_t size)
{
	scoped(buf_release) struct buf told = BUF_INIT(1 << 20);
	struct error err = {0};
	bool is_fine = read_cut(text, length, size, size, &told, &err);
	assert_true(is_fine || err.code == ERROR_BAD_ANSWER);
	return is_fine;
}

static bool
is_json(const char *text, size_t length)
{
	scoped(json_release) json_t *root = json_loadb(text, length, JSON_DECODE_ANY, NULL);
	return root != NULL;
}

static const char document[] =
	" {\"kind\" : \"List\", \"items\":[\n"
	"{\"metadata\":{\"name\":\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\",\"labels\":{\"app.example/na[me]\":"
	"\"\\u0041\\ud83d\\ude00\\n\\\"\\\\\\/\\u20ac\",\"x\":[[],{}]}},\"cells\":[\"no\",-12.5e+3,\"no\"],"
	"\"number\":-1907,\"flag\":true,\"all\":[[1],[2,\"z\"]],\"containers\":[{\"name\":\"a\","
	"\"restartCount\":7,\"ready\":true},{\"name\":\"b\",\"restartCount\":0}]},\n"
	"{\"skipped\":{\"a\":[1,2.0,{\"b\":\"\\ud83d\\ude00 \xc3\xa9\"},null,false,true]},\"metadata\":null,"
	"\"cells\":[[],false],\"number\":1.0,\"containers\":[3]}],"
	"\"metadata\":{\"continue\":\"next\",\"resourceVersion\":\"1\"}}\r\n\t ";
static const char document_told[] =
	"c a 7 1\nc b 0 0\n"
	"p caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 A\xf0\x9f\x98\x80\n\"\\/\xe2\x82\xac -12.5e+3 z -1907 1\n"
	"p - - false - 0 0\n"
	"l List next\n";

static void
test_json_stream__paths_become_fields(void **state)
{
	(void)state;
	assert_told(document, document_told);
	assert_told("{\"items\":null}", "l - -\n");
	assert_told("[1,{\"kind\":\"List\"}]", "l - -\n"); /* an array has no keys */
	assert_told("7", "");
}

static void
test_json_stream__where_the_pieces_end_does_not_matter(void **state)
{
	const size_t length = sizeof document - 1;
	struct error err = {0};
	(void)state;
	for (size_t size = 0; size < 4; size++)
		for (size_t cut = 0; cut <= length; cut++) {
			scoped(buf_release) struct buf told = BUF_INIT(1 << 20);
			if (!read_cut(document, length, cut, size, &told, &err))
				fail_msg("cut at %zu, then by %zu: %s", cut, size, err.why);
			assert_string_equal(told.bytes, document_told);
		}
}

static void
test_json_stream__another_type_or_nothing_leaves_zero(void **state)
{
	(void)state;
	assert_told("{\"items\":[{\"metadata\":{\"name\":7},\"number\":\"7\",\"flag\":1,\"cells\":[0,null]}]}",
	            "p - - - - 0 0\nl - -\n");
	assert_told("{\"items\":[{\"number\":-9223372036854775808}]}", "p - - - - -9223372036854775808 0\nl - -\n");
	assert_told("{\"items\":[{\"number\":9223372036854775808,\"flag\":null}]}", "p - - - - 0 0\nl - -\n");
	assert_told("{\"items\":[{\"number\":1,\"number\":\"x\",\"number\":2}]}", "p - - - - 2 0\nl - -\n");
	/* One record's values do not show in the next. */
	assert_told("{\"items\":[{\"number\":1,\"flag\":true,\"metadata\":{\"name\":\"a\"}},{}]}",
	            "p a - - - 1 1\np - - - - 0 0\nl - -\n");
}

static void
test_json_stream__refuses_what_jansson_refuses(void **state)
{
	static const char *const texts[] = {
		"", " ", "{", "[", "}", "]", "[}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]", "[1 2]", "{,}",
		"{\"a\" \"b\"}", "{1:2}", "{\"a\":1 \"b\":2}", "[1]]", "1 2", "{} {}", "\"", "\"\\", "\"\\x\"", "\"\\u12\"",
		"\"\\u123g\"", "\"\t\"", "\"\x7f\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\\u0041\"",
		"\"\\ude00\"", "\"\\ud83d\\ud83d\"", "\"\\u0000\"", "{\"\\u0000\":1}", "\"\x80\"", "\"\xc3\"", "\"\xc3(\"", "\"\xc0\xaf\"",
		"\"\xc1\xbf\"", "\"\xe0\x80\xaf\"", "\"\xed\xa0\x80\"", "\"\xf0\x80\x80\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"",
		"\"\xff\"", "\"\xf4\x8f\xbf\xbf\"", "\"\xed\x9f\xbf\"", "\"\xef\xbf\xbf\"", "-", "01", "-01", "1.", ".1", "1e", "1e+", "1e5", "1E-05",
		"+1", "0x1", "-0", "0.0", "0e0", "1.5.2", "1-2", "--1", "NaN", "Infinity", "tru", "truex", "nul", "null", "true", "false", "fals",
		"falsey", "\xef\xbb\xbf{}", "[1]\v", "[\f1]", "'a'", "// x\n1", "[1]#", "{\"a\":{\"b\":[{\"c\":\"\\q\"}]}}",
	};
	(void)state;
	for (size_t i = 0; i < array_length(texts); i++) {
		size_t length = strlen(texts[i]);
		bool expected = is_json(texts[i], length);
		if (is_accepted(texts[i], length, length + 1) != expected || is_accepted(texts[i], length, 1) != expected)
			fail_msg("%s: jansson says %d", texts[i], expected);
	}
	assert_false(is_accepted("[\0]", 3, 3));
	assert_false(is_accepted("\"a\0\"", 4, 4));
}

static void
test_json_stream__a_damaged_document_is_refused_as_jansson_does(void **state)
{
	static const char bytes[] = "\"\\{}[]:,0x.e-\n\x01\x80\xc3\xed\xf4\xff";
	(void)state;
	char text[sizeof document];
	const size_t length = sizeof document - 1;
	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; i < sizeof bytes - 1; i++) {
			memcpy(text, document, sizeof text);
			text[at] = bytes[i];
			if (is_accepted(text, length, 5) != is_json(text, length))
				fail_msg("byte 0x%02x at %zu of the document", (unsigned char)bytes[i], at);
		}
}

/* ---- documents nobody wrote ---- */

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static json_t *
draw_value(uint32_t *seed, unsigned depth)
{
	static const char *const keys[] = {"items", "metadata", "name", "labels", "app.example/na[me]", "cells", "all", "number",
	                                   "flag", "containers", "restartCount", "ready", "kind", "continue", "", "x"};
	static const char *const texts[] = {"", "a", "caf\xc3\xa9", "\xf0\x9f\x98\x80", "\"\\\n\t\x01", "a longer text of more than 16 bytes"};
	json_t *value;
	switch (draw(seed, depth > 7 ? 6 : 12)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(draw(seed, 2));
	case 2:
		return json_real(draw(seed, 1000) / 7.0);
	case 3:
		return json_integer((json_int_t)draw(seed, 100000) - 50000);
	case 4:
	case 5:
		return json_string(texts[draw(seed, array_length(texts))]);
	case 6:
	case 7:
		value = json_array();
		for (uint32_t n = draw(seed, 4); n > 0; n--)
			json_array_append_new(value, draw_value(seed, depth + 1));
		return value;
	default:
		value = json_object();
		for (uint32_t n = draw(seed, 9); n > 0; n--)
			json_object_set_new(value, keys[draw(seed, array_length(keys))], draw_value(seed, depth + 1));
		return value;
	}
}

/* Objects and arrays are records; only objects have the fields. */
static void
expect_containers(const json_t *item, struct buf *told)
{
	size_t i;
	const json_t *container;
	json_array_foreach(json_is_object(item) ? json_object_get(item, "containers") : NULL, i, container)
		if (json_is_object(container) || json_is_array(container))
			buf_printf(told, "c %s %lld %d\n", json_text_or(container, "name", "-"),
			           (long long)json_int_at(container, "restartCount", 0), json_bool_at(container, "ready", false));
}

static void
expect_pods(const json_t *root, struct buf *told)
{
	size_t i;
	const json_t *item;
	json_array_foreach(json_object_get(root, "items"), i, item) {
		expect_containers(item, told);
		if (json_is_object(item) || json_is_array(item))
			buf_printf(told, "p %s %s %lld %d\n", json_text_or(item, "metadata.name", "-"),
			           json_text_or(item, "metadata.labels.app\\.example/na[me]", "-"),
			           (long long)json_int_at(item, "number", 0), json_bool_at(item, "flag", false));
	}
	if (json_is_object(root) || json_is_array(root))
		buf_printf(told, "l %s %s\n", json_text_or(root, "kind", "-"), json_text_or(root, "metadata.continue", "-"));
}

static bool
tell_short_pod(void *data, const void *record, struct error *err)
{
	const struct pod *pod = record;
	(void)err;
	return buf_printf(data, "p %s %s %lld %d\n", or_dash(pod->name), or_dash(pod->app), (long long)pod->number,
	                  pod->flag);
}

static void
compare_with_jansson(const json_t *root, size_t flags, uint32_t *seed)
{
	struct json_record some[array_length(records)];
	memcpy(some, records, sizeof some);
	some[1].told = tell_short_pod;
	scoped(buf_release) struct buf told = BUF_INIT(1 << 20), expected = BUF_INIT(1 << 20);
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(some, array_length(some), "it", &told);
	struct error err = {0};
	char *text = json_dumps(root, flags | JSON_ENCODE_ANY);
	size_t length = strlen(text), at = 0;
	while (at < length) {
		size_t n = 1 + draw(seed, 40);
		n = length - at < n ? length - at : n;
		assert_true(json_stream_feed(stream, text + at, n, &err));
		at += n;
	}
	assert_true(json_stream_end(stream, &err));
	expect_pods(root, &expected);
	if (strcmp(told.bytes, expected.bytes) != 0)
		fail_msg("%s\ngave\n%s\ninstead of\n%s", text, told.bytes, expected.bytes);
	free(text);
}

static void
test_json_stream__reads_what_jansson_reads(void **state)
{
	uint32_t seed = 20261125;
	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		scoped(json_release) json_t *root = json_object();
		json_object_set_new(root, "metadata", draw_value(&seed, 5));
		json_t *items = json_array();
		json_object_set_new(root, "items", items);
		for (uint32_t n = draw(&seed, 6); n > 0; n--)
			json_array_append_new(items, draw_value(&seed, 1));
		json_object_set_new(root, "kind", draw_value(&seed, 7));
		compare_with_jansson(root, round % 3 == 0 ? JSON_INDENT(2) : round % 3 == 1 ? JSON_ENSURE_ASCII : 0, &seed);
	}
}

/* ---- limits ---- */

static void
test_json_stream__limits_depth_and_sizes(void **state)
{
	scoped(buf_release) struct buf text = BUF_INIT(1 << 20);
	(void)state;
	for (size_t depth = 2046; depth <= 2050; depth++) {
		buf_clear(&text);
		buf_add_repeated(&text, '[', depth);
		buf_add_repeated(&text, ']', depth);
		assert_int_equal(is_accepted(text.bytes, text.length, 100), depth <= 2048);
		assert_int_equal(is_json(text.bytes, text.length), depth <= 2048);
	}
	for (size_t size = 65535; size <= 65537; size++) {
		buf_clear(&text);
		buf_add_text(&text, "{\"kind\":\"");
		buf_add_repeated(&text, 'x', size);
		buf_add_text(&text, "\"}");
		assert_int_equal(is_accepted(text.bytes, text.length, 1000), size <= 65536);
		assert_int_equal(is_accepted(text.bytes, text.length, text.length), size <= 65536);
		memcpy(text.bytes, "{\"none", 6); /* unwanted texts may be longer */
		assert_true(is_accepted(text.bytes, text.length, 1000));
	}
	for (size_t size = 511; size <= 513; size++) {
		buf_clear(&text);
		buf_add_repeated(&text, '1', size);
		assert_int_equal(is_accepted(text.bytes, text.length, 100), size <= 512);
	}
}

static bool
count_pod(void *data, const void *record, struct error *err)
{
	const struct pod *pod = record;
	(void)err;
	*(size_t *)data += strlen(pod->name);
	return true;
}

static void
test_json_stream__a_long_list_takes_no_memory(void **state)
{
	static const char item[] = "{\"metadata\":{\"name\":\"a name that has to be copied\"}},";
	struct json_record one = records[1];
	struct error err = {0};
	size_t n_bytes = 0;
	(void)state;
	one.told = count_pod;
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(&one, 1, "it", &n_bytes);
	assert_true(json_stream_feed(stream, "{\"items\":[", 10, &err));
	assert_true(json_stream_feed(stream, item, sizeof item - 1, &err));
	size_t before = mallinfo2().uordblks;
	for (unsigned i = 0; i < 100000; i++)
		assert_true(json_stream_feed(stream, item, sizeof item - 1, &err));
	assert_in_range(mallinfo2().uordblks, 0, before + 1024);
	assert_int_equal(n_bytes, 100001 * strlen("a name that has to be copied"));
}

static void
test_json_stream__the_reader_can_stop_it(void **state)
{
	static const char text[] = "{\"items\":[{\"metadata\":{\"name\":\"stop\"}},{}]}";
	scoped(buf_release) struct buf told = BUF_INIT(1000);
	struct error err = {0};
	(void)state;
	assert_false(read_cut(text, sizeof text - 1, sizeof text, 0, &told, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_string_equal(told.bytes, "");
}

static void
test_json_stream__says_where_it_is_wrong(void **state)
{
	scoped(buf_release) struct buf told = BUF_INIT(1000);
	struct error err = {0};
	(void)state;
	assert_false(read_cut("{\"a\":1;}", 8, 3, 2, &told, &err));
	assert_string_equal(err.why, "it is not JSON: byte 7: ',' or the end of the container was expected");
	assert_false(read_cut("<html>", 6, 6, 0, &told, &err));
	assert_string_equal(err.why, "it is not JSON: byte 1: no value begins so");
	assert_false(read_cut("[\"a", 3, 1, 1, &told, &err));
	assert_string_equal(err.why, "it is not JSON: byte 4: it ends within a value");
}

/* ---- records as they are written ---- */

static bool
tell_piece(void *data, const void *record, struct error *err)
{
	const struct json_piece *piece = record;
	(void)err;
	assert_int_equal(strlen(piece->bytes), piece->length);
	buf_printf(data, "<%s>", piece->bytes);
	return true;
}

static bool
tell_kind(void *data, const void *record, struct error *err)
{
	(void)err;
	const char *kind = ((const struct list *)record)->kind;
	buf_printf(data, "%s", kind != NULL ? kind : "(null)");
	return true;
}

static const struct json_record piece_records[] = {
	{"items[]", NULL, 0, 0, tell_piece, NULL},
	{"", list_fields, array_length(list_fields), sizeof(struct list), tell_kind, NULL},
};

static void
test_json_stream__keeps_records_as_they_are_written(void **state)
{
	static const char text[] = "{\"items\": [ {\"a\" : [1, {\"}\":\"\\\"]\"}]} ,7,null, [ [] , {}], {}], \"kind\":\"K\"}";
	(void)state;
	for (size_t size = 1; size <= sizeof text; size++) {
		scoped(buf_release) struct buf told = BUF_INIT(1000);
		scoped(json_stream_free) struct json_stream *stream = json_stream_new(piece_records, 2, "it", &told);
		struct error err = {0};
		for (size_t at = 0; at < sizeof text - 1; at += size) {
			/* From memory of its own, so that a stale pointer shows. */
			size_t length = sizeof text - 1 - at < size ? sizeof text - 1 - at : size;
			char *copy = memcpy(malloc(length), text + at, length);
			assert_true(json_stream_feed(stream, copy, length, &err));
			free(copy);
		}
		assert_true(json_stream_end(stream, &err));
		assert_string_equal(told.bytes, "<{\"a\" : [1, {\"}\":\"\\\"]\"}]}><[ [] , {}]><{}>K");
	}
}

static void
test_json_stream__documents_come_one_after_the_other(void **state)
{
	static const char text[] = " {\"kind\":\"A\"}{\"items\":[{}],\"kind\":\"B\"}\r\n\n 7[]{\"kind\":\"C\"}\n";
	struct error err = {0};
	(void)state;
	for (size_t size = 1; size <= sizeof text; size++) {
		scoped(buf_release) struct buf told = BUF_INIT(1000);
		scoped(json_stream_free) struct json_stream *stream = json_stream_new(piece_records, 2, "it", &told);
		json_stream_expect_more(stream);
		for (size_t at = 0; at < sizeof text - 1; at += size)
			assert_true(json_stream_feed(stream, text + at, sizeof text - 1 - at < size ? sizeof text - 1 - at : size, &err));
		assert_true(json_stream_end(stream, &err));
		assert_string_equal(told.bytes, "A<{}>B(null)C");
	}
	scoped(buf_release) struct buf told = BUF_INIT(1000);
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(piece_records, 2, "it", &told);
	json_stream_expect_more(stream);
	assert_true(json_stream_end(stream, &err)); /* none at all */
	assert_true(json_stream_feed(stream, "{}{", 3, &err));
	assert_false(json_stream_end(stream, &err));
}

static void
test_json_stream__a_kept_record_has_a_maximum(void **state)
{
	static char bytes[64 * 1024];
	scoped(buf_release) struct buf told = BUF_INIT(1000);
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(piece_records, 2, "it", &told);
	struct error err = {0};
	bool is_fine = json_stream_feed(stream, "{\"items\":[[", 11, &err);
	(void)state;
	memset(bytes, ' ', sizeof bytes);
	size_t total = 1;
	for (; is_fine && total < 9 * 1024 * 1024; total += sizeof bytes)
		is_fine = json_stream_feed(stream, bytes, sizeof bytes, &err);
	assert_false(is_fine);
	assert_in_range(total, 8 * 1024 * 1024, 8 * 1024 * 1024 + 2 * sizeof bytes);
	assert_string_equal(err.why, "a part of it is larger than 8388608 bytes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_stream__paths_become_fields),
		cmocka_unit_test(test_json_stream__where_the_pieces_end_does_not_matter),
		cmocka_unit_test(test_json_stream__another_type_or_nothing_leaves_zero),
		cmocka_unit_test(test_json_stream__refuses_what_jansson_refuses),
		cmocka_unit_test(test_json_stream__a_damaged_document_is_refused_as_jansson_does),
		cmocka_unit_test(test_json_stream__reads_what_jansson_reads),
		cmocka_unit_test(test_json_stream__limits_depth_and_sizes),
		cmocka_unit_test(test_json_stream__a_long_list_takes_no_memory),
		cmocka_unit_test(test_json_stream__the_reader_can_stop_it),
		cmocka_unit_test(test_json_stream__says_where_it_is_wrong),
		cmocka_unit_test(test_json_stream__keeps_records_as_they_are_written),
		cmocka_unit_test(test_json_stream__documents_come_one_after_the_other),
		cmocka_unit_test(test_json_stream__a_kept_record_has_a_maximum),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
