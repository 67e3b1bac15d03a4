/* What a cell of `kubectl get` says of an object: new references, never NULL.  What the object
 * does not have is shown as kubectl shows it ("<none>", "<unknown>").
 * Source: pkg/printers/internalversion/printers.go of Kubernetes. */
#ifndef PAAS_SANDBOX_KUBERNETES_CELL_H
#define PAAS_SANDBOX_KUBERNETES_CELL_H

#include <jansson.h>

json_t *cell_age(const json_t *object);
json_t *cell_name(const json_t *object);
json_t *cell_data_count(const json_t *object);
json_t *cell_containers(const json_t *object);
json_t *cell_images(const json_t *object);
json_t *cell_match_labels(const json_t *object);
json_t *cell_pod_ready(const json_t *pod);
json_t *cell_pod_status(const json_t *pod);
json_t *cell_pod_restarts(const json_t *pod);
json_t *cell_deployment_ready(const json_t *object);
json_t *cell_service_ports(const json_t *service);
json_t *cell_service_external(const json_t *service);
json_t *cell_service_selector(const json_t *service);
json_t *cell_ingress_class(const json_t *ingress);
json_t *cell_ingress_hosts(const json_t *ingress);
json_t *cell_ingress_address(const json_t *ingress);
json_t *cell_ingress_ports(const json_t *ingress);
json_t *cell_endpoints_addresses(const json_t *object);
json_t *cell_event_last_seen(const json_t *event);
json_t *cell_event_object(const json_t *event);
json_t *cell_event_message(const json_t *event);
json_t *cell_node_status(const json_t *node);
json_t *cell_node_roles(const json_t *node);
json_t *cell_autoscaler_reference(const json_t *object);
json_t *cell_autoscaler_targets(const json_t *object);
json_t *cell_account_secrets(const json_t *account);

#endif
