#include "core/deploy/status_place.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "core/deploy/status_row.h"
#include "core/diagnose/object.h"
#include "data/json.h"
#include "data/platform.h"
#include "role/cluster.h"

enum {
	ERRAND_MS = 10 * 1000, /* between two questions for events and logs */
	LOG_LINES = 20,
};

/* One informer a kind. */
static const struct kind {
	const struct kubernetes_resource *resource;
	enum observed observed;
	const char *selector; /* before the name: a field or a label */
	bool is_field;
} kinds[STATUS_PLACE_KINDS] = {
	{&kubernetes_applications, OBSERVED_APPLICATION, "metadata.name=", true},
	{&kubernetes_application_statuses, OBSERVED_STATUS, "app=", false},
	{&kubernetes_deployments, OBSERVED_DEPLOYMENT, "metadata.name=", true},
	{&kubernetes_replica_sets, OBSERVED_REPLICA_SET, "app=", false},
	{&kubernetes_pods, OBSERVED_POD, "app=", false},
};

/* ---- what informers tell ---- */

static size_t
kind_of(const struct kubernetes_resource *resource)
{
	size_t i = 0;
	while (i < STATUS_PLACE_KINDS - 1 && kinds[i].resource != resource)
		i++;
	return i;
}

static bool
is_operators(const struct kind *kind)
{
	return kind->observed == OBSERVED_APPLICATION || kind->observed == OBSERVED_STATUS;
}

static void
told(void *data, const struct kubernetes_event *event)
{
	struct status_place *place = data;
	size_t kind = kind_of(event->resource);
	const char *uid = object_uid(event->object);
	switch (event->type) {
	case KUBERNETES_ADDED:
	case KUBERNETES_MODIFIED:
		json_object_set(place->objects[kind], uid, event->object);
		contact_changed(&place->contact);
		break;
	case KUBERNETES_DELETED:
		json_object_del(place->objects[kind], uid);
		contact_changed(&place->contact);
		break;
	case KUBERNETES_SYNCED:
		contact_synced(&place->contact, kind);
		break;
	case KUBERNETES_LOST:
		/* A cluster without FIAAS has Deployments all the same. */
		if (is_operators(&kinds[kind]) && event->trouble.code == ERROR_NOT_FOUND)
			contact_synced(&place->contact, kind);
		else
			contact_lost(&place->contact, kind, &event->trouble);
		break;
	case KUBERNETES_BACK:
		contact_back(&place->contact, kind);
		break;
	}
}

/* ---- a connection ---- */

static bool
open_place(void *data, struct error *err)
{
	struct status_place *place = data;
	const struct platform_environment *environment = place->row.environment;
	const struct status_request *request = place->request;
	place->errand_ms = clock_monotonic_ms() - ERRAND_MS;
	if (!release_namespace(environment, request->team, request->name, &place->memory, &place->namespace, err) ||
	    !cluster_open(request->http, environment->cluster, &place->memory, &place->cluster, err))
		return false;
	for (size_t i = 0; i < STATUS_PLACE_KINDS; i++) {
		const char *selector = arena_printf(&place->memory, "%s%s", kinds[i].selector, request->name);
		struct kubernetes_query query = {.resource = kinds[i].resource, .namespace = place->namespace,
		                                 .field_selector = kinds[i].is_field ? selector : NULL,
		                                 .label_selector = kinds[i].is_field ? NULL : selector};
		place->objects[i] = json_object();
		place->informers[i] = kubernetes_informer_start(place->cluster->kubernetes, &query, told, place);
	}
	return true;
}

static void
close_place(void *data)
{
	struct status_place *place = data;
	for (size_t i = 0; i < STATUS_PLACE_KINDS; i++) {
		kubernetes_informer_stop(place->informers[i]);
		json_decref(place->objects[i]);
		place->informers[i] = NULL;
		place->objects[i] = NULL;
	}
	json_decref(place->events);
	json_decref(place->logs);
	place->events = place->logs = NULL;
	cluster_close(&place->cluster);
	arena_release(&place->memory);
	place->server_ms = 0;
}

/* ---- a look ---- */

/* The row takes the place of the last one, with the arena of its texts. */
static void
publish(struct status_place *place, const struct status_row *row, struct arena *arena)
{
	status_release(&place->row, 1);
	arena_release(&place->arena);
	place->row = *row;
	place->arena = *arena;
	*place->has_news = true;
	fiber_wake(place->reader);
}

static struct status_row
new_row(const struct status_place *place, struct arena *arena)
{
	struct status_row row = status_row_empty(place->row.environment);
	row.namespace = arena_strdup(arena, place->namespace);
	return row;
}

static void
publish_trouble(void *data, const struct error *trouble)
{
	struct status_place *place = data;
	struct arena arena = {0};
	struct status_row row = new_row(place, &arena);
	row.state = STATUS_UNKNOWN;
	row.trouble = *trouble;
	publish(place, &row, &arena);
}

