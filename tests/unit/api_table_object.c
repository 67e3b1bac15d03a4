/* api/kubernetes/table_object: the cells that kubectl prints, from whole objects.  Rows as in
 * kubernetes/pkg/printers/internalversion/printers_test.go. */
#include "api/kubernetes/table_object.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

static char told[4000];

static bool
note_cells(void *data, const char *const *cells, struct error *err)
{
	const struct kubernetes_table *table = data;
	size_t used = strlen(told);
	(void)err;
	for (size_t i = 0; i <= table->n_columns; i++) {
		snprintf(told + used, sizeof told - used, "%s%s", cells[i], i < table->n_columns ? " " : ";");
		used = strlen(told);
	}
	return true;
}

static const char *
read_items(const struct kubernetes_table *table, const char *items)
{
	scoped(arena_release) struct arena arena = {0};
	struct kubernetes kubernetes = {.server_time_ms = clock_parse_ms("2026-11-25T10:00:00Z")};
	struct table_object object = {.table = table, .kubernetes = &kubernetes, .told = note_cells,
	                              .data = (void *)(uintptr_t)table};
	struct json_record records[TABLE_OBJECT_RECORDS];
	struct error err = {0};
	const char *text = arena_printf(&arena, "{\"items\":[%s]}", items);
	told[0] = '\0';
	table_object_records(&object, "items[]", records, &arena);
	scoped(json_stream_free) struct json_stream *stream =
		json_stream_new(records, TABLE_OBJECT_RECORDS, "it", NULL);
	for (const char *at = text; *at != '\0'; at++)
		assert_true(json_stream_feed(stream, at, 1, &err));
	assert_true(json_stream_end(stream, &err));
	return told;
}

#define POD(metadata, spec, status) "{\"metadata\":{\"name\":\"p\"" metadata "},\"spec\":{" spec "},\"status\":{" status "}}"
#define TWO "\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]"
#define RUNNING "{\"ready\":true,\"restartCount\":3,\"state\":{\"running\":{\"startedAt\":\"t\"}}}"
#define ENDED(code, more) "{\"restartCount\":2,\"state\":{\"terminated\":{\"exitCode\":" code more "}}}"
#define WAITING(reason) "{\"restartCount\":4,\"state\":{\"waiting\":{\"reason\":\"" reason "\"}}}"

