/* A bare repository and the forge's idea of it: which branches git has to have, and what a push brought. */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/file.h"
#include "sandbox/git/parts.h"
#include "sandbox/member.h"

enum { SHA_DIGITS = 40, INPUT_MAX = 1024 * 1024, COMMIT_LINES = 5, BUILD_WAIT_MS = 2000, BUILD_RUN_MS = 10000 };

const char *
git_server_repository_path(const struct git_server *git, const char *slug, struct arena *arena)
{
	return arena_printf(arena, "%s/git/%s.git", git->options.folder, slug);
}

/* Cuts the next piece off, which ends at `end`; NULL when nothing is left. */
static char *
next_piece(char **rest, const char *end, char separator)
{
	char *piece = *rest;
	if (piece >= end)
		return NULL;
	char *stop = memchr(piece, separator, (size_t)(end - piece));
	if (stop == NULL)
		stop = (char *)(uintptr_t)end;
	*stop = '\0';
	*rest = stop + 1;
	return piece;
}

/* ---- what git has ---- */

/* {branch: SHA}, new reference. */
static bool
read_branches(const struct git_server *git, const char *path, json_t **ret, struct error *err)
{
	scoped(process_release) struct process_result result = {0};
	const char *words[] = {"-C", path, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)",
	                                      "refs/heads", NULL};
	if (!git_server_do(git, &(struct git_server_call){.words = words}, &result, err))
		return false;
	json_t *branches = json_object();
	char *rest = result.output.bytes, *line;
	while ((line = next_piece(&rest, result.output.bytes + result.output.length, '\n')) != NULL) {
		if (strlen(line) <= SHA_DIGITS)
			continue;
		line[SHA_DIGITS] = '\0';
		json_object_set_new(branches, line + SHA_DIGITS + 1, json_string(line));
	}
	*ret = branches;
	return true;
}

/* ---- the forge's state into git ---- */

/* Commands for update-ref: first what goes, as "a" has to be gone before "a/b" can be there. */
static void
write_changes(const json_t *repository, json_t *present, struct buf *out)
{
	const char *name;
	json_t *sha;
	buf_add_text(out, "start\n");
	json_object_foreach (present, name, sha)
		if (!forge_has_branch(repository, name))
			buf_printf(out, "delete refs/heads/%s\n", name);
	buf_add_text(out, "commit\nstart\n");
	json_object_foreach (json_object_get(repository, "branches"), name, sha)
		if (forge_git_head(repository, name) != NULL &&
		    (forge_is_in_git(repository, json_string_value(sha)) || json_object_get(present, name) != NULL))
			buf_printf(out, "update refs/heads/%s %s\n", name, forge_git_head(repository, name));
	buf_add_text(out, "commit\n");
}

static bool
follow(const struct git_server *git, const char *path, const json_t *repository, struct error *err)
{
	scoped(process_release) struct process_result imported = {0}, updated = {0};
	scoped(buf_release) struct buf input = BUF_INIT(INPUT_MAX), changes = BUF_INIT(INPUT_MAX);
	const char *import[] = {"-C", path, "fast-import", "--quiet", "--done", "--force", NULL},
	           *update[] = {"-C", path, "update-ref", "--stdin", NULL};
	json_t *present;
	forge_seed_write(&input);
	if (!git_server_do(git, &(struct git_server_call){.words = import, .input = input.bytes, .input_length = input.length},
	                   &imported, err) ||
	    !read_branches(git, path, &present, err))
		return false;
	write_changes(repository, present, &changes);
	json_decref(present);
	return git_server_do(git, &(struct git_server_call){.words = update, .input = changes.bytes, .input_length = changes.length},
	                     &updated, err);
}

static bool
make_repository(const struct git_server *git, const char *path, const json_t *repository, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(process_release) struct process_result result = {0};
	const char *branch = arena_printf(&arena, "--initial-branch=%s", member_text(repository, "default_branch")),
	           *words[] = {"init", "--quiet", "--bare", "--template=", branch, path, NULL};
	return file_exists(arena_printf(&arena, "%s/HEAD", path)) ||
	       (file_make_folder(path, err) && git_server_do(git, &(struct git_server_call){.words = words}, &result, err));
}

bool
git_server_repository_prepare(struct git_server *git, const char *slug, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	const char *path = git_server_repository_path(git, slug, &arena);
	if (!git->is_behind && file_exists(path))
		return true;
	json_t *repository = json_incref(forge_repository(git->options.forge, slug)); /* a restore may happen meanwhile */
	if (repository == NULL)
		return error_set(err, ERROR_FAILED, "the repository is gone");
	git->is_behind = false;
	bool is_fine = make_repository(git, path, repository, err) && follow(git, path, repository, err);
	git->is_behind = git->is_behind || !is_fine;
	json_decref(repository);
	return is_fine;
}

/* ---- what was pushed into the forge ---- */

/* Text of the world's as JSON's, which has to be UTF-8. */
static json_t *
text_of(const char *text)
{
	json_t *value = json_string(text);
	return value != NULL ? value : json_string("(no UTF-8)");
}

/* "a b" → ["a", "b"], one a line or a word. */
static json_t *
list_of(char *text, char separator)
{
	json_t *list = json_array();
	char *rest = text, *piece, *end = text + strlen(text);
	while ((piece = next_piece(&rest, end, separator)) != NULL)
		if (piece[0] != '\0')
			json_array_append_new(list, text_of(piece));
	return list;
}

