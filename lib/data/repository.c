#include "data/repository.h"

#include <git2.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/library.h"

enum { TITLE_MAX_BYTES = 4096 };

/* ---- libgit2 ---- */

#define FUNCTIONS(_) \
	_(libgit2_init) _(libgit2_shutdown) _(error_last) _(repository_open_ext) _(repository_free) _(repository_workdir) \
	_(repository_head) _(repository_head_detached) _(reference_free) _(reference_peel) \
	_(reference_shorthand) _(object_free) _(object_id) _(commit_summary) _(oid_tostr) \
	_(repository_config_snapshot) _(config_get_string) _(config_free) _(status_list_new) _(status_list_entrycount) \
	_(status_list_free) _(status_options_init) _(revwalk_new) _(revwalk_push_head) \
	_(revwalk_hide_glob) _(revwalk_push) _(revwalk_hide) _(oid_fromstr) \
	_(commit_lookup) _(revwalk_next) _(revwalk_free)

static struct {
#define _(name) __typeof__(git_##name) *name;
	FUNCTIONS(_)
#undef _
	bool is_loaded;
} git;

static bool
load(struct error *err)
{
	static const struct library_symbol symbols[] = {
#define _(name) LIBRARY_SYMBOL(git_##name, git.name),
		FUNCTIONS(_)
#undef _
	};
	if (git.is_loaded)
		return true;
	if (!library_load(LIBRARY_GIT2, symbols, array_length(symbols), err))
		return false;
	git.is_loaded = true;
	return true;
}

static const char *
last_message(void)
{
	const git_error *error = git.error_last();
	return error && error->message ? error->message : "no reason given";
}

static void
release_repository(git_repository **handle)
{
	if (*handle)
		git.repository_free(*handle);
}

static void
release_reference(git_reference **handle)
{
	if (*handle)
		git.reference_free(*handle);
}

static void
release_object(git_object **handle)
{
	if (*handle)
		git.object_free(*handle);
}

static void
release_config(git_config **handle)
{
	if (*handle)
		git.config_free(*handle);
}

static void
release_status(git_status_list **handle)
{
	if (*handle)
		git.status_list_free(*handle);
}

static void
release_walk(git_revwalk **handle)
{
	if (*handle)
		git.revwalk_free(*handle);
}

/* ---- remote URLs ---- */

const char *
repository_clean_url(const char *url, struct arena *arena)
{
	const char *scheme = strstr(url, "://");
	if (!scheme)
		return arena_strdup(arena, url);
	const char *host = scheme + 3, *end = host + strcspn(host, "/?#"), *at = NULL;
	for (const char *c = host; c < end; c++)
		if (*c == '@')
			at = c;
	return at ? arena_printf(arena, "%.*s%s", (int)(host - url), url, at + 1) : arena_strdup(arena, url);
}

void
repository_split_url(const char *url, struct arena *arena, const char **ret_owner, const char **ret_name)
{
	*ret_owner = *ret_name = NULL;
	size_t length = strlen(url);
	while (length && url[length - 1] == '/')
		length--;
	if (length > 4 && strncmp(url + length - 4, ".git", 4) == 0)
		length -= 4;
	size_t name = length;
	while (name && !strchr("/:", url[name - 1]))
		name--;
	if (!name || name == length)
		return;
	*ret_name = arena_strndup(arena, url + name, length - name);
	size_t owner_end = name - 1, owner = owner_end;
	while (owner && !strchr("/:", url[owner - 1]))
		owner--;
	if (owner && owner < owner_end)
		*ret_owner = arena_strndup(arena, url + owner, owner_end - owner);
}

/* ---- reading ---- */

/* The first line of its message, in which a byte that is no UTF-8, as old commits have, is "\xff": JSON would refuse it. */
static const char *
title_of(git_commit *commit, struct arena *arena)
{
	const char *summary = git.commit_summary(commit);
	json_t *text = json_string(summary);
	if (summary == NULL || text != NULL) {
		json_decref(text);
		return arena_strdup(arena, summary);
	}
	scoped(buf_release) struct buf escaped = BUF_INIT(TITLE_MAX_BYTES);
	for (const char *at = summary; *at != '\0'; at++)
		buf_printf(&escaped, (unsigned char)*at < 0x80 ? "%c" : "\\x%02x", (unsigned char)*at);
	return arena_strdup(arena, escaped.bytes);
}

static void
read_head(git_repository *handle, struct repository *repository, struct arena *arena)
{
	scoped(release_reference) git_reference *head = NULL;
	scoped(release_object) git_object *commit = NULL;
	char digits[GIT_OID_HEXSZ + 1];
	if (git.repository_head(&head, handle) != 0)
		return;
	if (git.repository_head_detached(handle) == 0)
		repository->branch = arena_strdup(arena, git.reference_shorthand(head));
	if (git.reference_peel(&commit, head, GIT_OBJECT_COMMIT) != 0)
		return;
	repository->commit = arena_strdup(arena, git.oid_tostr(digits, sizeof(digits), git.object_id(commit)));
	repository->commit_title = title_of((git_commit *)commit, arena);
}

/* From the configuration: git_remote_lookup of libgit2 1.5 leaks memory for each remote. */
static void
read_remote(git_repository *handle, struct repository *repository, struct arena *arena)
{
	scoped(release_config) git_config *config = NULL;
	const char *url;
	if (git.repository_config_snapshot(&config, handle) != 0 ||
	    git.config_get_string(&url, config, "remote.origin.url") != 0)
		return;
	repository->remote_url = repository_clean_url(url, arena);
	repository_split_url(repository->remote_url, arena, &repository->remote_owner, &repository->remote_name);
}

