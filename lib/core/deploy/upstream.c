#include "core/deploy/upstream.h"

#include "base/fiber.h"
#include "base/loop.h"
#include "core/deploy/build.h"
#include "core/deploy/pipeline.h"
#include "data/error_json.h"
#include "data/platform.h"
#include "data/repository.h"

enum { DEADLINE_MS = 10 * 1000 };

/* ---- four questions ---- */

struct errand {
	const struct upstream_request *request;
	const char *slug;
	struct arena *arena;
	struct upstream *upstream;
	bool (*ask)(struct errand *errand, struct error *err);
	enum upstream_state *state;
	struct error *trouble;
	struct fiber *fiber;
	struct loop_timer timer;
	bool is_late;
};

static bool
ask_build(struct errand *errand, struct error *err)
{
	const struct repository *repository = errand->request->repository;
	struct upstream *upstream = errand->upstream;
	scoped(ci_close) struct ci *ci = NULL;
	bool is_found = false;
	if (!ci_open(errand->request->http, errand->request->platform, errand->slug, errand->arena, &ci, err))
		return false;
	if (repository->commit != NULL &&
	    !ci_build_of_commit(ci, repository->commit, errand->arena, &upstream->build, &is_found, err))
		return false;
	upstream->is_of_commit = is_found;
	if (!is_found && repository->branch != NULL &&
	    !ci_build_of_branch(ci, repository->branch, errand->arena, &upstream->build, &is_found, err))
		return false;
	*errand->state = is_found ? UPSTREAM_FOUND : UPSTREAM_NONE;
	return true;
}

static bool
ask_pull(struct errand *errand, struct error *err)
{
	const char *branch = errand->request->repository->branch;
	scoped(scm_close) struct scm *scm = NULL;
	bool is_found = false;
	if (!scm_open(errand->request->http, errand->request->platform, errand->arena, &scm, err))
		return false;
	if (branch != NULL &&
	    !scm_pull_of_branch(scm, errand->slug, branch, errand->arena, &errand->upstream->pull, &is_found, err))
		return false;
	*errand->state = is_found ? UPSTREAM_FOUND : UPSTREAM_NONE;
	return true;
}

static bool
ask_run(struct errand *errand, struct error *err)
{
	const struct upstream_request *request = errand->request;
	scoped(cd_close) struct cd *cd = NULL;
	const struct cd_query query = {
		.application = request->name, .limit = 1,
		.pipeline = request->environment != NULL ? cd_pipeline_name(request->environment, errand->arena) : NULL};
	struct cd_run *runs;
	size_t count;
	if (!cd_open(request->http, request->platform, errand->arena, &cd, err) ||
	    !cd_list(cd, &query, errand->arena, &runs, &count, err))
		return false;
	if (count > 0)
		errand->upstream->run = runs[0];
	for (size_t i = 1; i < count; i++)
		cd_run_release(&runs[i]);
	*errand->state = count > 0 ? UPSTREAM_FOUND : UPSTREAM_NONE;
	return true;
}

static bool
ask_pending(struct errand *errand, struct error *err)
{
	const struct upstream_request *request = errand->request;
	struct upstream *upstream = errand->upstream;
	scoped(cd_close) struct cd *cd = NULL;
	if (!cd_open(request->http, request->platform, errand->arena, &cd, err))
		return false;
	const struct pending_request question = {.http = request->http, .platform = request->platform, .cd = cd, .name = request->name,
	                                         .team = request->team, .environment = request->environment};
	if (!pending_find(&question, errand->arena, &upstream->pending, &upstream->n_pending, err))
		return false;
	*errand->state = upstream->n_pending > 0 ? UPSTREAM_FOUND : UPSTREAM_NONE;
	return true;
}

static void
run_errand(void *data)
{
	struct errand *errand = data;
	if (!errand->ask(errand, errand->trouble))
		*errand->state = UPSTREAM_UNKNOWN;
	if (errand->is_late)
		error_put(errand->trouble, ERROR_UNREACHABLE, "no answer within %d s", DEADLINE_MS / 1000);
	loop_timer_cancel(errand->request->loop, &errand->timer);
}

static void
give_up(struct loop_timer *timer)
{
	struct errand *errand = timer->data;
	errand->is_late = true;
	fiber_cancel(errand->fiber);
}

/* ---- all of them ---- */

void
upstream_release(struct upstream *upstream)
{
	cd_run_release(&upstream->run);
	pending_release(upstream->pending, upstream->n_pending);
	upstream->n_pending = 0;
}

/* Somebody may have to approve there. */
static bool
asks_people(const struct upstream_request *request)
{
	const struct platform *platform = request->platform;
	bool is_asking = cd_knows_pipelines(platform);
	for (size_t i = 0; i < platform->n_environments; i++)
		is_asking |= platform->environments[i].needs != NULL &&
		             (request->environment == NULL || request->environment == &platform->environments[i]);
	return is_asking;
}

