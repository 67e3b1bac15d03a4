/* Commits, branches, and what two of them have in common. */
#include <string.h>

#include "base/compiler.h"
#include "sandbox/github/parts.h"

enum { COMPARE_COMMITS_MAX = 250 };

/* ---- commits ---- */

static json_t *
file_of(const struct github_call *call, const char *sha, const char *path)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:s}", "sha", sha, "filename", path, "status", "modified",
	                 "additions", 3, "deletions", 1, "changes", 4, "blob_url",
	                 github_web_url(call, "/blob/%s/%s", sha, path), "raw_url",
	                 github_web_url(call, "/raw/%s/%s", sha, path), "contents_url",
	                 github_repository_url(call, "/contents/%s?ref=%s", path, sha));
}

/* Files that the commits touch, each once. */
static json_t *
files_of(const struct github_call *call, const json_t *const *commits, size_t count)
{
	json_t *files = json_array(), *seen = json_object();
	for (size_t c = 0; c < count; c++) {
		const json_t *name;
		size_t i;
		json_array_foreach (json_object_get(commits[c], "files"), i, name) {
			const char *path = json_string_value(name);
			if (json_object_get(seen, path) != NULL)
				continue;
			json_object_set_new(seen, path, json_true());
			json_array_append_new(files, file_of(call, member_text(commits[c], "sha"), path));
		}
	}
	json_decref(seen);
	return files;
}

const json_t *
github_param_commit(struct github_call *call, size_t param)
{
	const json_t *commit = forge_commit(call->repository, call->params[param]);
	if (commit == NULL)
		github_refuse(call, 422, arena_printf(call->arena, "No commit found for SHA: %s", call->params[param]));
	return commit;
}

void
github_handle_commit(struct github_call *call)
{
	const json_t *commit = github_param_commit(call, 0);
	if (commit == NULL)
		return;
	json_t *answer = github_commit(call, commit);
	json_object_set_new(answer, "stats", json_pack("{s:i, s:i, s:i}", "total", 4, "additions", 3, "deletions", 1));
	json_object_set_new(answer, "files", files_of(call, &commit, 1));
	github_answer(call, 200, answer);
}

static json_t *
list_of(const struct github_call *call, const json_t *const *commits, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, github_commit(call, commits[i]));
	return list;
}

void
github_handle_commits(struct github_call *call)
{
	const char *asked = web_query(call->request, "sha");
	const json_t *head = forge_commit(call->repository, asked != NULL && asked[0] != '\0'
	                                                             ? asked
	                                                             : member_text(call->repository, "default_branch"));
	size_t count;
	if (head == NULL) {
		github_not_found(call);
		return;
	}
	const json_t **history = forge_history(call->repository, member_text(head, "sha"), call->arena, &count);
	github_answer_page(call, list_of(call, history, count), NULL);
}

/* ---- compare ---- */

static bool
holds(const json_t *const *list, size_t count, const json_t *commit)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == commit)
			return true;
	return false;
}

/* What of `list` is not in `other`, oldest first. */
static size_t
only_in(const json_t *const *list, size_t count, const json_t *const *other, size_t n_other, const json_t **ret)
{
	size_t n = 0;
	for (size_t i = count; i-- > 0;)
		if (!holds(other, n_other, list[i]))
			ret[n++] = list[i];
	return n;
}

static void
answer_compare(struct github_call *call, const json_t *base, const json_t *head)
{
	size_t n_base, n_head, shared = 0;
	const json_t **from = forge_history(call->repository, member_text(base, "sha"), call->arena, &n_base),
	             **to = forge_history(call->repository, member_text(head, "sha"), call->arena, &n_head),
	             **ahead = (const json_t **)arena_calloc(call->arena, n_head + 1, sizeof *ahead),
	             **behind = (const json_t **)arena_calloc(call->arena, n_base + 1, sizeof *behind);
	size_t n_ahead = only_in(to, n_head, from, n_base, ahead), n_behind = only_in(from, n_base, to, n_head, behind);
	while (shared < n_head && !holds(from, n_base, to[shared]))
		shared++;
	if (shared == n_head) {
		github_refuse(call, 404, "No common ancestor between the two.");
		return;
	}
	const char *status = n_ahead > 0 ? n_behind > 0 ? "diverged" : "ahead" : n_behind > 0 ? "behind" : "identical";
	size_t shown = n_ahead < COMPARE_COMMITS_MAX ? n_ahead : COMPARE_COMMITS_MAX;
	const char *url = github_repository_url(call, "/compare/%s", call->params[0]),
	           *page = github_web_url(call, "/compare/%s", call->params[0]);
	github_answer(call, 200,
	              json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:I, s:I, s:I, s:o, s:o}", "url", url, "html_url", page,
	                        "permalink_url", page, "diff_url", arena_printf(call->arena, "%s.diff", page), "patch_url",
	                        arena_printf(call->arena, "%s.patch", page), "base_commit",
	                        github_commit(call, base), "merge_base_commit", github_commit(call, to[shared]), "status",
	                        status, "ahead_by", (json_int_t)n_ahead, "behind_by", (json_int_t)n_behind,
	                        "total_commits", (json_int_t)n_ahead, "commits",
	                        list_of(call, ahead + (n_ahead - shown), shown), "files", files_of(call, ahead, n_ahead)));
}

