#include "api/oci/token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "data/json.h"
#include "net/challenge.h"

enum { CHALLENGES_MAX = 8, TOKEN_ANSWER_MAX = 256 * 1024, DEFAULT_LIFETIME_S = 60 };

struct waiter {
	struct fiber *fiber;
	struct waiter *next;
};

/* Kept until all are freed: somebody may still be sending an old one. */
struct token {
	struct token *older;
	struct secret *secret;
	int64_t expires_ms; /* monotonic */
};

struct entry {
	struct entry *next;
	char *origin, *repository;
	struct token *newest; /* NULL until there is one */
	bool is_being_fetched;
	struct waiter *waiters;
};

struct oci_tokens {
	struct http *http;
	struct entry *entries;
};

struct oci_tokens *
oci_tokens_new(struct http *http)
{
	struct oci_tokens *tokens = calloc(1, sizeof *tokens);
	if (tokens == NULL)
		abort();
	tokens->http = http;
	return tokens;
}

static void
tokens_free(struct token *token)
{
	while (token != NULL) {
		struct token *older = token->older;
		secret_free(token->secret);
		free(token);
		token = older;
	}
}

void
oci_tokens_free(struct oci_tokens *tokens)
{
	if (tokens == NULL)
		return;
	for (struct entry *entry = tokens->entries, *next; entry != NULL; entry = next) {
		next = entry->next;
		tokens_free(entry->newest);
		free(entry->origin);
		free(entry->repository);
		free(entry);
	}
	free(tokens);
}

static struct entry *
find_entry(struct oci_tokens *tokens, const struct oci_token_query *query)
{
	for (struct entry *entry = tokens->entries; entry != NULL; entry = entry->next) {
		if (strcmp(entry->origin, query->registry->origin) == 0 &&
		    strcmp(entry->repository, query->repository) == 0)
			return entry;
	}
	struct entry *entry = calloc(1, sizeof *entry);
	if (entry == NULL)
		abort();
	*entry = (struct entry){.next = tokens->entries, .origin = strdup(query->registry->origin),
	                        .repository = strdup(query->repository)};
	if (entry->origin == NULL || entry->repository == NULL)
		abort();
	return tokens->entries = entry;
}

static const struct secret *
valid_token(const struct entry *entry)
{
	const struct token *token = entry->newest;
	return token != NULL && clock_monotonic_ms() < token->expires_ms ? token->secret : NULL;
}

const struct secret *
oci_token_find(struct oci_tokens *tokens, const struct oci_token_query *query)
{
	return valid_token(find_entry(tokens, query));
}

/* ---- what the registry wants ---- */

/* The first challenge of that scheme in any of the headers. */
static bool
find_challenge(const struct http_response *refusal, const char *scheme, struct arena *arena,
               struct challenge *ret)
{
	struct challenge challenges[CHALLENGES_MAX];
	for (size_t i = 0; i < refusal->n_headers; i++) {
		if (strcmp(refusal->headers[i].name, "www-authenticate") != 0)
			continue;
		size_t n = challenge_parse(refusal->headers[i].value, arena, challenges, CHALLENGES_MAX);
		for (size_t j = 0; j < n; j++) {
			if (strcasecmp(challenges[j].scheme, scheme) == 0) {
				*ret = challenges[j];
				return true;
			}
		}
	}
	return false;
}

/* May the registry's password go to this token service?  The challenge alone does not decide: it
 * is the server's word.  Two public registries keep theirs elsewhere. */
static bool
is_trusted_realm(const struct oci_token_query *query, const char *realm_origin, struct arena *arena)
{
	static const char *const pairs[][2] = {
		{"https://registry-1.docker.io:443", "https://auth.docker.io:443"},
		{"https://registry.gitlab.com:443", "https://gitlab.com:443"},
	};
	const char *origin, *other;
	struct error ignored;
	if (!http_origin_of(query->registry->origin, arena, &origin, &ignored))
		return false;
	for (size_t i = 0; i < array_length(pairs); i++) {
		if (strcmp(origin, pairs[i][0]) == 0 && strcmp(realm_origin, pairs[i][1]) == 0)
			return true;
	}
	return strcmp(origin, realm_origin) == 0 ||
	       (query->token_origin != NULL && http_origin_of(query->token_origin, arena, &other, &ignored) &&
	        strcmp(other, realm_origin) == 0);
}

/* realm?service=…&scope=… */
static const char *
token_url(const struct challenge *challenge, const char *realm, struct arena *arena)
{
	static const char *const names[] = {"service", "scope"};
	const char *url = realm;
	for (size_t i = 0; i < array_length(names); i++) {
		const char *value = challenge_parameter(challenge, names[i]);
		if (value != NULL)
			url = arena_printf(arena, "%s%c%s=%s", url, strchr(url, '?') == NULL ? '?' : '&', names[i],
			                   http_escape(value, arena));
	}
	return url;
}

/* ---- asking the token service ---- */

