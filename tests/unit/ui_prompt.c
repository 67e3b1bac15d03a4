/* Questions on a pseudo-terminal of their own: a child asks, the test types. */
#include "ui/prompt.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fiber.h"
#include "base/loop.h"
#include "base/secret.h"
#include "ui/output.h"

enum { SCREEN_MAX_BYTES = 16384, PATIENCE_MS = 10000 };

/* The child and what it has shown so far. */
struct person {
	pid_t pid;
	int terminal;
	char screen[SCREEN_MAX_BYTES];
	size_t length, seen; /* what was waited for ends at `seen` */
};

typedef void (*asking)(const struct prompt *prompt);

static void
start(struct person *person, asking ask)
{
	*person = (struct person){0};
	person->pid = forkpty(&person->terminal, NULL, NULL, NULL);
	assert_true(person->pid >= 0);
	if (person->pid != 0)
		return;
	struct arena arena = {0};
	struct error err;
	struct prompt prompt = {.can_ask = true};
	setenv("TERM", "dumb", 1);
	if (!output_open(&(struct output_settings){.is_quiet = true}, &arena, &prompt.out, &err))
		_exit(99);
	ask(&prompt);
	(void)!output_finish(prompt.out, &err);
	arena_release(&arena);
	_exit(0);
}

/* One read of what the child shows; false when it has gone. */
static bool
look(struct person *person)
{
	struct pollfd wait = {.fd = person->terminal, .events = POLLIN};
	assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
	assert_true(person->length < SCREEN_MAX_BYTES - 1);
	ssize_t got = read(person->terminal, person->screen + person->length, SCREEN_MAX_BYTES - 1 - person->length);
	if (got <= 0)
		return false;
	person->length += (size_t)got;
	return true;
}

static void
expect(struct person *person, const char *text)
{
	const char *found;
	while ((found = strstr(person->screen + person->seen, text)) == NULL)
		if (!look(person))
			fail_msg("\"%s\" is not in \"%s\"", text, person->screen);
	person->seen = (size_t)(found - person->screen) + strlen(text);
}

