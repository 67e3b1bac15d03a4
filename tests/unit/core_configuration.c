/* Whose names they are, how pods get them, what is written, and the reader of NAME=VALUE lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/configuration/change.h"
#include "core/configuration/controller.h"
#include "core/configuration/delivery.h"
#include "core/configuration/environment_file.h"
#include "data/json.h"

static json_t *
parse(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);
	assert_non_null(value);
	return value;
}

/* ---- values ---- */

static const char metadata_text[] =
	"{\"resourceVersion\":\"7\",\"annotations\":{\"paas/values\":\"{\\\"OURS\\\":{\\\"at\\\":\\\"2026-01-02T03:04:05Z\\\","
	"\\\"by\\\":\\\"ada\\\"},\\\"TAKEN\\\":{\\\"at\\\":\\\"2026-01-02T03:04:05Z\\\"}}\"},\"managedFields\":["
	"{\"manager\":\"paas\",\"time\":\"2026-02-02T00:00:00Z\",\"fieldsV1\":{\"f:data\":{\".\":{},\"f:OURS\":{},\"f:SHARED\":{},"
	"\"f:PLAIN\":{}}}},"
	"{\"manager\":\"kubectl-edit\",\"time\":\"2026-03-02T00:00:00Z\",\"fieldsV1\":{\"f:data\":{\"f:TAKEN\":{},\"f:SHARED\":{}},"
	"\"f:binaryData\":{\"f:bytes\":{}}}}]}";

static void
test_values__tell_who_holds_each_name_and_since_when(void **state)
{
	static const struct {
		const char *name, *manager, *set_by;
		int64_t set_ms;
	} rows[] = {
		{"OURS", "paas", "ada", 1767323045000},        /* by the annotation */
		{"PLAIN", "paas", "", 1769990400000},          /* by managedFields */
		{"SHARED", "kubectl-edit", "", 1772409600000}, /* others count before us */
		{"TAKEN", "kubectl-edit", "", 1772409600000},  /* an old note of ours says nothing */
		{"bytes", "kubectl-edit", "", 1772409600000},
	};
	scoped(arena_release) struct arena arena = {0};
	scoped(json_release) json_t *metadata = parse(metadata_text);
	scoped(values_release) struct values values = {0};
	(void)state;
	values_of(metadata, NULL, &arena, &values);
	assert_int_equal(values.count, array_length(rows));
	for (size_t i = 0; i < array_length(rows); i++) {
		assert_string_equal(values.entries[i].name, rows[i].name);
		assert_string_equal(values.entries[i].manager, rows[i].manager);
		assert_string_equal(values.entries[i].set_by, rows[i].set_by);
		assert_int_equal(values.entries[i].set_ms, rows[i].set_ms);
	}
	assert_true(values_find(&values, "bytes")->is_binary);
	assert_null(values_find(&values, "NONE"));
	assert_null(values.controller);
}

static void
test_values__survive_whatever_metadata_holds(void **state)
{
	static const char *const texts[] = {
		"{}", "[]", "{\"managedFields\":7}", "{\"managedFields\":[7,{},{\"fieldsV1\":[]},{\"fieldsV1\":{\"f:data\":\"x\"}}]}",
		"{\"annotations\":{\"paas/values\":\"[\"}}", "{\"annotations\":{\"paas/values\":\"[]\"}}", "{\"annotations\":[]}",
		"{\"ownerReferences\":{\"a\":1},\"labels\":7}", "{\"ownerReferences\":[{\"controller\":true}]}",
	};
	(void)state;
	for (size_t i = 0; i < array_length(texts); i++) {
		scoped(arena_release) struct arena arena = {0};
		scoped(json_release) json_t *metadata = parse(texts[i]);
		scoped(json_release) json_t *keys = parse("[7,\"FOUND\",null]");
		scoped(values_release) struct values values = {0};
		values_of(metadata, keys, &arena, &values);
		assert_int_equal(values.count, 1);
		assert_string_equal(values.entries[0].manager, "");
	}
}

