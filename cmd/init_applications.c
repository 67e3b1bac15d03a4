/* Which applications `paas init` is about: those of --app, those that were found and confirmed, or the only one. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/init.h"
#include "core/onboard/deployables.h"
#include "ui/output.h"
#include "ui/prompt.h"

enum { NAMES_MAX_BYTES = 400 };

/* "NAME=FOLDER", within the repository. */
static bool
read_app(struct init_job *job, const char *text, struct init_application *ret, struct error *err)
{
	struct arena *arena = job->session->arena;
	const char *equals = strchr(text, '=');
	if (equals == NULL)
		return error_set(err, ERROR_USAGE, "--app %s: expected NAME=FOLDER", text);
	const char *name = arena_strndup(arena, text, (size_t)(equals - text));
	char *path = arena_strdup(arena, equals + 1 + (strncmp(equals + 1, "./", 2) == 0 ? 2 : 0));
	for (size_t length = strlen(path); length > 0 && path[length - 1] == '/'; length--)
		path[length - 1] = '\0';
	if (strcmp(path, ".") == 0)
		path[0] = '\0';
	if (name[0] == '\0' || strcmp(deployable_name(name, arena), name) != 0)
		return error_set(err, ERROR_USAGE, "--app %s: a name has lower case letters, digits and '-', at most 63", text);
	for (size_t i = 0; i < job->tree.count; i++) {
		if (!listing_is_below(&job->tree.files[i], path))
			continue;
		*ret = (struct init_application){.name = name, .folder = path};
		return true;
	}
	return error_set(err, ERROR_NOT_FOUND, "--app %s: there is no such folder with files here", text);
}

static bool
read_apps(struct init_job *job, const struct text_list *apps, struct error *err)
{
	for (size_t i = 0; i < apps->count; i++) {
		if (i == DEPLOYABLES_MAX)
			return error_set(err, ERROR_USAGE, "more than %d times --app", DEPLOYABLES_MAX);
		if (!read_app(job, apps->items[i], &job->applications[job->n_applications++], err))
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(job->applications[k].name, job->applications[i].name) == 0)
				return error_set(err, ERROR_USAGE, "two applications are called %s",
				                 job->applications[i].name);
	}
	return true;
}

/* The root is called as its folder is. */
static void
name_root(struct init_job *job, struct deployable *found, size_t count)
{
	char *path = realpath(job->wish.folder, NULL);
	if (count > 0 && found[0].folder[0] == '\0' && path != NULL)
		found[0].name = deployable_name(listing_base_name(path), job->session->arena);
	free(path);
}

/* A folder of which nothing can be a name. */
static bool
is_one_nameless(const struct deployable *found, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (found[i].name[0] == '\0')
			return true;
	return false;
}

static bool
refuse_several(const struct deployable *found, size_t count, struct error *err)
{
	scoped(buf_release) struct buf signs = BUF_INIT(NAMES_MAX_BYTES), flags = BUF_INIT(NAMES_MAX_BYTES);
	for (size_t i = 0; i < count; i++) {
		buf_printf(&signs, "%s%s", i > 0 ? ", " : "", found[i].sign);
		buf_printf(&flags, " --app %s=%s", found[i].name[0] != '\0' ? found[i].name : "NAME",
		           found[i].folder[0] != '\0' ? found[i].folder : ".");
	}
	error_put(err, ERROR_USAGE, "the repository holds %zu applications: %s%s", count, signs.bytes,
	          signs.overflow ? ", …" : "");
	if (!flags.overflow && strlen("paas init") + flags.length < sizeof err->next)
		return error_next(err, "paas init%s", flags.bytes);
	return error_next(err, "%s", is_one_nameless(found, count) ? "paas init --app NAME=FOLDER" : "paas init --yes");
}

/* Several are never chosen silently. */
static bool
confirm_several(struct init_job *job, const struct deployable *found, size_t count, struct error *err)
{
	struct prompt prompt = {job->session->out, job->session->can_prompt, job->session->assume_yes};
	struct arena *arena = job->session->arena;
	bool is_sure = false;
	if (!job->session->can_prompt && !job->session->assume_yes)
		return refuse_several(found, count, err);
	if (is_one_nameless(found, count))
		return refuse_several(found, count, err);
	for (size_t i = 0; i < count && job->session->can_prompt; i++)
		output_ask(job->session->out, "  %s  %s\n", found[i].name, found[i].sign);
	const char *text = arena_printf(arena, "Write a fiaas.yml for each of these %zu applications?", count);
	if (!prompt_confirm(&prompt, &(struct prompt_question){.text = text, .flag = "--app NAME=FOLDER"}, &is_sure,
	                    err))
		return false;
	if (!is_sure)
		return refuse_several(found, count, err);
	for (size_t i = 0; i < count; i++)
		job->applications[job->n_applications++] = (struct init_application){.name = found[i].name,
		                                                                     .folder = found[i].folder};
	return true;
}

bool
init_choose_applications(struct init_job *job, const struct text_list *apps, struct error *err)
{
	size_t count;
	job->applications = arena_array(job->session->arena, struct init_application, DEPLOYABLES_MAX);
	if (apps->count > 0)
		return read_apps(job, apps, err);
	struct deployable *found = deployables_find(&job->tree, &count);
	name_root(job, found, count);
	if (count > 1)
		return confirm_several(job, found, count, err);
	/* One below the root: its folder is the application's, and .paas.yml says so. */
	struct init_application only = {.folder = ""};
	if (count == 1 && found[0].folder[0] != '\0')
		only = (struct init_application){.name = found[0].name, .folder = found[0].folder};
	job->applications[job->n_applications++] = only;
	return true;
}
