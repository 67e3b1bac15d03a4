#include "api/kubernetes/client.h"
#include "base/fiber.h"
#include "core/deploy/overview_fold.h"
#include "core/deploy/overview_parts.h"
#include "data/platform.h"

enum { AT_ONCE = 4 };

/* An empty list does not tell an empty namespace from none. */
bool
overview_check_namespace(const struct overview *overview, struct kubernetes *kubernetes, struct error *err)
{
	json_t *namespace = NULL;
	struct error trouble = {0};
	if (overview->n_apps > 0 || overview->pods > 0 ||
	    kubernetes_get(kubernetes, &kubernetes_namespaces, NULL, overview->namespace, &namespace, &trouble)) {
		json_decref(namespace);
		return true;
	}
	if (trouble.code != ERROR_NOT_FOUND)
		return true; /* often only its contents are ours to read */
	error_put(err, ERROR_NOT_FOUND, "cluster %s has no namespace \"%s\"", overview->environment->cluster_name,
	          overview->namespace);
	return error_next(err, "paas status --team NAME, which looks where the platform file says");
}

struct examination {
	struct status_subject subject;
	struct arena *arena;
	struct overview_app *app;
	struct fiber *fiber;
};

static void
examine(void *data)
{
	struct examination *examination = data;
	struct status_row *row = arena_new(examination->arena, struct status_row);
	struct overview_app *app = examination->app;
	struct error ignored; /* the row says already that it is unwell */
	if (!status_examine(&examination->subject, examination->arena, row, &ignored))
		return;
	app->examined = row;
	if (status_is_unwell(row->state))
		app->state = row->state;
}

void
overview_examine(struct loop *loop, struct kubernetes *kubernetes, struct overview *overview, struct arena *arena)
{
	struct examination examinations[AT_ONCE];
	overview->n_worth = overview->n_unwell + overview->n_under_way;
	size_t count = overview->n_worth < OVERVIEW_EXAMINED_MAX ? overview->n_worth : OVERVIEW_EXAMINED_MAX;
	for (size_t first = 0; first < count && !fiber_is_cancelled(); first += AT_ONCE) {
		size_t n = count - first < AT_ONCE ? count - first : AT_ONCE;
		for (size_t i = 0; i < n; i++) {
			struct overview_app *app = &overview->apps[first + i];
			examinations[i] = (struct examination){
				.subject = {.loop = loop, .kubernetes = kubernetes, .environment = overview->environment,
				            .namespace = overview->namespace, .name = app->name, .pods = app->samples,
				            .n_pods = app->n_samples},
				.arena = arena, .app = app,
			};
			examinations[i].fiber = fiber_start(loop, examine, &examinations[i]);
		}
		for (size_t i = 0; i < n; i++)
			fiber_join(examinations[i].fiber);
		overview->n_examined += n;
	}
	overview_order(overview);
}
