#include "cmd/kubectl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/kubernetes/kubeconfig_write.h"
#include "base/buf.h"
#include "base/fiber.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/trace.h"
#include "data/platform.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/output.h"

enum { PATH_MAX_BYTES = 4096, TRACE_MAX_BYTES = 8192, GRACE_MS = 2000, NOT_STARTED = 127 };

/* ---- the pod ---- */

void
kubectl_place_release(struct kubectl_place *place)
{
	json_decref(place->pods);
	cluster_close(&place->cluster);
}

static bool
choose(struct session *session, const struct kubectl_request *request, struct kubectl_place *place, struct error *err)
{
	const struct release *release = &place->release;
	struct pod_question question = {.application = release->name, .namespace = release->namespace,
	                                .pod = request->pod, .container = request->container};
	return cluster_open(session->http, release->environment->cluster, session->arena, &place->cluster, err) &&
	       pods_read(place->cluster->kubernetes, release->namespace, release->name, session->arena, &place->pods,
	                 &question.deployment_id, err) &&
	       pod_choose(&question, place->pods, session->arena, &place->choice, err);
}

/* What one may want to know before one looks around in the wrong pod. */
static void
tell_doubts(struct session *session, const struct kubectl_place *place)
{
	const struct pod_choice *choice = &place->choice;
	if (!choice->is_of_release)
		output_warn(session->out, "pod %s is not of the release that was deployed last", choice->pod);
	if (!choice->is_ready)
		output_warn(session->out, "pod %s is not ready", choice->pod);
}

bool
kubectl_find_pod(struct session *session, const struct kubectl_request *request, struct kubectl_place *ret,
                 struct error *err)
{
	struct release_request wanted = {.platform = session->platform, .project = session->project,
	                                 .settings = session->settings, .application = request->application};
	*ret = (struct kubectl_place){0};
	if (!settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, request->environment, err) ||
	    !release_locate(&wanted, session->arena, &ret->release, err))
		return false;
	if (choose(session, request, ret, err)) {
		tell_doubts(session, ret);
		return true;
	}
	if (err->code == ERROR_NOT_FOUND && request->is_lone_word)
		error_put_next(err, "paas status %s --env %s; a command stands after --: paas exec -- %s", ret->release.name,
		               ret->release.environment->name, ret->release.name);
	else if (err->code == ERROR_NOT_FOUND)
		error_put_next(err, "paas status %s --env %s", ret->release.name, ret->release.environment->name);
	return error_doing(err, "finding a pod of %s in %s", ret->release.name, ret->release.environment->name);
}

/* ---- the command line ---- */

static bool
find_kubectl(struct arena *arena, const char **ret, struct error *err)
{
	char file[FILE_PROGRAM_BYTES];
	if (file_find_program("kubectl", file)) {
		*ret = arena_strdup(arena, file);
		return true;
	}
	error_put(err, ERROR_NOT_FOUND, "kubectl is not on PATH, and this goes through it");
	return error_next(err, "install it: https://kubernetes.io/docs/tasks/tools/");
}

void
kubectl_add(struct kubectl *kubectl, struct arena *arena, const char *word)
{
	const char **words = arena_array(arena, const char *, kubectl->n_words + 2);
	if (kubectl->n_words > 0)
		memcpy(words, kubectl->words, kubectl->n_words * sizeof *words);
	words[kubectl->n_words++] = word;
	kubectl->words = words;
}

void
kubectl_close(struct kubectl *kubectl)
{
	file_close_fd(&kubectl->kubeconfig);
}

/* The user's own kubeconfig where the platform file names a context of it, else one in memory. */
static bool
add_cluster(const struct kubectl_place *place, struct arena *arena, struct kubectl *kubectl, struct error *err)
{
	const struct platform_cluster *cluster = place->release.environment->cluster;
	const char *path = cluster->kubeconfig;
	if (cluster->server != NULL &&
	    !kubeconfig_open(&place->cluster->access, arena, &kubectl->kubeconfig, &path, err))
		return false;
	if (path != NULL)
		kubectl_add(kubectl, arena, arena_printf(arena, "--kubeconfig=%s", path));
	if (cluster->server == NULL && cluster->kubeconfig_context != NULL)
		kubectl_add(kubectl, arena, arena_printf(arena, "--context=%s", cluster->kubeconfig_context));
	kubectl_add(kubectl, arena, arena_printf(arena, "--namespace=%s", place->release.namespace));
	return true;
}

