#include "core/deploy/status.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "core/deploy/direct.h"
#include "core/deploy/status_row.h"
#include "data/json.h"
#include "data/platform.h"
#include "role/cluster.h"

enum { DEADLINE_MS = 15 * 1000, LOG_LINES = 20 };

/* ---- one question to one cluster ---- */

struct question {
	struct kubernetes *kubernetes;
	const struct kubernetes_resource *resource;
	const char *namespace, *name, *label_selector, *field_selector; /* name: GET; else a list */
	enum observed kind;
	json_t *answer; /* owned */
	struct error err;
	bool is_fine;
	struct fiber *fiber;
};

static void
ask(void *data)
{
	struct question *question = data;
	struct kubernetes_query query = {.resource = question->resource, .namespace = question->namespace,
	                                 .label_selector = question->label_selector,
	                                 .field_selector = question->field_selector};
	question->is_fine = question->name ? kubernetes_get(question->kubernetes, question->resource, question->namespace,
	                                                    question->name, &question->answer, &question->err)
	                                   : kubernetes_list(question->kubernetes, &query, &question->answer, &question->err);
	/* What is not there is an answer. */
	question->is_fine |= question->name && question->err.code == ERROR_NOT_FOUND;
}

static void
tell_answer(struct follow *follow, const struct question *question)
{
	const json_t *item;
	size_t i;
	if (question->name && question->answer)
		follow_object(follow, question->kind, question->answer);
	json_array_foreach(json_at(question->answer, "items"), i, item)
		follow_object(follow, question->kind, item);
}

/* ---- one environment ---- */

struct environment_job {
	const struct status_request *request;
	struct status_row *row;
	struct arena *arena;
	struct fiber *fiber;
	struct loop_timer timer;
	bool is_late;
	const struct status_subject *subject; /* NULL: all pods */
};

/* Without the operator its kinds are not there, and often it is not told whether they are. */
static bool
is_needless(const struct environment_job *job, const struct question *question, const struct question *all, size_t count)
{
	bool is_operators = question->kind == OBSERVED_APPLICATION || question->kind == OBSERVED_STATUS;
	if (!is_operators || question->err.code == ERROR_NOT_FOUND)
		return is_operators;
	for (size_t i = 0; i < count; i++)
		if (all[i].kind == OBSERVED_DEPLOYMENT && all[i].answer && question->err.code == ERROR_FORBIDDEN)
			return direct_is_ours(all[i].answer, job->request->name);
	return false;
}

static bool
ask_all(struct environment_job *job, struct kubernetes *kubernetes, struct question *questions, size_t count,
        struct error *err)
{
	bool is_fine = true;
	for (size_t i = 0; i < count; i++) {
		questions[i].kubernetes = kubernetes;
		questions[i].namespace = job->row->namespace;
		questions[i].fiber = fiber_start(job->request->loop, ask, &questions[i]);
	}
	for (size_t i = 0; i < count; i++)
		fiber_join(questions[i].fiber);
	for (size_t i = 0; i < count && is_fine; i++) {
		is_fine = questions[i].is_fine || is_needless(job, &questions[i], questions, count);
		if (!is_fine)
			*err = questions[i].err;
	}
	return is_fine;
}

static void
add_logs(struct environment_job *job, struct kubernetes *kubernetes)
{
	const struct deployment *deployment = follow_deployment(job->row->follow);
	for (size_t i = 0; i < deployment->n_logs; i++) {
		struct kubernetes_log_query query = {.namespace = job->row->namespace, .pod = deployment->logs[i].pod,
		                                     .container = deployment->logs[i].container, .previous = true,
		                                     .tail_lines = LOG_LINES};
		const char *text;
		size_t length;
		struct error ignored;
		if (kubernetes_read_log(kubernetes, &query, job->arena, &text, &length, &ignored))
			follow_log(job->row->follow, query.pod, query.container, text);
	}
}

enum { APPLICATION, DEPLOYMENT, PODS = 4, QUESTIONS_MAX = PODS + STATUS_PODS_MAX + 1 };

/* All but the events; how many. */
static size_t
put_questions(const struct environment_job *job, struct question questions[static QUESTIONS_MAX])
{
	const char *name = job->request->name, *label = arena_printf(job->arena, "app=%s", name);
	const struct question first[] = {
		{.resource = &kubernetes_applications, .name = name, .kind = OBSERVED_APPLICATION},
		{.resource = &kubernetes_deployments, .name = name, .kind = OBSERVED_DEPLOYMENT},
		{.resource = &kubernetes_application_statuses, .label_selector = label, .kind = OBSERVED_STATUS},
		{.resource = &kubernetes_replica_sets, .label_selector = label, .kind = OBSERVED_REPLICA_SET},
	};
	size_t count = array_length(first);
	memcpy(questions, first, sizeof first);
	if (!job->subject)
		questions[count++] = (struct question){.resource = &kubernetes_pods, .label_selector = label, .kind = OBSERVED_POD};
	for (size_t i = 0; job->subject && i < job->subject->n_pods && i < STATUS_PODS_MAX; i++)
		questions[count++] = (struct question){
			.resource = &kubernetes_pods, .name = job->subject->pods[i], .kind = OBSERVED_POD};
	return count;
}

