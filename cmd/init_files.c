/* The files that `paas init` writes: all decided before the first is touched, none overwritten unasked. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "cmd/init.h"
#include "cmd/schema_text.h"
#include "data/yaml.h"

enum { FILE_MAX_BYTES = 1024 * 1024, FILE_MODE = 0644, LEVELS_MAX = 20 };

const char *
init_path(const struct init_wish *wish, const char *name, struct arena *arena)
{
	if (name[0] == '/' || strcmp(wish->folder, ".") == 0)
		return name;
	size_t length = strlen(wish->folder);
	while (length > 1 && wish->folder[length - 1] == '/')
		length--;
	return arena_printf(arena, "%.*s/%s", (int)length, wish->folder, name);
}

/* ---- the schema ---- */

/* How many folders up the repository's root is, where all of its fiaas.yml share one schema: as far as
 * the folders are ours.  0 outside of one. */
static unsigned
levels_to_root(const char *folder, struct arena *arena)
{
	const char *path = folder;
	struct stat status;
	for (unsigned level = 0; level < LEVELS_MAX; level++) {
		if (stat(path, &status) != 0 || status.st_uid != geteuid())
			return 0;
		if (lstat(arena_printf(arena, "%s/.git", path), &status) == 0)
			return level;
		path = arena_printf(arena, "%s/..", path);
	}
	return 0;
}

/* The schema file, seen from the folder. */
static const char *
schema_below_root(const struct init_wish *wish, struct arena *arena)
{
	const char *up = "";
	for (unsigned level = levels_to_root(wish->folder, arena); level > 0; level--)
		up = arena_printf(arena, "%s../", up);
	return wish->schema_file != NULL ? wish->schema_file : arena_printf(arena, "%s" INIT_SCHEMA_FILE, up);
}

static bool
is_url(const char *text)
{
	return strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
}

const char *
init_schema_target(const struct init_wish *wish, const char *folder, struct arena *arena)
{
	const char *file = schema_below_root(wish, arena);
	scoped(buf_release) struct buf up = BUF_INIT(4096);
	if (strcmp(file, "none") == 0)
		return NULL;
	if (is_url(file) || file[0] == '/')
		return file;
	for (const char *at = folder; *at != '\0'; at += strcspn(at, "/") + (at[strcspn(at, "/")] == '/'))
		buf_add_text(&up, "../");
	return arena_printf(arena, "%s%s", up.bytes, file);
}

bool
init_schema_file(const struct init_wish *wish, struct arena *arena, struct init_file *ret)
{
	const char *file = schema_below_root(wish, arena);
	if (strcmp(file, "none") == 0 || is_url(file))
		return false;
	*ret = (struct init_file){.path = init_path(wish, file, arena), .text = schema_text(arena)};
	return true;
}

/* ---- writing ---- */

static bool
is_there(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0;
}

static bool
is_equal_to(const char *path, const char *text)
{
	struct arena arena __attribute__((cleanup(arena_release))) = {0};
	struct error ignored;
	char *bytes;
	size_t length;
	return file_read(path, FILE_MAX_BYTES, &arena, &bytes, &length, &ignored) && length == strlen(text) &&
	       memcmp(bytes, text, length) == 0;
}

/* The schema is ours and made again at will, so an old one is no reason to stop. */
static bool
is_schema(const char *text)
{
	return text[0] == '{';
}

static bool
decide(const struct init_wish *wish, struct init_file *file, struct error *err)
{
	if (!is_there(file->path)) {
		file->action = wish->is_dry ? "would-create" : "created";
	} else if (is_equal_to(file->path, file->text)) {
		file->action = "unchanged";
	} else if (wish->force) {
		file->action = wish->is_dry ? "would-replace" : "replaced";
	} else if (is_schema(file->text)) {
		file->action = "kept";
	} else if (wish->is_dry) {
		file->action = "in-the-way";
	} else {
		error_put(err, ERROR_CONFLICT, "%s is there already, and it says something else", file->path);
		return error_next(err, "paas init --dry-run to see what would be written, --force to replace it");
	}
	return true;
}

