/* The registry of a platform file, against the emulated one. */
#include "net_fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "data/platform.h"
#include "role/artifacts.h"
#include "sandbox/oci/registry.h"

static struct registry *registry;
static struct platform platform;
static char ca_path[64];

static void
handle(void *data, struct web_request *request)
{
	(void)data;
	registry_handle(registry, request);
}

static int
set_up(void **state)
{
	if (open_all(state) != 0)
		return -1;
	registry = registry_new(&(struct registry_options){.username = "me", .password = "s3cret"});
	registry_set_origin(registry, secure_site);
	registry_seed(registry, "private/vault", "1.0", "c0ffee", NULL);
	snprintf(ca_path, sizeof ca_path, "/tmp/paas-test-%d-ca.pem", (int)getpid());
	platform = (struct platform){.artifacts = {.provider = "oci", .url = secure_site, .ca_file = ca_path,
	                                           .registry = strstr(secure_site, "localhost")}};
	return file_write(ca_path, certificate.ca_pem, strlen(certificate.ca_pem), 0600, &err) ? 0 : -1;
}

static int
tear_down(void **state)
{
	unlink(ca_path);
	unsetenv("PAAS_TOKEN_ARTIFACTS");
	int result = close_all(state);
	registry_free(registry);
	return result;
}

static void
resolve_with_credentials(void)
{
	struct oci_image image;
	const char *digest, *name = arena_printf(&arena, "%s/private/vault:1.0", platform.artifacts.registry);
	scoped(artifacts_close) struct artifacts *anonymous = NULL, *known = NULL;
	assert_true(artifacts_open(http, &platform, &arena, &anonymous, &err));
	assert_false(artifacts_resolve(anonymous, name, NULL, &arena, &image, &err));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_non_null(strstr(err.what, "private/vault:1.0"));
	setenv("PAAS_TOKEN_ARTIFACTS", "me:s3cret", 1);
	assert_true(artifacts_open(http, &platform, &arena, &known, &err));
	assert_true(artifacts_resolve(known, name, "linux/amd64", &arena, &image, &err));
	assert_true(artifacts_resolve_digest(known, name, &arena, &digest, &err));
	assert_string_equal(image.digest, digest);
	assert_string_equal(image.revision, "c0ffee");
	assert_false(artifacts_resolve(known, "Vault", NULL, &arena, &image, &err));
	assert_int_equal(err.code, ERROR_USAGE);
}

static void
test_artifacts__uses_what_the_platform_says(void **state)
{
	(void)state;
	in_fiber(resolve_with_credentials);
}

static void
open_without(void)
{
	struct artifacts *artifacts = NULL;
	assert_true(artifacts_open(http, NULL, &arena, &artifacts, &err));
	artifacts_close(&artifacts);
	assert_null(artifacts);
	unlink(ca_path);
	assert_false(artifacts_open(http, &platform, &arena, &artifacts, &err));
	assert_non_null(strstr(err.why, ca_path));
}

static void
test_artifacts__says_which_file_is_missing(void **state)
{
	(void)state;
	in_fiber(open_without);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_artifacts__uses_what_the_platform_says, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_artifacts__says_which_file_is_missing, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("role/artifacts", tests, NULL, NULL);
}
