/* What the files of this folder share; nobody else includes it. */
#ifndef PAAS_SANDBOX_GITHUB_PARTS_H
#define PAAS_SANDBOX_GITHUB_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "sandbox/github/github.h"
#include "sandbox/member.h"
#include "sandbox/path_pattern.h"
#include "sandbox/forge/forge.h"
#include "web/server.h"

/* What it remembers is one JSON object:
 *
 *	statuses     "OWNER/NAME SHA": [status], newest first
 *	deployments  "OWNER/NAME": [deployment], newest first; each has `statuses`, newest first
 *	last_id      of all these
 *	used         requests in the hour that ends at `reset_s` (seconds since 1970)
 *	exhausted    whether the limit is used up on purpose
 */
struct github {
	struct github_options options;
	char *origin;
	json_t *state;
};

enum { GITHUB_ENTRIES_MAX = 1000 };

/* A request on its way. */
struct github_call {
	struct github *github;
	struct web_request *request;
	struct arena *arena;
	json_t *repository;                   /* sandbox/forge's; NULL where the path names none */
	const char *slug;                     /* of the repository */
	const char *params[PATH_PARAMS_MAX];  /* of the path */
	json_t *body;                         /* NULL when there is none */
};

/* ---- answer.c ---- */

/* `answer` is stolen; a GET gets its tag, or 304. */
void github_answer(struct github_call *call, unsigned status, json_t *answer);
/* The page of a list that was asked for; in an object {"total_count", NAME} unless `name` is NULL. */
void github_answer_page(struct github_call *call, json_t *list, const char *name);
void github_answer_text(struct github_call *call, unsigned status, const char *type, const char *text, size_t length);
/* 404; 422 with {resource, field, code}. */
void github_not_found(struct github_call *call);
void github_refuse(struct github_call *call, unsigned status, const char *message);
void github_invalid(struct github_call *call, const char *resource, const char *field, const char *code);
/* Counts the request; false, and answered, when the limit is used up. */
bool github_count(struct github_call *call);
void github_handle_rate_limit(struct github_call *call);

/* "https://localhost:1/api/v3" and "https://localhost:1/OWNER/NAME" with something behind it. */
const char *github_api_url(const struct github_call *call, const char *format, ...) printf_like(2, 3);
const char *github_repository_url(const struct github_call *call, const char *format, ...) printf_like(2, 3);
const char *github_web_url(const struct github_call *call, const char *format, ...) printf_like(2, 3);
/* The parameter of the query is absent, or equal. */
bool github_is_asked_for(const struct github_call *call, const char *name, const char *value);
/* A member of the body. */
const char *github_body_text(const struct github_call *call, const char *name, const char *fallback);
bool github_body_flag(const struct github_call *call, const char *name, bool fallback);
/* The number of a path's segment; 0 when it is none. */
int64_t github_param_number(const struct github_call *call, size_t param);
/* "2026-01-12T09:14:05Z", or null for NULL; new reference. */
json_t *github_time(int64_t time_ms);
json_t *github_text_or_null(const char *text);
int64_t github_new_id(struct github *github);

/* ---- shapes.c: new references ---- */

json_t *github_user(const struct github_call *call, const char *login);
json_t *github_repository(const struct github_call *call);
json_t *github_whole_repository(const struct github_call *call);
json_t *github_commit(const struct github_call *call, const json_t *commit);
void github_handle_user(struct github_call *call);
void github_handle_repository(struct github_call *call);

/* ---- repository.c ---- */

/* The commit that the path's parameter names; NULL after having answered that there is none. */
const json_t *github_param_commit(struct github_call *call, size_t param);
void github_handle_commits(struct github_call *call);
void github_handle_commit(struct github_call *call);
void github_handle_compare(struct github_call *call);
void github_handle_branches(struct github_call *call);
void github_handle_branch(struct github_call *call);
void github_handle_required_checks(struct github_call *call);
void github_handle_rules(struct github_call *call);

/* ---- pulls.c ---- */

/* What has to be green on the default branch. */
extern const char *const github_required_contexts[];
extern const size_t github_n_required_contexts;
/* Of the pull requests whose head that commit is: [{number, url, head, base}]. */
json_t *github_pulls_of(const struct github_call *call, const char *sha);
void github_handle_pulls(struct github_call *call);
void github_handle_pull(struct github_call *call);
void github_handle_pull_commits(struct github_call *call);

/* ---- checks.c ---- */

/* What the state of a new sandbox has; new reference. */
json_t *github_seed_statuses(void);
/* The state of each context on a commit: {"build": "success"}, statuses and check runs; new reference. */
json_t *github_contexts(const struct github_call *call, const char *sha);
void github_handle_check_runs(struct github_call *call);
void github_handle_check_run(struct github_call *call);
void github_handle_annotations(struct github_call *call);
void github_handle_combined_status(struct github_call *call);
void github_handle_statuses(struct github_call *call);
void github_handle_new_status(struct github_call *call);

/* ---- deployments.c ---- */

void github_handle_deployments(struct github_call *call);
void github_handle_new_deployment(struct github_call *call);
void github_handle_deployment(struct github_call *call);
void github_handle_deployment_statuses(struct github_call *call);
void github_handle_new_deployment_status(struct github_call *call);

/* ---- actions.c ---- */

/* Runs and jobs have numbers beyond 32 bits; job `job` of the build. */
int64_t github_run_id(const json_t *build);
int64_t github_job_id(const json_t *build, size_t job);
/* The job that has that number, and its build; the build is NULL after having answered that there is none. */
const json_t *github_find_job(struct github_call *call, int64_t id, size_t *ret_job);
void github_handle_workflows(struct github_call *call);
void github_handle_workflow(struct github_call *call);
void github_handle_runs(struct github_call *call);
void github_handle_run(struct github_call *call);
void github_handle_artifacts(struct github_call *call);
void github_handle_jobs(struct github_call *call);
void github_handle_job(struct github_call *call);
void github_handle_job_log(struct github_call *call);
/* The text that the log's address leads to; it needs no credential. */
#define GITHUB_LOGS_PATH "/_services/logs/"
void github_handle_stored_log(struct github_call *call);

#endif