static void
test_controller__is_known_by_its_marks(void **state)
{
	static const struct {
		const char *metadata, *who;
	} rows[] = {
		{"{}", NULL},
		{"{\"ownerReferences\":[{\"kind\":\"Application\",\"name\":\"web\"}]}", NULL},
		{"{\"ownerReferences\":[{\"kind\":\"SealedSecret\",\"name\":\"web\",\"controller\":true}]}", "SealedSecret web"},
		{"{\"labels\":{\"reconcile.external-secrets.io/managed\":\"true\"}}", "External Secrets"},
		{"{\"annotations\":{\"sealedsecrets.bitnami.com/managed\":\"false\"}}", NULL},
		{"{\"labels\":{\"kustomize.toolkit.fluxcd.io/name\":\"shop\"}}", "Flux kustomization shop"},
		{"{\"labels\":{\"app.kubernetes.io/managed-by\":\"argocd\"}}", "argocd"},
		{"{\"labels\":{\"app.kubernetes.io/managed-by\":\"paas\"}}", NULL},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(arena_release) struct arena arena = {0};
		scoped(json_release) json_t *metadata = parse(rows[i].metadata);
		const char *who = controller_of(metadata, &arena);
		if (rows[i].who == NULL)
			assert_null(who);
		else
			assert_string_equal(who, rows[i].who);
	}
}

/* ---- delivery ---- */

#define MOUNTED "\"volumes\":[{\"name\":\"v\",\"secret\":{\"secretName\":\"web\"}}],\"containers\":[{\"name\":\"web\"," \
	"\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/var/run/secrets/fiaas/\"}]"
#define POD(spec, started) "{\"spec\":{" spec "}]},\"status\":{\"containerStatuses\":[{\"name\":\"web\",\"state\":" \
	"{\"running\":{\"startedAt\":\"" started "\"}}}]}}"
#define IN_ENVIRONMENT MOUNTED ",\"envFrom\":[{\"secretRef\":{\"name\":\"web\"}}]"
#define NOT_MOUNTED "\"containers\":[{\"name\":\"web\""
#define OLD "2026-01-01T00:00:00Z"
#define NEW "2026-01-01T00:10:00Z"

static void
test_delivery__tells_whether_pods_have_it(void **state)
{
	enum { SET_MS = 5 * 60 * 1000, LATE_MS = 60 * 60 * 1000, SOON_MS = SET_MS + 1000 };
	static const int64_t begin_ms = 1767225600000; /* OLD */
	static const struct {
		const char *spec, *pods;
		int64_t now_ms;
		enum reach reach;
	} rows[] = {
		{MOUNTED, "[]", LATE_MS, REACH_NO_PODS},
		{MOUNTED, "[" POD(MOUNTED, OLD) "]", SOON_MS, REACH_ARRIVING},
		{MOUNTED, "[" POD(MOUNTED, OLD) "]", LATE_MS, REACH_CURRENT},
		{MOUNTED, "[" POD(MOUNTED, NEW) "]", SOON_MS, REACH_CURRENT},
		{IN_ENVIRONMENT, "[" POD(IN_ENVIRONMENT, OLD) "]", LATE_MS, REACH_RESTART},
		{IN_ENVIRONMENT, "[" POD(IN_ENVIRONMENT, NEW) "," POD(IN_ENVIRONMENT, OLD) "]", LATE_MS, REACH_RESTART},
		{IN_ENVIRONMENT, "[" POD(IN_ENVIRONMENT, NEW) "]", LATE_MS, REACH_CURRENT},
		{NOT_MOUNTED, "[" POD(NOT_MOUNTED, OLD) "]", LATE_MS, REACH_UNMOUNTED},
		{MOUNTED, "[" POD(NOT_MOUNTED, OLD) "]", LATE_MS, REACH_UNMOUNTED},
		{MOUNTED, "[7,{},{\"spec\":[]}]", LATE_MS, REACH_NO_PODS},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(arena_release) struct arena arena = {0};
		scoped(json_release) json_t *pods = parse(rows[i].pods);
		scoped(json_release) json_t *deployment =
			parse(arena_printf(&arena, "{\"spec\":{\"template\":{\"spec\":{%s}]}}}}", rows[i].spec));
		struct delivery delivery;
		delivery_of(&values_secret, "web", deployment, pods, &arena, &delivery);
		enum reach reach = delivery_reach(&delivery, true, begin_ms + SET_MS, begin_ms + rows[i].now_ms);
		if (reach != rows[i].reach)
			fail_msg("row %zu: %s, not %s", i, reach_name(reach), reach_name(rows[i].reach));
	}
}

