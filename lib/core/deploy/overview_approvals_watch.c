#include "core/deploy/overview_approvals_watch.h"

#include "api/kubernetes/client.h"
#include "base/fiber.h"
#include "data/platform.h"
#include "role/cd.h"
#include "role/cluster.h"

enum { SLOW_MS = 30 * 1000, FAST_MS = 5 * 1000 };

struct overview_approvals_watch {
	const struct overview_request *request;
	const struct overview *overview;
	struct fiber *fiber, *reader;
	bool *has_news;
	struct cluster *cluster; /* NULL: not open */
	struct arena cluster_arena;
	bool is_known;
	struct overview_approvals answer;
	struct arena arena; /* of the answer */
};

static void
close_cluster(struct overview_approvals_watch *watch)
{
	cluster_close(&watch->cluster);
	arena_release(&watch->cluster_arena);
}

/* Pipelines are asked of no cluster. */
static bool
open_cluster(struct overview_approvals_watch *watch, struct error *err)
{
	return watch->cluster != NULL || cd_knows_pipelines(watch->request->platform) ||
	       cluster_open(watch->request->http, watch->overview->environment->cluster, &watch->cluster_arena, &watch->cluster, err);
}

/* A connection that failed is not trusted with the next question. */
static void
ask(struct overview_approvals_watch *watch, struct arena *arena, struct overview_approvals *ret)
{
	struct overview_question question = {.request = watch->request, .overview = watch->overview, .arena = arena};
	if (!open_cluster(watch, &ret->trouble)) {
		close_cluster(watch);
		return;
	}
	question.kubernetes = watch->cluster != NULL ? watch->cluster->kubernetes : NULL;
	overview_ask_approvals(&question);
	overview_await_approvals(&question);
	*ret = question.answer;
	if (ret->trouble.code != ERROR_NONE)
		close_cluster(watch);
}

/* The last answer stands until there is another. */
static void
look(struct overview_approvals_watch *watch)
{
	struct arena arena = {0};
	struct overview_approvals answer = {0};
	ask(watch, &arena, &answer);
	if (fiber_is_cancelled()) {
		arena_release(&arena);
		return;
	}
	arena_release(&watch->arena);
	watch->arena = arena;
	watch->answer = answer;
	watch->is_known = *watch->has_news = true;
	fiber_wake(watch->reader);
}

static void
run(void *data)
{
	struct overview_approvals_watch *watch = data;
	do
		look(watch);
	while (fiber_sleep(watch->request->loop, watch->answer.count > 0 ? FAST_MS : SLOW_MS));
}

struct overview_approvals_watch *
overview_approvals_watch_start(const struct overview_request *request, const struct overview *overview, struct arena *arena,
                               bool *has_news)
{
	if (!overview_has_approvals(request, overview->environment))
		return NULL;
	struct overview_approvals_watch *watch = arena_new(arena, struct overview_approvals_watch);
	*watch = (struct overview_approvals_watch){
		.request = request, .overview = overview, .reader = fiber_current(), .has_news = has_news};
	watch->fiber = fiber_start(request->loop, run, watch);
	return watch;
}

struct overview_approvals *
overview_approvals_watch_look(struct overview_approvals_watch *watch)
{
	return watch != NULL && watch->is_known ? &watch->answer : NULL;
}

void
overview_approvals_watch_cancel(struct overview_approvals_watch *watch)
{
	if (watch != NULL)
		fiber_cancel(watch->fiber);
}

void
overview_approvals_watch_stop(struct overview_approvals_watch *watch)
{
	if (watch == NULL)
		return;
	fiber_join(watch->fiber);
	close_cluster(watch);
	arena_release(&watch->arena);
}
