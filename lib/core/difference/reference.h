/* What a word on the command line stands for: a release that can be compared with another.
 *
 *	.  file            fiaas.yml of the work tree, with the image a deploy would take
 *	dev                what runs in that environment
 *	20261125…-k3jq     a deployment, by its id
 *	registry/shop:1.0  a release that runs or ran, by its image or tag: the newest of it
 *
 * A cluster keeps the whole of what runs (the Application); of what ran before the settings that were recorded
 * (core/deploy/record.h), else the pod templates of the last ReplicaSets.
 */
#ifndef PAAS_CORE_DIFFERENCE_REFERENCE_H
#define PAAS_CORE_DIFFERENCE_REFERENCE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

struct http;
struct platform;
struct platform_environment;
struct release;

struct reference {
	const char *text;          /* as given */
	const struct platform_environment *environment; /* where it was found; NULL: a file */
	const char *image, *deployment_id; /* NULL: none */
	json_t *config;            /* owned; NULL: only the template is known */
	json_t *labels, *annotations; /* additional ones of the Application; owned, may be NULL */
	json_t *template;          /* of its pods, when no more is known; owned */
};

struct reference_request {
	struct http *http;
	const struct platform *platform;
	const struct release *release; /* located: application and team */
	const struct platform_environment *only; /* deployments are looked for here; NULL: everywhere */
};

/* "." and "file": not looked up here, as deploying needs more than a cluster. */
bool reference_is_file(const char *text);
/* Any other.  Call from a fiber.  Fails: ERROR_NOT_FOUND, naming what is known; else as the cluster does. */
bool reference_find(const struct reference_request *request, const char *text, struct arena *arena,
                    struct reference *ret, struct error *err) must_use;
void reference_release(struct reference *reference); /* for scoped() */

#endif
