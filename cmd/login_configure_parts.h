/* What the login_configure*.c files share; nobody else includes it. */
#ifndef PAAS_CMD_LOGIN_CONFIGURE_PARTS_H
#define PAAS_CMD_LOGIN_CONFIGURE_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cmd/command.h"
#include "role/systems.h"

enum { CONFIGURE_STEPS_MAX = 6 * SYSTEMS_MAX + 8, CONFIGURE_WORDS_MAX = 16, CONFIGURE_FILE_MAX = 1024 * 1024,
       CONFIGURE_DEADLINE_MS = 20 * 1000 };

/* A command of the tool, or one file written anew. */
struct configure_step {
	const char *argv[CONFIGURE_WORDS_MAX]; /* NULL-terminated; argv[0] NULL: a file */
	const char *path, *before, *after;     /* after NULL: the file goes, as it was not there before us */
};

/* What is to be done, and what undoes it: the record says of each thing that it is ours, and what stood there before.  What it does
 * not name is never taken away. */
struct configure_plan {
	struct session *session;
	bool undo;
	json_t *record; /* of all tools; as it will be when the plan is done */
	struct configure_step steps[CONFIGURE_STEPS_MAX];
	size_t count;
};

/* The object of that name in `of`, made where it is missing. */
json_t *configure_object(json_t *of, const char *name);
void configure_add(struct configure_plan *plan, struct configure_step step);
/* Takes a file away that was not there before us; false: it cannot be read, and stays. */
bool configure_remove(struct configure_plan *plan, const char *path);
/* The output of a command of the tool, in the arena.  Fails: ERROR_FAILED with what it says, and as process_run. */
bool configure_ask(struct configure_plan *plan, const char *const *argv, const char **ret, struct error *err) must_use;

/* Each adds the steps of one tool.  Fails: ERROR_CONFLICT (somebody else's thing of our name), ERROR_NOT_FOUND, ERROR_INVALID_FILE. */
bool configure_plan_docker(struct configure_plan *plan, struct error *err) must_use;
bool configure_plan_git(struct configure_plan *plan, struct error *err) must_use;
bool configure_plan_kubectl(struct configure_plan *plan, struct error *err) must_use;

#endif
