#include "core/onboard/migrate.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "core/fiaas/checking.h"
#include "core/fiaas/defaults.h"
#include "core/fiaas/merge.h"
#include "core/fiaas/options.h"
#include "core/fiaas/python.h"
#include "core/fiaas/render.h"
#include "core/fiaas/spec_keys.h"
#include "core/fiaas/v2.h"
#include "core/onboard/inspecting.h"
#include "core/onboard/propose.h"
#include "data/json.h"
#include "data/yaml.h"

enum { TEXT_MAX_BYTES = 1024 * 1024, CHANGES_MAX = 8, DROPPED_MAX = 16 };

/* ---- reading ---- */

static bool
read_yaml(const char *text, const char *file, struct arena *arena, json_t **ret, struct error *err)
{
	struct yaml_node *root;
	if (!yaml_parse(text, strlen(text), file, &yaml_limits_default, arena, &root, err))
		return false;
	*ret = root != NULL ? yaml_to_json(root) : json_object();
	return true;
}

long
migrate_version(const char *text)
{
	struct arena arena __attribute__((cleanup(arena_release))) = {0};
	scoped(json_release) json_t *config = NULL;
	struct error ignored;
	if (!read_yaml(text, "fiaas.yml", &arena, &config, &ignored))
		return 0;
	return (long)json_int_at(config, "version", 0);
}

/* ---- without what equals a default ---- */

static json_t *without_defaults(const json_t *map, const json_t *defaults);

/* What must be written (new reference), or NULL: nothing. */
static json_t *
needed(const json_t *value, const json_t *defaults)
{
	if (fiaas_is_unset(value) || python_is_equal(value, defaults))
		return NULL;
	if (json_is_object(value) && json_object_size(json_borrow(defaults)) > 0)
		return without_defaults(value, defaults);
	const json_t *item = json_array_get(value, 0), *default_item = json_array_get(defaults, 0);
	bool is_single = json_array_size(value) == 1 && json_array_size(defaults) == 1;
	if (!is_single || !json_is_object(item) || !json_is_object(default_item))
		return json_share(value);
	json_t *rest = without_defaults(item, default_item);
	return rest != NULL ? json_pack("[o]", rest) : NULL;
}

static json_t *
without_defaults(const json_t *map, const json_t *defaults)
{
	const char *key;
	json_t *value, *kept = json_object();
	json_object_foreach (json_borrow(map), key, value) {
		json_t *rest = needed(value, json_object_get(json_borrow(defaults), key));
		if (rest != NULL)
			json_object_set_new(kept, key, rest);
	}
	if (json_object_size(kept) > 0)
		return kept;
	json_decref(kept);
	return NULL;
}

/* Everything, but for what is unset. */
static json_t *
without_unset(const json_t *value)
{
	const char *key;
	json_t *member;
	if (!json_is_object(value))
		return json_share(value);
	json_t *kept = json_object();
	json_object_foreach (json_borrow(value), key, member)
		if (!fiaas_is_unset(member))
			json_object_set_new(kept, key, without_unset(member));
	return kept;
}

/* The order of the table of keys, as the manual and people have it. */
static json_t *
in_order(json_t *config)
{
	json_t *sorted = json_pack("{s:i}", "version", 3);
	for (const struct spec_key *key = spec_keys_v3; key->name != NULL; key++)
		if (json_object_get(config, key->name) != NULL && strcmp(key->name, "version") != 0)
			json_object_set(sorted, key->name, json_object_get(config, key->name));
	json_decref(config);
	return sorted;
}

/* ---- the same objects? ---- */

static bool
render(const json_t *config, struct arena *arena, json_t **ret, struct error *err)
{
	struct fiaas_application application = {
		.name = "application", .namespace = "default", .image = "image:1", .deployment_id = "1", .config = config};
	struct fiaas_options options;
	struct fiaas_cluster_state state = {0};
	enum fiaas_outcome outcome;
	scoped(json_release) json_t *suffix = json_pack("{s:[s]}", "ingress_suffix", "example.com");
	fiaas_options_init(&options);
	return fiaas_options_set_json(&options, suffix, arena, err) &&
	       fiaas_render(&application, &options, &state, arena, ret, &outcome, err);
}

