#include "core/fiaas/render.h"

#include <stdarg.h>
#include <string.h>

#include "core/fiaas/python.h"
#include "core/fiaas/rendering.h"

json_t *
rendering_fail(struct rendering *rendering, const char *format, ...)
{
	va_list args;
	if (rendering->failed)
		return NULL;
	rendering->failed = true;
	va_start(args, format);
	error_put(rendering->err, ERROR_INVALID_SPEC, "%s",
	          arena_vprintf(rendering->arena, format, args));
	va_end(args);
	return NULL;
}

bool
rendering_append(json_t *objects, json_t *object)
{
	return json_array_append_new(objects, object) == 0;
}

/* ---- metadata ---- */

/* Low to high: the config's, the Application's global ones, the Application's for this object. */
static json_t *
merge_maps(const json_t *of_config, const json_t *additional, enum fiaas_object object)
{
	json_t *map = of_config != NULL ? json_copy(json_borrow(of_config)) : json_object();
	json_object_update(map, json_object_get(additional, "global"));
	json_object_update(map, json_object_get(additional, fiaas_object_names[object]));
	return map;
}

json_t *
rendering_annotations(const struct rendering *rendering, enum fiaas_object object)
{
	return merge_maps(rendering->spec->annotations[object],
	                  rendering->application->additional_annotations, object);
}

json_t *
rendering_labels(const struct rendering *rendering, enum fiaas_object object)
{
	json_t *labels =
		merge_maps(rendering->spec->labels[object], rendering->application->additional_labels, object);
	json_object_update(labels, rendering->managed_labels);
	return labels;
}

json_t *
rendering_metadata(const struct rendering *rendering, enum fiaas_object object, const char *name,
                   json_t *annotations)
{
	if (json_object_size(annotations) == 0) {
		json_decref(annotations);
		annotations = NULL;
	}
	return json_pack("{s:s, s:s, s:o, s:o*, s:o*}", "name", name, "namespace",
	                 rendering->application->namespace, "labels", rendering_labels(rendering, object),
	                 "annotations", annotations, "ownerReferences", json_deep_copy(rendering->owners));
}

json_t *
rendering_selector(const struct rendering *rendering)
{
	return json_pack("{s:s}", "app", rendering->application->name);
}

json_t *
rendering_int_or_text(const struct fiaas_int_or_text *value)
{
	return value->text != NULL ? json_string(value->text) : json_integer(value->number);
}

/* ---- decisions several kinds share ---- */

bool
rendering_is_several(struct rendering *rendering, const json_t *value)
{
	if (python_is_number(value))
		return python_number(value) > 1;
	rendering_fail(rendering, "'>' not supported between instances of '%s' and 'int'",
	               python_type_name(value));
	return false;
}

bool
rendering_has_autoscaler(struct rendering *rendering)
{
	const struct fiaas_spec *spec = rendering->spec;
	return spec->is_autoscaled && rendering_is_several(rendering, spec->maximum) &&
	       spec->requests.cpu != NULL && !rendering->state->has_best_effort_quota;
}

/* ---- the whole ---- */

typedef bool object_kind(struct rendering *rendering, json_t *objects);

static object_kind *const kinds[] = {
	render_service_account, render_role_bindings, render_service,           render_ingresses,
	render_deployment,      render_autoscaler,    render_disruption_budget,
};

/* The part after the last colon, even of a digest or of a registry's port. */
static bool
begin(struct rendering *rendering)
{
	const struct fiaas_application *application = rendering->application;
	const char *deployed_by = rendering->options->fiaas_version;
	const char *colon = strrchr(application->image, ':');
	if (colon == NULL) {
		rendering_fail(rendering,
		               "Version must be specified for docker image aka image:version");
		return false;
	}
	rendering->version = colon + 1;
	rendering->managed_labels =
		json_pack("{s:s, s:s, s:s, s:s}", "app", application->name, "fiaas/version",
	                  rendering->version, "fiaas/deployment_id", application->deployment_id,
	                  "fiaas/deployed_by", deployed_by == NULL ? "" : deployed_by);
	if (application->uid != NULL)
		rendering->owners = json_pack("[{s:s, s:s, s:s, s:s, s:b, s:b}]", "apiVersion",
		                              "fiaas.schibsted.io/v1", "kind", "Application", "name",
		                              application->name, "uid", application->uid, "controller", 1,
		                              "blockOwnerDeletion", 1);
	return rendering->managed_labels != NULL;
}

static json_t *
render_all(struct rendering *rendering)
{
	json_t *objects = json_array();
	rendering->kept = json_array();
	rendering->default_path = json_string("/");
	bool done = begin(rendering);
	for (size_t i = 0; done && i < array_length(kinds); i++)
		done = kinds[i](rendering, objects) && !rendering->failed;
	json_decref(rendering->managed_labels);
	json_decref(rendering->owners);
	json_decref(rendering->kept);
	json_decref(rendering->default_path);
	if (done)
		return objects;
	json_decref(objects);
	return rendering_fail(rendering, "a name, image, id or option is not valid UTF-8");
}

bool
fiaas_render(const struct fiaas_application *application, const struct fiaas_options *options,
             const struct fiaas_cluster_state *state, struct arena *arena, json_t **ret_objects,
             enum fiaas_outcome *ret_outcome, struct error *err)
{
	struct fiaas_spec spec;
	if (!fiaas_spec_parse(application->config, options, arena, &spec, err)) {
		*ret_outcome = FIAAS_INVALID;
		return false;
	}
	struct rendering rendering = {
		.application = application,
		.options = options,
		.state = state,
		.spec = &spec,
		.arena = arena,
		.err = err,
	};
	json_t *objects = render_all(&rendering);
	fiaas_spec_release(&spec);
	if (objects == NULL) {
		*ret_outcome = FIAAS_DEPLOY_ERROR;
		return false;
	}
	*ret_outcome = FIAAS_ACCEPTED;
	*ret_objects = objects;
	return true;
}
