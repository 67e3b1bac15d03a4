/* Between the parts of the world: what they share, and the one function each offers. */
#ifndef PAAS_SANDBOX_WORLD_PARTS_H
#define PAAS_SANDBOX_WORLD_PARTS_H

#include "sandbox/world/item.h"
#include "sandbox/world/queue.h"
#include "sandbox/world/world.h"

#define WORLD_KINDS(_) \
	_(NAMESPACE, "v1", "Namespace") \
	_(NODE, "v1", "Node") \
	_(POD, "v1", "Pod") \
	_(SERVICE, "v1", "Service") \
	_(ENDPOINTS, "v1", "Endpoints") \
	_(EVENT, "v1", "Event") \
	_(CONFIG_MAP, "v1", "ConfigMap") \
	_(SECRET, "v1", "Secret") \
	_(SERVICE_ACCOUNT, "v1", "ServiceAccount") \
	_(RESOURCE_QUOTA, "v1", "ResourceQuota") \
	_(DEPLOYMENT, "apps/v1", "Deployment") \
	_(REPLICA_SET, "apps/v1", "ReplicaSet") \
	_(ENDPOINT_SLICE, "discovery.k8s.io/v1", "EndpointSlice") \
	_(INGRESS, "networking.k8s.io/v1", "Ingress") \
	_(AUTOSCALER, "autoscaling/v1", "HorizontalPodAutoscaler") \
	_(POD_METRICS, "metrics.k8s.io/v1beta1", "PodMetrics") \
	_(APPLICATION, "fiaas.schibsted.io/v1", "Application") \
	_(APPLICATION_STATUS, "fiaas.schibsted.io/v1", "ApplicationStatus")

enum world_kind {
#define _(constant, api_version, kind) KIND_##constant,
	WORLD_KINDS(_)
#undef _
	KIND_COUNT,
};

struct world {
	struct loop *loop;
	struct store *store;
	struct world_options options;
	const struct resource *kinds[KIND_COUNT];
	struct store_listener listener;
	struct queue queue;
	struct loop_timer timer;
	json_t *pods;     /* what kubelets remember: pod uid -> record (world/pod.h) */
	json_t *armed;    /* "namespace/app" -> {cause: how often it still strikes, -1 = always} */
	json_t *operator; /* {"queue": [key], "checks": {key: …}, "logs": {id: […]}} */
	json_t *pulled;   /* "node image" -> true */
	uint64_t random;
};

/* Access to the store by kind. Names are those of borrowed objects. */
const json_t *world_get(const struct world *world, enum world_kind kind, const char *namespace,
                        const char *name);
/* Steals `object`; sets its apiVersion and kind. */
const json_t *world_put(struct world *world, enum world_kind kind, json_t *object);
bool world_delete(struct world *world, enum world_kind kind, const json_t *object);
/* New references: a list of the kind's objects (not to be changed), or of those whose controller
 * has `owner_uid`; a copy that may be changed. */
json_t *world_list(const struct world *world, enum world_kind kind, const char *namespace,
                   const char *owner_uid);
json_t *world_copy(const json_t *object);

/* Comes back to this key after `delay_ms`; an earlier visit that is due already stays. */
void world_visit(struct world *world, enum queue_worker worker, const char *namespace,
                 const char *name, int64_t delay_ms);
/* `length` characters of the alphabet that Kubernetes makes names of, NUL-terminated. */
void world_random_name(struct world *world, char *ret, size_t length);

/* Events: same object, reason and message are counted together, as the recorder does. */
struct world_event {
	const json_t *about;
	enum world_kind kind;
	const char *type;       /* "Normal" or "Warning" */
	const char *reason;
	const char *component;  /* "kubelet", "deployment-controller", … */
	const char *host;       /* "" where none */
	const char *field_path; /* "spec.containers{app}", "" where none */
};
void world_record_event(struct world *world, const struct world_event *event, const char *format,
                        ...) printf_like(3, 4);

/* The workers: one visit each (queue.h names them). */
void deployment_visit(struct world *world, const char *namespace, const char *name);
void replica_set_visit(struct world *world, const char *namespace, const char *name);
void pod_visit(struct world *world, const char *namespace, const char *name);
void service_visit(struct world *world, const char *namespace, const char *name);
void ingress_visit(struct world *world, const char *namespace, const char *name);
void autoscaler_visit(struct world *world, const char *namespace, const char *name);
void application_visit(struct world *world, const char *namespace, const char *name);
void operator_visit(struct world *world, const char *namespace, const char *name);

/* Why the API would refuse to create `pod`; false when it would not. */
bool admission_refuses(struct world *world, const json_t *pod, struct buf *ret_message);
/* What mutating admission does to a pod that is about to be made. */
void admission_change(struct world *world, json_t *pod);
/* The node for `pod`, or NULL with the scheduler's words in `ret_message`. */
const json_t *scheduler_choose(struct world *world, const json_t *pod, struct buf *ret_message);

/* Lost nodes come back when nothing keeps them away. */
void node_recover_all(struct world *world);

#endif
