#include <string.h>

#include "core/fiaas/pod.h"
#include "core/fiaas/python.h"

enum { GRACE_SECONDS = 30, REVISIONS_KEPT = 5 };

/* ---- parts ---- */

const char *
pod_volume_name(const struct rendering *rendering, const char *suffix)
{
	return arena_printf(rendering->arena, "%s-%s", rendering->application->name, suffix);
}

json_t *
pod_empty_dir(const struct rendering *rendering, const char *name)
{
	bool is_in_memory = rendering->options->use_in_memory_emptydirs;
	return json_pack("{s:s, s:{s:s*}}", "name", name, "emptyDir", "medium",
	                 is_in_memory ? "Memory" : NULL);
}

json_t *
pod_mount(const char *name, const char *path, bool is_read_only)
{
	json_t *mount = json_pack("{s:s, s:s}", "name", name, "mountPath", path);
	if (is_read_only)
		json_object_set_new(mount, "readOnly", json_true());
	return mount;
}

const char *
pod_pull_policy(const char *image)
{
	bool is_fixed = strchr(image, ':') != NULL && strstr(image, ":latest") == NULL;
	return is_fixed ? "IfNotPresent" : "Always";
}

json_t *
pod_sleep_before_stop(const struct rendering *rendering, int seconds)
{
	return json_pack("{s:{s:{s:[s, s]}}}", "preStop", "exec", "command", "sleep",
	                 arena_printf(rendering->arena, "%d", seconds));
}

static json_t *
build_volumes(const struct rendering *rendering, const struct pod_secrets *secrets)
{
	json_t *volumes = json_array();
	pod_secrets_add_volumes(rendering, secrets, volumes);
	json_array_append_new(volumes, json_pack("{s:s, s:{s:s, s:b}}", "name",
	                                         pod_volume_name(rendering, "config"), "configMap", "name",
	                                         rendering->application->name, "optional", 1));
	json_array_append_new(volumes, pod_empty_dir(rendering, "tmp"));
	return volumes;
}

/* ---- main container ---- */

static json_t *
build_mounts(const struct rendering *rendering, const struct pod_secrets *secrets)
{
	json_t *mounts = json_array();
	pod_secrets_add_mounts(rendering, secrets, mounts);
	json_array_append_new(mounts, pod_mount(pod_volume_name(rendering, "config"),
	                                        "/var/run/config/fiaas/", true));
	json_array_append_new(mounts, pod_mount("tmp", "/tmp", false));
	return mounts;
}

static json_t *
build_env_from(const struct rendering *rendering, const struct pod_secrets *secrets)
{
	const char *name = rendering->application->name;
	json_t *sources = json_pack("[{s:{s:s, s:b}}]", "configMapRef", "name", name, "optional", 1);
	if (rendering->spec->has_secrets_in_environment && secrets->is_plain)
		json_array_append_new(sources, json_pack("{s:{s:s, s:b}}", "secretRef", "name", name,
		                                         "optional", 1));
	return sources;
}

static json_t *
build_ports(const struct fiaas_spec *spec)
{
	json_t *ports = json_array();
	for (size_t i = 0; i < spec->n_ports; i++)
		json_array_append_new(ports, json_pack("{s:O, s:O, s:s}", "name", spec->ports[i].name,
		                                       "containerPort", spec->ports[i].target_port, "protocol",
		                                       "TCP"));
	return ports;
}

/* NULL when nothing is set. */
static json_t *
build_quantities(const struct fiaas_resources *resources)
{
	if (resources->cpu == NULL && resources->memory == NULL)
		return NULL;
	return json_pack("{s:O*, s:O*}", "cpu", resources->cpu, "memory", resources->memory);
}

static void
add_resources(const struct rendering *rendering, json_t *container)
{
	json_t *resources;
	if (rendering->state->has_best_effort_quota)
		return;
	resources = json_pack("{s:o*, s:o*}", "limits", build_quantities(&rendering->spec->limits),
	                      "requests", build_quantities(&rendering->spec->requests));
	if (json_object_size(resources) > 0)
		json_object_set(container, "resources", resources);
	json_decref(resources);
}

static json_t *
build_main_container(struct rendering *rendering, const struct pod_secrets *secrets)
{
	const struct fiaas_spec *spec = rendering->spec;
	const char *image = rendering->application->image;
	int delay = rendering->options->pre_stop_delay;
	json_t *liveness = pod_probe(rendering, &spec->liveness);
	json_t *readiness = pod_probe(rendering, &spec->readiness);
	json_t *ports = build_ports(spec);
	json_t *container = json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o*, s:o*}", "name", rendering->application->name,
		"image", image, "imagePullPolicy", pod_pull_policy(image), "env", pod_environment(rendering),
		"envFrom", build_env_from(rendering, secrets), "livenessProbe", liveness, "readinessProbe",
		readiness, "volumeMounts", build_mounts(rendering, secrets), "ports", ports, "lifecycle",
		delay > 0 ? pod_sleep_before_stop(rendering, delay) : NULL);
	if (container != NULL)
		add_resources(rendering, container);
	return container;
}

/* ---- pod template ---- */