static void
type(const struct person *person, const char *keys)
{
	assert_int_equal(write(person->terminal, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static bool
is_echoing(const struct person *person)
{
	struct termios modes;
	assert_int_equal(tcgetattr(person->terminal, &modes), 0);
	return (modes.c_lflag & ECHO) != 0;
}

/* All the child says, then its wait status. */
static int
finish(struct person *person)
{
	int status;
	while (look(person))
		continue;
	assert_int_equal(waitpid(person->pid, &status, 0), person->pid);
	close(person->terminal);
	return status;
}

/* ---- what the children ask ---- */

static void
tell(const char *answer, bool is_fine, const struct error *err)
{
	if (is_fine)
		printf("answer <%s>\n", answer);
	else
		printf("failed %s: %s\n", error_kind(err->code)->name, err->why);
	fflush(stdout);
}

static bool
is_lower(const char *answer, const void *data, struct error *err)
{
	(void)data;
	for (const char *c = answer; *c; c++)
		if (*c < 'a' || *c > 'z')
			return error_set(err, ERROR_USAGE, "only lower case letters, please");
	return true;
}

static void
ask_team(const struct prompt *prompt)
{
	struct arena arena = {0};
	struct error err = {0};
	const char *answer = NULL;
	bool is_fine = prompt_text(prompt, &(struct prompt_question){.text = "Te\033[31mam", .flag = "--team NAME",
	                           .fallback = "payments", .check = is_lower}, &arena, &answer, &err);
	tell(answer, is_fine, &err);
	arena_release(&arena);
}

static void
ask_sure(const struct prompt *prompt)
{
	struct error err = {0};
	bool is_sure = false;
	bool is_fine = prompt_confirm(prompt, &(struct prompt_question){.text = "Delete it?", .flag = "--yes"}, &is_sure, &err);
	tell(is_sure ? "sure" : "not sure", is_fine, &err);
}

static void
ask_name(const struct prompt *prompt)
{
	struct error err = {0};
	bool is_sure = false;
	bool is_fine = prompt_confirm_name(prompt, &(struct prompt_question){.text = "Name:", .flag = "--confirm=NAME"},
	                                   "checkout", NULL, &is_sure, &err);
	tell(is_sure ? "sure" : "not sure", is_fine, &err);
}

static void
ask_port(const struct prompt *prompt)
{
	static const struct prompt_choice choices[] = {{"8080", "Dockerfile:12"}, {"2", "Dockerfile:13"}, {"9090", NULL}};
	struct error err = {0};
	size_t chosen = 0;
	bool is_fine = prompt_choose(prompt, &(struct prompt_question){.text = "Which port?", .flag = "--port N"}, choices,
	                             array_length(choices), &chosen, &err);
	tell(choices[chosen].text, is_fine, &err);
}

static void
ask_secret(const struct prompt *prompt)
{
	scoped(secret_release) struct secret *secret = NULL;
	struct error err = {0};
	bool is_fine = prompt_secret(prompt, &(struct prompt_question){.text = "API_KEY", .flag = "--stdin"}, &secret, &err);
	bool is_right = is_fine && secret_length(secret) == 6 && secret_equals(secret, secret_new("s3cret", 6));
	tell(is_right ? "right" : "wrong", is_fine, &err);
}

/* As a command on the loop does, which holds SIGINT back for itself. */
static void
ask_in_fiber(void *data)
{
	ask_secret(data);
}

static void
ignore(struct loop_signal *signal)
{
	(void)signal;
}

static void
ask_on_loop(const struct prompt *prompt)
{
	struct loop *loop;
	struct error err;
	struct loop_signal interrupt = {.number = SIGINT, .arrived = ignore};
	struct prompt copy = *prompt;
	if (!loop_open(&loop, &err) || !loop_signal_add(loop, &interrupt, &err))
		_exit(98);
	fiber_run(loop, ask_in_fiber, &copy);
	loop_close(loop);
}

/* A job in a process group of its own: only such a one can be stopped. */
static void
ask_under_a_shell(const struct prompt *prompt)
{
	struct termios modes;
	int status;
	signal(SIGTTOU, SIG_IGN);
	pid_t job = fork();
	setpgid(job, job);
	tcsetpgrp(STDIN_FILENO, job == 0 ? getpid() : job);
	if (job == 0) {
		ask_secret(prompt);
		_exit(0);
	}
	waitpid(job, &status, WUNTRACED);
	tcgetattr(STDIN_FILENO, &modes);
	printf("shell: %s, typing is %s\n", WIFSTOPPED(status) ? "stopped" : "ended",
	       (modes.c_lflag & ECHO) != 0 ? "shown" : "hidden");
	fflush(stdout);
	kill(-job, SIGCONT);
	waitpid(job, &status, 0);
}

/* ---- tests ---- */

static void
test_text__is_checked_trimmed_and_asked_again(void **state)
{
	struct person person;
	(void)state;
	start(&person, ask_team);
	expect(&person, "Te\\x1b[31mam [payments]: ");
	type(&person, "Team 1\n");
	expect(&person, "only lower case letters, please");
	expect(&person, "[payments]: ");
	type(&person, "  shop \t\n");
	expect(&person, "answer <shop>");
	assert_int_equal(finish(&person), 0);
}

static void
test_text__enter_takes_the_fallback_and_control_d_ends(void **state)
{
	struct person person;
	(void)state;
	start(&person, ask_team);
	expect(&person, "[payments]: ");
	type(&person, "\n");
	expect(&person, "answer <payments>");
	assert_int_equal(finish(&person), 0);
	start(&person, ask_team);
	expect(&person, "[payments]: ");
	type(&person, "\004");
	expect(&person, "failed cancelled");
	assert_int_equal(finish(&person), 0);
}

static void
test_text__gives_up_after_some_tries(void **state)
{
	struct person person;
	(void)state;
	start(&person, ask_team);
	for (int i = 0; i < 5; i++) {
		expect(&person, "[payments]: ");
		type(&person, "NO\n");
	}
	expect(&person, "failed usage");
	assert_int_equal(finish(&person), 0);
}

static void
test_confirm__means_no_unless_yes_is_said(void **state)
{
	static const struct {
		const char *keys, *answer;
	} rows[] = {{"\n", "not sure"}, {"y\n", "sure"}, {"YES\n", "sure"}, {"no\n", "not sure"}, {"maybe\nyes\n", "sure"}};
	struct person person;
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		char answer[40];
		snprintf(answer, sizeof answer, "answer <%s>", rows[i].answer);
		start(&person, ask_sure);
		expect(&person, "Delete it? [y/N] ");
		type(&person, rows[i].keys);
		expect(&person, answer);
		assert_int_equal(finish(&person), 0);
	}
}

static void
test_confirm__name_must_be_typed(void **state)
{
	struct person person;
	(void)state;
	start(&person, ask_name);
	expect(&person, "Name: ");
	type(&person, "yes\n");
	expect(&person, "answer <not sure>");
	assert_int_equal(finish(&person), 0);
	start(&person, ask_name);
	expect(&person, "Name: ");
	type(&person, "checkout\n");
	expect(&person, "answer <sure>");
	assert_int_equal(finish(&person), 0);
}

static void
test_choose__takes_the_text_before_the_number(void **state)
{
	static const struct {
		const char *keys, *answer;
	} rows[] = {{"1\n", "answer <8080>"}, {"2\n", "answer <2>"}, {"3\n", "answer <9090>"}, {"9090\n", "answer <9090>"}};
	struct person person;
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		start(&person, ask_port);
		expect(&person, "Which port?");
		expect(&person, "  1) 8080  Dockerfile:12");
		expect(&person, "Number: ");
		type(&person, "0\n");
		expect(&person, "Type a number from 1 to 3.");
		expect(&person, "Number: ");
		type(&person, rows[i].keys);
		expect(&person, rows[i].answer);
		assert_int_equal(finish(&person), 0);
	}
}

static void
test_secret__is_not_shown(void **state)
{
	struct person person;
	(void)state;
	start(&person, ask_secret);
	expect(&person, "API_KEY (not shown): ");
	assert_false(is_echoing(&person));
	type(&person, "s3cret\n");
	expect(&person, "answer <right>");
	assert_true(is_echoing(&person));
	assert_int_equal(finish(&person), 0);
	assert_null(strstr(person.screen, "s3cret"));
}

static void
test_secret__of_a_full_terminal_line_is_refused(void **state)
{
	char keys[4200];
	struct person person;
	(void)state;
	memset(keys, 'a', sizeof keys);
	keys[sizeof keys - 2] = '\n';
	keys[sizeof keys - 1] = '\0';
	start(&person, ask_secret);
	expect(&person, "API_KEY (not shown): ");
	type(&person, keys);
	expect(&person, "failed usage: a terminal takes lines of at most 4094 bytes");
	assert_int_equal(finish(&person), 0);
}

/* Ctrl-C, SIGTERM: an error, and the terminal shows again what is typed. */
static void
test_signals__put_the_terminal_back(void **state)
{
	static const struct {
		asking ask;
		int number;
		const char *answer;
	} rows[] = {
		{ask_secret, SIGINT, "failed interrupted"},
		{ask_secret, SIGTERM, "failed terminated"},
		{ask_on_loop, SIGINT, "failed interrupted"},
	};
	struct person person;
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		start(&person, rows[i].ask);
		expect(&person, "API_KEY (not shown): ");
		if (rows[i].number == SIGINT)
			type(&person, "s3\003");
		else
			kill(person.pid, rows[i].number);
		expect(&person, rows[i].answer);
		assert_true(is_echoing(&person));
		assert_int_equal(finish(&person), 0);
	}
}

