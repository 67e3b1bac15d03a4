/* What ID tokens say, and whether one still counts. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/sso/parts.h"

enum { SECOND_MS = 1000 };

int64_t
sso_date_ms(void)
{
	return clock_rate() > 1 ? (int64_t)time(NULL) * SECOND_MS : clock_wall_ms();
}

static json_t *
groups_of(const struct sso_person *person)
{
	json_t *groups = json_array();
	for (size_t i = 0; person->groups[i] != NULL; i++)
		json_array_append_new(groups, json_string(person->groups[i]));
	return groups;
}

/* OpenID Connect Core 5.4; "groups" is no standard, but what everybody does. */
json_t *
sso_claims_of(const struct sso_person *person, const char *scope)
{
	json_t *claims = json_pack("{s:s}", "sub", person->subject);
	if (sso_has_word(scope, "profile")) {
		json_object_set_new(claims, "name", json_string(person->full_name));
		json_object_set_new(claims, "preferred_username", json_string(person->name));
	}
	if (sso_has_word(scope, "email")) {
		json_object_set_new(claims, "email", json_string(person->email));
		json_object_set_new(claims, "email_verified", json_true());
	}
	if (sso_has_word(scope, "groups"))
		json_object_set_new(claims, "groups", groups_of(person));
	return claims;
}

bool
sso_have_keys(struct sso *sso)
{
	struct error ignored;
	return sso->keys != NULL || sso_keys_open(sso->options.folder, &sso->keys, &ignored);
}

/* The generation stands in the token's name, where no client looks. */
const char *
sso_sign(struct sso *sso, const char *algorithm, json_t *claims, struct arena *arena)
{
	int64_t now_ms = sso_date_ms();
	if (json_object_get(claims, "iss") == NULL)
		json_object_set_new(claims, "iss", json_string(sso->issuer));
	json_object_set_new(claims, "iat", json_integer(now_ms / SECOND_MS));
	json_object_set_new(claims, "exp", json_integer((now_ms + sso->options.token_lifetime_ms) / SECOND_MS));
	json_object_set_new(claims, "jti",
	                    json_string(arena_printf(arena, "%lld.%s", (long long)sso_number(sso->state, "generation"),
	                                             sso_new_secret(arena))));
	if (!sso_have_keys(sso)) {
		json_decref(claims);
		return NULL;
	}
	return sso_keys_sign(sso->keys, algorithm, claims, arena);
}

static bool
counts(const struct sso *sso, const json_t *claims, const char *issuer)
{
	const char *name = sso_text(claims, "jti");
	int64_t generation = 0;
	for (; *name >= '0' && *name <= '9' && generation < INT32_MAX; name++)
		generation = 10 * generation + *name - '0';
	return strcmp(sso_text(claims, "iss"), issuer) == 0 &&
	       sso_number(claims, "exp") * SECOND_MS > sso_date_ms() &&
	       generation >= sso_number(sso->state, "refused_below");
}

json_t *
sso_verify(struct sso *sso, const char *token, const char *issuer)
{
	json_t *claims = sso_have_keys(sso) ? sso_keys_verify(sso->keys, token) : NULL;
	if (claims != NULL && counts(sso, claims, issuer))
		return claims;
	json_decref(claims);
	return NULL;
}

/* As an API server with --oidc-username-claim=preferred_username and --oidc-groups-claim=groups. */
bool
sso_authenticate(struct sso *sso, const char *token, struct arena *arena, struct sso_identity *ret)
{
	bool is_jwt = strchr(token, '.') != NULL; /* keys are not made for anything else */
	json_t *claims = is_jwt ? sso_verify(sso, token, sso->issuer) : NULL, *group;
	const json_t *list = json_object_get(claims, "groups");
	const char **groups = arena_array(arena, const char *, json_array_size(list) + 1),
		   *name = arena_strdup(arena, sso_text(claims, "preferred_username"));
	bool is_for_us = sso_client_find(sso_text(claims, "aud")) != NULL;
	size_t i;
	json_array_foreach (list, i, group)
		groups[i] = arena_strdup(arena, json_is_string(group) ? json_string_value(group) : "");
	json_decref(claims);
	if (!is_for_us || name[0] == '\0')
		return false;
	*ret = (struct sso_identity){.name = name, .groups = groups};
	return true;
}
