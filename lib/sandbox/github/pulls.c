/* The one pull request that a new sandbox has. */
#include <string.h>

#include "base/compiler.h"
#include "sandbox/github/parts.h"

const char *const github_required_contexts[] = {"build", "security/scan"};
const size_t github_n_required_contexts = array_length(github_required_contexts);

static const struct pull {
	int number;
	const char *title, *body, *head, *base, *author, *created;
} pulls[] = {
	{7, "Add up the cart once", "The total was computed for each line.\n\nCloses #5", "faster-checkout", "main", "grace",
	 "2026-01-14T08:05:00Z"},
};

static bool
is_there(const struct github_call *call, const struct pull *pull)
{
	return forge_has_branch(call->repository, pull->head) && forge_has_branch(call->repository, pull->base);
}

static const char *
head_of(const struct github_call *call, const char *branch)
{
	return member_text(forge_commit(call->repository, branch), "sha");
}

static json_int_t
pull_id(const struct pull *pull)
{
	return INT64_C(6100000000) + pull->number;
}

/* As runs and checks have it. */
static json_t *
short_end_of(const struct github_call *call, const char *branch)
{
	return json_pack("{s:s, s:s, s:{s:I, s:s, s:s}}", "ref", branch, "sha", head_of(call, branch), "repo", "id",
	                 (json_int_t)member_number(call->repository, "id"), "url", github_repository_url(call, "%s", ""),
	                 "name", strchr(call->slug, '/') + 1);
}

static json_t *
end_of(const struct github_call *call, const char *branch)
{
	const char *owner = arena_strndup(call->arena, call->slug, strcspn(call->slug, "/"));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "label", arena_printf(call->arena, "%s:%s", owner, branch), "ref", branch,
	                 "sha", head_of(call, branch), "user", github_user(call, owner), "repo", github_whole_repository(call));
}

/* Where else there is something of it. */
static void
add_addresses(const struct github_call *call, json_t *answer, const struct pull *pull)
{
	const char *of = github_repository_url(call, "/pulls/%d", pull->number),
	           *page = github_web_url(call, "/pull/%d", pull->number),
	           *issue = github_repository_url(call, "/issues/%d", pull->number),
	           *statuses = github_repository_url(call, "/statuses/%s", head_of(call, pull->head));
	const struct {
		const char *name, *base, *rest;
	} addresses[] = {
		{"self", of, ""}, {"html", page, ""}, {"issue", issue, ""}, {"comments", issue, "/comments"},
		{"review_comments", of, "/comments"}, {"review_comment", of, "/comments{/number}"}, {"commits", of, "/commits"},
		{"statuses", statuses, ""}, {"diff", page, ".diff"}, {"patch", page, ".patch"},
	};
	json_t *links = json_object();
	for (size_t i = 0; i < array_length(addresses); i++) {
		const char *url = arena_printf(call->arena, "%s%s", addresses[i].base, addresses[i].rest);
		json_object_set_new(links, addresses[i].name, json_pack("{s:s}", "href", url));
		json_object_set_new(answer, arena_printf(call->arena, "%s_url", addresses[i].name), json_string(url));
	}
	json_object_del(answer, "self_url");
	json_object_set_new(answer, "url", json_string(of));
	json_object_set_new(answer, "_links", links);
}

/* As a list has it: without what is computed. */
static json_t *
pull_in_list(const struct github_call *call, const struct pull *pull)
{
	static const char *const unknown[] = {"closed_at", "merged_at", "merge_commit_sha", "assignee", "milestone", "auto_merge",
	                                      "active_lock_reason"};
	static const char *const empty[] = {"labels", "assignees", "requested_reviewers", "requested_teams"};
	json_t *answer = json_pack("{s:I, s:s, s:i, s:s, s:b, s:s, s:s, s:o, s:b, s:s, s:s, s:s, s:o, s:o}", "id", pull_id(pull),
	                           "node_id", arena_printf(call->arena, "PR_%d", pull->number), "number", pull->number, "state",
	                           "open", "locked", 0, "title", pull->title, "body", pull->body, "user",
	                           github_user(call, pull->author), "draft", 0, "created_at", pull->created, "updated_at",
	                           pull->created, "author_association", "MEMBER", "head", end_of(call, pull->head), "base",
	                           end_of(call, pull->base));
	for (size_t i = 0; i < array_length(unknown); i++)
		json_object_set_new(answer, unknown[i], json_null());
	for (size_t i = 0; i < array_length(empty); i++)
		json_object_set_new(answer, empty[i], json_array());
	add_addresses(call, answer, pull);
	return answer;
}

