#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/secret.h"

enum { OUTPUT_MAX = 1024 * 1024, ERRORS_MAX = 64 * 1024, READ_BYTES = 16 * 1024 };

/* One pipe from the child. */
struct drain {
	struct loop_watch watch;
	struct loop *loop;
	struct fiber *waiter;
	struct buf *into;
};

struct pipes {
	int output[2], errors[2];
	int input; /* a file without a name that holds what the child reads */
};

struct child {
	struct loop_child exit;
	struct fiber *waiter;
	bool has_exited;
	int wait_status;
};

/* ---- what the child is given ---- */

static bool
is_overridden(const char *entry, const char *const *overrides)
{
	size_t name = strcspn(entry, "=") + 1;
	for (; *overrides != NULL; overrides++) {
		if (strncmp(entry, *overrides, name) == 0)
			return true;
	}
	return false;
}

/* PAAS_TOKEN, PAAS_TOKEN_GITHUB, PAAS_TOKEN_FILE. */
static bool
is_token(const char *entry)
{
	return strncmp(entry, "PAAS_TOKEN", 10) == 0 && (entry[10] == '=' || entry[10] == '_');
}

char **
process_environment_without_tokens(struct arena *arena)
{
	size_t n_ours = 0, n = 0;
	while (environ[n_ours] != NULL)
		n_ours++;
	char **kept = arena_array(arena, char *, n_ours + 1);
	for (size_t i = 0; i < n_ours; i++)
		if (!is_token(environ[i]))
			kept[n++] = environ[i];
	kept[n] = NULL;
	return kept;
}

static char **
merge_environment(const struct process_request *request, struct arena *arena)
{
	static const char *const nothing[] = {NULL};
	const char *const *overrides = request->environment != NULL ? request->environment : nothing;
	size_t n_ours = 0, n_overrides = 0, n = 0;
	while (environ[n_ours] != NULL)
		n_ours++;
	while (overrides[n_overrides] != NULL)
		n_overrides++;
	char **merged = arena_array(arena, char *, n_ours + n_overrides + 1);
	for (size_t i = 0; i < n_overrides; i++)
		merged[n++] = arena_strdup(arena, overrides[i]);
	for (size_t i = 0; i < n_ours && !request->is_environment_whole; i++) {
		if (!is_overridden(environ[i], overrides) && (request->keeps_tokens || !is_token(environ[i])))
			merged[n++] = environ[i];
	}
	merged[n] = NULL;
	return merged;
}

static void
set_attributes(posix_spawnattr_t *attributes, bool is_interactive)
{
	sigset_t none, reset;
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	sigemptyset(&none);
	sigemptyset(&reset);
	sigaddset(&reset, SIGPIPE);
	sigaddset(&reset, SIGXFSZ);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &reset);
	if (!is_interactive) /* a group of its own, so that a deadline reaches its children too */
		flags |= POSIX_SPAWN_SETPGROUP;
	posix_spawnattr_setflags(attributes, flags);
}

