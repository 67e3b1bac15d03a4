/* One request on its way through the API server: what it asks for, and how it is answered.
 * For the files of this folder only. */
#ifndef PAAS_SANDBOX_KUBERNETES_CALL_H
#define PAAS_SANDBOX_KUBERNETES_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "sandbox/kubernetes/api.h"
#include "sandbox/kubernetes/selector.h"
#include "sandbox/kubernetes/store.h"

struct kubernetes_api {
	struct kubernetes_api_options options;
	char *denied;              /* kubernetes_api_deny; owned */
	struct store_listener listener;
	struct watcher *watchers;  /* watch.c */
};

/* What the client's Accept header asks objects to look like. */
enum shape { SHAPE_OBJECT, SHAPE_METADATA, SHAPE_TABLE };

struct call {
	struct kubernetes_api *api;
	struct web_request *request;                /* NULL: a call of our own (own.c), which nobody hears answered */
	const char *own_manager;                    /* who makes that */
	json_t *own_failure;                        /* why it failed, or NULL; owned by its maker */
	struct arena *arena;
	const struct kubernetes_api_user *user;
	const struct resource *resource;
	const char *namespace, *name, *subresource; /* "" where the path has none */
	bool is_watch_path;                         /* the old form /api/v1/watch/… */
	enum shape shape;
};

const char *call_query(const struct call *call, const char *name); /* NULL when absent */
bool call_query_is_true(const struct call *call, const char *name);
/* Who to put down for a change: fieldManager, else the User-Agent up to its slash. */
const char *call_field_manager(const struct call *call);
bool call_is_dry_run(const struct call *call);
/* Whether the user may do it; "" for a group or subresource that there is not. */
bool call_may(const struct call *call, const char *verb, const char *plural);
/* The 403 for it; new reference. */
json_t *call_forbidden(const struct call *call, const char *verb, const char *noun);

/* Whether the server has the kind: all that the sandbox knows, or all but the operator's. */
bool call_serves(const struct call *call, const struct resource *resource);

/* The object the path names; borrowed, NULL when absent. */
const json_t *call_stored(const struct call *call);

/* Answers; `fail` steals the Status.  An object goes out in the shape asked for. */
void call_answer(struct call *call, unsigned code, const json_t *body);
void call_answer_object(struct call *call, unsigned code, const json_t *object);
void call_fail(struct call *call, json_t *status);
void call_warn(struct call *call, const char *text);
/* New reference: the object in the shape asked for.  `with_columns` matters for tables only. */
json_t *call_shape_object(const struct call *call, const json_t *object, bool with_columns);
/* New reference, or NULL after having failed the call. */
json_t *call_parse_body(struct call *call);

/* The handlers, by verb or theme. */
void list_handle(struct call *call);
void watch_handle(struct call *call);
void read_handle(struct call *call);
void create_handle(struct call *call);
void update_handle(struct call *call);
void patch_handle(struct call *call);
void delete_handle(struct call *call);
void delete_collection_handle(struct call *call);
void log_handle(struct call *call);
void scale_handle(struct call *call);
void eviction_handle(struct call *call);
void token_handle(struct call *call);
/* exec, attach, portforward: 501. */
void inside_handle(struct call *call);
/* False when the path is not theirs. */
bool discovery_handle(struct call *call);
bool openapi_handle(struct call *call);
bool review_handle(struct call *call);

/* write.c: the road of every change.  From `before` (NULL: there is none) to `after` (stolen).
 * `is_tracked`: managedFields are already right. */
void write_commit(struct call *call, unsigned code, const json_t *before, json_t *after, bool is_tracked);
/* The 404 or 403 when nothing can be made in the call's namespace; new reference, or NULL. */
json_t *write_check_namespace(const struct call *call);

/* delete.c: deletes as the options (DeleteOptions) say, and answers. */
void delete_object(struct call *call, const json_t *object, const json_t *options);
/* The body as DeleteOptions, {} without one: a new reference, NULL after having failed the call. */
json_t *delete_options(struct call *call);

/* watch.c: tells the watchers of a change. */
void watch_tell(struct store_listener *listener, const struct store_change *change);

#endif
