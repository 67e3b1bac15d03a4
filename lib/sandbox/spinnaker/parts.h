/* What the files of this folder share; nobody else includes it. */
#ifndef PAAS_SANDBOX_SPINNAKER_PARTS_H
#define PAAS_SANDBOX_SPINNAKER_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/loop.h"
#include "sandbox/kubernetes/tree.h"
#include "sandbox/spinnaker/gate.h"
#include "web/server.h"

/* What it remembers is one JSON object, so that it can be kept and read back as it is:
 *
 *	applications  NAME: attributes
 *	configs       ID: a pipeline as Front50 keeps it
 *	histories     ID: its versions, newest first
 *	executions    ID: as Orca answers it (pipelines and tasks), oldest first
 *	due           ID: {STAGE_ID: when its task goes on, "cancel": when it ends}
 *	starting      what Echo has taken and not started: [{at, id, config, trigger}]
 *	sessions      COOKIE: user
 *	broken        TROUBLE: {app, left}: application, "" = all; how often it still strikes, -1 = always
 *
 * Times are milliseconds since 1970. */
struct gate {
	struct gate_options options;
	json_t *state;
	char *issuer;            /* of the sign-on server; NULL until it is known */
	struct loop_timer timer; /* when the next stage goes on */
};

enum {
	TASK_MS = 200,         /* an Orca task */
	APPEARS_AFTER_MS = 400, /* between Echo's word and the execution */
	LAG_MS = 3000,         /* of what is slow on purpose */
	EXECUTIONS_MAX = 200,
	ENTRIES_MAX = 1000,    /* of any other table */
	HISTORY_MAX = 20,
	BODY_MAX = 1024 * 1024,
	WORDS_MAX = 4,
};

/* ---- a request on its way ---- */

struct gate_call {
	struct gate *gate;
	struct web_request *request;
	struct arena *arena;
	const char *user;
	const char *words[WORDS_MAX]; /* what stands where the route has "*" */
	json_t *body;                 /* NULL when there is none; the router's */
};
/* Answers; `body` is stolen. */
void gate_answer(struct gate_call *call, unsigned status, json_t *body);
void gate_answer_nothing(struct gate_call *call, unsigned status);
/* Gate's own refusal, and one that a service behind it made ("Status: 400, Method: …"). */
void gate_fail(struct gate_call *call, unsigned status, const char *format, ...) printf_like(3, 4);
void gate_fail_behind(struct gate_call *call, unsigned status, const char *method, const char *url,
                      const char *message);
/* Whether it is UTF-8: jansson packs nothing else. */
bool gate_is_text(const char *bytes);
/* The query parameter, or `fallback` when it is absent, empty or no text. */
const char *gate_query(const struct gate_call *call, const char *name, const char *fallback);
long gate_query_number(const struct gate_call *call, const char *name, long fallback);
bool gate_query_is(const struct gate_call *call, const char *name, bool fallback);

/* ---- gate.c ---- */

json_t *gate_table(const struct gate *gate, const char *name);
/* Whether a trouble is on; and whether it strikes, for this application, once more. */
bool gate_is_broken(const struct gate *gate, const char *trouble);
bool gate_strikes(struct gate *gate, const char *trouble, const char *app);
/* Something may go on: looks at every execution when the loop turns. */
void gate_wake(struct gate *gate);

/* ---- session.c ---- */

/* Who asks; false after having sent them to sign on. */
bool session_admit(struct gate_call *call);
void session_handle_user(struct gate_call *call);
void session_handle_login(struct gate_call *call);
void session_handle_logout(struct gate_call *call);

/* ---- identifier.c ---- */

enum { IDENTIFIER_BYTES = 40 };
/* A ULID, as Orca names what it runs; a UUID, as Echo and Front50 do. */
const char *identifier_ulid(char ret[static IDENTIFIER_BYTES]);
const char *identifier_uuid(char ret[static IDENTIFIER_BYTES]);

/* ---- config.c: applications and pipelines ---- */

/* sample.c: JSON. */
extern const char *const config_samples[];
extern const size_t n_config_samples;
extern const char execution_sample[];
/* Keeps the pipeline as the newest version of itself; `config` is stolen.  Returns it, borrowed. */
json_t *config_put(struct gate *gate, json_t *config, const char *user);
void config_put_application(struct gate *gate, json_t *attributes);
json_t *config_find_application(const struct gate *gate, const char *name);
/* By id, or by the exact name; NULL when there is none. */
json_t *config_find(const struct gate *gate, const char *app, const char *name_or_id);
/* Saves it; NULL, or why it cannot be, in `arena`. */
const char *config_save(struct gate *gate, const json_t *pipeline, bool checks_staleness, const char *user,
                        struct arena *arena);
void config_handle_applications(struct gate_call *call);
void config_handle_application(struct gate_call *call);
void config_handle_list(struct gate_call *call);
void config_handle_one(struct gate_call *call);
void config_handle_all(struct gate_call *call);
void config_handle_history(struct gate_call *call);
void config_handle_save(struct gate_call *call);
void config_handle_update(struct gate_call *call);
void config_handle_delete(struct gate_call *call);