static void
set_files(posix_spawn_file_actions_t *files, const struct process_request *request, const struct pipes *pipes)
{
	if (request->input != NULL)
		posix_spawn_file_actions_adddup2(files, pipes->input, STDIN_FILENO);
	else if (!request->is_interactive)
		posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(files, pipes->output[1], STDOUT_FILENO);
	if (request->captures_errors)
		posix_spawn_file_actions_adddup2(files, pipes->errors[1], STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

static bool
spawn(const struct process_request *request, const struct pipes *pipes, pid_t *ret, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	size_t n = 0;
	while (request->argv[n] != NULL)
		n++;
	char **argv = arena_array(&arena, char *, n + 1);
	for (size_t i = 0; i < n; i++)
		argv[i] = arena_strdup(&arena, request->argv[i]);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	set_files(&files, request, pipes);
	set_attributes(&attributes, request->is_interactive);
	int failure = posix_spawnp(ret, argv[0], &files, &attributes, argv,
	                           merge_environment(request, &arena));
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	if (failure == 0)
		return true;
	return error_set(err, failure == ENOENT ? ERROR_NOT_FOUND : ERROR_FAILED, "starting %s: %s", argv[0],
	                 strerror(failure));
}

/* ---- reading what it says ---- */

/* Takes what is there; false at the end of the pipe. */
static bool
drain_some(struct drain *drain)
{
	char bytes[READ_BYTES];
	for (;;) {
		ssize_t got = read(drain->watch.fd, bytes, sizeof bytes);
		if (got > 0)
			buf_add(drain->into, bytes, (size_t)got);
		else if (got == 0 || errno != EINTR) {
			secret_wipe(bytes, sizeof bytes);
			return got < 0 && errno == EAGAIN;
		}
	}
}

static void
drain_ready(struct loop_watch *watch, uint32_t events)
{
	struct drain *drain = watch->data;
	(void)events;
	if (!drain_some(drain))
		loop_watch_remove(drain->loop, watch);
	fiber_wake(drain->waiter);
}

static void
drain_stop(struct drain *drain)
{
	if (drain->loop != NULL)
		loop_watch_remove(drain->loop, &drain->watch);
}

static bool
drain_start(struct drain *drain, struct loop *loop, int fd, struct buf *into, struct error *err)
{
	*drain = (struct drain){.watch = {.fd = fd, .ready = drain_ready, .data = drain},
	                        .loop = loop, .waiter = fiber_current(), .into = into};
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return loop_watch_set(loop, &drain->watch, EPOLLIN, err);
}

/* ---- its end ---- */

static void
child_exited(struct loop_child *exit, int wait_status)
{
	struct child *child = exit->data;
	child->has_exited = true;
	child->wait_status = wait_status;
	fiber_wake(child->waiter);
}

static void
child_end(struct child *child, bool is_interactive)
{
	if (child->has_exited || child->exit.pid <= 0)
		return;
	loop_child_remove(child->exit.loop, &child->exit);
	kill(is_interactive ? child->exit.pid : -child->exit.pid, SIGKILL);
	while (waitpid(child->exit.pid, &child->wait_status, 0) < 0 && errno == EINTR)
		;
}

static bool
wait_for_exit(struct loop *loop, const struct process_request *request, struct child *child,
              const struct buf *output, struct error *err)
{
	int64_t started = clock_monotonic_ms();
	while (!child->has_exited) {
		bool timed_out = false;
		int64_t left = started + request->deadline_ms - clock_monotonic_ms();
		bool goes_on = request->deadline_ms == 0 ? fiber_wait() : fiber_wait_for(loop, left, &timed_out);
		if (!goes_on)
			return error_set(err, ERROR_INTERRUPTED, "%s was stopped", request->argv[0]);
		if (output->overflow)
			return error_set(err, ERROR_BAD_ANSWER, "%s printed more than %zu bytes",
			                 request->argv[0], output->max);
		if (timed_out && !child->has_exited)
			return error_set(err, ERROR_TIMED_OUT, "%s did not end within %lld ms",
			                 request->argv[0], (long long)request->deadline_ms);
	}
	return true;
}

static void
pipes_close(struct pipes *pipes)
{
	for (int i = 0; i < 2; i++) {
		file_close_fd(&pipes->output[i]);
		file_close_fd(&pipes->errors[i]);
	}
	file_close_fd(&pipes->input);
}

/* In memory, so that no child waits for us to write. */
static bool
open_input(const char *bytes, size_t length, int *ret)
{
	*ret = memfd_create("input", MFD_CLOEXEC);
	for (size_t done = 0; *ret >= 0 && done < length;) {
		ssize_t written = write(*ret, bytes + done, length - done);
		if (written < 0 && errno != EINTR)
			return false;
		done += written > 0 ? (size_t)written : 0;
	}
	return *ret >= 0 && lseek(*ret, 0, SEEK_SET) == 0;
}

static bool
pipes_open(struct pipes *ret, const struct process_request *request, struct error *err)
{
	*ret = (struct pipes){{-1, -1}, {-1, -1}, -1};
	if (pipe2(ret->output, O_CLOEXEC) == 0 && (!request->captures_errors || pipe2(ret->errors, O_CLOEXEC) == 0) &&
	    (request->input == NULL || open_input(request->input, request->input_length, &ret->input)))
		return true;
	error_put(err, ERROR_FAILED, "pipe: %s", strerror(errno));
	pipes_close(ret);
	return false;
}

/* From a running child to its end; the pipes are ours alone. */
static bool
follow(struct loop *loop, const struct process_request *request, struct pipes *pipes, pid_t pid,
       struct process_result *ret, struct error *err)
{
	struct drain output = {0}, errors = {0};
	struct child child = {.waiter = fiber_current()};
	child.exit = (struct loop_child){.pid = pid, .exited = child_exited, .data = &child};
	bool ok = loop_child_add(loop, &child.exit, err) &&
	          drain_start(&output, loop, pipes->output[0], &ret->output, err) &&
	          (!request->captures_errors ||
	           drain_start(&errors, loop, pipes->errors[0], &ret->errors, err)) &&
	          wait_for_exit(loop, request, &child, &ret->output, err);
	/* A grandchild may hold the pipes open for ever: what the child wrote is in them already. */
	if (output.watch.is_added)
		drain_some(&output);
	if (errors.watch.is_added)
		drain_some(&errors);
	drain_stop(&output);
	drain_stop(&errors);
	child_end(&child, request->is_interactive);
	if (ok && ret->output.overflow)
		ok = error_set(err, ERROR_BAD_ANSWER, "%s printed more than %zu bytes", request->argv[0],
		               ret->output.max);
	ret->exit_status = WIFSIGNALED(child.wait_status) ? 128 + WTERMSIG(child.wait_status)
	                                                  : WEXITSTATUS(child.wait_status);
	return ok;
}

bool
process_run(struct loop *loop, const struct process_request *request, struct process_result *ret,
            struct error *err)
{
	scoped(pipes_close) struct pipes pipes;
	struct termios terminal;
	bool has_terminal = request->is_interactive && tcgetattr(STDIN_FILENO, &terminal) == 0;
	pid_t pid = -1;
	*ret = (struct process_result){
		.output = BUF_INIT(request->max_bytes != 0 ? request->max_bytes : OUTPUT_MAX),
		.errors = BUF_INIT(ERRORS_MAX),
	};
	if (!pipes_open(&pipes, request, err) ||
	    !spawn(request, &pipes, &pid, err))
		return false;
	file_close_fd(&pipes.output[1]);
	file_close_fd(&pipes.errors[1]);
	bool ok = follow(loop, request, &pipes, pid, ret, err);
	if (has_terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal);
	return ok;
}

void
process_release(struct process_result *result)
{
	if (result->output.length > 0)
		secret_wipe(result->output.bytes, result->output.length);
	buf_release(&result->output);
	buf_release(&result->errors);
}
