/* What a job prints.  The words of a failing test come from the application, so they may hold
 * anything: colours, an escape sequence that sets a window's title, a workflow command, a stray byte. */
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/member.h"
#include "sandbox/forge/parts.h"

static const char lint_output[] = "ruff check src\nAll checks passed!\n";
static const char test_output[] =
	"pytest -q\n"
	"....................................                                     [100%]\n"
	"36 passed in 1.84s\n";
static const char failing_output[] =
	"pytest -q\n"
	"...........F........................                                     [100%]\n"
	"=================================== FAILURES ===================================\n"
	"___________________________ test_total_of_empty_cart ___________________________\n"
	"\033[1m\033[31mE       assert 1 == 0\033[0m\n"
	"tests/test_cart.py:12: AssertionError\n"
	"\033]0;a title\007\033[2J::error file=tests/test_cart.py,line=12::assert 1 == 0\n"
	"a stray byte: \xff\n"
	"\033[31mFAILED\033[0m tests/test_cart.py::test_total_of_empty_cart - assert 1 == 0\n"
	"1 failed, 35 passed in 1.97s\n"
	"make: *** [Makefile:8: test] Error 1\n";

/* What comes under the name of a step; image: what it says of a commit. */
static const char *
output_of(const struct forge_progress *step)
{
	if (strcmp(step->name, "Run make lint") == 0)
		return lint_output;
	if (strcmp(step->name, "Run make test") == 0)
		return step->conclusion != NULL && strcmp(step->conclusion, "failure") == 0 ? failing_output : test_output;
	return "";
}

/* ---- GitHub: each line begins with its time ---- */

static void
add_line(struct buf *out, int64_t time_ms, const char *text, size_t length)
{
	char time[CLOCK_TEXT_BYTES];
	clock_format(time_ms, time);
	buf_printf(out, "%.19s.%03d4567Z ", time, (int)(time_ms % 1000));
	buf_add(out, text, length);
	buf_add_char(out, '\n');
}

static void
add_lines(struct buf *out, int64_t time_ms, const char *text)
{
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		add_line(out, time_ms, text, length);
		text += length + (text[length] == '\n');
	}
}

static void
add_step(const json_t *repository, const json_t *build, const struct forge_progress *step, struct buf *out)
{
	scoped(buf_release) struct buf text = BUF_INIT(4096);
	const char *slug = member_text(repository, "slug"), *sha = member_text(build, "sha");
	if (strncmp(step->name, "Run ", 4) == 0)
		buf_printf(&text, "##[group]%s\n%s\nshell: /usr/bin/bash -e {0}\n##[endgroup]\n", step->name, step->name + 4);
	else
		buf_printf(&text, "%s\n", step->name);
	if (strstr(step->name, "checkout") != NULL)
		buf_printf(&text, "Syncing repository: %s\nHEAD is now at %.7s\n", slug, sha);
	buf_add_text(&text, output_of(step));
	if (strstr(step->name, "image") != NULL)
		buf_printf(&text, "pushed %s:%s\n", slug, sha);
	if (step->conclusion != NULL && strcmp(step->conclusion, "failure") == 0)
		buf_add_text(&text, "##[error]Process completed with exit code 2.\n");
	add_lines(out, step->started_ms, text.bytes);
}

void
forge_log_github(const json_t *repository, const json_t *build, size_t job, struct buf *out)
{
	struct forge_progress steps[FORGE_STEPS_MAX];
	size_t count = forge_job_steps(build, job, steps);
	buf_add_text(out, "\xef\xbb\xbf"); /* logs of GitHub begin with this mark */
	for (size_t i = 0; i < count; i++)
		if (steps[i].conclusion != NULL && strcmp(steps[i].conclusion, "skipped") != 0)
			add_step(repository, build, &steps[i], out);
}

/* ---- Travis CI: folds and times between the lines, a job's own lines end in CR LF ---- */

static void
add_travis_command(struct buf *out, const struct forge_progress *step, size_t number, const char *command)
{
	long long start = step->started_ms * 1000000LL, finish = step->finished_ms * 1000000LL;
	bool failed = step->conclusion != NULL && strcmp(step->conclusion, "failure") == 0;
	buf_printf(out, "travis_time:start:0c0ffee%zu\r\033[0K$ %s\r\n", number, command);
	for (const char *at = output_of(step); *at != '\0'; at++) {
		if (*at == '\n')
			buf_add_char(out, '\r');
		buf_add_char(out, *at);
	}
	if (step->conclusion == NULL)
		return;
	buf_printf(out, "travis_time:end:0c0ffee%zu:start=%lld,finish=%lld,duration=%lld,event=script\r\033[0K", number,
	           start, finish, finish - start);
	buf_printf(out, "\033[%s;1mThe command \"%s\" exited with %d.\033[0m\r\n\r\n", failed ? "31" : "32", command,
	           failed ? 2 : 0);
}

void
forge_log_travis(const json_t *repository, const json_t *build, size_t job, struct buf *out)
{
	struct forge_progress steps[FORGE_STEPS_MAX], whole = forge_job_progress(build, job);
	size_t count = forge_job_steps(build, job, steps);
	if (strcmp(whole.status, "queued") == 0)
		return;
	buf_printf(out, "travis_fold:start:worker_info\r\033[0K\033[33;1mWorker information\033[0m\r\n"
	                "hostname: worker-1@sandbox\r\ntravis_fold:end:worker_info\r\033[0K\r\n"
	                "travis_fold:start:git.checkout\r\033[0K$ git clone --depth=50 %s\r\nHEAD is now at %.7s\r\n"
	                "travis_fold:end:git.checkout\r\033[0K\r\n",
	           member_text(repository, "slug"), member_text(build, "sha"));
	for (size_t i = 0; i < count; i++) {
		bool is_skipped = steps[i].conclusion != NULL && strcmp(steps[i].conclusion, "skipped") == 0;
		if (strncmp(steps[i].name, "Run make", 8) == 0 && strcmp(steps[i].status, "queued") != 0 && !is_skipped)
			add_travis_command(out, &steps[i], i, steps[i].name + 4);
	}
	if (whole.conclusion != NULL)
		buf_printf(out, "\r\nDone. Your build exited with %d.\r\n", strcmp(whole.conclusion, "failure") == 0);
}
