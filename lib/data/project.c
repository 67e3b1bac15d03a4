#include "data/project.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "data/schema.h"

#define PROJECT_FILE ".paas.yml"
#define SPEC_FILE "fiaas.yml"
enum { NAME_MAX_LENGTH = 63, NAMES_MAX_BYTES = 200 };

/* ---- finding ---- */

static bool
is_ours(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && (status.st_uid == geteuid() || status.st_uid == 0);
}

static bool
has_entry(struct arena *arena, const char *folder, const char *name)
{
	struct stat status;
	return stat(arena_printf(arena, "%s/%s", folder, name), &status) == 0;
}

/* The folder above, or NULL at the top of what may be searched. */
static const char *
parent_of(struct arena *arena, const char *folder)
{
	const char *home = getenv("HOME"), *slash = strrchr(folder, '/');
	if (!slash || slash == folder || (home && strcmp(folder, home) == 0))
		return NULL;
	const char *parent = arena_strndup(arena, folder, (size_t)(slash - folder));
	return is_ours(parent) ? parent : NULL;
}

/* The nearest .paas.yml on the way up to the repository root; outside of a repository, here only. */
static void
search(struct project *project)
{
	const char *nearest = NULL;
	for (const char *folder = project->folder; folder; folder = parent_of(project->arena, folder)) {
		if (!nearest && has_entry(project->arena, folder, PROJECT_FILE))
			nearest = folder;
		if (has_entry(project->arena, folder, ".git")) {
			project->root = folder;
			break;
		}
	}
	if (nearest && (project->root || nearest == project->folder))
		project->file = arena_printf(project->arena, "%s/" PROJECT_FILE, nearest);
}

/* ---- .paas.yml ---- */

struct file {
	int64_t version;
	const char **environments;
	size_t n_environments;
	struct project_app *apps;
	size_t n_apps;
};

/* A path that stays below the folder of .paas.yml. */
static const char *
path_fault(const char *path, struct arena *arena)
{
	(void)arena;
	if (*path == '/')
		return "must be relative to .paas.yml";
	for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
		if (strcmp(part, "..") == 0 || strncmp(part, "../", 3) == 0)
			return "must stay inside the repository";
	return NULL;
}

static const struct field app_fields[] = {
	{"file", FIELD_TEXT, offsetof(struct project_app, file), .check = path_fault, .is_required = true,
	 .sentence = "its fiaas.yml, relative to .paas.yml"},
	{"team", FIELD_TEXT, offsetof(struct project_app, team), .sentence = "the team that owns it"},
	{"image", FIELD_TEXT, offsetof(struct project_app, image), .sentence = "its image, or a template"},
	{.name = NULL},
};

const struct field project_fields[] = {
	{"version", FIELD_NUMBER, offsetof(struct file, version), .min = 1, .max = 1,
	 .sentence = "of the format: 1"},
	{"environments", FIELD_TEXTS, offsetof(struct file, environments),
	 .count_offset = offsetof(struct file, n_environments),
	 .sentence = "which of the platform's environments it uses, in order"},
	{"apps", FIELD_TABLE, offsetof(struct file, apps), .count_offset = offsetof(struct file, n_apps),
	 .fields = app_fields, .size = sizeof(struct project_app),
	 .sentence = "the applications of a repository that holds several, by name"},
	{.name = NULL},
};

/* The part of `map` whose keys are in project_fields; the others are settings. */
static struct yaml_node *
own_part(const struct yaml_node *map, struct arena *arena)
{
	struct yaml_node *part = arena_new(arena, struct yaml_node);
	*part = *map;
	part->count = 0;
	part->pairs = arena_array(arena, struct yaml_pair, map->count + 1);
	for (size_t i = 0; i < map->count; i++)
		for (const struct field *field = project_fields; field->name; field++)
			if (strcmp(field->name, map->pairs[i].key->text) == 0)
				part->pairs[part->count++] = map->pairs[i];
	return part;
}