static json_t *
build_containers(struct rendering *rendering, const struct pod_secrets *secrets)
{
	json_t *main_container = build_main_container(rendering, secrets);
	return json_pack("[o, o*]", main_container,
	                 rendering->spec->has_datadog ? pod_datadog_container(rendering) : NULL);
}

static json_t *
build_template_metadata(struct rendering *rendering, const struct pod_secrets *secrets)
{
	json_t *annotations = rendering_annotations(rendering, FIAAS_OBJECT_POD);
	json_t *labels = rendering_labels(rendering, FIAAS_OBJECT_POD);
	json_object_set_new(labels, "fiaas/status", json_string("active"));
	pod_prometheus_add_annotations(rendering, annotations);
	bool done = pod_secrets_add_annotations(rendering, secrets, annotations);
	json_t *metadata = json_pack("{s:s, s:s, s:o, s:o}", "name", rendering->application->name,
	                             "namespace", rendering->application->namespace, "labels", labels,
	                             "annotations", annotations);
	if (!done) {
		json_decref(metadata);
		return NULL;
	}
	if (json_object_size(annotations) == 0)
		json_object_del(metadata, "annotations");
	return metadata;
}

static const char *
choose_service_account(const struct rendering *rendering, const struct pod_secrets *secrets)
{
	const struct fiaas_options *options = rendering->options;
	if (secrets->n_sources > 0 && options->secrets_service_account_name != NULL)
		return options->secrets_service_account_name;
	return options->enable_service_account_per_app ? rendering->application->name : "default";
}

static json_t *
build_dns_config(const struct fiaas_list *domains)
{
	json_t *searches = json_array();
	for (size_t i = 0; i < domains->count; i++)
		json_array_append_new(searches, json_string(domains->items[i]));
	return json_pack("{s:o}", "searches", searches);
}

static json_t *
build_pod_spec(struct rendering *rendering, const struct pod_secrets *secrets)
{
	const struct fiaas_options *options = rendering->options;
	bool mounts_token = secrets->n_sources > 0 && secrets->mounts_token;
	json_t *containers = build_containers(rendering, secrets);
	json_t *init_containers = pod_secrets_init_containers(rendering, secrets);
	json_t *pod = json_pack(
		"{s:o, s:o, s:o, s:s, s:s, s:s, s:O, s:i}", "initContainers", init_containers, "containers",
		containers, "volumes", build_volumes(rendering, secrets), "restartPolicy", "Always",
		"dnsPolicy", "ClusterFirst", "serviceAccountName", choose_service_account(rendering, secrets),
		"automountServiceAccountToken", mounts_token ? json_true() : rendering->spec->admin_access,
		"terminationGracePeriodSeconds", GRACE_SECONDS + options->pre_stop_delay);
	if (pod == NULL)
		return NULL;
	if (secrets->n_sources == 0)
		json_object_del(pod, "initContainers");
	if (options->disable_service_links)
		json_object_set_new(pod, "enableServiceLinks", json_false());
	if (options->dns_search_domains.count > 0)
		json_object_set_new(pod, "dnsConfig", build_dns_config(&options->dns_search_domains));
	return pod;
}

/* ---- the Deployment ---- */

/* With an autoscaler the live number stands. */
static json_t *
build_replicas(struct rendering *rendering)
{
	bool keeps_live = rendering->state->live_replicas > 0 && rendering_has_autoscaler(rendering);
	return keeps_live ? json_integer(rendering->state->live_replicas)
	                  : json_share(rendering->spec->minimum);
}

/* A singleton goes before its successor comes. */
static json_t *
build_rolling_update(const struct rendering *rendering)
{
	const struct fiaas_spec *spec = rendering->spec;
	const struct fiaas_options *options = rendering->options;
	if (spec->is_singleton && python_is_number_equal(spec->maximum, 1))
		return json_pack("{s:i, s:i}", "maxSurge", 0, "maxUnavailable", 1);
	return json_pack("{s:o, s:o}", "maxSurge", rendering_int_or_text(&options->deployment_max_surge),
	                 "maxUnavailable", rendering_int_or_text(&options->deployment_max_unavailable));
}

static json_t *
build_spec(struct rendering *rendering)
{
	struct pod_secrets secrets;
	if (!pod_secrets_plan(rendering, &secrets))
		return NULL;
	json_t *pod = build_pod_spec(rendering, &secrets);
	json_t *metadata = build_template_metadata(rendering, &secrets);
	return json_pack("{s:o, s:i, s:{s:o}, s:{s:s, s:o}, s:{s:o, s:o}}", "replicas",
	                 build_replicas(rendering), "revisionHistoryLimit", REVISIONS_KEPT, "selector",
	                 "matchLabels", rendering_selector(rendering), "strategy", "type", "RollingUpdate",
	                 "rollingUpdate", build_rolling_update(rendering), "template", "metadata", metadata,
	                 "spec", pod);
}

bool
render_deployment(struct rendering *rendering, json_t *objects)
{
	const char *name = rendering->application->name;
	json_t *metadata = rendering_metadata(rendering, FIAAS_OBJECT_DEPLOYMENT, name,
	                                      rendering_annotations(rendering, FIAAS_OBJECT_DEPLOYMENT));
	return rendering_append(objects, json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "apps/v1", "kind",
	                                           "Deployment", "metadata", metadata, "spec",
	                                           build_spec(rendering)));
}
