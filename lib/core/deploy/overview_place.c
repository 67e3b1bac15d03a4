#include "core/deploy/overview_place.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "api/kubernetes/table.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "core/deploy/overview_fold.h"
#include "core/deploy/overview_parts.h"
#include "data/platform.h"
#include "role/cluster.h"

enum {
	ERRAND_MS = 10 * 1000,    /* between two readings of objects; */
	ERRAND_NEW_MS = 2 * 1000, /* when some that is unwell was not looked into */
};

enum { APPLICATIONS, DEPLOYMENTS, PODS };
static const struct table_source {
	const struct kubernetes_resource *resource;
	const char *const *columns;
	size_t n_columns;
	const char *label;
	size_t age; /* which column */
} sources[OVERVIEW_TABLES] = {
	{&kubernetes_applications, overview_application_columns, OVERVIEW_APPLICATION_CELLS, OVERVIEW_LABEL, 1},
	{&kubernetes_deployments, overview_deployment_columns, OVERVIEW_DEPLOYMENT_CELLS, OVERVIEW_LABEL, 3},
	{&kubernetes_pods, overview_pod_columns, OVERVIEW_POD_CELLS, NULL, 4},
};

/* ---- what informers tell ---- */

static size_t
index_of(const struct overview_table *table)
{
	return (size_t)(table - table->place->tables);
}

static void
told_begun(void *data)
{
	struct overview_table *table = data;
	table->is_listing = true;
	overview_rows_clear(&table->rows);
}

static bool
told_row(void *data, const char *const *cells, struct error *err)
{
	struct overview_table *table = data;
	return overview_rows_put(&table->rows, cells, clock_monotonic_ms()) ||
	       error_set(err, ERROR_BAD_ANSWER, "more than %d %s", OVERVIEW_ROWS_MAX, sources[index_of(table)].resource->plural);
}

static void
told_gone(void *data, const char *const *cells)
{
	struct overview_table *table = data;
	overview_rows_remove(&table->rows, cells[0]);
}

static void
told_synced(void *data)
{
	struct overview_table *table = data;
	table->is_listing = false;
	contact_synced(&table->place->contact, index_of(table));
}

static void
told_changed(void *data)
{
	struct overview_table *table = data;
	contact_changed(&table->place->contact);
}

static void
told_lost(void *data, const struct error *trouble)
{
	struct overview_table *table = data;
	/* A cluster without FIAAS has Deployments all the same. */
	if (index_of(table) == APPLICATIONS && trouble->code == ERROR_NOT_FOUND)
		told_synced(table);
	else
		contact_lost(&table->place->contact, index_of(table), trouble);
}

static void
told_back(void *data)
{
	struct overview_table *table = data;
	contact_back(&table->place->contact, index_of(table));
}

static const struct kubernetes_table_listener listener = {
	.synced = told_synced, .changed = told_changed, .gone = told_gone, .lost = told_lost, .back = told_back};

/* ---- a connection ---- */

static bool
open_place(void *data, struct error *err)
{
	struct overview_place *place = data;
	place->errand_ms = place->missing_ms = clock_monotonic_ms() - ERRAND_MS;
	if (!cluster_open(place->request->http, place->overview.environment->cluster, &place->memory, &place->cluster, err))
		return false;
	for (size_t i = 0; i < OVERVIEW_TABLES; i++) {
		const struct table_source *source = &sources[i];
		struct overview_table *told = &place->tables[i];
		struct kubernetes_table table = {
			.query = {.resource = source->resource, .namespace = place->overview.namespace}, .columns = source->columns,
			.n_columns = source->n_columns, .label = source->label, .begun = told_begun, .row = told_row, .data = told};
		*told = (struct overview_table){.place = place};
		told->rows = (struct overview_rows){.n_cells = source->n_columns + (source->label != NULL), .age = source->age};
		told->informer = kubernetes_table_informer_start(place->cluster->kubernetes, &table, &listener);
	}
	return true;
}

static void
forget_examined(struct overview_place *place)
{
	for (size_t i = 0; i < place->n_examined; i++)
		status_release(place->examined[i].row, 1);
	place->n_examined = 0;
	arena_release(&place->examined_arena);
}

static void
close_place(void *data)
{
	struct overview_place *place = data;
	for (size_t i = 0; i < OVERVIEW_TABLES; i++) {
		kubernetes_table_informer_stop(place->tables[i].informer);
		overview_rows_clear(&place->tables[i].rows);
		place->tables[i].informer = NULL;
	}
	cluster_close(&place->cluster);
	arena_release(&place->memory);
}

/* ---- a look ---- */

static void
publish(struct overview_place *place, const struct overview *overview, struct arena *arena)
{
	arena_release(&place->arena);
	place->overview = *overview;
	place->arena = *arena;
	place->is_known = true;
	*place->has_news = true;
	fiber_wake(place->reader);
}

static struct overview
new_overview(const struct overview_place *place)
{
	return (struct overview){.environment = place->overview.environment, .namespace = place->overview.namespace};
}

