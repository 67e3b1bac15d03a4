#include "core/fiaas/python.h"
#include "core/fiaas/rendering.h"

/* A number that would allow every pod to go is replaced by 1. */
static json_t *
build_max_unavailable(const struct rendering *rendering)
{
	const struct fiaas_int_or_text *wanted = &rendering->options->pdb_max_unavailable;
	if (wanted->text == NULL && wanted->number >= python_number(rendering->spec->minimum))
		return json_integer(1);
	return rendering_int_or_text(wanted);
}

bool
render_disruption_budget(struct rendering *rendering, json_t *objects)
{
	const struct fiaas_spec *spec = rendering->spec;
	if (!rendering_is_several(rendering, spec->minimum) ||
	    !rendering_is_several(rendering, spec->maximum))
		return !rendering->failed;
	json_t *metadata = rendering_metadata(
		rendering, FIAAS_OBJECT_POD_DISRUPTION_BUDGET, rendering->application->name,
		rendering_annotations(rendering, FIAAS_OBJECT_POD_DISRUPTION_BUDGET));
	return rendering_append(
		objects, json_pack("{s:s, s:s, s:o, s:{s:o, s:{s:o}, s:s}}", "apiVersion", "policy/v1", "kind",
	                           "PodDisruptionBudget", "metadata", metadata, "spec", "maxUnavailable",
	                           build_max_unavailable(rendering), "selector", "matchLabels",
	                           rendering_selector(rendering), "unhealthyPodEvictionPolicy",
	                           rendering->options->pdb_unhealthy_pod_eviction_policy));
}
