#include "cmd/values_view.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "ui/output.h"
#include "ui/table.h"

static const struct table_column columns[] = {
	{.title = "NAME"}, {.title = "SET"}, {.title = "BY", .may_cut = true, .priority = 2}, {.title = "PODS", .priority = 1},
};
enum { NAME, SET, BY, PODS };
enum { LABEL = sizeof "  environment: " - 1 };

/* ---- the list ---- */

static const struct {
	enum style style;
	const char *text;
} reaches[] = {
	[REACH_CURRENT] = {STYLE_PLAIN, "have it"},
	[REACH_ARRIVING] = {STYLE_PLAIN, "get it within 2 min"},
	[REACH_RESTART] = {STYLE_CAUTION, "need a restart"},
	[REACH_UNMOUNTED] = {STYLE_CAUTION, "do not mount it"},
	[REACH_NO_PODS] = {STYLE_FAINT, "none run"},
	[REACH_UNKNOWN] = {STYLE_FAINT, "not known"},
};

/* What is in binaryData of a ConfigMap never becomes a variable. */
static bool
is_variable(const struct value_entry *entry)
{
	return value_name_is_variable(entry->name) && !entry->is_binary;
}

static enum reach
reach_of_entry(const struct delivery *delivery, const struct value_entry *entry, int64_t now_ms)
{
	return delivery == NULL ? REACH_UNKNOWN : delivery_reach(delivery, is_variable(entry), entry->set_ms, now_ms);
}

static const char *
age_text(struct output *out, int64_t set_ms, int64_t now_ms, struct arena *arena)
{
	char text[CLOCK_TEXT_BYTES];
	if (set_ms < 0)
		return "";
	if (!output_is_terminal(out))
		return arena_strdup(arena, clock_format(set_ms, text));
	if (now_ms - set_ms < 1000)
		return "just now";
	return arena_printf(arena, "%s ago", clock_format_age(now_ms - set_ms, text));
}

static void
add_row(struct table *table, struct output *out, const struct values_place *place, const struct value_entry *entry,
        enum reach reach, struct arena *arena)
{
	table_add_row(table);
	table_set(table, NAME, STYLE_STRONG, "%s", entry->name);
	table_set(table, SET, STYLE_PLAIN, "%s", age_text(out, entry->set_ms, place->now_ms, arena));
	table_set(table, BY, STYLE_PLAIN, "%s", *entry->set_by != '\0' ? entry->set_by : entry->manager);
	table_set(table, PODS, reaches[reach].style, "%s", reaches[reach].text);
}

static void
say_nothing_set(struct output *out, const struct values_place *place)
{
	output_note(out, "%s in %s has no %ss: namespace %s has no %s %s with any\n", place->application,
	            place->environment, place->form->noun, place->namespace, place->form->resource->kind,
	            place->application);
}

static void
print_list(struct output *out, const struct values_place *place, const struct values *values,
           const struct delivery *delivery)
{
	scoped(arena_release) struct arena arena = {0};
	struct table *table = table_new(&arena, columns, array_length(columns));
	bool needs_restart = false;
	for (size_t i = 0; i < values->count; i++) {
		const struct value_entry *entry = &values->entries[i];
		enum reach reach = reach_of_entry(delivery, entry, place->now_ms);
		needs_restart |= reach == REACH_RESTART;
		add_row(table, out, place, entry, reach, &arena);
	}
	if (values->count > 0)
		table_print(table, out);
	else
		say_nothing_set(out, place);
	if (values->controller != NULL)
		output_note(out, "%s %s is written by %s: paas does not change it\n", place->form->resource->kind,
		            place->application, values->controller);
	if (delivery != NULL && delivery->filled_by != NULL)
		output_note(out, "the files in %s come from init container %s, not from this %s\n", place->form->folder,
		            delivery->filled_by, place->form->resource->kind);
	if (needs_restart)
		output_note(out, "next: paas restart %s --env %s\n", place->application, place->environment);
}

/* ---- as JSON ---- */

static json_t *
time_to_json(int64_t at_ms)
{
	char text[CLOCK_TEXT_BYTES];
	return at_ms < 0 ? json_null() : json_string(clock_format(at_ms, text));
}

static json_t *
text_to_json(const char *text)
{
	return text == NULL || *text == '\0' ? json_null() : json_string(text);
}

