#include "api/spinnaker/pipeline.h"

#include <string.h>

#include "api/spinnaker/execution.h"
#include "api/spinnaker/gate.h"
#include "base/buf.h"
#include "base/fiber.h"
#include "base/similar.h"
#include "data/json.h"

enum { PARAMETERS_MAX = 100, NAMES_MAX = 100, LIST_MAX = 200, SHOWN_MAX = 8, START_TRIES = 3, LOOK_TRIES = 4, LOOK_WAIT_MS = 1000 };

void
spinnaker_pipeline_release(struct spinnaker_pipeline *pipeline)
{
	json_decref(pipeline->json);
	pipeline->json = NULL;
}

/* ---- reading ---- */

static void
read_parameters(struct spinnaker_pipeline *pipeline, struct arena *arena)
{
	const json_t *list = json_list_at(pipeline->json, "parameterConfig"), *json;
	size_t i;
	pipeline->parameters = arena_array(arena, struct spinnaker_parameter, PARAMETERS_MAX);
	json_array_foreach (list, i, json) {
		const char *name = json_text_at(json, "name"), *fallback = json_text_or(json, "default", "");
		const json_t *options = json_bool_at(json, "hasOptions", false) ? json_list_at(json, "options") : NULL;
		if (name == NULL || pipeline->n_parameters == PARAMETERS_MAX)
			continue;
		pipeline->parameters[pipeline->n_parameters++] = (struct spinnaker_parameter){
			.name = name, .options = options,
			.is_required = json_bool_at(json, "required", false) && *fallback == '\0'};
	}
}

static bool
refuse_name(const char *application, const char *name, const json_t *configs, struct error *err)
{
	const char *names[NAMES_MAX], *near[SIMILAR_MAX];
	size_t count = 0, i;
	const json_t *config;
	scoped(buf_release) struct buf list = BUF_INIT(LIST_MAX);
	json_array_foreach (configs, i, config) {
		const char *known = json_text_at(config, "name");
		if (known == NULL || count == NAMES_MAX)
			continue;
		if (count < SHOWN_MAX)
			buf_printf(&list, "%s%s", count > 0 ? ", " : "", known);
		names[count++] = known;
	}
	if (count > SHOWN_MAX)
		buf_add_text(&list, ", …");
	error_put(err, ERROR_NOT_FOUND, "the Spinnaker application %s has no pipeline \"%s\"", application, name);
	if (count == 0)
		return error_next(err, "have it made, or name another with pipeline of the environment in the platform file");
	if (similar_find(name, names, count, near) > 0)
		return error_next(err, "did you mean \"%s\"? pipeline of the environment in the platform file says which", near[0]);
	return error_next(err, "it has: %s; pipeline of the environment in the platform file says which", list.bytes);
}

/* All of the application: one question also says what else there is, and a name may hold anything. */
bool
spinnaker_pipeline_find(struct gate *gate, const char *application, const char *name, struct arena *arena,
                        struct spinnaker_pipeline *ret, struct error *err)
{
	scoped(json_release) json_t *configs = NULL;
	json_t *config;
	size_t i;
	if (!gate_get(gate, arena_printf(arena, "/applications/%s/pipelineConfigs", gate_escape(application, arena)), &configs, err))
		return false;
	json_array_foreach (configs, i, config) {
		if (strcmp(json_text_or(config, "name", ""), name) != 0)
			continue;
		*ret = (struct spinnaker_pipeline){
			.id = json_text_or(config, "id", ""), .name = json_text_or(config, "name", ""), .application = application,
			.is_disabled = json_bool_at(config, "disabled", false), .json = json_incref(config)};
		read_parameters(ret, arena);
		return true;
	}
	return refuse_name(application, name, configs, err);
}

const struct spinnaker_parameter *
spinnaker_pipeline_parameter(const struct spinnaker_pipeline *pipeline, const char *name)
{
	for (size_t i = 0; i < pipeline->n_parameters; i++)
		if (strcmp(pipeline->parameters[i].name, name) == 0)
			return &pipeline->parameters[i];
	return NULL;
}

bool
spinnaker_parameter_takes(const struct spinnaker_parameter *parameter, const char *value)
{
	const json_t *option;
	size_t i;
	json_array_foreach (parameter->options, i, option)
		if (strcmp(json_text_or(option, "value", ""), value) == 0)
			return true;
	return parameter->options == NULL;
}

static bool
is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* `text` up to a character that could not go on with its name. */
static bool
holds_word(const char *text, const char *word)
{
	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		if (!is_word_character(at[strlen(word)]))
			return true;
	return false;
}

