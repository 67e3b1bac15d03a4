#include <string.h>

#include "api/github/github.h"
#include "data/json.h"
#include "net/http.h"

/* The first line of a message. */
static const char *
title_of(const json_t *commit, struct arena *arena)
{
	const char *message = json_text_or(commit, "commit.message", "");
	return arena_strndup(arena, message, strcspn(message, "\r\n"));
}

bool
github_commits_between(const struct rest *rest, const char *slug, const char *base, const char *head, size_t max,
                       struct arena *arena, struct github_commit **ret, size_t *ret_count, struct error *err)
{
	scoped(json_release) json_t *answer = NULL;
	const char *path = arena_printf(arena, "/repos/%s/compare/%s...%s?per_page=100", slug, http_escape(base, arena),
	                                http_escape(head, arena));
	if (!rest_get(rest, path, arena, &answer, err))
		return false;
	const json_t *list = json_list_at(answer, "commits");
	size_t n_listed = json_array_size(list), count = 0;
	*ret = arena_array(arena, struct github_commit, max + 1);
	for (size_t i = n_listed; i > 0 && count < max; i--) { /* the oldest comes first */
		const json_t *commit = json_array_get(list, i - 1);
		const char *sha = json_text_at(commit, "sha");
		if (sha != NULL)
			(*ret)[count++] = (struct github_commit){.sha = arena_strdup(arena, sha), .title = title_of(commit, arena)};
	}
	*ret_count = count;
	return true;
}
