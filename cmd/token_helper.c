#include "cmd/token_helper.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "data/platform.h"
#include "net/http.h"

static const struct helper {
	const char *program, *word;
} helpers[] = {{"git-credential-paas", "git"}, {"docker-credential-paas", "docker"}};

size_t
token_helper_words(const char *program, size_t count, const char *const *words, struct arena *arena,
                   const char *const **ret)
{
	const char *slash = strrchr(program, '/'), *name = slash != NULL ? slash + 1 : program;
	*ret = words;
	for (size_t i = 0; i < array_length(helpers); i++) {
		if (strcmp(name, helpers[i].program) != 0)
			continue;
		const char **all = arena_array(arena, const char *, count + 2);
		all[0] = "token";
		all[1] = helpers[i].word;
		for (size_t k = 0; k < count; k++)
			all[k + 2] = words[k];
		*ret = all;
		return count + 2;
	}
	return count;
}

bool
token_helper_check_output(const char *program, struct error *err)
{
	if (!isatty(STDOUT_FILENO))
		return true;
	error_put(err, ERROR_USAGE, "what this prints is for %s, and holds a token: it is not shown on a terminal", program);
	return error_next(err, "paas whoami says who you are");
}

bool
token_helper_write(const struct secret *answer, struct error *err)
{
	return secret_write(answer, STDOUT_FILENO) || errno == EPIPE ||
	       error_set(err, ERROR_OUTPUT, "writing standard output: %s", strerror(errno));
}

static bool
is_at(const char *url, const char *origin, struct arena *arena)
{
	struct error ignored;
	const char *own;
	return http_origin_of(url, arena, &own, &ignored) && strcmp(own, origin) == 0;
}

const struct system *
token_helper_find(const struct session *session, const char *role, const char *origin, struct system *systems)
{
	const struct platform *platform = session->platform;
	struct arena *arena = session->arena;
	size_t n_systems = systems_of_platform(platform, arena, systems);
	for (size_t i = 0; i < n_systems; i++) {
		if (role != NULL && strcmp(systems[i].credential.role, role) != 0)
			continue;
		bool is_registry = strcmp(systems[i].credential.role, "artifacts") == 0 && platform->artifacts.registry != NULL &&
		                   is_at(arena_printf(arena, "https://%s", platform->artifacts.registry), origin, arena);
		if (is_registry || is_at(systems_web_origin(&systems[i], arena), origin, arena))
			return &systems[i];
	}
	return NULL;
}
