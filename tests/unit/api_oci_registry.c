/* The client against the emulated registry, and against one that misbehaves. */
#include "net_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "api/oci/registry.h"
#include "sandbox/oci/registry.h"

static struct registry *registry;
static struct secret *password;
static struct oci *oci;
static struct http_endpoint endpoint;
static const char *index_digest;
static int n_requests, n_tokens, n_heads;
static const char *mode;          /* how it misbehaves; "" = not */
static const char *other_site;    /* the same server under another origin */
static char token_authorization[128], last_authorization[128];
static char ca_path[] = "/tmp/paas-test-ca-XXXXXX";

static void
respond(struct web_request *request, unsigned status, const char *text)
{
	web_respond(request, status, text, strlen(text));
}

static void
challenge_with(struct web_request *request, const char *realm)
{
	web_add_header(request, "WWW-Authenticate",
	               arena_printf(request->arena, "Negotiate, Bearer realm=\"%s\",service=\"s\",scope=\"a,b\"", realm));
	respond(request, 401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"who are you\"}]}");
}

static bool
is_token_path(const struct web_request *request)
{
	return strcmp(request->path, "/token") == 0;
}

static void
misbehave(struct web_request *request)
{
	bool has_bearer = strncmp(last_authorization, "Bearer ", 7) == 0;
	if (strcmp(mode, "limited") == 0) {
		web_add_header(request, "Retry-After", "3600");
		respond(request, 429, "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"slow down\"}]}");
	} else if (strcmp(mode, "forged") == 0) {
		web_add_header(request, "Docker-Content-Digest", index_digest);
		respond(request, 200, "{\"schemaVersion\":2}");
	} else if (strcmp(mode, "html") == 0) {
		respond(request, 200, "<html>log in</html>");
	} else if (is_token_path(request)) {
		snprintf(token_authorization, sizeof token_authorization, "%s", last_authorization);
		respond(request, 200, "{\"access_token\":\"elsewhere\"}");
	} else if (has_bearer) {
		respond(request, 200, "{\"schemaVersion\":2,\"mediaType\":\"m\",\"layers\":[]}");
	} else if (strcmp(mode, "http realm") == 0) {
		challenge_with(request, arena_printf(request->arena, "%s/token", plain_site));
	} else {
		challenge_with(request, arena_printf(request->arena, "%s/token", other_site));
	}
}

static void
handle(void *data, struct web_request *request)
{
	const char *authorization = web_header(request, "Authorization");
	(void)data;
	n_requests++;
	n_tokens += is_token_path(request);
	n_heads += strcmp(request->method, "HEAD") == 0;
	snprintf(last_authorization, sizeof last_authorization, "%s", authorization != NULL ? authorization : "-");
	if (mode[0] != '\0')
		misbehave(request);
	else
		registry_handle(registry, request);
}

static bool
write_ca(void)
{
	int fd = mkstemp(strcpy(ca_path, "/tmp/paas-test-ca-XXXXXX"));
	size_t length = strlen(certificate.ca_pem);
	bool ok = fd >= 0 && write(fd, certificate.ca_pem, length) == (ssize_t)length;
	close(fd);
	return ok;
}

static int
set_up(void **state)
{
	mode = "";
	if (open_all(state) != 0 || !write_ca())
		return -1;
	http_close(http);
	setenv("PAAS_CA_FILE", ca_path, 1);
	if (!http_open(loop, &http, &err))
		return -1;
	other_site = arena_printf(&arena, "https://127.0.0.1:%u", (unsigned)web_server_port(secure));
	registry = registry_new(&(struct registry_options){.username = "me", .password = "s3cret"});
	registry_set_origin(registry, secure_site);
	index_digest = registry_seed(registry, "shop/checkout", "1.0", "c0ffee", NULL);
	registry_seed(registry, "shop/arm", "1.0", "c0ffee", "arm64");
	registry_seed(registry, "private/vault", "1.0", "c0ffee", NULL);
	password = secret_new("s3cret", 6);
	endpoint = (struct http_endpoint){.system = "registry", .origin = secure_site};
	oci = oci_open(http, &endpoint, NULL);
	n_requests = n_tokens = n_heads = 0;
	return 0;
}

static int
tear_down(void **state)
{
	oci_close(oci);
	secret_free(password);
	unlink(ca_path);
	unsetenv("PAAS_CA_FILE");
	int result = close_all(state);
	registry_free(registry);
	return result;
}

static struct oci_reference
image_named(const char *name)
{
	struct oci_reference reference;
	assert_true(oci_reference_parse(arena_printf(&arena, "%s/%s", strstr(secure_site, "localhost"), name), &arena,
	                                &reference, &err));
	return reference;
}

static bool
resolve(const char *name, const char *platform, struct oci_image *ret)
{
	struct oci_reference reference = image_named(name);
	err = (struct error){0};
	return oci_resolve(oci, &reference, platform, &arena, ret, &err);
}

static void
log_in(void)
{
	endpoint.username = "me";
	endpoint.password = password;
}

/* ---- */

