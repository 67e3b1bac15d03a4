#include "ui/terminal_line.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"

/* Those that end or stop a program at a terminal.  Each is held back but for the time of the wait,
 * so none gets lost between a look at `arrived` and the wait. */
static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

static volatile sig_atomic_t arrived;

static void
note(int number)
{
	arrived = number;
}

/* What was before, to be put back. */
struct guard {
	struct sigaction actions[array_length(numbers)];
	sigset_t mask;
	struct termios modes;
	bool has_modes;
	int fd;
};

static void
guard_signals(struct guard *guard)
{
	struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: the wait must end */
	sigset_t held;
	sigemptyset(&held);
	for (size_t i = 0; i < array_length(numbers); i++)
		sigaddset(&held, numbers[i]);
	sigprocmask(SIG_BLOCK, &held, &guard->mask);
	arrived = 0;
	for (size_t i = 0; i < array_length(numbers); i++)
		sigaction(numbers[i], &action, &guard->actions[i]);
}

/* Who is in the background and sets modes would be stopped for it; the handler lets the call fail. */
static bool
hide_typing(struct guard *guard, struct error *err)
{
	struct termios modes;
	if (tcgetattr(guard->fd, &guard->modes) != 0)
		return error_set(err, ERROR_FAILED, "the terminal cannot be asked for its modes: %s",
		                 strerror(errno));
	modes = guard->modes;
	modes.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	modes.c_lflag |= ICANON | ISIG;
	guard->has_modes = true;
	if (tcsetattr(guard->fd, TCSAFLUSH, &modes) != 0 && arrived == 0)
		return error_set(err, ERROR_FAILED, "the terminal cannot be kept from showing what is typed: %s",
		                 strerror(errno));
	return true;
}

static void
restore_modes(struct guard *guard)
{
	if (guard->has_modes)
		tcsetattr(guard->fd, TCSAFLUSH, &guard->modes);
	guard->has_modes = false;
}

static void
restore_signals(const struct guard *guard)
{
	for (size_t i = 0; i < array_length(numbers); i++)
		sigaction(numbers[i], &guard->actions[i], NULL);
	sigprocmask(SIG_SETMASK, &guard->mask, NULL);
}

/* Waits for bytes with the signals let in. */
static bool
wait_for_typing(int fd, const sigset_t *before)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	sigset_t mask = *before;
	for (size_t i = 0; i < array_length(numbers); i++)
		sigdelset(&mask, numbers[i]); /* the loop holds some back for itself */
	while (ppoll(&wait, 1, NULL, &mask) < 0)
		if (errno != EINTR || arrived != 0)
			return false;
	return arrived == 0;
}

enum line_end { LINE_TYPED, LINE_TOO_LONG, LINE_NO_MORE, LINE_SIGNAL };

static enum line_end
collect(int fd, const sigset_t *before, char *ret)
{
	size_t length = 0;
	while (length < TERMINAL_LINE_MAX_BYTES) {
		if (arrived != 0 || !wait_for_typing(fd, before))
			return LINE_SIGNAL;
		ssize_t got = read(fd, ret + length, TERMINAL_LINE_MAX_BYTES - length);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			return LINE_NO_MORE;
		length += (size_t)got;
		ret[length] = '\0';
		if (ret[length - 1] == '\n') {
			ret[length - 1] = '\0';
			/* A full line is one whose end the terminal may have dropped. */
			return length < TERMINAL_LINE_MAX_BYTES ? LINE_TYPED : LINE_TOO_LONG;
		}
	}
	return LINE_TOO_LONG;
}

static bool
is_stop(int number)
{
	return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

static bool
fail_for_signal(int number, struct error *err)
{
	enum error_code code = number == SIGTERM ? ERROR_TERMINATED : ERROR_INTERRUPTED;
	if (number == SIGHUP || number == SIGQUIT)
		raise(number); /* as if it had not been held back; it may be ignored */
	return error_set(err, code, "stopped at a question");
}

static enum line_end
read_guarded(struct guard *guard, bool is_hidden, void (*draw)(void *data), void *data, char *ret, struct error *err)
{
	enum line_end end = LINE_SIGNAL;
	guard_signals(guard);
	if (is_hidden && !hide_typing(guard, err)) {
		end = LINE_NO_MORE;
	} else {
		draw(data);
		end = collect(guard->fd, &guard->mask, ret);
		if (is_hidden || end != LINE_TYPED)
			(void)!write(STDERR_FILENO, "\n", 1); /* nobody echoed the end of the line */
	}
	restore_modes(guard);
	restore_signals(guard);
	return end;
}

bool
terminal_read_line(int fd, bool is_hidden, void (*draw)(void *data), void *data,
                   char ret[static TERMINAL_LINE_MAX_BYTES + 1], struct error *err)
{
	struct guard guard = {.fd = fd};
	enum line_end end;
	struct error failure = {0};
	do {
		if ((end = read_guarded(&guard, is_hidden, draw, data, ret, &failure)) == LINE_SIGNAL &&
		    is_stop(arrived))
			raise(arrived); /* stopped here, with the modes of before; then asked again */
	} while (end == LINE_SIGNAL && is_stop(arrived));
	if (end == LINE_TYPED)
		return true;
	secret_wipe(ret, TERMINAL_LINE_MAX_BYTES + 1);
	if (end == LINE_SIGNAL)
		return fail_for_signal(arrived, err);
	if (failure.code != ERROR_NONE) {
		*err = failure;
		return false;
	}
	if (end == LINE_TOO_LONG)
		return error_set(err, ERROR_USAGE, "a terminal takes lines of at most %d bytes",
		                 TERMINAL_LINE_MAX_BYTES - 1);
	return error_set(err, ERROR_CANCELLED, "the input ended at a question");
}
