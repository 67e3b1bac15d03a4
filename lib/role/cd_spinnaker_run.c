#include "role/cd_spinnaker_run.h"

#include <string.h>

#include "api/spinnaker/control.h"
#include "api/spinnaker/gate.h"
#include "data/json.h"

enum { TEXTS_MAX = 20, CHILDREN_MAX = 8 };

static const enum cd_state states[] = {
	[SPINNAKER_UNKNOWN] = CD_OTHER,     [SPINNAKER_NOT_STARTED] = CD_QUEUED, [SPINNAKER_BUFFERED] = CD_QUEUED,
	[SPINNAKER_RUNNING] = CD_RUNNING,   [SPINNAKER_PAUSED] = CD_PAUSED,      [SPINNAKER_SUSPENDED] = CD_RUNNING,
	[SPINNAKER_REDIRECT] = CD_RUNNING,  [SPINNAKER_SUCCEEDED] = CD_SUCCEEDED, [SPINNAKER_SKIPPED] = CD_SKIPPED,
	[SPINNAKER_FAILED_CONTINUE] = CD_FAILED_ON, [SPINNAKER_TERMINAL] = CD_FAILED, [SPINNAKER_CANCELED] = CD_CANCELLED,
	[SPINNAKER_STOPPED] = CD_STOPPED,
};

enum cd_state
spinnaker_run_state(enum spinnaker_status status)
{
	return states[status];
}

static const char *
text_of(const struct spinnaker_stage *stage, const char *key)
{
	const char *text = json_string_value(spinnaker_context(stage, key));
	return text != NULL ? text : "";
}

/* The first Application among a stage's manifests: as they were applied, else as they are about to be. */
static struct cd_deployed
deployed_by(const struct spinnaker_stage *stage)
{
	static const char *const keys[] = {"outputs.manifests", "manifests"};
	const json_t *manifest;
	size_t i;
	for (size_t k = 0; k < array_length(keys); k++)
		json_array_foreach (spinnaker_context(stage, keys[k]), i, manifest) {
			const char *override = text_of(stage, "namespaceOverride");
			if (strcmp(json_text_or(manifest, "kind", ""), "Application") != 0)
				continue;
			return (struct cd_deployed){
				.account = text_of(stage, "account"), .name = json_text_at(manifest, "metadata.name"),
				.namespace = json_text_or(manifest, "metadata.namespace", *override != '\0' ? override : "default"),
				.deployment_id = json_text_or(manifest, "metadata.labels.fiaas/deployment_id", ""),
				.image = json_text_or(manifest, "spec.image", ""),
			};
		}
	return (struct cd_deployed){0};
}

/* Texts of a list, which stand there themselves or in `member` of objects; NULL: none. */
static const char *const *
texts_of(const struct spinnaker_stage *stage, const char *key, const char *member, struct arena *arena)
{
	const json_t *list = spinnaker_context(stage, key), *item;
	const char **texts = arena_array(arena, const char *, TEXTS_MAX + 1);
	size_t i, count = 0;
	json_array_foreach (list, i, item) {
		const char *text = member != NULL ? json_text_at(item, member) : json_string_value(item);
		if (text != NULL && count < TEXTS_MAX)
			texts[count++] = text;
	}
	return count > 0 ? texts : NULL;
}

static const char *const *
judges_of(const struct spinnaker_stage *stage, struct arena *arena)
{
	const char *const *roles = texts_of(stage, "requiredJudgmentRoles", NULL, arena);
	return roles != NULL ? roles : texts_of(stage, "selectedStageRoles", NULL, arena);
}

/* Orca appends to it at each look. */
static const char *
last_message(const struct spinnaker_stage *stage)
{
	const json_t *messages = spinnaker_context(stage, "messages");
	size_t count = json_array_size(messages);
	const char *text = count > 0 ? json_string_value(json_array_get(messages, count - 1)) : NULL;
	return text != NULL ? text : stage->task;
}

static struct cd_step
step_of(const struct spinnaker_stage *stage, struct arena *arena)
{
	bool needs_approval = spinnaker_is_waiting_judgment(stage), is_running = stage->status == SPINNAKER_RUNNING;
	bool is_deploy = strcmp(stage->type, "deployManifest") == 0;
	return (struct cd_step){
		.id = stage->id, .name = stage->name, .type = stage->type, .word = stage->word, .run_id = "", .depth = stage->depth,
		.state = needs_approval ? CD_NEEDS_APPROVAL : states[stage->status], .started_ms = stage->started_ms,
		.ended_ms = stage->ended_ms, .doing = is_running && !needs_approval ? last_message(stage) : "",
		.instructions = needs_approval ? text_of(stage, "instructions") : "",
		.inputs = needs_approval ? texts_of(stage, "judgmentInputs", "value", arena) : NULL,
		.judges = needs_approval ? judges_of(stage, arena) : NULL,
		.deployed = is_deploy ? deployed_by(stage) : (struct cd_deployed){0},
	};
}

static const char *
parameter_of(const struct spinnaker_execution *execution, const char *name)
{
	const char *text = json_string_value(json_object_get(json_at(execution->json, "trigger.parameters"), name));
	return text != NULL ? text : "";
}

