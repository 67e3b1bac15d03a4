/* `paas forward`: a port of a pod on this machine. */
#include <string.h>

#include "base/number.h"
#include "cmd/command.h"
#include "cmd/kubectl.h"
#include "data/platform.h"
#include "ui/output.h"

enum { PORT_MAX = 65535, FIRST_FREE_PORT = 1024, PRIVILEGED_SHIFT = 8000 };

static struct kubectl_request request;
static const char *port;

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &request.application, .complete = "application",
	 .fallback = "that of this folder", .help = "application whose pod it is"},
	{.kind = OPTION_ARG, .name = "[LOCAL:]PORT", .text = &port, .complete = "port",
	 .fallback = "the port called http, else the first",
	 .help = "port of the pod, by number or name; an empty LOCAL is any free one"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &request.environment,
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment it runs in"},
	{.kind = OPTION_TEXT, .name = "pod", .value = "POD", .text = &request.pod, .complete = "pod",
	 .fallback = "the youngest that is ready", .help = "pod to reach"},
	{.kind = OPTION_END},
};

/* "8080", ":http", "9000:8080": one word that is no application. */
static bool
looks_like_port(const char *word)
{
	return strchr(word, ':') != NULL || word[strspn(word, "0123456789")] == '\0';
}

static void
sort_words(void)
{
	if (request.application == NULL || port != NULL || !looks_like_port(request.application))
		return;
	port = request.application;
	request.application = NULL;
}

/* The port here: as there, but none that only root may open. */
static bool
choose_local(const char *text, uint16_t remote, uint64_t *ret, struct error *err)
{
	*ret = remote < FIRST_FREE_PORT ? remote + PRIVILEGED_SHIFT : remote;
	if (text == NULL)
		return true;
	*ret = 0;
	return *text == '\0' || number_parse_u64(text, 1, PORT_MAX, ret, err) || error_doing(err, "reading the local port");
}

static bool
run(struct session *session, struct error *err)
{
	scoped(kubectl_place_release) struct kubectl_place place = {0};
	scoped(kubectl_close) struct kubectl kubectl = {.kubeconfig = -1};
	struct arena *arena = session->arena;
	uint64_t local;
	uint16_t remote;
	sort_words();
	const char *colon = port != NULL ? strchr(port, ':') : NULL;
	const char *local_text = colon != NULL ? arena_strndup(arena, port, (size_t)(colon - port)) : NULL;
	if (!kubectl_find_pod(session, &request, &place, err) ||
	    !pod_port(&place.choice, colon != NULL ? colon + 1 : port, arena, &remote, err) ||
	    !choose_local(local_text, remote, &local, err) || !kubectl_open(session, &place, "port-forward", &kubectl, err))
		return false;
	kubectl_add(&kubectl, arena, arena_printf(arena, "pod/%s", place.choice.pod));
	kubectl_add(&kubectl, arena, local > 0 ? arena_printf(arena, "%u:%u", (unsigned)local, remote)
	                                       : arena_printf(arena, ":%u", remote));
	output_note(session->out, "port %u of pod %s in %s, until Ctrl-C\n", remote, place.choice.pod,
	            place.release.environment->name);
	return kubectl_run(session, &kubectl, err);
}

static const struct command_example examples[] = {
	{"paas forward", "the http port of a ready pod, on the same port of this machine"},
	{"paas forward checkout 9000:8080 --env dev", "its port 8080 as localhost:9000"},
	{"paas forward checkout :http", "the port called http, on any free port"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-exec(1)", "paas-status(1)", "kubectl(1)", NULL};

const struct command command_forward = {
	.name = "forward",
	.group = GROUP_FIX,
	.summary = "Reach a port of a pod from this machine",
	.description =
		"Chooses a pod as paas exec does and runs kubectl port-forward to it until Ctrl-C (exit status 130). The port is a "
		"number or the name it has in the pod (http, metrics); without one it is the port called http, else the first. "
		"Here it is the same number, or 8000 more where that is below 1024; LOCAL: names another, and an empty LOCAL any "
		"that is free. When the pod goes, so does the way to it: kubectl says so, and the exit status is 1.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.run = run,
};
