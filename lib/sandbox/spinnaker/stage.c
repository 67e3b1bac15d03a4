/* Stages, and the tasks that Orca runs for each kind of them. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

/* ---- what a stage consists of ---- */

struct task_kind {
	const char *name, *class;
	stage_task *run;
};

static const char *
succeed(struct stage_run *run)
{
	(void)run;
	return "SUCCEEDED";
}

/* Until its time is over, or somebody says so. */
static const char *
wait_for_time(struct stage_run *run)
{
	int64_t until_ms = tree_int(run->stage, "startTime") + tree_int(run->context, "waitTime") * 1000;
	if (run->now_ms >= until_ms || tree_bool(run->context, "skipRemainingWait"))
		return "SUCCEEDED";
	run->again_ms = until_ms - run->now_ms;
	return "RUNNING";
}

static const struct task_kind window_tasks[] = {
	{"suspendExecutionDuringTimeWindow",
	 "com.netflix.spinnaker.orca.pipeline.RestrictExecutionDuringTimeWindow$SuspendExecutionDuringTimeWindowTask",
	 window_wait},
};
#define CLOUD "com.netflix.spinnaker.orca.clouddriver.tasks."
#define FRONT50 "com.netflix.spinnaker.orca.applications.tasks."
static const struct task_kind deploy_tasks[] = {
	{"resolveDeploySourceManifest", CLOUD "manifest.ResolveDeploySourceManifestTask", deploy_resolve},
	{"deployManifest", CLOUD "manifest.DeployManifestTask", deploy_apply},
	{"monitorDeploy", CLOUD "MonitorKatoTask", deploy_monitor},
	{"promoteOutputs", CLOUD "manifest.PromoteManifestKatoOutputsTask", deploy_promote},
	{"waitForManifestToStabilize", CLOUD "manifest.WaitForManifestStableTask", deploy_settle},
	{"cleanupArtifacts", CLOUD "artifacts.CleanupArtifactsTask", succeed},
	{"monitorCleanup", CLOUD "MonitorKatoTask", succeed},
	{"promoteOutputs", CLOUD "manifest.PromoteManifestKatoOutputsTask", succeed},
	{"bindProducedArtifacts", "com.netflix.spinnaker.orca.pipeline.tasks.artifacts.BindProducedArtifactsTask", succeed},
};
static const struct task_kind judgment_tasks[] = {
	{"waitForJudgment", "com.netflix.spinnaker.orca.echo.pipeline.ManualJudgmentStage$WaitForManualJudgmentTask",
	 judgment_wait},
};
static const struct task_kind wait_tasks[] = {
	{"wait", "com.netflix.spinnaker.orca.pipeline.tasks.WaitTask", wait_for_time},
};
static const struct task_kind child_tasks[] = {
	{"startPipeline", "com.netflix.spinnaker.orca.front50.tasks.StartPipelineTask", child_start},
	{"monitorPipeline", "com.netflix.spinnaker.orca.front50.tasks.MonitorPipelineTask", child_monitor},
};
static const struct task_kind precondition_tasks[] = {
	{"checkPrecondition", "com.netflix.spinnaker.orca.pipeline.tasks.ExpressionPreconditionTask", precondition_check},
};
static const struct task_kind variables_tasks[] = {
	{"evaluateVariables", "com.netflix.spinnaker.orca.pipeline.tasks.EvaluateVariablesTask", variables_evaluate},
};
static const struct task_kind application_tasks[] = {
	{"upsertApplication", FRONT50 "UpsertApplicationTask", job_upsert_application},
};
static const struct task_kind deletion_tasks[] = {
	{"deleteApplication", FRONT50 "DeleteApplicationTask", job_delete_application},
};
static const struct task_kind save_tasks[] = {
	{"savePipeline", "com.netflix.spinnaker.orca.front50.tasks.SavePipelineTask", job_save_pipeline},
};

#define KIND(type, tasks) {type, tasks, array_length(tasks)}
static const struct stage_kind {
	const char *type;
	const struct task_kind *tasks;
	size_t n_tasks;
} kinds[] = {
	KIND("deployManifest", deploy_tasks),           KIND("manualJudgment", judgment_tasks),
	KIND("wait", wait_tasks),                       KIND("createApplication", application_tasks),
	KIND("updateApplication", application_tasks),   KIND("upsertApplication", application_tasks),
	KIND("deleteApplication", deletion_tasks),      KIND("savePipeline", save_tasks),
	KIND(STAGE_WINDOW, window_tasks),               KIND("pipeline", child_tasks),
	KIND("checkPreconditions", precondition_tasks), KIND("evaluateVariables", variables_tasks),
};
/* Those that Orca puts before it do the work. */
static const struct stage_kind whole = {"checkPreconditions", NULL, 0};