static void
test_object__pods_are_printed_as_kubectl_does(void **state)
{
	static const char *const columns[] = {"Name", "Ready", "Status", "Restarts"};
	static const struct kubernetes_table table = {
		.query = {.resource = &kubernetes_pods}, .columns = columns, .n_columns = array_length(columns)};
	static const struct {
		const char *pod, *row;
	} rows[] = {
		{POD("", TWO, "\"phase\":\"Running\",\"containerStatuses\":[" RUNNING "," RUNNING "]"), "p 2/2 Running 6 ;"},
		{POD("", TWO, "\"phase\":\"Running\",\"containerStatuses\":[" RUNNING ",{\"restartCount\":3}]"), "p 1/2 Running 6 ;"},
		{POD("", TWO, "\"phase\":\"Pending\""), "p 0/2 Pending 0 ;"},
		{POD("", TWO, "\"phase\":\"Pending\",\"containerStatuses\":[" WAITING("ContainerCreating") "," WAITING("ErrImagePull") "]"),
		 "p 0/2 ContainerCreating 8 ;"},
		{POD("", TWO, "\"phase\":\"Running\",\"containerStatuses\":[" RUNNING "," WAITING("CrashLoopBackOff") "]"),
		 "p 1/2 CrashLoopBackOff 7 ;"},
		{POD("", TWO, "\"phase\":\"Succeeded\",\"containerStatuses\":[" ENDED("0", ",\"reason\":\"Completed\"") "]"),
		 "p 0/2 Completed 2 ;"},
		{POD("", TWO, "\"phase\":\"Running\",\"containerStatuses\":[" ENDED("0", ",\"reason\":\"Completed\"") "," RUNNING "]"),
		 "p 1/2 Running 5 ;"},
		{POD("", TWO, "\"phase\":\"Failed\",\"containerStatuses\":[" ENDED("137", ",\"signal\":9") "]"), "p 0/2 Signal:9 2 ;"},
		{POD("", TWO, "\"phase\":\"Failed\",\"containerStatuses\":[" ENDED("3", ",\"signal\":0") "]"), "p 0/2 ExitCode:3 2 ;"},
		{POD("", TWO, "\"phase\":\"Failed\",\"reason\":\"Evicted\""), "p 0/2 Evicted 0 ;"},
		{POD(",\"deletionTimestamp\":\"t\"", TWO, "\"phase\":\"Running\",\"containerStatuses\":[" RUNNING "," RUNNING "]"),
		 "p 2/2 Terminating 6 ;"},
		{POD(",\"deletionTimestamp\":\"t\"", TWO, "\"phase\":\"Running\",\"reason\":\"NodeLost\""), "p 0/2 Unknown 0 ;"},
		{POD("", TWO ",\"initContainers\":[{},{},{}]",
		     "\"phase\":\"Pending\",\"containerStatuses\":[" WAITING("PodInitializing") "],"
		     "\"initContainerStatuses\":[" ENDED("0", "") ",{\"state\":{\"running\":{\"startedAt\":\"t\"}}},{}]"),
		 "p 0/2 Init:1/3 2 ;"},
		{POD("", TWO ",\"initContainers\":[{}]", "\"phase\":\"Pending\",\"initContainerStatuses\":[" ENDED("1", ",\"reason\":\"Error\"") "]"),
		 "p 0/2 Init:Error 2 ;"},
		{POD("", TWO ",\"initContainers\":[{}]", "\"phase\":\"Pending\",\"initContainerStatuses\":[" WAITING("CrashLoopBackOff") "]"),
		 "p 0/2 Init:CrashLoopBackOff 4 ;"},
		{POD("", TWO ",\"initContainers\":[{}]",
		     "\"phase\":\"Running\",\"containerStatuses\":[" RUNNING "," RUNNING "],"
		     "\"initContainerStatuses\":[{\"started\":true,\"state\":{\"running\":{\"startedAt\":\"t\"}}}]"),
		 "p 2/2 Running 6 ;"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		assert_string_equal(read_items(&table, rows[i].pod), rows[i].row);
	/* What one says is not said of the next. */
	assert_string_equal(read_items(&table, POD("", TWO, "\"phase\":\"Running\",\"containerStatuses\":[" WAITING("x") "]")
	                                       ",{\"metadata\":{}}," POD("", "", "\"phase\":\"Running\"")),
	                    "p 0/2 x 4 ;p 0/0 Running 0 ;");
}

static void
test_object__deployments_and_others(void **state)
{
	static const char *const columns[] = {"Name", "Ready", "Up-to-date", "Age"};
	const struct kubernetes_table table = {.query = {.resource = &kubernetes_deployments}, .columns = columns,
	                                       .n_columns = array_length(columns), .label = "fiaas/deployment_id"};
	(void)state;
	assert_string_equal(
		read_items(&table, "{\"status\":{\"readyReplicas\":2,\"updatedReplicas\":1},\"spec\":{\"replicas\":3},\"metadata\":"
		                   "{\"name\":\"d\",\"labels\":{\"fiaas/deployment_id\":\"x\"},\"creationTimestamp\":\"2026-11-25T09:55:00Z\"}}"),
		"d 2/3 1 300s x;");
	assert_string_equal(read_items(&table, "{\"metadata\":{\"name\":\"d\",\"creationTimestamp\":\"soon\"}}"), "d 0/0 0 <unknown> ;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_object__pods_are_printed_as_kubectl_does),
		cmocka_unit_test(test_object__deployments_and_others),
	};
	return cmocka_run_group_tests_name("api/table_object", tests, NULL, NULL);
}
