#include "core/deploy/upstream_watch.h"

#include "base/fiber.h"

enum { KINDS = 4, SLOW_MS = 30 * 1000, FAST_MS = 5 * 1000 };

/* One kind of question. */
struct place {
	struct upstream_request request;
	struct fiber *reader, *fiber;
	bool *has_news;
	struct arena arena; /* of the answer */
	struct upstream answer;
};

struct upstream_watch {
	struct place places[KINDS];
	struct upstream seen; /* all of them together; owns nothing */
};

static void
forget(struct place *place)
{
	upstream_release(&place->answer);
	arena_release(&place->arena);
}

/* The last answer stands until there is another. */
static void
ask(struct place *place)
{
	struct arena arena = {0};
	struct upstream answer;
	upstream_read(&place->request, &arena, &answer);
	if (fiber_is_cancelled()) {
		upstream_release(&answer);
		arena_release(&arena);
		return;
	}
	forget(place);
	place->answer = answer;
	place->arena = arena;
	*place->has_news = true;
	fiber_wake(place->reader);
}

static int64_t
pause_ms(const struct upstream *answer)
{
	bool is_under_way = answer->n_pending > 0 || (answer->run_state == UPSTREAM_FOUND && !cd_is_over(answer->run.state));
	return is_under_way ? FAST_MS : SLOW_MS;
}

static bool
is_asked(const struct upstream *answer)
{
	return answer->build_state != UPSTREAM_UNASKED || answer->pull_state != UPSTREAM_UNASKED ||
	       answer->run_state != UPSTREAM_UNASKED || answer->pending_state != UPSTREAM_UNASKED;
}

static void
run_place(void *data)
{
	struct place *place = data;
	do
		ask(place);
	while (is_asked(&place->answer) && fiber_sleep(place->request.loop, pause_ms(&place->answer)));
}

struct upstream_watch *
upstream_watch_start(const struct upstream_request *request, struct arena *arena, bool *has_news)
{
	static const enum upstream_kind kinds[KINDS] = {UPSTREAM_BUILD, UPSTREAM_PULL, UPSTREAM_RUN, UPSTREAM_PENDING};
	const struct upstream unanswered = {.build_state = UPSTREAM_UNKNOWN, .pull_state = UPSTREAM_UNKNOWN,
	                                    .run_state = UPSTREAM_UNKNOWN, .pending_state = UPSTREAM_UNKNOWN};
	struct upstream_watch *watch = arena_new(arena, struct upstream_watch);
	for (size_t i = 0; i < KINDS; i++) {
		struct place *place = &watch->places[i];
		*place = (struct place){.request = *request, .reader = fiber_current(), .has_news = has_news, .answer = unanswered};
		place->request.kinds = request->kinds & kinds[i];
		place->fiber = fiber_start(request->loop, run_place, place);
	}
	return watch;
}

const struct upstream *
upstream_watch_look(struct upstream_watch *watch)
{
	const struct upstream *build = &watch->places[0].answer, *pull = &watch->places[1].answer, *run = &watch->places[2].answer,
	                      *pending = &watch->places[3].answer;
	watch->seen = (struct upstream){
		.build_state = build->build_state, .build = build->build, .is_of_commit = build->is_of_commit,
		.build_trouble = build->build_trouble,
		.pull_state = pull->pull_state, .pull = pull->pull, .pull_trouble = pull->pull_trouble,
		.run_state = run->run_state, .run = run->run, .run_trouble = run->run_trouble,
		.pending_state = pending->pending_state, .pending = pending->pending, .n_pending = pending->n_pending,
		.pending_trouble = pending->pending_trouble,
	};
	return &watch->seen;
}

void
upstream_watch_stop(struct upstream_watch *watch)
{
	for (size_t i = 0; i < KINDS; i++)
		fiber_cancel(watch->places[i].fiber);
	for (size_t i = 0; i < KINDS; i++) {
		fiber_join(watch->places[i].fiber);
		forget(&watch->places[i]);
	}
}