/* "owner:branch"; GitHub ignores one without an owner. */
static bool
is_head_asked_for(const struct github_call *call, const struct pull *pull)
{
	const char *asked = web_query(call->request, "head"), *colon = asked != NULL ? strchr(asked, ':') : NULL;
	return colon == NULL || (strncmp(asked, call->slug, (size_t)(colon - asked)) == 0 &&
	                         call->slug[colon - asked] == '/' && strcmp(colon + 1, pull->head) == 0);
}

void
github_handle_pulls(struct github_call *call)
{
	json_t *list = json_array();
	const char *state = web_query(call->request, "state");
	bool wants_open = state == NULL || strcmp(state, "open") == 0 || strcmp(state, "all") == 0;
	for (size_t i = 0; i < array_length(pulls); i++)
		if (wants_open && is_there(call, &pulls[i]) && is_head_asked_for(call, &pulls[i]) &&
		    github_is_asked_for(call, "base", pulls[i].base))
			json_array_append_new(list, pull_in_list(call, &pulls[i]));
	github_answer_page(call, list, NULL);
}

static const struct pull *
find_pull(struct github_call *call)
{
	for (size_t i = 0; i < array_length(pulls); i++)
		if (pulls[i].number == github_param_number(call, 0) && is_there(call, &pulls[i]))
			return &pulls[i];
	github_not_found(call);
	return NULL;
}

/* Blocked until what is required is green. */
static const char *
mergeable_state(const struct github_call *call, const struct pull *pull)
{
	json_t *states = github_contexts(call, head_of(call, pull->head));
	const char *state = "clean";
	for (size_t i = 0; i < github_n_required_contexts; i++)
		if (strcmp(member_text(states, github_required_contexts[i]), "success") != 0)
			state = "blocked";
	json_decref(states);
	return state;
}

void
github_handle_pull(struct github_call *call)
{
	const struct pull *pull = find_pull(call);
	if (pull == NULL)
		return;
	json_t *answer = pull_in_list(call, pull);
	json_t *computed = json_pack("{s:b, s:b, s:b, s:s, s:n, s:i, s:i, s:i, s:i, s:i, s:i}", "merged", 0, "mergeable", 1, "maintainer_can_modify", 0,
	                             "mergeable_state", mergeable_state(call, pull), "merged_by", "comments", 0, "review_comments", 0, "commits", 1,
	                             "additions", 3, "deletions", 1, "changed_files", 1);
	json_object_update(answer, computed);
	json_decref(computed);
	github_answer(call, 200, answer);
}

void
github_handle_pull_commits(struct github_call *call)
{
	const struct pull *pull = find_pull(call);
	if (pull != NULL)
		github_answer_page(call, json_pack("[o]", github_commit(call, forge_commit(call->repository, pull->head))), NULL);
}

json_t *
github_pulls_of(const struct github_call *call, const char *sha)
{
	json_t *list = json_array();
	for (size_t i = 0; i < array_length(pulls); i++) {
		const struct pull *pull = &pulls[i];
		if (!is_there(call, pull) || strcmp(head_of(call, pull->head), sha) != 0)
			continue;
		json_array_append_new(list, json_pack("{s:I, s:i, s:s, s:o, s:o}", "id", pull_id(pull), "number", pull->number,
		                                      "url", github_repository_url(call, "/pulls/%d", pull->number), "head",
		                                      short_end_of(call, pull->head), "base", short_end_of(call, pull->base)));
	}
	return list;
}
