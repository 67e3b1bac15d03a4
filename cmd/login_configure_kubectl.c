/* kubectl: cluster, user and context for each server of the platform file, by kubectl's own commands. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/login_configure_parts.h"
#include "data/platform.h"

/* The three things that a name stands for in a kubeconfig. */
enum part { CLUSTER, USER, CONTEXT, PARTS };
static const struct {
	const char *list, *member; /* in the output of `kubectl config view` */
	const char *remove;
} parts[PARTS] = {
	[CLUSTER] = {"clusters", "cluster", "delete-cluster"},
	[USER] = {"users", "user", "delete-user"},
	[CONTEXT] = {"contexts", "context", "delete-context"},
};

struct look {
	struct configure_plan *plan;
	json_t *view;   /* as kubectl shows it, without secrets */
	json_t *record; /* of this kubeconfig */
	bool tells_cluster; /* kubectl can be told to name the cluster to its plugin */
};

static const json_t *
find(const json_t *view, enum part part, const char *name)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(view, parts[part].list), i, item) {
		const char *its = json_string_value(json_object_get(item, "name"));
		if (its != NULL && strcmp(its, name) == 0)
			return json_object_get(item, parts[part].member);
	}
	return NULL;
}

static bool
is_recorded(const struct look *look, enum part part, const char *name)
{
	return json_object_get(json_object_get(look->record, parts[part].list), name) != NULL;
}

/* ---- as it is to be ---- */

static json_t *
wanted(const struct look *look, enum part part, const struct platform_cluster *cluster, const char *name)
{
	if (part == CLUSTER)
		return json_pack("{s:s, s:s*, s:s*}", "server", cluster->server, "certificate-authority", cluster->ca_file,
		                 "tls-server-name", cluster->tls_server_name);
	if (part == CONTEXT)
		return json_pack("{s:s, s:s}", "cluster", name, "user", name);
	return json_pack("{s:{s:s, s:s, s:[s, s, s, s], s:b}}", "exec", "apiVersion", "client.authentication.k8s.io/v1beta1", "command",
	                 "paas", "args", "token", "kubernetes", "--cluster", cluster->name, "provideClusterInfo", look->tells_cluster);
}

/* Members that kubectl adds by itself (interactiveMode, env) do not count. */
static bool
is_as_wanted(const json_t *there, const json_t *want)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)want, key, value) {
		const json_t *its = json_object_get(there, key);
		if (json_is_object(value) ? !is_as_wanted(its, value) : !json_equal(its, value))
			return false;
	}
	return true;
}

static void
add_part(struct look *look, enum part part, const struct platform_cluster *cluster, const char *name)
{
	struct arena *arena = look->plan->session->arena;
	struct configure_step step = {.argv = {"kubectl", "config", "set-cluster", name, arena_printf(arena, "--server=%s", cluster->server)}};
	size_t n_words = 5;
	if (part == CLUSTER && cluster->ca_file != NULL)
		step.argv[n_words++] = arena_printf(arena, "--certificate-authority=%s", cluster->ca_file);
	if (part == CLUSTER && cluster->tls_server_name != NULL)
		step.argv[n_words++] = arena_printf(arena, "--tls-server-name=%s", cluster->tls_server_name);
	if (part == CONTEXT)
		step = (struct configure_step){.argv = {"kubectl", "config", "set-context", name, arena_printf(arena, "--cluster=%s", name),
		                                        arena_printf(arena, "--user=%s", name)}};
	if (part == USER)
		step = (struct configure_step){
			.argv = {"kubectl", "config", "set-credentials", name, "--exec-api-version=client.authentication.k8s.io/v1beta1",
			         "--exec-command=paas", "--exec-arg=token", "--exec-arg=kubernetes", "--exec-arg=--cluster",
			         arena_printf(arena, "--exec-arg=%s", cluster->name),
			         look->tells_cluster ? "--exec-provide-cluster-info=true" : NULL}};
	configure_add(look->plan, step);
	json_object_set_new(configure_object(look->record, parts[part].list), name, json_true());
}

static void
remove_part(struct look *look, enum part part, const char *name)
{
	configure_add(look->plan, (struct configure_step){.argv = {"kubectl", "config", parts[part].remove, name}});
}

/* What carries our name and is not ours is its owner's. */
static bool
plan_part(struct look *look, enum part part, const struct platform_cluster *cluster, const char *name, struct error *err)
{
	const json_t *there = find(look->view, part, name);
	scoped(json_decrefp) json_t *want = wanted(look, part, cluster, name);
	if (there != NULL && is_as_wanted(there, want))
		return true;
	if (there != NULL && !is_recorded(look, part, name)) {
		error_put(err, ERROR_CONFLICT, "the kubeconfig has a %s %s that paas did not write", parts[part].member, name);
		return error_next(err, "kubectl config %s %s, if nobody needs it", parts[part].remove, name);
	}
	if (there != NULL)
		remove_part(look, part, name);
	add_part(look, part, cluster, name);
	return true;
}

