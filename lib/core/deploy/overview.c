#include "core/deploy/overview.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "api/kubernetes/table.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "core/deploy/overview_approvals.h"
#include "core/deploy/overview_fold.h"
#include "core/deploy/overview_parts.h"
#include "data/error_json.h"
#include "data/platform.h"
#include "role/cluster.h"

enum { DEADLINE_MS = 30 * 1000 };

/* ---- one namespace ---- */

struct namespace_job {
	const struct overview_request *request;
	struct overview *overview;
	struct overview_fold fold;
	struct arena *arena;
	struct fiber *fiber;
	struct loop_timer timer;
	bool is_late;
};

struct table_job {
	struct kubernetes *kubernetes;
	struct kubernetes_table table;
	struct error err;
	bool is_fine;
	struct fiber *fiber;
};

/* Signatures of a Table's callbacks around those of the fold. */
#define FOLD(what, one)                                                            \
	static void forget_##what(void *data)                                      \
	{                                                                          \
		overview_forget_##what(data);                                      \
	}                                                                          \
	static bool fold_##one(void *data, const char *const *cells, struct error *err) \
	{                                                                          \
		(void)err;                                                         \
		overview_fold_##one(data, cells);                                  \
		return true;                                                       \
	}
FOLD(applications, application)
FOLD(deployments, deployment)
FOLD(pods, pod)

static void
read_table(void *data)
{
	struct table_job *job = data;
	job->is_fine = kubernetes_read_table(job->kubernetes, &job->table, &job->err);
}

static bool
read_names(struct namespace_job *job, struct kubernetes *kubernetes, struct error *err)
{
	struct table_job tables[] = {
		{.table = {.query = {.resource = &kubernetes_applications}, .columns = overview_application_columns,
		           .n_columns = OVERVIEW_APPLICATION_CELLS, .label = OVERVIEW_LABEL, .begun = forget_applications,
		           .row = fold_application}},
		{.table = {.query = {.resource = &kubernetes_deployments}, .columns = overview_deployment_columns,
		           .n_columns = OVERVIEW_DEPLOYMENT_CELLS, .label = OVERVIEW_LABEL, .begun = forget_deployments,
		           .row = fold_deployment}},
	};
	for (size_t i = 0; i < array_length(tables); i++) {
		tables[i].kubernetes = kubernetes;
		tables[i].table.query.namespace = job->overview->namespace;
		tables[i].table.data = &job->fold;
		tables[i].fiber = fiber_start(job->request->loop, read_table, &tables[i]);
	}
	for (size_t i = 0; i < array_length(tables); i++)
		fiber_join(tables[i].fiber);
	/* A cluster without FIAAS has Deployments all the same. */
	tables[0].is_fine |= tables[0].err.code == ERROR_NOT_FOUND;
	for (size_t i = 0; i < array_length(tables); i++) {
		if (tables[i].is_fine)
			continue;
		*err = tables[i].err;
		return false;
	}
	overview_index(&job->fold);
	return true;
}

static bool
read_pods(struct namespace_job *job, struct kubernetes *kubernetes, struct error *err)
{
	struct kubernetes_table table = {.query = {.resource = &kubernetes_pods, .namespace = job->overview->namespace},
	                                 .columns = overview_pod_columns, .n_columns = OVERVIEW_POD_CELLS,
	                                 .begun = forget_pods, .row = fold_pod, .data = &job->fold};
	return kubernetes_read_table(kubernetes, &table, err);
}

static bool
look_at_rows(struct namespace_job *job, struct kubernetes *kubernetes, struct error *err)
{
	if (!read_names(job, kubernetes, err) || !read_pods(job, kubernetes, err) || !overview_check_namespace(job->overview, kubernetes, err))
		return false;
	overview_judge(&job->fold);
	overview_examine(job->request->loop, kubernetes, job->overview, job->arena);
	return true;
}

/* Who waits is asked at the same time. */
static bool
look(struct namespace_job *job, struct kubernetes *kubernetes, struct error *err)
{
	if (!overview_has_approvals(job->request, job->overview->environment))
		return look_at_rows(job, kubernetes, err);
	struct overview_question *question = arena_new(job->arena, struct overview_question);
	*question = (struct overview_question){
		.request = job->request, .overview = job->overview, .kubernetes = kubernetes, .arena = job->arena};
	job->overview->approvals = &question->answer;
	overview_ask_approvals(question);
	bool is_fine = look_at_rows(job, kubernetes, err);
	overview_await_approvals(question);
	return is_fine;
}

