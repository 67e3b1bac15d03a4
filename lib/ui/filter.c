#include "ui/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <jq.h>
#include <jv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/library.h"
#include "ui/neutral.h"

enum {
	CPU_SECONDS = 5, /* a value; compiling the built-ins alone takes 0.05 s */
	MEMORY_BYTES = 1024 * 1024 * 1024,
	VALUE_MAX_BYTES = 256 * 1024 * 1024,
	MESSAGE_MAX_BYTES = 400,
	NO_LIBRARY = 3, /* what the child ends with when libjq is not there */
};

static const char ready[] = "ready\n";

struct filter {
	pid_t pid;
	int values_fd;   /* to the child */
	int messages_fd; /* from it: `ready`, then what went wrong, if something did */
};

/* ---- the child: everything below runs with nothing to lose ---- */

static struct {
	typeof(jq_init) *init;
	typeof(jq_compile) *compile;
	typeof(jq_start) *start;
	typeof(jq_next) *next;
	typeof(jq_set_attr) *set_attr;
	typeof(jq_set_error_cb) *set_error_cb;
	typeof(jv_parse_sized) *parse_sized;
	typeof(jv_get_kind) *get_kind;
	typeof(jv_free) *free;
	typeof(jv_copy) *copy;
	typeof(jv_string) *string;
	typeof(jv_string_value) *string_value;
	typeof(jv_string_length_bytes) *string_length_bytes;
	typeof(jv_dump_string) *dump_string;
	typeof(jv_invalid_get_msg) *invalid_get_msg;
	typeof(jv_array) *array;
} lib;

static const struct library_symbol symbols[] = {
	LIBRARY_SHARED_SYMBOL(jq_init, lib.init),
	LIBRARY_SHARED_SYMBOL(jq_compile, lib.compile),
	LIBRARY_SHARED_SYMBOL(jq_start, lib.start),
	LIBRARY_SHARED_SYMBOL(jq_next, lib.next),
	LIBRARY_SHARED_SYMBOL(jq_set_attr, lib.set_attr),
	LIBRARY_SHARED_SYMBOL(jq_set_error_cb, lib.set_error_cb),
	LIBRARY_SHARED_SYMBOL(jv_parse_sized, lib.parse_sized),
	LIBRARY_SHARED_SYMBOL(jv_get_kind, lib.get_kind),
	LIBRARY_SHARED_SYMBOL(jv_free, lib.free),
	LIBRARY_SHARED_SYMBOL(jv_copy, lib.copy),
	LIBRARY_SHARED_SYMBOL(jv_string, lib.string),
	LIBRARY_SHARED_SYMBOL(jv_string_value, lib.string_value),
	LIBRARY_SHARED_SYMBOL(jv_string_length_bytes, lib.string_length_bytes),
	LIBRARY_SHARED_SYMBOL(jv_dump_string, lib.dump_string),
	LIBRARY_SHARED_SYMBOL(jv_invalid_get_msg, lib.invalid_get_msg),
	LIBRARY_SHARED_SYMBOL(jv_array, lib.array),
};

struct child {
	jq_state *jq;
	int messages_fd;
	bool for_terminal;
};

static void
say(const struct child *child, const char *text)
{
	ssize_t written = write(child->messages_fd, text, strnlen(text, MESSAGE_MAX_BYTES));
	(void)written; /* a parent that is gone needs no words */
}

/* libjq's own words: "jq: error: syntax error, … (Unix shell quoting issues?) at <top-level>, line 1:…" */
static void
say_compile_error(void *data, jv message)
{
	say(data, lib.string_value(message));
	lib.free(message);
}

static void
limit(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	rlim_t cpu = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + CPU_SECONDS;
	setrlimit(RLIMIT_CPU, &(struct rlimit){cpu, RLIM_INFINITY});
}

static void
confine(void)
{
	static char *nothing[] = {NULL};
	environ = nothing; /* clearenv would leave NULL, on which libjq's env crashes */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	limit();
#if !defined(__SANITIZE_ADDRESS__) /* its shadow memory is larger than any sensible limit */
	setrlimit(RLIMIT_AS, &(struct rlimit){MEMORY_BYTES, MEMORY_BYTES});
#endif
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 0}); /* what is open stays, nothing more opens */
}

static void
write_result(const struct child *child, jv result)
{
	jv text = lib.get_kind(result) == JV_KIND_STRING ? result : lib.dump_string(result, 0);
	const char *bytes = lib.string_value(text);
	size_t length = (size_t)lib.string_length_bytes(lib.copy(text));
	if (child->for_terminal) {
		scoped(buf_release) struct buf safe = BUF_INIT(VALUE_MAX_BYTES);
		neutral_add(&safe, NEUTRAL_TEXT, bytes, length);
		fwrite(safe.bytes, 1, safe.length, stdout);
	} else {
		fwrite(bytes, 1, length, stdout);
	}
	fputc('\n', stdout);
	lib.free(text);
}

/* False ends the child: the reader went away, or the filter failed. */
static bool
run_value(const struct child *child, const char *json, size_t length)
{
	limit();
	lib.start(child->jq, lib.parse_sized(json, (int)length), 0);
	jv result = lib.next(child->jq);
	for (; lib.get_kind(result) != JV_KIND_INVALID; result = lib.next(child->jq)) {
		if (ferror(stdout) != 0)
			return false;
		write_result(child, result);
	}
	jv message = lib.invalid_get_msg(result);
	bool has_failed = lib.get_kind(message) != JV_KIND_NULL;
	if (has_failed && lib.get_kind(message) != JV_KIND_STRING)
		message = lib.dump_string(message, 0);
	if (has_failed)
		say(child, lib.string_value(message));
	lib.free(message);
	return fflush(stdout) == 0 && !has_failed;
}