static void
resolve_a_tag(void)
{
	struct oci_image image;
	assert_true(resolve("shop/checkout:1.0", NULL, &image));
	assert_string_equal(image.digest, index_digest);
	assert_non_null(strstr(image.media_type, "index"));
	assert_int_equal(image.n_platforms, 2);
	assert_string_equal(image.platforms[0].os, "linux");
	assert_string_not_equal(image.manifest_digest, image.digest);
	assert_string_equal(image.revision, "c0ffee");
	assert_int_equal(n_tokens, 1); /* one token for index, manifest and config */
	assert_int_equal(n_requests, 5); /* and one refusal */
	n_requests = 0;
	assert_true(resolve("shop/checkout:1.0", "linux/arm64", &image));
	assert_int_equal(n_requests, 3);
	assert_string_equal(image.revision, "c0ffee");
	assert_true(resolve(arena_printf(&arena, "shop/checkout@%s", index_digest), NULL, &image));
	assert_string_equal(image.digest, index_digest);
}

static void
test_oci__resolves_a_tag_with_one_token(void **state)
{
	(void)state;
	in_fiber(resolve_a_tag);
}

static void
resolve_digests(void)
{
	struct oci_reference reference = image_named("shop/checkout:1.0");
	const char *digest;
	assert_true(oci_resolve_digest(oci, &reference, &arena, &digest, &err));
	assert_string_equal(digest, index_digest);
	assert_int_equal(n_heads, 2); /* refused, then answered */
}

static void
test_oci__asks_for_the_head_when_that_is_enough(void **state)
{
	(void)state;
	in_fiber(resolve_digests);
}

static void
resolve_what_is_not(void)
{
	struct oci_image image;
	assert_false(resolve("shop/checkout:2.0", NULL, &image));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_non_null(strstr(err.why, "shop/checkout:2.0: HTTP 404 MANIFEST_UNKNOWN"));
	assert_false(resolve("shop/arm:1.0", "linux/amd64", &image));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_non_null(strstr(err.why, "only for linux/arm64"));
	assert_false(resolve("private/vault:1.0", NULL, &image));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	log_in();
	assert_true(resolve("private/vault:1.0", NULL, &image));
	secret_free(password);
	endpoint.password = password = secret_new("wrong", 5);
	assert_false(resolve("private/other:1.0", NULL, &image));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_non_null(strstr(err.why, "refused me"));
	assert_null(strstr(err.why, "wrong"));
}

static void
test_oci__tells_absent_from_private(void **state)
{
	(void)state;
	in_fiber(resolve_what_is_not);
}

static void
meet_misbehaviour(void)
{
	static const struct {
		const char *mode;
		enum error_code code;
		const char *words;
	} rows[] = {
		{"limited", ERROR_RATE_LIMITED, "TOOMANYREQUESTS: slow down"},
		{"forged", ERROR_BAD_ANSWER, "has the digest sha256:"},
		{"html", ERROR_BAD_ANSWER, "manifest"},
		{"http realm", ERROR_BAD_ANSWER, "is not https"},
	};
	for (size_t i = 0; i < array_length(rows); i++) {
		struct oci_image image;
		mode = rows[i].mode;
		assert_false(resolve("shop/checkout:1.0", NULL, &image));
		assert_int_equal(err.code, rows[i].code);
		assert_non_null(strstr(err.why, rows[i].words));
	}
}

static void
test_oci__believes_nothing_unchecked(void **state)
{
	(void)state;
	in_fiber(meet_misbehaviour);
}

static void
go_elsewhere_for_a_token(void)
{
	struct oci_image image;
	log_in();
	mode = "elsewhere";
	assert_true(resolve("shop/checkout:1.0", NULL, &image));
	assert_string_equal(token_authorization, "-"); /* the challenge alone does not get the password */
	assert_string_equal(last_authorization, "Bearer elsewhere");
	oci_close(oci);
	oci = oci_open(http, &endpoint, other_site);
	assert_true(resolve("shop/checkout:1.0", NULL, &image));
	assert_string_equal(token_authorization, "Basic bWU6czNjcmV0");
}

static void
test_oci__a_password_goes_where_it_was_meant_to(void **state)
{
	(void)state;
	in_fiber(go_elsewhere_for_a_token);
}

enum { MANY = 20 };
static int n_resolved;

static void
resolve_one(void *data)
{
	struct oci_reference reference = image_named("shop/checkout:1.0");
	const char *digest;
	struct error mine;
	(void)data;
	n_resolved += oci_resolve_digest(oci, &reference, &arena, &digest, &mine);
}

static void
resolve_many(void)
{
	struct fiber *fibers[MANY];
	n_resolved = 0;
	for (int i = 0; i < MANY; i++)
		fibers[i] = fiber_start(loop, resolve_one, NULL);
	for (int i = 0; i < MANY; i++)
		fiber_join(fibers[i]);
	assert_int_equal(n_resolved, MANY);
	assert_int_equal(n_tokens, 1);
}

static void
test_oci__many_callers_share_one_token(void **state)
{
	(void)state;
	in_fiber(resolve_many);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_oci__##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(resolves_a_tag_with_one_token), TEST(asks_for_the_head_when_that_is_enough),
		TEST(tells_absent_from_private), TEST(believes_nothing_unchecked),
		TEST(a_password_goes_where_it_was_meant_to), TEST(many_callers_share_one_token),
	};
	return cmocka_run_group_tests_name("api/oci", tests, NULL, NULL);
}
