/* The emulated API server: requests in, store changes and answers out.
 *
 * Written from the API's reference, not from our client: kubectl is the judge.  The world (what
 * happens in the cluster) is reached through the store, and through the hooks below.
 *
 * A DELETE of a pod that runs on a node, with a grace period, only sets deletionTimestamp and
 * deletionGracePeriodSeconds; the world removes the object when its kubelet is done.  The same for
 * any object with finalizers: it goes when the last finalizer is taken off.
 */
#ifndef PAAS_SANDBOX_KUBERNETES_API_H
#define PAAS_SANDBOX_KUBERNETES_API_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct kubernetes_api;
struct loop;
struct resource;
struct store;
struct web_request;

struct kubernetes_api_user {
	const char *name, *token; /* bearer */
	const char *denied;       /* "create:deployments,*:secrets"; verb:plural, NULL = may everything */
	const char *const *groups; /* ended by NULL; NULL = none */
};

struct kubernetes_api_options {
	struct loop *loop;
	struct store *store;
	const struct kubernetes_api_user *users; /* borrowed */
	size_t n_users;
	bool without_fiaas; /* a cluster where nobody has defined the operator's kinds */
	void *data; /* the hooks' */
	/* Everything a container wrote so far, borrowed until the loop turns: lines of
	 * "2026-11-24T02:00:00.123456789Z message\n".  NULL = no such log. */
	const char *(*read_log)(void *data, const char *namespace, const char *pod, const char *container,
	                        bool is_previous, size_t *ret_length);
	/* Whose the token is, when it is none of `users`; in `arena`.  May be NULL. */
	bool (*authenticate)(void *data, const char *token, struct arena *arena, struct kubernetes_api_user *ret);
	/* Whether admission lets a created or changed object pass; a refusal is an HTTP code and a
	 * message.  May be NULL. */
	bool (*admit)(void *data, const struct resource *resource, const json_t *object,
	              unsigned *ret_code, char *ret_message, size_t message_size);
};

struct kubernetes_api *kubernetes_api_new(const struct kubernetes_api_options *options);
void kubernetes_api_free(struct kubernetes_api *api);

/* Answers, now or later: /api, /apis, /version, /readyz, /livez, /healthz, /openapi. */
void kubernetes_api_handle(struct kubernetes_api *api, struct web_request *request);

/* Applies an object as `kubectl apply` of a user with that name does, by the same rules as a request: creates
 * it, or changes what differs from what was applied last.  False: *ret_why is what kubectl would say, in `arena`. */
bool kubernetes_api_apply(struct kubernetes_api *api, const char *user, const json_t *object, struct arena *arena,
                          const char **ret_why);

/* Tells every open watch that its version has expired, and ends it. */
void kubernetes_api_expire_watches(struct kubernetes_api *api);
/* Ends every open watch without a word. */
void kubernetes_api_end_watches(struct kubernetes_api *api);
size_t kubernetes_api_open_watches(const struct kubernetes_api *api);
/* From now on nobody may do these ("create:applications"); NULL lifts it.  Copied. */
void kubernetes_api_deny(struct kubernetes_api *api, const char *denied);

#endif
