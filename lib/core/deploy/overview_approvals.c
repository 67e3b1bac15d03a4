#include "core/deploy/overview_approvals.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "core/deploy/approval.h"
#include "data/json.h"
#include "data/platform.h"
#include "role/cd.h"

enum { RUNS_MAX = 100, DEADLINE_MS = 10 * 1000 };

bool
overview_has_approvals(const struct overview_request *request, const struct platform_environment *environment)
{
	return request->team != NULL && (environment->needs != NULL || cd_knows_pipelines(request->platform));
}

static void
add(struct overview_approvals *approvals, const struct overview_approval *approval, struct arena *arena)
{
	if (approvals->count == OVERVIEW_APPROVALS_MAX) {
		approvals->n_dropped++;
		return;
	}
	if (approvals->items == NULL)
		approvals->items = arena_array(arena, struct overview_approval, OVERVIEW_APPROVALS_MAX);
	approvals->items[approvals->count++] = (struct overview_approval){
		.name = arena_strdup(arena, approval->name), .image = arena_strdup(arena, approval->image),
		.author = arena_strdup(arena, approval->author), .since_ms = approval->since_ms};
}

/* A name that may stand in a command: a pipeline is started by anybody with anything. */
static bool
is_name(const char *name)
{
	return *name != '\0' && *name != '-' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0';
}

/* The pipelines of all teams are asked at once; those that deploy to this namespace are of this one. */
static void
read_runs(const struct overview_request *request, const struct overview *overview, struct arena *arena,
          struct overview_approvals *ret)
{
	const struct cd_query query = {
		.pipeline = cd_pipeline_name(overview->environment, arena), .is_running = true, .limit = RUNS_MAX};
	scoped(cd_close) struct cd *cd = NULL;
	struct cd_run *runs;
	size_t count;
	if (!cd_open(request->http, request->platform, arena, &cd, &ret->trouble) ||
	    !cd_list(cd, &query, arena, &runs, &count, &ret->trouble))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct cd_step *step = cd_run_approval(&runs[i]);
		if (step != NULL && strcmp(runs[i].namespace, overview->namespace) == 0 && is_name(runs[i].application))
			add(ret, &(struct overview_approval){.name = runs[i].application, .image = runs[i].image, .author = runs[i].user,
			                                     .since_ms = step->started_ms}, arena);
		cd_run_release(&runs[i]);
	}
}

static void
read_requests(struct kubernetes *kubernetes, const char *namespace, struct arena *arena, struct overview_approvals *ret)
{
	const struct kubernetes_query query = {.resource = &kubernetes_configmaps, .namespace = namespace,
	                                       .label_selector = APPROVAL_LABEL};
	scoped(json_release) json_t *list = NULL;
	const json_t *map;
	size_t i;
	if (!kubernetes_list(kubernetes, &query, &list, &ret->trouble))
		return;
	json_array_foreach(json_at(list, "items"), i, map) {
		struct approval approval;
		approval_parse(map, arena, &approval);
		if (approval.state == APPROVAL_PENDING)
			add(ret, &(struct overview_approval){.name = approval.name, .image = approval.image, .author = approval.author,
			                                     .since_ms = approval.requested_ms}, arena);
		approval_release(&approval);
	}
}

static void
ask(void *data)
{
	struct overview_question *question = data;
	if (cd_knows_pipelines(question->request->platform))
		read_runs(question->request, question->overview, question->arena, &question->answer);
	else
		read_requests(question->kubernetes, question->overview->namespace, question->arena, &question->answer);
	if (question->is_late)
		error_put(&question->answer.trouble, ERROR_UNREACHABLE, "no answer within %d s", DEADLINE_MS / 1000);
	loop_timer_cancel(question->request->loop, &question->timer);
}

static void
give_up(struct loop_timer *timer)
{
	struct overview_question *question = timer->data;
	question->is_late = true;
	fiber_cancel(question->fiber);
}

void
overview_ask_approvals(struct overview_question *question)
{
	question->timer = (struct loop_timer){.fire = give_up, .data = question};
	question->fiber = fiber_start(question->request->loop, ask, question);
	loop_timer_set(question->request->loop, &question->timer, DEADLINE_MS);
}

void
overview_await_approvals(struct overview_question *question)
{
	fiber_join(question->fiber);
}

json_t *
overview_approvals_to_json(const struct overview_approvals *approvals)
{
	if (approvals->trouble.code != ERROR_NONE)
		return json_null();
	json_t *list = json_array();
	for (size_t i = 0; i < approvals->count; i++) {
		const struct overview_approval *approval = &approvals->items[i];
		char time[CLOCK_TEXT_BYTES];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:o}", "name", approval->name, "image", approval->image,
		                                      "author", *approval->author != '\0' ? approval->author : NULL, "since",
		                                      approval->since_ms > 0 ? json_string(clock_format(approval->since_ms, time))
		                                                             : json_null()));
	}
	return list;
}