bool
spinnaker_pipeline_reads(const struct spinnaker_pipeline *pipeline, const char *parameter, struct arena *arena)
{
	static const struct {
		const char *before, *after;
	} forms[] = {{"parameters.", ""}, {"parameters?.", ""}, {"parameters['", "']"}, {"parameters[\\\"", "\\\"]"}};
	const json_t *stages = json_object_get(pipeline->json, "stages");
	const char *text = stages != NULL ? json_write(stages, arena) : "";
	for (size_t i = 0; i < array_length(forms); i++)
		if (holds_word(text, arena_printf(arena, "%s%s%s", forms[i].before, parameter, forms[i].after)))
			return true;
	return false;
}

/* ---- starting ---- */

/* The same release may have been deployed before: only what runs, or was started with these very parameters, is meant. */
static bool
is_meant(const struct spinnaker_execution *execution, const json_t *parameters, const char *correlation_id)
{
	const json_t *given = json_at(execution->json, "trigger.parameters");
	const char *name;
	json_t *value;
	bool is_same = true;
	json_object_foreach ((json_t *)(uintptr_t)parameters, name, value)
		is_same &= json_equal(json_object_get(given, name), value) != 0;
	return strcmp(execution->correlation_id, correlation_id) == 0 && (is_same || !spinnaker_is_complete(execution->status));
}

/* *ret_id NULL: nobody has it. */
static bool
look_up(struct gate *gate, const struct spinnaker_pipeline *pipeline, const json_t *parameters, const char *correlation_id,
        struct arena *arena, const char **ret_id, struct error *err)
{
	const struct spinnaker_query query = {.application = pipeline->application, .pipeline = pipeline->name,
	                                      .correlation_id = correlation_id, .limit = 5};
	struct spinnaker_execution *found;
	size_t count;
	*ret_id = NULL;
	if (!spinnaker_execution_search(gate, &query, arena, &found, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (*ret_id == NULL && is_meant(&found[i], parameters, correlation_id))
			*ret_id = arena_strdup(arena, found[i].id);
		spinnaker_execution_release(&found[i]);
	}
	return true;
}

/* After an answer was lost: the execution may be there, or appear in a moment. */
static bool
look_for_lost(struct gate *gate, const struct spinnaker_pipeline *pipeline, const json_t *parameters,
              const char *correlation_id, struct arena *arena, const char **ret_id, struct error *err)
{
	for (int i = 0; i < LOOK_TRIES; i++) {
		if (i > 0 && !fiber_sleep(fiber_loop(fiber_current()), LOOK_WAIT_MS))
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (!look_up(gate, pipeline, parameters, correlation_id, arena, ret_id, err))
			return false;
		if (*ret_id != NULL)
			return true;
	}
	return true;
}

/* The last segment of "/pipelines/01HV…"; nothing else of the answer counts. */
static bool
read_reference(const json_t *answer, struct arena *arena, const char **ret_id, struct error *err)
{
	const char *reference = json_text_or(answer, "ref", ""), *slash = strrchr(reference, '/');
	if (slash == NULL || slash[1] == '\0')
		return error_set(err, ERROR_BAD_ANSWER, "Gate took the pipeline, but does not say which execution it became");
	*ret_id = arena_strdup(arena, slash + 1);
	return true;
}

static bool
post(struct gate *gate, const struct spinnaker_pipeline *pipeline, const json_t *body, struct arena *arena, const char **ret_id,
     struct error *err)
{
	scoped(json_release) json_t *answer = NULL;
	const char *path = arena_printf(arena, "/pipelines/%s/%s", gate_escape(pipeline->application, arena),
	                                gate_escape(pipeline->name, arena));
	return gate_send(gate, "POST", path, body, false, &answer, err) && read_reference(answer, arena, ret_id, err);
}

bool
spinnaker_pipeline_start(struct gate *gate, const struct spinnaker_pipeline *pipeline, const json_t *parameters,
                         const char *correlation_id, struct arena *arena, const char **ret_id, struct error *err)
{
	scoped(json_release) json_t *body = json_pack("{s:s, s:b, s:O, s:s}", "type", "manual", "dryRun", false, "parameters",
	                                              parameters, "correlationId", correlation_id);
	const char *id = NULL;
	for (int i = 0; i < START_TRIES; i++) {
		if (post(gate, pipeline, body, arena, ret_id, err))
			return true;
		bool is_lost = err->code == ERROR_UNREACHABLE || err->code == ERROR_BAD_ANSWER || err->code == ERROR_RATE_LIMITED;
		struct error failure;
		if (!is_lost || !look_for_lost(gate, pipeline, parameters, correlation_id, arena, &id, &failure))
			return false;
		if (id != NULL) {
			*ret_id = id;
			return true;
		}
	}
	return false;
}
