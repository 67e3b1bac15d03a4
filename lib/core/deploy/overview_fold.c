#include "core/deploy/overview_fold.h"

#include <stdlib.h>
#include <string.h>

const char *const overview_application_columns[] = {"Name", "Age"};
const char *const overview_deployment_columns[] = {"Name", "Ready", "Up-to-date", "Age"};
const char *const overview_pod_columns[] = {"Name", "Ready", "Status", "Restarts", "Age"};

/* ---- cells ---- */

enum { COUNT_MAX = 1000 * 1000 * 1000, AGE_COUNT_MAX = 100 * 1000 };

/* A number at the start of a cell; what no cluster has is 0. */
static int64_t
count_of(const char *text, const char **ret_end)
{
	char *end;
	long long count = strtoll(text, &end, 10);
	*ret_end = end;
	return count < 0 || count > COUNT_MAX ? 0 : count;
}

/* "3/4" */
static void
read_ready(const char *cell, int64_t *ret_ready, int64_t *ret_desired)
{
	const char *end;
	*ret_ready = count_of(cell, &end);
	*ret_desired = *end == '/' ? count_of(end + 1, &end) : 0;
}

static const int64_t AGE_MAX_MS = (int64_t)1 << 50;

int64_t
overview_parse_age_ms(const char *text)
{
	static const char units[] = "smhdy";
	static const int64_t unit_ms[] = {1000, 60 * 1000, 3600 * 1000, 86400 * 1000, (int64_t)365 * 86400 * 1000};
	int64_t age_ms = 0;
	if (*text == '\0')
		return -1;
	while (*text != '\0') {
		char *end;
		long long count = strtoll(text, &end, 10);
		const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
		if (end == text || unit == NULL || count < 0 || count > AGE_COUNT_MAX || age_ms > AGE_MAX_MS)
			return -1;
		age_ms += count * unit_ms[unit - units];
		text = end + 1;
	}
	return age_ms;
}

/* ---- applications and deployments ---- */

/* What a server may make us keep of an application is bounded: names and ids as Kubernetes bounds
 * them, words as long as anybody reads. */
enum { NAME_MAX_BYTES = 253, ID_MAX_BYTES = 63, WORD_MAX_BYTES = 80 };

static void
add_found(struct overview_fold *fold, struct overview_found **list, size_t *n, const struct overview_app *app)
{
	bool is_name = *app->name != '\0' && strlen(app->name) <= NAME_MAX_BYTES;
	if (!is_name || ++*n > OVERVIEW_APPS_MAX)
		return;
	struct overview_found *found = arena_new(fold->arena, struct overview_found);
	*found = (struct overview_found){.next = *list, .app = *app};
	found->app.name = arena_strdup(fold->arena, app->name);
	found->app.deployment_id = arena_strndup(fold->arena, app->deployment_id, strnlen(app->deployment_id, ID_MAX_BYTES));
	found->app.word = "";
	*list = found;
}

static size_t
kept_of(size_t n)
{
	return n < OVERVIEW_APPS_MAX ? n : OVERVIEW_APPS_MAX;
}

void
overview_forget_applications(struct overview_fold *fold)
{
	fold->applications = NULL;
	fold->n_applications = 0;
}

void
overview_fold_application(struct overview_fold *fold, const char *const *cells)
{
	struct overview_app app = {.name = cells[0], .has_application = true, .age_ms = overview_parse_age_ms(cells[1]),
	                           .deployment_id = cells[OVERVIEW_APPLICATION_CELLS]};
	add_found(fold, &fold->applications, &fold->n_applications, &app);
}

void
overview_forget_deployments(struct overview_fold *fold)
{
	fold->deployments = NULL;
	fold->n_deployments = 0;
}

void
overview_fold_deployment(struct overview_fold *fold, const char *const *cells)
{
	const char *end;
	struct overview_app app = {.name = cells[0], .has_deployment = true, .updated = count_of(cells[2], &end),
	                           .age_ms = overview_parse_age_ms(cells[3]),
	                           .deployment_id = cells[OVERVIEW_DEPLOYMENT_CELLS]};
	read_ready(cells[1], &app.ready, &app.desired);
	add_found(fold, &fold->deployments, &fold->n_deployments, &app);
}

