#include "sandbox/oci/token.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "web/server.h"

enum { DEFAULT_LIFETIME_MS = 300 * 1000, ACCOUNT_BYTES = 512 };

void
token_service_init(struct token_service *service, const char *username, const char *password,
                   int64_t lifetime_ms)
{
	char plain[ACCOUNT_BYTES / 2], encoded[ACCOUNT_BYTES];
	if (sodium_init() < 0)
		abort();
	int length = snprintf(plain, sizeof plain, "%s:%s", username, password);
	if (length < 0 || (size_t)length >= sizeof plain)
		abort();
	sodium_bin2base64(encoded, sizeof encoded, (unsigned char *)plain, (size_t)length,
	                  sodium_base64_VARIANT_ORIGINAL);
	*service = (struct token_service){
		.account = strdup(encoded),
		.password = strdup(password),
		.lifetime_ms = lifetime_ms > 0 ? lifetime_ms : DEFAULT_LIFETIME_MS,
	};
	if (service->account == NULL || service->password == NULL)
		abort();
}

void
token_service_release(struct token_service *service)
{
	free(service->account);
	free(service->password);
	*service = (struct token_service){0};
}

/* What follows the scheme in Authorization, or NULL. */
static const char *
credential(const struct web_request *request, const char *scheme)
{
	const char *value = web_header(request, "Authorization");
	size_t length = strlen(scheme);
	if (value == NULL || strncasecmp(value, scheme, length) != 0 || value[length] != ' ')
		return NULL;
	return value + length + 1;
}

static bool
is_account(const struct token_service *service, const struct web_request *request)
{
	const char *basic = credential(request, "Basic");
	return basic != NULL && strcmp(basic, service->account) == 0;
}

/* The password alone serves as an access token, and in the header of Artifactory's API keys. */
static bool
is_access_token(const struct token_service *service, const struct web_request *request)
{
	const char *bearer = credential(request, "Bearer"), *key = web_header(request, "X-JFrog-Art-Api");
	return (bearer != NULL && strcmp(bearer, service->password) == 0) || (key != NULL && strcmp(key, service->password) == 0);
}

bool
token_service_knows(const struct token_service *service, const struct web_request *request)
{
	return is_account(service, request) || is_access_token(service, request);
}

static bool
is_private(const char *repository)
{
	return strncmp(repository, "private/", 8) == 0;
}

/* "repository:NAME:ACTIONS" → what the caller gets of it; "" when nothing. */
static void
grant_scope(const char *scope, bool is_known, char *ret, size_t size)
{
	char repository[200], actions[50];
	ret[0] = '\0';
	if (sscanf(scope, "repository:%199[^:]:%49s", repository, actions) != 2)
		return;
	if (is_known)
		snprintf(ret, size, "repository:%s:%s", repository, actions);
	else if (strstr(actions, "pull") != NULL && !is_private(repository))
		snprintf(ret, size, "repository:%s:pull", repository);
}

void
token_service_handle(struct token_service *service, struct web_request *request)
{
	static const char refusal[] =
		"{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"incorrect username or password\"}]}";
	const char *scope = web_query(request, "scope");
	bool is_known = is_account(service, request);
	web_add_header(request, "Content-Type", "application/json");
	if (credential(request, "Basic") != NULL && !is_known) {
		web_respond(request, 401, refusal, sizeof refusal - 1);
		return;
	}
	struct token *token = &service->tokens[service->n_issued++ % TOKENS_MAX];
	unsigned char random[16];
	char issued[CLOCK_TEXT_BYTES], answer[512];
	randombytes_buf(random, sizeof random);
	sodium_bin2hex(token->text, sizeof token->text, random, sizeof random);
	grant_scope(scope != NULL ? scope : "", is_known, token->scope, sizeof token->scope);
	token->expires_ms = clock_wall_ms() + service->lifetime_ms;
	int length = snprintf(answer, sizeof answer,
	                      "{\"token\":\"%s\",\"access_token\":\"%s\",\"expires_in\":%lld,\"issued_at\":\"%s\"}",
	                      token->text, token->text, (long long)service->lifetime_ms / 1000,
	                      clock_format(clock_wall_ms(), issued));
	web_respond(request, 200, answer, (size_t)length);
}

static bool
scope_allows(const char *scope, const char *repository, const char *action)
{
	size_t length = strlen(repository);
	if (strncmp(scope, "repository:", 11) != 0 || strncmp(scope + 11, repository, length) != 0 ||
	    scope[11 + length] != ':')
		return false;
	return strstr(scope + 11 + length, action) != NULL;
}

bool
token_service_allows(const struct token_service *service, const struct web_request *request,
                     const char *repository, const char *action)
{
	const char *text = credential(request, "Bearer");
	if (token_service_knows(service, request))
		return true;
	for (size_t i = 0; text != NULL && i < TOKENS_MAX; i++) {
		const struct token *token = &service->tokens[i];
		if (token->text[0] != '\0' && strcmp(token->text, text) == 0)
			return token->expires_ms > clock_wall_ms() &&
			       (repository == NULL || scope_allows(token->scope, repository, action));
	}
	return false;
}
