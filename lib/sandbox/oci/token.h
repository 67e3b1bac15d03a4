/* The registry's token service: who may do what, for how long. */
#ifndef PAAS_SANDBOX_OCI_TOKEN_H
#define PAAS_SANDBOX_OCI_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct web_request;

enum { TOKENS_MAX = 256 }; /* the oldest is forgotten first */

struct token {
	char text[33];
	char scope[280]; /* "repository:shop:pull,push", as granted; "" = /v2/ only */
	int64_t expires_ms;
};

struct token_service {
	char *account;      /* base64 of "user:password", as Basic carries it */
	char *password;     /* an access token, too */
	int64_t lifetime_ms;
	struct token tokens[TOKENS_MAX];
	size_t n_issued;    /* in all */
};

void token_service_init(struct token_service *service, const char *username, const char *password,
                        int64_t lifetime_ms);
void token_service_release(struct token_service *service);

/* GET /token?service=…&scope=…  Anonymous callers are granted pull of public repositories only. */
void token_service_handle(struct token_service *service, struct web_request *request);
/* Does it carry the account: Basic, or the password as a bearer token or an API key? */
bool token_service_knows(const struct token_service *service, const struct web_request *request);
/* Does the request carry a live token (or the account itself) that may `action` the repository?
 * `repository` NULL: any live token will do. */
bool token_service_allows(const struct token_service *service, const struct web_request *request,
                          const char *repository, const char *action);

#endif
