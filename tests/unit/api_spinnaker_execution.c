/* Executions as Gate sends them: every status, and the shapes of spinnaker.md 5 that trip a reader. */
#include "api/spinnaker/execution.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/spinnaker/cause.h"
#include "api/spinnaker/control.h"
#include "base/buf.h"

static struct arena arena;

static struct spinnaker_execution
read_text(const char *text)
{
	struct spinnaker_execution execution = {0};
	struct error err;
	json_t *json = json_loads(text, 0, NULL);
	assert_non_null(json);
	assert_true(spinnaker_execution_of(json, &arena, &execution, &err));
	return execution;
}

static const char *
order_of(const struct spinnaker_execution *execution)
{
	char *text = arena_strdup(&arena, "");
	for (size_t i = 0; i < execution->n_stages; i++)
		text = arena_printf(&arena, "%s%s%s%u", text, i > 0 ? " " : "", execution->stages[i].name, execution->stages[i].depth);
	return text;
}

static void
test_statuses__are_read_as_the_table_says(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		bool is_complete, is_good;
	} rows[] = {
		{"NOT_STARTED", false, false}, {"BUFFERED", false, false}, {"RUNNING", false, false}, {"PAUSED", false, false},
		{"SUSPENDED", false, false}, {"REDIRECT", false, false}, {"SUCCEEDED", true, true}, {"SKIPPED", true, true},
		{"FAILED_CONTINUE", true, false}, {"TERMINAL", true, false}, {"CANCELED", true, false}, {"STOPPED", true, false},
		{"FUTURE_WORD", false, false}, {"", false, false},
	};
	for (size_t i = 0; i < array_length(rows); i++) {
		enum spinnaker_status status = spinnaker_status_of(rows[i].word);
		assert_int_equal(spinnaker_is_complete(status), rows[i].is_complete);
		assert_int_equal(spinnaker_is_good(status), rows[i].is_good);
	}
	assert_string_equal(spinnaker_status_name(spinnaker_status_of("FAILED_CONTINUE")), "FAILED_CONTINUE");
}

static void
test_stages__come_in_the_order_people_read_them(void **state)
{
	(void)state;
	struct spinnaker_execution execution = read_text(
		"{\"id\": \"1\", \"stages\": ["
		"{\"id\": \"c\", \"refId\": \"10\", \"name\": \"last\", \"requisiteStageRefIds\": [2, \"3\"]},"
		"{\"id\": \"b\", \"refId\": 2, \"name\": \"left\", \"requisiteStageRefIds\": [\"1\"]},"
		"{\"id\": \"after\", \"refId\": \"1>1\", \"name\": \"after\", \"parentStageId\": \"a\", \"syntheticStageOwner\": \"STAGE_AFTER\", \"startTime\": 5},"
		"{\"id\": \"d\", \"refId\": \"3\", \"name\": \"right\", \"requisiteStageRefIds\": [\"1\"]},"
		"{\"id\": \"before\", \"refId\": \"1<1\", \"name\": \"before\", \"parentStageId\": \"a\", \"syntheticStageOwner\": \"STAGE_BEFORE\", \"startTime\": 9},"
		"{\"id\": \"a\", \"refId\": \"1\", \"name\": \"first\", \"requisiteStageRefIds\": []}]}");
	assert_string_equal(order_of(&execution), "first0 before1 after1 left0 right0 last0");
	assert_string_equal(execution.stages[3].reference, "2");
	spinnaker_execution_release(&execution);
}

