#include "core/deploy/overview.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "api/kubernetes/table.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "core/deploy/overview_fold.h"
#include "core/deploy/release.h"
#include "core/fiaas/checking.h"
#include "data/platform.h"
#include "role/cluster.h"

enum { DEADLINE_MS = 30 * 1000, NAMESPACE_MAX = 63, AT_ONCE = 4 };

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

/* An empty list does not tell an empty namespace from none. */
static bool
check_namespace(struct namespace_job *job, struct kubernetes *kubernetes, struct error *err)
{
	const struct overview *overview = job->overview;
	json_t *namespace = NULL;
	struct error trouble = {0};
	if (overview->n_apps > 0 || overview->pods > 0 ||
	    kubernetes_get(kubernetes, &kubernetes_namespaces, NULL, overview->namespace, &namespace, &trouble)) {
		json_decref(namespace);
		return true;
	}
	if (trouble.code != ERROR_NOT_FOUND)
		return true; /* often only its contents are ours to read */
	error_put(err, ERROR_NOT_FOUND, "cluster %s has no namespace \"%s\"", overview->environment->cluster_name,
	          overview->namespace);
	return error_next(err, "paas status --team NAME, which looks where the platform file says");
}

/* ---- what is unwell or under way ---- */

struct examination {
	struct status_subject subject;
	struct arena *arena;
	struct overview_app *app;
	struct fiber *fiber;
};

static void
examine(void *data)
{
	struct examination *examination = data;
	struct status_row *row = arena_new(examination->arena, struct status_row);
	struct overview_app *app = examination->app;
	struct error ignored; /* the row says already that it is unwell */
	if (!status_examine(&examination->subject, examination->arena, row, &ignored))
		return;
	app->examined = row;
	if (status_is_unwell(row->state))
		app->state = row->state;
}

static void
examine_worst(struct namespace_job *job, struct kubernetes *kubernetes)
{
	struct overview *overview = job->overview;
	struct examination examinations[AT_ONCE];
	overview->n_worth = overview->n_unwell + overview->n_under_way;
	size_t count = overview->n_worth < OVERVIEW_EXAMINED_MAX ? overview->n_worth : OVERVIEW_EXAMINED_MAX;
	for (size_t first = 0; first < count && !fiber_is_cancelled(); first += AT_ONCE) {
		size_t n = count - first < AT_ONCE ? count - first : AT_ONCE;
		for (size_t i = 0; i < n; i++) {
			struct overview_app *app = &overview->apps[first + i];
			examinations[i] = (struct examination){
				.subject = {.loop = job->request->loop, .kubernetes = kubernetes, .environment = overview->environment,
				            .namespace = overview->namespace, .name = app->name, .pods = app->samples,
				            .n_pods = app->n_samples},
				.arena = job->arena, .app = app,
			};
			examinations[i].fiber = fiber_start(job->request->loop, examine, &examinations[i]);
		}
		for (size_t i = 0; i < n; i++)
			fiber_join(examinations[i].fiber);
		overview->n_examined += n;
	}
	overview_order(overview);
}

