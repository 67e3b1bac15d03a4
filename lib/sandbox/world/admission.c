/* What stands between a ReplicaSet and its pods: defaults, quotas, accounts, armed causes. */
#include <stdio.h>
#include <string.h>

#include "sandbox/kubernetes/default.h"
#include "sandbox/world/causes.h"
#include "sandbox/world/parts.h"
#include "sandbox/world/pod.h"

/* A gate, a scheduler or an init container that the platform puts into every pod: what the armed
 * cause needs to be there. */
static void
plant(struct world *world, json_t *pod)
{
	const char *namespace = item_namespace(pod), *app = item_label(pod, "app");
	if (cause_of_app(world, namespace, app, CAUSE_GATED))
		item_set(pod, "spec/schedulingGates", json_pack("[{s:s}]", "name", "acme.example/queue"));
	if (cause_of_app(world, namespace, app, CAUSE_NO_SCHEDULER))
		item_set_text(pod, "spec/schedulerName", "acme-scheduler");
	if (cause_of_app(world, namespace, app, CAUSE_READINESS_GATE))
		item_set(pod, "spec/readinessGates",
		           json_pack("[{s:s}]", "conditionType", "target-health.acme.example/checkout"));
	if (cause_of_app(world, namespace, app, CAUSE_INIT) &&
	    !json_array_size(item_at(pod, "spec/initContainers")))
		item_set(pod, "spec/initContainers",
		           json_pack("[{s:s, s:s, s:[s]}]", "name", "migrate", "image",
		                     item_text(pod_main_container(pod), "image"), "command", "/app/migrate"));
	if (cause_is_armed(world, namespace, app, "missing-service-account"))
		item_set_text(pod, "spec/serviceAccountName", app);
	if (cause_is_armed(world, namespace, app, "image-never-pull"))
		item_set_text(pod_main_container(pod), "imagePullPolicy", "Never");
}

void
admission_change(struct world *world, json_t *pod)
{
	plant(world, pod);
	if (!*item_text(pod, "spec/serviceAccountName"))
		item_set_text(pod, "spec/serviceAccountName", "default");
	default_object(world->kinds[KIND_POD], pod);
}

/* Quotas of the namespace. */

static int64_t
requested_milli(const json_t *pod, const char *list, const char *resource)
{
	int64_t total = 0;
	size_t i;
	json_t *container;
	json_array_foreach(item_at(pod, "spec/containers"), i, container)
		total += item_quantity_milli(json_object_get(item_at(container, list), resource));
	return total;
}

/* What one pod counts for `resource` of a quota ("requests.cpu", "limits.memory", "pods", "cpu"). */
static int64_t
usage_milli(const json_t *pod, const char *resource)
{
	if (!strcmp(resource, "pods"))
		return 1000;
	if (!strncmp(resource, "limits.", 7))
		return requested_milli(pod, "resources/limits", resource + 7);
	return requested_milli(pod, "resources/requests",
	                       strncmp(resource, "requests.", 9) ? resource : resource + 9);
}

static void
write_quantity(struct buf *buf, int64_t milli)
{
	if (milli % 1000)
		buf_printf(buf, "%lldm", (long long)milli);
	else if (milli >= 1024ll * 1024 * 1000 && milli / 1000 % (1024 * 1024) == 0)
		buf_printf(buf, "%lldMi", (long long)(milli / 1000 / 1024 / 1024));
	else
		buf_printf(buf, "%lld", (long long)(milli / 1000));
}

static bool
quota_refuses(struct world *world, const json_t *pod, const json_t *quota, struct buf *ret)
{
	scoped(json_decrefp) json_t *pods = world_list(world, KIND_POD, item_namespace(pod), NULL);
	const char *resource;
	json_t *hard;
	json_object_foreach(item_at(quota, "spec/hard"), resource, hard) {
		int64_t limit = item_quantity_milli(hard), wanted = usage_milli(pod, resource), used = 0;
		size_t i;
		json_t *other;
		json_array_foreach(pods, i, other)
			used += usage_milli(other, resource);
		bool counts = !strcmp(resource, "pods") || strstr(resource, "cpu") || strstr(resource, "memory");
		if (counts && !wanted) {
			buf_printf(ret, "pods \"%s\" is forbidden: failed quota: %s: must specify %s for: %s",
			           item_name(pod), item_name(quota), resource,
			           item_text(pod_main_container(pod), "name"));
			return true;
		}
		if (!counts || used + wanted <= limit)
			continue;
		buf_printf(ret, "pods \"%s\" is forbidden: exceeded quota: %s, requested: %s=",
		           item_name(pod), item_name(quota), resource);
		write_quantity(ret, wanted);
		buf_printf(ret, ", used: %s=", resource);
		write_quantity(ret, used);
		buf_printf(ret, ", limited: %s=%s", resource, json_string_value(hard) ? json_string_value(hard) : "");
		return true;
	}
	return false;
}

static bool
account_is_missing(struct world *world, const json_t *pod, struct buf *ret)
{
	const char *namespace = item_namespace(pod);
	const char *account = item_text(pod, "spec/serviceAccountName");
	if (world_get(world, KIND_SERVICE_ACCOUNT, namespace, account))
		return false;
	buf_printf(ret, "pods \"%s\" is forbidden: error looking up service account %s/%s: "
	           "serviceaccount \"%s\" not found", item_name(pod), namespace, account, account);
	return true;
}

bool
admission_refuses(struct world *world, const json_t *pod, struct buf *ret_message)
{
	const struct world_cause *cause =
		cause_of_app(world, item_namespace(pod), item_label(pod, "app"), CAUSE_ADMISSION);
	if (cause) {
		cause_write(ret_message, cause->message, pod);
		return true;
	}
	if (account_is_missing(world, pod, ret_message))
		return true;
	scoped(json_decrefp) json_t *quotas =
		world_list(world, KIND_RESOURCE_QUOTA, item_namespace(pod), NULL);
	size_t i;
	json_t *quota;
	json_array_foreach(quotas, i, quota) {
		if (quota_refuses(world, pod, quota, ret_message))
			return true;
	}
	return false;
}
