/* Keeps a Deployment between the bounds of its HorizontalPodAutoscaler, as the controller does when it looks again; no load moves it. */
#include <string.h>

#include "sandbox/world/parts.h"

static void
rescale(struct world *world, const json_t *autoscaler, const json_t *deployment, int64_t wanted, const char *reason)
{
	const struct world_event event = {.about = autoscaler, .kind = KIND_AUTOSCALER, .type = "Normal", .reason = "SuccessfulRescale",
	                                  .component = "horizontal-pod-autoscaler", .host = "", .field_path = ""};
	json_t *changed = world_copy(deployment);
	item_set_integer(changed, "spec/replicas", wanted);
	world_record_event(world, &event, "New size: %lld; reason: %s", (long long)wanted, reason);
	world_put(world, KIND_DEPLOYMENT, changed);
}

/* A Deployment of no replicas is left alone: that turns the autoscaler off. */
void
autoscaler_visit(struct world *world, const char *namespace, const char *name)
{
	const json_t *autoscaler = world_get(world, KIND_AUTOSCALER, namespace, name);
	if (autoscaler == NULL || strcmp(item_text(autoscaler, "spec/scaleTargetRef/kind"), "Deployment") != 0)
		return;
	const json_t *deployment = world_get(world, KIND_DEPLOYMENT, namespace, item_text(autoscaler, "spec/scaleTargetRef/name"));
	int64_t replicas = deployment != NULL ? item_integer(deployment, "spec/replicas", 1) : 0;
	int64_t least = item_integer(autoscaler, "spec/minReplicas", 1), most = item_integer(autoscaler, "spec/maxReplicas", least);
	if (replicas > 0 && replicas < least)
		rescale(world, autoscaler, deployment, least, "Current number of replicas below Spec.MinReplicas");
	else if (replicas > most)
		rescale(world, autoscaler, deployment, most, "Current number of replicas above Spec.MaxReplicas");
}
