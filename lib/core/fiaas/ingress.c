#include <string.h>

#include "core/fiaas/host.h"
#include "core/fiaas/python.h"
#include "core/fiaas/rendering.h"
#include "core/fiaas/tls.h"

/* ---- rules: which host gets which paths ---- */

struct rule {
	const char *host;
	const struct fiaas_ingress_path *paths;
	size_t n_paths;
	const json_t *annotations; /* NULL: none */
};

struct rules {
	struct rule *items;
	size_t count;
};

static bool
is_wanted(const struct rendering *rendering)
{
	const struct fiaas_spec *spec = rendering->spec;
	bool has_host = rendering->options->ingress_suffix.count > 0;
	for (size_t i = 0; i < spec->n_ingresses; i++)
		has_host |= spec->ingresses[i].annotations == NULL && python_is_true(spec->ingresses[i].host);
	return has_host && spec->n_ingresses > 0; /* spec has no ingresses without an http port */
}

static bool
add_rewritten(struct rendering *rendering, const struct fiaas_ingress *ingress, struct rules *rules)
{
	struct rule rule = {NULL, ingress->paths, ingress->n_paths, ingress->annotations};
	struct error err;
	if (!json_is_string(ingress->host)) {
		rendering_fail(rendering, "ingress host %s is not a string",
		               python_repr(ingress->host, rendering->arena));
		return false;
	}
	if (!host_rewrite(&rendering->options->host_rewrite_rule, json_string_value(ingress->host),
	                  rendering->arena, &rule.host, &err)) {
		rendering_fail(rendering, "%s", err.why);
		return false;
	}
	rules->items[rules->count++] = rule;
	return true;
}

/* A text that is the same for values Python calls equal. */
static const char *
key_of(const json_t *value, struct arena *arena)
{
	return python_is_number(value) ? arena_printf(arena, "%.17g", python_number(value))
	                               : python_repr(value, arena);
}

/* Whether `path` is not yet in `seen`, where it then is. */
static bool
is_new_path(const struct rendering *rendering, const struct fiaas_ingress_path *path, json_t *seen)
{
	const char *key = arena_printf(rendering->arena, "%s\n%s", key_of(path->path, rendering->arena),
	                               key_of(path->port, rendering->arena));
	if (json_object_get(seen, key) != NULL)
		return false;
	json_object_set_new(seen, key, json_true());
	return true;
}

static void
collect_unannotated_paths(const struct rendering *rendering, struct fiaas_ingress_path *paths,
                          size_t *ret_count)
{
	const struct fiaas_spec *spec = rendering->spec;
	json_t *seen = json_object();
	for (size_t i = 0; i < spec->n_ingresses; i++)
		for (size_t j = 0; spec->ingresses[i].annotations == NULL && j < spec->ingresses[i].n_paths; j++)
			if (is_new_path(rendering, &spec->ingresses[i].paths[j], seen))
				paths[(*ret_count)++] = spec->ingresses[i].paths[j];
	json_decref(seen);
}

/* Every path that is not bound to annotations, those of hosts too; without any, "/" to the port
 * named http. */
static bool
collect_default_paths(struct rendering *rendering, struct rule *ret)
{
	const struct fiaas_spec *spec = rendering->spec;
	size_t max = 1;
	for (size_t i = 0; i < spec->n_ingresses; i++)
		max += spec->ingresses[i].n_paths;
	struct fiaas_ingress_path *paths = arena_array(rendering->arena, struct fiaas_ingress_path, max);
	*ret = (struct rule){.paths = paths};
	collect_unannotated_paths(rendering, paths, &ret->n_paths);
	for (size_t i = spec->n_ports; i-- > 0 && ret->n_paths == 0;) {
		const char *name = json_string_value(spec->ports[i].name);
		if (spec->ports[i].protocol == FIAAS_PROTOCOL_HTTP && name != NULL && strcmp(name, "http") == 0)
			paths[ret->n_paths++] =
				(struct fiaas_ingress_path){rendering->default_path, spec->ports[i].port};
	}
	if (ret->n_paths == 0)
		rendering_fail(rendering, "Cannot find http port mapping in application spec");
	return ret->n_paths > 0;
}