static void
read_file(struct project *project, struct settings *settings, struct problems *problems)
{
	static const char *const own[] = {"version", "environments", "apps", NULL};
	struct yaml_node *root = NULL;
	struct file file = {0};
	if (!schema_open(project->file, problems, &root) || !root)
		return;
	settings_read_map(settings, root, SETTING_REPOSITORY, own, problems);
	schema_read(own_part(root, project->arena), project_fields, PROBLEM_ERROR, &file, problems);
	project->environments = file.environments;
	project->n_environments = file.n_environments;
	project->apps = file.apps;
	project->n_apps = file.n_apps;
	for (size_t i = 0; i < file.n_apps; i++)
		file.apps[i].file = file_beside(project->arena, project->file,
		                                file.apps[i].file ? file.apps[i].file : SPEC_FILE);
}

bool
project_open(struct settings *settings, const char *folder, struct problems *problems, struct project *ret,
             struct error *err)
{
	*ret = (struct project){.arena = problems->arena};
	char *path = realpath(folder ? folder : ".", NULL);
	if (!path)
		return error_set(err, ERROR_FILE, "%s: %s", folder ? folder : "the current folder",
		                 strerror(errno));
	ret->folder = arena_strdup(ret->arena, path);
	free(path);
	search(ret);
	if (ret->file && !is_ours(ret->file)) {
		problems->file = ret->file;
		problem_add(problems, PROBLEM_WARNING, RULE_FOREIGN_FILE, NULL, NULL,
		            "belongs to another user and is not read");
		ret->file = NULL;
	}
	if (ret->file)
		read_file(ret, settings, problems);
	return true;
}

bool
project_is_described(const struct project *project)
{
	return project->file || has_entry(project->arena, project->folder, SPEC_FILE) ||
	       (project->root && has_entry(project->arena, project->root, SPEC_FILE));
}

bool
project_repository(struct project *project, const struct repository **ret, struct error *err)
{
	if (!project->repository && !repository_read(project->folder, project->arena, &project->repository, err))
		return false;
	*ret = project->repository;
	return true;
}

/* ---- which application ---- */

