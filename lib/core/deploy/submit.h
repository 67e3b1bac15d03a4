/* Handing a release to the operator: one server-side apply of the Application.
 *
 * Afterwards the stored spec.config equals the file key for key.  What other managers hold stops
 * the deploy and is named, unless `force` takes it over.  No lock: the deployment id is the lock.
 */
#ifndef PAAS_CORE_DEPLOY_SUBMIT_H
#define PAAS_CORE_DEPLOY_SUBMIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/deploy/release.h"

struct kubernetes;

#define SUBMIT_MANAGER "paas"
#define SUBMIT_DIGEST "paas/digest"
#define SUBMIT_COMMIT "paas/commit"
#define SUBMIT_AUTHOR "paas/deployed-by"
#define SUBMIT_TIME "paas/deployed-at"
#define SUBMIT_APPROVER "paas/approved-by"

/* What stands in the cluster before we do anything. */
struct standing {
	json_t *application;        /* without the operator the Deployment (direct.h); NULL: never deployed; owned */
	json_t *status;             /* ApplicationStatus of its deployment id, or NULL; owned */
	const char *deployment_id;  /* of the Application; "" = none */
	const char *image, *digest, *commit, *author; /* "" = not known */
	int64_t deployed_ms;        /* -1 = not known */
	bool is_under_way;          /* the operator has not finished it */
};
/* Fails: ERROR_FORBIDDEN, ERROR_NOT_FOUND when the cluster has no FIAAS, … */
bool standing_read(struct kubernetes *kubernetes, const char *namespace, const char *name,
                   struct arena *arena, struct standing *ret, struct error *err) must_use;
/* Out of an Application at hand; texts and `application` are borrowed, `status` stays NULL. */
void standing_of(const json_t *application, struct standing *ret);
/* The resourceVersion of the Application; "" = there is none. */
const char *standing_version(const struct standing *standing);
void standing_release(struct standing *standing); /* for scoped() */

enum submit_plan {
	SUBMIT_NEW,   /* apply with a fresh id */
	SUBMIT_JOIN,  /* the same release is there or under way: follow that one */
};
/* Fails: ERROR_CONFLICT when another release is under way, or when the tag names another image than
 * it did; with `force` neither is asked. */
bool submit_decide(const struct release *release, const struct standing *standing, int64_t now_ms,
                   bool force, enum submit_plan *ret, struct error *err) must_use;

/* The same for a standing whose spec is known to be that of the release, or not. */
bool standing_decide(const struct release *release, const struct standing *standing, bool is_same_spec,
                     int64_t now_ms, bool force, enum submit_plan *ret, struct error *err) must_use;

/* A fresh deployment id: sorts by time, and a valid label value. */
const char *submit_new_id(int64_t now_ms, struct arena *arena);
/* The whole intent; new reference. */
json_t *submit_application(const struct release *release, const char *deployment_id, const char *author,
                           int64_t now_ms);

struct submission {
	const char *deployment_id;
	const char *author; /* as the cluster knows us; NULL: it does not say */
	int64_t started_ms; /* the server's time of the apply */
	bool is_overtaken;  /* refused, as the Application was no longer that of `standing` */
};
/* Without `force` the Application must still be the one of `standing`: who was overtaken fails with
 * ERROR_CONFLICT and has changed nothing.  *ret is set before anything is written, on failure too. */
bool submit(struct kubernetes *kubernetes, const struct release *release, const struct standing *standing,
            bool force, bool dry_run, struct arena *arena, struct submission *ret, struct error *err) must_use;

/* "spec.config.replicas (kubectl)" for each key of the stored config that the file does not have,
 * with whoever manages it; "" when they are equal. */
const char *submit_difference(const json_t *application, const json_t *config, struct arena *arena);

#endif
