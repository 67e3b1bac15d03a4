/* Which clusters and namespaces to ask for which names. */
#ifndef PAAS_CORE_NAMES_TARGET_H
#define PAAS_CORE_NAMES_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct platform;
struct platform_cluster;

enum names_kind {
	NAMES_APPLICATIONS,
	NAMES_PODS,
	NAMES_RELEASES,    /* image:tag, as replica sets name it: what runs and what ran lately */
	NAMES_DEPLOYMENTS, /* the id that each Application asks for */
	/* Of one application, which has to be known. */
	NAMES_CONTAINERS,
	NAMES_PORTS,       /* by name, else by number */
	NAMES_SECRETS,     /* what `paas secrets` has set, and others in its Secret */
	NAMES_VARIABLES,   /* the same of its ConfigMap */
};
/* Whether the list is of one application. */
bool names_are_of_one(enum names_kind kind);

enum { NAMES_TARGETS_MAX = 8 };

/* One list of names. */
struct names_target {
	enum names_kind kind;
	const struct platform_cluster *cluster;
	const char *namespace;
	const char *application;  /* where the list is of one; else NULL */
	const char *environments; /* those that are there: "dev", "dev, test" */
	const char *key;          /* all that the list depends on, as one line */
	const char *path;         /* of its cache file; NULL: none */
};

/* What the command line and the settings say; NULL: not known. */
struct names_question {
	enum names_kind kind;
	const char *environment; /* NULL: all */
	const char *team;        /* NULL: all of the platform file, as far as a namespace needs one */
	const char *name;        /* the application's, as far as a namespace or the kind needs one */
};

/* The lists to ask for, each once, in the order of the platform file; how many. */
size_t names_targets(const struct platform *platform, const struct names_question *question,
                     struct arena *arena, struct names_target ret[static NAMES_TARGETS_MAX]);

#endif
