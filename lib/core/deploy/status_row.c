#include "core/deploy/status_row.h"

#include "base/clock.h"
#include "core/deploy/direct.h"
#include "core/diagnose/object.h"
#include "data/error_json.h"
#include "data/json.h"
#include "data/platform.h"

struct status_row
status_row_empty(const struct platform_environment *environment)
{
	return (struct status_row){.environment = environment, .state = STATUS_ABSENT, .image = "", .digest = "",
	                           .commit = "", .author = "", .deployment_id = "", .deployed_ms = -1};
}

static void
read_standing(struct status_row *row, const struct standing *standing, struct arena *arena)
{
	row->image = arena_strdup(arena, standing->image);
	row->digest = arena_strdup(arena, standing->digest);
	row->commit = arena_strdup(arena, standing->commit);
	row->author = arena_strdup(arena, standing->author);
	row->deployment_id = arena_strdup(arena, standing->deployment_id);
	row->deployed_ms = standing->deployed_ms;
}

bool
status_row_begin(struct status_row *row, const char *name, const json_t *application, const json_t *deployment,
                 int64_t now_ms, struct arena *arena)
{
	struct standing standing;
	bool is_direct = application == NULL && direct_standing_of(deployment, name, &standing);
	if (application == NULL && !is_direct)
		return false;
	if (!is_direct)
		standing_of(application, &standing);
	read_standing(row, &standing, arena);
	struct follow_plan plan = {.name = name, .deployment_id = row->deployment_id,
	                           .environment = row->environment->name,
	                           .system = arena_printf(arena, "kubernetes %s", row->environment->cluster_name),
	                           .started_ms = row->deployed_ms >= 0 ? row->deployed_ms : now_ms,
	                           .watched_ms = now_ms, .settle_ms = 0, .image_is_resolved = true,
	                           .is_direct = is_direct};
	row->follow = follow_new(&plan);
	return true;
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

void
status_row_judge(struct status_row *row, int64_t now_ms)
{
	follow_reread(row->follow, now_ms);
	follow_tick(row->follow, now_ms);
	row->deployment = follow_deployment(row->follow);
	row->state = state_of(row->deployment);
}

bool
status_row_wants_logs(const struct status_row *row)
{
	return row->deployment->rollout != ROLLOUT_COMPLETE && row->deployment->n_logs > 0;
}

bool
status_is_short_of_pods(const json_t *deployment)
{
	return object_int(deployment, "status.availableReplicas") < json_int_at(deployment, "spec.replicas", 1);
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
	json_object_set_new(object, "error", error_to_json(row->state == STATUS_UNKNOWN ? &row->trouble : NULL));
	return object;
}