static bool
is_name(const char *text)
{
	size_t length = strlen(text);
	return length && length <= NAME_MAX_LENGTH && text[0] != '-' && text[length - 1] != '-' &&
	       !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The name of last resort: of the origin remote, else of the folder. */
static void
name_from_repository(struct project *project, struct project_identity *identity)
{
	struct error err;
	const struct repository *repository;
	if (project->root && project_repository(project, &repository, &err) && repository->remote_name) {
		identity->name = repository->remote_name;
		identity->name_origin = "origin remote";
		return;
	}
	identity->name = base_name(project->root ? project->root : project->folder);
	identity->name_origin = "folder";
}

/* Of the folder of the app's spec, the length of its path where we stand there or below; else 0. */
static size_t
depth_inside(const struct project *project, const struct project_app *app)
{
	size_t length = (size_t)(strrchr(app->file, '/') - app->file);
	bool is_inside = strncmp(project->folder, app->file, length) == 0 &&
	                 (!project->folder[length] || project->folder[length] == '/');
	return is_inside ? length : 0;
}

bool
project_has_apps(const struct project *project, struct error *err)
{
	if (project->n_apps)
		return true;
	if (project->file)
		error_put(err, ERROR_USAGE, "%s lists no applications", project->file);
	else
		error_put(err, ERROR_USAGE, "there is no .paas.yml here: no applications are listed");
	return error_next(err, "list them under \"apps\" in " PROJECT_FILE ", or leave --all away");
}

bool
project_is_of_several(const struct project *project, const struct settings *settings)
{
	bool is_one = settings->values[SETTING_NAME].text || project->n_apps < 2;
	for (size_t i = 0; i < project->n_apps && !is_one; i++)
		is_one = depth_inside(project, &project->apps[i]) > 0;
	return !is_one;
}

static bool
ask_which(const struct project *project, struct error *err)
{
	scoped(buf_release) struct buf names = BUF_INIT(NAMES_MAX_BYTES);
	for (size_t i = 0; i < project->n_apps; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", project->apps[i].name);
	return error_next(err, "say which (--name, or its argument): %s", names.bytes);
}

/* *ret NULL: the repository lists none, or not this one. */
static bool
choose_app(const struct project *project, const char *name, const struct project_app **ret, struct error *err)
{
	const struct project_app *chosen = NULL, *inside = NULL;
	size_t deepest = 0; /* one may lie within another's folder */
	for (size_t i = 0; i < project->n_apps; i++) {
		const struct project_app *app = &project->apps[i];
		if (name ? strcmp(app->name, name) == 0 : project->n_apps == 1)
			chosen = app;
		if (!name && depth_inside(project, app) > deepest) {
			inside = app;
			deepest = depth_inside(project, app);
		}
	}
	if (!chosen)
		chosen = inside;
	if (!chosen && !name && project->n_apps > 1) {
		error_put(err, ERROR_USAGE, "%s lists several applications", project->file);
		return ask_which(project, err);
	}
	*ret = chosen;
	return true;
}

const char *
project_app_of_file(const struct project *project, const char *file)
{
	const char *name = NULL;
	char *path = realpath(file, NULL);
	for (size_t i = 0; i < project->n_apps && path; i++) {
		char *own = realpath(project->apps[i].file, NULL);
		if (own && strcmp(own, path) == 0)
			name = project->apps[i].name;
		free(own);
	}
	free(path);
	return name;
}

bool
project_refuse_app(const struct project *project, const char *name, struct error *err)
{
	error_put(err, ERROR_NOT_FOUND, "%s lists no application \"%s\"", project->file, name);
	return ask_which(project, err);
}

bool
project_lists_app(const struct project *project, const char *name)
{
	for (size_t i = 0; i < project->n_apps; i++)
		if (strcmp(project->apps[i].name, name) == 0)
			return true;
	return false;
}

static const char *
default_spec(const struct project *project)
{
	if (!has_entry(project->arena, project->folder, SPEC_FILE) && project->root &&
	    has_entry(project->arena, project->root, SPEC_FILE))
		return arena_printf(project->arena, "%s/" SPEC_FILE, project->root);
	return arena_printf(project->arena, "%s/" SPEC_FILE, project->folder);
}

/* What an app of `apps:` says counts as .paas.yml's, so flags and variables win. */
static void
choose_text(const struct settings *settings, enum setting setting, const char *of_app, const char *app_origin,
            const char **ret, const char **ret_origin)
{
	const struct setting_value *value = &settings->values[setting];
	bool app_wins = of_app && (!value->text || value->level <= SETTING_REPOSITORY);
	*ret = app_wins ? of_app : value->text;
	*ret_origin = app_wins ? app_origin : value->origin;
}

bool
project_identify(struct project *project, const struct settings *settings, const char *name,
                 struct project_identity *ret, struct error *err)
{
	const struct setting_value *set = &settings->values[SETTING_NAME];
	const struct project_app *app = NULL;
	struct project_identity identity = {.name = name ? name : set->text,
	                                    .name_origin = name ? "--name" : set->origin};
	if (!choose_app(project, identity.name, &app, err))
		return false;
	if (!identity.name && app) {
		identity.name = app->name;
		identity.name_origin = project->file;
	}
	if (!identity.name)
		name_from_repository(project, &identity);
	if (!is_name(identity.name)) {
		(void)error_set(err, ERROR_USAGE, "\"%s\" (%s) cannot name an application: lower case letters, "
		                "digits and '-', at most %d", identity.name, identity.name_origin, NAME_MAX_LENGTH);
		return error_next(err, "name it on the command line, or by \"name\" in " PROJECT_FILE);
	}
	choose_text(settings, SETTING_TEAM, app ? app->team : NULL, project->file, &identity.team,
	            &identity.team_origin);
	choose_text(settings, SETTING_IMAGE, app ? app->image : NULL, project->file, &identity.image,
	            &identity.image_origin);
	identity.spec_file = app ? app->file : default_spec(project);
	*ret = identity;
	return true;
}

const char *
project_relative(const struct project *project, const char *path)
{
	size_t length = strlen(project->folder);
	return strncmp(path, project->folder, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}
