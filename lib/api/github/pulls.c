#include <string.h>

#include "api/github/github.h"
#include "data/json.h"

enum { PULLS_MAX = 10 };

const struct http_header github_headers[GITHUB_HEADERS] = {
	{"Accept", "application/vnd.github+json"},
	{"X-GitHub-Api-Version", "2022-11-28"},
};

static const char *
copy(const json_t *value, const char *path, struct arena *arena)
{
	return arena_strdup(arena, json_text_or(value, path, ""));
}

/* A filter that the server does not understand is no filter there: every pull request comes back. */
static bool
is_of_branch(const json_t *pull, const char *slug, const char *branch)
{
	const char *name = json_text_at(pull, "head.repo.full_name");
	return strcmp(json_text_or(pull, "head.ref", ""), branch) == 0 && (name == NULL || strcasecmp(name, slug) == 0);
}

bool
github_pull_of_branch(const struct rest *rest, const char *slug, const char *branch, struct arena *arena,
                      struct github_pull *ret, bool *ret_found, struct error *err)
{
	scoped(json_release) json_t *pulls = NULL;
	const char *head = arena_printf(arena, "%.*s:%s", (int)strcspn(slug, "/"), slug, branch);
	const char *path = arena_printf(arena, "/repos/%s/pulls?state=open&sort=updated&direction=desc&per_page=%d&head=%s",
	                                slug, PULLS_MAX, http_escape(head, arena));
	const json_t *pull;
	size_t i;
	if (!rest_get(rest, path, arena, &pulls, err))
		return false;
	*ret_found = false;
	json_array_foreach(pulls, i, pull) {
		if (!is_of_branch(pull, slug, branch))
			continue;
		*ret_found = true;
		*ret = (struct github_pull){
			.number = json_int_at(pull, "number", 0), .title = copy(pull, "title", arena), .url = copy(pull, "html_url", arena),
			.commit = copy(pull, "head.sha", arena), .base = copy(pull, "base.ref", arena),
			.is_draft = json_bool_at(pull, "draft", false),
		};
		break;
	}
	return true;
}

bool
github_default_branch(const struct rest *rest, const char *slug, struct arena *arena, const char **ret, struct error *err)
{
	scoped(json_release) json_t *repository = NULL;
	if (!rest_get(rest, arena_printf(arena, "/repos/%s", slug), arena, &repository, err))
		return false;
	*ret = copy(repository, "default_branch", arena);
	return **ret != '\0' || error_set(err, ERROR_BAD_ANSWER, "%s does not say which its default branch is", slug);
}