/* Nobody validates a pipeline when it is saved. */
static void
test_stages__of_a_broken_graph_are_all_there(void **state)
{
	(void)state;
	struct spinnaker_execution execution = read_text(
		"{\"id\": \"1\", \"stages\": ["
		"{\"id\": \"a\", \"refId\": \"1\", \"name\": \"a\", \"requisiteStageRefIds\": [\"2\"]},"
		"{\"id\": \"b\", \"refId\": \"2\", \"name\": \"b\", \"requisiteStageRefIds\": [\"1\", \"1\"]},"
		"{\"id\": \"c\", \"refId\": \"3\", \"name\": \"own\", \"parentStageId\": \"c\"},"
		"{\"id\": \"d\", \"name\": \"orphan\", \"parentStageId\": \"nobody\"},"
		"{\"name\": \"nameless\"}, 7, null]}");
	assert_int_equal(execution.n_stages, 5);
	for (size_t i = 0; i < execution.n_stages; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(execution.stages[i].name, execution.stages[k].name);
	spinnaker_execution_release(&execution);
}

static void
test_times__may_be_large_or_absent(void **state)
{
	(void)state;
	struct spinnaker_execution execution =
		read_text("{\"id\": \"1\", \"status\": \"NOT_STARTED\", \"buildTime\": 99999999999999, \"trigger\": {\"user\": \"ada\"}}");
	assert_true(execution.built_ms == 99999999999999);
	assert_true(execution.started_ms == 0);
	assert_string_equal(execution.user, "ada");
	assert_int_equal(execution.n_stages, 0);
	spinnaker_execution_release(&execution);
}

static void
test_judgment__waits_only_without_a_word(void **state)
{
	(void)state;
	struct spinnaker_execution execution = read_text(
		"{\"id\": \"1\", \"stages\": ["
		"{\"id\": \"a\", \"refId\": \"1\", \"type\": \"manualJudgment\", \"status\": \"RUNNING\", \"context\": {}},"
		"{\"id\": \"b\", \"refId\": \"2\", \"type\": \"manualJudgment\", \"status\": \"RUNNING\", \"context\": {\"judgmentStatus\": \"continue\"}},"
		"{\"id\": \"c\", \"refId\": \"3\", \"type\": \"manualJudgment\", \"status\": \"SUCCEEDED\", \"context\": {}}]}");
	assert_true(spinnaker_is_waiting_judgment(&execution.stages[0]));
	assert_false(spinnaker_is_waiting_judgment(&execution.stages[1]));
	assert_false(spinnaker_is_waiting_judgment(&execution.stages[2]));
	spinnaker_execution_release(&execution);
}

/* ---- why ---- */

static const struct place {
	const char *what, *stage, *text;
} places[] = {
	{"errors", "\"context\": {\"exception\": {\"details\": {\"errors\": [\"\", 7, \"no such account\"]}}}", "no such account"},
	{"one string where a list belongs", "\"context\": {\"exception\": {\"details\": {\"errors\": \"denied\"}}}", "denied"},
	{"error", "\"context\": {\"exception\": {\"details\": {\"error\": \"out of quota\"}}}", "out of quota"},
	{"a task's own", "\"tasks\": [{\"taskExceptionDetails\": {\"exception\": {\"details\": {\"error\": \"first failure\"}}}}], "
	                 "\"context\": {\"exception\": {\"details\": {\"error\": \"last failure\"}}}", "first failure"},
	{"kato", "\"context\": {\"kato.tasks\": [{\"status\": {\"failed\": true}, \"history\": [{\"status\": \"a\"}, {\"status\": \"Orchestration failed\"}]}]}",
	 "Orchestration failed"},
	{"kato's exception", "\"context\": {\"kato.tasks\": [{\"status\": {\"failed\": true}, \"exception\": {\"message\": \"admission denied\"}, "
	                     "\"history\": [{\"status\": \"failed\"}]}]}", "admission denied"},
	{"a manifest", "\"context\": {\"failedManifests\": [{\"manifestName\": \"deployment shop\"}], \"messages\": [\"waiting\", "
	               "\"'deployment shop' exceeded its progress deadline\"]}", "'deployment shop' exceeded its progress deadline"},
	{"a webhook", "\"context\": {\"webhook\": {\"error\": \"HTTP 500 from smoke\"}}", "HTTP 500 from smoke"},
	{"a job", "\"context\": {\"jobStatus\": {\"message\": \"BackoffLimitExceeded\"}}", "BackoffLimitExceeded"},
	{"a precondition", "\"context\": {\"context\": {\"failureMessage\": \"freeze until Monday\"}}", "freeze until Monday"},
	{"events", "\"context\": {\"events\": [{\"type\": \"Normal\", \"message\": \"Pulled\"}, {\"type\": \"Warning\", \"message\": \"Back-off\"}]}", "Back-off"},
	{"an expression", "\"context\": {\"expressionEvaluationSummary\": {\"image\": [{\"level\": \"INFO\", \"description\": \"read\"}, {\"level\": \"ERROR\", \"description\": \"no such property\"}]}}",
	 "image: no such property"},
	{"no general word", "\"context\": {\"exception\": {\"details\": {\"error\": \"Unexpected Task Failure\"}}, \"jobStatus\": {\"reason\": \"OOM\"}}", "OOM"},
	{"a judgment", "\"type\": \"manualJudgment\", \"context\": {\"judgmentStatus\": \"stop\", \"judgmentInput\": \"too late\", \"lastModifiedBy\": \"ada\"}",
	 "rejected by ada: too late"},
};

static void
test_cause__is_found_wherever_it_was_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(places); i++) {
		struct spinnaker_cause cause;
		struct spinnaker_execution execution = read_text(arena_printf(
			&arena, "{\"id\": \"1\", \"status\": \"TERMINAL\", \"stages\": [{\"id\": \"a\", \"refId\": \"1\", \"name\": \"Deploy\", "
		        "\"status\": \"TERMINAL\", %s}]}", places[i].stage));
		assert_true(spinnaker_cause_find(&execution, &arena, &cause));
		assert_true(cause.n_texts > 0);
		assert_string_equal(cause.texts[0], places[i].text);
		assert_string_equal(cause.stage, "Deploy");
		spinnaker_execution_release(&execution);
	}
}