/* The only value, of a kind that is selected by name. */
static const json_t *
single(const struct status_place *place, enum observed observed)
{
	for (size_t i = 0; i < STATUS_PLACE_KINDS; i++)
		if (kinds[i].observed == observed)
			return json_object_iter_value(json_object_iter(place->objects[i]));
	return NULL;
}

static int64_t
server_now(struct status_place *place)
{
	int64_t now_ms = clock_monotonic_ms(), server_ms = kubernetes_server_time_ms(place->cluster->kubernetes);
	if (server_ms != place->server_ms) {
		place->server_ms = server_ms;
		place->server_read_ms = now_ms;
	}
	return server_ms + now_ms - place->server_read_ms;
}

static void
tell_objects(const struct status_place *place, struct follow *follow)
{
	const char *uid;
	json_t *object;
	size_t at;
	for (size_t i = 0; i < STATUS_PLACE_KINDS; i++)
		json_object_foreach(place->objects[i], uid, object)
			follow_object(follow, kinds[i].observed, object);
	json_array_foreach(json_at(place->events, "items"), at, object)
		follow_object(follow, OBSERVED_EVENT, object);
}

static void
tell_logs(const struct status_place *place, struct follow *follow)
{
	const json_t *log;
	size_t i;
	json_array_foreach(place->logs, i, log)
		follow_log(follow, json_text_at(log, "0"), json_text_at(log, "1"), json_text_at(log, "2"));
}

/* *ret_wants: events or logs would tell more. */
static void
judge(struct status_place *place, struct status_row *row, struct arena *arena, bool *ret_wants)
{
	int64_t now_ms = server_now(place);
	*row = new_row(place, arena);
	*ret_wants = false;
	if (!status_row_begin(row, place->request->name, single(place, OBSERVED_APPLICATION),
	                      single(place, OBSERVED_DEPLOYMENT), now_ms, arena))
		return;
	tell_objects(place, row->follow);
	status_row_judge(row, now_ms);
	*ret_wants = status_is_short_of_pods(single(place, OBSERVED_DEPLOYMENT)) || status_row_wants_logs(row);
	if (status_row_wants_logs(row) && place->logs != NULL) {
		tell_logs(place, row->follow);
		status_row_judge(row, now_ms);
	}
}

/* ---- errands: what only requests can find out ---- */

static void
read_events(struct status_place *place)
{
	struct kubernetes_query query = {.resource = &kubernetes_events, .namespace = place->namespace};
	json_t *events = NULL;
	struct error ignored;
	if (!kubernetes_list(place->cluster->kubernetes, &query, &events, &ignored))
		return;
	json_decref(place->events);
	place->events = events;
}

static void
read_logs(struct status_place *place, const struct deployment *deployment)
{
	scoped(arena_release) struct arena scratch = {0};
	json_t *logs = json_array();
	for (size_t i = 0; i < deployment->n_logs; i++) {
		struct kubernetes_log_query query = {.namespace = place->namespace, .pod = deployment->logs[i].pod,
		                                     .container = deployment->logs[i].container, .previous = true,
		                                     .tail_lines = LOG_LINES};
		const char *text;
		size_t length;
		struct error ignored;
		if (kubernetes_read_log(place->cluster->kubernetes, &query, &scratch, &text, &length, &ignored))
			json_array_append_new(logs, json_pack("[s, s, o]", query.pod, query.container, json_stringn(text, length)));
	}
	json_decref(place->logs);
	place->logs = logs;
}

static void
run_errands(struct status_place *place, const struct status_row *row)
{
	if (status_is_short_of_pods(single(place, OBSERVED_DEPLOYMENT)))
		read_events(place);
	if (status_row_wants_logs(row))
		read_logs(place, row->deployment);
	place->errand_ms = clock_monotonic_ms();
}

static void
look_at_objects(void *data)
{
	struct status_place *place = data;
	struct arena arena = {0};
	struct status_row row;
	bool wants_more;
	judge(place, &row, &arena, &wants_more);
	if (!wants_more || clock_monotonic_ms() - place->errand_ms < ERRAND_MS) {
		publish(place, &row, &arena);
		return;
	}
	run_errands(place, &row);
	status_release(&row, 1);
	arena_release(&arena);
	if (fiber_is_cancelled())
		return;
	judge(place, &row, &arena, &wants_more);
	publish(place, &row, &arena);
}

void
status_place_run(void *data)
{
	struct status_place *place = data;
	const struct contact_work work = {.cluster = place->row.environment->cluster_name,
	                                  .n_informers = STATUS_PLACE_KINDS, .open = open_place, .close = close_place,
	                                  .look = look_at_objects, .fail = publish_trouble};
	contact_run(&place->contact, place->request->loop, &work, place);
}
