/* `paas exec`: a command inside a pod of the application. */
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/kubectl.h"

enum { OWN_FAILURE = 125 };

static struct kubectl_request request;
static struct text_list command_words;

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &request.application, .complete = "application",
	 .fallback = "that of this folder", .help = "application whose pod it is"},
	{.kind = OPTION_DATA, .name = "COMMAND", .list = &command_words, .fallback = "a shell",
	 .help = "what to run there, with its arguments"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &request.environment,
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment it runs in"},
	{.kind = OPTION_TEXT, .name = "pod", .value = "POD", .text = &request.pod, .complete = "pod",
	 .fallback = "the youngest that is ready", .help = "pod to go into"},
	{.kind = OPTION_TEXT, .letter = 'c', .name = "container", .value = "NAME", .text = &request.container,
	 .complete = "container", .fallback = "the application's", .help = "container of the pod"},
	{.kind = OPTION_END},
};

/* Whichever the image has. */
static void
add_command(struct kubectl *kubectl, struct arena *arena)
{
	static const char *const shell[] = {"sh", "-c", "exec \"$(command -v bash || echo sh)\""};
	const char *const *words = command_words.count > 0 ? command_words.items : shell;
	size_t count = command_words.count > 0 ? command_words.count : array_length(shell);
	kubectl_add(kubectl, arena, "--");
	for (size_t i = 0; i < count; i++)
		kubectl_add(kubectl, arena, words[i]);
}

static bool
run(struct session *session, struct error *err)
{
	scoped(kubectl_place_release) struct kubectl_place place = {0};
	scoped(kubectl_close) struct kubectl kubectl = {.kubeconfig = -1};
	struct arena *arena = session->arena;
	request.is_lone_word = request.application != NULL && request.pod == NULL && command_words.count == 0;
	if (!kubectl_find_pod(session, &request, &place, err) || !kubectl_open(session, &place, "exec", &kubectl, err))
		return false;
	kubectl_add(&kubectl, arena, arena_printf(arena, "--container=%s", place.choice.container));
	kubectl_add(&kubectl, arena, "--stdin");
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		kubectl_add(&kubectl, arena, "--tty");
	kubectl_add(&kubectl, arena, place.choice.pod);
	add_command(&kubectl, arena);
	return kubectl_become(&kubectl, err);
}

static const struct command_example examples[] = {
	{"paas exec", "a shell in the youngest ready pod"},
	{"paas exec checkout --env pro -- env", "run one command there"},
	{"paas exec checkout --container checkout -- cat /var/run/config/fiaas/LOG_LEVEL", "in that container"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-logs(1)", "paas-forward(1)", "paas-status(1)", "kubectl(1)", NULL};

const struct command command_exec = {
	.name = "exec",
	.group = GROUP_FIX,
	.summary = "Run a command inside a pod",
	.description =
		"Chooses a pod of the application that runs: of the release that was deployed last, ready ones first, the "
		"youngest of these, and becomes kubectl exec there, with the cluster, credential and namespace that the platform "
		"file tells. Standard input goes along; on a terminal the command gets one too. Without a command it is a "
		"shell.\n\n"
		"The exit status is that of the command in the pod; kubectl itself fails with 1. What fails before kubectl runs "
		"ends with 125, whatever it is: no pod, no kubectl on PATH, a cluster out of reach.\n\n"
		"For a cluster that the platform file names by its server, kubectl gets a kubeconfig that exists in memory only, "
		"and the token stands neither on its command line nor in its environment.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.own_failure = OWN_FAILURE,
	.run = run,
};