static bool
look(struct namespace_job *job, struct kubernetes *kubernetes, struct error *err)
{
	if (!read_names(job, kubernetes, err) || !read_pods(job, kubernetes, err) || !check_namespace(job, kubernetes, err))
		return false;
	overview_judge(&job->fold);
	examine_worst(job, kubernetes);
	return true;
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

static bool
check_namespace_name(const char *namespace, struct error *err)
{
	if (check_is_dns_label(namespace, NAMESPACE_MAX))
		return true;
	return error_set(err, ERROR_USAGE, "\"%s\" cannot name a namespace: at most %d of a-z, 0-9 and -", namespace,
	                 NAMESPACE_MAX);
}

static bool
check_request(const struct overview_request *request, const struct platform_environment **ret_only, struct error *err)
{
	if (request->namespace && !check_namespace_name(request->namespace, err))
		return false;
	if (request->team && request->platform->n_teams && !platform_team(request->platform, request->team)) {
		error_put(err, ERROR_NOT_FOUND, "the platform file has no team \"%s\"", request->team);
		return error_next(err, "look at teams of %s", request->platform->path);
	}
	return !request->environment || platform_environment(request->platform, request->environment, ret_only, err);
}

/* Two environments may be one place: looked at once, under the first name. */
static bool
is_listed(const struct overview *overviews, size_t count, const struct overview *other)
{
	for (size_t i = 0; i < count; i++)
		if (other->namespace && overviews[i].namespace && overviews[i].environment->cluster == other->environment->cluster &&
		    strcmp(overviews[i].namespace, other->namespace) == 0)
			return true;
	return false;
}

/* By the template of the environment; one that asks for the application's name has no answer here. */
static void
find_namespace(const struct overview_request *request, struct overview *overview, struct arena *arena)
{
	bool is_found = release_namespace(overview->environment, request->team, NULL, arena, &overview->namespace,
	                                  &overview->trouble);
	if (!is_found)
		error_copy_text(overview->trouble.next, sizeof overview->trouble.next, "paas status --namespace NS");
	else if (!check_namespace_name(overview->namespace, &overview->trouble))
		overview->namespace = NULL;
}

static size_t
choose_namespaces(const struct overview_request *request, const struct platform_environment *only, struct arena *arena,
                  struct overview **ret)
{
	struct overview *overviews = arena_array(arena, struct overview, request->platform->n_environments + 1);
	size_t count = 0;
	for (size_t i = 0; i < request->platform->n_environments; i++) {
		struct overview overview = {.environment = &request->platform->environments[i], .namespace = request->namespace};
		if (only && only != overview.environment)
			continue;
		if (!overview.namespace)
			find_namespace(request, &overview, arena);
		if (!is_listed(overviews, count, &overview))
			overviews[count++] = overview;
	}
	*ret = overviews;
	return count;
}

bool
overview_read(const struct overview_request *request, struct arena *arena, struct overview **ret, size_t *ret_count,
              struct error *err)
{
	const struct platform_environment *only = NULL;
	struct overview *overviews;
	if (!check_request(request, &only, err))
		return false;
	size_t count = choose_namespaces(request, only, arena, &overviews);
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

static json_t *
app_to_json(const struct overview_app *app)
{
	const struct deployment *deployment = app->examined ? app->examined->deployment : NULL;
	return json_pack("{s:s, s:s, s:b, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "name", app->name, "state",
	                 status_state_name(app->state), "has_application", app->has_application, "has_deployment",
	                 app->has_deployment, "deployment_id",
	                 *app->deployment_id ? json_string(app->deployment_id) : json_null(), "desired", (json_int_t)app->desired, "ready", (json_int_t)app->ready, "pods",
	                 (json_int_t)app->pods, "pods_starting", (json_int_t)app->pods_starting, "pods_unwell",
	                 (json_int_t)app->pods_unwell, "restarts", (json_int_t)app->restarts, "pod_status",
	                 *app->word ? json_string(app->word) : json_null(), "last_deployment",
	                 deployment ? deployment_to_json(deployment) : json_null());
}

json_t *
overview_to_json(const struct overview *overview)
{
	bool is_known = overview->trouble.code == ERROR_NONE;
	json_t *applications = json_array();
	for (size_t i = 0; i < overview->n_apps; i++)
		json_array_append_new(applications, app_to_json(&overview->apps[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "environment", overview->environment->name, "namespace",
	                 overview->namespace ? json_string(overview->namespace) : json_null(), "counts",
	                 !is_known ? json_null()
	                           : json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "applications",
	                                       (json_int_t)(overview->n_apps + overview->n_dropped), "unwell",
	                                       (json_int_t)overview->n_unwell, "under_way", (json_int_t)overview->n_under_way,
	                                       "examined", (json_int_t)overview->n_examined, "pods", (json_int_t)overview->pods,
	                                       "pods_ready", (json_int_t)overview->pods_ready, "pods_unwell",
	                                       (json_int_t)overview->pods_unwell, "other_pods", (json_int_t)overview->others,
	                                       "other_pods_unwell", (json_int_t)overview->others_unwell),
	                 "applications", applications, "error", status_trouble_to_json(&overview->trouble));
}