static const struct stage_kind *
kind_of(const json_t *stage)
{
	if (strcmp(whole.type, tree_text(stage, "type")) == 0 && json_object_get(stage, "parentStageId") == NULL)
		return &whole;
	for (size_t i = 0; i < array_length(kinds); i++)
		if (strcmp(kinds[i].type, tree_text(stage, "type")) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- making one ---- */

/* What the pipeline says of it, without what stands beside the context. */
static json_t *
make_context(const json_t *config)
{
	static const char *const beside[] = {"refId", "requisiteStageRefIds", "type", "name"};
	json_t *context = json_is_object(config) ? json_deep_copy(config) : json_object();
	for (size_t i = 0; i < array_length(beside); i++)
		json_object_del(context, beside[i]);
	return context;
}

json_t *
stage_make(const json_t *config, size_t position, bool is_in_line)
{
	char id[IDENTIFIER_BYTES];
	const char *type = tree_text(config, "type"), *name = tree_text(config, "name");
	const json_t *before = json_object_get(config, "requisiteStageRefIds"), *own = json_object_get(config, "refId");
	json_t *required = json_is_array(before) ? json_deep_copy(before) : json_array();
	json_t *ref = own != NULL ? json_deep_copy(own) : json_sprintf("%zu", position);
	if (is_in_line && position > 0)
		json_array_append_new(required, json_sprintf("%zu", position - 1));
	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:o, s:{}, s:[], s:o}", "id", identifier_ulid(id), "refId", ref, "type",
	                 type, "name", name[0] != '\0' ? name : type, "status", "NOT_STARTED", "context",
	                 make_context(config), "outputs", "tasks", "requisiteStageRefIds", required);
}

json_t *
stage_find(const json_t *execution, const char *id)
{
	return tree_find(json_object_get(execution, "stages"), "id", id);
}

void
stage_except(struct stage_run *run, const char *type, const char *why)
{
	json_object_set_new(run->context, "exception",
	                    json_pack("{s:I, s:s, s:s, s:b, s:{s:s, s:[s]}}", "timestamp", (json_int_t)run->now_ms,
	                              "exceptionType", type, "operation", tree_text(run->stage, "name"), "shouldRetry", 0,
	                              "details", "error", "Unexpected Task Failure", "errors", why));
}

/* ---- beginning and ending ---- */

static void
end_item(json_t *item, const char *status, int64_t now_ms)
{
	execution_set_status(item, status);
	json_object_set_new(item, "endTime", json_integer(now_ms));
}

void
stage_end(json_t *stage, const char *status, int64_t now_ms)
{
	json_t *task;
	size_t i;
	json_array_foreach (json_object_get(stage, "tasks"), i, task)
		if (strcmp(execution_status(task), "RUNNING") == 0 || strcmp(execution_status(task), "PAUSED") == 0)
			end_item(task, status, now_ms);
	end_item(stage, status, now_ms);
}

/* How a failure of it is called, as its pipeline wants. */
static const char *
failure_of(const struct stage_run *run)
{
	if (tree_bool(run->context, "continuePipeline"))
		return "FAILED_CONTINUE";
	return json_is_false(json_object_get(run->context, "failPipeline")) ? "STOPPED" : "TERMINAL";
}

static void
fail(struct stage_run *run)
{
	const json_t *exception = json_object_get(run->context, "exception");
	const char *status = failure_of(run);
	json_t *task;
	size_t i;
	json_array_foreach (json_object_get(run->stage, "tasks"), i, task)
		if (exception != NULL && strcmp(execution_status(task), "RUNNING") == 0)
			tree_set(task, "taskExceptionDetails", json_pack("{s:O}", "exception", tree_loose(exception)));
	stage_end(run->stage, status, run->now_ms);
}

/* Expressions are filled in when a stage begins; what of it fails is noted, and stays as it is written. */
static bool
fill_in(struct stage_run *run)
{
	json_t *summary = json_object(), *manifests = NULL;
	bool is_plain = tree_bool(run->context, "skipExpressionEvaluation");
	if (is_plain && (manifests = json_incref(json_object_get(run->context, "manifests"))) != NULL)
		json_object_del(run->context, "manifests");
	json_t *context = expression_fill_in(run->execution, json_deep_copy(run->context), summary);
	if (manifests != NULL)
		json_object_set_new(context, "manifests", manifests);
	json_object_set_new(run->stage, "context", context);
	run->context = context;
	bool is_fine = json_object_size(summary) == 0 || !tree_bool(context, "failOnFailedExpressions");
	if (json_object_size(summary) > 0)
		json_object_set(context, "expressionEvaluationSummary", summary);
	if (!is_fine)
		stage_except(run, "FailedExpressionEvaluation",
		             arena_printf(&run->arena, "Failed to evaluate expressions: %s",
		                          json_object_iter_key(json_object_iter(summary))));
	json_decref(summary);
	return is_fine;
}

json_t *
stage_lift(const json_t *execution, json_t *stage)
{
	json_t *parent = stage_find(execution, tree_text(stage, "parentStageId"));
	return parent != NULL ? parent : stage;
}

static void
begin_task(json_t *task, int64_t now_ms)
{
	execution_set_status(task, "RUNNING");
	json_object_set_new(task, "startTime", json_integer(now_ms));
}