static void
test_delivery__sees_who_fills_the_folder_instead(void **state)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(json_release) json_t *deployment = parse(
		"{\"spec\":{\"template\":{\"spec\":{\"volumes\":[{\"name\":\"web-secret\",\"emptyDir\":{}}],\"initContainers\":[{\"name\":"
		"\"fiaas-secrets-init-container\",\"volumeMounts\":[{\"name\":\"web-secret\",\"mountPath\":\"/var/run/secrets/fiaas/\"}]}],"
		"\"containers\":[{\"name\":\"web\",\"volumeMounts\":[{\"name\":\"web-secret\",\"mountPath\":\"/var/run/secrets/fiaas/\"}]}]}}}}");
	struct delivery delivery;
	(void)state;
	delivery_of(&values_secret, "web", deployment, NULL, &arena, &delivery);
	assert_null(delivery.folder);
	assert_string_equal(delivery.filled_by, "fiaas-secrets-init-container");
}

/* ---- the body ---- */

static json_t *
body_of(const struct values_form *form, const struct values *before, const struct value_change *changes, size_t n,
        struct arena *arena)
{
	struct values_change change = {.form = form, .namespace = "ns", .name = "web", .changes = changes, .n_changes = n};
	scoped(secret_release) struct secret *body = values_body(&change, before, "ada", 0, arena);
	json_t *object = json_loadb(secret_reveal(body), secret_length(body), 0, NULL);
	assert_non_null(object);
	return object;
}

static void
test_body__holds_the_names_to_change_and_nothing_else(void **state)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(json_release) json_t *notes = parse("{\"OLD\":{\"at\":\"x\"},\"KEPT\":{}}");
	struct value_entry entries[] = {{.name = "MOVES", .is_binary = true}, {.name = "OLD"}};
	struct values before = {.exists = true, .version = "7", .entries = entries, .count = 2, .notes = notes};
	struct value_change changes[] = {{"OLD", NULL}, {"MOVES", secret_new("te\"xt\n\x01", 7)}, {"bytes", secret_new("\xff", 1)}};
	(void)state;
	scoped(json_release) json_t *secret = body_of(&values_secret, &before, changes, 3, &arena);
	scoped(json_release) json_t *variable = body_of(&values_variable, &before, changes, 3, &arena);
	assert_string_equal(json_text_or(secret, "metadata.resourceVersion", ""), "7");
	assert_string_equal(json_text_or(secret, "data.MOVES", ""), "dGUieHQKAQ==");
	assert_true(json_is_null(json_object_get(json_object_get(secret, "data"), "OLD")));
	assert_string_equal(json_text_or(secret, "data.bytes", ""), "/w==");
	assert_string_equal(json_text_or(variable, "data.MOVES", ""), "te\"xt\n\x01");
	assert_true(json_is_null(json_object_get(json_object_get(variable, "binaryData"), "MOVES")));
	assert_string_equal(json_text_or(variable, "binaryData.bytes", ""), "/w==");
	assert_string_equal(json_string_value(json_object_get(json_at(variable, "metadata.annotations"), VALUES_ANNOTATION)),
	                    "{\"KEPT\":{},\"MOVES\":{\"at\":\"1970-01-01T00:00:00Z\",\"by\":\"ada\"},\"bytes\":{\"at\":\"1970-01-01T00:00:00Z\","
	                    "\"by\":\"ada\"}}");
	value_changes_release(changes, 3);
}

