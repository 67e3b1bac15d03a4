/* For which cluster `paas render` renders: its operator's options and the namespace. */
#ifndef PAAS_CMD_RENDER_TARGET_H
#define PAAS_CMD_RENDER_TARGET_H

#include "cmd/command.h"
#include "core/fiaas/options.h"

struct platform;
struct platform_environment;

struct render_target {
	struct fiaas_options options;
	const struct platform *platform;                 /* NULL: none is configured */
	const struct platform_environment *environment;  /* of the platform; NULL with it */
	const char *namespace;                           /* given; NULL: the environment's, or default */
};

/* The environment the settings name, else the platform's first; without a platform file the
 * operator's own defaults.  `assignments` (--set-fiaas) win.  Fails: ERROR_INVALID_FILE,
 * ERROR_NOT_FOUND (no such environment), ERROR_USAGE (an option). */
bool render_target_open(struct session *session, const struct text_list *assignments,
                        struct render_target *ret, struct error *err) must_use;

/* Of application `name`, owned by `team` (may be NULL).  Fails: ERROR_USAGE, the team is needed and
 * not known. */
bool render_target_namespace(const struct render_target *target, const char *name, const char *team,
                             struct arena *arena, const char **ret, struct error *err) must_use;

#endif
