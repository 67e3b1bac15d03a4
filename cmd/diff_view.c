#include "cmd/diff_view.h"

#include <string.h>

#include "base/buf.h"
#include "core/difference/hide.h"
#include "core/difference/lines.h"
#include "data/yaml.h"
#include "ui/output.h"

enum { VALUE_MAX_BYTES = 16 * 1024 * 1024, ONE_LINE_MAX = 40, CONTEXT_LINES = 2 };

struct view {
	struct output *out;
	struct arena *arena;
};

/* ---- lines ---- */

static enum style
style_of(char sign)
{
	return sign == '+' ? STYLE_GOOD : sign == '-' ? STYLE_BAD : sign == '~' ? STYLE_CAUTION : STYLE_FAINT;
}

/* "  + text": all of the line in the colour of its sign. */
static void
print_line(const struct view *view, const char *indent, char sign, const char *text, size_t length)
{
	struct output *out = view->out;
	const char sign_text[] = {sign, '\0'};
	bool is_dressed = sign != ' ';
	output_print(out, "%s%s%s %s%s\n", indent, is_dressed ? output_style(out, style_of(sign)) : "", sign_text,
	             arena_strndup(view->arena, text, length), is_dressed ? output_style(out, STYLE_PLAIN) : "");
}

static void
print_lines(const struct view *view, const char *indent, char sign, const char *text)
{
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		print_line(view, indent, sign, text, length);
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
		const char *line = arena_printf(view->arena, "%s: %s", path, text);
		print_line(view, "  ", sign, line, strlen(line));
		return;
	}
	print_line(view, "  ", sign, path, strlen(path));
	print_lines(view, "    ", sign, text);
}

static void
print_text_change(const struct view *view, const char *before, const char *after)
{
	struct line_changes lines = lines_compare(before, after, CONTEXT_LINES, view->arena);
	for (size_t i = 0; i < lines.count; i++) {
		bool is_gap = lines.items[i].sign == '@';
		print_line(view, "    ", is_gap ? ' ' : lines.items[i].sign, is_gap ? "..." : lines.items[i].text,
		           is_gap ? 3 : lines.items[i].length);
	}
}

static void
print_change(const struct view *view, const char *path, const struct shown *shown)
{
	const char *before = text_of(view, shown->before), *after = text_of(view, shown->after);
	bool is_short = is_one_line(shown->before, before) && is_one_line(shown->after, after) &&
	                strlen(before) + strlen(after) <= ONE_LINE_MAX;
	if (is_short) {
		const char *line = arena_printf(view->arena, "%s: %s -> %s", path, before, after);
		print_line(view, "  ", '~', line, strlen(line));
		return;
	}
	print_line(view, "  ", '~', path, strlen(path));
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
} dress[OBJECT_ACTIONS] = {
	[OBJECT_SAME] = {' ', "same"},
	[OBJECT_CREATE] = {'+', "create"},
	[OBJECT_CHANGE] = {'~', "change"},
	[OBJECT_DELETE] = {'-', "delete"},
};

static void
print_object(const struct view *view, const struct object_difference *object, bool is_mixed)
{
	struct output *out = view->out;
	const char sign[] = {dress[object->action].sign, '\0'};
	output_print(out, "\n%s%s %s %s/%s%s%s\n", output_style(out, style_of(*sign)), sign, dress[object->action].word,
	             object->kind, object->name, output_style(out, STYLE_PLAIN),
	             is_mixed && object->reason != NULL ? " (compared locally)" : "");
	/* Of what goes as a whole its name says enough. */
	for (size_t i = 0; object->action != OBJECT_DELETE && i < object->changes.count; i++)
		print_field(view, object, &object->changes.items[i]);
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
	output_print(out, "%s in %s, from %s to %s: ", subject->application, subject->environment, subject->before,
	             subject->after);
	if (differences_are_none(differences))
		output_print(out, "no difference\n");
	else
		output_print(out, "%zu to create, %zu to change, %zu to delete\n",
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
	struct view view = {.out = out, .arena = arena};
	if (output_is_quiet(out)) {
		print_names(out, differences);
		return;
	}
	print_head(out, subject, differences);
	for (size_t i = 0; i < differences->count; i++)
		if (differences->items[i].action != OBJECT_SAME)
			print_object(&view, &differences->items[i], is_mixed(differences));
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
