/* What the tests of the FIAAS renderer share: one application, its options and its objects.
 * Configs are written as YAML in flow style, values compared as compact JSON with ' for ". */
#ifndef PAAS_TESTS_UNIT_FIAAS_FIXTURE_H
#define PAAS_TESTS_UNIT_FIAAS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "core/fiaas/render.h"
#include "data/json.h"
#include "data/yaml.h"

enum { FIXTURE_MAX = 1 << 20 };

static struct arena arena;
static struct error err;
static struct fiaas_application application;
static struct fiaas_options options;
static struct fiaas_cluster_state cluster;
static enum fiaas_outcome outcome;
static json_t *objects, *config;

static inline int
set_up(void **state)
{
	(void)state;
	err = (struct error){0};
	application = (struct fiaas_application){
		.name = "shop",
		.namespace = "sales",
		.image = "registry.example/shop:1.2.3",
		.deployment_id = "id1",
	};
	cluster = (struct fiaas_cluster_state){0};
	fiaas_options_init(&options);
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	json_decref(objects);
	json_decref(config);
	objects = config = NULL;
	arena_release(&arena);
	return 0;
}

static inline json_t *
yaml(const char *text)
{
	struct yaml_node *node;
	if (!yaml_parse(text, strlen(text), "test", &yaml_limits_default, &arena, &node, &err))
		fail_msg("%s", err.why);
	return node == NULL ? json_null() : yaml_to_json(node);
}

static inline json_t *
read_fixture(const char *name)
{
	char *bytes;
	size_t length;
	const char *path = arena_printf(&arena, "tests/fixtures/fiaas/%s", name);
	if (!file_read(path, FIXTURE_MAX, &arena, &bytes, &length, &err))
		fail_msg("%s: %s", path, err.why);
	return yaml(bytes);
}

static inline void
option(const char *assignment)
{
	if (!fiaas_options_set_texts(&options, &assignment, 1, &arena, &err))
		fail_msg("%s", err.why);
}

/* One more value of a repeatable option. */
static inline void
options_many(const char *const *assignments, size_t count)
{
	if (!fiaas_options_set_texts(&options, assignments, count, &arena, &err))
		fail_msg("%s", err.why);
}

/* Renders; steals `new_config`. */
static inline bool
render_config(json_t *new_config)
{
	json_decref(objects);
	json_decref(config);
	objects = NULL;
	config = new_config;
	application.config = config;
	err = (struct error){0};
	return fiaas_render(&application, &options, &cluster, &arena, &objects, &outcome, &err);
}

static inline void
render(const char *text)
{
	if (!render_config(yaml(text)))
		fail_msg("%s: %s", text, err.why);
	assert_int_equal(outcome, FIAAS_ACCEPTED);
}

static inline void
assert_refused(enum fiaas_outcome expected, const char *text, const char *why)
{
	if (render_config(yaml(text)))
		fail_msg("%s was rendered", text);
	assert_string_equal(err.why, why);
	assert_int_equal(outcome, expected);
	assert_int_equal(err.code, ERROR_INVALID_SPEC);
}
#define assert_invalid(text, why) assert_refused(FIAAS_INVALID, "{version: 3, " text "}", why)
#define assert_deploy_error(text, why) assert_refused(FIAAS_DEPLOY_ERROR, "{version: 3, " text "}", why)

/* The n-th object of a kind, or NULL. */
static inline json_t *
find_object(const char *kind, size_t n)
{
	for (size_t i = 0; i < json_array_size(objects); i++)
		if (strcmp(json_text_or(json_array_get(objects, i), "kind", ""), kind) == 0 && n-- == 0)
			return json_array_get(objects, i);
	return NULL;
}

/* The value at `path` of the n-th object of `kind`. */
static inline void
assert_at(const char *kind, size_t n, const char *path, const char *expected)
{
	json_t *object = find_object(kind, n);
	if (object == NULL)
		fail_msg("no %s %zu", kind, n);
	json_t *value = json_at(object, path);
	char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	char *shown = arena_strdup(&arena, text == NULL ? "absent" : text);
	free(text);
	for (char *at = shown; *at != '\0'; at++)
		*at = *at == '"' ? '\'' : *at;
	if (strcmp(shown, expected) != 0)
		fail_msg("%s %s is %s, not %s", kind, path, shown, expected);
}

#define assert_deployment(path, expected) assert_at("Deployment", 0, "spec." path, expected)
#define assert_pod(path, expected) assert_at("Deployment", 0, "spec.template.spec." path, expected)
#define assert_container(path, expected) \
	assert_at("Deployment", 0, "spec.template.spec.containers.0." path, expected)
#define assert_pod_metadata(path, expected) \
	assert_at("Deployment", 0, "spec.template.metadata." path, expected)
#define assert_absent(kind) assert_null(find_object(kind, 0))

#endif