/* Where people look, when the platform file says so; else what Gate answers. */
static const char *
url_of(const struct spinnaker_tool *tool, const struct spinnaker_execution *execution, struct arena *arena)
{
	const char *id = gate_escape(execution->id, arena);
	if (tool->web == NULL)
		return arena_printf(arena, "%s/pipelines/%s", tool->url, id);
	return arena_printf(arena, "%s/#/applications/%s/executions/details/%s", tool->web,
	                    gate_escape(execution->application, arena), id);
}

/* An execution, and those that it waits for. */
struct family {
	struct spinnaker_execution *own, children[CHILDREN_MAX];
	size_t n_children;
};

static void
release_run(struct cd_run *run)
{
	struct family *family = run->native;
	spinnaker_execution_release(family->own);
	for (size_t i = 0; i < family->n_children; i++)
		spinnaker_execution_release(&family->children[i]);
}

static void
judge_state(struct cd_run *run)
{
	if (run->state == CD_RUNNING && cd_run_approval(run) != NULL)
		run->state = CD_NEEDS_APPROVAL;
}

void
spinnaker_run_put(const struct spinnaker_tool *tool, struct spinnaker_execution *execution, struct arena *arena, struct cd_run *ret)
{
	struct family *family = arena_new(arena, struct family);
	family->own = execution;
	*ret = (struct cd_run){
		.id = execution->id, .pipeline = execution->pipeline, .pipeline_id = execution->pipeline_id, .word = execution->word,
		.url = url_of(tool, execution, arena), .state = states[execution->status], .user = execution->user,
		.reason = execution->cancellation_reason, .stopped_by = execution->canceled_by, .built_ms = execution->built_ms,
		.started_ms = execution->started_ms, .ended_ms = execution->ended_ms, .image = parameter_of(execution, "image"),
		.digest = parameter_of(execution, "digest"), .deployment_id = parameter_of(execution, "deployment_id"),
		.commit = parameter_of(execution, "commit"), .config = parameter_of(execution, "config"),
		.correlation_id = execution->correlation_id,
		.application = parameter_of(execution, "application"), .namespace = parameter_of(execution, "namespace"),
		.steps = arena_array(arena, struct cd_step, execution->n_stages + 1), .native = family,
		.release = release_run,
	};
	for (size_t i = 0; i < execution->n_stages; i++)
		ret->steps[ret->n_steps++] = step_of(&execution->stages[i], arena);
	judge_state(ret);
}

/* ---- other pipelines that it waits for ---- */

/* Of the pipelines that start each other without end, or in great number, the first are looked at. */
static struct spinnaker_execution *
read_child(const struct spinnaker_tool *tool, struct family *family, const char *id, struct arena *arena)
{
	struct error ignored;
	if (id == NULL || *id == '\0' || family->n_children == CHILDREN_MAX || strcmp(family->own->id, id) == 0)
		return NULL;
	for (size_t i = 0; i < family->n_children; i++)
		if (strcmp(family->children[i].id, id) == 0)
			return NULL;
	struct spinnaker_execution *child = &family->children[family->n_children];
	if (!spinnaker_execution_read(tool->gate, id, arena, child, &ignored))
		return NULL;
	family->n_children++;
	return child;
}

struct steps {
	struct cd_step *items;
	size_t count;
};

/* The stages of an execution, and behind one that waits for another those of the other. */
static void
add_steps(const struct spinnaker_tool *tool, struct family *family, const struct spinnaker_execution *execution, unsigned depth,
          struct arena *arena, struct steps *ret)
{
	for (size_t i = 0; i < execution->n_stages && ret->count < SPINNAKER_STAGES_MAX; i++) {
		const struct spinnaker_stage *stage = &execution->stages[i];
		struct cd_step step = step_of(stage, arena);
		step.depth += depth;
		step.run_id = execution == family->own ? "" : execution->id;
		ret->items[ret->count++] = step;
		if (strcmp(stage->type, "pipeline") != 0 || depth >= SPINNAKER_CHILD_DEPTH_MAX)
			continue;
		const char *id = json_string_value(spinnaker_context(stage, "executionId"));
		const struct spinnaker_execution *child = read_child(tool, family, id, arena);
		if (child != NULL)
			add_steps(tool, family, child, step.depth + 1, arena, ret);
	}
}

static bool
has_children(const struct spinnaker_execution *execution)
{
	for (size_t i = 0; i < execution->n_stages; i++)
		if (strcmp(execution->stages[i].type, "pipeline") == 0)
			return true;
	return false;
}

void
spinnaker_run_put_children(const struct spinnaker_tool *tool, struct arena *arena, struct cd_run *run)
{
	struct family *family = run->native;
	if (!has_children(family->own))
		return;
	struct steps steps = {.items = arena_array(arena, struct cd_step, SPINNAKER_STAGES_MAX)};
	add_steps(tool, family, family->own, 0, arena, &steps);
	run->steps = steps.items;
	run->n_steps = steps.count;
	judge_state(run);
}

const struct spinnaker_execution *
spinnaker_run_execution(const struct cd_run *run)
{
	const struct family *family = run->native;
	return family->own;
}
