/* What a provider of builds implements: for ci.c and ci_*.c alone. */
#ifndef PAAS_ROLE_CI_PROVIDER_H
#define PAAS_ROLE_CI_PROVIDER_H

#include "net/http.h"
#include "role/ci.h"
#include "role/connection.h"

struct ci {
	struct connection connection;
	const char *slug;
	const struct ci_provider *provider;
};

struct ci_provider {
	const char *name, *message; /* message: the member of an error's body */
	const struct http_header *headers;
	size_t n_headers;
	/* Of a commit, or (NULL) of a branch. */
	bool (*find)(struct ci *ci, const char *commit, const char *branch, struct arena *arena, struct ci_build *ret,
	             bool *ret_found, struct error *err);
	bool (*jobs)(struct ci *ci, const struct ci_build *build, struct arena *arena, struct ci_job **ret, size_t *ret_count,
	             struct error *err);
	bool (*log)(struct ci *ci, const struct ci_job *job, size_t max, struct arena *arena, const char **ret,
	            size_t *ret_length, struct error *err);
};

extern const struct ci_provider ci_github_actions, ci_travis;

#endif
