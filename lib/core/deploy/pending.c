#include "core/deploy/pending.h"

#include <string.h>

#include "base/clock.h"
#include "core/deploy/pipeline.h"
#include "data/platform.h"
#include "role/cluster.h"

enum { RUNS_MAX = 50 };

void
pending_release(struct pending *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cd_run_release(&list[i].run);
		approval_release(&list[i].approval);
	}
}

/* ---- of pipelines ---- */

static const struct platform_environment *
environment_of(const struct platform *platform, const char *pipeline, struct arena *arena)
{
	for (size_t i = 0; i < platform->n_environments; i++)
		if (strcmp(cd_pipeline_name(&platform->environments[i], arena), pipeline) == 0)
			return &platform->environments[i];
	return NULL;
}

static void
put_run(const struct pending_request *request, const struct cd_run *run, struct arena *arena, struct pending *ret)
{
	const struct cd_step *step = cd_run_approval(run);
	struct error ignored;
	*ret = (struct pending){
		.environment = environment_of(request->platform, run->pipeline, arena), .image = run->image, .digest = run->digest,
		.commit = run->commit, .author = run->user, .since_ms = step->started_ms > 0 ? step->started_ms : run->built_ms,
		.question = step->instructions, .inputs = step->inputs, .run = *run, .step = step,
	};
	if (ret->environment != NULL &&
	    !release_namespace(ret->environment, request->team, request->name, arena, &ret->namespace, &ignored))
		ret->namespace = NULL;
}

/* Another one that is listed waits for it, and asks in its stead. */
static bool
is_of_another(const struct cd_run *runs, size_t n_runs, const char *id)
{
	for (size_t i = 0; i < n_runs; i++)
		for (size_t at = 0; at < runs[i].n_steps; at++)
			if (strcmp(runs[i].steps[at].run_id, id) == 0)
				return true;
	return false;
}

static bool
find_runs(const struct pending_request *request, struct arena *arena, struct pending *list, size_t *count, struct error *err)
{
	const struct cd_query query = {
		.application = request->name, .is_running = true, .limit = RUNS_MAX,
		.pipeline = request->environment != NULL ? cd_pipeline_name(request->environment, arena) : NULL};
	struct cd_run *runs;
	size_t n_runs;
	if (!cd_list(request->cd, &query, arena, &runs, &n_runs, err))
		return false;
	bool *is_asking = arena_array(arena, bool, n_runs + 1);
	for (size_t i = 0; i < n_runs; i++)
		is_asking[i] = cd_run_approval(&runs[i]) != NULL && !is_of_another(runs, n_runs, runs[i].id);
	for (size_t i = 0; i < n_runs; i++) {
		if (is_asking[i] && *count < PENDING_MAX)
			put_run(request, &runs[i], arena, &list[(*count)++]);
		else
			cd_run_release(&runs[i]);
	}
	return true;
}

bool
pending_of_run(const struct pending_request *request, const char *run_id, struct arena *arena, struct pending *ret,
               struct error *err)
{
	struct cd_run run;
	if (!cd_read(request->cd, run_id, arena, &run, err))
		return false;
	if (cd_run_approval(&run) != NULL) {
		put_run(request, &run, arena, ret);
		return true;
	}
	error_put(err, ERROR_NOT_FOUND, "pipeline %s waits for nobody: it is %s", run.pipeline, cd_state_name(run.state));
	error_put_next(err, "look at %s", run.url);
	cd_run_release(&run);
	return false;
}

/* ---- of the operator alone ---- */

static bool
find_request(const struct pending_request *request, const struct platform_environment *environment, struct arena *arena,
             struct pending *list, size_t *count, struct error *err)
{
	scoped(cluster_close) struct cluster *cluster = NULL;
	struct approval approval;
	const char *namespace;
	if (!release_namespace(environment, request->team, request->name, arena, &namespace, err) ||
	    !cluster_open(request->http, environment->cluster, arena, &cluster, err) ||
	    !approval_read(cluster->kubernetes, namespace, request->name, arena, &approval, err))
		return false;
	if (approval.state != APPROVAL_PENDING || *count == PENDING_MAX) {
		approval_release(&approval);
		return true;
	}
	list[(*count)++] = (struct pending){
		.environment = environment, .namespace = namespace, .image = approval.image, .digest = approval.digest,
		.commit = approval.commit, .author = approval.author, .since_ms = approval.requested_ms, .question = "",
		.approval = approval};
	return true;
}

static bool
find_requests(const struct pending_request *request, struct arena *arena, struct pending *list, size_t *count, struct error *err)
{
	const struct platform *platform = request->platform;
	bool is_fine = true;
	for (size_t i = 0; i < platform->n_environments && is_fine; i++) {
		const struct platform_environment *environment = &platform->environments[i];
		bool is_asked = request->environment != NULL ? request->environment == environment : environment->needs != NULL;
		is_fine = !is_asked || find_request(request, environment, arena, list, count, err);
	}
	return is_fine;
}

bool
pending_find(const struct pending_request *request, struct arena *arena, struct pending **ret, size_t *ret_count,
             struct error *err)
{
	struct pending *list = arena_array(arena, struct pending, PENDING_MAX);
	size_t count = 0;
	if (cd_has_pipelines(request->cd) ? find_runs(request, arena, list, &count, err)
	                                  : find_requests(request, arena, list, &count, err)) {
		*ret = list;
		*ret_count = count;
		return true;
	}
	pending_release(list, count);
	return false;
}

/* ---- JSON ---- */

static json_t *
texts_to_json(const char *const *texts)
{
	json_t *list = json_array();
	for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

json_t *
pending_to_json(const struct pending *pending)
{
	char time[CLOCK_TEXT_BYTES];
	json_t *object = json_pack("{s:s?, s:s, s:s?, s:s?, s:s?, s:s?, s:o}", "environment",
	                           pending->environment != NULL ? pending->environment->name : NULL, "image", pending->image,
	                           "digest", *pending->digest != '\0' ? pending->digest : NULL, "commit",
	                           *pending->commit != '\0' ? pending->commit : NULL, "author",
	                           *pending->author != '\0' ? pending->author : NULL, "question",
	                           *pending->question != '\0' ? pending->question : NULL, "inputs", texts_to_json(pending->inputs));
	json_object_set_new(object, "judges", texts_to_json(pending->step != NULL ? pending->step->judges : NULL));
	json_object_set_new(object, "since", pending->since_ms > 0 ? json_string(clock_format(pending->since_ms, time)) : json_null());
	json_object_set_new(object, "run", pending->run.id != NULL ? json_string(pending->run.id) : json_null());
	json_object_set_new(object, "url", pending->run.id != NULL ? json_string(pending->run.url) : json_null());
	return object;
}
