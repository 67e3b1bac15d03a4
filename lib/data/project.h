/* The application at hand: .paas.yml, and what the repository around it tells.
 *
 * A repository is not trusted: .paas.yml holds names and choices, never hosts or commands, and one
 * that belongs to another user is not read.  It is found by walking up to the repository root, and
 * never above $HOME.
 *
 *	struct project project;
 *	project_open(&settings, NULL, &problems, &project)     no libgit2 yet
 *	project_identify(&project, &settings, NULL, &identity, err)   git only when a name is still missing
 */
#ifndef PAAS_DATA_PROJECT_H
#define PAAS_DATA_PROJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/problem.h"
#include "data/repository.h"
#include "data/schema.h"
#include "data/settings.h"

/* The fields of .paas.yml that are no settings, for the manual page. */
extern const struct field project_fields[];

/* One of several applications in a repository. */
struct project_app {
	const char *name;
	const char *file;  /* its fiaas.yml, absolute */
	const char *team, *image; /* NULL: as for the whole repository */
};

struct project {
	struct arena *arena;
	const char *folder; /* where we stand, absolute */
	const char *root;   /* of the repository, found by its .git; NULL outside of one */
	const char *file;   /* .paas.yml, or NULL */
	const char **environments; /* to use, in order; none: all of the platform file */
	size_t n_environments;
	struct project_app *apps;
	size_t n_apps;
	const struct repository *repository; /* by project_repository; NULL until then */
};

/* Reads .paas.yml above `folder` (NULL: the current one) and gives its values to `settings` at
 * SETTING_REPOSITORY.  What is wrong goes to `problems`.  Fails: ERROR_FILE. */
bool project_open(struct settings *settings, const char *folder, struct problems *problems,
                  struct project *ret, struct error *err) must_use;

/* There is a .paas.yml, or a fiaas.yml here or at the root of the repository. */
bool project_is_described(const struct project *project);

/* What git tells; read once. Fails as repository_read. */
bool project_repository(struct project *project, const struct repository **ret, struct error *err) must_use;

/* Which application, whose, from which image and spec. */
struct project_identity {
	const char *name, *name_origin;   /* "--name", "/repo/.paas.yml:2:7", "origin remote", "folder" */
	const char *team, *team_origin;   /* NULL: nobody said */
	const char *image, *image_origin; /* a name or template; NULL: the platform's template */
	const char *spec_file;            /* fiaas.yml, absolute; need not exist */
};
/* `name` (of an argument, may be NULL) chooses among `apps:`.  Name: flag, variable, .paas.yml, the
 * only app, the origin remote, the folder.  Fails: ERROR_USAGE when several apps fit or the name is
 * no DNS label. */
bool project_identify(struct project *project, const struct settings *settings, const char *name,
                      struct project_identity *ret, struct error *err) must_use;

/* For --all.  Fails: ERROR_USAGE, when `apps:` lists none. */
bool project_has_apps(const struct project *project, struct error *err) must_use;
/* Several apps, and nothing says which: no name is set, and we stand in the folder of none. */
bool project_is_of_several(const struct project *project, const struct settings *settings);

/* Whose description `file` is, NULL: none's of `apps:`.  Part of the project. */
const char *project_app_of_file(const struct project *project, const char *file);
bool project_lists_app(const struct project *project, const char *name);
/* That `apps:` lists no such application, and which there are; ERROR_NOT_FOUND. */
bool project_refuse_app(const struct project *project, const char *name, struct error *err) must_use;

/* "/here/shop/fiaas.yml" as "shop/fiaas.yml" within the project's folder, what editors and CI
 * runners expect; part of `path`. */
const char *project_relative(const struct project *project, const char *path) returns_text;

#endif
