/* Output, tables, CI lines and progress, as they arrive on the descriptors. */
#include "ui/output.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "ui/ci.h"
#include "ui/progress.h"
#include "ui/table.h"
#include "ui/text.h"

static struct arena arena;
static struct output *out;
static char said[2][16384]; /* by the last run: standard output, standard error */
static int kept[2], captured[2];
static const char *const variables[] = {"PAAS_FORCE_TTY", "TERM", "NO_COLOR", "CI", "GITHUB_ACTIONS",
                                        "TF_BUILD", "LANG", "LC_ALL", "GITHUB_OUTPUT", "VTE_VERSION"};

static void
begin(const struct output_settings *settings)
{
	struct error err;
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		char name[] = "/tmp/paas-test-XXXXXX";
		captured[i] = mkstemp(name);
		unlink(name);
		kept[i] = dup(i + 1);
		dup2(captured[i], i + 1);
	}
	assert_true(output_open(settings, &arena, &out, &err));
}

static bool
end(struct error *err)
{
	bool is_fine = output_finish(out, err);
	for (int i = 0; i < 2; i++) {
		ssize_t length = pread(captured[i], said[i], sizeof said[i] - 1, 0);
		said[i][length > 0 ? length : 0] = '\0';
		dup2(kept[i], i + 1);
		close(kept[i]);
		close(captured[i]);
	}
	return is_fine;
}

