/* Users, repositories and commits, which many answers hold, with all the members that GitHub's description demands. */
#include <string.h>

#include "base/compiler.h"
#include "sandbox/github/parts.h"

/* "NAME_url" and what stands behind the address of the thing itself; some are templates (RFC 6570). */
struct address {
	const char *name, *rest;
};

static void
add_addresses(json_t *object, const char *base, const struct address *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char member[40];
		snprintf(member, sizeof member, "%s_url", list[i].name);
		json_object_set_new(object, member, json_sprintf("%s%s", base, list[i].rest));
	}
}

/* ---- users ---- */

static const struct person {
	const char *login, *name;
	int id;
} people[] = {{"ada", "Ada Example", 1001}, {"grace", "Grace Example", 1002}, {"payments", "Payments", 2001}};

static const struct address user_addresses[] = {
	{"followers", "/followers"}, {"following", "/following{/other_user}"}, {"gists", "/gists{/gist_id}"},
	{"starred", "/starred{/owner}{/repo}"}, {"subscriptions", "/subscriptions"}, {"organizations", "/orgs"},
	{"repos", "/repos"}, {"events", "/events{/privacy}"}, {"received_events", "/received_events"},
};

static const struct person *
find_person(const char *login)
{
	for (size_t i = 0; i < array_length(people); i++)
		if (strcmp(people[i].login, login) == 0)
			return &people[i];
	return &people[0];
}

json_t *
github_user(const struct github_call *call, const char *login)
{
	int id = find_person(login)->id;
	const char *url = github_api_url(call, "/users/%s", login), *origin = call->github->origin;
	json_t *user = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "login", login, "id", id, "node_id",
	                         arena_printf(call->arena, "U_%d", id), "avatar_url",
	                         arena_printf(call->arena, "%s/avatars/u/%d", origin, id), "gravatar_id", "", "url", url,
	                         "html_url", arena_printf(call->arena, "%s/%s", origin, login), "type", "User",
	                         "site_admin", 0);
	add_addresses(user, url, user_addresses, array_length(user_addresses));
	return user;
}

void
github_handle_user(struct github_call *call)
{
	static const char *const unknown[] = {"company", "location", "hireable", "bio"};
	static const char *const counts[] = {"public_repos", "public_gists", "followers", "following", "private_gists",
	                                     "total_private_repos", "owned_private_repos", "disk_usage", "collaborators"};
	const struct person *ada = &people[0];
	json_t *user = github_user(call, ada->login);
	json_t *more = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", ada->name, "email", "ada@sandbox.example", "blog", "",
	                         "created_at", "2026-01-02T08:00:00Z", "updated_at", "2026-01-02T08:00:00Z",
	                         "two_factor_authentication", 1);
	json_object_update(user, more);
	json_decref(more);
	for (size_t i = 0; i < array_length(unknown); i++)
		json_object_set_new(user, unknown[i], json_null());
	for (size_t i = 0; i < array_length(counts); i++)
		json_object_set_new(user, counts[i], json_integer(0));
	github_answer(call, 200, user);
}

/* ---- the repository ---- */

static const struct address repository_addresses[] = {
	{"archive", "/{archive_format}{/ref}"}, {"assignees", "/assignees{/user}"}, {"blobs", "/git/blobs{/sha}"},
	{"branches", "/branches{/branch}"}, {"collaborators", "/collaborators{/collaborator}"},
	{"comments", "/comments{/number}"}, {"commits", "/commits{/sha}"}, {"compare", "/compare/{base}...{head}"},
	{"contents", "/contents/{+path}"}, {"contributors", "/contributors"}, {"deployments", "/deployments"},
	{"downloads", "/downloads"}, {"events", "/events"}, {"forks", "/forks"}, {"git_commits", "/git/commits{/sha}"},
	{"git_refs", "/git/refs{/sha}"}, {"git_tags", "/git/tags{/sha}"}, {"hooks", "/hooks"},
	{"issue_comment", "/issues/comments{/number}"}, {"issue_events", "/issues/events{/number}"},
	{"issues", "/issues{/number}"}, {"keys", "/keys{/key_id}"}, {"labels", "/labels{/name}"}, {"languages", "/languages"},
	{"merges", "/merges"}, {"milestones", "/milestones{/number}"},
	{"notifications", "/notifications{?since,all,participating}"}, {"pulls", "/pulls{/number}"},
	{"releases", "/releases{/id}"}, {"stargazers", "/stargazers"}, {"statuses", "/statuses/{sha}"},
	{"subscribers", "/subscribers"}, {"subscription", "/subscription"}, {"tags", "/tags"}, {"teams", "/teams"},
	{"trees", "/git/trees{/sha}"},
};

