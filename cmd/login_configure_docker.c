/* docker: a line of its file, under credHelpers. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cmd/login_configure_parts.h"
#include "data/platform.h"

/* A link that somebody keeps in a repository of such files stays one: what it leads to is written. */
static bool
find_file(struct arena *arena, const char **ret, struct error *err)
{
	const char *folder = getenv("DOCKER_CONFIG"), *home = getenv("HOME");
	struct stat status;
	if ((folder == NULL || folder[0] != '/') && home == NULL)
		return error_set(err, ERROR_FILE, "neither $DOCKER_CONFIG nor $HOME is set");
	const char *path = folder != NULL && folder[0] == '/' ? arena_printf(arena, "%s/config.json", folder)
	                                                      : arena_printf(arena, "%s/.docker/config.json", home);
	char *target = realpath(path, NULL);
	if (target == NULL && lstat(path, &status) == 0)
		return error_set(err, ERROR_INVALID_FILE, "%s is a link to nothing", path);
	*ret = target != NULL ? arena_strdup(arena, target) : path;
	free(target);
	return true;
}

static bool
read_file(const char *path, struct arena *arena, const char **ret_text, json_t **ret, struct error *err)
{
	char *text = NULL;
	size_t length = 0;
	*ret_text = "";
	if (!file_exists(path)) {
		*ret = json_object();
		return true;
	}
	if (!file_read(path, CONFIGURE_FILE_MAX, arena, &text, &length, err))
		return false;
	*ret_text = text;
	*ret = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	const json_t *helpers = json_object_get(*ret, "credHelpers");
	if (!json_is_object(*ret) || (helpers != NULL && !json_is_object(helpers)))
		return error_set(err, ERROR_INVALID_FILE, "%s is no JSON object as docker writes it: it is left to its owner", path);
	return true;
}

/* NULL: it asks us already. */
static json_t *
let_ask(json_t *file, const char *registry, bool had_file, json_t *record)
{
	json_t *helpers = json_object_get(file, "credHelpers");
	const char *now = json_string_value(json_object_get(helpers, registry));
	if (now != NULL && strcmp(now, "paas") == 0)
		return NULL;
	if (json_object_size(record) == 0) {
		json_object_set_new(record, "had_file", json_boolean(had_file));
		json_object_set_new(record, "had_helpers", json_boolean(helpers != NULL));
	}
	json_object_set_new(configure_object(record, "registries"), registry, now != NULL ? json_string(now) : json_null());
	json_object_set_new(configure_object(file, "credHelpers"), registry, json_string("paas"));
	return file;
}

/* What somebody else has put there since stays; NULL: nothing of it is ours. */
static json_t *
let_go(json_t *file, json_t *record)
{
	json_t *helpers = json_object_get(file, "credHelpers"), *former;
	bool is_changed = false;
	const char *registry;
	json_object_foreach(json_object_get(record, "registries"), registry, former) {
		const char *now = json_string_value(json_object_get(helpers, registry));
		if (now == NULL || strcmp(now, "paas") != 0)
			continue;
		is_changed = true;
		if (json_is_string(former))
			json_object_set(helpers, registry, former);
		else
			json_object_del(helpers, registry);
	}
	if (is_changed && json_object_size(helpers) == 0 && json_is_false(json_object_get(record, "had_helpers")))
		json_object_del(file, "credHelpers");
	return is_changed ? file : NULL;
}

/* Its other keys keep their order and values. */
static const char *
write_text(const json_t *file, struct arena *arena)
{
	char *text = json_dumps(file, JSON_INDENT(4));
	const char *kept = text != NULL ? arena_printf(arena, "%s\n", text) : NULL;
	free(text);
	return kept;
}

static void
add_step(struct configure_plan *plan, const char *path, const char *before, const json_t *after, const json_t *record)
{
	bool was_made = plan->undo && json_object_size(after) == 0 && json_is_false(json_object_get(record, "had_file"));
	configure_add(plan, (struct configure_step){
		.path = path, .before = before, .after = was_made ? NULL : write_text(after, plan->session->arena)});
}

bool
configure_plan_docker(struct configure_plan *plan, struct error *err)
{
	struct arena *arena = plan->session->arena;
	const char *registry = plan->session->platform->artifacts.registry, *path, *before;
	scoped(json_decrefp) json_t *file = NULL;
	if (registry == NULL && !plan->undo)
		return error_set(err, ERROR_NOT_FOUND, "the platform file names no registry that docker could use");
	if (!find_file(arena, &path, err) || !read_file(path, arena, &before, &file, err))
		return false;
	json_t *of_docker = configure_object(plan->record, "docker"), *record = configure_object(of_docker, path);
	const json_t *after = plan->undo ? let_go(file, record) : let_ask(file, registry, before[0] != '\0', record);
	if (after != NULL)
		add_step(plan, path, before, after, record);
	if (plan->undo || json_object_size(record) == 0)
		json_object_del(of_docker, path);
	return true;
}
