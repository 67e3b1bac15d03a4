/* WWW-Authenticate: what a server wants before it answers (RFC 9110 11.6.1).
 *
 *	Bearer realm="https://auth/token",scope="repository:shop:pull,push", Basic realm="x"
 *
 * is two challenges; commas separate both parameters and challenges, and stand inside strings. */
#ifndef PAAS_NET_CHALLENGE_H
#define PAAS_NET_CHALLENGE_H

#include <stddef.h>

#include "base/arena.h"

enum { CHALLENGE_PARAMETERS = 16 };

struct challenge {
	const char *scheme; /* as sent: "Bearer" */
	struct {
		const char *name, *value; /* unquoted */
	} parameters[CHALLENGE_PARAMETERS];
	size_t n_parameters; /* further ones are dropped */
};

/* Reads up to `max` challenges of one header value and tells how many.  What makes no sense is
 * passed over.  Strings in `arena`. */
size_t challenge_parse(const char *value, struct arena *arena, struct challenge *ret, size_t max);
/* By name, in any case; NULL when absent. */
const char *challenge_parameter(const struct challenge *challenge, const char *name);

#endif