static const struct {
	const char *kind, *name;
} quantities[] = {{"limits", "cpu"}, {"limits", "memory"}, {"requests", "cpu"}, {"requests", "memory"}};

static bool
is_unset(const json_t *transformed, size_t i)
{
	json_t *kind = json_object_get(json_object_get(json_borrow(transformed), "resources"), quantities[i].kind);
	return fiaas_is_unset(json_object_get(kind, quantities[i].name));
}

/* Takes out of the new objects what version 2 had not set: its quantities, and the autoscaler, which
 * is only made where CPU is requested. */
static void
forgive(json_t *objects, const json_t *transformed)
{
	size_t at = json_array_size(objects);
	while (at-- > 0) {
		json_t *object = json_array_get(objects, at);
		const char *kind = json_text_or(object, "kind", "");
		json_t *container = json_at(object, "spec.template.spec.containers.0");
		json_t *resources = json_object_get(container, "resources");
		if (strcmp(kind, "HorizontalPodAutoscaler") == 0 && is_unset(transformed, 2)) {
			json_array_remove(objects, at);
			continue;
		}
		for (size_t i = 0; resources != NULL && i < array_length(quantities); i++) {
			json_t *map = json_object_get(resources, quantities[i].kind);
			if (is_unset(transformed, i))
				json_object_del(map, quantities[i].name);
			if (map != NULL && json_object_size(map) == 0)
				json_object_del(resources, quantities[i].kind);
		}
		if (resources != NULL && json_object_size(resources) == 0)
			json_object_del(container, "resources");
	}
}

static bool
means_the_same(const json_t *v3, const json_t *old_objects, const json_t *transformed, struct arena *arena)
{
	scoped(json_release) json_t *rendered = NULL;
	struct error ignored;
	if (v3 == NULL || !render(v3, arena, &rendered, &ignored))
		return false;
	scoped(json_release) json_t *objects = json_deep_copy(rendered);
	forgive(objects, transformed);
	return json_equal(objects, json_borrow(old_objects));
}

/* What is asked of `kind` ("requests", "limits") for `name`, as text; NULL: unset. */
static const char *
written(const json_t *transformed, const char *kind, const char *name, struct arena *arena)
{
	json_t *value = json_object_get(json_object_get(json_object_get(json_borrow(transformed), "resources"), kind),
	                                name);
	return value == NULL || fiaas_is_unset(value) ? NULL : python_text(value, arena);
}

static void
set_quantity(json_t *v3, const char *kind, const char *name, const char *text)
{
	json_t *resources = json_object_get(v3, "resources"), *map;
	if (resources == NULL)
		json_object_set_new(v3, "resources", resources = json_object());
	if ((map = json_object_get(resources, kind)) == NULL)
		json_object_set_new(resources, kind, map = json_object());
	json_object_set_new(map, name, json_string(text));
}

/* An unset request is what the API server makes of it: the limit.  An unset limit becomes the default,
 * or the request where that is more: a request above its limit is refused. */
static void
fill_quantities(json_t *v3, const json_t *transformed, struct arena *arena)
{
	static const char *const names[] = {"cpu", "memory"};
	for (size_t i = 0; i < array_length(names); i++) {
		const char *limit = written(transformed, "limits", names[i], arena);
		const char *request = written(transformed, "requests", names[i], arena);
		const char *usual = json_text_or(fiaas_defaults_v3(),
		                                 arena_printf(arena, "resources.limits.%s", names[i]), "");
		double wanted, allowed;
		if (limit != NULL && request == NULL)
			set_quantity(v3, "requests", names[i], limit);
		if (request != NULL && limit == NULL && !check_quantity(request, &wanted) &&
		    !check_quantity(usual, &allowed) &&
		    wanted > allowed)
			set_quantity(v3, "limits", names[i], request);
	}
}

