/* What any server announces: it is the issuer that was asked, and sends nobody to plain http. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/issuer.h"
#include "net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *url)
{
	struct arena arena = {0};
	struct url parsed;
	struct error err;
	if (url != NULL && (!url_parse(url, &arena, &parsed, &err) || strcmp(parsed.scheme, "https") != 0))
		abort();
	arena_release(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct issuer_choice choice = {.issuer = "https://sso.acme.example", .client_id = "paas-cli"};
	struct arena arena = {0};
	struct issuer issuer;
	struct error err;
	if (issuer_read((const char *)data, size, &choice, &arena, &issuer, &err)) {
		if (issuer.token_endpoint == NULL || strcmp(issuer.issuer, choice.issuer) != 0)
			abort();
		check(issuer.token_endpoint);
		check(issuer.authorization_endpoint);
		check(issuer.device_authorization_endpoint);
		check(issuer.jwks_uri);
		check(issuer.revocation_endpoint);
		check(issuer.userinfo_endpoint);
		check(issuer.end_session_endpoint);
	}
	arena_release(&arena);
	return 0;
}