static void
test_body__creates_an_object_of_the_application(void **state)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(json_release) json_t *notes = json_object();
	struct values before = {.version = "", .notes = notes};
	struct value_change change = {"A", secret_new("", 0)};
	(void)state;
	scoped(json_release) json_t *object = body_of(&values_secret, &before, &change, 1, &arena);
	assert_string_equal(json_text_or(object, "kind", ""), "Secret");
	assert_string_equal(json_text_or(object, "type", ""), "Opaque");
	assert_string_equal(json_text_or(object, "metadata.labels.app", ""), "web");
	assert_string_equal(json_text_or(object, "data.A", "none"), "");
	value_changes_release(&change, 1);
}

/* ---- NAME=VALUE lines ---- */

static void
test_environment_file__reads_what_people_write(void **state)
{
	static const struct {
		const char *text, *name, *value;
	} rows[] = {
		{"A=b", "A", "b"},
		{"\xef\xbb\xbf" "A=b\r\n", "A", "b"},
		{"# c\n\n  export A = b c  # d\n", "A", "b c"},
		{"A=b#c", "A", "b#c"},
		{"A=$HOME\\n", "A", "$HOME\\n"},
		{"A='b\nc\\'", "A", "b\nc\\"},
		{"A=\"b\\n\\\"\\\\\\$\\t\\r\"  # c", "A", "b\n\"\\$\t\r"},
		{"A=\"\"", "A", ""},
		{"a-b.c=d=e", "a-b.c", "d=e"},
		{"export=x", "export", "x"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(arena_release) struct arena arena = {0};
		scoped(secret_release) struct secret *text = secret_new(rows[i].text, strlen(rows[i].text));
		struct value_change *changes;
		struct error err;
		size_t count;
		if (!environment_file_parse(text, "f", &arena, &changes, &count, &err))
			fail_msg("row %zu: %s", i, err.why);
		assert_int_equal(count, 1);
		assert_string_equal(changes[0].name, rows[i].name);
		assert_string_equal(secret_reveal(changes[0].value), rows[i].value);
		value_changes_release(changes, count);
	}
}

static void
test_environment_file__refuses_without_repeating(void **state)
{
	static const char *const texts[] = {
		"", "\n# only\n", "hunter2hunter2", "A=1\nhunter2hunter2", "=hunter2hunter2", "hunter2/x=1", "A=\"hunter2hunter2",
		"A='hunter2hunter2", "A=\"\\hunter2\"", "A='x'hunter2hunter2", "A=", "A=1\nA=2", "export hunter2hunter2",
		"hunter2 hunter2=x",
	};
	(void)state;
	for (size_t i = 0; i < array_length(texts); i++) {
		scoped(arena_release) struct arena arena = {0};
		scoped(secret_release) struct secret *text = secret_new(texts[i], strlen(texts[i]));
		struct value_change *changes;
		struct error err;
		size_t count;
		if (environment_file_parse(text, "f", &arena, &changes, &count, &err))
			fail_msg("row %zu passes", i);
		assert_int_equal(err.code, ERROR_INVALID_FILE);
		assert_null(strstr(err.why, "hunter2"));
		value_changes_release(changes, count);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values__tell_who_holds_each_name_and_since_when),
		cmocka_unit_test(test_values__survive_whatever_metadata_holds),
		cmocka_unit_test(test_controller__is_known_by_its_marks),
		cmocka_unit_test(test_delivery__tells_whether_pods_have_it),
		cmocka_unit_test(test_delivery__sees_who_fills_the_folder_instead),
		cmocka_unit_test(test_body__holds_the_names_to_change_and_nothing_else),
		cmocka_unit_test(test_body__creates_an_object_of_the_application),
		cmocka_unit_test(test_environment_file__reads_what_people_write),
		cmocka_unit_test(test_environment_file__refuses_without_repeating),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
