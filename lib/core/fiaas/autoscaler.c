#include "core/fiaas/rendering.h"

bool
render_autoscaler(struct rendering *rendering, json_t *objects)
{
	const struct fiaas_spec *spec = rendering->spec;
	const char *name = rendering->application->name;
	if (!rendering_has_autoscaler(rendering))
		return true;
	json_t *metadata = rendering_metadata(
		rendering, FIAAS_OBJECT_HORIZONTAL_POD_AUTOSCALER, name,
		rendering_annotations(rendering, FIAAS_OBJECT_HORIZONTAL_POD_AUTOSCALER));
	return rendering_append(
		objects, json_pack("{s:s, s:s, s:o, s:{s:{s:s, s:s, s:s}, s:O, s:O, s:O}}", "apiVersion",
	                           "autoscaling/v1", "kind", "HorizontalPodAutoscaler", "metadata", metadata,
	                           "spec", "scaleTargetRef", "apiVersion", "apps/v1", "kind", "Deployment",
	                           "name", name, "minReplicas", spec->minimum, "maxReplicas", spec->maximum,
	                           "targetCPUUtilizationPercentage", spec->cpu_threshold));
}