bool
init_write_files(const struct init_wish *wish, struct init_file *files, size_t count, struct arena *arena,
                 struct error *err)
{
	(void)arena;
	for (size_t i = 0; i < count; i++)
		if (files[i].action == NULL && !decide(wish, &files[i], err))
			return false;
	for (size_t i = 0; i < count; i++) {
		bool is_written = strcmp(files[i].action, "created") == 0 || strcmp(files[i].action, "replaced") == 0;
		if (is_written && !file_write(files[i].path, files[i].text, strlen(files[i].text), FILE_MODE, err))
			return false;
	}
	return true;
}

/* ---- .paas.yml ---- */

static const char *
spec_of(const struct init_application *application, struct arena *arena)
{
	return listing_join(arena, application->folder, "fiaas.yml");
}

static json_t *
apps_to_json(const struct init_application *applications, size_t count, struct arena *arena)
{
	json_t *apps = json_object();
	for (size_t i = 0; i < count; i++)
		json_object_set_new(apps, applications[i].name,
		                    json_pack("{s:s}", "file", spec_of(&applications[i], arena)));
	return json_pack("{s:o}", "apps", apps);
}

/* It is the team's file: what stands there is theirs to change. */
static bool
refuse_to_edit(const char *path, const struct init_application *applications, size_t count, struct arena *arena,
               struct error *err)
{
	scoped(buf_release) struct buf lines = BUF_INIT(FILE_MAX_BYTES);
	for (size_t i = 0; i < count; i++)
		buf_printf(&lines, "%s%s: {file: %s}", i > 0 ? ", " : "", applications[i].name,
		           spec_of(&applications[i], arena));
	error_put(err, ERROR_CONFLICT, "%s cannot be added to: it lists applications already, or is written in another style",
	          path);
	return error_next(err, "under \"apps\" of %s: %s", path, lines.bytes);
}

/* Whether `apps:` of the file lists all of them. */
static bool
lists_all(const struct yaml_node *apps, const struct init_application *applications, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (yaml_get(apps, applications[i].name) == NULL)
			return false;
	return true;
}

bool
init_project_file(const struct init_wish *wish, const struct init_application *applications, size_t count,
                  struct arena *arena, const char **ret_text, struct error *err)
{
	scoped(buf_release) struct buf text = BUF_INIT(FILE_MAX_BYTES), apps = BUF_INIT(FILE_MAX_BYTES);
	const char *path = init_path(wish, ".paas.yml", arena);
	struct yaml_node *root = NULL;
	char *bytes = NULL;
	size_t length = 0;
	*ret_text = NULL;
	if (is_there(path) && !(file_read(path, FILE_MAX_BYTES, arena, &bytes, &length, err) &&
	                        yaml_parse(bytes, length, path, &yaml_limits_default, arena, &root, err)))
		return false;
	const struct yaml_node *there = yaml_get(root, "apps");
	if (there != NULL && lists_all(there, applications, count))
		return true;
	if (there != NULL)
		return refuse_to_edit(path, applications, count, arena, err);
	json_t *listed = apps_to_json(applications, count, arena);
	bool is_written = yaml_write(listed, &apps);
	json_decref(listed);
	if (!is_written)
		return error_set(err, ERROR_FILE, "%s would be too large", path);
	if (bytes == NULL)
		buf_add_text(&text, "# The applications of this repository; written by paas init.\nversion: 1\n");
	else
		buf_printf(&text, "%s%s", bytes, length > 0 && bytes[length - 1] != '\n' ? "\n" : "");
	buf_add(&text, apps.bytes, apps.length);
	/* A file in flow style, or of several documents, takes no lines at its end. */
	if (!yaml_parse(text.bytes, text.length, path, &yaml_limits_default, arena, &root, err) ||
	    yaml_get(root, "apps") == NULL)
		return refuse_to_edit(path, applications, count, arena, err);
	*ret_text = arena_strdup(arena, text.bytes);
	return true;
}