void
github_handle_compare(struct github_call *call)
{
	const char *dots = strstr(call->params[0], "...");
	const json_t *base = NULL, *head = NULL;
	if (dots != NULL) {
		base = forge_commit(call->repository,
		                     arena_strndup(call->arena, call->params[0], (size_t)(dots - call->params[0])));
		head = forge_commit(call->repository, dots + 3);
	}
	if (base == NULL || head == NULL)
		github_not_found(call);
	else
		answer_compare(call, base, head);
}

/* ---- branches ---- */

static bool
is_protected(const struct github_call *call, const char *branch)
{
	return strcmp(branch, member_text(call->repository, "default_branch")) == 0;
}

static json_t *
contexts(void)
{
	json_t *list = json_array();
	for (size_t i = 0; i < github_n_required_contexts; i++)
		json_array_append_new(list, json_string(github_required_contexts[i]));
	return list;
}

static json_t *
checks(void)
{
	json_t *list = json_array();
	for (size_t i = 0; i < github_n_required_contexts; i++)
		json_array_append_new(list, json_pack("{s:s, s:n}", "context", github_required_contexts[i], "app_id"));
	return list;
}

void
github_handle_branches(struct github_call *call)
{
	json_t *list = json_array(), *sha;
	const char *name;
	json_object_foreach (json_object_get(call->repository, "branches"), name, sha)
		json_array_append_new(list, json_pack("{s:s, s:{s:O, s:s}, s:b}", "name", name, "commit", "sha", sha, "url",
		                                      github_repository_url(call, "/commits/%s", json_string_value(sha)),
		                                      "protected", is_protected(call, name)));
	github_answer_page(call, list, NULL);
}

void
github_handle_branch(struct github_call *call)
{
	const char *name = call->params[0];
	if (!forge_has_branch(call->repository, name)) {
		github_refuse(call, 404, "Branch not found");
		return;
	}
	bool is_guarded = is_protected(call, name);
	json_t *required = json_pack("{s:s, s:o, s:o}", "enforcement_level", is_guarded ? "non_admins" : "off", "contexts",
	                             is_guarded ? contexts() : json_array(), "checks", is_guarded ? checks() : json_array());
	github_answer(call, 200,
	              json_pack("{s:s, s:{s:s, s:s}, s:o, s:b, s:{s:b, s:o}, s:s}", "name", name, "_links", "self",
	                        github_repository_url(call, "/branches/%s", name), "html", github_web_url(call, "/tree/%s", name), "commit",
	                        github_commit(call, forge_commit(call->repository, name)), "protected", is_guarded,
	                        "protection", "enabled", is_guarded, "required_status_checks", required, "protection_url",
	                        github_repository_url(call, "/branches/%s/protection", name)));
}

static void
answer_required_checks(struct github_call *call, const char *url)
{
	github_answer(call, 200, json_pack("{s:s, s:b, s:o, s:s, s:o}", "url", url, "strict", 0, "contexts", contexts(),
	                                   "contexts_url", arena_printf(call->arena, "%s/contexts", url), "checks", checks()));
}

void
github_handle_required_checks(struct github_call *call)
{
	const char *name = call->params[0];
	if (!forge_has_branch(call->repository, name))
		github_refuse(call, 404, "Branch not found");
	else if (!is_protected(call, name))
		github_refuse(call, 404, "Branch not protected");
	else
		answer_required_checks(call, github_repository_url(call, "/branches/%s/protection/required_status_checks", name));
}

/* Rulesets are the newer kind of protection; this repository has none. */
void
github_handle_rules(struct github_call *call)
{
	github_answer(call, 200, json_array());
}