/* ---- trigger.c ---- */

void trigger_handle(struct gate_call *call);
void trigger_handle_v2(struct gate_call *call);
/* Starts it for a stage of another when the loop turns, `trigger` stolen; NULL, or why not, in `arena`. */
const char *trigger_start_child(struct gate *gate, const char *id, const json_t *config, json_t *trigger, struct arena *arena);
/* Starts what Echo has taken and is due; the next time to look, INT64_MAX: none. */
int64_t trigger_step(struct gate *gate, int64_t now_ms);

/* ---- execution.c ---- */

/* A new one of a pipeline, `trigger` stolen; `id` NULL: a new one.  Borrowed. */
json_t *execution_start(struct gate *gate, const char *id, const json_t *config, json_t *trigger);
/* One that never started. */
void execution_fail(json_t *execution, const char *why);
json_t *execution_find(const struct gate *gate, const char *id);
/* Keeps it; the oldest that is complete may go.  Steals it, returns it. */
json_t *execution_keep(struct gate *gate, json_t *execution);
bool status_is_complete(const char *status);
const char *execution_status(const json_t *item);
void execution_set_status(json_t *item, const char *status);
/* Brings it as far as it goes now; when it goes on by itself, INT64_MAX: not. */
int64_t execution_step(struct gate *gate, json_t *execution, int64_t now_ms);
/* What is kept of when its stages go on; made when missing. */
json_t *execution_due(struct gate *gate, const json_t *execution);

/* ---- look.c: executions as they are asked for ---- */

void look_handle_one(struct gate_call *call);
void look_handle_application(struct gate_call *call);
void look_handle_ids(struct gate_call *call);
void look_handle_search(struct gate_call *call);

/* ---- control.c ---- */

void control_handle_cancel(struct gate_call *call);
void control_handle_pause(struct gate_call *call);
void control_handle_resume(struct gate_call *call);
void control_handle_delete(struct gate_call *call);
void control_handle_patch(struct gate_call *call);
void control_handle_restart(struct gate_call *call);

/* ---- stage.c ---- */

struct stage_run {
	struct gate *gate;
	json_t *execution, *stage, *context;
	int64_t now_ms;
	int64_t again_ms;  /* in: TASK_MS; how long until a task that is RUNNING looks again */
	struct arena arena;
};
/* A task: "SUCCEEDED", "RUNNING", "SKIPPED" or "TERMINAL" (with stage_except). */
typedef const char *stage_task(struct stage_run *run);
/* The exception of a stage that fails. */
void stage_except(struct stage_run *run, const char *type, const char *why);
/* The stage as the execution holds it from the start. */
json_t *stage_make(const json_t *config, size_t position, bool is_in_line);
/* Back to before it began: what Orca put before it is gone. */
void stage_reset(json_t *execution, json_t *stage);
/* Of a stage that Orca put there itself the one that it belongs to; else the stage. */
json_t *stage_lift(const json_t *execution, json_t *stage);
/* Begins it, or takes it a step further; INT64_MAX: it is complete or does not go on by itself. */
int64_t stage_step(struct gate *gate, json_t *execution, json_t *stage, int64_t now_ms);
json_t *stage_find(const json_t *execution, const char *id);
/* Ends what of it runs. */
void stage_end(json_t *stage, const char *status, int64_t now_ms);

stage_task deploy_resolve, deploy_apply, deploy_monitor, deploy_promote, deploy_settle;
stage_task judgment_wait, window_wait;
/* child.c, variables.c */
stage_task child_start, child_monitor, variables_evaluate;
/* What a stage waits for that is ended before its time ends too. */
void child_cancel(struct gate *gate, const json_t *stage);
void variables_handle_expression(struct gate_call *call);
/* task.c */
stage_task job_upsert_application, job_delete_application, job_save_pipeline;

/* ---- before.c: what Orca puts before a stage ---- */

#define STAGE_WINDOW "restrictExecutionDuringTimeWindow"
/* When it begins. */
void before_put(struct stage_run *run);
/* One that is not through; one that ended so that the stage fails too.  NULL: none. */
json_t *before_open(const json_t *execution, const json_t *stage);
json_t *before_failed(const json_t *execution, const json_t *stage);
stage_task precondition_check;

/* ---- expression.c ---- */

/* Replaces every ${…} in the value (stolen); `summary` collects what failed, and that stays as it is. */
json_t *expression_fill_in(const json_t *execution, json_t *value, json_t *summary);

/* ---- task.c ---- */

void task_handle_create(struct gate_call *call);
void task_handle_one(struct gate_call *call);
void task_handle_application(struct gate_call *call);

/* ---- cloud.c ---- */

void cloud_handle_version(struct gate_call *call);
void cloud_handle_health(struct gate_call *call);
void cloud_handle_credentials(struct gate_call *call);
void cloud_handle_account(struct gate_call *call);
void cloud_handle_manifest(struct gate_call *call);

#endif