static int
compare_names(const void *a, const void *b)
{
	const struct overview_app *left = a, *right = b;
	int order = strcmp(left->name, right->name);
	return order != 0 ? order : (int)right->has_deployment - (int)left->has_deployment;
}

/* A Deployment and the Application of its name. */
static void
merge(struct overview_app *app, const struct overview_app *application)
{
	app->has_application |= application->has_application;
	app->is_behind = *application->deployment_id != '\0' && strcmp(app->deployment_id, application->deployment_id) != 0;
	app->deployment_id = application->deployment_id;
}

void
overview_index(struct overview_fold *fold)
{
	struct overview *overview = fold->overview;
	size_t n = 0, n_kept = 0, n_deployments = kept_of(fold->n_deployments), n_applications = kept_of(fold->n_applications);
	overview->apps = arena_array(fold->arena, struct overview_app, n_deployments + n_applications + 1);
	overview->n_dropped = fold->n_deployments - n_deployments + fold->n_applications - n_applications;
	for (const struct overview_found *found = fold->deployments; found != NULL; found = found->next)
		overview->apps[n++] = found->app;
	for (const struct overview_found *found = fold->applications; found != NULL; found = found->next)
		overview->apps[n++] = found->app;
	qsort(overview->apps, n, sizeof *overview->apps, compare_names);
	for (size_t i = 0; i < n; i++) {
		struct overview_app *last = n_kept > 0 ? &overview->apps[n_kept - 1] : NULL;
		if (last != NULL && strcmp(last->name, overview->apps[i].name) == 0)
			merge(last, &overview->apps[i]);
		else
			overview->apps[n_kept++] = overview->apps[i];
	}
	overview->n_apps = n_kept;
}

/* ---- pods ---- */

enum { POD_NAME_MAX = 63, POD_BASE_MAX = 58 /* what a generated name keeps: apiserver/pkg/storage/names */ };

static int
compare_key(const void *key, const void *app)
{
	return strcmp(key, ((const struct overview_app *)app)->name);
}

/* Names at the limit lost the end of "NAME-REVISION-": the longest name that fits what is left. */
static struct overview_app *
owner_of_cut(const struct overview *overview, const char *pod)
{
	struct overview_app *owner = NULL;
	for (size_t i = 0; i < overview->n_apps; i++) {
		const char *name = overview->apps[i].name;
		size_t length = strlen(name), compared = length < POD_BASE_MAX ? length : POD_BASE_MAX;
		bool is_whole_word = length >= POD_BASE_MAX || pod[length] == '-';
		if (is_whole_word && strncmp(name, pod, compared) == 0 && (owner == NULL || length > strlen(owner->name)))
			owner = &overview->apps[i];
	}
	return owner;
}

static struct overview_app *
owner_of(const struct overview *overview, const char *pod)
{
	char name[POD_NAME_MAX + 1];
	size_t length = strlen(pod);
	if (length > POD_NAME_MAX)
		return NULL;
	memcpy(name, pod, length + 1);
	for (unsigned i = 0; i < 2; i++) {
		char *dash = strrchr(name, '-');
		if (dash == NULL)
			return NULL;
		*dash = '\0';
	}
	struct overview_app *owner = bsearch(name, overview->apps, overview->n_apps, sizeof *overview->apps, compare_key);
	return owner == NULL && length == POD_NAME_MAX ? owner_of_cut(overview, pod) : owner;
}

enum pod_state { POD_READY, POD_STARTING, POD_ENDED, POD_UNWELL };

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* By what `kubectl get pods` shows: pkg/printers/internalversion, printPod. */
static enum pod_state
pod_state_of(const char *const *cells, int64_t restarts)
{
	static const char *const ended[] = {"Completed", "Succeeded", "Terminating", NULL};
	static const char *const starting[] = {"Pending", "ContainerCreating", "PodInitializing", "Running", NULL};
	const char *word = cells[2];
	int64_t ready, wanted, age_ms = overview_parse_age_ms(cells[4]);
	read_ready(cells[1], &ready, &wanted);
	if (is_one_of(word, ended))
		return POD_ENDED;
	if (strcmp(word, "Running") == 0 && wanted > 0 && ready >= wanted)
		return POD_READY;
	bool is_starting = is_one_of(word, starting) || (strncmp(word, "Init:", 5) == 0 && word[5] >= '0' && word[5] <= '9');
	bool is_patient = age_ms >= 0 && age_ms < OVERVIEW_PATIENCE_MS && restarts == 0;
	return is_starting && is_patient ? POD_STARTING : POD_UNWELL;
}

