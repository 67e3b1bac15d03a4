/* Requests: who asks for what, one at a time. */
#include "sandbox/git/git.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "sandbox/git/parts.h"
#include "web/gzip.h"
#include "web/server.h"

enum { WAITING_MAX = 32, CREDENTIAL_BYTES = 1024 };

/* A request that waits, or is at work. */
struct job {
	struct job *next;
	struct git_server *git;
	struct web_request *request; /* NULL: the client is gone */
	struct fiber *fiber;         /* of its own while it is at work, so that it can end alone */
	const char *service;         /* "upload-pack" */
	bool is_advertised;          /* the refs only */
	char slug[GIT_PATH_BYTES];
	char protocol[GIT_PROTOCOL_BYTES];
	const void *input;           /* of the request, or of `expanded` */
	size_t input_length;
	struct buf expanded;
};

static const char *const services[] = {"upload-pack", "receive-pack"};

/* ---- answers ---- */

static void
say(struct web_request *request, unsigned status, const char *text)
{
	web_add_header(request, "Content-Type", "text/plain; charset=utf-8");
	web_respond(request, status, text, strlen(text));
}

static void
say_failure(struct web_request *request, const struct error *err)
{
	if (err->code == ERROR_NOT_FOUND)
		say(request, 501, "git is not installed where the sandbox runs; it serves the repositories there.\n");
	else
		say(request, err->code == ERROR_TIMED_OUT ? 504 : 500, arena_printf(request->arena, "%s\n", err->why));
}

/* One of the parameters, which colons are between. */
static bool
is_version_2(const struct job *job)
{
	static const char version_2[] = "version=2";
	for (const char *at = job->protocol; *at != '\0';) {
		size_t length = strcspn(at, ":");
		if (length == strlen(version_2) && memcmp(at, version_2, length) == 0)
			return true;
		at += length + (at[length] == ':');
	}
	return false;
}

/* gitprotocol-http: the older versions begin with a line that names the service. */
static void
send_output(const struct job *job, const struct buf *output)
{
	enum { SERVICE_LINE_BYTES = 64 };
	scoped(buf_release) struct buf body = BUF_INIT(GIT_BYTES_MAX + SERVICE_LINE_BYTES);
	struct web_request *request = job->request;
	web_add_header(request, "Content-Type",
	               arena_printf(request->arena, "application/x-git-%s-%s", job->service,
	                            job->is_advertised ? "advertisement" : "result"));
	web_add_header(request, "Cache-Control", "no-cache, max-age=0, must-revalidate");
	if (!job->is_advertised || is_version_2(job)) {
		web_respond(request, 200, output->bytes, output->length);
		return;
	}
	size_t length = strlen("0000# service=git-\n") + strlen(job->service);
	buf_printf(&body, "%04zx# service=git-%s\n0000", length, job->service);
	buf_add(&body, output->bytes, output->length);
	web_respond(request, 200, body.bytes, body.length);
}

/* ---- at work ---- */

static bool
is_push(const struct job *job)
{
	return job->service == services[1] && !job->is_advertised;
}

/* What git says with a failure goes to the client, unless there is nothing. */
static bool
run_service(struct job *job, struct process_result *ret, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	struct git_server *git = job->git;
	const char *words[GIT_WORDS_MAX] = {job->service, "--stateless-rpc"};
	size_t n = 2;
	if (job->is_advertised)
		words[n++] = "--advertise-refs";
	words[n] = git_server_repository_path(git, job->slug, &arena);
	const struct git_server_call call = {
		.words = words, .protocol = job->protocol, .input = job->input, .input_length = job->input_length};
	return git_server_repository_prepare(git, job->slug, err) && git_server_run(git, &call, ret, err) &&
	       (ret->exit_status == 0 || ret->output.length > 0 || git_server_fail(&call, ret, err)) &&
	       (!is_push(job) || git_server_repository_take_over(git, job->slug, err));
}

