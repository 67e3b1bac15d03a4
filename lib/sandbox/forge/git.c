/* Commits and branches that are git's too. */
#include <string.h>

#include "sandbox/forge/parts.h"
#include "sandbox/member.h"

bool
forge_is_in_git(const json_t *repository, const char *sha)
{
	return json_is_true(json_object_get(json_object_get(json_object_get(repository, "commits"), sha), "in_git"));
}

const char *
forge_git_head(const json_t *repository, const char *branch)
{
	const json_t *commits = json_object_get(repository, "commits");
	const char *sha = member_text(json_object_get(repository, "branches"), branch);
	for (size_t i = json_object_size(commits); i > 0; i--) {
		const json_t *commit = json_object_get(commits, sha);
		if (commit == NULL || json_is_true(json_object_get(commit, "in_git")))
			return commit != NULL ? sha : NULL;
		const char *parent = json_string_value(json_array_get(json_object_get(commit, "parents"), 0));
		sha = parent != NULL ? parent : "";
	}
	return NULL;
}

bool
forge_is_full(const json_t *repository)
{
	return json_object_size(json_object_get(repository, "commits")) >= FORGE_COMMITS_MAX;
}

void
forge_add_commit(json_t *repository, json_t *commit)
{
	if (!forge_is_full(repository))
		json_object_set(json_object_get(repository, "commits"), member_text(commit, "sha"), commit);
	json_decref(commit);
}

void
forge_set_branch(json_t *repository, const char *branch, const char *sha)
{
	json_t *branches = json_object_get(repository, "branches");
	if (sha == NULL)
		json_object_del(branches, branch);
	else
		json_object_set_new(branches, branch, json_string(sha));
}
