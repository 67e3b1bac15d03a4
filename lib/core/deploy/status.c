#include "core/deploy/status.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "core/deploy/submit.h"
#include "core/diagnose/object.h"
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
		is_fine = questions[i].is_fine;
		if (!is_fine)
			*err = questions[i].err;
	}
	return is_fine;
}

static void
read_application(struct environment_job *job, const json_t *application)
{
	struct standing standing;
	struct status_row *row = job->row;
	standing_of(application, &standing);
	row->image = arena_strdup(job->arena, standing.image);
	row->digest = arena_strdup(job->arena, standing.digest);
	row->commit = arena_strdup(job->arena, standing.commit);
	row->author = arena_strdup(job->arena, standing.author);
	row->deployment_id = arena_strdup(job->arena, standing.deployment_id);
	row->deployed_ms = standing.deployed_ms;
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

static enum status_state
state_of(const struct deployment *deployment)
{
	bool is_failed = deployment->operator == OPERATOR_REFUSED || deployment->operator == OPERATOR_FAILED;
	if (deployment->rollout == ROLLOUT_PAUSED)
		return STATUS_PAUSED;
	if (deployment->rollout == ROLLOUT_DOOMED || deployment->rollout == ROLLOUT_GONE)
		return STATUS_UNHEALTHY;
	if (is_failed || deployment->outcome == OUTCOME_FAILED)
		return STATUS_FAILED;
	for (size_t i = 0; i < deployment->findings.count; i++)
		if (deployment->findings.items[i].cause->severity != SEVERITY_NOTE)
			return STATUS_UNHEALTHY;
	if (deployment->rollout == ROLLOUT_COMPLETE)
		return deployment->progress.desired ? STATUS_HEALTHY : STATUS_STOPPED;
	return STATUS_ROLLING;
}

static void
judge(struct environment_job *job, struct kubernetes *kubernetes, const struct question *questions, size_t count)
{
	struct status_row *row = job->row;
	int64_t now_ms = kubernetes_server_time_ms(kubernetes);
	struct follow_plan plan = {.name = job->request->name, .deployment_id = row->deployment_id,
	                           .system = arena_printf(job->arena, "kubernetes %s", row->environment->cluster_name),
	                           .started_ms = row->deployed_ms >= 0 ? row->deployed_ms : now_ms,
	                           .watched_ms = now_ms, .settle_ms = 0, .image_is_resolved = true};
	row->follow = follow_new(&plan);
	for (size_t i = 0; i < count; i++)
		tell_answer(row->follow, &questions[i]);
	follow_reread(row->follow, now_ms);
	follow_tick(row->follow, now_ms);
	row->deployment = follow_deployment(row->follow);
	if (row->deployment->rollout != ROLLOUT_COMPLETE && row->deployment->n_logs) {
		add_logs(job, kubernetes);
		follow_tick(row->follow, now_ms);
	}
	row->state = state_of(row->deployment);
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

static bool
look(struct environment_job *job, struct kubernetes *kubernetes, struct error *err)
{
	struct question questions[QUESTIONS_MAX];
	size_t count = put_questions(job, questions);
	bool is_fine = ask_all(job, kubernetes, questions, count, err);
	const json_t *deployment = questions[DEPLOYMENT].answer;
	/* Events are many, and only say something of what is not well. */
	if (is_fine && object_int(deployment, "status.availableReplicas") < json_int_at(deployment, "spec.replicas", 1)) {
		struct error ignored;
		questions[count] = events_question(job);
		(void)!ask_all(job, kubernetes, &questions[count], 1, &ignored);
		count++;
	}
	if (is_fine && questions[APPLICATION].answer) {
		read_application(job, questions[APPLICATION].answer);
		judge(job, kubernetes, questions, count);
	}
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

static struct status_row
empty_row(const struct platform_environment *environment)
{
	return (struct status_row){.environment = environment, .state = STATUS_ABSENT, .image = "", .digest = "",
	                           .commit = "", .author = "", .deployment_id = "", .deployed_ms = -1};
}

static size_t
choose_environments(const struct status_request *request, const struct platform_environment *only,
                    struct arena *arena, struct status_row **ret)
{
	struct status_row *rows = arena_array(arena, struct status_row, request->platform->n_environments + 1);
	size_t count = 0;
	for (size_t i = 0; i < request->platform->n_environments; i++)
		if (!only || only == &request->platform->environments[i])
			rows[count++] = empty_row(&request->platform->environments[i]);
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
	struct status_row row = empty_row(subject->environment);
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

/* ---- names, JSON ---- */

const char *
status_state_name(enum status_state state)
{
	static const char *const names[] = {"healthy", "not deployed", "scaled to zero", "rolling out",
	                                    "paused",  "unhealthy",    "failed",         "unknown"};
	return names[state];
}

bool
status_is_unwell(enum status_state state)
{
	return state == STATUS_PAUSED || state == STATUS_UNHEALTHY || state == STATUS_FAILED || state == STATUS_UNKNOWN;
}

static json_t *
text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

json_t *
status_trouble_to_json(const struct error *trouble)
{
	if (!trouble || trouble->code == ERROR_NONE)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "code", error_kind(trouble->code)->name, "why", trouble->why, "next",
	                 trouble->next);
}

json_t *
status_row_to_json(const struct status_row *row)
{
	char time[CLOCK_TEXT_BYTES];
	json_t *object = json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "environment", row->environment->name,
	                           "namespace", text_or_null(row->namespace), "state", status_state_name(row->state),
	                           "image", text_or_null(row->image), "digest", text_or_null(row->digest), "commit",
	                           text_or_null(row->commit), "deployment_id", text_or_null(row->deployment_id),
	                           "deployed_by", text_or_null(row->author), "deployed_at",
	                           row->deployed_ms < 0 ? json_null() : json_string(clock_format(row->deployed_ms, time)));
	json_object_set_new(object, "last_deployment",
	                    row->deployment ? deployment_to_json(row->deployment) : json_null());
	json_object_set_new(object, "error", status_trouble_to_json(row->state == STATUS_UNKNOWN ? &row->trouble : NULL));
	return object;
}
