#include "core/deploy/overview_watch.h"

#include "base/fiber.h"
#include "core/deploy/overview_approvals_watch.h"
#include "core/deploy/overview_parts.h"
#include "core/deploy/overview_place.h"

static void
start_places(const struct overview_request *request, const struct overview *overviews, size_t count, bool *has_news,
             struct overview_place *places, struct arena *arena)
{
	for (size_t i = 0; i < count; i++) {
		struct overview_place *place = &places[i];
		*place = (struct overview_place){.request = request, .reader = fiber_current(), .has_news = has_news,
		                                 .overview = overviews[i]};
		place->is_known = overviews[i].trouble.code != ERROR_NONE; /* nowhere to look */
		if (place->is_known)
			continue;
		place->fiber = fiber_start(request->loop, overview_place_run, place);
		place->approvals = overview_approvals_watch_start(request, &overviews[i], arena, has_news);
	}
}

static void
stop_places(struct overview_place *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (places[i].fiber != NULL)
			fiber_cancel(places[i].fiber);
		overview_approvals_watch_cancel(places[i].approvals);
	}
	for (size_t i = 0; i < count; i++) {
		overview_approvals_watch_stop(places[i].approvals);
		if (places[i].fiber != NULL)
			fiber_join(places[i].fiber);
		overview_place_release(&places[i]);
	}
}

static bool
tell(const struct overview_place *places, size_t count, struct overview *overviews, overview_told *told, void *data,
     struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!places[i].is_known)
			return true;
		overviews[i] = places[i].overview;
		overviews[i].approvals = overview_approvals_watch_look(places[i].approvals);
	}
	return told(data, overviews, count, err);
}

bool
overview_watch(const struct overview_request *request, overview_told *told, void *data, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	struct overview *overviews;
	size_t count;
	bool has_news = true, is_wanted = true;
	if (!overview_choose(request, &arena, &overviews, &count, err))
		return false;
	struct overview_place *places = arena_array(&arena, struct overview_place, count + 1);
	start_places(request, overviews, count, &has_news, places, &arena);
	do {
		if (has_news)
			is_wanted = tell(places, count, overviews, told, data, err);
		has_news = false;
	} while (is_wanted && contact_wait(request->loop, &has_news));
	stop_places(places, count);
	return is_wanted ? error_set(err, ERROR_INTERRUPTED, "interrupted") : false;
}