static bool
count_changes(git_repository *handle, struct repository *repository, struct error *err)
{
	scoped(release_status) git_status_list *list = NULL;
	git_status_options options;
	git.status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
	options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
	options.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
	if (git.status_list_new(&list, handle, &options) != 0)
		return error_set(err, ERROR_INVALID_FILE, "comparing files with the commit: %s", last_message());
	repository->n_changed = git.status_list_entrycount(list);
	return true;
}

static bool
count_unpushed(git_repository *handle, struct repository *repository, struct error *err)
{
	scoped(release_walk) git_revwalk *walk = NULL;
	git_oid commit;
	if (!repository->commit)
		return true;
	if (git.revwalk_new(&walk, handle) != 0 || git.revwalk_push_head(walk) != 0 ||
	    git.revwalk_hide_glob(walk, "refs/remotes/*") != 0)
		return error_set(err, ERROR_INVALID_FILE, "walking the commits: %s", last_message());
	while (repository->n_unpushed < REPOSITORY_UNPUSHED_MAX && git.revwalk_next(&commit, walk) == 0)
		repository->n_unpushed++;
	return true;
}

static bool
open_handle(const char *folder, git_repository **ret, struct error *err)
{
	int status = git.repository_open_ext(ret, folder, 0, NULL);
	if (status == GIT_ENOTFOUND)
		return error_set(err, ERROR_NOT_FOUND, "%s is not inside a git repository", folder);
	if (status == GIT_EOWNER) {
		(void)error_set(err, ERROR_INVALID_FILE, "the git repository belongs to somebody else");
		return error_next(err, "git config --global --add safe.directory '%s'", folder);
	}
	return status == 0 || error_set(err, ERROR_INVALID_FILE, "opening the git repository: %s", last_message());
}

static bool
read_all(const char *folder, bool counts, struct repository *repository, struct arena *arena, struct error *err)
{
	scoped(release_repository) git_repository *handle = NULL;
	if (!open_handle(folder, &handle, err))
		return false;
	const char *root = git.repository_workdir(handle);
	if (!root)
		return error_set(err, ERROR_INVALID_FILE, "the git repository has no work tree");
	size_t length = strlen(root);
	repository->root = arena_strndup(arena, root, length > 1 ? length - 1 : length);
	read_head(handle, repository, arena);
	read_remote(handle, repository, arena);
	if (counts && !(count_changes(handle, repository, err) && count_unpushed(handle, repository, err)))
		return error_doing(err, "reading the git repository %s", repository->root);
	return true;
}

static bool
read_repository(const char *folder, bool counts, struct arena *arena, const struct repository **ret, struct error *err)
{
	struct repository *repository = arena_new(arena, struct repository);
	if (!load(err))
		return false;
	git.libgit2_init();
	bool ok = read_all(folder, counts, repository, arena, err);
	git.libgit2_shutdown();
	if (ok)
		*ret = repository;
	return ok;
}

bool
repository_read(const char *folder, struct arena *arena, const struct repository **ret, struct error *err)
{
	return read_repository(folder, true, arena, ret, err);
}

bool
repository_read_head(const char *folder, struct arena *arena, const struct repository **ret, struct error *err)
{
	return read_repository(folder, false, arena, ret, err);
}

/* ---- what lies between two commits ---- */

static bool
begin_walk(git_repository *handle, const char *from, const char *to, git_revwalk **ret, struct error *err)
{
	git_oid first, last;
	if (git.oid_fromstr(&first, from) != 0 || git.oid_fromstr(&last, to) != 0)
		return error_set(err, ERROR_NOT_FOUND, "\"%s\" or \"%s\" is no commit", from, to);
	if (git.revwalk_new(ret, handle) != 0 || git.revwalk_push(*ret, &last) != 0 ||
	    git.revwalk_hide(*ret, &first) != 0)
		return error_set(err, ERROR_NOT_FOUND, "the commits from %s to %s are not here: %s", from, to, last_message());
	return true;
}

static void
read_commit(git_repository *handle, const git_oid *id, struct repository_commit *ret, struct arena *arena)
{
	scoped(release_object) git_object *object = NULL;
	char digits[GIT_OID_HEXSZ + 1];
	ret->commit = arena_strdup(arena, git.oid_tostr(digits, sizeof(digits), id));
	if (git.commit_lookup((git_commit **)&object, handle, id) == 0)
		ret->title = title_of((git_commit *)object, arena);
}

static bool
walk_between(const char *folder, const char *from, const char *to, size_t max, struct arena *arena,
             struct repository_commit *commits, size_t *ret_count, struct error *err)
{
	scoped(release_repository) git_repository *handle = NULL;
	scoped(release_walk) git_revwalk *walk = NULL;
	git_oid id;
	if (!open_handle(folder, &handle, err) || !begin_walk(handle, from, to, &walk, err))
		return false;
	*ret_count = 0;
	while (*ret_count < max && git.revwalk_next(&id, walk) == 0)
		read_commit(handle, &id, &commits[(*ret_count)++], arena);
	return true;
}

bool
repository_commits(const char *folder, const char *from, const char *to, size_t max, struct arena *arena,
                   struct repository_commit **ret, size_t *ret_count, struct error *err)
{
	struct repository_commit *commits = arena_array(arena, struct repository_commit, max + 1);
	if (!load(err))
		return false;
	git.libgit2_init();
	bool ok = walk_between(folder, from, to, max, arena, commits, ret_count, err);
	git.libgit2_shutdown();
	*ret = commits;
	return ok;
}
