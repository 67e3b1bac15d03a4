/* What git asks a credential helper, and what it is told (gitcredentials(7), git-credential(1)).
 *
 * Lines of key=value end with an empty one.  Everything in them comes from a URL that somebody else may have
 * written: a control character anywhere, a host that is none, a key that comes twice, and there is no answer.
 */
#ifndef PAAS_AUTH_GIT_CREDENTIAL_H
#define PAAS_AUTH_GIT_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

enum { GIT_CREDENTIAL_MAX = 64 * 1024 };

struct git_question {
	const char *origin;      /* "https://github.com:443"; NULL: protocol or host is missing, or it is no place for a credential */
	const char *username;    /* NULL: not given, or empty */
	struct secret *password; /* of `erase` and `store`; NULL: none */
};
/* For scoped(). */
void git_question_release(struct git_question *question);

/* `input` as git writes it.  Fails: ERROR_USAGE (a control character, a repeated key, a line without "="). */
bool git_question_read(const struct secret *input, struct arena *arena, struct git_question *ret, struct error *err) must_use;

/* "username=…\npassword=…\n"; expires_at_ms 0: not said.  Fails: ERROR_USAGE, when one of them would begin another line. */
bool git_answer_compose(const char *username, const struct secret *password, int64_t expires_at_ms, struct secret **ret,
                        struct error *err) must_use;

#endif