/* The file that kubectl would begin; NULL: there is one, or several are named. */
static const char *
missing_file(struct arena *arena)
{
	const char *named = getenv("KUBECONFIG"), *home = getenv("HOME");
	if ((named == NULL || named[0] == '\0') && home != NULL)
		named = arena_printf(arena, "%s/.kube/config", home);
	return named == NULL || strchr(named, ':') != NULL || file_exists(named) ? NULL : named;
}

static void
begin_record(struct look *look)
{
	const char *made = missing_file(look->plan->session->arena);
	json_t *current = json_object_get(look->view, "current-context");
	if (json_object_size(look->record) > 0)
		return;
	json_object_set(look->record, "current_context", json_is_string(current) ? current : json_null());
	json_object_set_new(look->record, "made", made != NULL ? json_string(made) : json_null());
}

static bool
plan_clusters(struct look *look, struct error *err)
{
	const struct platform *platform = look->plan->session->platform;
	size_t count = 0;
	begin_record(look);
	for (size_t i = 0; i < platform->n_clusters; i++) {
		const struct platform_cluster *cluster = &platform->clusters[i];
		const char *name = arena_printf(look->plan->session->arena, "paas-%s", cluster->name);
		if (cluster->server == NULL)
			continue;
		count++;
		for (enum part part = 0; part < PARTS; part++)
			if (!plan_part(look, part, cluster, name, err))
				return false;
	}
	return count > 0 || error_set(err, ERROR_NOT_FOUND, "no cluster of the platform file has a server: kubectl uses its own kubeconfig");
}

/* ---- as it was ---- */

/* The context that was current before us, when one of ours is and goes. */
static void
put_current_back(struct look *look)
{
	const char *current = json_string_value(json_object_get(look->view, "current-context"));
	const char *former = json_string_value(json_object_get(look->record, "current_context"));
	if (current == NULL || !is_recorded(look, CONTEXT, current))
		return;
	bool is_there = former != NULL && find(look->view, CONTEXT, former) != NULL && !is_recorded(look, CONTEXT, former);
	if (is_there)
		configure_add(look->plan, (struct configure_step){.argv = {"kubectl", "config", "use-context", arena_strdup(look->plan->session->arena, former)}});
	else
		configure_add(look->plan, (struct configure_step){.argv = {"kubectl", "config", "unset", "current-context"}});
}

/* Whether what the record names is still what we wrote. */
static bool
is_still_ours(const json_t *there, enum part part, const char *name)
{
	const char *command = json_string_value(json_object_get(json_object_get(there, "exec"), "command"));
	const char *user = json_string_value(json_object_get(there, "user"));
	if (part == USER)
		return command != NULL && strcmp(command, "paas") == 0;
	return there != NULL && (part == CLUSTER || (user != NULL && strcmp(user, name) == 0));
}

/* Whether the file that we made has nothing of anybody else. */
static bool
is_all_ours(const struct look *look)
{
	const json_t *item;
	size_t i;
	for (enum part part = 0; part < PARTS; part++)
		json_array_foreach(json_object_get(look->view, parts[part].list), i, item) {
			const char *name = json_string_value(json_object_get(item, "name"));
			if (name == NULL || !is_recorded(look, part, name) || !is_still_ours(json_object_get(item, parts[part].member), part, name))
				return false;
		}
	return true;
}

static void
plan_undo(struct look *look)
{
	const char *name, *made = json_string_value(json_object_get(look->record, "made"));
	json_t *ignored;
	if (made != NULL && is_all_ours(look) && configure_remove(look->plan, made))
		return;
	put_current_back(look);
	for (enum part part = PARTS; part-- > 0;)
		json_object_foreach(json_object_get(look->record, parts[part].list), name, ignored)
			if (is_still_ours(find(look->view, part, name), part, name))
				remove_part(look, part, arena_strdup(look->plan->session->arena, name));
}

/* ---- */

/* kubectl knows the flag since version 1.29. */
static bool
see(struct look *look, struct error *err)
{
	static const char *const view[] = {"kubectl", "config", "view", "--output=json", NULL};
	static const char *const help[] = {"kubectl", "config", "set-credentials", "--help", NULL};
	const char *text;
	if (!configure_ask(look->plan, view, &text, err))
		return false;
	look->view = json_loads(text, 0, NULL);
	if (!json_is_object(look->view))
		return error_set(err, ERROR_BAD_ANSWER, "kubectl config view does not answer an object");
	if (look->plan->undo)
		return true;
	if (!configure_ask(look->plan, help, &text, err))
		return false;
	look->tells_cluster = strstr(text, "--exec-provide-cluster-info") != NULL;
	return true;
}

bool
configure_plan_kubectl(struct configure_plan *plan, struct error *err)
{
	const char *place = getenv("KUBECONFIG");
	json_t *of_kubectl = configure_object(plan->record, "kubectl");
	place = place != NULL ? place : "";
	struct look look = {.plan = plan, .record = configure_object(of_kubectl, place)};
	bool is_fine = see(&look, err) && (plan->undo || plan_clusters(&look, err));
	if (is_fine && plan->undo)
		plan_undo(&look);
	if (plan->undo || json_object_size(look.record) <= 2) /* nothing but what was there before */
		json_object_del(of_kubectl, place);
	json_decref(look.view);
	return is_fine;
}
