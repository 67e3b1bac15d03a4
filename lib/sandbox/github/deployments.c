/* Deployments and what became of them. */
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/github/parts.h"

/* ---- answers ---- */

static json_t *
deployments(const struct github_call *call)
{
	json_t *all = json_object_get(call->github->state, "deployments"), *list = json_object_get(all, call->slug);
	if (list == NULL) {
		list = json_array();
		json_object_set_new(all, call->slug, list);
	}
	return list;
}

static json_t *
deployment_as_answer(const struct github_call *call, const json_t *deployment)
{
	json_t *answer = json_copy((json_t *)(uintptr_t)deployment);
	const char *url = github_repository_url(call, "/deployments/%lld", (long long)member_number(deployment, "id"));
	json_object_del(answer, "statuses");
	json_object_set_new(answer, "url", json_string(url));
	json_object_set_new(answer, "statuses_url", json_string(arena_printf(call->arena, "%s/statuses", url)));
	json_object_set_new(answer, "repository_url", json_string(github_repository_url(call, "%s", "")));
	json_object_set_new(answer, "node_id", json_sprintf("DE_%lld", (long long)member_number(deployment, "id")));
	json_object_set_new(answer, "creator", github_user(call, "ada"));
	return answer;
}

static json_t *
status_as_answer(const struct github_call *call, const json_t *deployment, const json_t *status)
{
	json_t *answer = json_copy((json_t *)(uintptr_t)status);
	const char *of = github_repository_url(call, "/deployments/%lld", (long long)member_number(deployment, "id"));
	json_object_set_new(answer, "url",
	                    json_string(arena_printf(call->arena, "%s/statuses/%lld", of, (long long)member_number(status, "id"))));
	json_object_set_new(answer, "deployment_url", json_string(of));
	json_object_set_new(answer, "repository_url", json_string(github_repository_url(call, "%s", "")));
	json_object_set_new(answer, "node_id", json_sprintf("DES_%lld", (long long)member_number(status, "id")));
	json_object_set_new(answer, "creator", github_user(call, "ada"));
	return answer;
}

/* ---- reading ---- */

static json_t *
find_deployment(struct github_call *call)
{
	json_t *deployment;
	size_t i;
	json_array_foreach (deployments(call), i, deployment)
		if (member_number(deployment, "id") == github_param_number(call, 0))
			return deployment;
	github_not_found(call);
	return NULL;
}

void
github_handle_deployments(struct github_call *call)
{
	static const char *const filters[] = {"sha", "ref", "task", "environment"};
	const json_t *deployment;
	json_t *list = json_array();
	size_t i;
	json_array_foreach (deployments(call), i, deployment) {
		bool is_wanted = true;
		for (size_t f = 0; f < array_length(filters); f++)
			is_wanted = is_wanted && github_is_asked_for(call, filters[f], member_text(deployment, filters[f]));
		if (is_wanted)
			json_array_append_new(list, deployment_as_answer(call, deployment));
	}
	github_answer_page(call, list, NULL);
}

void
github_handle_deployment(struct github_call *call)
{
	const json_t *deployment = find_deployment(call);
	if (deployment != NULL)
		github_answer(call, 200, deployment_as_answer(call, deployment));
}

void
github_handle_deployment_statuses(struct github_call *call)
{
	const json_t *deployment = find_deployment(call), *status;
	size_t i;
	if (deployment == NULL)
		return;
	json_t *list = json_array();
	json_array_foreach (json_object_get(deployment, "statuses"), i, status)
		json_array_append_new(list, status_as_answer(call, deployment, status));
	github_answer_page(call, list, NULL);
}

/* ---- a new deployment ---- */

/* The default branch has what the branch `ref` has not. */
static bool
is_behind(const struct github_call *call, const char *ref)
{
	const char *base = member_text(call->repository, "default_branch");
	const json_t *head = forge_commit(call->repository, base);
	size_t count;
	if (!forge_has_branch(call->repository, ref) || strcmp(ref, base) == 0 || head == NULL)
		return false;
	const json_t **history = forge_history(call->repository,
	                                        member_text(forge_commit(call->repository, ref), "sha"), call->arena, &count);
	for (size_t i = 0; i < count; i++)
		if (history[i] == head)
			return false;
	return true;
}

/* As GitHub does unless auto_merge is false: merged, but nothing is deployed. */
static void
merge_and_answer(struct github_call *call, const char *ref)
{
	const char *base = member_text(call->repository, "default_branch"),
	           *head = member_text(forge_commit(call->repository, base), "sha");
	forge_push(call->repository, ref, NULL,
	           arena_printf(call->arena, "Merge branch '%s' into %s", base, ref), head);
	github_answer(call, 202, json_pack("{s:s}", "message",
	                                   arena_printf(call->arena, "Auto-merged %s into %s on deployment.", base, ref)));
}

/* Contexts that are not green: those asked for, or each there is; new reference. */
static json_t *
missing_contexts(const struct github_call *call, const char *sha)
{
	const json_t *required = json_object_get(call->body, "required_contexts"), *state;
	json_t *states = github_contexts(call, sha), *wanted = json_object(), *missing = json_array(), *entry;
	const char *context;
	size_t i;
	if (json_is_array(required))
		json_array_foreach (required, i, entry)
			json_object_set_new(wanted, json_is_string(entry) ? json_string_value(entry) : "", json_true());
	else
		json_object_update(wanted, states);
	json_object_foreach (wanted, context, entry) {
		state = json_object_get(states, context);
		const char *text = state != NULL ? json_string_value(state) : "pending";
		if (strcmp(text, "success") != 0)
			json_array_append_new(missing, json_pack("{s:s, s:s}", "context", context, "state", text));
	}
	json_decref(states);
	json_decref(wanted);
	return missing;
}

