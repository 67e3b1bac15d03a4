#include "core/difference/noise.h"

#include <string.h>

#include "base/compiler.h"
#include "core/difference/quantity.h"

#define WORKLOADS "Deployment|ReplicaSet"
#define POD "spec template spec "
#define MANY(rule, what, value) \
	{rule, WORKLOADS, POD "containers * " what, value}, {rule, WORKLOADS, POD "initContainers * " what, value}
#define PROBES(what, value) \
	MANY(NOISE_DEFAULT, "livenessProbe " what, value), MANY(NOISE_DEFAULT, "readinessProbe " what, value), \
	MANY(NOISE_DEFAULT, "startupProbe " what, value)

const struct noise noise_table[] = {
	/* what a server writes by itself */
	{NOISE_ALWAYS, NULL, "apiVersion", NULL},
	{NOISE_ALWAYS, NULL, "kind", NULL},
	{NOISE_ALWAYS, NULL, "status", NULL},
	{NOISE_ALWAYS, NULL, "metadata managedFields", NULL},
	{NOISE_ALWAYS, NULL, "metadata resourceVersion", NULL},
	{NOISE_ALWAYS, NULL, "metadata uid", NULL},
	{NOISE_ALWAYS, NULL, "metadata generation", NULL},
	{NOISE_ALWAYS, NULL, "metadata creationTimestamp", NULL},
	{NOISE_ALWAYS, NULL, "metadata selfLink", NULL},
	{NOISE_ALWAYS, NULL, "metadata generateName", NULL},
	{NOISE_ALWAYS, NULL, "spec template metadata creationTimestamp", NULL},
	/* other with every deploy, or with every version of the operator */
	{NOISE_ALWAYS, NULL, "metadata labels fiaas/deployment_id", NULL},
	{NOISE_ALWAYS, NULL, "metadata labels fiaas/deployed_by", NULL},
	{NOISE_ALWAYS, NULL, "spec template metadata labels fiaas/deployment_id", NULL},
	{NOISE_ALWAYS, NULL, "spec template metadata labels fiaas/deployed_by", NULL},
	{NOISE_ALWAYS, "Application|Deployment", "metadata annotations paas/commit", NULL},
	{NOISE_ALWAYS, "Application|Deployment", "metadata annotations paas/deployed-by", NULL},
	{NOISE_ALWAYS, "Application|Deployment", "metadata annotations paas/deployed-at", NULL},
	{NOISE_ALWAYS, "Deployment", "metadata annotations paas/release", NULL},
	{NOISE_ALWAYS, "Deployment", "metadata annotations paas/claim", NULL},
	/* of controllers and clients, who write them again when they need them */
	{NOISE_ALWAYS, NULL, "metadata annotations deployment.kubernetes.io/revision", NULL},
	{NOISE_ALWAYS, NULL, "metadata annotations deployment.kubernetes.io/desired-replicas", NULL},
	{NOISE_ALWAYS, NULL, "metadata annotations deployment.kubernetes.io/max-replicas", NULL},
	{NOISE_ALWAYS, NULL, "metadata annotations kubectl.kubernetes.io/last-applied-configuration", NULL},
	{NOISE_ALWAYS, NULL, "metadata annotations autoscaling.alpha.kubernetes.io/conditions", NULL},
	{NOISE_ALWAYS, NULL, "metadata annotations autoscaling.alpha.kubernetes.io/current-metrics", NULL},
	{NOISE_ALWAYS, WORKLOADS, "spec template metadata annotations kubectl.kubernetes.io/restartedAt", NULL},
	{NOISE_ALWAYS, WORKLOADS, "spec template metadata labels pod-template-hash", NULL},
	/* what a server chooses, and keeps when a replacement does not say it */
	{NOISE_LOCALLY, "Service", "spec clusterIP", NULL},
	{NOISE_LOCALLY, "Service", "spec clusterIPs", NULL},
	{NOISE_LOCALLY, "Service", "spec ipFamilies", NULL},
	{NOISE_LOCALLY, "Service", "spec ipFamilyPolicy", NULL},
	{NOISE_LOCALLY, "Service", "spec internalTrafficPolicy", NULL},
	{NOISE_LOCALLY, "Service", "spec externalTrafficPolicy", NULL},
	{NOISE_LOCALLY, "Service", "spec healthCheckNodePort", NULL},
	{NOISE_LOCALLY, "Service", "spec allocateLoadBalancerNodePorts", NULL},
	{NOISE_LOCALLY, "Service", "spec ports * nodePort", NULL},
	{NOISE_LOCALLY, "ServiceAccount", "secrets", NULL},
	/* defaults of the API */
	{NOISE_DEFAULT, "Service", "spec type", "\"ClusterIP\""},
	{NOISE_DEFAULT, "Service", "spec sessionAffinity", "\"None\""},
	{NOISE_DEFAULT, "Service", "spec ports * protocol", "\"TCP\""},
	{NOISE_DEFAULT, "Ingress", "spec rules * http paths * pathType", "\"ImplementationSpecific\""},
	{NOISE_DEFAULT, "HorizontalPodAutoscaler", "spec minReplicas", "1"},
	{NOISE_DEFAULT, "RoleBinding", "subjects * apiGroup", "\"\""},
	{NOISE_DEFAULT, "Deployment", "spec replicas", "1"},
	{NOISE_DEFAULT, "Deployment", "spec progressDeadlineSeconds", "600"},
	{NOISE_DEFAULT, "Deployment", "spec strategy type", "\"RollingUpdate\""},
	{NOISE_DEFAULT, "Deployment", "spec strategy rollingUpdate maxSurge", "\"25%\""},
	{NOISE_DEFAULT, WORKLOADS, POD "restartPolicy", "\"Always\""},
	{NOISE_DEFAULT, WORKLOADS, POD "dnsPolicy", "\"ClusterFirst\""},
	{NOISE_DEFAULT, WORKLOADS, POD "schedulerName", "\"default-scheduler\""},
	{NOISE_DEFAULT, WORKLOADS, POD "terminationGracePeriodSeconds", "30"},
	{NOISE_LOCALLY, WORKLOADS, POD "serviceAccount", NULL}, /* the old name of serviceAccountName */
	{NOISE_DEFAULT, WORKLOADS, POD "volumes * configMap defaultMode", "420"},
	{NOISE_DEFAULT, WORKLOADS, POD "volumes * secret defaultMode", "420"},
	{NOISE_DEFAULT, WORKLOADS, POD "volumes * projected defaultMode", "420"},
	MANY(NOISE_DEFAULT, "terminationMessagePath", "\"/dev/termination-log\""),
	MANY(NOISE_DEFAULT, "terminationMessagePolicy", "\"File\""),
	MANY(NOISE_DEFAULT, "ports * protocol", "\"TCP\""),
	MANY(NOISE_DEFAULT, "volumeMounts * readOnly", "false"),
	MANY(NOISE_DEFAULT, "env * valueFrom fieldRef apiVersion", "\"v1\""),
	MANY(NOISE_DEFAULT, "env * value", "\"\""),
	PROBES("timeoutSeconds", "1"),
	PROBES("periodSeconds", "10"),
	PROBES("successThreshold", "1"),
	PROBES("failureThreshold", "3"),
	PROBES("initialDelaySeconds", "0"),
	PROBES("httpGet path", "\"/\""),
	PROBES("httpGet scheme", "\"HTTP\""),
	/* the same amount, in other words */
	MANY(NOISE_QUANTITY, "resources limits *", NULL),
	MANY(NOISE_QUANTITY, "resources requests *", NULL),
	MANY(NOISE_QUANTITY, "env * valueFrom resourceFieldRef divisor", NULL),
	{NOISE_QUANTITY, WORKLOADS, POD "volumes * emptyDir sizeLimit", NULL},
};
const size_t n_noise_table = array_length(noise_table);

