/* Every object of the emulated cluster, and what happened to it.
 *
 * Plain JSON trees under (resource, namespace, name).  Each change gets the next resource version
 * and is kept in a bounded history, so that watches can resume and be refused as expired.  The
 * API (requests) and the world (controllers, kubelets, operator) both work through this; nobody
 * else holds state.  Objects handed out are borrowed and must not be changed: copy, change, put.
 */
#ifndef PAAS_SANDBOX_KUBERNETES_STORE_H
#define PAAS_SANDBOX_KUBERNETES_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row a kind served (sandbox/kubernetes/resources.c): discovery, tables and rules hang here. */
struct resource {
	const char *group, *version, *plural, *singular, *kind;
	const char *short_names; /* "po" or "deploy,dp"; "" = none */
	bool is_namespaced;
	bool has_status;         /* a status subresource: spec and status are written apart */
	const char *categories;  /* "all" or "" */
};
extern const struct resource resources[];
extern const size_t n_resources;
const struct resource *resource_find(const char *group, const char *version, const char *plural);
const struct resource *resource_of_kind(const char *api_version, const char *kind);
/* "v1" or "apps/v1". */
enum { RESOURCE_API_VERSION_BYTES = 64 };
const char *resource_api_version(const struct resource *resource,
                                 char ret[static RESOURCE_API_VERSION_BYTES]);
/* Defined by a CustomResourceDefinition: lists are atomic, no strategic merge patch. */
bool resource_is_custom(const struct resource *resource);

struct store;
struct store *store_new(void);
void store_free(struct store *store);

/* Borrowed, or NULL.  `namespace` is "" for cluster-scoped kinds. */
const json_t *store_get(const struct store *store, const struct resource *resource,
                        const char *namespace, const char *name);
/* Creates or replaces (steals `object`, which needs metadata.name): sets apiVersion, kind, uid,
 * creationTimestamp, resourceVersion, and generation when anything but metadata and status changed
 * (core kinds have none).  A new object keeps the uid and creationTimestamp it brings.  Returns
 * what is stored now, borrowed.  A put that changes nothing keeps the resource version and tells
 * nobody. */
const json_t *store_put(struct store *store, const struct resource *resource, json_t *object);
/* Removes; objects that name its uid as an owner go too (background propagation), and with a
 * Namespace everything in it.  False when absent. */
bool store_delete(struct store *store, const struct resource *resource, const char *namespace,
                  const char *name);
/* Calls `each` for every object of the kind in name order ("" or NULL: all namespaces); stops when
 * it returns false.  `each` may put and delete. */
void store_each(struct store *store, const struct resource *resource, const char *namespace,
                bool (*each)(void *data, const json_t *object), void *data);

/* The version of the newest change. */
uint64_t store_version(const struct store *store);
/* Oldest version a watch may still start from; store_compact forgets everything up to now. */
uint64_t store_oldest_version(const struct store *store);
void store_compact(struct store *store);

enum store_change_type { STORE_ADDED, STORE_MODIFIED, STORE_DELETED };
struct store_change {
	enum store_change_type type;
	uint64_t version;
	const struct resource *resource;
	const json_t *object, *before; /* borrowed; before is NULL for STORE_ADDED */
};
/* Called after each change, in the order of versions, before store_put or store_delete returns.
 * Changing the store from within is allowed: listeners hear of it when all have heard the first. */
struct store_listener {
	void (*changed)(struct store_listener *listener, const struct store_change *change);
	void *data;
	struct store_listener *next; /* the store's */
};
void store_listen(struct store *store, struct store_listener *listener);
void store_unlisten(struct store *store, struct store_listener *listener);
/* Replays the history after `version` for one kind; false when it is too old. */
bool store_replay(struct store *store, const struct resource *resource, uint64_t version,
                  void (*each)(void *data, const struct store_change *change), void *data);

/* Everything as one JSON value (new reference), and back (replaces all; versions go on rising). */
json_t *store_snapshot(const struct store *store);
bool store_restore(struct store *store, const json_t *snapshot);

#endif
