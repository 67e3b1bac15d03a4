#include "cmd/diff_view.h"

#include <string.h>

#include "base/buf.h"
#include "cmd/globals.h"
#include "core/difference/hide.h"
#include "core/difference/image.h"
#include "core/difference/lines.h"
#include "data/yaml.h"
#include "ui/output.h"

enum { VALUE_MAX_BYTES = 16 * 1024 * 1024, ONE_LINE_MAX = 40, CONTEXT_LINES = 2 };

struct view {
	struct output *out;
	struct arena *arena;
	struct image_change image; /* what follows from it is only counted; with -v none */
	size_t n_places, n_objects; /* counted, in so many objects */
	bool is_mixed;             /* compared on the server and locally */
};

/* ---- lines ---- */

/* A line begins with its sign, in accessible mode with a word: of a field, or of a line of its value. */
static const struct dress {
	char sign;
	enum style style;
	const char *field, *line;
} dresses[] = {
	{'+', STYLE_GOOD, "added", "added line"},
	{'-', STYLE_BAD, "removed", "removed line"},
	{'~', STYLE_CAUTION, "changed", "changed line"},
	{' ', STYLE_PLAIN, "same", "same line"},
};

static const struct dress *
dress_of(char sign)
{
	const struct dress *dress = dresses;
	while (dress->sign != sign && dress->sign != ' ')
		dress++;
	return dress;
}

/* All of the line in the colour of its sign: "  + text", in accessible mode "added: text". */
static void
print_marked(const struct view *view, int indent, char sign, const char *word, const char *text)
{
	struct output *out = view->out;
	enum style style = dress_of(sign)->style;
	const char *on = style != STYLE_PLAIN ? output_style(out, style) : "";
	const char *off = *on != '\0' ? output_style(out, STYLE_PLAIN) : "";
	if (output_is_accessible(out))
		output_print(out, "%s%s: %s%s\n", on, word, text, off);
	else
		output_print(out, "%*s%s%c %s%s\n", indent, "", on, sign, text, off);
}

static void
print_field_line(const struct view *view, char sign, const char *text)
{
	print_marked(view, 2, sign, dress_of(sign)->field, text);
}

static void
print_value_line(const struct view *view, char sign, const char *text, size_t length)
{
	print_marked(view, 4, sign, dress_of(sign)->line, arena_strndup(view->arena, text, length));
}

static void
print_value_lines(const struct view *view, char sign, const char *text)
{
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		print_value_line(view, sign, text, length);
		text += length + (text[length] == '\n');
	}
}

/* ---- values ---- */

/* A value as a person writes it: plain text bare, the rest as YAML. */
static const char *
text_of(const struct view *view, const json_t *value)
{
	scoped(buf_release) struct buf text = BUF_INIT(VALUE_MAX_BYTES);
	if (json_is_string(value) && json_string_length(value) > 0)
		return json_string_value(value);
	if (!yaml_write(value, &text))
		return "(too long to be shown)";
	size_t length = text.length;
	while (length > 0 && text.bytes[length - 1] == '\n')
		length--;
	return arena_strndup(view->arena, text.bytes, length);
}

static bool
is_one_line(const json_t *value, const char *text)
{
	return !json_is_object(value) && !json_is_array(value) && strchr(text, '\n') == NULL;
}

/* What comes or goes: "+ path: value", or the value below its path. */
static void
print_one(const struct view *view, char sign, const char *path, const json_t *value)
{
	const char *text = text_of(view, value);
	if (is_one_line(value, text)) {
		print_field_line(view, sign, arena_printf(view->arena, "%s: %s", path, text));
		return;
	}
	print_field_line(view, sign, path);
	print_value_lines(view, sign, text);
}

static void
print_text_change(const struct view *view, const char *before, const char *after)
{
	struct line_changes lines = lines_compare(before, after, CONTEXT_LINES, view->arena);
	for (size_t i = 0; i < lines.count; i++) {
		if (lines.items[i].sign != '@')
			print_value_line(view, lines.items[i].sign, lines.items[i].text, lines.items[i].length);
		else
			output_print(view->out, output_is_accessible(view->out) ? "lines left out\n" : "      ...\n");
	}
}

static void
print_change(const struct view *view, const char *path, const struct shown *shown)
{
	const char *before = text_of(view, shown->before), *after = text_of(view, shown->after);
	bool is_accessible = output_is_accessible(view->out);
	bool are_lines = !is_one_line(shown->before, before) || !is_one_line(shown->after, after);
	if (!are_lines && (is_accessible || strlen(before) + strlen(after) <= ONE_LINE_MAX)) {
		print_field_line(view, '~', arena_printf(view->arena, is_accessible ? "%s: from %s to %s" : "%s: %s -> %s", path,
		                                         before, after));
		return;
	}
	print_field_line(view, '~', path);
	print_text_change(view, before, after);
}

static void
print_field(const struct view *view, const struct object_difference *object, const struct change *change)
{
	scoped(shown_release) struct shown shown = change_hide(object->kind, change);
	const char *path = *change->path != '\0' ? change->path : object->kind;
	if (change->action == CHANGE_ADD)
		print_one(view, '+', path, shown.after);
	else if (change->action == CHANGE_REMOVE)
		print_one(view, '-', path, shown.before);
	else
		print_change(view, path, &shown);
}

/* ---- objects ---- */