static bool
is_of_kind(const struct noise *noise, const char *kind)
{
	if (noise->kinds == NULL)
		return true;
	size_t length = strlen(kind);
	for (const char *word = noise->kinds; *word != '\0';) {
		size_t n = strcspn(word, "|");
		if (n == length && strncmp(word, kind, n) == 0)
			return true;
		word += n + (word[n] == '|');
	}
	return false;
}

/* ---- leaving out ---- */

static size_t
word_length(const char *path)
{
	return strcspn(path, " ");
}

static bool
is_default(const json_t *value, const char *text)
{
	json_t *wanted = json_loads(text, JSON_DECODE_ANY, NULL);
	bool is_equal = wanted != NULL && difference_is_equal(value, wanted);
	json_decref(wanted);
	return is_equal;
}

static void leave_out(json_t *value, const char *path, const struct noise *noise);

static void
leave_out_below(json_t *child, const char *rest, const struct noise *noise)
{
	if (child != NULL)
		leave_out(child, rest + 1, noise);
}

/* `path` begins with what is left out of `value`, or leads to it. */
static void
leave_out(json_t *value, const char *path, const struct noise *noise)
{
	size_t length = word_length(path), i;
	const char *rest = path + length, *key;
	json_t *child;
	void *next;
	char word[80];
	bool is_any = length == 1 && *path == '*', is_last = *rest == '\0';
	if (is_any && json_is_array(value) && !is_last) {
		json_array_foreach (value, i, child)
			leave_out_below(child, rest, noise);
	} else if (is_any && json_is_object(value) && !is_last) {
		json_object_foreach_safe (value, next, key, child)
			leave_out_below(child, rest, noise);
	} else if (json_is_object(value) && length < sizeof word) {
		memcpy(word, path, length);
		word[length] = '\0';
		child = json_object_get(value, word);
		if (!is_last)
			leave_out_below(child, rest, noise);
		else if (child != NULL && (noise->value == NULL || is_default(child, noise->value)))
			json_object_del(value, word);
	}
}

