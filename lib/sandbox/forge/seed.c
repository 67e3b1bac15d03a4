/* The repository of the sample application, as if somebody had worked on it in January 2026.
 *
 * Its commits are real ones: their ids are those that git gives what stands here, so another text, name or
 * date is another id (tests/witness/github-git.sh compares them). */
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/forge/parts.h"

#define REPOSITORY_ID INT64_C(41296269001) /* GitHub's identifiers do not fit into 32 bits any more */

static const struct seed_commit {
	const char *sha, *parent, *branch, *message, *name, *email, *login, *date;
} commits[] = {
	{"32883ace84591ba9d89399648fcccf127b3d0eff", NULL, "main", "Sell things\n\nThe first release.", "Ada Example",
	 "ada@sandbox.example", "ada", "2026-01-12T09:14:05Z"},
	{"7e83b072231269eb4446ce955571d3bde2137c6e", "32883ace84591ba9d89399648fcccf127b3d0eff", "main",
	 "Read the address of the database from DATABASE_URL (#4)", "Grace Example", "grace@sandbox.example", "grace",
	 "2026-01-13T13:40:51Z"},
	{"0ce609639ef9354ea229b1946b7e2ec3a350e56b", "7e83b072231269eb4446ce955571d3bde2137c6e", "faster-checkout",
	 "Add up the cart once", "Grace Example", "grace@sandbox.example", "grace", "2026-01-14T08:02:33Z"},
	{"a2761926192884afb988d70e79bc075965799696", "7e83b072231269eb4446ce955571d3bde2137c6e", "main",
	 "Show prices with taxes \xc3\xbc" "ber alles (#6)", "Ada Example", "ada@sandbox.example", "ada",
	 "2026-01-15T16:27:19Z"},
};

/* What each commit writes. */
static const struct seed_file {
	size_t commit; /* index */
	const char *path, *text;
} files[] = {
	{0, "src/checkout.py", "def checkout(cart):\n\treturn sum(item.price for item in cart)\n"},
	{0, ".paas.yml", "name: checkout\nteam: payments\n"},
	{0, "fiaas.yml",
	 "version: 3\n"
	 "replicas:\n"
	 "  minimum: 2\n"
	 "  maximum: 5\n"
	 "ports:\n"
	 "- protocol: http\n"
	 "  name: http\n"
	 "  port: 80\n"
	 "  target_port: 8080\n"
	 "healthchecks:\n"
	 "  liveness:\n"
	 "    http: {path: /health}\n"
	 "  readiness:\n"
	 "    http: {path: /ready}\n"
	 "    initial_delay_seconds: 2\n"
	 "resources:\n"
	 "  requests: {cpu: 100m, memory: 128Mi}\n"
	 "  limits: {cpu: 200m, memory: 256Mi}\n"},
	{1, "src/settings.py", "import os\n\nDATABASE_URL = os.environ[\"DATABASE_URL\"]\n"},
	{2, "src/cart.py", "def total(cart):\n\treturn sum(item.price * item.count for item in cart)\n"},
	{3, "src/prices.py", "def with_taxes(price):\n\treturn price * 5 // 4\n"},
};

enum { SEED_WAIT_MS = 4000, SEED_RUN_MS = 95000 };

static json_t *
commit_of(size_t index)
{
	const struct seed_commit *seed = &commits[index];
	json_t *paths = json_array();
	for (size_t i = 0; i < array_length(files); i++)
		if (files[i].commit == index)
			json_array_append_new(paths, json_string(files[i].path));
	json_t *commit = json_pack("{s:s, s:[], s:s, s:s, s:s, s:s, s:s, s:o, s:b}", "sha", seed->sha, "parents", "message",
	                           seed->message, "name", seed->name, "email", seed->email, "login", seed->login,
	                           "date", seed->date, "files", paths, "in_git", 1);
	if (seed->parent != NULL)
		json_array_append_new(json_object_get(commit, "parents"), json_string(seed->parent));
	return commit;
}

static json_t *
build_of(const struct seed_commit *seed, size_t number)
{
	json_int_t created_ms = clock_parse_ms(seed->date) + 60000;
	bool is_pull = seed->branch[0] != 'm';
	return json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:s}", "number", (json_int_t)number, "sha", seed->sha,
	                 "branch", seed->branch, "event", is_pull ? "pull_request" : "push", "created_ms", created_ms,
	                 "started_ms", created_ms + SEED_WAIT_MS, "finished_ms", created_ms + SEED_WAIT_MS + SEED_RUN_MS,
	                 "fails", is_pull, "status", "completed");
}

json_t *
forge_seed(bool is_empty)
{
	json_t *all = json_object(), *branches = json_object(), *builds = json_array();
	if (is_empty) {
		json_decref(all);
		json_decref(branches);
		json_decref(builds);
		return json_pack("{s:{}, s:i}", "repositories", "last_build", 0);
	}
	for (size_t i = 0; i < array_length(commits); i++) {
		json_object_set_new(all, commits[i].sha, commit_of(i));
		json_object_set_new(branches, commits[i].branch, json_string(commits[i].sha));
		json_array_append_new(builds, build_of(&commits[i], i + 1));
	}
	json_t *repository = json_pack("{s:I, s:s, s:s, s:o, s:o, s:o}", "id", (json_int_t)REPOSITORY_ID, "slug",
	                               "payments/checkout", "default_branch", "main", "commits", all, "branches",
	                               branches, "builds", builds);
	return json_pack("{s:{s:o}, s:I}", "repositories", "payments/checkout", repository, "last_build",
	                 (json_int_t)array_length(commits));
}

/* ---- the same for git ---- */

static size_t
index_of(const char *sha)
{
	size_t i = 0;
	while (i < array_length(commits) && strcmp(commits[i].sha, sha) != 0)
		i++;
	return i;
}

static void
write_commit(const struct seed_commit *seed, struct buf *out)
{
	size_t index = index_of(seed->sha);
	long long date_s = clock_parse_ms(seed->date) / 1000;
	buf_printf(out, "commit refs/heads/%s\nmark :%zu\n", seed->branch, index + 1);
	buf_printf(out, "author %s <%s> %lld +0000\n", seed->name, seed->email, date_s);
	buf_printf(out, "committer %s <%s> %lld +0000\n", seed->name, seed->email, date_s);
	buf_printf(out, "data %zu\n%s\n\n", strlen(seed->message) + 1, seed->message);
	if (seed->parent != NULL)
		buf_printf(out, "from :%zu\n", index_of(seed->parent) + 1);
	for (size_t i = 0; i < array_length(files); i++)
		if (files[i].commit == index)
			buf_printf(out, "M 100644 inline %s\ndata %zu\n%s\n", files[i].path, strlen(files[i].text), files[i].text);
}

void
forge_seed_write(struct buf *out)
{
	for (size_t i = 0; i < array_length(commits); i++)
		write_commit(&commits[i], out);
	buf_add_text(out, "done\n");
}
