#include "cmd/settings_changes.h"

#include "core/difference/difference.h"
#include "core/difference/hide.h"
#include "data/json.h"
#include "ui/output.h"

enum { CHANGES_MAX = 20, VALUE_MAX = 60 };

static const char *
value_text(const json_t *value, struct arena *arena)
{
	char text[VALUE_MAX];
	if (value == NULL)
		return "nothing";
	error_copy_text(text, sizeof text, json_is_string(value) ? json_string_value(value) : json_write(value, arena));
	return arena_strdup(arena, text);
}

static void
say_change(struct output *out, const struct change *change, struct arena *arena)
{
	scoped(shown_release) struct shown shown = change_hide("Application", change);
	if (change->action == CHANGE_SET)
		output_note(out, "  %s: %s to %s\n", change->path, value_text(shown.before, arena), value_text(shown.after, arena));
	else
		output_note(out, "  %s %s: %s\n", change_action_name(change->action), change->path,
		            value_text(change->action == CHANGE_ADD ? shown.after : shown.before, arena));
}

void
settings_changes_say(struct output *out, const json_t *before, const json_t *after, struct arena *arena)
{
	if (before == NULL || after == NULL)
		return;
	struct changes changes = difference_find(before, after, arena);
	if (changes.count > 0)
		output_note(out, "its settings differ from those that run there:\n");
	for (size_t i = 0; i < changes.count && i < CHANGES_MAX; i++)
		say_change(out, &changes.items[i], arena);
	if (changes.count > CHANGES_MAX)
		output_note(out, "  and %zu more\n", changes.count - CHANGES_MAX);
}