void
overview_forget_pods(struct overview_fold *fold)
{
	struct overview *overview = fold->overview;
	overview->pods = overview->pods_ready = overview->pods_unwell = overview->others = overview->others_unwell = 0;
	for (size_t i = 0; i < overview->n_apps; i++) {
		struct overview_app *app = &overview->apps[i];
		app->pods = app->pods_ready = app->pods_starting = app->pods_unwell = app->restarts = 0;
		app->word = "";
		app->n_samples = 0;
	}
}

static void
add_unwell(struct overview_fold *fold, struct overview_app *app, const char *const *cells)
{
	/* A running pod that is not ready says least of what is wrong. */
	char word[WORD_MAX_BYTES + 1];
	bool says_little = *app->word == '\0' || strcmp(app->word, "Running") == 0;
	error_copy_text(word, sizeof word, cells[2]);
	if (says_little && strcmp(app->word, word) != 0)
		app->word = arena_strdup(fold->arena, word);
	if (app->n_samples < OVERVIEW_SAMPLES)
		app->samples[app->n_samples++] = arena_strdup(fold->arena, cells[0]);
}

void
overview_fold_pod(struct overview_fold *fold, const char *const *cells)
{
	struct overview *overview = fold->overview;
	struct overview_app *app = owner_of(overview, cells[0]);
	const char *end;
	int64_t restarts = count_of(cells[3], &end);
	enum pod_state state = pod_state_of(cells, restarts);
	overview->pods++;
	overview->pods_ready += state == POD_READY;
	overview->pods_unwell += state == POD_UNWELL;
	if (app == NULL || !app->has_deployment) {
		overview->others++;
		overview->others_unwell += state == POD_UNWELL;
		return;
	}
	app->pods++;
	app->restarts += restarts;
	app->pods_ready += state == POD_READY;
	app->pods_starting += state == POD_STARTING;
	app->pods_unwell += state == POD_UNWELL;
	if (state == POD_UNWELL)
		add_unwell(fold, app, cells);
}

/* ---- states ---- */

static enum status_state
state_of(const struct overview_app *app)
{
	bool is_young = app->age_ms >= 0 && app->age_ms < OVERVIEW_PATIENCE_MS;
	if (!app->has_deployment)
		return is_young ? STATUS_ROLLING : STATUS_FAILED;
	if (app->desired == 0 && !app->is_behind)
		return STATUS_STOPPED;
	if (app->is_behind && app->pods_unwell == 0)
		return STATUS_ROLLING;
	/* Pods that failed and were replaced lie about for long, and harm nobody. */
	if (app->ready >= app->desired && app->updated >= app->desired)
		return STATUS_HEALTHY;
	if (app->pods_unwell > 0)
		return STATUS_UNHEALTHY;
	return app->pods_starting > 0 || is_young ? STATUS_ROLLING : STATUS_UNHEALTHY;
}

static int
rank_of(const struct overview_app *app)
{
	return status_is_unwell(app->state) ? 0 : app->state == STATUS_ROLLING ? 1 : 2;
}

static int
compare_ranks(const void *a, const void *b)
{
	int order = rank_of(a) - rank_of(b);
	return order != 0 ? order : compare_names(a, b);
}

void
overview_order(struct overview *overview)
{
	overview->n_unwell = overview->n_under_way = 0;
	for (size_t i = 0; i < overview->n_apps; i++) {
		overview->n_unwell += rank_of(&overview->apps[i]) == 0;
		overview->n_under_way += rank_of(&overview->apps[i]) == 1;
	}
	qsort(overview->apps, overview->n_apps, sizeof *overview->apps, compare_ranks);
}

void
overview_judge(struct overview_fold *fold)
{
	struct overview *overview = fold->overview;
	for (size_t i = 0; i < overview->n_apps; i++)
		overview->apps[i].state = state_of(&overview->apps[i]);
	overview_order(overview);
}
