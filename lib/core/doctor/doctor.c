#include "core/doctor/doctor.h"

#include <string.h>

#include "base/fiber.h"
#include "base/loop.h"
#include "core/doctor/examine.h"
#include "data/platform.h"

enum { DEADLINE_MS = 20 * 1000 };

/* One system, in a fiber of its own with rows of its own. */
struct job {
	const struct doctor_scope *scope;
	const struct platform_cluster *cluster;
	const struct platform_role *artifacts; /* the registry instead of a cluster */
	bool is_tokens;                        /* the token store and the sign-on instead */
	const char *subject;
	struct doctor_report report;
	struct fiber *fiber;
	bool is_done;
};

struct jobs {
	struct job *items;
	size_t count;
};

void
doctor_add(struct doctor_report *report, const char *subject, const char *check, enum doctor_state state,
           const char *evidence, const char *fix)
{
	if (report->count == report->capacity) {
		size_t capacity = report->capacity == 0 ? 16 : 2 * report->capacity;
		struct doctor_row *rows = arena_array(report->arena, struct doctor_row, capacity);
		if (report->count > 0)
			memcpy(rows, report->rows, report->count * sizeof *rows);
		report->rows = rows;
		report->capacity = capacity;
	}
	report->rows[report->count++] = (struct doctor_row){
		.subject = subject, .check = check, .state = state,
		.evidence = arena_strdup(report->arena, evidence), .fix = arena_strdup(report->arena, fix),
	};
}

void
doctor_add_error(struct doctor_report *report, const char *subject, const char *check, const struct error *err)
{
	doctor_add(report, subject, check, DOCTOR_FAILED, err->why, err->next[0] != '\0' ? err->next : NULL);
}

bool
doctor_has_failed(const struct doctor_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		if (report->rows[i].state == DOCTOR_FAILED)
			return true;
	}
	return false;
}

/* ---- jobs ---- */

static void
run_job(void *data)
{
	struct job *job = data;
	if (job->is_tokens)
		examine_tokens(job->scope, &job->report);
	else if (job->artifacts != NULL)
		examine_registry(job->scope, job->artifacts, &job->report);
	else
		examine_cluster(job->scope, job->cluster, &job->report);
	job->is_done = true;
}

static void
end_slow_jobs(struct loop_timer *timer)
{
	struct jobs *jobs = timer->data;
	for (size_t i = 0; i < jobs->count; i++) {
		struct job *job = &jobs->items[i];
		if (job->is_done)
			continue;
		doctor_add(&job->report, job->subject, "answer", DOCTOR_FAILED,
		           "the examination did not end within 20 s", "look at the network in between");
		fiber_cancel(job->fiber);
	}
}

static bool
is_in_scope(const struct doctor_scope *scope, const struct platform_cluster *cluster)
{
	for (size_t i = 0; i < scope->platform->n_environments; i++) {
		const struct platform_environment *environment = &scope->platform->environments[i];
		if (environment->cluster == cluster &&
		    (scope->environment == NULL || strcmp(scope->environment, environment->name) == 0))
			return true;
	}
	return scope->environment == NULL;
}

static void
add_job(struct jobs *jobs, const struct doctor_scope *scope, struct arena *arena, struct job job)
{
	job.scope = scope;
	job.report.arena = arena;
	jobs->items[jobs->count++] = job;
}

static void
plan(struct jobs *jobs, const struct doctor_scope *scope, struct arena *arena)
{
	const struct platform *platform = scope->platform;
	jobs->items = arena_array(arena, struct job, platform == NULL ? 1 : platform->n_clusters + 2);
	if (platform == NULL) {
		add_job(jobs, scope, arena, (struct job){.subject = "cluster"});
		return;
	}
	for (size_t i = 0; i < platform->n_clusters; i++) {
		const struct platform_cluster *cluster = &platform->clusters[i];
		if (is_in_scope(scope, cluster))
			add_job(jobs, scope, arena, (struct job){
				.cluster = cluster, .subject = arena_printf(arena, "cluster %s", cluster->name)});
	}
	if (platform->artifacts.url != NULL)
		add_job(jobs, scope, arena, (struct job){.artifacts = &platform->artifacts, .subject = "registry"});
	add_job(jobs, scope, arena, (struct job){.is_tokens = true, .subject = "sign-on"});
}

bool
doctor_examine(const struct doctor_scope *scope, struct doctor_report *report, struct error *err)
{
	struct jobs jobs = {0};
	struct loop_timer deadline = {.fire = end_slow_jobs, .data = &jobs};
	plan(&jobs, scope, report->arena);
	for (size_t i = 0; i < jobs.count; i++)
		jobs.items[i].fiber = fiber_start(scope->loop, run_job, &jobs.items[i]);
	loop_timer_set(scope->loop, &deadline, DEADLINE_MS);
	for (size_t i = 0; i < jobs.count; i++)
		fiber_join(jobs.items[i].fiber);
	loop_timer_cancel(scope->loop, &deadline);
	if (fiber_is_cancelled())
		return error_set(err, ERROR_INTERRUPTED, "the examination was stopped");
	for (size_t i = 0; i < jobs.count; i++) {
		const struct doctor_report *part = &jobs.items[i].report;
		for (size_t j = 0; j < part->count; j++)
			doctor_add(report, part->rows[j].subject, part->rows[j].check, part->rows[j].state,
			           part->rows[j].evidence, part->rows[j].fix);
	}
	return true;
}
