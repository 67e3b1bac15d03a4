/* Applications and pipelines as Front50 keeps them. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

/* ---- applications ---- */

static const char *
lower(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);
	for (char *at = copy; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

/* Its times are numbers in text. */
void
config_put_application(struct gate *gate, json_t *attributes)
{
	scoped(arena_release) struct arena arena = {0};
	json_t *applications = gate_table(gate, "applications");
	const char *name = lower(&arena, tree_text(attributes, "name")), *now = arena_printf(&arena, "%lld", (long long)clock_wall_ms());
	const json_t *before = json_object_get(applications, name);
	const char *created = before != NULL ? tree_text(before, "createTs") : now;
	json_object_set_new(attributes, "name", json_string(name));
	json_object_set_new(attributes, "createTs", json_string(created));
	json_object_set_new(attributes, "updateTs", json_string(now));
	if (json_object_size(applications) < ENTRIES_MAX || before != NULL)
		json_object_set(applications, name, attributes);
	json_decref(attributes);
}

json_t *
config_find_application(const struct gate *gate, const char *name)
{
	scoped(arena_release) struct arena arena = {0};
	return json_object_get(gate_table(gate, "applications"), lower(&arena, name));
}

void
config_handle_applications(struct gate_call *call)
{
	const char *name;
	json_t *attributes, *list = json_array();
	json_object_foreach (gate_table(call->gate, "applications"), name, attributes)
		json_array_append_new(list, json_incref(attributes));
	gate_answer(call, 200, list);
}

void
config_handle_application(struct gate_call *call)
{
	json_t *attributes = config_find_application(call->gate, call->words[0]);
	if (attributes == NULL)
		gate_fail(call, 404, "Application not found (id: %s)", call->words[0]);
	else
		gate_answer(call, 200,
		            json_pack("{s:s, s:O, s:{s:[]}}", "name", tree_text(attributes, "name"), "attributes", attributes,
		                      "clusters", call->gate->options.account));
}

/* ---- pipelines ---- */

json_t *
config_find(const struct gate *gate, const char *app, const char *name_or_id)
{
	const char *id;
	json_t *config;
	json_object_foreach (gate_table(gate, "configs"), id, config)
		if (strcasecmp(tree_text(config, "application"), app) == 0 &&
		    (strcmp(id, name_or_id) == 0 || strcmp(tree_text(config, "name"), name_or_id) == 0))
			return config;
	return NULL;
}

/* The one that has the name already, however it is written. */
static json_t *
find_like(const struct gate *gate, const char *app, const char *name)
{
	const char *id;
	json_t *config;
	json_object_foreach (gate_table(gate, "configs"), id, config)
		if (strcasecmp(tree_text(config, "application"), app) == 0 && strcasecmp(tree_text(config, "name"), name) == 0)
			return config;
	return NULL;
}

json_t *
config_put(struct gate *gate, json_t *config, const char *user)
{
	char made[IDENTIFIER_BYTES];
	json_t *configs = gate_table(gate, "configs"), *histories = gate_table(gate, "histories");
	json_int_t now_ms = (json_int_t)clock_wall_ms();
	if (tree_text(config, "id")[0] == '\0')
		tree_set(config, "id", json_string(identifier_uuid(made)));
	const char *id = tree_text(config, "id");
	const json_t *before = json_object_get(configs, id);
	/* Two saves in a millisecond are two versions. */
	if (now_ms <= tree_int(before, "lastModified"))
		now_ms = tree_int(before, "lastModified") + 1;
	tree_set_default(config, "schema", json_string("1"));
	tree_set_default(config, "index", json_integer((json_int_t)json_object_size(configs)));
	tree_set(config, "lastModified", json_integer(now_ms));
	tree_set(config, "updateTs", json_sprintf("%lld", (long long)now_ms));
	tree_set(config, "lastModifiedBy", json_string(user));
	json_t *history = json_object_get(histories, id);
	if (history == NULL)
		json_object_set_new(histories, id, history = json_array());
	json_array_insert_new(history, 0, json_deep_copy(config));
	json_array_remove(history, HISTORY_MAX);
	json_object_set_new(configs, id, config);
	return config;
}

/* Why it cannot be saved, or NULL. */
static const char *
refuse(const struct gate *gate, const json_t *pipeline, const char *name, bool checks_staleness, struct arena *arena)
{
	const char *app = tree_text(pipeline, "application"), *id = tree_text(pipeline, "id");
	const json_t *same = find_like(gate, app, name), *stored = json_object_get(gate_table(gate, "configs"), id);
	const json_t *modified = json_object_get(pipeline, "lastModified");
	if (app[0] == '\0' || name[0] == '\0')
		return arena_printf(arena, "A pipeline requires %s", app[0] == '\0' ? "application" : "name");
	if (same != NULL && strcmp(tree_text(same, "id"), id) != 0)
		return arena_printf(arena, "A pipeline with name %s already exists in application %s", name, app);
	if (checks_staleness && stored != NULL && modified != NULL &&
	    json_integer_value(modified) != tree_int(stored, "lastModified"))
		return arena_printf(arena, "The submitted pipeline is stale.  submitted updateTs %lld does not match stored updateTs %lld",
		                    (long long)json_integer_value(modified), (long long)tree_int(stored, "lastModified"));
	if (stored == NULL && json_object_size(gate_table(gate, "configs")) >= ENTRIES_MAX)
		return "There are too many pipelines";
	return NULL;
}

const char *
config_save(struct gate *gate, const json_t *pipeline, bool checks_staleness, const char *user, struct arena *arena)
{
	const char *name = tree_text(pipeline, "name");
	name += strspn(name, " ");
	size_t length = strlen(name);
	while (length > 0 && name[length - 1] == ' ')
		length--;
	name = arena_strndup(arena, name, length);
	const char *why = refuse(gate, pipeline, name, checks_staleness, arena);
	if (why == NULL) {
		json_t *config = json_deep_copy(pipeline);
		tree_set(config, "name", json_string(name));
		config_put(gate, config, user);
	}
	return why;
}

/* Gate waits for the task that saves, and tells nothing when it is done. */
void
config_handle_save(struct gate_call *call)
{
	char id[IDENTIFIER_BYTES];
	const char *why = config_save(call->gate, call->body, gate_query_is(call, "staleCheck", false), call->user, call->arena);
	if (why != NULL)
		gate_fail(call, 400, "Pipeline save operation did not succeed: %s (status: TERMINAL): %s", identifier_ulid(id), why);
	else if (gate_strikes(call->gate, "gate-save", tree_text(call->body, "application")))
		gate_fail(call, 400, "Pipeline save operation did not succeed: %s (status: RUNNING)", identifier_ulid(id));
	else
		gate_answer_nothing(call, 200);
}

void
config_handle_update(struct gate_call *call)
{
	const char *id = call->words[0];
	if (strcmp(tree_text(call->body, "id"), id) != 0) {
		gate_fail(call, 400, "The provided id %s doesn't match the existing pipeline id %s", tree_text(call->body, "id"), id);
		return;
	}
	const char *why = config_save(call->gate, call->body, gate_query_is(call, "staleCheck", false), call->user, call->arena);
	if (why != NULL)
		gate_fail(call, 400, "%s", why);
	else
		gate_answer(call, 200, json_deep_copy(json_object_get(gate_table(call->gate, "configs"), id)));
}

/* However the name is written, and whether or not there was one. */
void
config_handle_delete(struct gate_call *call)
{
	const char *name = call->words[1] + strspn(call->words[1], " ");
	const json_t *config = find_like(call->gate, call->words[0], name);
	if (config != NULL) {
		const char *id = arena_strdup(call->arena, tree_text(config, "id"));
		json_object_del(gate_table(call->gate, "histories"), id);
		json_object_del(gate_table(call->gate, "configs"), id);
	}
	gate_answer_nothing(call, 200);
}

/* ---- looking ---- */

/* Those of an application; NULL: all. */
static json_t *
list_configs(const struct gate_call *call, const char *app)
{
	const char *id, *filter = gate_query(call, "pipelineNameFilter", NULL);
	json_t *config, *list = json_array();
	json_object_foreach (gate_table(call->gate, "configs"), id, config)
		if ((app == NULL || strcasecmp(tree_text(config, "application"), app) == 0) &&
		    (filter == NULL || strcasestr(tree_text(config, "name"), filter) != NULL))
			json_array_append_new(list, json_deep_copy(config));
	return list;
}

void
config_handle_list(struct gate_call *call)
{
	gate_answer(call, 200, list_configs(call, call->words[0]));
}

void
config_handle_all(struct gate_call *call)
{
	gate_answer(call, 200, list_configs(call, NULL));
}

void
config_handle_one(struct gate_call *call)
{
	const json_t *config = config_find(call->gate, call->words[0], call->words[1]);
	if (config == NULL || strcmp(tree_text(config, "name"), call->words[1]) != 0)
		gate_fail(call, 404, "Pipeline config (id: %s) not found for Application (id: %s)", call->words[1], call->words[0]);
	else
		gate_answer(call, 200, json_deep_copy(config));
}

void
config_handle_history(struct gate_call *call)
{
	json_t *history = json_object_get(gate_table(call->gate, "histories"), call->words[0]), *list = json_array(), *config;
	size_t i, limit = (size_t)gate_query_number(call, "limit", HISTORY_MAX);
	json_array_foreach (history, i, config)
		if (i < limit)
			json_array_append_new(list, json_deep_copy(config));
	gate_answer(call, 200, list);
}
