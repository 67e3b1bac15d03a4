#include "sandbox/kubernetes/default.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

/* ---- quantities ---- */

static const char binary_suffixes[][3] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
static const char decimal_suffixes[][3] = {"", "k", "M", "G", "T", "P", "E"};

static int
suffix_index(const char (*suffixes)[3], size_t n, const char *suffix)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(suffixes[i], suffix) == 0)
			return (int)i;
	return -1;
}

/* value * base^exponent with as large a suffix as divides it. */
static void
format_with(char ret[static QUANTITY_BYTES], unsigned long long value, unsigned base, int exponent,
            const char (*suffixes)[3])
{
	while (value != 0 && value % base == 0 && exponent < 6) {
		value /= base;
		exponent++;
	}
	snprintf(ret, QUANTITY_BYTES, "%llu%s", value, value == 0 ? "" : suffixes[exponent]);
}

/* Thousandths: "1500m", or whole. */
static void
format_milli(char ret[static QUANTITY_BYTES], unsigned long long milli)
{
	if (milli % 1000 == 0)
		format_with(ret, milli / 1000, 1000, 0, decimal_suffixes);
	else
		snprintf(ret, QUANTITY_BYTES, "%llum", milli);
}

/* Digits with at most three decimals, as thousandths; *rest is what follows. */
static bool
parse_milli(const char *text, unsigned long long *ret, const char **rest)
{
	char *end;
	if (!isdigit((unsigned char)text[0]) || strlen(text) > 15)
		return false;
	unsigned long long milli = strtoull(text, &end, 10) * 1000;
	if (*end == '.') {
		unsigned long long unit = 100;
		for (end++; isdigit((unsigned char)*end); end++, unit /= 10) {
			if (unit == 0)
				return false;
			milli += unit * (unsigned long long)(*end - '0');
		}
	}
	*ret = milli;
	*rest = end;
	return true;
}

const char *
quantity_canonical(const char *text, char ret[static QUANTITY_BYTES])
{
	unsigned long long milli;
	const char *suffix;
	snprintf(ret, QUANTITY_BYTES, "%s", text);
	if (!parse_milli(text, &milli, &suffix))
		return ret;
	int binary = suffix_index(binary_suffixes, array_length(binary_suffixes), suffix);
	int decimal = suffix_index(decimal_suffixes, array_length(decimal_suffixes), suffix);
	if (suffix[0] == '\0')
		format_milli(ret, milli);
	else if (strcmp(suffix, "m") == 0 && milli % 1000 == 0)
		format_milli(ret, milli / 1000);
	else if (binary > 0 && milli % 1000 == 0)
		format_with(ret, milli / 1000, 1024, binary, binary_suffixes);
	else if (binary > 0 && milli * 1024 % 1000 == 0) /* "1.5Gi" = "1536Mi" */
		format_with(ret, milli * 1024 / 1000, 1024, binary - 1, binary_suffixes);
	else if (decimal > 0 && milli % 1000 == 0)
		format_with(ret, milli / 1000, 1000, decimal, decimal_suffixes);
	return ret;
}

static void
canonical_quantities(json_t *map)
{
	const char *name;
	json_t *value;
	char text[QUANTITY_BYTES];
	json_object_foreach (map, name, value) {
		if (json_is_number(value)) {
			char number[32];
			snprintf(number, sizeof number, "%.15g", json_number_value(value));
			json_object_set_new(map, name, json_string(quantity_canonical(number, text)));
		} else if (json_is_string(value)) {
			quantity_canonical(json_string_value(value), text);
			json_object_set_new(map, name, json_string(text));
		}
	}
}

/* ---- pods ---- */

static void
default_probe(json_t *container, const char *name)
{
	static const struct {
		const char *field;
		int value;
	} numbers[] = {{"timeoutSeconds", 1}, {"periodSeconds", 10}, {"successThreshold", 1},
	               {"failureThreshold", 3}};
	json_t *probe = json_object_get(container, name);
	if (probe == NULL)
		return;
	for (size_t i = 0; i < array_length(numbers); i++)
		tree_set_default(probe, numbers[i].field, json_integer(numbers[i].value));
	json_t *http = json_object_get(probe, "httpGet");
	if (http != NULL) {
		tree_set_default(http, "path", json_string("/"));
		tree_set_default(http, "scheme", json_string("HTTP"));
	}
}