/* Someone whom GitHub does not know stands for whose token pushed. */
static const char *
login_of(const char *email)
{
	return strcmp(email, "grace@sandbox.example") == 0 ? "grace" : "ada";
}

/* Five lines, then the message; and the files, one a line. */
static json_t *
commit_of(char *record, char *files)
{
	char *lines[COMMIT_LINES], *rest = record, *end = record + strlen(record);
	for (size_t i = 0; i < COMMIT_LINES; i++)
		if ((lines[i] = next_piece(&rest, end, '\n')) == NULL)
			return NULL;
	if (rest > end)
		rest = end;
	while (end > rest && end[-1] == '\n')
		*--end = '\0';
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:b}", "sha", lines[0], "parents", list_of(lines[1], ' '),
	                 "message", text_of(rest), "name", text_of(lines[2]), "email", text_of(lines[3]), "login",
	                 login_of(lines[3]), "date", lines[4], "files", list_of(files, '\n'), "in_git", 1);
}

/* Newest first; the forge keeps what fits. */
static void
add_commits(json_t *repository, struct buf *log)
{
	char *rest = log->bytes, *record, *files, *end = log->bytes + log->length;
	next_piece(&rest, end, '\0'); /* each record is between two NULs, its files follow */
	while ((record = next_piece(&rest, end, '\0')) != NULL) {
		files = next_piece(&rest, end, '\0');
		json_t *commit = files != NULL ? commit_of(record, files) : NULL;
		if (commit != NULL)
			forge_add_commit(repository, commit);
	}
}

static bool
read_commits(const struct git_server *git, const char *path, json_t *repository, const json_t *pushed, struct error *err)
{
	scoped(process_release) struct process_result result = {0};
	scoped(buf_release) struct buf revisions = BUF_INIT(INPUT_MAX);
	const char *name, *words[] = {"-C", path, "log", "--stdin", "--name-only", "--date=format-local:%Y-%m-%dT%H:%M:%SZ",
	                              "--format=%x00%H%n%P%n%an%n%ae%n%cd%n%B%x00", NULL};
	json_t *sha;
	json_object_foreach ((json_t *)(uintptr_t)pushed, name, sha)
		buf_printf(&revisions, "%s\n", json_string_value(sha));
	json_object_foreach (json_object_get(repository, "branches"), name, sha)
		if (forge_git_head(repository, name) != NULL)
			buf_printf(&revisions, "^%s\n", forge_git_head(repository, name));
	if (!git_server_do(git, &(struct git_server_call){.words = words, .input = revisions.bytes, .input_length = revisions.length},
	                   &result, err))
		return false;
	add_commits(repository, &result.output);
	return true;
}

/* A branch that the CI does not take, for the length of its name, is there all the same. */
static bool
move_branch(struct git_server *git, const char *slug, const char *name, const char *sha, struct error *err)
{
	json_t *repository = forge_repository(git->options.forge, slug);
	const struct forge_order order = {
		.repository = slug, .commit = sha, .branch = name, .wait_ms = BUILD_WAIT_MS, .run_ms = BUILD_RUN_MS};
	const json_t *build;
	struct error ignored;
	if (forge_commit(repository, sha) == NULL)
		return error_set(err, ERROR_FAILED, "the sandbox has no room for more commits");
	forge_set_branch(repository, name, sha);
	bool is_built = forge_build(git->options.forge, &order, &build, &ignored);
	(void)is_built;
	return true;
}

/* Branches that were in git, and are not any more. */
static void
drop_branches(json_t *repository, json_t *present)
{
	const char *name;
	json_t *sha;
	void *next;
	json_object_foreach_safe (json_object_get(repository, "branches"), next, name, sha)
		if (forge_is_in_git(repository, json_string_value(sha)) && json_object_get(present, name) == NULL)
			forge_set_branch(repository, name, NULL);
}

/* {branch: SHA} of those that moved, new reference. */
static json_t *
moved_branches(const json_t *repository, json_t *present)
{
	json_t *moved = json_object(), *sha;
	const char *name;
	json_object_foreach (present, name, sha) {
		const char *known = forge_git_head(repository, name);
		if (known == NULL || strcmp(known, json_string_value(sha)) != 0)
			json_object_set(moved, name, sha);
	}
	return moved;
}

/* `repository` is held by the caller; when the forge got another state while git ran, that one counts. */
static bool
take_over(struct git_server *git, const char *slug, json_t *repository, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	const char *path = git_server_repository_path(git, slug, &arena), *name;
	json_t *present, *sha;
	if (!read_branches(git, path, &present, err))
		return false;
	json_t *moved = moved_branches(repository, present);
	bool is_fine = json_object_size(moved) == 0 || read_commits(git, path, repository, moved, err);
	if (!git->is_behind) {
		drop_branches(repository, present);
		json_object_foreach (moved, name, sha)
			is_fine = move_branch(git, slug, name, json_string_value(sha), err) && is_fine;
	}
	json_decref(moved);
	json_decref(present);
	return is_fine;
}

bool
git_server_repository_take_over(struct git_server *git, const char *slug, struct error *err)
{
	json_t *repository = json_incref(forge_repository(git->options.forge, slug));
	bool is_fine = git->is_behind || repository == NULL || take_over(git, slug, repository, err);
	json_decref(repository);
	return is_fine;
}
