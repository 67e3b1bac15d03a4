/* What happens in the emulated cluster by itself: controllers, scheduler, kubelets and the FIAAS
 * operator, all working through the store and the clock of the event loop.
 *
 * Event driven: a change in the store, or a due time, puts a key into one queue; each key is then
 * brought one step nearer to what it should be.  Nothing here answers requests.
 */
#ifndef PAAS_SANDBOX_WORLD_WORLD_H
#define PAAS_SANDBOX_WORLD_WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/loop.h"
#include "sandbox/kubernetes/store.h"

struct fiaas_options;

/* What nodes know of images. */
struct world_images {
	/* The digest of `image`; NULL when `*ret_is_ours` and it does not exist.  Images of
	 * registries that are not ours are taken to exist. */
	const char *(*find_digest)(void *data, const char *image, bool *ret_is_ours);
	void *data;
};

struct world_options {
	struct world_images images;              /* find_digest NULL: every image exists */
	const struct fiaas_options *fiaas;       /* borrowed */
	int64_t operator_delay_ms;               /* before it looks at a changed Application */
	bool has_operator;
	bool include_status_in_app;
	uint64_t seed;                           /* of names; 0 = from the clock */
};

struct world;
struct world *world_start(struct loop *loop, struct store *store,
                          const struct world_options *options);
void world_stop(struct world *world);

/* Namespace, service account, nodes: what a cluster has before anybody deploys. */
void world_seed(struct world *world, const char *namespace);

/* Arms a cause (world/causes.h) for an application; "" = every namespace, every application. */
bool world_break(struct world *world, const char *cause, const char *namespace, const char *app,
                 struct error *err) must_use;
/* Disarms; NULL or "" stands for every cause, namespace or application. */
void world_heal(struct world *world, const char *cause, const char *namespace, const char *app);
/* New reference: [{"cause", "namespace", "app"}]. */
json_t *world_broken(const struct world *world);

/* The lines a container has written, oldest first: [{"time_ms", "text"}], borrowed; NULL when it
 * never ran (or, with `is_previous`, never ended). */
const json_t *world_logs(const struct world *world, const char *pod_uid, const char *container,
                         bool is_previous);

/* What the world remembers beside the store: a copy, new reference. */
json_t *world_snapshot(const struct world *world);
void world_restore(struct world *world, const json_t *snapshot);

#endif
