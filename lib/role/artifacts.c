#include "role/artifacts.h"

#include "auth/credential.h"
#include "base/file.h"
#include "data/platform.h"
#include "net/http.h"
#include "role/systems.h"

enum { CA_MAX = 1024 * 1024 };

struct artifacts {
	struct http_endpoint endpoint;
	struct credential credential; /* the endpoint's bearer or password */
	struct oci *oci;
};

/* With a user, Basic for the token service; alone, a bearer token.  A store that does not open is as
 * good as none: the registry will say what it wants. */
static void
take_credentials(struct artifacts *artifacts, const struct platform *platform, struct arena *arena)
{
	struct system *systems = arena_array(arena, struct system, SYSTEMS_MAX);
	size_t n_systems = systems_of_platform(platform, arena, systems);
	const struct system *system;
	struct error ignored;
	if (!systems_find(systems, n_systems, "artifacts", &system, &ignored) ||
	    !credential_find(&system->credential, arena, &artifacts->credential, &ignored))
		return;
	if (artifacts->credential.kind == TOKEN_KIND_BASIC) {
		artifacts->endpoint.username = artifacts->credential.account;
		artifacts->endpoint.password = artifacts->credential.token;
	} else {
		artifacts->endpoint.bearer = artifacts->credential.token;
	}
}

static bool
describe_endpoint(struct artifacts *artifacts, const struct platform_role *role, struct arena *arena,
                  struct error *err)
{
	char *pem;
	size_t length;
	artifacts->endpoint.system = "registry";
	artifacts->endpoint.origin = arena_printf(arena, "https://%s", role->registry);
	if (role->ca_file != NULL) {
		if (!file_read(role->ca_file, CA_MAX, arena, &pem, &length, err))
			return error_doing(err, "reading the registry's authority");
		artifacts->endpoint.ca_pem = pem;
	}
	return true;
}

bool
artifacts_open(struct http *http, const struct platform *platform, struct arena *arena, struct artifacts **ret,
               struct error *err)
{
	struct artifacts *artifacts = arena_new(arena, struct artifacts);
	const struct platform_role *role = platform != NULL ? &platform->artifacts : NULL;
	bool is_configured = role != NULL && role->registry != NULL;
	if (is_configured && !describe_endpoint(artifacts, role, arena, err))
		return false;
	if (is_configured)
		take_credentials(artifacts, platform, arena);
	artifacts->oci = oci_open(http, is_configured ? &artifacts->endpoint : NULL, is_configured ? role->url : NULL);
	*ret = artifacts;
	return true;
}

void
artifacts_close(struct artifacts **artifacts)
{
	if (*artifacts == NULL)
		return;
	oci_close((*artifacts)->oci);
	credential_release(&(*artifacts)->credential);
	*artifacts = NULL;
}

bool
artifacts_resolve(struct artifacts *artifacts, const char *image, const char *os_and_architecture,
                  struct arena *arena, struct oci_image *ret, struct error *err)
{
	struct oci_reference reference;
	if (!oci_reference_parse(image, arena, &reference, err) ||
	    !oci_resolve(artifacts->oci, &reference, os_and_architecture, arena, ret, err))
		return error_doing(err, "looking up the image %s", image);
	return true;
}

bool
artifacts_resolve_digest(struct artifacts *artifacts, const char *image, struct arena *arena, const char **ret,
                         struct error *err)
{
	struct oci_reference reference;
	if (!oci_reference_parse(image, arena, &reference, err) ||
	    !oci_resolve_digest(artifacts->oci, &reference, arena, ret, err))
		return error_doing(err, "looking up the image %s", image);
	return true;
}

bool
artifacts_request(struct artifacts *artifacts, const struct oci_raw_request *raw, struct arena *arena,
                  struct http_response *ret, struct error *err)
{
	if (artifacts->endpoint.origin == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the platform file names no registry");
	return oci_request_raw(artifacts->oci, raw, arena, ret, err);
}
