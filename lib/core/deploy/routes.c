#include "core/deploy/routes.h"

#include "api/kubernetes/client.h"
#include "data/json.h"

static const struct kubernetes_resource endpoints_resource = {"", "v1", "endpoints", "Endpoints", false};

static json_t *
get(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const char *namespace, const char *name)
{
	json_t *object = NULL;
	struct error ignored;
	return kubernetes_get(kubernetes, resource, namespace, name, &object, &ignored) ? object : NULL;
}

const char *
routes_look(struct kubernetes *kubernetes, const char *namespace, const char *name, struct arena *arena)
{
	scoped(json_release) json_t *service = get(kubernetes, &kubernetes_services, namespace, name);
	scoped(json_release) json_t *endpoints = service ? get(kubernetes, &endpoints_resource, namespace, name) : NULL;
	scoped(json_release) json_t *ingress = get(kubernetes, &kubernetes_ingresses, namespace, name);
	if (endpoints && json_at(service, "spec.selector") && !json_at(endpoints, "subsets.0"))
		return arena_printf(arena, "Service %s has no endpoints, though the pods are healthy: compare its selector "
		                    "with their labels: kubectl describe service %s -n %s", name, name, namespace);
	if (ingress && !json_at(ingress, "status.loadBalancer.ingress.0"))
		return arena_printf(arena, "Ingress %s has no address yet: kubectl describe ingress %s -n %s", name, name,
		                    namespace);
	return NULL;
}
