#include "core/difference/preview.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/fiber.h"
#include "core/deploy/submit.h"
#include "core/difference/application.h"
#include "core/difference/live.h"
#include "core/difference/rehearse.h"
#include "data/json.h"

enum { ATTEMPTS_MAX = 3 };

/* One object on its way from what is live to what would be. */
struct work {
	const struct preview_request *request;
	const struct kubernetes_resource *resource;
	struct arena *arena;
	const char *unsafe;    /* why the server must not be asked; NULL */
	json_t *wanted, *live; /* owned; NULL: to be deleted, not there */
	struct object_difference object;
	struct fiber *fiber;
	struct error err;
	bool is_fine;
};

struct plan {
	const struct preview_request *request;
	struct differences *ret;
	struct live live;
	json_t *rendered; /* owned */
	struct work *works;
	size_t n_works, capacity;
	const char *unsafe;
};

/* ---- one object ---- */

static bool
read_live(struct work *work, struct error *err)
{
	const json_t *known = work->live != NULL ? work->live : work->wanted;
	const char *name = arena_strdup(work->arena, json_text_at(known, "metadata.name"));
	struct error failure;
	json_decref(work->live);
	work->live = NULL;
	if (name == NULL ||
	    kubernetes_get(work->request->kubernetes, work->resource, work->request->release->namespace, name, &work->live,
	                   &failure) ||
	    failure.code == ERROR_NOT_FOUND)
		return true;
	*err = failure;
	return false;
}

/* What moves on and on is compared as it was last seen. */
static bool
ask_server(struct work *work, struct rehearsal *ret, struct error *err)
{
	*ret = (struct rehearsal){.reason = work->unsafe};
	for (int attempt = 0; work->unsafe == NULL && attempt < ATTEMPTS_MAX; attempt++) {
		if (!rehearse(work->request->kubernetes, work->resource, work->request->release->namespace, work->wanted,
		              work->live, work->arena, ret, err))
			return false;
		if (!ret->has_moved)
			return true;
		ret->reason = "somebody keeps changing it";
		if (!read_live(work, err))
			return false;
	}
	return true;
}

static bool
is_of_operator(const json_t *object)
{
	const json_t *owner;
	size_t i;
	json_array_foreach (json_list_at(object, "metadata.ownerReferences"), i, owner)
		if (strcmp(json_text_or(owner, "kind", ""), "Application") == 0)
			return true;
	return false;
}

/* An account or binding that is there and not the operator's stays as it is. */
static bool
is_left_alone(const struct work *work)
{
	bool may_be = work->resource == &kubernetes_service_accounts || work->resource == &kubernetes_role_bindings;
	return may_be && work->live != NULL && !is_of_operator(work->live);
}

static bool
settle(struct work *work, struct error *err)
{
	struct rehearsal rehearsal = {0};
	const json_t *after = work->wanted;
	bool is_alone = is_left_alone(work);
	if (work->wanted != NULL && !is_alone && !ask_server(work, &rehearsal, err))
		return false;
	work->object.reason = rehearsal.reason;
	work->object.refusal = rehearsal.refusal;
	if (is_alone)
		after = work->live;
	else if (rehearsal.answer != NULL && work->live != NULL)
		after = rehearsal.answer;
	object_compare(&work->object, work->live, after, work->arena);
	json_decref(rehearsal.answer);
	return true;
}

static void
run(void *data)
{
	struct work *work = data;
	/* The list has ingresses with the label of the application: one without it may be in the way. */
	bool must_look = work->live == NULL && work->wanted != NULL && strcmp(work->resource->kind, "Ingress") == 0;
	work->is_fine = (!must_look || read_live(work, &work->err)) && settle(work, &work->err);
}

/* ---- which ones ---- */

static bool
is_same_role(const json_t *one, const json_t *other)
{
	return strcmp(json_text_or(one, "roleRef.kind", ""), json_text_or(other, "roleRef.kind", "")) == 0 &&
	       strcmp(json_text_or(one, "roleRef.name", ""), json_text_or(other, "roleRef.name", "")) == 0;
}

static bool
is_same_name(const json_t *one, const json_t *other)
{
	return strcmp(json_text_or(one, "metadata.name", ""), json_text_or(other, "metadata.name", "")) == 0;
}

/* The element of a list that is the same object; borrowed, NULL when there is none. */
static json_t *
find_same(const json_t *list, const json_t *object)
{
	json_t *element;
	const char *kind = json_text_or(object, "kind", "");
	bool is_binding = strcmp(kind, "RoleBinding") == 0;
	size_t i;
	json_array_foreach (list, i, element)
		if (strcmp(json_text_or(element, "kind", ""), kind) == 0 &&
		    (is_binding ? is_same_role(element, object) : is_same_name(element, object)))
			return element;
	return NULL;
}

static json_t *
find_live(const struct live *live, const json_t *object)
{
	const struct { const char *kind; json_t *one, *list; } places[] = {
		{"ServiceAccount", live->account, NULL}, {"RoleBinding", NULL, live->bindings},
		{"Service", live->service, NULL}, {"Ingress", NULL, live->ingresses},
		{"Deployment", live->deployment, NULL}, {"HorizontalPodAutoscaler", live->autoscaler, NULL},
		{"PodDisruptionBudget", live->budget, NULL},
	};
	for (size_t i = 0; i < array_length(places); i++)
		if (strcmp(places[i].kind, json_text_or(object, "kind", "")) == 0)
			return places[i].list != NULL ? find_same(json_list_at(places[i].list, "items"), object) : places[i].one;
	return NULL;
}

