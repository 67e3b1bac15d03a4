#include "core/fiaas/check.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "core/fiaas/render.h"
#include "core/fiaas/spec_keys.h"
#include "core/fiaas/defaults.h"
#include "data/json.h"

static struct arena arena;
static struct fiaas_options options;
static struct problems problems;

static int
set_up(void **state)
{
	(void)state;
	fiaas_options_init(&options);
	problems = (struct problems){.arena = &arena, .file = "fiaas.yml"};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct yaml_node *
parse(const char *text, size_t length)
{
	struct error err;
	struct yaml_node *root = NULL;
	if (!yaml_parse(text, length, "fiaas.yml", &yaml_limits_default, &arena, &root, &err))
		return NULL;
	return root;
}

/* What FDD says to it, or NULL when it takes it. */
static const char *
refusal(const struct yaml_node *root)
{
	static const struct fiaas_cluster_state empty_namespace;
	scoped(json_release) json_t *config = yaml_to_json(root), *objects = NULL;
	const struct fiaas_application application = {
		.name = "shop", .namespace = "ns", .image = "shop:1", .deployment_id = "1", .config = config};
	enum fiaas_outcome outcome;
	struct error err;
	if (fiaas_render(&application, &options, &empty_namespace, &arena, &objects, &outcome, &err))
		return NULL;
	return arena_strdup(&arena, err.why);
}

static void
check(const struct yaml_node *root)
{
	problems.count = problems.n_errors = problems.n_warnings = 0;
	spec_check(&(struct spec_check){.root = root, .options = &options}, &problems);
}

static bool
is_told(const char *message)
{
	for (size_t i = 0; i < problems.count; i++)
		if (problems.items[i].severity == PROBLEM_ERROR && strcmp(problems.items[i].message, message) == 0)
			return true;
	return false;
}

/* ---- FDD and we agree on every example there is ---- */

static size_t
compare_folder(const char *folder)
{
	size_t n_files = 0;
	DIR *entries = opendir(folder);
	assert_non_null(entries);
	for (struct dirent *entry; (entry = readdir(entries));) {
		struct error err;
		char *bytes;
		size_t length;
		if (!strstr(entry->d_name, ".yml"))
			continue;
		char *path = arena_printf(&arena, "%s/%s", folder, entry->d_name);
		assert_true(file_read(path, 1 << 20, &arena, &bytes, &length, &err));
		const struct yaml_node *root = parse(bytes, length);
		assert_non_null(root);
		const char *why = refusal(root);
		check(root);
		if (why && !is_told(why))
			fail_msg("%s: validate does not tell \"%s\"", path, why);
		for (size_t i = 0; !why && i < problems.count; i++)
			if (problems.items[i].rule == RULE_REFUSED)
				fail_msg("%s: validate tells \"%s\", FDD takes it", path, problems.items[i].message);
		n_files++;
	}
	closedir(entries);
	return n_files;
}

static void
test_check__agrees_with_rendering_on_every_example(void **state)
{
	(void)state;
	assert_int_equal(compare_folder("tests/fixtures/fiaas/examples/v3"), 13);
	assert_int_equal(compare_folder("tests/fixtures/fiaas/examples/v2"), 9);
	assert_int_equal(compare_folder("tests/fixtures/fiaas/examples/invalid/v3"), 2);
	assert_int_equal(compare_folder("tests/fixtures/fiaas/examples/invalid/v2"), 1);
}

/* Mutilated documents: each scalar, map and list of a full one replaced in turn by every odd value. */
static const char full[] =
	"version: 3\n"
	"replicas: {minimum: 1, maximum: 4, cpu_threshold_percentage: 60, singleton: false}\n"
	"ingress: [{host: a.example, paths: [{path: /x, port: http}], annotations: {k: v}}, {}]\n"
	"healthchecks:\n"
	"  liveness: {execute: {command: 'sh -c true'}, period_seconds: 5}\n"
	"  readiness: {http: {path: /r, port: http, http_headers: {X: y}}, tcp: {port: http}}\n"
	"resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 100m, memory: 64Mi}}\n"
	"metrics: {prometheus: {enabled: true, port: http, path: /m}, datadog: {enabled: true, tags: {t: u}}}\n"
	"ports: [{protocol: http, name: http, port: 80, target_port: 8080}, {protocol: tcp, name: t, port: 2000}]\n"
	"labels: {deployment: {l: m}}\n"
	"annotations: {pod: {n: o}}\n"
	"secrets_in_environment: true\n"
	"admin_access: false\n"
	"extensions:\n"
	"  tls: {enabled: true, certificate_issuer: i}\n"
	"  strongbox: {iam_role: r, groups: [g]}\n"
	"  secrets: {vault: {parameters: {P: q}, annotations: {}}}\n";

static const char *const odd_values[] = {
	"null", "0", "7", "-1.5", "true", "false", "\"\"", "odd", "\"a 'b\"", "[]", "[1]", "[odd, {a: b}]", "{}", "{a: b}",
};

/* Every node of a tree, in order. */
static void
collect(struct yaml_node *node, struct yaml_node **nodes, size_t *n_nodes)
{
	nodes[(*n_nodes)++] = node;
	for (size_t i = 0; i < node->count; i++)
		collect(node->kind == YAML_KIND_MAP ? node->pairs[i].value : node->items[i], nodes, n_nodes);
}

static void
test_check__agrees_with_rendering_on_mutilated_documents(void **state)
{
	struct yaml_node *nodes[200];
	size_t n_nodes = 0, n_refused = 0;
	struct yaml_node *root = parse(full, strlen(full));
	(void)state;
	options.datadog_container_image = "dd:1";
	options.strongbox_init_container_image = "sb:1";
	collect(root, nodes, &n_nodes);
	for (size_t i = 1; i < n_nodes; i++) {
		for (size_t value = 0; value < array_length(odd_values); value++) {
			struct yaml_node before = *nodes[i];
			const struct yaml_node *odd = parse(odd_values[value], strlen(odd_values[value]));
			if (!odd)
				fail();
			else
				*nodes[i] = *odd;
			nodes[i]->line = before.line;
			nodes[i]->column = before.column;
			const char *why = refusal(root);
			check(root);
			if (why && !problems.n_errors)
				fail_msg("line %u column %u = %s: nothing told of \"%s\"", before.line, before.column,
				         odd_values[value], why);
			n_refused += why != NULL;
			*nodes[i] = before;
		}
	}
	assert_true(n_refused > 100);
}

/* ---- the table of keys ---- */

static void
expect_same_keys(const json_t *defaults, const struct spec_key *keys)
{
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)(uintptr_t)defaults, name, value) {
		const struct spec_key *key = keys;
		while (key->name && strcmp(key->name, name) != 0)
			key++;
		if (!key->name)
			fail_msg("the table lacks \"%s\"", name);
		const json_t *inner = json_is_array(value) ? json_array_get(value, 0) : value;
		if (json_object_size(inner) && key->type != SPEC_ANY)
			expect_same_keys(inner, key->keys);
		scoped(json_release) json_t *initial = NULL;
		if (key->initial)
			initial = yaml_to_json(parse(key->initial, strlen(key->initial)));
		if (initial && !json_equal(initial, value))
			fail_msg("the default of \"%s\" is not %s", name, key->initial);
	}
}

static void
test_spec_keys__know_every_default(void **state)
{
	(void)state;
	expect_same_keys(fiaas_defaults_v3(), spec_keys_v3);
	expect_same_keys(fiaas_defaults_v2(), spec_keys_v2);
}

static void
test_check__problems_are_bounded(void **state)
{
	char *text = arena_printf(&arena, "version: 3\n");
	(void)state;
	for (size_t i = 0; i < PROBLEMS_MAX + 10; i++)
		if (i % 10 == 0)
			text = arena_printf(&arena, "%su%zu: 1\nv%zu: 1\nw%zu: 1\nx%zu: 1\ny%zu: 1\nz%zu: 1\na%zu: 1\n"
			                            "b%zu: 1\nc%zu: 1\nd%zu: 1\n", text, i, i, i, i, i, i, i, i, i, i);
	check(parse(text, strlen(text)));
	assert_int_equal(problems.count, PROBLEMS_MAX);
	assert_true(problems.n_dropped >= 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_check__agrees_with_rendering_on_every_example, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_check__agrees_with_rendering_on_mutilated_documents, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_spec_keys__know_every_default, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_check__problems_are_bounded, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