static size_t
choose_errands(const struct upstream_request *request, struct arena *arena, struct upstream *upstream, struct errand *ret)
{
	const struct platform *platform = request->platform;
	const char *slug = NULL;
	struct error ignored;
	bool has_slug = request->repository != NULL && scm_slug(platform, request->repository, arena, &slug, &ignored);
	const struct {
		enum upstream_kind kind;
		bool is_possible;
		struct errand errand;
	} all[] = {
		{UPSTREAM_BUILD, has_slug && ci_knows(platform), {.ask = ask_build, .state = &upstream->build_state, .trouble = &upstream->build_trouble}},
		{UPSTREAM_PULL, has_slug && scm_knows(platform), {.ask = ask_pull, .state = &upstream->pull_state, .trouble = &upstream->pull_trouble}},
		{UPSTREAM_RUN, cd_knows_pipelines(platform), {.ask = ask_run, .state = &upstream->run_state, .trouble = &upstream->run_trouble}},
		{UPSTREAM_PENDING, asks_people(request), {.ask = ask_pending, .state = &upstream->pending_state, .trouble = &upstream->pending_trouble}},
	};
	size_t count = 0;
	for (size_t i = 0; i < array_length(all); i++) {
		if (!all[i].is_possible || (request->kinds & all[i].kind) == 0)
			continue;
		ret[count] = all[i].errand;
		ret[count].slug = slug;
		count++;
	}
	return count;
}

void
upstream_read(const struct upstream_request *request, struct arena *arena, struct upstream *ret)
{
	struct errand errands[4];
	*ret = (struct upstream){0};
	size_t count = choose_errands(request, arena, ret, errands);
	for (size_t i = 0; i < count; i++) {
		errands[i].request = request;
		errands[i].arena = arena;
		errands[i].upstream = ret;
		errands[i].timer = (struct loop_timer){.fire = give_up, .data = &errands[i]};
		errands[i].fiber = fiber_start(request->loop, run_errand, &errands[i]);
		loop_timer_set(request->loop, &errands[i].timer, DEADLINE_MS);
	}
	for (size_t i = 0; i < count; i++)
		fiber_join(errands[i].fiber);
}

/* ---- JSON ---- */

static json_t *
text_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

static const char *
state_name(enum upstream_state state, const char *found)
{
	return state == UPSTREAM_FOUND ? found : state == UPSTREAM_NONE ? "none" : "unknown";
}

json_t *
upstream_build_to_json(const struct upstream *upstream)
{
	static const struct ci_build none = {.word = "", .number = "", .url = "", .commit = "", .branch = "",
	                                     .started_ms = -1, .ended_ms = -1};
	bool is_found = upstream->build_state == UPSTREAM_FOUND;
	if (upstream->build_state == UPSTREAM_UNASKED)
		return json_null();
	json_t *object = build_to_json(is_found ? &upstream->build : &none);
	json_object_set_new(object, "state",
	                    json_string(state_name(upstream->build_state, ci_state_name(upstream->build.state))));
	json_object_set_new(object, "of_current_commit", json_boolean(is_found && upstream->is_of_commit));
	json_object_set_new(object, "error",
	                    error_to_json(upstream->build_state == UPSTREAM_UNKNOWN ? &upstream->build_trouble : NULL));
	return object;
}

json_t *
upstream_pull_to_json(const struct upstream *upstream)
{
	const struct scm_pull *pull = &upstream->pull;
	if (upstream->pull_state == UPSTREAM_UNASKED)
		return json_null();
	bool is_found = upstream->pull_state == UPSTREAM_FOUND;
	json_t *checks = !is_found ? json_null()
	                           : json_pack("{s:b, s:I, s:I, s:I}", "required", pull->are_required, "passed",
	                                       (json_int_t)pull->n_passed, "failed", (json_int_t)pull->n_failed, "pending",
	                                       (json_int_t)pull->n_pending);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "state",
	                 state_name(upstream->pull_state, pull->is_draft ? "draft" : "open"), "number",
	                 text_or_null(is_found ? pull->number : NULL), "title", text_or_null(is_found ? pull->title : NULL),
	                 "url", text_or_null(is_found ? pull->url : NULL), "checks", checks, "error",
	                 error_to_json(upstream->pull_state == UPSTREAM_UNKNOWN ? &upstream->pull_trouble : NULL));
}

json_t *
upstream_run_to_json(const struct upstream *upstream)
{
	if (upstream->run_state == UPSTREAM_UNASKED)
		return json_null();
	if (upstream->run_state == UPSTREAM_FOUND)
		return pipeline_run_to_json(&upstream->run);
	return json_pack("{s:s, s:o}", "state", state_name(upstream->run_state, ""), "error",
	                 error_to_json(upstream->run_state == UPSTREAM_UNKNOWN ? &upstream->run_trouble : NULL));
}

json_t *
upstream_pending_to_json(const struct upstream *upstream)
{
	if (upstream->pending_state == UPSTREAM_UNASKED || upstream->pending_state == UPSTREAM_UNKNOWN)
		return json_null();
	json_t *list = json_array();
	for (size_t i = 0; i < upstream->n_pending; i++)
		json_array_append_new(list, pending_to_json(&upstream->pending[i]));
	return list;
}