static void
test_cause__is_the_deepest_of_the_gravest(void **state)
{
	(void)state;
	struct spinnaker_cause cause;
	struct spinnaker_execution execution = read_text(
		"{\"id\": \"1\", \"status\": \"TERMINAL\", \"stages\": ["
		"{\"id\": \"x\", \"refId\": \"1\", \"name\": \"smoke\", \"status\": \"FAILED_CONTINUE\", \"endTime\": 1, \"context\": {\"exception\": {\"details\": {\"error\": \"harmless\"}}}},"
		"{\"id\": \"a\", \"refId\": \"2\", \"name\": \"outer\", \"status\": \"TERMINAL\", \"endTime\": 9},"
		"{\"id\": \"b\", \"refId\": \"2<1\", \"name\": \"inner\", \"status\": \"TERMINAL\", \"endTime\": 8, \"parentStageId\": \"a\","
		" \"context\": {\"exception\": {\"details\": {\"error\": \"the root\"}}}},"
		"{\"id\": \"c\", \"refId\": \"3\", \"name\": \"sibling\", \"status\": \"CANCELED\", \"endTime\": 2}]}");
	assert_true(spinnaker_cause_find(&execution, &arena, &cause));
	assert_string_equal(cause.stage, "inner");
	assert_string_equal(cause.texts[0], "the root");
	spinnaker_execution_release(&execution);
}

static void
test_cause__is_the_first_of_equals(void **state)
{
	(void)state;
	struct spinnaker_cause cause;
	struct spinnaker_execution execution = read_text(
		"{\"id\": \"1\", \"status\": \"TERMINAL\", \"stages\": ["
		"{\"id\": \"a\", \"refId\": \"1\", \"name\": \"late\", \"status\": \"TERMINAL\", \"endTime\": 9},"
		"{\"id\": \"b\", \"refId\": \"2\", \"name\": \"early\", \"status\": \"TERMINAL\", \"endTime\": 8},"
		"{\"id\": \"c\", \"refId\": \"3\", \"name\": \"stopped\", \"status\": \"STOPPED\", \"endTime\": 2}]}");
	assert_true(spinnaker_cause_find(&execution, &arena, &cause));
	assert_string_equal(cause.stage, "early");
	spinnaker_execution_release(&execution);
	execution = read_text(
		"{\"id\": \"1\", \"status\": \"TERMINAL\", \"stages\": ["
		"{\"id\": \"a\", \"refId\": \"1\", \"name\": \"went on\", \"status\": \"FAILED_CONTINUE\", \"endTime\": 1},"
		"{\"id\": \"b\", \"refId\": \"2\", \"name\": \"stopped\", \"status\": \"STOPPED\", \"endTime\": 8}]}");
	assert_true(spinnaker_cause_find(&execution, &arena, &cause));
	assert_string_equal(cause.stage, "stopped");
	spinnaker_execution_release(&execution);
}

