#include "auth/grant.h"

#include <string.h>

#include "auth/token_request.h"
#include "net/http.h"

void
granted_release(struct granted *granted)
{
	secret_release(&granted->access_token);
	secret_release(&granted->refresh_token);
	secret_release(&granted->id_token);
}

bool
grant_refresh(struct http *http, const struct issuer *issuer, const struct secret *refresh_token, struct arena *arena,
              struct granted *ret, struct error *err)
{
	const char *client = arena_printf(arena, "grant_type=refresh_token&client_id=%s&refresh_token=",
	                                  http_escape(issuer->client_id, arena));
	struct secret_piece pieces[] = {{client, refresh_token, SECRET_AS_URL}};
	struct token_request request = {.url = issuer->token_endpoint, .what = "refreshing the login", .pieces = pieces,
	                                .n_pieces = array_length(pieces)};
	return token_request_grant(http, issuer, &request, arena, ret, err);
}

bool
grant_exchange(struct http *http, const struct issuer *issuer, const struct secret *subject, const char *subject_type,
               const char *audience, struct arena *arena, struct granted *ret, struct error *err)
{
	const char *head = arena_printf(arena, "grant_type=%s&client_id=%s&subject_token_type=%s&audience=%s&subject_token=",
	                                http_escape("urn:ietf:params:oauth:grant-type:token-exchange", arena),
	                                http_escape(issuer->client_id, arena), http_escape(subject_type, arena),
	                                http_escape(audience, arena));
	struct secret_piece pieces[] = {{head, subject, SECRET_AS_URL}};
	struct token_request request = {.url = issuer->token_endpoint, .what = "exchanging the identity of this machine",
	                                .pieces = pieces, .n_pieces = array_length(pieces)};
	return token_request_grant(http, issuer, &request, arena, ret, err);
}

bool
grant_revoke(struct http *http, const struct issuer *issuer, const struct secret *token, const char *hint,
             struct arena *arena, struct error *err)
{
	scoped(token_answer_release) struct token_answer answer = {0};
	if (issuer->revocation_endpoint == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the sign-on server %s announces no revocation_endpoint", issuer->issuer);
	const char *head = arena_printf(arena, "client_id=%s&token_type_hint=%s&token=", http_escape(issuer->client_id, arena),
	                                http_escape(hint, arena));
	struct secret_piece pieces[] = {{head, token, SECRET_AS_URL}};
	struct token_request request = {.url = issuer->revocation_endpoint, .what = "revoking the token", .pieces = pieces,
	                                .n_pieces = array_length(pieces), .is_repeatable = true};
	if (!token_request_send(http, issuer, &request, arena, &answer, err))
		return false;
	/* RFC 7009 2.2.1: access tokens that the server never looks up cannot be revoked; they end by themselves, and soon. */
	bool ends_by_itself = strcmp(hint, "access_token") == 0 && strcmp(answer.error, "unsupported_token_type") == 0;
	return answer.status == 200 || ends_by_itself || token_answer_put_refusal(&answer, &request, issuer, err);
}
