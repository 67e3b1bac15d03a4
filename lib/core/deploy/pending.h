/* What waits for a person: releases of an application on their way to environments, whoever asks (a pipeline's judgment, or the
 * request of approval.h).
 */
#ifndef PAAS_CORE_DEPLOY_PENDING_H
#define PAAS_CORE_DEPLOY_PENDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/deploy/approval.h"
#include "role/cd.h"

struct http;
struct platform;
struct platform_environment;

struct pending {
	const struct platform_environment *environment; /* NULL: a pipeline that the platform file does not name */
	const char *namespace;       /* NULL as above */
	const char *image, *digest, *commit, *author; /* "" = not known */
	int64_t since_ms;            /* wall; 0 = not known */
	const char *question;        /* of the pipeline; "" = none */
	const char *const *inputs;   /* one of which the answer has to have; NULL: none */
	/* One of these two. */
	struct cd_run run;           /* id NULL: no pipeline */
	const struct cd_step *step;
	struct approval approval;    /* state NONE: a pipeline */
};

struct pending_request {
	struct http *http;
	const struct platform *platform;
	struct cd *cd;
	const char *name, *team;
	const struct platform_environment *environment; /* NULL: everywhere */
};
enum { PENDING_MAX = 50 };
/* From a fiber; *ret is released by pending_release.  Fails as the systems do: an answer that is missing could hide one. */
bool pending_find(const struct pending_request *request, struct arena *arena, struct pending **ret, size_t *ret_count,
                  struct error *err) must_use;
/* That of a pipeline's run, whatever the environment.  Fails: ERROR_NOT_FOUND when it waits for nobody. */
bool pending_of_run(const struct pending_request *request, const char *run_id, struct arena *arena, struct pending *ret,
                    struct error *err) must_use;
void pending_release(struct pending *list, size_t count);

json_t *pending_to_json(const struct pending *pending);

#endif