static json_t *
delivery_to_json(const struct delivery *delivery)
{
	if (delivery == NULL)
		return json_null();
	return json_pack("{s:b, s:o, s:b, s:o, s:I, s:I}", "deployed", delivery->is_deployed, "folder",
	                 text_to_json(delivery->folder), "environment", delivery->is_environment, "filled_by",
	                 text_to_json(delivery->filled_by), "pods", (json_int_t)delivery->n_pods, "pods_without",
	                 (json_int_t)delivery->n_without);
}

static json_t *
place_to_json(const struct values_place *place)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "application", place->application, "environment", place->environment,
	                 "namespace", place->namespace, "kind", place->form->resource->kind, "name", place->application);
}

static json_t *
entry_to_json(const struct value_entry *entry, enum reach reach)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:s}", "name", entry->name, "set_at", time_to_json(entry->set_ms), "set_by",
	                 text_to_json(entry->set_by), "manager", text_to_json(entry->manager), "pods", reach_name(reach));
}

bool
values_view_list(struct output *out, const struct values_place *place, const struct values *values,
                 const struct delivery *delivery, struct error *err)
{
	if (!output_is_json(out)) {
		print_list(out, place, values, delivery);
		return true;
	}
	json_t *list = json_array(), *answer = place_to_json(place);
	for (size_t i = 0; i < values->count; i++) {
		const struct value_entry *entry = &values->entries[i];
		enum reach reach = reach_of_entry(delivery, entry, place->now_ms);
		json_array_append_new(list, entry_to_json(entry, reach));
	}
	json_object_set_new(answer, "exists", json_boolean(values->exists));
	json_object_set_new(answer, "controller", text_to_json(values->controller));
	json_object_set_new(answer, "delivery", delivery_to_json(delivery));
	json_object_set_new(answer, "values", list);
	return output_json(out, answer, err);
}

/* ---- what a change means ---- */

static bool
becomes_variable(const struct values_place *place, const struct value_change *change)
{
	bool is_secret = place->form == &values_secret;
	return value_name_is_variable(change->name) && (is_secret || change->value == NULL || secret_is_text(change->value));
}

static bool
has_variable(const struct values_place *place, const struct values_written *written)
{
	for (size_t i = 0; i < written->n_changes; i++)
		if (becomes_variable(place, &written->changes[i]))
			return true;
	return false;
}

/* The worst of all that was changed. */
static enum reach
reach_of(const struct values_place *place, const struct values_written *written)
{
	enum reach worst = REACH_CURRENT;
	for (size_t i = 0; i < written->n_changes; i++) {
		enum reach reach = delivery_reach(written->delivery, becomes_variable(place, &written->changes[i]),
		                                  written->set_ms, written->set_ms);
		worst = reach > worst ? reach : worst;
	}
	return worst;
}

static bool
is_setting(const struct values_written *written)
{
	return written->n_changes > 0 && written->changes[0].value != NULL;
}

static const char *
pods_text(const struct delivery *delivery, struct arena *arena)
{
	return arena_printf(arena, "%zu running pod%s", delivery->n_pods, delivery->n_pods == 1 ? "" : "s");
}

static void
say_files(struct output *out, const struct values_written *written)
{
	const struct delivery *delivery = written->delivery;
	const char *name = written->n_changes == 1 ? written->changes[0].name : "NAME";
	if (delivery->folder != NULL && !delivery->is_fixed)
		output_print_hanging(out, LABEL, "  files:       %s/%s, %s running pods within about 2 minutes", delivery->folder,
		                     name, is_setting(written) ? "in" : "gone from");
	else if (delivery->folder != NULL)
		output_print_hanging(out, LABEL, "  files:       mounted by subPath, which running pods do not see change");
}

static void
say_environment(struct output *out, const struct values_place *place, const struct values_written *written)
{
	scoped(arena_release) struct arena arena = {0};
	const char *pods = pods_text(written->delivery, &arena);
	bool is_one = written->delivery->n_pods == 1;
	if (!written->delivery->is_environment && place->form == &values_secret)
		output_print_hanging(out, LABEL, "  environment: no; fiaas.yml does not say secrets_in_environment: true");
	if (!written->delivery->is_environment || !has_variable(place, written))
		return;
	if (is_setting(written))
		output_print_hanging(out, LABEL, "  environment: yes, from the start of a container; %s %s it only after a restart",
		                     pods, is_one ? "gets" : "get");
	else
		output_print_hanging(out, LABEL, "  environment: %s %s it until a restart", pods, is_one ? "keeps" : "keep");
}