/* Without pods it is their ReplicaSet that tells why. */
static struct question
events_question(const struct environment_job *job)
{
	struct question question = {.resource = &kubernetes_events, .kind = OBSERVED_EVENT};
	if (job->subject && job->subject->n_pods)
		question.field_selector = arena_printf(job->arena, "involvedObject.name=%s", job->subject->pods[0]);
	else if (job->subject)
		question.field_selector = "involvedObject.kind=ReplicaSet";
	return question;
}

static void
judge(struct environment_job *job, struct kubernetes *kubernetes, const struct question *questions, size_t count)
{
	struct status_row *row = job->row;
	int64_t now_ms = kubernetes_server_time_ms(kubernetes);
	if (!status_row_begin(row, job->request->name, questions[APPLICATION].answer, questions[DEPLOYMENT].answer, now_ms,
	                      job->arena))
		return;
	for (size_t i = 0; i < count; i++)
		tell_answer(row->follow, &questions[i]);
	status_row_judge(row, now_ms);
	if (status_row_wants_logs(row)) {
		add_logs(job, kubernetes);
		status_row_judge(row, now_ms);
	}
}

static bool
look(struct environment_job *job, struct kubernetes *kubernetes, struct error *err)
{
	struct question questions[QUESTIONS_MAX];
	size_t count = put_questions(job, questions);
	bool is_fine = ask_all(job, kubernetes, questions, count, err);
	const json_t *deployment = questions[DEPLOYMENT].answer;
	/* Events are many, and only say something of what is not well. */
	if (is_fine && status_is_short_of_pods(deployment)) {
		struct error ignored;
		questions[count] = events_question(job);
		(void)!ask_all(job, kubernetes, &questions[count], 1, &ignored);
		count++;
	}
	if (is_fine)
		judge(job, kubernetes, questions, count);
	for (size_t i = 0; i < count; i++)
		json_decref(questions[i].answer);
	return is_fine;
}

static void
examine(void *data)
{
	struct environment_job *job = data;
	const struct status_request *request = job->request;
	struct status_row *row = job->row;
	struct cluster *cluster = NULL;
	bool is_fine = release_namespace(row->environment, request->team, request->name, job->arena, &row->namespace,
	                                 &row->trouble) &&
	               cluster_open(request->http, row->environment->cluster, job->arena, &cluster, &row->trouble) &&
	               look(job, cluster->kubernetes, &row->trouble);
	if (!is_fine)
		row->state = STATUS_UNKNOWN;
	if (job->is_late)
		error_put(&row->trouble, ERROR_UNREACHABLE, "cluster %s did not answer within %d s",
		          row->environment->cluster_name, DEADLINE_MS / 1000);
	cluster_close(&cluster);
	loop_timer_cancel(request->loop, &job->timer);
}

static void
give_up(struct loop_timer *timer)
{
	struct environment_job *job = timer->data;
	job->is_late = true;
	fiber_cancel(job->fiber);
}

/* ---- all of them ---- */

static size_t
choose_environments(const struct status_request *request, const struct platform_environment *only,
                    struct arena *arena, struct status_row **ret)
{
	struct status_row *rows = arena_array(arena, struct status_row, request->platform->n_environments + 1);
	size_t count = 0;
	for (size_t i = 0; i < request->platform->n_environments; i++)
		if (!only || only == &request->platform->environments[i])
			rows[count++] = status_row_empty(&request->platform->environments[i]);
	*ret = rows;
	return count;
}

bool
status_read(const struct status_request *request, struct arena *arena, struct status_row **ret, size_t *ret_count,
            struct error *err)
{
	const struct platform_environment *only = NULL;
	struct status_row *rows;
	if (request->environment && !platform_environment(request->platform, request->environment, &only, err))
		return false;
	size_t count = choose_environments(request, only, arena, &rows);
	struct environment_job *jobs = arena_array(arena, struct environment_job, count + 1);
	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct environment_job){.request = request, .row = &rows[i], .arena = arena};
		jobs[i].timer = (struct loop_timer){.fire = give_up, .data = &jobs[i]};
		jobs[i].fiber = fiber_start(request->loop, examine, &jobs[i]);
		loop_timer_set(request->loop, &jobs[i].timer, DEADLINE_MS);
	}
	for (size_t i = 0; i < count; i++)
		fiber_join(jobs[i].fiber);
	if (fiber_is_cancelled()) {
		status_release(rows, count);
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	}
	*ret = rows;
	*ret_count = count;
	return true;
}

bool
status_examine(const struct status_subject *subject, struct arena *arena, struct status_row *ret, struct error *err)
{
	struct status_request request = {.loop = subject->loop, .name = subject->name};
	struct status_row row = status_row_empty(subject->environment);
	struct environment_job job = {.request = &request, .row = &row, .arena = arena, .subject = subject};
	row.namespace = subject->namespace;
	if (!look(&job, subject->kubernetes, err)) {
		status_release(&row, 1);
		return false;
	}
	*ret = row;
	return true;
}

void
status_release(struct status_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		follow_free(rows[i].follow);
}
