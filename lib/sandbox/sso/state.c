#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/sso/parts.h"

enum { ENTRIES_MAX = 1000, SECRET_BYTES = 32, SESSION_BYTES = 12, CODE_HALF = 4 };

/* ---- who there is ---- */

const char sso_scopes[] = "openid profile email groups offline_access";

static const struct sso_client clients[] = {
	{"paas-cli", "paas", "RS256"},
	{"paas-cli-es256", "paas (ES256)", "ES256"},
};

static const char *const payments[] = {"payments", NULL}, *const platform[] = {"platform", "payments", NULL},
                         *const none[] = {NULL};
const struct sso_person sso_people[] = {
	{"ada", "8f0b7c52-ada0", "Ada Example", "ada@sandbox.example", payments},
	{"grace", "8f0b7c52-9ace", "Grace Example", "grace@sandbox.example", platform},
	{"nobody", "8f0b7c52-0000", "Without Team", "nobody@sandbox.example", none},
};
const size_t sso_n_people = array_length(sso_people);

const struct sso_client *
sso_client_find(const char *id)
{
	for (size_t i = 0; i < array_length(clients); i++)
		if (strcmp(clients[i].id, id) == 0)
			return &clients[i];
	return NULL;
}

const struct sso_person *
sso_person_find(const char *name)
{
	for (size_t i = 0; i < sso_n_people; i++)
		if (strcmp(sso_people[i].name, name) == 0)
			return &sso_people[i];
	return NULL;
}

/* ---- tables ---- */

json_t *
sso_get(const struct sso *sso, const char *table, const char *key)
{
	return json_object_get(json_object_get(sso->state, table), key);
}

json_t *
sso_put(struct sso *sso, const char *table, const char *key, json_t *entry)
{
	json_t *entries = json_object_get(sso->state, table);
	if (json_object_size(entries) >= ENTRIES_MAX)
		json_object_del(entries, json_object_iter_key(json_object_iter(entries)));
	json_object_set_new(entries, key, entry);
	return entry;
}

void
sso_remove(struct sso *sso, const char *table, const char *key)
{
	json_object_del(json_object_get(sso->state, table), key);
}

json_t *
sso_find_device(const struct sso *sso, const char *device_code)
{
	const char *key;
	json_t *request;
	json_object_foreach (json_object_get(sso->state, "requests"), key, request)
		if (strcmp(sso_text(request, "device_code"), device_code) == 0)
			return request;
	return NULL;
}

/* ---- entries ---- */

const char *
sso_text(const json_t *entry, const char *member)
{
	const char *text = json_string_value(json_object_get(entry, member));
	return text != NULL ? text : "";
}

int64_t
sso_number(const json_t *entry, const char *member)
{
	return json_integer_value(json_object_get(entry, member));
}

bool
sso_is(const json_t *entry, const char *member)
{
	return json_is_true(json_object_get(entry, member));
}

void
sso_set_text(json_t *entry, const char *member, const char *text)
{
	json_object_set_new(entry, member, json_string(text));
}

void
sso_set_number(json_t *entry, const char *member, int64_t number)
{
	json_object_set_new(entry, member, json_integer(number));
}

bool
sso_is_expired(const json_t *entry)
{
	return sso_number(entry, "expires_at") <= clock_wall_ms();
}

/* ---- names that nobody guesses ---- */

const char *
sso_new_secret(struct arena *arena)
{
	unsigned char random[SECRET_BYTES];
	randombytes_buf(random, sizeof random);
	return sso_base64url(random, sizeof random, arena);
}

const char *
sso_new_user_code(const struct sso *sso, struct arena *arena)
{
	static const char letters[] = "BCDFGHJKLMNPQRSTVWXZ";
	char *code = arena_strdup(arena, "    -    ");
	do {
		for (size_t i = 0; i < strlen(code); i++)
			if (i != CODE_HALF)
				code[i] = letters[randombytes_uniform(sizeof letters - 1)];
	} while (sso_get(sso, "requests", code) != NULL);
	return code;
}

const char *
sso_user_code(const char *typed, struct arena *arena)
{
	char *code = arena_alloc(arena, 2 * CODE_HALF + 2);
	size_t length = 0;
	for (; *typed != '\0' && length < 2 * CODE_HALF + 1; typed++) {
		if (!isalpha((unsigned char)*typed))
			continue;
		if (length == CODE_HALF)
			code[length++] = '-';
		code[length++] = (char)toupper((unsigned char)*typed);
	}
	return code;
}

/* ---- sessions and tokens ---- */

const char *
sso_new_session(struct sso *sso, const json_t *request, struct arena *arena)
{
	unsigned char random[SESSION_BYTES];
	randombytes_buf(random, sizeof random);
	const char *id = sso_base64url(random, sizeof random, arena);
	sso_put(sso, "sessions", id,
	        json_pack("{s:s, s:s, s:s, s:s, s:I}", "client_id", sso_text(request, "client_id"), "person",
	                  sso_text(request, "person"), "scope", sso_text(request, "scope"), "nonce",
	                  sso_text(request, "nonce"), "auth_time", (json_int_t)sso_date_ms()));
	return id;
}

void
sso_revoke_session(struct sso *sso, const char *session)
{
	json_object_set_new(sso_get(sso, "sessions", session), "is_revoked", json_true());
}

json_t *
sso_live_token(const struct sso *sso, const char *kind, const char *token)
{
	json_t *entry = sso_get(sso, "tokens", token);
	const json_t *session = sso_get(sso, "sessions", sso_text(entry, "session"));
	bool is_live = strcmp(sso_text(entry, "kind"), kind) == 0 && !sso_is_expired(entry) && session != NULL &&
	               !sso_is(session, "is_revoked");
	bool is_refused = strcmp(kind, "access") == 0 &&
	                  sso_number(entry, "generation") < sso_number(sso->state, "refused_below");
	return is_live && !is_refused ? entry : NULL;
}

const char *
sso_access_email(const struct sso *sso, const char *token)
{
	const json_t *entry = sso_live_token(sso, "access", token);
	const struct sso_person *person =
		entry != NULL ? sso_person_find(sso_text(sso_get(sso, "sessions", sso_text(entry, "session")), "person")) : NULL;
	return person != NULL ? person->email : NULL;
}
