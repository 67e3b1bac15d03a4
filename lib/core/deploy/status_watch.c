#include "core/deploy/status_watch.h"

#include "base/fiber.h"
#include "core/deploy/status_place.h"
#include "core/deploy/status_row.h"
#include "core/deploy/upstream_watch.h"
#include "data/platform.h"

static size_t
start_places(const struct status_request *request, const struct platform_environment *only, bool *has_news,
             struct status_place *places)
{
	size_t count = 0;
	for (size_t i = 0; i < request->platform->n_environments; i++) {
		const struct platform_environment *environment = &request->platform->environments[i];
		if (only != NULL && only != environment)
			continue;
		struct status_place *place = &places[count++];
		*place = (struct status_place){.request = request, .reader = fiber_current(), .has_news = has_news,
		                        .row = status_row_empty(environment)};
		place->row.state = STATUS_UNKNOWN;
		place->fiber = fiber_start(request->loop, status_place_run, place);
	}
	return count;
}

static void
stop_places(struct status_place *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fiber_cancel(places[i].fiber);
	for (size_t i = 0; i < count; i++) {
		fiber_join(places[i].fiber);
		status_release(&places[i].row, 1);
		arena_release(&places[i].arena);
	}
}

static bool
tell(const struct status_place *places, size_t count, struct status_row *rows, struct upstream_watch *around,
     status_told *told, void *data, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		rows[i] = places[i].row;
	const struct status_news news = {.rows = rows, .count = count,
	                                 .upstream = around != NULL ? upstream_watch_look(around) : NULL};
	return told(data, &news, err);
}

bool
status_watch(const struct status_request *request, const struct upstream_request *upstream, status_told *told, void *data,
             struct error *err)
{
	const struct platform_environment *only = NULL;
	scoped(arena_release) struct arena arena = {0};
	bool has_news = true;
	if (request->environment && !platform_environment(request->platform, request->environment, &only, err))
		return false;
	struct status_place *places = arena_array(&arena, struct status_place, request->platform->n_environments + 1);
	struct status_row *rows = arena_array(&arena, struct status_row, request->platform->n_environments + 1);
	size_t count = start_places(request, only, &has_news, places);
	struct upstream_watch *around = upstream != NULL ? upstream_watch_start(upstream, &arena, &has_news) : NULL;
	bool is_wanted = true;
	do {
		if (has_news)
			is_wanted = tell(places, count, rows, around, told, data, err);
		has_news = false;
	} while (is_wanted && contact_wait(request->loop, &has_news));
	stop_places(places, count);
	if (around != NULL)
		upstream_watch_stop(around);
	return is_wanted ? error_set(err, ERROR_INTERRUPTED, "interrupted") : false;
}