static void
say_delivery(struct output *out, const struct values_place *place, const struct values_written *written)
{
	const struct delivery *delivery = written->delivery;
	const char *kind = place->form->resource->kind;
	if (delivery->filled_by != NULL)
		output_warn(out, "the pods of %s do not read this %s: init container %s fills %s from elsewhere",
		            place->application, kind, delivery->filled_by, place->form->folder);
	else if (!delivery->is_deployed)
		output_print(out, "%s is not deployed in %s yet; its first pods will have it\n", place->application,
		             place->environment);
	else if (delivery->n_pods == 0)
		output_print(out, "no pod of %s runs; the next one will have it\n", place->application);
	else if (reach_of(place, written) == REACH_UNMOUNTED)
		output_warn(out, "the running pods of %s do not mount this %s; deploy it again with the operator's own settings",
		            place->application, kind);
	else {
		say_files(out, written);
		say_environment(out, place, written);
		if (reach_of(place, written) == REACH_RESTART && !written->restarts)
			output_print(out, "next: paas restart %s --env %s\n", place->application, place->environment);
	}
}

/* What cannot be an environment variable although it would be one. */
static void
warn_of_values(struct output *out, const struct values_place *place, const struct values_written *written)
{
	bool is_environment = written->delivery != NULL && written->delivery->is_environment;
	for (size_t i = 0; i < written->n_changes && is_environment; i++) {
		const struct value_change *change = &written->changes[i];
		if (change->value == NULL)
			continue;
		if (!value_name_is_variable(change->name))
			output_warn(out, "%s cannot be the name of an environment variable everywhere: letters, digits and '_' can; it "
			            "is a file only", change->name);
		else if (place->form == &values_secret && secret_has_nul(change->value))
			output_warn(out, "%s holds NUL bytes, which no environment variable can: new pods will not start until it is "
			            "unset, or fiaas.yml no longer says secrets_in_environment", change->name);
		else if (!becomes_variable(place, change))
			output_warn(out, "%s is no UTF-8 text, so it is a file only, and no environment variable", change->name);
	}
}

static const char *
names_text(const struct values_written *written, struct arena *arena)
{
	enum { SHOWN_MAX = 8 };
	const char *text = "";
	for (size_t i = 0; i < written->n_changes && i < SHOWN_MAX; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "", written->changes[i].name);
	if (written->n_changes > SHOWN_MAX)
		text = arena_printf(arena, "%s and %zu more", text, written->n_changes - SHOWN_MAX);
	return text;
}

void
values_view_written(struct output *out, const struct values_place *place, const struct values_written *written)
{
	scoped(arena_release) struct arena arena = {0};
	warn_of_values(out, place, written);
	if (output_is_json(out))
		return;
	output_print(out, "%s %s in %s%s %s of namespace %s (environment %s)\n", is_setting(written) ? "set" : "unset",
	             names_text(written, &arena), written->is_new ? "the new " : "", place->form->resource->kind,
	             place->application, place->namespace, place->environment);
	if (written->delivery != NULL)
		say_delivery(out, place, written);
}

bool
values_view_json(struct output *out, const struct values_place *place, const struct values_written *written,
                 json_t *restart, struct error *err)
{
	json_t *answer = place_to_json(place), *set = json_array(), *unset = json_array();
	for (size_t i = 0; i < written->n_changes; i++)
		json_array_append_new(written->changes[i].value != NULL ? set : unset, json_string(written->changes[i].name));
	json_object_set_new(answer, "created", json_boolean(written->is_new));
	json_object_set_new(answer, "set", set);
	json_object_set_new(answer, "unset", unset);
	json_object_set_new(answer, "set_at", time_to_json(written->set_ms));
	json_object_set_new(answer, "delivery", delivery_to_json(written->delivery));
	json_object_set_new(answer, "pods", written->delivery == NULL ? json_null()
	                                                              : json_string(reach_name(reach_of(place, written))));
	json_object_set_new(answer, "restart", restart != NULL ? restart : json_null());
	return output_json(out, answer, err);
}