/* `wanted` or `live` may be NULL, not both. */
static void
add_work(struct plan *plan, json_t *wanted, json_t *live)
{
	const json_t *known = wanted != NULL ? wanted : live;
	const char *api_version = json_text_or(known, "apiVersion", ""), *kind = json_text_or(known, "kind", "");
	const struct kubernetes_resource *resource = live_resource(api_version, kind);
	if (plan->n_works == plan->capacity || resource == NULL)
		return;
	struct work *work = &plan->works[plan->n_works++];
	*work = (struct work){.request = plan->request, .resource = resource, .arena = plan->ret->arena,
	                      .unsafe = plan->unsafe, .wanted = json_incref(wanted), .live = json_incref(live)};
	object_describe(&work->object, live != NULL ? live : wanted, plan->ret->arena);
}

/* The operator deletes what the release no longer has. */
static void
add_deletions(struct plan *plan)
{
	json_t *const ones[] = {plan->live.service, plan->live.autoscaler, plan->live.budget};
	json_t *object;
	size_t i;
	for (size_t k = 0; k < array_length(ones); k++)
		if (ones[k] != NULL && find_same(plan->rendered, ones[k]) == NULL)
			add_work(plan, NULL, ones[k]);
	json_array_foreach (json_list_at(plan->live.ingresses, "items"), i, object) {
		const json_t *labels = json_at(object, "metadata.labels");
		if (json_object_get(labels, "fiaas/deployment_id") != NULL && find_same(plan->rendered, object) == NULL)
			add_work(plan, NULL, object);
	}
	json_array_foreach (json_list_at(plan->live.bindings, "items"), i, object)
		if (is_of_operator(object) && find_same(plan->rendered, object) == NULL)
			add_work(plan, NULL, object);
}

static void
find_works(struct plan *plan)
{
	json_t *object;
	size_t i;
	plan->capacity = json_array_size(plan->rendered) + json_array_size(json_list_at(plan->live.ingresses, "items")) +
	                 json_array_size(json_list_at(plan->live.bindings, "items")) + 3;
	plan->works = arena_array(plan->ret->arena, struct work, plan->capacity);
	json_array_foreach (plan->rendered, i, object)
		add_work(plan, object, find_live(&plan->live, object));
	add_deletions(plan);
}

/* ---- all of them ---- */

static const char *
label_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(json_at(object, "metadata.labels"), key));
}

/* As the operator would: with the identity of what stands there, since that of a deploy is noise. */
static bool
render(struct plan *plan, struct error *err)
{
	const struct release *release = plan->request->release;
	const json_t *stored = plan->request->standing->application;
	const char *id = plan->request->standing->deployment_id;
	struct fiaas_options options = release->options;
	struct fiaas_cluster_state state = live_state(&plan->live);
	enum fiaas_outcome outcome;
	struct fiaas_application application = {
		.name = release->name, .namespace = release->namespace, .image = release->image,
		.deployment_id = *id != '\0' ? id : "unreleased", .uid = json_text_at(stored, "metadata.uid"),
		.config = release->config, .additional_labels = json_at(stored, "spec.additional_labels"),
		.additional_annotations = json_at(stored, "spec.additional_annotations"),
	};
	options.fiaas_version = label_of(plan->live.deployment, "fiaas/deployed_by");
	if (fiaas_render(&application, &options, &state, plan->ret->arena, &plan->rendered, &outcome, err))
		return true;
	error_put_next(err, "paas validate %s", release->spec_file);
	return error_from(err, "file", release->spec_file, "");
}

static bool
run_works(struct plan *plan, struct error *err)
{
	bool is_fine = true;
	for (size_t i = 0; i < plan->n_works; i++)
		plan->works[i].fiber = fiber_start(plan->request->loop, run, &plan->works[i]);
	for (size_t i = 0; i < plan->n_works; i++) {
		struct work *work = &plan->works[i];
		fiber_join(work->fiber);
		json_decref(work->wanted);
		json_decref(work->live);
		differences_add(plan->ret, &work->object);
		if (!work->is_fine && is_fine)
			*err = work->err;
		is_fine &= work->is_fine;
	}
	return is_fine;
}

bool
preview(const struct preview_request *request, struct differences *ret, struct error *err)
{
	const struct release *release = request->release;
	struct live_request reading = {.loop = request->loop, .kubernetes = request->kubernetes,
	                               .namespace = release->namespace, .name = release->name, .options = &release->options};
	struct plan plan = {.request = request, .ret = ret};
	scoped(live_release) struct live live = {0};
	if (!live_read(&reading, ret, &live, err))
		return false;
	plan.live = live;
	if (release->options.extension_hook_url != NULL)
		differences_caution(ret, "the operator's extension hook may change these objects");
	(void)rehearse_is_safe(live.version, ret->arena, &plan.unsafe);
	bool is_fine = application_compare(request, plan.unsafe, ret, err) && render(&plan, err);
	if (is_fine) {
		find_works(&plan);
		is_fine = run_works(&plan, err);
	}
	json_decref(plan.rendered);
	differences_sort(ret);
	return is_fine;
}