static const char *
find_partner(const struct fiaas_pairs *pairs, size_t pair, const char *host)
{
	if (strcmp(pairs->items[pair].key, host) == 0)
		return pairs->items[pair].value;
	return strcmp(pairs->items[pair].value, host) == 0 ? pairs->items[pair].key : NULL;
}

static bool
has_host(const struct rules *rules, const char *host)
{
	for (size_t i = 0; i < rules->count; i++)
		if (strcmp(rules->items[i].host, host) == 0)
			return true;
	return false;
}

static void
add_partners(const struct rendering *rendering, struct rules *rules)
{
	const struct fiaas_pairs *pairs = &rendering->options->ingress_host_pair;
	size_t n_before = rules->count;
	for (size_t i = 0; i < n_before; i++)
		for (size_t j = 0; j < pairs->count; j++) {
			const char *partner = find_partner(pairs, j, rules->items[i].host);
			if (partner == NULL || has_host(rules, partner))
				continue;
			rules->items[rules->count] = rules->items[i];
			rules->items[rules->count++].host = partner;
		}
}

static bool
collect_rules(struct rendering *rendering, struct rules *rules)
{
	const struct fiaas_spec *spec = rendering->spec;
	const struct fiaas_options *options = rendering->options;
	size_t n_hosts = spec->n_ingresses + options->ingress_suffix.count;
	struct rule of_suffix;
	rules->items =
		arena_array(rendering->arena, struct rule, n_hosts + n_hosts * options->ingress_host_pair.count);
	for (size_t i = 0; i < spec->n_ingresses; i++)
		if (python_is_true(spec->ingresses[i].host) &&
		    !add_rewritten(rendering, &spec->ingresses[i], rules))
			return false;
	if (!collect_default_paths(rendering, &of_suffix))
		return false;
	for (size_t i = 0; i < options->ingress_suffix.count; i++) {
		of_suffix.host = arena_printf(rendering->arena, "%s.%s", rendering->application->name,
		                              options->ingress_suffix.items[i]);
		rules->items[rules->count++] = of_suffix;
	}
	add_partners(rendering, rules);
	return true;
}

/* ---- grouping into Ingress objects ---- */

enum group_kind { GROUP_DEFAULT, GROUP_ANNOTATED, GROUP_ISSUER, GROUP_KINDS };

struct group {
	enum group_kind kind;
	const char *name;
	struct tls_issuer issuer;
	const json_t *annotations;
	const struct rule **rules;
	size_t n_rules;
};

struct groups {
	struct group *items; /* [0] is the default one */
	size_t count;
	size_t max_rules; /* of a group without annotations */
};

static struct group *
add_group(const struct rendering *rendering, struct groups *groups, enum group_kind kind,
          struct tls_issuer issuer)
{
	struct group *group = &groups->items[groups->count];
	*group = (struct group){
		.kind = kind,
		.name = groups->count == 0 ? rendering->application->name
		                           : arena_printf(rendering->arena, "%s-%zu",
		                                          rendering->application->name, groups->count),
		.issuer = issuer,
		.rules = arena_array(rendering->arena, const struct rule *,
		                     kind == GROUP_ANNOTATED ? 1 : groups->max_rules),
	};
	groups->count++;
	return group;
}

static struct group *
choose_group(struct rendering *rendering, struct groups *groups, const struct rule *rule)
{
	struct tls_issuer issuer = tls_issuer_of_host(rendering, rule->host);
	if (rule->annotations != NULL)
		return add_group(rendering, groups, GROUP_ANNOTATED, issuer);
	for (size_t i = 0; i < groups->count; i++)
		if (groups->items[i].kind != GROUP_ANNOTATED &&
		    tls_is_same_issuer(groups->items[i].issuer, issuer))
			return &groups->items[i];
	return add_group(rendering, groups, GROUP_ISSUER, issuer);
}

static void
group_rules(struct rendering *rendering, const struct rules *rules, struct groups *groups)
{
	groups->max_rules = rules->count;
	groups->items = arena_array(rendering->arena, struct group, rules->count + 1);
	add_group(rendering, groups, GROUP_DEFAULT, tls_default_issuer(rendering));
	for (size_t i = 0; i < rules->count; i++) {
		struct group *group = choose_group(rendering, groups, &rules->items[i]);
		group->annotations = rules->items[i].annotations;
		group->rules[group->n_rules++] = &rules->items[i];
	}
}