static bool
begin(struct stage_run *run, const struct stage_kind *kind)
{
	json_t *tasks = json_array();
	execution_set_status(run->stage, "RUNNING");
	json_object_set_new(run->stage, "startTime", json_integer(run->now_ms));
	if (kind == NULL)
		stage_except(run, "NoSuchStageDefinitionBuilderException",
		             arena_printf(&run->arena, "No StageDefinitionBuilder implementation for %s found",
		                          tree_text(run->stage, "type")));
	for (size_t i = 0; kind != NULL && i < kind->n_tasks; i++)
		json_array_append_new(tasks, json_pack("{s:o, s:s, s:s, s:s, s:b, s:b, s:b, s:b}", "id", json_sprintf("%zu", i + 1),
		                                       "name", kind->tasks[i].name, "implementingClass", kind->tasks[i].class,
		                                       "status", "NOT_STARTED", "stageStart", i == 0, "stageEnd",
		                                       i + 1 == kind->n_tasks, "loopStart", 0, "loopEnd", 0));
	json_object_set_new(run->stage, "tasks", tasks);
	if (kind == NULL || !fill_in(run))
		return false;
	before_put(run);
	return true;
}

void
stage_reset(json_t *execution, json_t *stage)
{
	json_t *stages = json_object_get(execution, "stages");
	for (size_t i = json_array_size(stages); i-- > 0;)
		if (strcmp(tree_text(json_array_get(stages, i), "parentStageId"), tree_text(stage, "id")) == 0)
			json_array_remove(stages, i);
	execution_set_status(stage, "NOT_STARTED");
	json_object_del(stage, "startTime");
	json_object_del(stage, "endTime");
	json_object_set_new(stage, "tasks", json_array());
	json_object_set_new(stage, "outputs", json_object());
}

/* ---- a step ---- */

static size_t
current_task(const json_t *tasks)
{
	size_t i = 0;
	while (i < json_array_size(tasks) && status_is_complete(execution_status(json_array_get(tasks, i))))
		i++;
	return i;
}

/* The task is done: the next begins, or the stage is complete. */
static int64_t
advance(struct stage_run *run, json_t *tasks, size_t done, const char *status)
{
	end_item(json_array_get(tasks, done), status, run->now_ms);
	if (done + 1 == json_array_size(tasks)) {
		end_item(run->stage, status, run->now_ms);
		return INT64_MAX;
	}
	begin_task(json_array_get(tasks, done + 1), run->now_ms);
	return run->now_ms + TASK_MS;
}

/* Runs what is due. */
static int64_t
run_task(struct stage_run *run, const struct stage_kind *kind)
{
	json_t *tasks = json_object_get(run->stage, "tasks");
	size_t i = current_task(tasks);
	if (kind == &whole) {
		end_item(run->stage, "SUCCEEDED", run->now_ms);
		return INT64_MAX;
	}
	bool is_known = kind != NULL && i < kind->n_tasks && i < json_array_size(tasks);
	if (is_known && strcmp(execution_status(json_array_get(tasks, i)), "NOT_STARTED") == 0) {
		begin_task(json_array_get(tasks, i), run->now_ms);
		return run->now_ms + TASK_MS;
	}
	const char *status = is_known ? kind->tasks[i].run(run) : "TERMINAL";
	if (strcmp(status, "RUNNING") == 0)
		return run->again_ms == INT64_MAX ? INT64_MAX : run->now_ms + run->again_ms;
	if (strcmp(status, "TERMINAL") != 0)
		return advance(run, tasks, i, status);
	fail(run);
	return INT64_MAX;
}

int64_t
stage_step(struct gate *gate, json_t *execution, json_t *stage, int64_t now_ms)
{
	const char *id = tree_text(stage, "id");
	json_t *due = execution_due(gate, execution);
	const struct stage_kind *kind = kind_of(stage);
	struct stage_run run = {.gate = gate, .execution = execution, .stage = stage, .now_ms = now_ms, .again_ms = TASK_MS,
	                        .context = json_object_get(stage, "context")};
	json_t *before = before_open(execution, stage);
	const json_t *failed = before_failed(execution, stage);
	int64_t due_ms = json_integer_value(json_object_get(due, id));
	if (strcmp(execution_status(stage), "NOT_STARTED") == 0) {
		bool has_begun = begin(&run, kind);
		if (!has_begun)
			fail(&run);
		due_ms = has_begun ? now_ms : INT64_MAX;
	} else if (before != NULL) {
		due_ms = stage_step(gate, execution, before, now_ms);
		due_ms = status_is_complete(execution_status(before)) ? now_ms : due_ms;
	} else if (failed != NULL) {
		stage_end(stage, strcmp(execution_status(failed), "STOPPED") == 0 ? "STOPPED" : failure_of(&run), now_ms);
		due_ms = INT64_MAX;
	} else if (due_ms <= now_ms) {
		due_ms = run_task(&run, kind);
	}
	json_object_set_new(due, id, json_integer(due_ms));
	arena_release(&run.arena);
	return due_ms;
}