static bool
keep_token(struct entry *entry, const struct http_response *answer, struct error *err)
{
	scoped(json_release) json_t *body = NULL;
	if (!json_parse(answer->body, answer->length, "the answer of the token service", &body, err))
		return false;
	const char *text = json_text_at(body, "token");
	if (text == NULL)
		text = json_text_at(body, "access_token");
	if (text == NULL || text[0] == '\0')
		return error_set(err, ERROR_BAD_ANSWER, "the token service answered without a token");
	int64_t lifetime_s = json_int_at(body, "expires_in", DEFAULT_LIFETIME_S);
	if (lifetime_s < 0 || lifetime_s > 86400)
		lifetime_s = lifetime_s < 0 ? DEFAULT_LIFETIME_S : 86400;
	struct token *token = malloc(sizeof *token);
	if (token == NULL)
		abort();
	*token = (struct token){
		.older = entry->newest,
		.secret = secret_new(text, strlen(text)),
		.expires_ms = clock_monotonic_ms() + lifetime_s * 900, /* a tenth before its end */
	};
	entry->newest = token;
	return true;
}

static bool
put_rate_limit(const struct http_endpoint *realm, struct error *err)
{
	error_put(err, ERROR_RATE_LIMITED, "the token service %s: HTTP 429", realm->origin);
	return error_next(err, "wait some minutes; requests with credentials have a higher limit");
}

static bool
put_refusal(const struct http_endpoint *realm, const struct http_response *answer, struct error *err)
{
	if (answer->status == 429)
		return put_rate_limit(realm, err);
	if (answer->status != 401 && answer->status != 403)
		return error_set(err, ERROR_BAD_ANSWER, "the token service %s: HTTP %d", realm->origin, answer->status);
	error_put(err, ERROR_NOT_LOGGED_IN, "the token service %s refused %s: HTTP %d", realm->origin,
	          realm->username != NULL ? realm->username : "an anonymous request", answer->status);
	return error_next(err, "check the user name and password for the registry");
}

static bool
ask_service(struct oci_tokens *tokens, const struct oci_token_query *query, const struct challenge *challenge,
            struct entry *entry, struct arena *arena, struct error *err)
{
	const char *realm = challenge_parameter(challenge, "realm");
	const struct http_endpoint *registry = query->registry;
	struct http_endpoint endpoint = {.system = registry->system, .proxy = registry->proxy};
	struct http_response answer;
	if (realm == NULL || !http_origin_of(realm, arena, &endpoint.origin, err))
		return error_set(err, ERROR_BAD_ANSWER, "%s asks for a token without saying where", registry->origin);
	if (strncmp(endpoint.origin, "https://", 8) != 0)
		return error_set(err, ERROR_BAD_ANSWER, "%s sends us for a token to %s, which is not https",
		                 registry->origin, endpoint.origin);
	if (is_trusted_realm(query, endpoint.origin, arena)) {
		endpoint = *registry;
		endpoint.bearer = NULL;
		if (!http_origin_of(realm, arena, &endpoint.origin, err))
			return false;
	}
	struct http_request request = {.url = token_url(challenge, realm, arena), .endpoint = &endpoint,
	                               .max_bytes = TOKEN_ANSWER_MAX};
	if (!http_send(tokens->http, &request, arena, &answer, err))
		return error_doing(err, "getting a token for %s", registry->origin);
	return answer.status == 200 ? keep_token(entry, &answer, err) : put_refusal(&endpoint, &answer, err);
}

/* ---- one at a time ---- */

static bool
wait_for_other(struct entry *entry, struct error *err)
{
	struct waiter waiter = {.fiber = fiber_current(), .next = entry->waiters};
	entry->waiters = &waiter;
	bool is_going_on = true;
	while (is_going_on && entry->is_being_fetched)
		is_going_on = fiber_wait();
	for (struct waiter **at = &entry->waiters; *at != NULL; at = &(*at)->next) {
		if (*at == &waiter) {
			*at = waiter.next;
			break;
		}
	}
	return is_going_on ? true : error_set(err, ERROR_INTERRUPTED, "interrupted");
}

static bool
fetch_alone(struct oci_tokens *tokens, const struct oci_token_query *query,
            const struct challenge *challenge, struct entry *entry, struct error *err)
{
	struct arena scratch = {0};
	entry->is_being_fetched = true;
	bool ok = ask_service(tokens, query, challenge, entry, &scratch, err);
	entry->is_being_fetched = false;
	for (struct waiter *waiter = entry->waiters; waiter != NULL; waiter = waiter->next)
		fiber_wake(waiter->fiber);
	arena_release(&scratch);
	return ok;
}

/* Is there one by now that is not the rejected? */
static bool
has_newer(const struct entry *entry, const struct secret *rejected)
{
	const struct secret *token = valid_token(entry);
	return token != NULL && token != rejected;
}

bool
oci_token_fetch(struct oci_tokens *tokens, const struct oci_token_query *query,
                const struct http_response *refusal, const struct secret *rejected,
                const struct secret **ret, struct error *err)
{
	struct entry *entry = find_entry(tokens, query);
	struct challenge challenge;
	struct arena scratch = {0};
	bool ok = true;
	*ret = NULL;
	if (find_challenge(refusal, "bearer", &scratch, &challenge)) {
		while (ok && !has_newer(entry, rejected)) {
			if (!entry->is_being_fetched) {
				ok = fetch_alone(tokens, query, &challenge, entry, err);
				break;
			}
			ok = wait_for_other(entry, err);
		}
		*ret = ok ? entry->newest->secret : NULL;
	} else if (!find_challenge(refusal, "basic", &scratch, &challenge)) {
		ok = error_set(err, ERROR_NOT_LOGGED_IN, "%s wants credentials of a kind that it does not name",
		               query->registry->origin);
	}
	arena_release(&scratch);
	return ok;
}
