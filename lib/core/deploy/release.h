/* What would be deployed where: name, team, image, commit and config, before any network.
 *
 * The rules of a bare `paas deploy`: name from flag, .paas.yml, origin remote, folder; image from
 * flag, .paas.yml, else the platform's template with the commit that is checked out; environment
 * from flag or settings, else the first of the platform file.
 */
#ifndef PAAS_CORE_DEPLOY_RELEASE_H
#define PAAS_CORE_DEPLOY_RELEASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "core/fiaas/options.h"
#include "data/problem.h"

struct http;
struct platform;
struct platform_environment;
struct project;
struct settings;

struct release_request {
	const struct platform *platform;
	struct project *project;
	const struct settings *settings; /* flags included: --name, --image, --env */
	const char *application;         /* chooses among `apps:`; NULL: as the settings say */
	const char *file;                /* --file; NULL: the project's fiaas.yml */
};

struct release {
	const char *name, *name_origin, *team; /* team may be NULL */
	const struct platform_environment *environment;
	const char *namespace;
	const char *image;         /* repository:tag */
	const char *digest;        /* "sha256:…" the tag resolved to; NULL: not asked */
	const char **platform_digests; /* of its images by architecture: nodes name either */
	size_t n_platform_digests;
	const char *commit, *commit_title; /* of the work tree; NULL outside of git */
	size_t n_changed, n_unpushed;
	const char *spec_file;
	json_t *config;            /* the file as JSON; owned */
	struct fiaas_options options; /* of the cluster's operator */
	struct problems problems;  /* of the file, as `paas validate` finds them; set on failure too */
	int64_t operator_limit_ms; /* after which the operator gives up waiting */
	/* Of a release that a person approved before it is handed over; NULL: nobody was asked. */
	const char *deployment_id, *author, *approver;
};

/* Which application and where, without image and spec: enough for `paas status`. */
bool release_locate(const struct release_request *request, struct arena *arena, struct release *ret,
                    struct error *err) must_use;
/* All of it, checked and rendered once with the cluster's options: what the operator would refuse
 * fails here, ERROR_INVALID_SPEC in the operator's own words. */
bool release_find(const struct release_request *request, struct arena *arena, struct release *ret,
                  struct error *err) must_use;
/* A release that is known already, to where `request` leads: what runs in another environment, or ran in this one. */
struct release_given {
	const char *label;         /* "r41", "what runs in dev": for messages */
	const char *image, *digest, *commit; /* the last two "" = not known */
	json_t *config;            /* borrowed */
};
/* Checked and rendered as by release_find; work tree and file have no part in it.  Fails as release_find. */
bool release_take(const struct release_request *request, const struct release_given *given, struct arena *arena,
                  struct release *ret, struct error *err) must_use;
/* Asks the registry what the tag stands for.  An image that does not exist fails with
 * ERROR_NOT_FOUND; a registry that cannot be asked fails with its own code and leaves the release
 * usable, without digest. */
bool release_resolve(struct release *release, struct http *http, const struct platform *platform,
                     struct arena *arena, struct error *err) must_use;
/* For scoped(). */
void release_release(struct release *release);

/* The namespace of an environment for this team and name. */
bool release_namespace(const struct platform_environment *environment, const char *team, const char *name,
                       struct arena *arena, const char **ret, struct error *err) must_use;

#endif
