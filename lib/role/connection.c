#include "role/connection.h"

#include <string.h>

#include "data/platform.h"

static const struct system *
system_of_role(const struct system *systems, size_t n_systems, const char *role)
{
	for (size_t i = 0; i < n_systems; i++)
		if (strcmp(systems[i].credential.role, role) == 0)
			return &systems[i];
	return NULL;
}

/* GitHub Actions is GitHub: whoever is logged in to one is logged in to both. */
static const struct system *
find_twin(const struct system *system, const struct system *systems, size_t n_systems)
{
	scoped(arena_release) struct arena scratch = {0};
	const struct system *scm = system_of_role(systems, n_systems, "scm");
	const char *own, *others;
	struct error ignored;
	bool is_twin = scm != NULL && scm != system && strncmp(system->credential.provider, "github", 6) == 0 &&
	               strncmp(scm->credential.provider, "github", 6) == 0 &&
	               http_origin_of(system->credential.url, &scratch, &own, &ignored) &&
	               http_origin_of(scm->credential.url, &scratch, &others, &ignored) && strcmp(own, others) == 0;
	return is_twin ? scm : NULL;
}

static bool
find_credential(const struct system *system, const struct system *twin, struct arena *arena, struct credential *ret,
                struct error *err)
{
	if (!credential_find(&system->credential, arena, ret, err))
		return false;
	if (ret->token == NULL && twin != NULL && !credential_find(&twin->credential, arena, ret, err))
		return false;
	if (ret->token != NULL)
		return true;
	error_put(err, ERROR_NOT_LOGGED_IN, "no credential for %s", system->label);
	return error_next(err, "paas login %s", twin != NULL ? twin->name : system->name);
}

bool
connection_open(struct http *http, const struct platform *platform, const char *role, struct arena *arena,
                struct connection *ret, struct error *err)
{
	struct system *systems = arena_array(arena, struct system, SYSTEMS_MAX);
	size_t n_systems = systems_of_platform(platform, arena, systems);
	const struct system *system = system_of_role(systems, n_systems, role);
	if (system == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the platform file names no %s", role);
	const struct system *twin = find_twin(system, systems, n_systems);
	if (!find_credential(system, twin, arena, &ret->credential, err) ||
	    !systems_endpoint(system, &ret->credential, arena, &ret->endpoint, err)) {
		credential_release(&ret->credential);
		return false;
	}
	ret->system = system;
	ret->rest = (struct rest){.http = http, .endpoint = &ret->endpoint, .url = system->credential.url,
	                          .name = twin != NULL ? twin->name : system->name, .label = system->label};
	return true;
}

void
connection_release(struct connection *connection)
{
	credential_release(&connection->credential);
	*connection = (struct connection){0};
}