bool
kubectl_open(struct session *session, const struct kubectl_place *place, const char *verb, struct kubectl *ret,
             struct error *err)
{
	const char *file;
	*ret = (struct kubectl){.kubeconfig = -1};
	if (!find_kubectl(session->arena, &file, err))
		return false;
	kubectl_add(ret, session->arena, file);
	kubectl_add(ret, session->arena, verb);
	return add_cluster(place, session->arena, ret, err);
}

/* ---- running it ---- */

static void
trace(const struct kubectl *kubectl)
{
	scoped(buf_release) struct buf line = BUF_INIT(TRACE_MAX_BYTES);
	for (size_t i = 0; i < kubectl->n_words; i++) {
		buf_add_text(&line, i > 0 ? " " : "");
		buf_add_shell_word(&line, kubectl->words[i]);
	}
	trace_print(TRACE_REQUESTS, "%s", line.bytes);
}

/* It gets its credential by the kubeconfig; no other program it starts needs ours. */
static void
hide_tokens(void)
{
	static const char *const exact[] = {"PAAS_TOKEN", "PAAS_TOKEN_KUBERNETES"};
	for (size_t i = 0; i < array_length(exact); i++)
		unsetenv(exact[i]);
	for (bool is_found = true; is_found;) {
		is_found = false;
		for (char **at = environ; !is_found && *at != NULL; at++) {
			size_t length = strcspn(*at, "=");
			char name[PATH_MAX_BYTES];
			if (strncmp(*at, "PAAS_TOKEN_", 11) != 0 || length >= sizeof name)
				continue;
			snprintf(name, sizeof name, "%.*s", (int)length, *at);
			is_found = unsetenv(name) == 0;
		}
	}
}

/* Signals as a program finds them that the shell started. */
static void
start_afresh(void)
{
	sigset_t none;
	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

bool
kubectl_become(const struct kubectl *kubectl, struct error *err)
{
	trace(kubectl);
	hide_tokens();
	start_afresh();
	execv(kubectl->words[0], (char *const *)(uintptr_t)kubectl->words);
	return error_set(err, ERROR_FAILED, "running %s: %s", kubectl->words[0], strerror(errno));
}

struct run {
	struct loop_child child;
	struct fiber *waiter;
	bool has_ended;
	int status;
};

static void
ended(struct loop_child *child, int wait_status)
{
	struct run *run = child->data;
	run->has_ended = true;
	run->status = wait_status;
	fiber_wake(run->waiter);
}

static pid_t
start(const struct kubectl *kubectl)
{
	pid_t parent = getpid(), pid;
	fflush(NULL);
	hide_tokens();
	pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	start_afresh();
	if (getppid() == parent)
		execv(kubectl->words[0], (char *const *)(uintptr_t)kubectl->words);
	_exit(NOT_STARTED);
}

/* Asked to end, then made to. */
static void
stop(struct run *run)
{
	kill(run->child.pid, SIGTERM);
	for (int waited = 0; waited < GRACE_MS; waited += 10) {
		if (waitpid(run->child.pid, &run->status, WNOHANG) != 0)
			return;
		usleep(10 * 1000);
	}
	kill(run->child.pid, SIGKILL);
	waitpid(run->child.pid, &run->status, 0);
}

static bool
wait_for_end(struct loop *loop, struct run *run, struct error *err)
{
	if (!loop_child_add(loop, &run->child, err)) {
		stop(run);
		return false;
	}
	while (!run->has_ended) {
		if (fiber_wait())
			continue;
		loop_child_remove(loop, &run->child);
		stop(run);
		return error_set(err, ERROR_INTERRUPTED, "stopped");
	}
	return true;
}

bool
kubectl_run(struct session *session, const struct kubectl *kubectl, struct error *err)
{
	struct run run = {.waiter = fiber_current()};
	trace(kubectl);
	run.child = (struct loop_child){.pid = start(kubectl), .exited = ended, .data = &run};
	if (run.child.pid < 0)
		return error_set(err, ERROR_FAILED, "starting %s: %s", kubectl->words[0], strerror(errno));
	if (!wait_for_end(session->loop, &run, err))
		return false;
	if (WIFEXITED(run.status) && WEXITSTATUS(run.status) == 0)
		return true;
	if (WIFSIGNALED(run.status))
		return error_set(err, ERROR_FAILED, "kubectl was ended by signal %d", WTERMSIG(run.status));
	return error_set(err, ERROR_FAILED, "kubectl ended with status %d", WEXITSTATUS(run.status));
}