/* ---- objects ---- */

static json_t *
build_path(const struct rendering *rendering, const struct fiaas_ingress_path *path)
{
	const char *name = rendering->application->name;
	if (rendering->options->use_networkingv1_ingress)
		return json_pack("{s:O, s:s, s:{s:{s:s, s:{s:O}}}}", "path", path->path, "pathType",
		                 "ImplementationSpecific", "backend", "service", "name", name, "port", "number",
		                 path->port);
	return json_pack("{s:O, s:{s:s, s:O}}", "path", path->path, "backend", "serviceName", name,
	                 "servicePort", path->port);
}

static json_t *
build_rule(const struct rendering *rendering, const struct rule *rule)
{
	json_t *paths = json_array(), *seen = json_object();
	for (size_t i = 0; i < rule->n_paths; i++)
		if (is_new_path(rendering, &rule->paths[i], seen))
			json_array_append_new(paths, build_path(rendering, &rule->paths[i]));
	json_decref(seen);
	return json_pack("{s:s, s:{s:o}}", "host", rule->host, "http", "paths", paths);
}

/* Whether the application itself asks for a host; an empty one counts. */
static bool
is_exposed(const struct rendering *rendering, const struct group *group)
{
	const struct fiaas_spec *spec = rendering->spec;
	for (size_t i = 0; i < spec->n_ingresses; i++)
		if (spec->ingresses[i].annotations == NULL && spec->ingresses[i].host != NULL)
			return true;
	return group->kind == GROUP_ANNOTATED;
}

static json_t *
build_annotations(struct rendering *rendering, const struct group *group)
{
	json_t *annotations = rendering_annotations(rendering, FIAAS_OBJECT_INGRESS);
	if (group->annotations != NULL && !json_is_object(group->annotations)) {
		json_decref(annotations);
		return rendering_fail(rendering, "'%s' object has no attribute 'items'",
		                      python_type_name(group->annotations));
	}
	json_object_update(annotations, json_borrow(group->annotations));
	json_object_set_new(annotations, "fiaas/expose",
	                    json_string(is_exposed(rendering, group) ? "true" : "false"));
	if (tls_is_enabled(rendering))
		tls_add_annotation(rendering, group->issuer, annotations);
	return annotations;
}

static json_t *
build_tls(const struct rendering *rendering, const struct group *group)
{
	const char **hosts = arena_array(rendering->arena, const char *, group->n_rules);
	for (size_t i = 0; i < group->n_rules; i++)
		hosts[i] = group->rules[i]->host;
	return tls_is_enabled(rendering) ? tls_entries(rendering, group->name, group->kind == GROUP_DEFAULT,
	                                               hosts, group->n_rules)
	                                 : NULL;
}

static json_t *
build_object(struct rendering *rendering, const struct group *group)
{
	bool is_v1 = rendering->options->use_networkingv1_ingress;
	json_t *rules = json_array();
	json_t *annotations = build_annotations(rendering, group);
	for (size_t i = 0; i < group->n_rules; i++)
		json_array_append_new(rules, build_rule(rendering, group->rules[i]));
	return json_pack("{s:s, s:s, s:o, s:{s:o*, s:o}}", "apiVersion",
	                 is_v1 ? "networking.k8s.io/v1" : "extensions/v1beta1", "kind", "Ingress", "metadata",
	                 rendering_metadata(rendering, FIAAS_OBJECT_INGRESS, group->name, annotations), "spec",
	                 "tls", build_tls(rendering, group), "rules", rules);
}

bool
render_ingresses(struct rendering *rendering, json_t *objects)
{
	struct rules rules = {0};
	struct groups groups = {0};
	if (!is_wanted(rendering))
		return true;
	if (!collect_rules(rendering, &rules))
		return false;
	group_rules(rendering, &rules, &groups);
	for (enum group_kind kind = GROUP_DEFAULT; kind < GROUP_KINDS; kind++)
		for (size_t i = 0; i < groups.count; i++) {
			const struct group *group = &groups.items[i];
			if (group->kind == kind && group->n_rules > 0 &&
			    !rendering_append(objects, build_object(rendering, group)))
				return false;
		}
	return true;
}