static const char *
pull_policy_of(const char *image)
{
	const char *slash = strrchr(image, '/');
	const char *tag = strrchr(slash == NULL ? image : slash, ':');
	if (strchr(image, '@') != NULL)
		return "IfNotPresent";
	return tag == NULL || strcmp(tag, ":latest") == 0 ? "Always" : "IfNotPresent";
}

static void
default_container(json_t *container)
{
	size_t i;
	json_t *item;
	tree_set_default(container, "terminationMessagePath", json_string("/dev/termination-log"));
	tree_set_default(container, "terminationMessagePolicy", json_string("File"));
	tree_set_default(container, "imagePullPolicy",
	                 json_string(pull_policy_of(tree_text(container, "image"))));
	tree_set_default(container, "resources", json_object());
	canonical_quantities(tree_get(container, "resources.limits"));
	canonical_quantities(tree_get(container, "resources.requests"));
	json_array_foreach (json_object_get(container, "ports"), i, item)
		tree_set_default(item, "protocol", json_string("TCP"));
	json_array_foreach (json_object_get(container, "env"), i, item)
		if (tree_get(item, "valueFrom.fieldRef") != NULL)
			tree_set_default(item, "valueFrom.fieldRef.apiVersion", json_string("v1"));
	default_probe(container, "livenessProbe");
	default_probe(container, "readinessProbe");
	default_probe(container, "startupProbe");
}

static void
default_volume(json_t *volume)
{
	static const char *const with_mode[] = {"configMap", "secret", "projected", "downwardAPI"};
	for (size_t i = 0; i < array_length(with_mode); i++)
		if (json_object_get(volume, with_mode[i]) != NULL)
			tree_set_default(json_object_get(volume, with_mode[i]), "defaultMode", json_integer(420));
	if (json_object_size(volume) == 1)
		json_object_set_new(volume, "emptyDir", json_object());
}

static void
default_pod_spec(json_t *spec)
{
	static const char *const lists[] = {"initContainers", "containers"};
	size_t i;
	json_t *item;
	tree_set_default(spec, "restartPolicy", json_string("Always"));
	tree_set_default(spec, "terminationGracePeriodSeconds", json_integer(30));
	tree_set_default(spec, "dnsPolicy", json_string("ClusterFirst"));
	tree_set_default(spec, "securityContext", json_object());
	tree_set_default(spec, "schedulerName", json_string("default-scheduler"));
	if (tree_text(spec, "serviceAccountName")[0] != '\0')
		tree_set_default(spec, "serviceAccount", json_string(tree_text(spec, "serviceAccountName")));
	for (size_t list = 0; list < array_length(lists); list++)
		json_array_foreach (json_object_get(spec, lists[list]), i, item)
			default_container(item);
	json_array_foreach (json_object_get(spec, "volumes"), i, item)
		default_volume(item);
}

static void
default_pod(json_t *pod)
{
	tree_set_default(pod, "spec.enableServiceLinks", json_true());
	tree_set_default(pod, "spec.serviceAccountName", json_string("default"));
	tree_set_default(pod, "spec.preemptionPolicy", json_string("PreemptLowerPriority"));
	tree_set_default(pod, "spec.priority", json_integer(0));
	default_pod_spec(json_object_get(pod, "spec"));
	tree_set_default(pod, "status.phase", json_string("Pending"));
}

/* ---- workloads and the rest ---- */

static void
default_deployment(json_t *object)
{
	tree_set_default(object, "spec.replicas", json_integer(1));
	tree_set_default(object, "spec.revisionHistoryLimit", json_integer(10));
	tree_set_default(object, "spec.progressDeadlineSeconds", json_integer(600));
	tree_set_default(object, "spec.strategy.type", json_string("RollingUpdate"));
	if (strcmp(tree_text(object, "spec.strategy.type"), "RollingUpdate") == 0) {
		tree_set_default(object, "spec.strategy.rollingUpdate.maxSurge", json_string("25%"));
		tree_set_default(object, "spec.strategy.rollingUpdate.maxUnavailable", json_string("25%"));
	}
	tree_set_default(object, "spec.template.metadata.creationTimestamp", json_null());
	default_pod_spec(tree_get(object, "spec.template.spec"));
}

