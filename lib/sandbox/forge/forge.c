#include "sandbox/forge/forge.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/member.h"
#include "sandbox/forge/parts.h"

enum { SHA_BYTES = 20, SHA_DIGITS = 40, SHORT_DIGITS = 7, BUILDS_MAX = 500, NAME_MAX_BYTES = 200 };

/* ---- life, state ---- */

struct forge *
forge_new(const struct forge_options *options)
{
	struct forge *forge = calloc(1, sizeof *forge);
	if (forge == NULL || sodium_init() < 0)
		abort();
	*forge = (struct forge){.options = *options, .state = forge_seed(options->is_empty)};
	return forge;
}

void
forge_free(struct forge *forge)
{
	if (forge == NULL)
		return;
	json_decref(forge->state);
	free(forge);
}

json_t *
forge_snapshot(const struct forge *forge)
{
	return json_deep_copy(forge->state);
}

bool
forge_restore(struct forge *forge, const json_t *snapshot)
{
	if (snapshot != NULL && !json_is_object(json_object_get(snapshot, "repositories")))
		return false;
	json_decref(forge->state);
	forge->state = snapshot != NULL ? json_deep_copy(snapshot) : forge_seed(forge->options.is_empty);
	return true;
}

/* ---- looking ---- */

json_t *
forge_repositories(const struct forge *forge)
{
	return json_object_get(forge->state, "repositories");
}

json_t *
forge_repository(const struct forge *forge, const char *slug)
{
	return json_object_get(forge_repositories(forge), slug);
}

static const char *
branch_name(const char *ref)
{
	if (strncmp(ref, "refs/", 5) == 0)
		ref += 5;
	return strncmp(ref, "heads/", 6) == 0 ? ref + 6 : ref;
}

bool
forge_has_branch(const json_t *repository, const char *name)
{
	return json_object_get(json_object_get(repository, "branches"), name) != NULL;
}

static bool
is_hex(const char *text)
{
	return strspn(text, "0123456789abcdef") == strlen(text);
}

const json_t *
forge_commit(const json_t *repository, const char *ref)
{
	const json_t *commits = json_object_get(repository, "commits"), *found = NULL;
	const char *head = json_string_value(json_object_get(json_object_get(repository, "branches"), branch_name(ref)));
	const char *sha;
	json_t *commit;
	if (head != NULL || strlen(ref) == SHA_DIGITS)
		return json_object_get(commits, head != NULL ? head : ref);
	if (strlen(ref) < SHORT_DIGITS || !is_hex(ref))
		return NULL;
	json_object_foreach ((json_t *)(uintptr_t)commits, sha, commit) {
		if (strncmp(sha, ref, strlen(ref)) != 0)
			continue;
		if (found != NULL)
			return NULL; /* of several */
		found = commit;
	}
	return found;
}

static int
compare_dates(const void *a, const void *b)
{
	const json_t *const *first = a, *const *second = b;
	return strcmp(member_text(*second, "date"), member_text(*first, "date"));
}

/* Adds what is not in the list yet, and notes it in `seen`. */
static size_t
add_parents(const json_t *commits, const json_t *commit, json_t *seen, const json_t **list, size_t count)
{
	size_t i;
	const json_t *parent;
	json_array_foreach (json_object_get(commit, "parents"), i, parent) {
		const char *sha = json_string_value(parent);
		const json_t *found = json_object_get(commits, sha);
		if (found == NULL || json_object_get(seen, sha) != NULL)
			continue;
		json_object_set_new(seen, sha, json_true());
		list[count++] = found;
	}
	return count;
}

const json_t **
forge_history(const json_t *repository, const char *sha, struct arena *arena, size_t *ret_count)
{
	const json_t *commits = json_object_get(repository, "commits"), *first = json_object_get(commits, sha);
	const json_t **list = (const json_t **)arena_calloc(arena, json_object_size(commits) + 1, sizeof *list);
	json_t *seen = json_pack("{s:b}", sha, 1);
	size_t count = 0;
	if (first != NULL)
		list[count++] = first;
	for (size_t i = 0; i < count; i++)
		count = add_parents(commits, list[i], seen, list, count);
	json_decref(seen);
	qsort((void *)list, count, sizeof *list, compare_dates);
	*ret_count = count;
	return list;
}

const json_t *
forge_build_numbered(const json_t *repository, int64_t number)
{
	const json_t *build;
	size_t i;
	json_array_foreach (json_object_get(repository, "builds"), i, build)
		if (member_number(build, "number") == number)
			return build;
	return NULL;
}

/* ---- pushing ---- */

/* A name that the content gives, as git's does. */
static void
make_sha(const char *parent, const char *message, size_t serial, char ret[static SHA_DIGITS + 1])
{
	unsigned char digest[SHA_BYTES];
	scoped(buf_release) struct buf text = BUF_INIT(4096);
	buf_printf(&text, "%s %zu %s", parent, serial, message);
	crypto_generichash(digest, sizeof digest, (const unsigned char *)text.bytes, text.length, NULL, 0);
	sodium_bin2hex(ret, SHA_DIGITS + 1, digest, sizeof digest);
}

