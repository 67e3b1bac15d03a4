/* The applications of a repository that may hold several (onboarding 3.5).
 *
 * A deployable is a folder with a Dockerfile, a fiaas.yml or the entry point of a web server; libraries,
 * folders of tests, examples and documents, and those of files alone are none.
 */
#ifndef PAAS_CORE_ONBOARD_DEPLOYABLES_H
#define PAAS_CORE_ONBOARD_DEPLOYABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/onboard/inspect.h"

struct listing;

struct deployable {
	const char *folder; /* "" is the root */
	const char *name;   /* of the folder, as a DNS label; "" for the root */
	const char *sign;   /* what shows it: "services/shop/Dockerfile" */
};

enum { DEPLOYABLES_MAX = 100 };

/* By folder. *ret_count 0: none was recognised. */
struct deployable *deployables_find(struct listing *tree, size_t *ret_count);

/* `text` as a DNS label of at most 63 characters; "" when nothing of it can stay. */
char *deployable_name(const char *text, struct arena *arena) returns_text;

#endif