static void
default_replica_set(json_t *object)
{
	tree_set_default(object, "spec.replicas", json_integer(1));
	default_pod_spec(tree_get(object, "spec.template.spec"));
}

/* An address of its own, the same for the same name. */
static json_t *
cluster_ip(const json_t *service)
{
	unsigned hash = 2166136261u; /* FNV-1a */
	const char *texts[] = {tree_text(service, "metadata.namespace"), tree_text(service, "metadata.name")};
	for (size_t i = 0; i < array_length(texts); i++)
		for (const char *at = texts[i]; *at != '\0'; at++)
			hash = (hash ^ (unsigned char)*at) * 16777619u;
	return json_sprintf("10.96.%u.%u", hash >> 8 & 0xff, hash % 250 + 2);
}

static void
default_service(json_t *service)
{
	size_t i;
	json_t *port;
	tree_set_default(service, "spec.type", json_string("ClusterIP"));
	tree_set_default(service, "spec.sessionAffinity", json_string("None"));
	tree_set_default(service, "spec.internalTrafficPolicy", json_string("Cluster"));
	tree_set_default(service, "spec.ipFamilies", json_pack("[s]", "IPv4"));
	tree_set_default(service, "spec.ipFamilyPolicy", json_string("SingleStack"));
	if (strcmp(tree_text(service, "spec.type"), "ExternalName") != 0) {
		tree_set_default(service, "spec.clusterIP", cluster_ip(service));
		tree_set_default(service, "spec.clusterIPs", json_pack("[s]", tree_text(service, "spec.clusterIP")));
	}
	json_array_foreach (tree_get(service, "spec.ports"), i, port) {
		tree_set_default(port, "protocol", json_string("TCP"));
		tree_set_default(port, "targetPort", json_incref(json_object_get(port, "port")));
	}
	tree_set_default(service, "status.loadBalancer", json_object());
}

static void
default_ingress(json_t *ingress)
{
	tree_set_default(ingress, "status.loadBalancer", json_object());
}

static void
default_autoscaler(json_t *autoscaler)
{
	tree_set_default(autoscaler, "spec.minReplicas", json_integer(1));
}

/* stringData is written as data and never shown. */
static void
encode_string_data(json_t *secret)
{
	const char *name;
	json_t *value;
	json_object_foreach (json_object_get(secret, "stringData"), name, value) {
		size_t length = json_string_length(value);
		size_t size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_ORIGINAL);
		char *text = calloc(1, size);
		if (text == NULL)
			abort();
		sodium_bin2base64(text, size, (const unsigned char *)json_string_value(value), length,
		                  sodium_base64_VARIANT_ORIGINAL);
		tree_set_default(secret, "data", json_object());
		json_object_set_new(json_object_get(secret, "data"), name, json_string(text));
		free(text);
	}
	json_object_del(secret, "stringData");
}

static void
default_secret(json_t *secret)
{
	encode_string_data(secret);
	tree_set_default(secret, "type", json_string("Opaque"));
}

static void
default_namespace(json_t *namespace)
{
	tree_set_default(namespace, "spec.finalizers", json_pack("[s]", "kubernetes"));
	tree_set_default(namespace, "status.phase", json_string("Active"));
	tree_set_default(namespace, "metadata.labels", json_object());
	json_object_set_new(tree_get(namespace, "metadata.labels"), "kubernetes.io/metadata.name",
	                    json_string(tree_text(namespace, "metadata.name")));
}

static const struct {
	const char *kind;
	void (*fill)(json_t *object);
} rules[] = {
	{"Pod", default_pod},
	{"Deployment", default_deployment},
	{"ReplicaSet", default_replica_set},
	{"StatefulSet", default_replica_set},
	{"Service", default_service},
	{"Ingress", default_ingress},
	{"HorizontalPodAutoscaler", default_autoscaler},
	{"Secret", default_secret},
	{"Namespace", default_namespace},
};

void
default_object(const struct resource *resource, json_t *object)
{
	for (size_t i = 0; i < array_length(rules); i++)
		if (strcmp(rules[i].kind, resource->kind) == 0)
			rules[i].fill(object);
}
