/* The parts of `paas init`. */
#ifndef PAAS_CMD_INIT_H
#define PAAS_CMD_INIT_H

#include <jansson.h>
#include <stdbool.h>

#include "cmd/command.h"
#include "core/onboard/inspect.h"
#include "core/onboard/listing.h"

#define INIT_SCHEMA_FILE ".fiaas.schema.json"
enum { INIT_FILES_MAX = 110 };

/* What the flags ask for. */
struct init_wish {
	const char *folder;      /* never NULL */
	const char *schema_file; /* NULL: INIT_SCHEMA_FILE; "none"; a URL; a file relative to the folder */
	bool is_dry, force, keeps_backup;
};

/* A file to be written. */
struct init_file {
	const char *path, *text; /* path: as the user would open it */
	const char *action;      /* "created", "replaced", "unchanged", "kept"; in a dry run "would-…", "in-the-way" */
};

struct init_application {
	const char *name;   /* NULL: the only one */
	const char *folder; /* relative to the tree */
	const char *content;
	struct inspection found;
};

struct init_job {
	struct session *session;
	struct init_wish wish;
	struct listing tree;
	struct init_application *applications;
	size_t n_applications;
};

/* ---- init_applications.c ---- */

/* Fills job->applications with names and folders.  Several are never chosen silently: ERROR_USAGE. */
bool init_choose_applications(struct init_job *job, const struct text_list *apps, struct error *err) must_use;

/* ---- init_files.c ---- */

/* "FOLDER/name" for people: without "./". */
const char *init_path(const struct init_wish *wish, const char *name, struct arena *arena);
/* What the first line of the fiaas.yml in `folder` points at; NULL: no such line. */
const char *init_schema_target(const struct init_wish *wish, const char *folder, struct arena *arena);
/* The schema file, if one is to be written; false: none. */
bool init_schema_file(const struct init_wish *wish, struct arena *arena, struct init_file *ret);
/* Decides what happens to each, refuses to overwrite, then writes.  Nothing is written before all are
 * decided.  Fails: ERROR_CONFLICT, ERROR_FILE. */
bool init_write_files(const struct init_wish *wish, struct init_file *files, size_t count, struct arena *arena,
                      struct error *err) must_use;
/* .paas.yml with `applications` under apps:, what stands there already kept; *ret_text NULL: nothing to
 * add.  Fails: ERROR_CONFLICT when it lists others, or takes no lines at its end. */
bool init_project_file(const struct init_wish *wish, const struct init_application *applications, size_t count,
                       struct arena *arena, const char **ret_text, struct error *err) must_use;

/* ---- init_view.c ---- */
void init_print(struct session *session, const struct listing *tree, const struct init_application *applications,
                size_t count, const struct init_file *files, size_t n_files, const char *next);
json_t *init_to_json(const struct listing *tree, const struct init_application *applications, size_t count,
                     const struct init_file *files, size_t n_files, const char *next, struct arena *arena);

/* ---- init_migrate.c ---- */
bool init_migrate(struct session *session, const struct init_wish *wish, bool prints_only,
                  struct error *err) must_use;

#endif