/* A server that goes on for ever. */
static void
test_execution__is_bounded(void **state)
{
	(void)state;
	struct spinnaker_cause cause;
	scoped(buf_release) struct buf text = BUF_INIT(1 << 20);
	buf_add_text(&text, "{\"id\": \"1\", \"status\": \"TERMINAL\", \"stages\": [{\"id\": \"0\", \"name\": \"n\", \"status\": \"TERMINAL\", "
	                    "\"context\": {\"exception\": {\"details\": {\"errors\": [");
	for (int i = 0; i < 50; i++)
		buf_printf(&text, "%s\"error %d of many\"", i > 0 ? ", " : "", i);
	buf_add_text(&text, "]}}}}");
	for (int i = 1; i < 300; i++)
		buf_printf(&text, ", {\"id\": \"%d\"}", i);
	buf_add_text(&text, "]}");
	struct spinnaker_execution execution = read_text(text.bytes);
	assert_int_equal(execution.n_stages, SPINNAKER_STAGES_MAX);
	assert_true(spinnaker_cause_find(&execution, &arena, &cause));
	assert_int_equal(cause.n_texts, SPINNAKER_CAUSES_MAX);
	assert_string_equal(cause.texts[SPINNAKER_CAUSES_MAX - 1], "error 5 of many");
	assert_string_equal(cause.stage, "n");
	spinnaker_execution_release(&execution);
}

static void
test_cause__of_a_run_that_never_started(void **state)
{
	(void)state;
	struct spinnaker_cause cause;
	struct spinnaker_execution execution = read_text(
		"{\"id\": \"1\", \"status\": \"TERMINAL\", \"canceled\": true, \"canceledBy\": \"system\", "
		"\"cancellationReason\": \"Failed on startup: Unmatched expected artifact\", \"stages\": [{\"id\": \"a\", \"status\": \"NOT_STARTED\"}]}");
	assert_true(spinnaker_cause_find(&execution, &arena, &cause));
	assert_string_equal(cause.stage, "");
	assert_string_equal(cause.texts[0], "Failed on startup: Unmatched expected artifact");
	spinnaker_execution_release(&execution);
	/* Orca's own word for it says more than what a stage made of it. */
	execution = read_text("{\"id\": \"1\", \"status\": \"TERMINAL\", \"canceled\": true, \"canceledBy\": \"system\", "
	                      "\"cancellationReason\": \"Failed on startup: no\", \"stages\": [{\"id\": \"a\", \"status\": \"TERMINAL\"}]}");
	assert_true(spinnaker_cause_find(&execution, &arena, &cause));
	assert_string_equal(cause.texts[0], "Failed on startup: no");
	spinnaker_execution_release(&execution);
}

static void
test_cause__of_what_went_well_is_none(void **state)
{
	(void)state;
	struct spinnaker_cause cause;
	struct spinnaker_execution execution =
		read_text("{\"id\": \"1\", \"status\": \"SUCCEEDED\", \"stages\": [{\"id\": \"a\", \"status\": \"SKIPPED\"}]}");
	assert_false(spinnaker_cause_find(&execution, &arena, &cause));
	spinnaker_execution_release(&execution);
}

static void
test_execution__without_an_id_is_refused(void **state)
{
	(void)state;
	struct spinnaker_execution execution;
	struct error err;
	assert_false(spinnaker_execution_of(json_object(), &arena, &execution, &err));
	assert_false(spinnaker_execution_of(json_array(), &arena, &execution, &err));
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
}

static int
forget(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses__are_read_as_the_table_says),
		cmocka_unit_test(test_stages__come_in_the_order_people_read_them),
		cmocka_unit_test(test_stages__of_a_broken_graph_are_all_there),
		cmocka_unit_test(test_times__may_be_large_or_absent),
		cmocka_unit_test(test_judgment__waits_only_without_a_word),
		cmocka_unit_test(test_cause__is_found_wherever_it_was_left),
		cmocka_unit_test(test_cause__is_the_deepest_of_the_gravest),
		cmocka_unit_test(test_cause__is_the_first_of_equals),
		cmocka_unit_test(test_execution__is_bounded),
		cmocka_unit_test(test_cause__of_a_run_that_never_started),
		cmocka_unit_test(test_cause__of_what_went_well_is_none),
		cmocka_unit_test(test_execution__without_an_id_is_refused),
	};
	return cmocka_run_group_tests_name("spinnaker executions", tests, NULL, forget);
}