static int
set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(variables); i++)
		unsetenv(variables[i]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
be_terminal(const char *columns)
{
	setenv("PAAS_FORCE_TTY", columns, 1);
	setenv("TERM", "xterm", 1);
	setenv("LANG", "C.UTF-8", 1);
}

/* ---- output ---- */

static void
test_output__neutralises_arguments_but_not_styles(void **state)
{
	struct error err;
	(void)state;
	be_terminal("80");
	begin(&(struct output_settings){0});
	output_print(out, "%s%s%s\n", output_style(out, STYLE_BAD), "a\033[2J\nb", output_style(out, STYLE_PLAIN));
	output_print_text(out, "x\n\033y\n", 5);
	assert_true(end(&err));
	assert_string_equal(said[0], "\033[31ma\\x1b[2J\\nb\033[0m\nx\n\\x1by\n");
}

static void
test_output__document_is_intact_in_a_pipe_only(void **state)
{
	struct error err;
	(void)state;
	begin(&(struct output_settings){0});
	output_print_document(out, "a: \"\xe2\x80\xae\"\n", 9);
	assert_true(end(&err));
	assert_string_equal(said[0], "a: \"\xe2\x80\xae\"\n");
	be_terminal("80");
	begin(&(struct output_settings){0});
	output_print_document(out, "a: \"\xe2\x80\xae\"\n", 9);
	assert_true(end(&err));
	assert_string_equal(said[0], "a: \"\\u202e\"\n");
}

static void
test_output__json_carries_text_intact_and_harmless(void **state)
{
	struct error err;
	(void)state;
	begin(&(struct output_settings){.is_json = true});
	assert_true(output_json(out, json_pack("{s:s}", "a", "x\033\xe2\x80\xaey"), &err));
	assert_true(end(&err));
	assert_string_equal(said[0], "{\"schema_version\":\"1.0\",\"a\":\"x\\u001B\xe2\x80\xaey\"}\n");
	be_terminal("80");
	begin(&(struct output_settings){.is_json = true});
	assert_true(output_json(out, json_pack("{s:s}", "a", "x\033\xe2\x80\xaey\xf3\xa0\x80\x81"), &err));
	assert_true(end(&err));
	assert_non_null(strstr(said[0], "\"x\\u001B\\u202ey\\udb40\\udc01\""));
	json_t *parsed = json_loads(said[0], 0, NULL);
	assert_string_equal(json_string_value(json_object_get(parsed, "a")), "x\033\xe2\x80\xaey\xf3\xa0\x80\x81");
	json_decref(parsed);
}

static void
test_output__stream_lines_end_in_a_result(void **state)
{
	struct error err;
	(void)state;
	clock_freeze(1000000000000);
	begin(&(struct output_settings){.is_json = true, .is_stream = true});
	assert_true(output_json_line(out, json_pack("{s:s}", "type", "step"), &err));
	output_warn(out, "old %s", "thing");
	assert_true(output_json_line(out, json_pack("{s:s, s:i}", "type", "result", "n", 1), &err));
	assert_true(end(&err));
	assert_string_equal(said[0],
	                    "{\"type\":\"step\",\"time\":\"2001-09-09T01:46:40Z\"}\n"
	                    "{\"schema_version\":\"1.0\",\"type\":\"result\",\"n\":1,\"time\":\"2001-09-09T01:46:40Z\","
	                    "\"warnings\":[\"old thing\"]}\n");
	begin(&(struct output_settings){.is_json = true, .is_stream = true, .fields = "n"});
	assert_true(output_json_line(out, json_pack("{s:s}", "type", "step"), &err));
	assert_true(output_json_line(out, json_pack("{s:s, s:i}", "type", "result", "n", 1), &err));
	assert_true(end(&err));
	assert_string_equal(said[0], "{\"n\":1}\n");
}

static void
test_output__a_warning_is_said_once(void **state)
{
	struct error err;
	(void)state;
	begin(&(struct output_settings){0});
	for (int i = 0; i < 3; i++)
		output_warn(out, "key %s", "a\nb");
	output_note(out, "note");
	assert_true(end(&err));
	assert_string_equal(said[1], "warning: key a\\nb\nnote\n");
	begin(&(struct output_settings){.is_quiet = true});
	output_warn(out, "w");
	output_note(out, "n");
	assert_true(end(&err));
	assert_string_equal(said[1], "");
}

static void
test_output__an_error_is_what_why_next(void **state)
{
	struct error err = {0}, late;
	(void)state;
	error_put(&err, ERROR_FORBIDDEN, "POST /tasks: HTTP 403 \033[2J");
	error_put_doing(&err, "deploying shop to pro");
	error_put_next(&err, "paas doctor");
	error_put_source(&err, "kubernetes pro", "applications/shop", "https://k/x");
	begin(&(struct output_settings){0});
	output_error(out, &err);
	assert_true(end(&late));
	assert_string_equal(said[0], "");
	assert_string_equal(said[1], "paas: deploying shop to pro failed\n"
	                             "  why:  POST /tasks: HTTP 403 \\x1b[2J\n"
	                             "  from: kubernetes pro applications/shop (https://k/x)\n"
	                             "  next: paas doctor\n");
	begin(&(struct output_settings){.is_json = true, .is_stream = true});
	output_error(out, &err);
	assert_true(end(&late));
	json_t *parsed = json_loads(said[0], 0, NULL);
	assert_string_equal(json_string_value(json_object_get(parsed, "type")), "result");
	json_t *error = json_object_get(parsed, "error");
	assert_string_equal(json_string_value(json_object_get(error, "code")), "forbidden");
	assert_string_equal(json_string_value(json_object_get(error, "why")), "POST /tasks: HTTP 403 \033[2J");
	assert_string_equal(json_string_value(json_object_get(json_object_get(error, "source"), "url")), "https://k/x");
	json_decref(parsed);
}

static void
test_output__a_full_disk_is_noticed(void **state)
{
	struct error err;
	(void)state;
	int full = open("/dev/full", O_WRONLY);
	begin(&(struct output_settings){0});
	dup2(full, STDOUT_FILENO);
	output_print(out, "x");
	assert_false(end(&err));
	assert_int_equal(err.code, ERROR_OUTPUT);
	close(full);
}

static void
test_output__links_only_where_they_are_taken(void **state)
{
	struct error err;
	(void)state;
	be_terminal("80");
	setenv("VTE_VERSION", "6003", 1);
	begin(&(struct output_settings){0});
	output_print_link(out, "https://a/\033b", "text\a");
	output_print_link(out, "javascript:x", "|no");
	assert_true(end(&err));
	assert_string_equal(said[0], "\033]8;;https://a/%1Bb\033\\text\\x07\033]8;;\033\\|no");
}

/* ---- tables ---- */

static const struct table_column columns[] = {
	{.title = "ENV"},
	{.title = "RELEASE", .may_cut = true},
	{.title = "READY", .align_right = true},
	{.title = "AGE", .priority = 1},
	{.title = "EMPTY", .priority = 2},
};

static void
print_table(const struct output_settings *settings)
{
	struct error err;
	begin(settings);
	struct table *table = table_new(&arena, columns, array_length(columns));
	table_add_row(table);
	table_set(table, 0, STYLE_PLAIN, "%s", "dev");
	table_set(table, 1, STYLE_PLAIN, "%s", "checkout:東京-1234567890");
	table_set(table, 2, STYLE_BAD, "%d/%d", 1, 10);
	table_set(table, 3, STYLE_PLAIN, "3 min");
	table_add_row(table);
	table_set(table, 0, STYLE_PLAIN, "%s", "p\tr\no");
	table_set(table, 1, STYLE_PLAIN, "%s", "é");
	table_set(table, 2, STYLE_PLAIN, "4/4");
	table_add_note(table, STYLE_PLAIN, "%s", "nothing is wrong with this one");
	assert_int_equal(table_rows(table), 2);
	table_print(table, out);
	assert_true(end(&err));
}

static void
test_table__is_aligned_by_display_width(void **state)
{
	(void)state;
	be_terminal("80");
	setenv("NO_COLOR", "1", 1);
	print_table(&(struct output_settings){.is_plain = true});
	assert_string_equal(said[0], "ENV      RELEASE                   READY  AGE\n"
	                             "dev      checkout:東京-1234567890   1/10  3 min\n"
	                             "p\\tr\\no  é                           4/4\n"
	                             "  nothing is wrong with this one\n");
}

static void
test_table__fits_the_terminal_least_important_first(void **state)
{
	(void)state;
	be_terminal("28");
	print_table(&(struct output_settings){.is_plain = true});
	assert_string_equal(said[0], "ENV      RELEASE       READY\n"
	                             "dev      checkout:東…   1/10\n"
	                             "p\\tr\\no  é               4/4\n"
	                             "  nothing is wrong with this\n"
	                             "  one\n");
	for (const char *line = said[0]; *line != '\0'; line = strchr(line, '\n') + 1)
		assert_in_range(text_width(line, strcspn(line, "\n")), 1, 28);
}

static void
test_table__a_long_last_cell_goes_on_below_itself(void **state)
{
	static const struct table_column two[] = {{.title = "WHAT"}, {.title = "FOUND"}};
	struct error err;
	(void)state;
	be_terminal("28");
	begin(&(struct output_settings){.is_plain = true});
	struct table *table = table_new(&arena, two, array_length(two));
	table_add_row(table);
	table_set(table, 0, STYLE_PLAIN, "tls");
	table_set(table, 1, STYLE_PLAIN, "certificate of sandbox, 3649 days left");
	table_print(table, out);
	assert_true(end(&err));
	assert_string_equal(said[0], "WHAT  FOUND\n"
	                             "tls   certificate of\n"
	                             "      sandbox, 3649 days\n"
	                             "      left\n");
}

static void
test_table__a_path_is_broken_after_a_slash_and_never_cut(void **state)
{
	static const struct table_column two[] = {{.title = "WHAT", .may_cut = true}, {.title = "FROM", .may_break = true}};
	struct error err;
	(void)state;
	be_terminal("46");
	begin(&(struct output_settings){.is_plain = true});
	struct table *table = table_new(&arena, two, array_length(two));
	table_add_row(table);
	table_set(table, 0, STYLE_PLAIN, "a value that may be cut");
	table_set(table, 1, STYLE_PLAIN, "/home/somebody/projects/shop/.paas.yml:1:7");
	table_add_row(table);
	table_set(table, 1, STYLE_PLAIN, "%s", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	table_print(table, out);
	assert_true(end(&err));
	assert_string_equal(said[0], "WHAT          FROM\n"
	                             "a value tha…  /home/somebody/projects/shop/\n"
	                             "              .paas.yml:1:7\n"
	                             "              aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
	                             "              aaaaaaaa\n");
}

static void
test_table__into_a_pipe_is_separated_by_tabs(void **state)
{
	(void)state;
	print_table(&(struct output_settings){0});
	assert_string_equal(said[0], "dev\tcheckout:東京-1234567890\t1/10\t3 min\t\n"
	                             "p\\tr\\no\té\t4/4\t\t\n");
}

static void
test_table__accessible_is_one_fact_a_line(void **state)
{
	(void)state;
	print_table(&(struct output_settings){.is_accessible = true});
	assert_string_equal(said[0], "ENV: dev\nRELEASE: checkout:東京-1234567890\nREADY: 1/10\nAGE: 3 min\n"
	                             "\nENV: p\\tr\\no\nRELEASE: é\nREADY: 4/4\nnothing is wrong with this one\n");
}

/* ---- CI ---- */

static void
test_ci__annotations_cannot_be_forged(void **state)
{
	struct error err;
	(void)state;
	setenv("GITHUB_ACTIONS", "true", 1);
	begin(&(struct output_settings){0});
	ci_group_begin(out, "a\n::error::b");
	ci_annotate(out, &(struct ci_annotation){.level = CI_ERROR, .file = "a,b:c.yml", .line = 3, .column = 5,
	                                         .title = "t", .message = "50%\n::set-output x"});
	ci_group_end(out);
	assert_true(end(&err));
	assert_string_equal(said[0], "::group::a%0A::error::b\n"
	                             "::error file=a%2Cb%3Ac.yml,line=3,col=5,title=t::50%25%0A::set-output x\n"
	                             "::endgroup::\n");
	begin(&(struct output_settings){.is_json = true});
	ci_group_begin(out, "a");
	assert_true(end(&err));
	assert_string_equal(said[0], "");
}

/* Whichever way it is printed; only what ui/ci begins is a command. */
static void
test_ci__text_commands_nothing(void **state)
{
	static const struct error failure = {.code = ERROR_FAILED, .what = "##[a]", .why = "::b", .next = "##[c]"};
	static const char *const runners[] = {"GITHUB_ACTIONS", "TF_BUILD"};
	struct error err;
	(void)state;
	for (size_t i = 0; i < array_length(runners); i++) {
		unsetenv("GITHUB_ACTIONS");
		setenv(runners[i], "true", 1);
		begin(&(struct output_settings){0});
		output_print(out, "%s\n", "##[a]");
		output_print_hanging(out, 2, "b: %s", "##[b]");
		output_print_text(out, "c\n::c\n", 6);
		output_print_line(out, "d ", "1\r::d", 5);
		output_print_link(out, "https://e", "##[e]");
		assert_true(end(&err));
		assert_string_equal(said[0], "##\\[a]\nb: ##\\[b]\nc\n\\::c\nd 1\r\\::d\n##\\[e]");
		begin(&(struct output_settings){0});
		output_note(out, "%s", "::a");
		output_warn(out, "%s", "##[b]");
		output_ask(out, "%s\n", "##[c]");
		output_failure(out, &failure);
		assert_true(end(&err));
		assert_string_equal(said[1], "\\::a\nwarning: ##\\[b]\n##\\[c]\npaas: ##\\[a] failed\n  why:  ::b\n  next: ##\\[c]\n");
		begin(&(struct output_settings){.is_json = true});
		assert_true(output_json(out, json_pack("{s:s}", "a", "##[x]"), &err));
		assert_true(end(&err));
		assert_string_equal(said[0], "{\"schema_version\":\"1.0\",\"a\":\"##\\u005bx]\"}\n");
		unsetenv(runners[i]);
	}
}

static void
test_ci__outputs_hold_any_value(void **state)
{
	struct error err;
	char name[] = "/tmp/paas-test-XXXXXX", text[512] = "";
	(void)state;
	int fd = mkstemp(name);
	setenv("GITHUB_OUTPUT", name, 1);
	assert_true(ci_set_output("id", "a\nb=c", &err));
	ssize_t length = read(fd, text, sizeof text - 1);
	assert_true(length > 70);
	assert_memory_equal(text, "id<<", 4);
	assert_non_null(strstr(text, "\na\nb=c\n"));
	unlink(name);
	close(fd);
	setenv("GITHUB_OUTPUT", "/nonexistent/x", 1);
	assert_false(ci_set_output("id", "a", &err));
	assert_int_equal(err.code, ERROR_FILE);
	unsetenv("GITHUB_OUTPUT");
	assert_true(ci_set_output("id", "a", &err));
}

/* ---- progress ---- */

static void
follow(void *data)
{
	struct loop *loop = data;
	struct progress *progress = progress_new(out, loop, &arena);
	progress_step(progress, "waiting for pods: %d/%d ready%s", 0, 2, "\033");
	progress_step(progress, "waiting for pods: %d/%d ready%s", 0, 2, "\033");
	progress_say(progress, STYLE_PLAIN, "revision %d%s", 7, terminal_variable_is_true("GITHUB_ACTIONS") ? "##[x]" : "");
	clock_advance(31000);
	assert_true(fiber_sleep(loop, 0));
	progress_step(progress, "waiting for pods: %d/%d ready%s", 1, 2, "");
	progress_end(progress);
	progress_step(progress, "never");
}

static void
run_progress(const struct output_settings *settings)
{
	struct error err;
	struct loop *loop;
	clock_freeze(0);
	assert_true(loop_open(&loop, &err));
	begin(settings);
	fiber_run(loop, follow, loop);
	assert_true(end(&err));
	loop_close(loop);
}

static void
test_progress__is_a_line_a_change_and_a_heartbeat(void **state)
{
	(void)state;
	run_progress(&(struct output_settings){0});
	assert_string_equal(said[1], "[0 s] waiting for pods: 0/2 ready\\x1b\n"
	                             "[0 s] revision 7\n"
	                             "[31 s] still waiting for pods: 0/2 ready\\x1b\n"
	                             "[31 s] waiting for pods: 1/2 ready\n");
	assert_string_equal(said[0], "");
}

static void
test_progress__commands_no_runner(void **state)
{
	(void)state;
	setenv("GITHUB_ACTIONS", "true", 1);
	run_progress(&(struct output_settings){0});
	assert_non_null(strstr(said[1], "\n[0 s] revision 7##\\[x]\n"));
}

static void
test_progress__accessible_says_what_first_and_then_when(void **state)
{
	(void)state;
	be_terminal("80");
	run_progress(&(struct output_settings){.is_accessible = true, .is_plain = true});
	assert_string_equal(said[1], "waiting for pods: 0/2 ready\\x1b, after 0 s\n"
	                             "revision 7, after 0 s\n"
	                             "still waiting for pods: 0/2 ready\\x1b, after 31 s\n"
	                             "waiting for pods: 1/2 ready, after 31 s\n");
}

static void
test_progress__is_silent_with_json_but_for_heartbeats_in_ci(void **state)
{
	(void)state;
	run_progress(&(struct output_settings){.is_json = true});
	assert_string_equal(said[1], "");
	setenv("CI", "true", 1);
	run_progress(&(struct output_settings){.is_json = true});
	assert_string_equal(said[1], "[31 s] still waiting for pods: 0/2 ready\\x1b\n");
}

/* ---- progress on a terminal ---- */

static void
pass_time(struct loop *loop, int64_t ms)
{
	clock_advance(ms);
	assert_true(fiber_sleep(loop, 0));
}

static void
redraw(void *data)
{
	struct loop *loop = data;
	struct progress *progress = progress_new(out, loop, &arena);
	progress_step(progress, "waiting for %s", "a very long name that does not fit");
	progress_add_row(progress, STYLE_PLAIN, "pod %d", 1);
	pass_time(loop, 299);
	output_note(out, "before");
	pass_time(loop, 1);
	progress_say(progress, STYLE_PLAIN, "said");
	pass_time(loop, 99);
	output_note(out, "too early");
	pass_time(loop, 1);
	progress_end(progress);
	output_note(out, "after");
}

/* Nothing before 300 ms; what is said stands above the region; the end leaves no trace of it. */
static void
test_progress__is_redrawn_on_a_terminal_and_taken_away(void **state)
{
	struct error err;
	struct loop *loop;
	char text[4096];
	(void)state;
	clock_freeze(0);
	be_terminal("30");
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(grantpt(terminal) == 0 && unlockpt(terminal) == 0);
	int other = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	assert_true(loop_open(&loop, &err));
	fflush(stderr);
	int before = dup(STDERR_FILENO);
	dup2(other, STDERR_FILENO);
	assert_true(output_open(&(struct output_settings){0}, &arena, &out, &err));
	fiber_run(loop, redraw, loop);
	assert_true(output_finish(out, &err));
	dup2(before, STDERR_FILENO);
	/* What was written arrives in pieces. */
	size_t length = 0;
	for (text[0] = '\0'; strstr(text, "after\r\n") == NULL; text[length] = '\0') {
		ssize_t got = read(terminal, text + length, sizeof text - 1 - length);
		assert_true(got > 0);
		length += (size_t)got;
	}
	close(other);
	close(terminal);
	close(before);
	loop_close(loop);
	assert_memory_equal(text, "before\r\n", 8);
	assert_non_null(strstr(text, " waiting for a very long na…\r\n  pod 1\r\n\033[2F\033[J"));
	assert_non_null(strstr(text, "\033[2F\033[Jsaid\r\ntoo early\r\n"));
	assert_string_equal(strstr(text, "after") - 7, "\033[2F\033[Jafter\r\n");
}

static void
do_nothing(void *data)
{
	(void)data;
}

/* AddressSanitizer warns once a process that it knows contexts badly: not into a captured stream. */
static int
warm_up(void **state)
{
	struct error err;
	struct loop *loop;
	(void)state;
	assert_true(loop_open(&loop, &err));
	fiber_run(loop, do_nothing, NULL);
	loop_close(loop);
	return 0;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_output__neutralises_arguments_but_not_styles),
		TEST(test_output__document_is_intact_in_a_pipe_only),
		TEST(test_output__json_carries_text_intact_and_harmless),
		TEST(test_output__stream_lines_end_in_a_result),
		TEST(test_output__a_warning_is_said_once),
		TEST(test_output__an_error_is_what_why_next),
		TEST(test_output__a_full_disk_is_noticed),
		TEST(test_output__links_only_where_they_are_taken),
		TEST(test_table__is_aligned_by_display_width),
		TEST(test_table__fits_the_terminal_least_important_first),
		TEST(test_table__a_long_last_cell_goes_on_below_itself),
		TEST(test_table__into_a_pipe_is_separated_by_tabs),
		TEST(test_table__accessible_is_one_fact_a_line),
		TEST(test_table__a_path_is_broken_after_a_slash_and_never_cut),
		TEST(test_ci__annotations_cannot_be_forged),
		TEST(test_ci__text_commands_nothing),
		TEST(test_ci__outputs_hold_any_value),
		TEST(test_progress__is_a_line_a_change_and_a_heartbeat),
		TEST(test_progress__commands_no_runner),
		TEST(test_progress__accessible_says_what_first_and_then_when),
		TEST(test_progress__is_redrawn_on_a_terminal_and_taken_away),
		TEST(test_progress__is_silent_with_json_but_for_heartbeats_in_ci),
	};
	return cmocka_run_group_tests(tests, warm_up, NULL);
}
