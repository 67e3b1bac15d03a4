/* The stage deployManifest: what Orca and the cloud driver do for it, one task after the other. */
#include <stdio.h>
#include <string.h>

#include "sandbox/spinnaker/parts.h"

static const char *
app_of(const struct stage_run *run)
{
	return tree_text(run->execution, "application");
}

static const json_t *
manifests_of(const struct stage_run *run)
{
	const json_t *manifests = json_object_get(run->context, "manifests");
	return json_is_array(manifests) ? manifests : NULL;
}

/* "application checkout", as Spinnaker names an object. */
static const char *
name_of(struct stage_run *run, const json_t *manifest)
{
	char kind[64];
	snprintf(kind, sizeof kind, "%s", tree_text(manifest, "kind"));
	for (char *at = kind; *at != '\0'; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	return arena_printf(&run->arena, "%s %s", kind, tree_text(manifest, "metadata.name"));
}

/* ---- what is to be deployed ---- */

const char *
deploy_resolve(struct stage_run *run)
{
	if (strcmp(tree_text(run->context, "source"), "artifact") == 0) {
		stage_except(run, "IllegalArgumentException", "No manifest artifact was specified");
		return "TERMINAL";
	}
	if (json_array_size(manifests_of(run)) == 0) {
		stage_except(run, "IllegalArgumentException", "Manifests must be provided");
		return "TERMINAL";
	}
	return "SUCCEEDED";
}

/* ---- the cloud driver's operation, "kato" ---- */

/* How a pipeline may want a failure to be taken. */
static const struct {
	const char *trouble, *setting;
	bool value;
} failures[] = {
	{"gate-kato", "failPipeline", true},
	{"gate-continue", "continuePipeline", true},
	{"gate-stopped", "failPipeline", false},
};

static bool
is_to_fail(struct stage_run *run)
{
	size_t i = 0;
	while (i < array_length(failures) && !gate_strikes(run->gate, failures[i].trouble, app_of(run)))
		i++;
	if (i < array_length(failures))
		json_object_set_new(run->context, failures[i].setting, json_boolean(failures[i].value));
	return i < array_length(failures);
}

/* Why none of it, or not all, could be applied; NULL when it was. */
static const char *
apply_all(struct stage_run *run)
{
	const struct gate_options *options = &run->gate->options;
	const char *account = tree_text(run->context, "account"), *why;
	json_t *manifest;
	size_t i;
	if (strcmp(account, options->account) != 0)
		return arena_printf(&run->arena, "credentials not found (name: %s, names: [%s])", account, options->account);
	json_array_foreach (manifests_of(run), i, manifest) {
		if (is_to_fail(run))
			return arena_printf(&run->arena,
			                    "Deploy failed for manifest: %s. Error: Error from server (InternalError): error when "
			                    "applying patch to \"STDIN\": etcdserver: request timed out", name_of(run, manifest));
		if (!options->apply(options->data, manifest, &run->arena, &why))
			return arena_printf(&run->arena, "Deploy failed for manifest: %s. Error: %s", name_of(run, manifest), why);
	}
	return NULL;
}

static json_t *
kato_task(const char *id, const char *why)
{
	json_t *history = json_pack("[{s:s, s:s}, {s:s, s:s}]", "phase", "ORCHESTRATION", "status",
	                            "Initializing Orchestration Task", "phase", "DEPLOY_KUBERNETES_MANIFEST", "status",
	                            "Beginning deployment of manifests in account sandbox ...");
	json_t *results = json_array();
	json_t *task = json_pack("{s:s, s:{s:b, s:b, s:b}, s:O, s:O, s:[]}", "id", id, "status", "completed", 1, "failed",
	                         why != NULL, "retryable", 0, "history", history, "resultObjects", results, "outputs");
	if (why != NULL) {
		json_t *exception = json_pack("{s:s, s:s, s:s}", "type", "EXCEPTION", "message", why, "operation",
		                              "deployKubernetesManifestAtomicOperation");
		json_array_append_new(history, json_pack("{s:s, s:s}", "phase", "DEPLOY_KUBERNETES_MANIFEST", "status",
		                                         "Orchestration failed: "
		                                         "deployKubernetesManifestAtomicOperationDescription"));
		json_array_append(results, exception);
		json_object_set_new(task, "exception", exception);
	}
	json_decref(history);
	json_decref(results);
	return task;
}

const char *
deploy_apply(struct stage_run *run)
{
	char id[IDENTIFIER_BYTES];
	const char *why = apply_all(run);
	identifier_uuid(id);
	json_object_set_new(run->context, "kato.result.expected", json_false());
	json_object_set_new(run->context, "kato.last.task.id", json_pack("{s:s}", "id", id));
	json_object_set_new(run->context, "kato.tasks", json_pack("[o]", kato_task(id, why)));
	json_object_set_new(run->context, "deploy.account.name", json_string(tree_text(run->context, "account")));
	return "SUCCEEDED";
}

const char *
deploy_monitor(struct stage_run *run)
{
	const json_t *task = json_array_get(json_object_get(run->context, "kato.tasks"), 0);
	return tree_bool(task, "status.failed") ? "TERMINAL" : "SUCCEEDED";
}

/* ---- what became of it ---- */

/* The object as the cluster has it now. */
static json_t *
deployed(const struct stage_run *run, const json_t *manifest)
{
	const struct gate_options *options = &run->gate->options;
	const json_t *live = options->find(options->data, tree_text(manifest, "apiVersion"), tree_text(manifest, "kind"),
	                                   tree_text(manifest, "metadata.namespace"), tree_text(manifest, "metadata.name"));
	json_t *copy = json_deep_copy(live != NULL ? live : manifest);
	tree_remove(copy, "metadata.managedFields");
	return copy;
}

const char *
deploy_promote(struct stage_run *run)
{
	json_t *objects = json_array(), *names = json_object(), *manifest;
	json_t *outputs = json_object_get(run->stage, "outputs");
	const char *key;
	json_t *value;
	size_t i;
	json_array_foreach (manifests_of(run), i, manifest) {
		const char *namespace = tree_text(manifest, "metadata.namespace");
		json_array_append_new(objects, deployed(run, manifest));
		if (json_object_get(names, namespace) == NULL)
			json_object_set_new(names, namespace, json_array());
		json_array_append_new(json_object_get(names, namespace), json_string(name_of(run, manifest)));
	}
	json_object_set_new(outputs, "outputs.manifests", objects);
	json_object_set_new(outputs, "outputs.manifestNamesByNamespace", names);
	json_object_set_new(outputs, "outputs.boundArtifacts", json_array());
	json_object_set_new(outputs, "outputs.createdArtifacts", json_array());
	json_object_set_new(outputs, "artifacts", json_array());
	json_object_foreach (outputs, key, value)
		json_object_set(run->context, key, value);
	if (tree_bool(run->context, "noOutput"))
		json_object_clear(outputs);
	return "SUCCEEDED";
}

/* Custom kinds are stable as soon as they are looked at: the second time. */
const char *
deploy_settle(struct stage_run *run)
{
	const char *account = tree_text(run->context, "account");
	json_t *messages = json_object_get(run->context, "messages"), *stable = json_array(), *manifest;
	bool is_first = messages == NULL;
	size_t i;
	if (is_first)
		json_object_set_new(run->context, "messages", messages = json_array());
	json_array_foreach (manifests_of(run), i, manifest) {
		const char *name = name_of(run, manifest), *namespace = tree_text(manifest, "metadata.namespace");
		json_array_append_new(messages, json_sprintf("'%s' in '%s' for account %s: %s", name, namespace, account,
		                                             is_first ? "waiting for manifest to stabilize"
		                                                      : "manifest is stable"));
		json_array_append_new(stable, json_pack("{s:s, s:s}", "manifestName", name, "location", namespace));
	}
	if (!is_first) {
		json_object_set(run->context, "stableManifests", stable);
		json_object_set_new(run->context, "failedManifests", json_array());
		json_object_set_new(run->context, "warnings", json_array());
	}
	json_decref(stable);
	return is_first ? "RUNNING" : "SUCCEEDED";
}