/* To the API an empty map or list, or null, is the same as none. */
static bool
prune_empty(json_t *value)
{
	const char *key;
	json_t *child;
	void *next;
	size_t i;
	if (json_is_array(value)) {
		json_array_foreach (value, i, child)
			(void)prune_empty(child);
		return json_array_size(value) == 0;
	}
	if (!json_is_object(value))
		return json_is_null(value);
	json_object_foreach_safe (value, next, key, child)
		if (prune_empty(child))
			json_object_del(value, key);
	return json_object_size(value) == 0;
}

json_t *
noise_remove(const json_t *object, bool is_local)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	json_t *copy = json_deep_copy(object);
	for (size_t i = 0; i < n_noise_table; i++) {
		const struct noise *noise = &noise_table[i];
		bool holds = noise->rule == NOISE_ALWAYS ||
		             (is_local && (noise->rule == NOISE_LOCALLY || noise->rule == NOISE_DEFAULT));
		if (holds && is_of_kind(noise, kind != NULL ? kind : "") && strcmp(noise->path, "kind") != 0)
			leave_out(copy, noise->path, noise);
	}
	json_object_del(copy, "kind");
	/* In what a team writes, an empty list says something. */
	(void)prune_empty(kind != NULL && strcmp(kind, "Application") == 0 ? json_object_get(copy, "metadata") : copy);
	return copy;
}

/* ---- comparing ---- */

static bool
is_at(const struct change *change, const char *path)
{
	for (size_t i = 0; i < change->n_steps; i++) {
		const struct change_step *step = &change->steps[i];
		size_t length = word_length(path);
		bool is_any = length == 1 && *path == '*';
		bool is_same = is_any || (step->key != NULL && step->field == NULL && strlen(step->key) == length &&
		                          strncmp(step->key, path, length) == 0);
		if (!is_same)
			return false;
		path += length;
		bool is_last = i + 1 == change->n_steps;
		if (is_last != (*path == '\0'))
			return false;
		path += !is_last;
	}
	return true;
}

static bool
is_same_amount(const char *kind, const struct change *change)
{
	for (size_t i = 0; i < n_noise_table; i++) {
		const struct noise *noise = &noise_table[i];
		if (noise->rule == NOISE_QUANTITY && is_of_kind(noise, kind) && is_at(change, noise->path))
			return quantity_is_equal(change->before, change->after);
	}
	return false;
}

struct changes
noise_compare(const char *kind, const json_t *before, const json_t *after, struct arena *arena)
{
	struct changes changes = difference_find(before, after, arena);
	size_t kept = 0;
	for (size_t i = 0; i < changes.count; i++) {
		const struct change *change = &changes.items[i];
		if (change->action != CHANGE_SET || !is_same_amount(kind, change))
			changes.items[kept++] = *change;
	}
	changes.count = kept;
	return changes;
}
