/* Following a deployment in a cluster: informers feed the fold (follow.h), which is asked what it
 * makes of it after every change, and given what only requests can find out.
 */
#ifndef PAAS_CORE_DEPLOY_WATCH_H
#define PAAS_CORE_DEPLOY_WATCH_H

#include <stdbool.h>

#include "core/deploy/follow.h"

struct kubernetes;
struct loop;

struct watch_request {
	struct loop *loop;
	struct kubernetes *kubernetes;
	const char *namespace, *name;
	bool is_restart;   /* goes on where there is no operator to be asked */
	bool is_direct;    /* there is none, and its kinds are not looked at */
	int64_t server_ms; /* the server's clock now */
	/* Told after every tick; borrowed until it returns. */
	void (*told)(void *data, const struct deployment *deployment);
	void *data;
};

/* From a fiber, until there is an outcome; false only when cancelled (ERROR_INTERRUPTED): the
 * deployment goes on. */
bool watch_deployment(const struct watch_request *request, struct follow *follow, struct error *err) must_use;

/* The images that pods of the current revision run, compared with the digests the tag resolved to:
 * the name of a pod that runs something else in *ret_pod, its image in *ret_image; false when all
 * is as it should be. */
bool watch_finds_foreign_image(const struct follow *follow, const char *const *digests, size_t n_digests,
                               const char **ret_pod, const char **ret_image);

#endif
