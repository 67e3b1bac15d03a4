/* Starting git: with a configuration that stands here alone. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/git/parts.h"

enum { DEADLINE_MS = 60000 };

static const char *const settings[] = {
	"git",
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.quotePath=false",
	"-c", "safe.directory=*",
	"-c", "gc.auto=0", /* what a snapshot speaks of stays */
	"-c", "maintenance.auto=false",
	"-c", "receive.autogc=false",
	"-c", "receive.maxInputSize=67108864",
	"-c", "transfer.fsckObjects=true",
	"-c", "uploadpack.allowFilter=true",
	"-c", "uploadpack.allowAnySHA1InWant=true",
};

bool
git_server_run(const struct git_server *git, const struct git_server_call *call, struct process_result *ret, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	const char *argv[array_length(settings) + GIT_WORDS_MAX + 1], *path = getenv("PATH");
	const char *environment[] = {
		arena_printf(&arena, "PATH=%s", path != NULL ? path : "/usr/bin:/bin"),
		arena_printf(&arena, "HOME=%s", git->options.folder),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "TZ=UTC",
		"GIT_COMMITTER_NAME=sandbox", "GIT_COMMITTER_EMAIL=sandbox@sandbox.example",
		arena_printf(&arena, "GIT_PROTOCOL=%s", call->protocol != NULL ? call->protocol : ""), NULL,
	};
	size_t n = array_length(settings);
	memcpy(argv, settings, sizeof settings);
	for (size_t i = 0; i < GIT_WORDS_MAX && call->words[i] != NULL; i++)
		argv[n++] = call->words[i];
	argv[n] = NULL;
	return process_run(git->options.loop,
	                   &(struct process_request){.argv = argv, .environment = environment, .is_environment_whole = true,
	                                             .input = call->input, .input_length = call->input_length,
	                                             .captures_errors = true, .max_bytes = GIT_BYTES_MAX,
	                                             .deadline_ms = DEADLINE_MS * (int64_t)clock_rate()},
	                   ret, err);
}

bool
git_server_fail(const struct git_server_call *call, const struct process_result *result, struct error *err)
{
	enum { SHOWN_MAX = 200 };
	size_t length = strcspn(result->errors.bytes, "\n"); /* the first line says it, the others advise */
	return error_set(err, ERROR_FAILED, "git %s ended with %d: %.*s", call->words[strcmp(call->words[0], "-C") == 0 ? 2 : 0],
	                 result->exit_status, (int)(length < SHOWN_MAX ? length : SHOWN_MAX), result->errors.bytes);
}

bool
git_server_do(const struct git_server *git, const struct git_server_call *call, struct process_result *ret, struct error *err)
{
	if (!git_server_run(git, call, ret, err))
		return false;
	return ret->exit_status == 0 || git_server_fail(call, ret, err);
}
