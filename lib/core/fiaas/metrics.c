#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "core/fiaas/pod.h"
#include "core/fiaas/python.h"

enum { TAGS_MAX = 1 << 16, DATADOG_STOPS_LATER_SECONDS = 5 };

/* ---- Prometheus ---- */

/* What int() takes. */
static bool
is_numeric(const char *text)
{
	text += strspn(text, " \t\r\n");
	text += *text == '-' || *text == '+';
	size_t n_digits = strspn(text, "0123456789");
	return n_digits > 0 && text[n_digits + strspn(text + n_digits, " \t\r\n")] == '\0';
}

/* A number is used as it is, a name means the target port, unknown names NULL. */
static const json_t *
find_scrape_port(const struct fiaas_spec *spec)
{
	const json_t *wanted = spec->prometheus_port;
	if (json_is_integer(wanted) || (json_is_string(wanted) && is_numeric(json_string_value(wanted))))
		return wanted;
	for (size_t i = 0; i < spec->n_ports; i++)
		if (python_is_equal(spec->ports[i].name, wanted))
			return spec->ports[i].target_port;
	return NULL;
}

void
pod_prometheus_add_annotations(const struct rendering *rendering, json_t *annotations)
{
	const struct fiaas_spec *spec = rendering->spec;
	const json_t *port = find_scrape_port(spec);
	if (!python_is_true(spec->prometheus_enabled) || port == NULL)
		return;
	const char *enabled = python_text(spec->prometheus_enabled, rendering->arena);
	char *scrape = arena_strdup(rendering->arena, enabled);
	for (char *at = scrape; *at != '\0'; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	json_object_set_new(annotations, "prometheus.io/scrape", json_string(scrape));
	json_object_set(annotations, "prometheus.io/path", json_borrow(spec->prometheus_path));
	json_object_set_new(annotations, "prometheus.io/port",
	                    json_string(python_text(port, rendering->arena)));
}

/* ---- Datadog ---- */

/* The cluster's tags, the application's over them, and over those what FDD knows. */
static json_t *
collect_tags(struct rendering *rendering)
{
	const struct fiaas_pairs *global = &rendering->options->datadog_global_tags;
	const json_t *own = rendering->spec->datadog_tags;
	if (python_is_true(own) && !json_is_object(own))
		return rendering_fail(rendering, "'%s' object is not a mapping", python_type_name(own));
	json_t *tags = json_object();
	for (size_t i = 0; i < global->count; i++)
		json_object_set_new(tags, global->items[i].key, json_string(global->items[i].value));
	json_object_update(tags, json_borrow(own));
	json_object_set_new(tags, "app", json_string(rendering->application->name));
	json_object_set_new(tags, "k8s_namespace", json_string(rendering->application->namespace));
	return tags;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "app:checkout,k8s_namespace:pay", sorted by key. */
static json_t *
build_tags(struct rendering *rendering)
{
	scoped(buf_release) struct buf text = BUF_INIT(TAGS_MAX);
	json_t *value, *tags = collect_tags(rendering);
	const char *key, **keys = arena_array(rendering->arena, const char *, json_object_size(tags));
	size_t n_keys = 0;
	if (tags == NULL)
		return NULL;
	json_object_foreach (tags, key, value)
		keys[n_keys++] = key;
	qsort(keys, n_keys, sizeof *keys, compare_texts);
	for (size_t i = 0; i < n_keys; i++)
		buf_printf(&text, "%s%s:%s", i == 0 ? "" : ",", keys[i],
		           python_text(json_object_get(tags, keys[i]), rendering->arena));
	json_decref(tags);
	return json_stringn(text.bytes, text.length);
}

static json_t *
build_environment(struct rendering *rendering)
{
	return json_pack("[{s:s, s:o}, {s:s, s:{s:{s:s, s:s}}}, {s:s, s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:s}]",
	                 "name", "DD_TAGS", "value", build_tags(rendering),
	                 "name", "DD_API_KEY", "valueFrom", "secretKeyRef", "name", "datadog", "key", "apikey",
	                 "name", "NON_LOCAL_TRAFFIC", "value", "false",
	                 "name", "DD_LOGS_STDOUT", "value", "yes",
	                 "name", "DD_EXPVAR_PORT", "value", "42622",
	                 "name", "DD_CMD_PORT", "value", "42623");
}

json_t *
pod_datadog_container(struct rendering *rendering)
{
	const struct fiaas_options *options = rendering->options;
	const char *memory = options->datadog_container_memory;
	json_t *container = json_pack("{s:s, s:s, s:s, s:o}", "name", "fiaas-datadog-container", "image",
	                              options->datadog_container_image, "imagePullPolicy",
	                              pod_pull_policy(options->datadog_container_image), "env",
	                              build_environment(rendering));
	if (container == NULL)
		return NULL;
	if (options->datadog_activate_sleep)
		json_object_set_new(
			container, "lifecycle",
			pod_sleep_before_stop(rendering,
		                              options->pre_stop_delay + DATADOG_STOPS_LATER_SECONDS));
	if (!rendering->state->has_best_effort_quota)
		json_object_set_new(container, "resources",
		                    json_pack("{s:{s:s, s:s*}, s:{s:s, s:s*}}", "limits", "cpu", "400m",
		                              "memory", memory, "requests", "cpu", "200m", "memory", memory));
	return container;
}
