#include "base/buf.h"
#include "core/fiaas/python.h"
#include "core/fiaas/rendering.h"

enum { PORT_NAMES_MAX = 1 << 16 };

/* Kubernetes chose a node port once; FDD keeps it, by port name. */
static const json_t *
find_node_port(const json_t *live_service, const json_t *name)
{
	const json_t *ports = json_object_get(json_object_get(live_service, "spec"), "ports");
	for (size_t i = 0; i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);
		if (json_equal(json_object_get(port, "name"), name))
			return json_object_get(port, "nodePort");
	}
	return NULL;
}

static json_t *
build_ports(const struct rendering *rendering)
{
	json_t *ports = json_array();
	for (size_t i = 0; i < rendering->spec->n_ports; i++) {
		const struct fiaas_port *port = &rendering->spec->ports[i];
		json_array_append_new(
			ports, json_pack("{s:O, s:s, s:O, s:O, s:O*}", "name", port->name, "protocol", "TCP",
		                         "port", port->port, "targetPort", port->target_port, "nodePort",
		                         find_node_port(rendering->state->live_service, port->name)));
	}
	return ports;
}

static json_t *
build_annotations(const struct rendering *rendering)
{
	scoped(buf_release) struct buf names = BUF_INIT(PORT_NAMES_MAX);
	json_t *annotations = rendering_annotations(rendering, FIAAS_OBJECT_SERVICE);
	for (size_t i = 0; i < rendering->spec->n_ports; i++) {
		const struct fiaas_port *port = &rendering->spec->ports[i];
		if (port->protocol == FIAAS_PROTOCOL_TCP)
			buf_printf(&names, "%s%s", names.length == 0 ? "" : ",",
			           python_text(port->name, rendering->arena));
	}
	if (names.length > 0)
		json_object_set_new(annotations, "fiaas/tcp_port_names",
		                    json_stringn(names.bytes, names.length));
	return annotations;
}

bool
render_service(struct rendering *rendering, json_t *objects)
{
	const char *name = rendering->application->name;
	if (rendering->spec->n_ports == 0)
		return true;
	return rendering_append(
		objects, json_pack("{s:s, s:s, s:o, s:{s:s, s:o, s:s, s:o}}", "apiVersion", "v1", "kind",
	                           "Service", "metadata",
	                           rendering_metadata(rendering, FIAAS_OBJECT_SERVICE, name,
	                                              build_annotations(rendering)),
	                           "spec", "type", rendering->options->service_type, "selector",
	                           rendering_selector(rendering), "sessionAffinity", "None", "ports",
	                           build_ports(rendering)));
}
