#include "core/difference/releases.h"

#include <string.h>

#include "core/fiaas/render.h"
#include "data/json.h"
#include "data/platform.h"

struct comparison {
	const struct releases_request *request;
	struct differences *ret;
	struct fiaas_options options;
	const char *reason;
};

/* ---- what is described ---- */

static json_t *
describe(const struct releases_request *request, const struct reference *reference)
{
	return json_pack("{s:s, s:s, s:{s:s}, s:{s:s?, s:O, s:O*, s:O*}}", "apiVersion", "fiaas.schibsted.io/v1", "kind",
	                 "Application", "metadata", "name", request->name, "spec", "image", reference->image, "config",
	                 reference->config, "additional_labels", reference->labels, "additional_annotations",
	                 reference->annotations);
}

static void
compare(struct comparison *comparison, const json_t *before, const json_t *after)
{
	struct object_difference object = {.reason = comparison->reason};
	object_describe(&object, before != NULL ? before : after, comparison->ret->arena);
	object_compare(&object, before, after, comparison->ret->arena);
	differences_add(comparison->ret, &object);
}

static void
compare_descriptions(struct comparison *comparison)
{
	scoped(json_release) json_t *before = describe(comparison->request, comparison->request->before);
	scoped(json_release) json_t *after = describe(comparison->request, comparison->request->after);
	compare(comparison, before, after);
}

/* ---- the objects ---- */

static bool
render(struct comparison *comparison, const struct reference *reference, json_t **ret, struct error *err)
{
	static const struct fiaas_cluster_state empty_namespace;
	const struct releases_request *request = comparison->request;
	enum fiaas_outcome outcome;
	struct fiaas_application application = {
		.name = request->name, .namespace = request->namespace, .image = reference->image,
		.deployment_id = "unreleased", .config = reference->config, .additional_labels = reference->labels,
		.additional_annotations = reference->annotations,
	};
	return fiaas_render(&application, &comparison->options, &empty_namespace, comparison->ret->arena, ret, &outcome, err) ||
	       error_doing(err, "rendering release %s for %s", reference->text, request->environment->name);
}

static json_t *
find_kind(const json_t *objects, const char *kind)
{
	json_t *object;
	size_t i;
	json_array_foreach (objects, i, object)
		if (strcmp(json_text_or(object, "kind", ""), kind) == 0)
			return object;
	return NULL;
}

/* Bindings get their names from the server: they are told apart by their role. */
static bool
is_same(const json_t *one, const json_t *other)
{
	static const char *const paths[] = {"kind", "metadata.name", "roleRef.kind", "roleRef.name"};
	bool is_equal = true;
	for (size_t i = 0; i < array_length(paths); i++)
		is_equal &= strcmp(json_text_or(one, paths[i], ""), json_text_or(other, paths[i], "")) == 0;
	return is_equal;
}

static json_t *
find_same(const json_t *objects, const json_t *object)
{
	json_t *other;
	size_t i;
	json_array_foreach (objects, i, other)
		if (is_same(other, object))
			return other;
	return NULL;
}

/* Where an autoscaler owns the number of replicas on both sides, what it begins with is no difference. */
static void
leave_replicas(const json_t *before, const json_t *after)
{
	static const char autoscaler[] = "HorizontalPodAutoscaler";
	if (find_kind(before, autoscaler) == NULL || find_kind(after, autoscaler) == NULL)
		return;
	json_object_del(json_at(find_kind(before, "Deployment"), "spec"), "replicas");
	json_object_del(json_at(find_kind(after, "Deployment"), "spec"), "replicas");
}

static bool
compare_objects(struct comparison *comparison, struct error *err)
{
	scoped(json_release) json_t *before = NULL;
	scoped(json_release) json_t *after = NULL;
	json_t *object;
	size_t i;
	if (!render(comparison, comparison->request->before, &before, err) ||
	    !render(comparison, comparison->request->after, &after, err))
		return false;
	leave_replicas(before, after);
	json_array_foreach (before, i, object)
		compare(comparison, object, find_same(after, object));
	json_array_foreach (after, i, object)
		if (find_same(before, object) == NULL)
			compare(comparison, NULL, object);
	return true;
}

/* ---- pod templates ---- */

static bool
template_of(struct comparison *comparison, const struct reference *reference, json_t **ret, struct error *err)
{
	scoped(json_release) json_t *objects = NULL;
	json_t *template = reference->template;
	if (template == NULL) {
		if (!render(comparison, reference, &objects, err))
			return false;
		template = json_at(find_kind(objects, "Deployment"), "spec.template");
	}
	*ret = json_pack("{s:s, s:s, s:{s:s}, s:{s:O*}}", "apiVersion", "apps/v1", "kind", "Deployment", "metadata", "name",
	                 comparison->request->name, "spec", "template", template);
	return true;
}

static bool
compare_templates(struct comparison *comparison, struct error *err)
{
	scoped(json_release) json_t *before = NULL;
	scoped(json_release) json_t *after = NULL;
	const struct reference *known = comparison->request->before->template != NULL ? comparison->request->before
	                                                                             : comparison->request->after;
	differences_caution(comparison->ret, "of release %s the cluster keeps the pod template only: nothing else is compared",
	                    known->text);
	if (!template_of(comparison, comparison->request->before, &before, err) ||
	    !template_of(comparison, comparison->request->after, &after, err))
		return false;
	compare(comparison, before, after);
	return true;
}

bool
releases_compare(const struct releases_request *request, struct differences *ret, struct error *err)
{
	struct comparison comparison = {
		.request = request, .ret = ret,
		.reason = arena_printf(ret->arena, "both are taken as the operator of %s makes them", request->environment->name),
	};
	scoped(json_release) json_t *values = platform_fiaas_options(request->environment->cluster);
	fiaas_options_init(&comparison.options);
	if (!fiaas_options_set_json(&comparison.options, values, ret->arena, err))
		return error_doing(err, "reading the operator's options of cluster %s", request->environment->cluster->name);
	if (request->before->template != NULL || request->after->template != NULL)
		return compare_templates(&comparison, err);
	compare_descriptions(&comparison);
	bool is_fine = compare_objects(&comparison, err);
	differences_sort(ret);
	return is_fine;
}
