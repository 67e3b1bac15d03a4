/* `paas sandbox start`: the daemon. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/loop.h"
#include "cmd/sandbox.h"
#include "core/fiaas/options.h"
#include "sandbox/files.h"
#include "sandbox/sandbox.h"
#include "ui/output.h"

enum { READY_WITHIN_MS = 15000, LOCK_MODE = 0600 };

static bool in_foreground, is_empty, without_operator, without_fiaas;
static int64_t operator_delay_ms, token_lifetime_ms;
static const char *sign_on = "automatic";
static const char *cd, *ci, *artifacts;
static const char *const deployers[] = {"fiaas", "spinnaker", NULL};
static const char *const builders[] = {"github-actions", "travis", NULL};
static const char *const keepers[] = {"oci", "artifactory", NULL};
static const char *const ways_to_sign_on[] = {"automatic", "ask", NULL};
static uint64_t rate = 1, seed;
static struct text_list fiaas_texts;

static const struct option_spec options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_NUMBER, .name = "rate", .value = "N", .number = &rate, .min = 1, .max = 1000,
	 .help = "let its clock run N times as fast; clients follow with PAAS_CLOCK_RATE=N"},
	{.kind = OPTION_FLAG, .name = "foreground", .flag = &in_foreground, .help = "stay attached, end with Ctrl-C"},
	{.kind = OPTION_FLAG, .name = "empty", .flag = &is_empty, .help = "without images and namespaces of the sample"},
	{.kind = OPTION_FLAG, .name = "no-operator", .flag = &without_operator, .help = "without the FIAAS operator"},
	{.kind = OPTION_FLAG, .name = "without-fiaas", .flag = &without_fiaas,
	 .help = "a cluster that knows nothing of FIAAS: neither the operator nor its resource types"},
	{.kind = OPTION_DURATION, .name = "operator-delay", .value = "D", .duration_ms = &operator_delay_ms,
	 .help = "how long the operator waits before it acts"},
	{.kind = OPTION_LIST, .name = "option", .value = "OPTION=VALUE", .list = &fiaas_texts,
	 .help = "option of the FIAAS operator"},
	{.kind = OPTION_CHOICE, .name = "sign-on", .value = "HOW", .text = &sign_on, .choices = ways_to_sign_on,
	 .fallback = "automatic",
	 .help = "who approves a sign-on: nobody has to (automatic), or a person at its page or paas sandbox approve (ask)"},
	{.kind = OPTION_CHOICE, .name = "cd", .value = "WHO", .text = &cd, .choices = deployers,
	 .help = "who deploys, according to its platform file: the operator alone (fiaas), or pipelines (spinnaker); "
	         "without it whoever did the last time, at first fiaas"},
	{.kind = OPTION_CHOICE, .name = "ci", .value = "WHO", .text = &ci, .choices = builders,
	 .help = "who builds, according to its platform file; without it whoever did the last time, at first github-actions"},
	{.kind = OPTION_CHOICE, .name = "artifacts", .value = "WHO", .text = &artifacts, .choices = keepers,
	 .help = "who keeps images, according to its platform file; without it whoever did the last time, at first oci"},
	{.kind = OPTION_DURATION, .name = "token-lifetime", .value = "D", .duration_ms = &token_lifetime_ms,
	 .fallback = "1h", .help = "how long the sign-on server's access and ID tokens count"},
	{.kind = OPTION_NUMBER, .name = "seed", .value = "N", .number = &seed, .max = UINT64_MAX,
	 .help = "of generated names, for the same ones again"},
	{.kind = OPTION_END},
};

/* ---- the operator's options ---- */

static json_t *
value_of(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	bool is_plain = json_is_boolean(value) || json_is_integer(value);
	if (is_plain)
		return value;
	json_decref(value);
	return json_string(text);
}

/* OPTION=VALUE texts as the platform file has them; a repeated one becomes a list. */
static json_t *
fiaas_settings(void)
{
	json_t *settings = json_pack("{s:[s], s:b, s:b}", "ingress_suffix", "apps.sandbox.example",
	                             "use_networkingv1_ingress", 1, "include_status_in_app", 1);
	for (size_t i = 0; i < fiaas_texts.count; i++) {
		char name[80];
		const char *text = fiaas_texts.items[i], *equals = strchrnul(text, '=');
		size_t length = (size_t)(equals - text) < sizeof name ? (size_t)(equals - text) : sizeof name - 1;
		for (size_t c = 0; c < length; c++)
			name[c] = text[c] == '-' ? '_' : text[c];
		name[length] = '\0';
		const struct fiaas_option *option = fiaas_option_find(name);
		bool is_repeatable = option != NULL && (option->type == FIAAS_OPTION_LIST || option->type == FIAAS_OPTION_PAIRS);
		json_t *value = *equals == '=' ? value_of(equals + 1) : json_true();
		json_t *list = json_object_get(settings, name);
		if (is_repeatable && i > 0 && list != NULL && strncmp(fiaas_texts.items[i - 1], text, length) == 0)
			json_array_append_new(list, value);
		else
			json_object_set_new(settings, name, is_repeatable ? json_pack("[o]", value) : value);
	}
	return settings;
}

/* ---- the process ---- */

static void
stop_at_signal(struct loop_signal *signal)
{
	loop_stop(signal->data);
}