json_t *
github_repository(const struct github_call *call)
{
	const char *name = strchr(call->slug, '/') + 1, *url = github_repository_url(call, "%s", "");
	long long id = member_number(call->repository, "id");
	json_t *owner = github_user(call, arena_strndup(call->arena, call->slug, (size_t)(name - 1 - call->slug)));
	json_object_set_new(owner, "type", json_string("Organization"));
	json_t *repository = json_pack("{s:I, s:s, s:s, s:s, s:o, s:b, s:s, s:b, s:s, s:s, s:s}", "id", (json_int_t)id,
	                               "node_id", arena_printf(call->arena, "R_%lld", id), "name", name, "full_name",
	                               call->slug, "owner", owner, "private", 1, "html_url",
	                               github_web_url(call, "%s", ""), "fork", 0, "url", url, "default_branch",
	                               member_text(call->repository, "default_branch"), "description",
	                               "The sample application");
	add_addresses(repository, url, repository_addresses, array_length(repository_addresses));
	return repository;
}

static void
add_flags(json_t *repository)
{
	static const struct {
		const char *name;
		bool value;
	} flags[] = {
		{"archived", false}, {"disabled", false}, {"has_issues", true}, {"has_projects", false}, {"has_wiki", false},
		{"has_pages", false}, {"has_downloads", false}, {"has_discussions", false}, {"allow_squash_merge", true},
		{"allow_merge_commit", true}, {"allow_rebase_merge", true}, {"allow_auto_merge", false},
		{"allow_update_branch", false}, {"delete_branch_on_merge", true}, {"is_template", false},
	};
	for (size_t i = 0; i < array_length(flags); i++)
		json_object_set_new(repository, flags[i].name, json_boolean(flags[i].value));
}

json_t *
github_whole_repository(const struct github_call *call)
{
	static const char *const counts[] = {"forks", "forks_count", "open_issues", "open_issues_count", "stargazers_count",
	                                     "watchers", "watchers_count", "network_count", "subscribers_count", "size"};
	static const char *const unknown[] = {"homepage", "language", "license", "mirror_url"};
	static const struct address addresses[] = {{"clone", ".git"}, {"svn", ""}, {"ssh", ".git"}, {"git", ".git"}};
	json_t *repository = github_repository(call);
	json_t *more = json_pack("{s:s, s:s, s:s, s:s, s:[], s:{s:b, s:b, s:b, s:b, s:b}}", "visibility", "private", "created_at",
	                         "2026-01-12T09:00:00Z", "updated_at", "2026-01-15T16:27:19Z", "pushed_at",
	                         "2026-01-15T16:27:19Z", "topics", "permissions", "admin", 0, "maintain", 0, "push", 1,
	                         "triage", 1, "pull", 1);
	json_object_update(repository, more);
	json_decref(more);
	add_flags(repository);
	add_addresses(repository, github_web_url(call, "%s", ""), addresses, array_length(addresses));
	for (size_t i = 0; i < array_length(counts); i++)
		json_object_set_new(repository, counts[i], json_integer(0));
	for (size_t i = 0; i < array_length(unknown); i++)
		json_object_set_new(repository, unknown[i], json_null());
	return repository;
}

void
github_handle_repository(struct github_call *call)
{
	github_answer(call, 200, github_whole_repository(call));
}

/* ---- commits ---- */

static json_t *
identity(const json_t *commit)
{
	return json_pack("{s:s, s:s, s:s}", "name", member_text(commit, "name"), "email", member_text(commit, "email"), "date",
	                 member_text(commit, "date"));
}

static json_t *
parents_of(const struct github_call *call, const json_t *commit)
{
	json_t *parents = json_array();
	const json_t *parent;
	size_t i;
	json_array_foreach (json_object_get(commit, "parents"), i, parent) {
		const char *of = json_string_value(parent);
		json_array_append_new(parents, json_pack("{s:s, s:s, s:s}", "sha", of, "url",
		                                         github_repository_url(call, "/commits/%s", of), "html_url",
		                                         github_web_url(call, "/commit/%s", of)));
	}
	return parents;
}

json_t *
github_commit(const struct github_call *call, const json_t *commit)
{
	const char *sha = member_text(commit, "sha"), *login = member_text(commit, "login");
	json_t *git = json_pack("{s:o, s:o, s:s, s:{s:s, s:s}, s:s, s:i}", "author", identity(commit), "committer",
	                        identity(commit), "message", member_text(commit, "message"), "tree", "sha", sha, "url",
	                        github_repository_url(call, "/git/trees/%s", sha), "url",
	                        github_repository_url(call, "/git/commits/%s", sha), "comment_count", 0);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:o}", "sha", sha, "node_id",
	                 arena_printf(call->arena, "C_%.12s", sha), "commit", git, "url",
	                 github_repository_url(call, "/commits/%s", sha), "html_url", github_web_url(call, "/commit/%s", sha),
	                 "comments_url", github_repository_url(call, "/commits/%s/comments", sha), "author",
	                 github_user(call, login), "committer", github_user(call, login), "parents", parents_of(call, commit));
}