static void
answer_conflict(struct github_call *call, const char *ref, json_t *missing)
{
	json_t *error = json_pack("{s:o, s:s, s:s, s:s}", "contexts", missing, "resource", "Deployment", "field",
	                          "required_contexts", "code", "invalid");
	github_answer(call, 409,
	              json_pack("{s:s, s:[o], s:s, s:s}", "message",
	                        arena_printf(call->arena, "Conflict: Commit status checks failed for %s.", ref), "errors", error,
	                        "documentation_url", "https://docs.github.com/rest/deployments/deployments#create-a-deployment",
	                        "status", "409"));
}

static void
create_deployment(struct github_call *call, const char *ref, const char *sha)
{
	const char *environment = github_body_text(call, "environment", "production");
	const json_t *payload = json_object_get(call->body, "payload");
	char time[CLOCK_TEXT_BYTES];
	clock_format(clock_wall_ms(), time);
	json_t *deployment = json_pack(
		"{s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s?, s:s, s:s, s:b, s:b, s:[]}", "id",
		(json_int_t)github_new_id(call->github), "sha", sha, "ref", ref, "task",
		github_body_text(call, "task", "deploy"), "payload", payload != NULL ? json_deep_copy(payload) : json_object(),
		"original_environment", environment, "environment", environment, "description",
		github_body_text(call, "description", NULL), "created_at", time, "updated_at", time, "transient_environment",
		github_body_flag(call, "transient_environment", false), "production_environment",
		github_body_flag(call, "production_environment", strcmp(environment, "production") == 0), "statuses");
	json_t *list = deployments(call);
	json_array_insert_new(list, 0, deployment);
	if (json_array_size(list) > GITHUB_ENTRIES_MAX)
		json_array_remove(list, GITHUB_ENTRIES_MAX);
	github_answer(call, 201, deployment_as_answer(call, deployment));
}

void
github_handle_new_deployment(struct github_call *call)
{
	const char *ref = github_body_text(call, "ref", NULL);
	const json_t *commit = ref != NULL ? forge_commit(call->repository, ref) : NULL;
	if (ref == NULL) {
		github_invalid(call, "Deployment", "ref", "missing_field");
	} else if (commit == NULL) {
		github_refuse(call, 422, arena_printf(call->arena, "No ref found for: %s", ref));
	} else if (github_body_flag(call, "auto_merge", true) && is_behind(call, ref)) {
		merge_and_answer(call, ref);
	} else {
		json_t *missing = missing_contexts(call, member_text(commit, "sha"));
		if (json_array_size(missing) > 0) {
			answer_conflict(call, ref, missing);
			return;
		}
		json_decref(missing);
		create_deployment(call, ref, member_text(commit, "sha"));
	}
}

/* ---- a new status ---- */

static bool
is_deployment_state(const char *state)
{
	static const char *const states[] = {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"};
	for (size_t i = 0; i < array_length(states); i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

static json_t *
add_status(struct github_call *call, json_t *deployment, const char *state, const char *description)
{
	char time[CLOCK_TEXT_BYTES];
	const char *log = github_body_text(call, "log_url", github_body_text(call, "target_url", ""));
	clock_format(clock_wall_ms(), time);
	json_t *status = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id",
	                           (json_int_t)github_new_id(call->github), "state", state, "description", description,
	                           "environment", github_body_text(call, "environment", member_text(deployment, "environment")),
	                           "environment_url", github_body_text(call, "environment_url", ""), "log_url", log,
	                           "target_url", log, "created_at", time, "updated_at", time);
	json_t *list = json_object_get(deployment, "statuses");
	json_array_insert_new(list, 0, status);
	json_object_set_new(deployment, "updated_at", json_string(time));
	if (json_array_size(list) > GITHUB_ENTRIES_MAX)
		json_array_remove(list, GITHUB_ENTRIES_MAX);
	return status;
}

/* Older deployments to the same place that stands no longer; production and passing ones are left alone. */
static void
retire_others(struct github_call *call, const json_t *deployment)
{
	json_t *other;
	size_t i;
	json_array_foreach (deployments(call), i, other) {
		const json_t *last = json_array_get(json_object_get(other, "statuses"), 0);
		bool is_older = member_number(other, "id") < member_number(deployment, "id");
		bool is_same_place = strcmp(member_text(other, "environment"), member_text(deployment, "environment")) == 0;
		bool stays = json_is_true(json_object_get(other, "production_environment")) ||
		             json_is_true(json_object_get(other, "transient_environment")) ||
		             strcmp(member_text(last, "state"), "inactive") == 0;
		if (is_older && is_same_place && !stays)
			add_status(call, other, "inactive", "");
	}
}

void
github_handle_new_deployment_status(struct github_call *call)
{
	const char *state = github_body_text(call, "state", ""), *description = github_body_text(call, "description", "");
	json_t *deployment = find_deployment(call);
	if (deployment == NULL)
		return;
	if (!is_deployment_state(state)) {
		github_invalid(call, "DeploymentStatus", "state", "custom");
		return;
	}
	json_t *status = add_status(call, deployment, state, description);
	github_answer(call, 201, status_as_answer(call, deployment, status));
	if (strcmp(state, "success") == 0 && github_body_flag(call, "auto_inactive", true))
		retire_others(call, deployment);
}
