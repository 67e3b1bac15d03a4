/* Credentials that the environment holds: of a job, mostly. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "auth/credential_parts.h"
#include "base/file.h"

static const char file_variable[] = "PAAS_TOKEN_FILE";

static bool
is_set(const char *variable)
{
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
}

/* "github-actions" → "PAAS_TOKEN_GITHUB_ACTIONS", when that is set. */
static const char *
own_variable(const char *word, struct arena *arena)
{
	char *name = arena_printf(arena, "PAAS_TOKEN_%s", word);
	for (char *at = name; *at != '\0'; at++)
		*at = *at == '-' || *at == ' ' ? '_' : (char)toupper((unsigned char)*at);
	return is_set(name) ? name : NULL;
}

const char *
credential_variable_of(const struct credential_system *system, struct arena *arena)
{
	const char *name = own_variable(system->role, arena);
	if (name == NULL && system->provider != NULL)
		name = own_variable(system->provider, arena);
	for (size_t i = 0; name == NULL && system->variables != NULL && system->variables[i] != NULL; i++)
		name = is_set(system->variables[i]) ? system->variables[i] : NULL;
	if (name == NULL && system->takes_sign_on && is_set("PAAS_TOKEN"))
		name = "PAAS_TOKEN";
	return name;
}

bool
credential_is_in_file(const struct credential_system *system)
{
	return system->takes_sign_on && is_set(file_variable);
}

/* What a job's secret often ends with, as it was made from a file, is no part of it. */
static size_t
length_of(const char *text)
{
	size_t length = strlen(text);
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	return length;
}

/* It goes into a header, or to another program: what would end a line there is no token. */
static bool
check_variable(const char *name, const char *text, struct error *err)
{
	size_t length = length_of(text);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return error_set(err, ERROR_NOT_LOGGED_IN, "$%s holds a line break or another control character: that is no token", name);
	return text[strspn(text, " \r\n")] != '\0' || error_set(err, ERROR_NOT_LOGGED_IN, "$%s holds nothing but blanks", name);
}

/* "user:password" where the system takes that, else a token alone. */
static void
take_text(const struct credential_system *system, const char *text, struct arena *arena, struct credential *ret)
{
	const char *colon = system->takes_pair ? strchr(text, ':') : NULL, *start = colon != NULL ? colon + 1 : text;
	if (colon != NULL) {
		ret->kind = TOKEN_KIND_BASIC;
		ret->account = arena_strndup(arena, text, (size_t)(colon - text));
	}
	ret->token = secret_new(start, length_of(start));
}

/* The newline at the end of a file is no part of the token in it. */
static bool
read_token_file(const char *path, struct secret **ret, struct error *err)
{
	struct secret *whole = NULL;
	if (!file_read_secret(path, TOKEN_BYTES_MAX, &whole, err)) {
		if (err->code == ERROR_NOT_FOUND)
			return error_set(err, ERROR_NOT_LOGGED_IN, "the token file %s does not exist ($PAAS_TOKEN_FILE)", path);
		return error_doing(err, "reading the token file of $PAAS_TOKEN_FILE");
	}
	*ret = secret_slice(whole, 0, secret_length(whole) - secret_newline(whole));
	secret_free(whole);
	if (secret_length(*ret) > 0)
		return true;
	secret_release(ret);
	return error_set(err, ERROR_NOT_LOGGED_IN, "the token file %s is empty", path);
}

bool
credential_from_variables(const struct credential_system *system, struct arena *arena, struct credential *ret,
                          bool *ret_is_broken, struct error *err)
{
	const char *name = credential_variable_of(system, arena), *path = getenv(file_variable);
	*ret_is_broken = false;
	if (name != NULL) {
		const char *set = getenv(name), *value = set != NULL ? set : "";
		*ret_is_broken = !check_variable(name, value, err);
		if (*ret_is_broken)
			return false;
		*ret = (struct credential){.source = CREDENTIAL_VARIABLE, .detail = name};
		take_text(system, value, arena, ret);
		return true;
	}
	if (!credential_is_in_file(system) || path == NULL)
		return false;
	*ret = (struct credential){.source = CREDENTIAL_FILE, .detail = arena_strdup(arena, path)};
	*ret_is_broken = !read_token_file(path, &ret->token, err);
	return !*ret_is_broken;
}