/* Serves until it is stopped.  `ready` learns once whether it could start. */
static bool
serve(const struct sandbox_options *sandbox_options, void (*ready)(void *data, const struct error *failure),
      void *data, struct error *err)
{
	struct loop *loop;
	struct sandbox *sandbox;
	if (!loop_open(&loop, err))
		return false;
	clock_set_rate((unsigned)rate);
	struct loop_signal signals[] = {{.number = SIGTERM, .arrived = stop_at_signal, .data = loop},
	                                {.number = SIGINT, .arrived = stop_at_signal, .data = loop}};
	bool is_fine = loop_signal_add(loop, &signals[0], err) && loop_signal_add(loop, &signals[1], err) &&
	               sandbox_open(loop, sandbox_options, &sandbox, err);
	ready(data, is_fine ? NULL : err);
	if (is_fine) {
		loop_run(loop);
		is_fine = sandbox_close(sandbox, err);
	}
	loop_close(loop);
	return is_fine;
}

static void
tell_parent(void *data, const struct error *failure)
{
	static const struct error none;
	int *pipe_end = data;
	ssize_t written = write(*pipe_end, failure != NULL ? failure : &none, sizeof none);
	(void)written; /* a parent that is gone does not stop the sandbox */
	file_close_fd(pipe_end);
}

static void
detach(const char *log)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, LOCK_MODE);
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(file >= 0 ? file : null, STDOUT_FILENO);
	dup2(file >= 0 ? file : null, STDERR_FILENO);
}

/* Waits for the child's word. */
static bool
hear_child(int pipe_end, struct error *err)
{
	struct error heard;
	struct pollfd wait = {.fd = pipe_end, .events = POLLIN};
	int n;
	do
		n = poll(&wait, 1, READY_WITHIN_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return error_set(err, ERROR_TIMED_OUT, "the sandbox was not ready after %d s", READY_WITHIN_MS / 1000);
	if (read(pipe_end, &heard, sizeof heard) != (ssize_t)sizeof heard)
		return error_set(err, ERROR_FAILED, "the sandbox ended while it started");
	if (heard.code == ERROR_NONE)
		return true;
	*err = heard;
	return false;
}

static bool
start_daemon(const struct sandbox_options *sandbox_options, int lock, const char *log, struct error *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set(err, ERROR_FAILED, "pipe: %s", strerror(errno));
	pid_t child = fork();
	if (child == 0) {
		struct error failure;
		close(ends[0]);
		detach(log);
		_exit(serve(sandbox_options, tell_parent, &ends[1], &failure) ? 0 : 1);
	}
	close(ends[1]);
	close(lock); /* the child holds it as long as it lives */
	bool is_ready = child > 0 ? hear_child(ends[0], err)
	                          : error_set(err, ERROR_FAILED, "fork: %s", strerror(errno));
	close(ends[0]);
	return is_ready;
}

/* ---- the command ---- */

static bool
say_where(struct session *session, const char *folder, bool was_running, struct error *err)
{
	if (output_is_json(session->out))
		return output_json(session->out,
		                   json_pack("{s:s, s:b}", "folder", folder, "was_running", was_running), err);
	output_print(session->out, "the sandbox %s in %s\n", was_running ? "already runs" : "runs", folder);
	output_note(session->out, "next: eval \"$(paas sandbox env)\" && cd \"$PAAS_SANDBOX_APPLICATION\" && paas deploy%s",
	            without_fiaas ? " --direct" : "");
	return true;
}

static void
say_ready(void *data, const struct error *failure)
{
	struct session *session = data;
	struct error ignored;
	const char *folder;
	if (failure == NULL && sandbox_folder(session, &folder, &ignored))
		output_note(session->out, "the sandbox runs in %s; Ctrl-C ends it", folder);
}

static bool
run(struct session *session, struct error *err)
{
	const char *folder;
	if (!sandbox_folder(session, &folder, err) || !file_make_folder(folder, err))
		return error_doing(err, "starting the sandbox");
	int lock = open(sandbox_file(folder, "lock", session->arena), O_RDWR | O_CREAT | O_CLOEXEC, LOCK_MODE);
	if (lock < 0)
		return error_set(err, ERROR_FILE, "open %s/lock: %s", folder, strerror(errno));
	if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		close(lock);
		return say_where(session, folder, true, err);
	}
	json_t *fiaas = fiaas_settings();
	struct sandbox_options sandbox_options = {
		.folder = folder, .is_empty = is_empty, .has_operator = !without_operator && !without_fiaas,
		.without_fiaas = without_fiaas,
		.operator_delay_ms = operator_delay_ms, .fiaas = fiaas, .seed = seed,
		.sign_on_asks = strcmp(sign_on, "ask") == 0, .token_lifetime_ms = token_lifetime_ms,
		.cd = cd, .ci = ci, .artifacts = artifacts,
	};
	bool is_fine = in_foreground
	                       ? serve(&sandbox_options, say_ready, session, err)
	                       : start_daemon(&sandbox_options, lock,
	                                      sandbox_file(folder, "sandbox.log", session->arena), err) &&
	                                 say_where(session, folder, false, err);
	json_decref(fiaas);
	return is_fine || error_doing(err, "starting the sandbox");
}

static const struct command_example examples[] = {
	{"paas sandbox start", "start it, or say that it runs"},
	{"paas sandbox start --rate 20", "let an hour pass in three minutes"},
	{"paas sandbox start --without-fiaas", "a cluster for paas deploy --direct"},
	{"paas sandbox start --cd spinnaker", "deploy through pipelines"},
	{"paas sandbox start --sign-on ask --token-lifetime 5m", "approve each sign-on, and see tokens expire"},
	{NULL, NULL},
};

const struct command command_sandbox_start = {
	.name = "start",
	.summary = "Start the emulated golden path",
	.description =
		"Starts one background process that listens on loopback only, writes the files its clients "
		"need into its folder, and returns when it is ready. Its state is kept when it stops and is "
		"there when it starts again.",
	.options = options,
	.examples = examples,
	.answers_json = true,
	.run = run,
};
