/* What a build consists of and how far it came, from when it began and when it ends. */
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/member.h"
#include "sandbox/forge/parts.h"

/* Each step takes its part of the job's time, in percent of the build. */
static const struct plan_step {
	const char *name;
	unsigned until;
	bool may_fail; /* what a build that fails fails at */
} lint_steps[] = {{"Set up job", 5, false}, {"Run actions/checkout@v4", 15, false}, {"Run make lint", 30, false},
                  {"Complete job", 33, false}},
  build_steps[] = {{"Set up job", 5, false}, {"Run actions/checkout@v4", 15, false}, {"Run make test", 60, true},
                   {"Run make image", 95, false}, {"Complete job", 100, false}};
static const struct plan_job {
	const char *name;
	const struct plan_step *steps;
	size_t n_steps;
	bool may_fail;
} jobs[FORGE_JOBS] = {{"lint", lint_steps, array_length(lint_steps), false},
                       {"build", build_steps, array_length(build_steps), true}};

/* Of something that takes a part of the build's time. */
static struct forge_progress
progress_of(const json_t *build, const char *name, unsigned from, unsigned until, const char *outcome)
{
	int64_t start = member_number(build, "started_ms"), length = member_number(build, "finished_ms") - start;
	struct forge_progress progress = {.name = name, .started_ms = start + length * from / 100,
	                                   .finished_ms = start + length * until / 100};
	const char *status = member_text(build, "status");
	bool runs = strcmp(status, "in_progress") == 0;
	int64_t now_ms = clock_wall_ms();
	if (strcmp(status, "completed") == 0 || (runs && until < 100 && now_ms >= progress.finished_ms))
		status = "completed";
	else if (runs && now_ms < progress.started_ms)
		status = "queued";
	progress.status = status;
	progress.conclusion = strcmp(status, "completed") == 0 ? outcome : NULL;
	return progress;
}

static bool
does_fail(const json_t *build)
{
	return json_is_true(json_object_get(build, "fails"));
}

struct forge_progress
forge_build_progress(const json_t *build)
{
	return progress_of(build, "CI", 0, 100, does_fail(build) ? "failure" : "success");
}

struct forge_progress
forge_job_progress(const json_t *build, size_t job)
{
	const struct plan_job *plan = &jobs[job];
	bool fails = plan->may_fail && does_fail(build);
	return progress_of(build, plan->name, 0, plan->steps[plan->n_steps - 1].until, fails ? "failure" : "success");
}

size_t
forge_job_steps(const json_t *build, size_t job, struct forge_progress ret[FORGE_STEPS_MAX])
{
	const struct plan_job *plan = &jobs[job];
	bool has_failed = false;
	for (size_t i = 0; i < plan->n_steps; i++) {
		bool is_last = i + 1 == plan->n_steps, fails = plan->steps[i].may_fail && does_fail(build);
		const char *outcome = fails ? "failure" : has_failed && !is_last ? "skipped" : "success";
		ret[i] = progress_of(build, plan->steps[i].name, i > 0 ? plan->steps[i - 1].until : 0,
		                     plan->steps[i].until, outcome);
		has_failed = has_failed || fails;
	}
	return plan->n_steps;
}