/* Values come one a line: JSON of ours holds no newline. */
static void
run_values(const struct child *child, int values_fd)
{
	FILE *values = fdopen(values_fd, "r");
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	while (values != NULL && (length = getline(&line, &capacity, values)) > 0)
		if (!run_value(child, line, (size_t)length))
			break;
	free(line);
}

static _Noreturn void
run_child(const char *expression, bool for_terminal, int values_fd, int messages_fd)
{
	struct child child = {.messages_fd = messages_fd, .for_terminal = for_terminal};
	struct error err;
	if (!library_load(LIBRARY_JQ, symbols, array_length(symbols), &err)) {
		say(&child, err.why);
		_exit(NO_LIBRARY);
	}
	confine();
	child.jq = lib.init();
	lib.set_attr(child.jq, lib.string("JQ_LIBRARY_PATH"), lib.array());
	lib.set_error_cb(child.jq, say_compile_error, &child);
	if (!lib.compile(child.jq, expression))
		_exit(1);
	say(&child, ready);
	lib.set_error_cb(child.jq, NULL, NULL);
	run_values(&child, values_fd);
	_exit(0);
}

/* ---- the parent ---- */

/* Reads what the child says until `enough` or its end. */
static void
hear(struct filter *filter, const char *enough, char *ret, size_t size)
{
	size_t length = 0;
	ssize_t got;
	while (length + 1 < size) {
		got = read(filter->messages_fd, ret + length, size - 1 - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		length += (size_t)got;
		ret[length] = '\0';
		if (enough != NULL && strcmp(ret, enough) == 0)
			break;
	}
	ret[length] = '\0';
}

/* The first line, without libjq's own prefix. */
static const char *
first_line(char *message)
{
	static const char prefix[] = "jq: error: ";
	message[strcspn(message, "\n")] = '\0';
	return strncmp(message, prefix, sizeof prefix - 1) == 0 ? message + sizeof prefix - 1 : message;
}

static const char *
words_of_signal(int number)
{
	return number == SIGXCPU ? "it took more than 5 seconds of processor time"
	                         : "it needed too much memory or what libjq cannot do here";
}

static int
reap(struct filter *filter)
{
	int status = 0;
	file_close_fd(&filter->values_fd);
	file_close_fd(&filter->messages_fd);
	while (waitpid(filter->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static bool
refuse(struct filter *filter, char *message, struct error *err)
{
	int status = reap(filter);
	bool has_library = !WIFEXITED(status) || WEXITSTATUS(status) != NO_LIBRARY;
	const char *why = message[0] != '\0'    ? first_line(message)
	                  : WIFSIGNALED(status) ? words_of_signal(WTERMSIG(status))
	                                        : "it does not compile";
	if (has_library)
		return error_set(err, ERROR_USAGE, "--jq: %s", why);
	error_put(err, ERROR_FAILED, "--jq: %s", why);
	return error_next(err, "install the package %s", library_info[LIBRARY_JQ].package);
}

bool
filter_start(const char *expression, bool for_terminal, struct arena *arena, struct filter **ret,
             struct error *err)
{
	int values[2], messages[2];
	char message[MESSAGE_MAX_BYTES * 2];
	if (pipe2(values, O_CLOEXEC) != 0)
		return error_set(err, ERROR_FAILED, "--jq: pipe: %s", strerror(errno));
	if (pipe2(messages, O_CLOEXEC) != 0) {
		close(values[0]);
		close(values[1]);
		return error_set(err, ERROR_FAILED, "--jq: pipe: %s", strerror(errno));
	}
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		close(values[1]);
		close(messages[0]);
		run_child(expression, for_terminal, values[0], messages[1]);
	}
	close(values[0]);
	close(messages[1]);
	struct filter *filter = arena_new(arena, struct filter);
	*filter = (struct filter){.pid = pid, .values_fd = values[1], .messages_fd = messages[0]};
	if (pid < 0) {
		file_close_fd(&filter->values_fd);
		file_close_fd(&filter->messages_fd);
		return error_set(err, ERROR_FAILED, "--jq: fork: %s", strerror(errno));
	}
	hear(filter, ready, message, sizeof message);
	if (strcmp(message, ready) != 0)
		return refuse(filter, message, err);
	*ret = filter;
	return true;
}

static bool
write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return true;
}

void
filter_feed(struct filter *filter, const char *json, size_t length)
{
	if (write_all(filter->values_fd, json, length))
		write_all(filter->values_fd, "\n", 1);
}

bool
filter_finish(struct filter *filter, struct error *err)
{
	char message[MESSAGE_MAX_BYTES * 2];
	file_close_fd(&filter->values_fd);
	hear(filter, NULL, message, sizeof message);
	int status = reap(filter);
	if (message[0] == '\0' && !WIFSIGNALED(status))
		return true;
	return error_set(err, ERROR_FAILED, "--jq: %s",
	                 message[0] != '\0' ? first_line(message) : words_of_signal(WTERMSIG(status)));
}