static void
run_job(void *data)
{
	struct namespace_job *job = data;
	struct overview *overview = job->overview;
	struct cluster *cluster = NULL;
	struct error trouble = {0};
	bool is_fine = cluster_open(job->request->http, overview->environment->cluster, job->arena, &cluster, &trouble) &&
	               look(job, cluster->kubernetes, &trouble);
	if (!is_fine) {
		overview->trouble = trouble;
		overview->n_apps = 0;
	}
	if (!is_fine && job->is_late)
		error_put(&overview->trouble, ERROR_UNREACHABLE, "cluster %s did not answer within %d s",
		          overview->environment->cluster_name, DEADLINE_MS / 1000);
	cluster_close(&cluster);
	loop_timer_cancel(job->request->loop, &job->timer);
}

static void
give_up(struct loop_timer *timer)
{
	struct namespace_job *job = timer->data;
	job->is_late = true;
	fiber_cancel(job->fiber);
}

/* ---- all of them ---- */

bool
overview_read(const struct overview_request *request, struct arena *arena, struct overview **ret, size_t *ret_count,
              struct error *err)
{
	struct overview *overviews;
	size_t count;
	if (!overview_choose(request, arena, &overviews, &count, err))
		return false;
	struct namespace_job *jobs = arena_array(arena, struct namespace_job, count + 1);
	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct namespace_job){.request = request, .overview = &overviews[i], .arena = arena};
		jobs[i].fold = (struct overview_fold){.arena = arena, .overview = &overviews[i]};
		jobs[i].timer = (struct loop_timer){.fire = give_up, .data = &jobs[i]};
		if (overviews[i].trouble.code != ERROR_NONE)
			continue;
		jobs[i].fiber = fiber_start(request->loop, run_job, &jobs[i]);
		loop_timer_set(request->loop, &jobs[i].timer, DEADLINE_MS);
	}
	for (size_t i = 0; i < count; i++)
		if (jobs[i].fiber)
			fiber_join(jobs[i].fiber);
	if (fiber_is_cancelled()) {
		overview_release(overviews, count);
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	}
	*ret = overviews;
	*ret_count = count;
	return true;
}

void
overview_release(struct overview *overviews, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < overviews[i].n_apps; k++)
			if (overviews[i].apps[k].examined)
				status_release(overviews[i].apps[k].examined, 1);
}

/* ---- JSON ---- */

json_t *
overview_app_to_json(const struct overview_app *app)
{
	const struct deployment *deployment = app->examined ? app->examined->deployment : NULL;
	return json_pack("{s:s, s:s, s:b, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "name", app->name, "state",
	                 status_state_name(app->state), "has_application", app->has_application, "has_deployment",
	                 app->has_deployment, "deployment_id",
	                 *app->deployment_id ? json_string(app->deployment_id) : json_null(), "desired",
	                 (json_int_t)app->desired, "ready", (json_int_t)app->ready, "pods", (json_int_t)app->pods,
	                 "pods_starting", (json_int_t)app->pods_starting, "pods_unwell", (json_int_t)app->pods_unwell,
	                 "restarts", (json_int_t)app->restarts, "pod_status",
	                 *app->word ? json_string(app->word) : json_null(), "last_deployment",
	                 deployment ? deployment_to_json(deployment) : json_null());
}

static json_t *
counts_to_json(const struct overview *overview)
{
	if (overview->trouble.code != ERROR_NONE)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "applications",
	                 (json_int_t)(overview->n_apps + overview->n_dropped), "unwell", (json_int_t)overview->n_unwell,
	                 "under_way", (json_int_t)overview->n_under_way, "examined", (json_int_t)overview->n_examined, "pods",
	                 (json_int_t)overview->pods, "pods_ready", (json_int_t)overview->pods_ready, "pods_unwell",
	                 (json_int_t)overview->pods_unwell, "other_pods", (json_int_t)overview->others, "other_pods_unwell",
	                 (json_int_t)overview->others_unwell);
}

json_t *
overview_totals_to_json(const struct overview *overview)
{
	return json_pack("{s:s, s:o, s:o, s:o}", "environment", overview->environment->name, "namespace",
	                 overview->namespace ? json_string(overview->namespace) : json_null(), "counts",
	                 counts_to_json(overview), "error", error_to_json(&overview->trouble));
}

json_t *
overview_to_json(const struct overview *overview)
{
	json_t *object = overview_totals_to_json(overview), *applications = json_array();
	for (size_t i = 0; i < overview->n_apps; i++)
		json_array_append_new(applications, overview_app_to_json(&overview->apps[i]));
	json_object_set_new(object, "applications", applications);
	if (overview->approvals != NULL)
		json_object_set_new(object, "approvals", overview_approvals_to_json(overview->approvals));
	return object;
}
