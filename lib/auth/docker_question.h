/* What docker asks a credential helper: the address of a registry, alone on standard input (docker-credential-helpers).
 *
 * One newline may end it.  A control character elsewhere could be taken for the end of a name, and there is no answer.
 */
#ifndef PAAS_AUTH_DOCKER_QUESTION_H
#define PAAS_AUTH_DOCKER_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum { DOCKER_QUESTION_MAX = 4096 };

struct docker_question {
	const char *url;    /* as docker wrote it: "https://registry/v1/", "registry", "registry:5000" */
	const char *origin; /* "https://registry:443" */
};

/* Fails: ERROR_USAGE (a control character), ERROR_BAD_ANSWER (no address). */
bool docker_question_read(const char *text, size_t length, struct arena *arena, struct docker_question *ret,
                          struct error *err) must_use;

#endif