/* The shortest form that means the same (new reference), or NULL. */
static json_t *
choose(const json_t *transformed, const json_t *old_objects, struct arena *arena)
{
	json_t *shortest = without_defaults(transformed, fiaas_defaults_v3());
	shortest = shortest != NULL ? shortest : json_object();
	fill_quantities(shortest, transformed, arena);
	shortest = in_order(shortest);
	if (means_the_same(shortest, old_objects, transformed, arena))
		return shortest;
	json_decref(shortest);
	json_t *whole = without_unset(transformed);
	fill_quantities(whole, transformed, arena);
	whole = in_order(whole);
	if (means_the_same(whole, old_objects, transformed, arena))
		return whole;
	json_decref(whole);
	return NULL;
}

/* ---- what to tell ---- */

static void
tell_changes(const json_t *transformed, const json_t *old_objects, const json_t *v3, struct arena *arena,
             struct migration *ret)
{
	scoped(json_release) json_t *objects = NULL;
	struct error ignored;
	ret->changes = arena_array(arena, const char *, CHANGES_MAX);
	for (size_t i = 0; i < array_length(quantities); i++) {
		const char *path = arena_printf(arena, "resources.%s.%s", quantities[i].kind, quantities[i].name);
		if (is_unset(transformed, i))
			ret->changes[ret->n_changes++] = arena_printf(
				arena, "%s: not set so far, from now on %s", path,
				inspecting_clean(json_text_or(v3, path, json_text_or(fiaas_defaults_v3(), path, "")), arena));
	}
	if (render(v3, arena, &objects, &ignored) && json_array_size(objects) > json_array_size(old_objects))
		ret->changes[ret->n_changes++] = "autoscaler: without a CPU request there was none so far, from now on there is one";
}

static void
tell_dropped(json_t *config, struct arena *arena, struct migration *ret)
{
	ret->dropped = arena_array(arena, const char *, DROPPED_MAX);
	for (const struct spec_key *key = spec_keys_v2; key->name != NULL && ret->n_dropped < DROPPED_MAX; key++)
		if (key->is_dropped && json_object_get(config, key->name) != NULL)
			ret->dropped[ret->n_dropped++] = key->name;
}

static bool
write_text(const json_t *v3, const char *schema, struct arena *arena, struct migration *ret, struct error *err)
{
	scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	if (schema != NULL)
		buf_add_text(&text, propose_schema_line(schema, arena));
	if (ret->n_changes > 0)
		buf_add_text(&text, "# Version 2 left these unset; version 3 always has them, its defaults unless they are written:\n");
	for (size_t i = 0; i < ret->n_changes; i++)
		buf_printf(&text, "#   %s\n", ret->changes[i]);
	if (!yaml_write(v3, &text))
		return error_set(err, ERROR_INVALID_SPEC, "the new file would be larger than %d bytes",
		                 TEXT_MAX_BYTES);
	ret->text = arena_strdup(arena, text.bytes);
	return true;
}

bool
migrate(const char *text, const char *file, const char *schema, struct arena *arena, struct migration *ret,
        struct error *err)
{
	scoped(json_release) json_t *config = NULL, *old_objects = NULL, *transformed = NULL, *v3 = NULL;
	struct migration migration = {0};
	struct merge merge = {.arena = arena, .err = err};
	if (!read_yaml(text, file, arena, &config, err))
		return false;
	if (json_int_at(config, "version", 0) != 2) {
		error_put(err, ERROR_INVALID_SPEC, "%s is not version 2", file);
		return error_next(err, "paas validate %s", file);
	}
	if (!render(config, arena, &old_objects, err))
		return false; /* the operator's own words */
	transformed = fiaas_v2_transform(&merge, config);
	if (merge.failed)
		return false;
	v3 = choose(transformed, old_objects, arena);
	if (v3 == NULL)
		return error_set(err, ERROR_INVALID_SPEC, "%s: version 3 has no way to say the same", file);
	tell_changes(transformed, old_objects, v3, arena, &migration);
	tell_dropped(config, arena, &migration);
	if (!write_text(v3, schema, arena, &migration, err))
		return false;
	*ret = migration;
	return true;
}
