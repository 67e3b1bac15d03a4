/* What the files of this folder share; nobody else includes it. */
#ifndef PAAS_SANDBOX_GIT_PARTS_H
#define PAAS_SANDBOX_GIT_PARTS_H

#include <jansson.h>

#include "base/fiber.h"
#include "base/process.h"
#include "sandbox/forge/forge.h"
#include "sandbox/git/git.h"

enum { GIT_BYTES_MAX = 64 * 1024 * 1024, GIT_WORDS_MAX = 8, GIT_PATH_BYTES = 256, GIT_PROTOCOL_BYTES = 64 };

struct git_server {
	struct git_server_options options;
	struct fiber *worker;
	struct job *first;   /* what waits, oldest first */
	unsigned n_waiting;
	bool is_behind;      /* the forge has something else than git */
};

/* ---- child.c ---- */

struct git_server_call {
	const char *const *words;   /* NULL-terminated, GIT_WORDS_MAX at most: {"for-each-ref"} */
	const char *protocol;       /* of the client, or NULL */
	const void *input;          /* NULL: none */
	size_t input_length;
};
/* In a fiber.  *ret is released by the caller in any case.  Fails: ERROR_NOT_FOUND (no git), ERROR_TIMED_OUT, … */
bool git_server_run(const struct git_server *git, const struct git_server_call *call, struct process_result *ret,
                    struct error *err) must_use;
/* Sets the error that says what git said; false. */
bool git_server_fail(const struct git_server_call *call, const struct process_result *result, struct error *err);
/* The same as git_server_run, of which nothing but 0 is a success. */
bool git_server_do(const struct git_server *git, const struct git_server_call *call, struct process_result *ret,
                   struct error *err) must_use;

/* ---- repository.c ---- */

/* "FOLDER/git/OWNER/NAME.git". */
const char *git_server_repository_path(const struct git_server *git, const char *slug, struct arena *arena);
/* Makes it where it is missing, and gives it what the forge has. */
bool git_server_repository_prepare(struct git_server *git, const char *slug, struct error *err) must_use;
/* After a push: tells the forge, whose CI begins. */
bool git_server_repository_take_over(struct git_server *git, const char *slug, struct error *err) must_use;

#endif