static void
run_job(void *data)
{
	struct job *job = data;
	scoped(process_release) struct process_result result = {0};
	struct error err;
	bool is_fine = run_service(job, &result, &err);
	if (job->request == NULL)
		return;
	if (is_fine)
		send_output(job, &result.output);
	else
		say_failure(job->request, &err);
}

static void
job_free(struct job *job)
{
	if (job->request != NULL)
		job->request->closed = NULL;
	buf_release(&job->expanded);
	free(job);
}

static void
work(void *data)
{
	struct git_server *git = data;
	while (!fiber_is_cancelled()) {
		struct job *job = git->first;
		if (job == NULL) {
			if (!fiber_wait())
				return;
			continue;
		}
		git->first = job->next;
		git->n_waiting--;
		if (job->request != NULL) {
			job->fiber = fiber_start(git->options.loop, run_job, job);
			fiber_join(job->fiber);
		}
		job_free(job);
	}
}

/* ---- who asks ---- */

/* The password of "Basic …" is the token; the user may be anybody, as GitHub has it. */
static bool
has_token(const struct git_server *git, const struct web_request *request)
{
	char text[CREDENTIAL_BYTES];
	size_t length = 0, token = strlen(git->options.token);
	const char *value = web_header(request, "Authorization"), *colon;
	if (value == NULL || strncasecmp(value, "Basic ", 6) != 0 ||
	    sodium_base642bin((unsigned char *)text, sizeof text - 1, value + 6, strlen(value + 6), NULL, &length, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	text[length] = '\0';
	colon = strchr(text, ':');
	bool is_right = colon != NULL && length - (size_t)(colon + 1 - text) == token &&
	                sodium_memcmp(colon + 1, git->options.token, token) == 0;
	sodium_memzero(text, sizeof text);
	return is_right;
}

static bool
is_admitted(const struct git_server *git, struct web_request *request)
{
	if (has_token(git, request))
		return true;
	web_add_header(request, "WWW-Authenticate", "Basic realm=\"GitHub\"");
	say(request, 401, web_header(request, "Authorization") == NULL
	                          ? "Repository not found, or it wants a credential.\n"
	                          : "Invalid username or token. Password authentication is not supported for Git operations.\n");
	return false;
}

/* ---- the request ---- */

/* The length of OWNER/NAME in "/OWNER/NAME.git/REST"; 0 when it is something else. */
static size_t
slug_length(const char *path)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t owner = path[0] == '/' ? strspn(path + 1, allowed) : 0;
	if (owner == 0 || path[1] == '.' || path[1 + owner] != '/')
		return 0;
	const char *name = path + 1 + owner + 1;
	size_t length = strspn(name, allowed);
	if (length <= 4 || name[0] == '.' || name[length] != '/' || strncmp(name + length - 4, ".git", 4) != 0)
		return 0;
	length += owner + 1 - 4;
	return length < GIT_PATH_BYTES ? length : 0;
}

bool
git_server_takes(const struct web_request *request)
{
	return slug_length(request->path) > 0;
}

/* "version=2" and the like; what is none is left out. */
static void
read_protocol(struct job *job)
{
	const char *value = web_header(job->request, "Git-Protocol");
	size_t length = value != NULL ? strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789=:.-") : 0;
	if (length > 0 && value[length] == '\0' && length < sizeof job->protocol)
		memcpy(job->protocol, value, length + 1);
}

/* False when it is refused, which is answered. */
static bool
read_body(struct job *job)
{
	struct web_request *request = job->request;
	const char *encoding = web_header(request, "Content-Encoding"), *type = web_header(request, "Content-Type");
	const char *wanted = arena_printf(request->arena, "application/x-git-%s-request", job->service);
	job->input = request->body;
	job->input_length = request->body_length;
	if (type == NULL || strcmp(type, wanted) != 0) {
		say(request, 415, arena_printf(request->arena, "The body has to be %s.\n", wanted));
		return false;
	}
	if (encoding == NULL)
		return true;
	if ((strcmp(encoding, "gzip") != 0 && strcmp(encoding, "x-gzip") != 0) ||
	    !gzip_expand(request->body, request->body_length, &job->expanded)) {
		say(request, 400, "The body is not gzip, or holds more than 64 MiB.\n");
		return false;
	}
	job->input = job->expanded.bytes;
	job->input_length = job->expanded.length;
	return true;
}

/* What it asks for; false when that is nothing of ours, which is answered. */
static bool
read_service(struct job *job, const char *rest)
{
	struct web_request *request = job->request;
	bool is_get = strcmp(request->method, "GET") == 0, is_post = strcmp(request->method, "POST") == 0;
	const char *asked = is_get && strcmp(rest, "/info/refs") == 0 ? web_query(request, "service") : is_post ? rest + 1 : NULL;
	for (size_t i = 0; asked != NULL && strncmp(asked, "git-", 4) == 0 && i < array_length(services); i++)
		if (strcmp(asked + 4, services[i]) == 0)
			job->service = services[i];
	job->is_advertised = is_get;
	if (job->service != NULL)
		return is_get || read_body(job);
	if (is_get)
		say(request, 403, "Please upgrade your git client: there is no git over dumb-http here.\n");
	else
		say(request, 404, "Not Found\n");
	return false;
}

/* Nobody waits for what is read; a push that has begun goes to its end. */
static void
job_abandoned(struct web_request *request, bool is_complete)
{
	struct job *job = request->data;
	(void)is_complete;
	if (job->fiber != NULL && !is_push(job))
		fiber_cancel(job->fiber);
	job->request = NULL;
	job->input = NULL;
	job->input_length = 0;
}

static void
enqueue(struct git_server *git, struct job *job)
{
	struct job **last = &git->first;
	while (*last != NULL)
		last = &(*last)->next;
	*last = job;
	git->n_waiting++;
	job->request->data = job;
	job->request->closed = job_abandoned;
	fiber_wake(git->worker);
}

void
git_server_handle(struct git_server *git, struct web_request *request)
{
	size_t length = slug_length(request->path);
	struct job *job;
	if (!is_admitted(git, request))
		return;
	job = calloc(1, sizeof *job);
	if (job == NULL)
		abort();
	*job = (struct job){.git = git, .request = request, .expanded = BUF_INIT(GIT_BYTES_MAX)};
	memcpy(job->slug, request->path + 1, length);
	read_protocol(job);
	const json_t *repository = forge_repository(git->options.forge, job->slug);
	if (repository == NULL)
		say(request, 404, "Repository not found.\n");
	else if (git->n_waiting >= WAITING_MAX)
		say(request, 503, "Too many git requests wait.\n");
	else if (read_service(job, request->path + 1 + length + strlen(".git"))) {
		if (is_push(job) && forge_is_full(repository)) {
			say(request, 403, "The sandbox keeps no more commits.\n");
		} else {
			enqueue(git, job);
			return;
		}
	}
	job_free(job);
}

/* ---- life ---- */

struct git_server *
git_server_new(const struct git_server_options *options)
{
	struct git_server *git = calloc(1, sizeof *git);
	if (git == NULL || sodium_init() < 0)
		abort();
	*git = (struct git_server){.options = *options, .is_behind = true};
	git->worker = fiber_start(options->loop, work, git);
	return git;
}

static void
end_worker(void *data)
{
	struct git_server *git = data;
	fiber_cancel(git->worker);
	fiber_join(git->worker);
}

void
git_server_free(struct git_server *git)
{
	if (git == NULL)
		return;
	fiber_run(git->options.loop, end_worker, git);
	while (git->first != NULL) {
		struct job *job = git->first;
		git->first = job->next;
		job_free(job);
	}
	free(git);
}

void
git_server_follow_forge(struct git_server *git)
{
	git->is_behind = true;
}