static void
publish_trouble(void *data, const struct error *trouble)
{
	struct overview_place *place = data;
	struct overview overview = new_overview(place);
	struct arena arena = {0};
	overview.trouble = *trouble;
	publish(place, &overview, &arena);
}

static void
fold_application(void *fold, const char *const *cells)
{
	overview_fold_application(fold, cells);
}

static void
fold_deployment(void *fold, const char *const *cells)
{
	overview_fold_deployment(fold, cells);
}

static void
fold_pod(void *fold, const char *const *cells)
{
	overview_fold_pod(fold, cells);
}

static void
judge(const struct overview_place *place, struct overview *overview, struct arena *arena)
{
	int64_t now_ms = clock_monotonic_ms();
	struct overview_fold fold = {.arena = arena, .overview = overview};
	overview_rows_each(&place->tables[DEPLOYMENTS].rows, now_ms, fold_deployment, &fold);
	overview_rows_each(&place->tables[APPLICATIONS].rows, now_ms, fold_application, &fold);
	overview_index(&fold);
	overview_rows_each(&place->tables[PODS].rows, now_ms, fold_pod, &fold);
	overview_judge(&fold);
	overview->n_worth = overview->n_unwell + overview->n_under_way;
}

/* What was found wrong stays so until objects are read again, or until the rows say it is well. */
static void
add_examined(const struct overview_place *place, struct overview *overview)
{
	for (size_t i = 0; i < overview->n_worth; i++)
		for (size_t k = 0; k < place->n_examined; k++) {
			struct overview_app *app = &overview->apps[i];
			struct status_row *row = place->examined[k].row;
			if (strcmp(app->name, place->examined[k].name) != 0)
				continue;
			app->examined = row;
			app->state = status_is_unwell(row->state) ? row->state : app->state;
			overview->n_examined++;
		}
	overview_order(overview);
}

static void
examine(struct overview_place *place)
{
	struct overview overview = new_overview(place);
	struct arena arena = {0};
	judge(place, &overview, &arena);
	overview_examine(place->request->loop, place->cluster->kubernetes, &overview, &arena);
	/* The last ones are still shown: they go with the next look, which is at once. */
	struct overview_examined examined[OVERVIEW_EXAMINED_MAX];
	size_t count = 0;
	for (size_t i = 0; i < overview.n_apps && count < OVERVIEW_EXAMINED_MAX; i++)
		if (overview.apps[i].examined != NULL)
			examined[count++] = (struct overview_examined){overview.apps[i].name, overview.apps[i].examined};
	forget_examined(place);
	memcpy(place->examined, examined, count * sizeof *examined);
	place->n_examined = count;
	place->examined_arena = arena;
	place->errand_ms = clock_monotonic_ms();
}

/* It belongs to those that are looked into, and was not yet. */
static bool
has_new(const struct overview_place *place, const struct overview *overview)
{
	for (size_t i = 0; i < overview->n_worth && i < OVERVIEW_EXAMINED_MAX; i++) {
		size_t k = 0;
		while (k < place->n_examined && strcmp(overview->apps[i].name, place->examined[k].name) != 0)
			k++;
		if (k == place->n_examined)
			return true;
	}
	return false;
}

static bool
is_errand_due(const struct overview_place *place, const struct overview *overview)
{
	int64_t since_ms = clock_monotonic_ms() - place->errand_ms;
	return overview->n_worth > 0 && since_ms >= (has_new(place, overview) ? ERRAND_NEW_MS : ERRAND_MS);
}

/* The rows do not tell an empty namespace from none: asked as often as errands are run. */
static void
add_missing(struct overview_place *place, struct overview *overview)
{
	if (overview->n_apps > 0 || overview->pods > 0)
		return;
	if (clock_monotonic_ms() - place->missing_ms >= ERRAND_MS) {
		place->missing = (struct error){0};
		(void)!overview_check_namespace(overview, place->cluster->kubernetes, &place->missing);
		place->missing_ms = clock_monotonic_ms();
	}
	overview->trouble = place->missing;
}

static bool
is_all_known(const struct overview_place *place)
{
	for (size_t i = 0; i < OVERVIEW_TABLES; i++)
		if (place->tables[i].is_listing)
			return false;
	return true;
}

static void
look_at_rows(void *data)
{
	struct overview_place *place = data;
	struct overview overview = new_overview(place);
	struct arena arena = {0};
	if (!is_all_known(place))
		return;
	judge(place, &overview, &arena);
	if (is_errand_due(place, &overview)) {
		arena_release(&arena);
		overview = new_overview(place);
		examine(place);
		judge(place, &overview, &arena);
	}
	add_missing(place, &overview);
	add_examined(place, &overview);
	publish(place, &overview, &arena);
}

void
overview_place_run(void *data)
{
	struct overview_place *place = data;
	const struct contact_work work = {.cluster = place->overview.environment->cluster_name,
	                                  .n_informers = OVERVIEW_TABLES, .open = open_place, .close = close_place,
	                                  .look = look_at_rows, .fail = publish_trouble};
	contact_run(&place->contact, place->request->loop, &work, place);
}

void
overview_place_release(struct overview_place *place)
{
	forget_examined(place);
	arena_release(&place->arena);
}