static void
test_signals__end_the_process_where_they_would(void **state)
{
	struct person person;
	(void)state;
	start(&person, ask_secret);
	expect(&person, "API_KEY (not shown): ");
	kill(person.pid, SIGQUIT);
	int status = finish(&person);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT);
}

/* Stopped by Ctrl-Z and continued, as a shell sees it. */
static void
test_signals__stopped_it_shows_typing_and_asks_again(void **state)
{
	struct person person;
	(void)state;
	start(&person, ask_under_a_shell);
	expect(&person, "API_KEY (not shown): ");
	type(&person, "s3\032");
	expect(&person, "shell: stopped, typing is shown");
	expect(&person, "API_KEY (not shown): ");
	type(&person, "s3cret\n");
	expect(&person, "answer <right>");
	assert_int_equal(finish(&person), 0);
}

static void
test_nobody__to_ask_is_an_error_that_names_the_flag(void **state)
{
	struct arena arena = {0};
	struct prompt prompt = {.can_ask = false};
	struct prompt_question question = {.text = "Team", .flag = "--team NAME", .fallback = "payments"};
	struct error err = {0};
	const char *answer = NULL;
	bool is_sure = false;
	(void)state;
	assert_false(prompt_text(&prompt, &question, &arena, &answer, &err));
	assert_int_equal(err.code, ERROR_USAGE);
	assert_string_equal(err.next, "give --team NAME");
	assert_false(prompt_confirm(&prompt, &question, &is_sure, &err));
	assert_false(prompt_confirm_name(&prompt, &question, "checkout", "checkuot", &is_sure, &err));
	assert_true(prompt_confirm_name(&prompt, &question, "checkout", "checkout", &is_sure, &err));
	assert_true(is_sure);
	is_sure = false;
	prompt.assume_yes = true;
	assert_false(prompt_confirm_name(&prompt, &question, "checkout", NULL, &is_sure, &err));
	assert_true(prompt_confirm(&prompt, &question, &is_sure, &err));
	assert_true(is_sure);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text__is_checked_trimmed_and_asked_again),
		cmocka_unit_test(test_text__enter_takes_the_fallback_and_control_d_ends),
		cmocka_unit_test(test_text__gives_up_after_some_tries),
		cmocka_unit_test(test_confirm__means_no_unless_yes_is_said),
		cmocka_unit_test(test_confirm__name_must_be_typed),
		cmocka_unit_test(test_choose__takes_the_text_before_the_number),
		cmocka_unit_test(test_secret__is_not_shown),
		cmocka_unit_test(test_secret__of_a_full_terminal_line_is_refused),
		cmocka_unit_test(test_signals__put_the_terminal_back),
		cmocka_unit_test(test_signals__end_the_process_where_they_would),
		cmocka_unit_test(test_signals__stopped_it_shows_typing_and_asks_again),
		cmocka_unit_test(test_nobody__to_ask_is_an_error_that_names_the_flag),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