const json_t *
forge_push(json_t *repository, const char *branch, const char *sha, const char *message, const char *merged)
{
	json_t *commits = json_object_get(repository, "commits"), *branches = json_object_get(repository, "branches");
	const char *name = forge_has_branch(repository, branch) ? branch : member_text(repository, "default_branch");
	const char *parent = member_text(branches, name);
	char made[SHA_DIGITS + 1], date[CLOCK_TEXT_BYTES];
	make_sha(parent, message, json_object_size(commits), made);
	json_t *commit = json_pack("{s:s, s:[s], s:s, s:s, s:s, s:s, s:s, s:[s]}", "sha", sha != NULL ? sha : made,
	                           "parents", parent, "message", message, "name", "Ada Example", "email",
	                           "ada@sandbox.example", "login", "ada", "date", clock_format(clock_wall_ms(), date),
	                           "files", "src/checkout.py");
	if (merged != NULL)
		json_array_append_new(json_object_get(commit, "parents"), json_string(merged));
	json_object_set_new(commits, member_text(commit, "sha"), commit);
	json_object_set_new(branches, branch, json_string(member_text(commit, "sha")));
	return commit;
}

/* ---- building ---- */

void
forge_fail_builds(struct forge *forge, const char *app, unsigned count, bool is_on)
{
	if (is_on)
		json_object_set_new(forge->state, "failing",
		                    json_pack("{s:s, s:i}", "app", app != NULL ? app : "", "left", count > 0 ? (int)count : -1));
	else
		json_object_del(forge->state, "failing");
}

void
forge_list_broken(const struct forge *forge, json_t *list)
{
	const json_t *failing = json_object_get(forge->state, "failing");
	if (failing != NULL)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "cause", "build-fails", "namespace", "", "app",
		                                      member_text(failing, "app")));
}

/* Whether a build that begins fails for that, which counts. */
static bool
is_struck(struct forge *forge, const char *slug)
{
	json_t *failing = json_object_get(forge->state, "failing");
	const char *app = member_text(failing, "app"), *name = strrchr(slug, '/');
	json_int_t left = member_number(failing, "left");
	if (failing == NULL || (app[0] != '\0' && (name == NULL || strcmp(name + 1, app) != 0)))
		return false;
	if (left == 1)
		json_object_del(forge->state, "failing");
	else if (left > 0)
		json_object_set_new(failing, "left", json_integer(left - 1));
	return true;
}

static bool
check_order(const json_t *repository, const struct forge_order *order, struct error *err)
{
	if (repository == NULL)
		return error_set(err, ERROR_NOT_FOUND, "no repository is named \"%s\"", order->repository);
	if (order->commit == NULL || strlen(order->commit) != SHA_DIGITS || !is_hex(order->commit))
		return error_set(err, ERROR_USAGE, "a commit has %d hexadecimal digits", SHA_DIGITS);
	if (order->branch != NULL && (order->branch[0] == '\0' || strlen(order->branch) > NAME_MAX_BYTES))
		return error_set(err, ERROR_USAGE, "the name of a branch has 1 to %d bytes", NAME_MAX_BYTES);
	if (forge_commit(repository, order->commit) == NULL && forge_is_full(repository))
		return error_set(err, ERROR_USAGE, "the sandbox keeps no more than %d commits", FORGE_COMMITS_MAX);
	return (order->wait_ms >= 0 && order->run_ms >= 0) || error_set(err, ERROR_USAGE, "a duration is not negative");
}

bool
forge_build(struct forge *forge, const struct forge_order *order, const json_t **ret, struct error *err)
{
	json_t *repository = forge_repository(forge, order->repository), *builds = json_object_get(repository, "builds");
	if (!check_order(repository, order, err))
		return false;
	const char *branch = order->branch != NULL ? order->branch : member_text(repository, "default_branch");
	if (forge_commit(repository, order->commit) == NULL)
		forge_push(repository, branch, order->commit, "Try something", NULL);
	json_int_t now = clock_wall_ms(), number = member_number(forge->state, "last_build") + 1;
	json_t *build = json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:s}", "number", number, "sha", order->commit,
	                          "branch", branch, "event", "push", "created_ms", now, "started_ms",
	                          now + order->wait_ms, "finished_ms", now + order->wait_ms + order->run_ms, "fails",
	                          order->fails || is_struck(forge, order->repository), "status", "queued");
	if (json_array_size(builds) >= BUILDS_MAX)
		json_array_remove(builds, 0);
	json_array_append_new(builds, build);
	json_object_set_new(forge->state, "last_build", json_integer(number));
	*ret = build;
	return true;
}

static void
publish(struct forge *forge, const char *slug, const json_t *build)
{
	if (!json_is_true(json_object_get(build, "fails")) && forge->options.publish != NULL)
		forge->options.publish(forge->options.data, slug, member_text(build, "sha"));
}

void
forge_publish(struct forge *forge)
{
	const char *slug;
	json_t *repository, *build;
	size_t i;
	json_object_foreach (json_object_get(forge->state, "repositories"), slug, repository)
		json_array_foreach (json_object_get(repository, "builds"), i, build)
			publish(forge, slug, build);
}

/* Forward only: the clock of a sandbox that starts again may be behind the one it had. */
static void
settle_build(struct forge *forge, const char *slug, json_t *build, int64_t now_ms)
{
	const char *status = member_text(build, "status");
	if (strcmp(status, "completed") == 0)
		return;
	if (now_ms >= member_number(build, "finished_ms")) {
		json_object_set_new(build, "status", json_string("completed"));
		publish(forge, slug, build);
	} else if (now_ms >= member_number(build, "started_ms")) {
		json_object_set_new(build, "status", json_string("in_progress"));
	}
}

void
forge_settle(struct forge *forge)
{
	int64_t now_ms = clock_wall_ms();
	const char *slug;
	json_t *repository, *build;
	size_t i;
	json_object_foreach (json_object_get(forge->state, "repositories"), slug, repository)
		json_array_foreach (json_object_get(repository, "builds"), i, build)
			settle_build(forge, slug, build, now_ms);
}
