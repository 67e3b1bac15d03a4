/* What Gate says of itself, of its accounts and of the objects in the cluster. */
#include <string.h>
#include <strings.h>

#include "sandbox/spinnaker/parts.h"

void
cloud_handle_version(struct gate_call *call)
{
	gate_answer(call, 200, json_pack("{s:s}", "version", "6.66.0"));
}

void
cloud_handle_health(struct gate_call *call)
{
	gate_answer(call, 200, json_pack("{s:s, s:[s,s]}", "status", "UP", "groups", "liveness", "readiness"));
}

/* ---- accounts ---- */

static json_t *
account(const struct gate *gate)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:[], s:s}", "name", gate->options.account, "type", "kubernetes",
	                 "environment", gate->options.account, "accountType", gate->options.account, "cloudProvider",
	                 "kubernetes", "authorized", 1, "permissions", "providerVersion", "v2");
}

void
cloud_handle_credentials(struct gate_call *call)
{
	gate_answer(call, 200, json_pack("[o]", account(call->gate)));
}

/* One that there is not is an empty answer. */
void
cloud_handle_account(struct gate_call *call)
{
	if (strcmp(call->words[0], call->gate->options.account) == 0)
		gate_answer(call, 200, account(call->gate));
	else
		gate_answer_nothing(call, 200);
}

/* ---- manifests ---- */

/* The kinds of objects that people look at, by Spinnaker's name for them. */
static const struct {
	const char *name, *api_version, *kind;
} kinds[] = {
	{"application", "fiaas.schibsted.io/v1", "Application"},
	{"applicationstatus", "fiaas.schibsted.io/v1", "ApplicationStatus"},
	{"deployment", "apps/v1", "Deployment"},
	{"replicaset", "apps/v1", "ReplicaSet"},
	{"pod", "v1", "Pod"},
	{"service", "v1", "Service"},
	{"configmap", "v1", "ConfigMap"},
	{"ingress", "networking.k8s.io/v1", "Ingress"},
	{"namespace", "v1", "Namespace"},
};

static const json_t *
find_object(const struct gate_call *call)
{
	const struct gate_options *options = &call->gate->options;
	const char *namespace = strcmp(call->words[1], "_") == 0 ? "" : call->words[1], *name = strchr(call->words[2], ' ');
	size_t length = strcspn(call->words[2], " ");
	if (name == NULL || strcmp(call->words[0], options->account) != 0)
		return NULL;
	for (size_t i = 0; i < array_length(kinds); i++)
		if (strlen(kinds[i].name) == length && strncasecmp(kinds[i].name, call->words[2], length) == 0)
			return options->find(options->data, kinds[i].api_version, kinds[i].kind, namespace, name + 1);
	return NULL;
}

/* A Deployment is stable when all of it is new; other kinds are at once. */
static json_t *
stability(const json_t *object)
{
	json_int_t wanted = tree_int(object, "spec.replicas");
	bool is_deployment = strcmp(tree_text(object, "kind"), "Deployment") == 0;
	bool is_stable = !is_deployment || (tree_int(object, "status.updatedReplicas") == wanted &&
	                                    tree_int(object, "status.availableReplicas") == wanted);
	json_t *status = json_pack("{s:{s:b}, s:{s:b}, s:{s:b}, s:{s:b}}", "stable", "state", is_stable, "failed", "state", 0,
	                           "paused", "state", 0, "available", "state", is_stable);
	if (!is_stable)
		tree_set(status, "stable.message", json_string("Waiting for all replicas to be updated"));
	return status;
}

void
cloud_handle_manifest(struct gate_call *call)
{
	const json_t *object = find_object(call);
	if (object == NULL) {
		gate_fail(call, 404, "Unable to find %s in %s", call->words[2], call->words[1]);
		return;
	}
	gate_answer(call, 200,
	            json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:O, s:o, s:[], s:[], s:[], s:[]}", "account", call->words[0],
	                      "name", call->words[2], "location", call->words[1], "moniker", "app",
	                      tree_text(object, "metadata.name"), "cluster", call->words[2], "manifest", tree_loose(object),
	                      "status", stability(object), "artifacts", "events", "warnings", "metrics"));
}