static const struct {
	char sign;
	const char *word;
} actions[OBJECT_ACTIONS] = {
	[OBJECT_SAME] = {' ', "same"},
	[OBJECT_CREATE] = {'+', "create"},
	[OBJECT_CHANGE] = {'~', "change"},
	[OBJECT_DELETE] = {'-', "delete"},
};

static void
print_name(const struct view *view, const struct object_difference *object)
{
	const char *local = view->is_mixed && object->reason != NULL ? " (compared locally)" : "";
	const char *name = arena_printf(view->arena, "%s/%s%s", object->kind, object->name, local);
	const char *word = actions[object->action].word;
	output_print(view->out, "\n");
	print_marked(view, 0, actions[object->action].sign, word,
	             output_is_accessible(view->out) ? name : arena_printf(view->arena, "%s %s", word, name));
}

static size_t
count_carriers(const struct view *view, const struct object_difference *object)
{
	size_t count = 0;
	for (size_t i = 0; i < object->changes.count; i++)
		count += image_change_carries(&view->image, &object->changes.items[i]);
	return count;
}

static void
print_object(struct view *view, const struct object_difference *object)
{
	size_t n_carriers = object->action == OBJECT_CHANGE ? count_carriers(view, object) : 0;
	view->n_places += n_carriers;
	view->n_objects += n_carriers > 0;
	if (n_carriers > 0 && n_carriers == object->changes.count)
		return;
	print_name(view, object);
	/* Of what goes as a whole its name says enough. */
	for (size_t i = 0; object->action != OBJECT_DELETE && i < object->changes.count; i++)
		if (n_carriers == 0 || !image_change_carries(&view->image, &object->changes.items[i]))
			print_field(view, object, &object->changes.items[i]);
}

static void
print_carriers(const struct view *view)
{
	if (view->n_places == 0)
		return;
	output_print(view->out, "\nand %zu place%s that carr%s the image or its version, in %zu object%s; -v shows them\n",
	             view->n_places, view->n_places == 1 ? "" : "s", view->n_places == 1 ? "ies" : "y", view->n_objects,
	             view->n_objects == 1 ? "" : "s");
}

static bool
is_mixed(const struct differences *differences)
{
	size_t local = 0;
	for (size_t i = 0; i < differences->count; i++)
		local += differences->items[i].reason != NULL;
	return local > 0 && local < differences->count;
}

static void
print_head(struct output *out, const struct diff_subject *subject, const struct differences *differences)
{
	const char *reason = differences_reason(differences);
	bool is_accessible = output_is_accessible(out); /* a fact a line */
	output_print(out, is_accessible ? "%s in %s\nfrom: %s\nto: %s\n" : "%s in %s, from %s to %s: ", subject->application,
	             subject->environment, subject->before, subject->after);
	if (differences_are_none(differences))
		output_print(out, "no difference\n");
	else
		output_print(out, is_accessible ? "to create: %zu\nto change: %zu\nto delete: %zu\n"
		                                : "%zu to create, %zu to change, %zu to delete\n",
		             differences_count(differences, OBJECT_CREATE), differences_count(differences, OBJECT_CHANGE),
		             differences_count(differences, OBJECT_DELETE));
	if (reason != NULL)
		output_print(out, "compared locally: %s\n", reason);
}

static void
print_names(struct output *out, const struct differences *differences)
{
	for (size_t i = 0; i < differences->count; i++)
		if (differences->items[i].action != OBJECT_SAME)
			output_print(out, "%s/%s\n", differences->items[i].kind, differences->items[i].name);
}

void
diff_view_print(struct output *out, const struct diff_subject *subject, const struct differences *differences,
                struct arena *arena)
{
	struct view view = {.out = out, .arena = arena, .is_mixed = is_mixed(differences)};
	if (output_is_quiet(out)) {
		print_names(out, differences);
		return;
	}
	print_head(out, subject, differences);
	if (globals.verbose == 0)
		view.image = image_change_find(differences);
	for (size_t i = 0; i < differences->count; i++)
		if (differences->items[i].action != OBJECT_SAME)
			print_object(&view, &differences->items[i]);
	print_carriers(&view);
}

void
diff_view_warn(struct output *out, const struct differences *differences)
{
	for (size_t i = 0; i < differences->n_cautions; i++)
		output_warn(out, "%s", differences->cautions[i]);
	for (size_t i = 0; i < differences->count; i++)
		if (differences->items[i].refusal != NULL)
			output_warn(out, "the cluster would refuse %s/%s: %s", differences->items[i].kind, differences->items[i].name,
			            differences->items[i].refusal);
}

/* ---- JSON ---- */

json_t *
diff_view_to_json(const struct diff_subject *subject, const struct differences *differences)
{
	const char *reason = differences_reason(differences);
	json_t *objects = json_array();
	for (size_t i = 0; i < differences->count; i++)
		json_array_append_new(objects, object_to_json(&differences->items[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s?, s:{s:I, s:I, s:I}, s:o}", "application",
	                 subject->application, "environment", subject->environment, "namespace", subject->namespace, "before",
	                 subject->before, "after", subject->after, "is_same", differences_are_none(differences), "compared",
	                 reason == NULL ? "server" : "locally", "reason", reason, "counts", "create",
	                 (json_int_t)differences_count(differences, OBJECT_CREATE), "change",
	                 (json_int_t)differences_count(differences, OBJECT_CHANGE), "delete",
	                 (json_int_t)differences_count(differences, OBJECT_DELETE), "objects", objects);
}
