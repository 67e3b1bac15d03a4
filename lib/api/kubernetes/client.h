/* A Kubernetes API server: requests, lists, watches, apply, logs.  Called from fibers.
 *
 * Objects are JSON trees; typed readers live with whoever reads them.  Every failure carries the
 * server's own Status message and the URL.  Codes: 401 ERROR_NOT_LOGGED_IN (after one refresh of
 * the credential), 403 ERROR_FORBIDDEN, 404 ERROR_NOT_FOUND, 409 ERROR_CONFLICT, 422 and 400
 * ERROR_INVALID_SPEC, 5xx and transport ERROR_UNREACHABLE, nonsense ERROR_BAD_ANSWER.
 */
#ifndef PAAS_API_KUBERNETES_CLIENT_H
#define PAAS_API_KUBERNETES_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct http;
struct http_header;
struct http_peer;
struct http_response;
struct kubernetes;
struct http_stream;
struct secret;
struct kubernetes_access; /* api/kubernetes/access.h: server, credentials, namespace */

/* `name` is for messages: "dev".  The arena holds the client; it and `access` outlive it. */
bool kubernetes_open(struct http *http, const char *name, const struct kubernetes_access *access,
                     struct arena *arena, struct kubernetes **ret, struct error *err) must_use;
void kubernetes_close(struct kubernetes *kubernetes);
/* The namespace of the context, else "default". */
const char *kubernetes_default_namespace(const struct kubernetes *kubernetes);
const char *kubernetes_server(const struct kubernetes *kubernetes);
/* Told the text of each `Warning:` header the server sends, each distinct text once. */
void kubernetes_on_warning(struct kubernetes *kubernetes, void (*told)(void *data, const char *text),
                           void *data);

/* One kind of object; the API's own words. */
struct kubernetes_resource {
	const char *group;   /* "" = core */
	const char *version; /* "v1" */
	const char *plural;  /* "deployments" */
	const char *kind;
	bool is_cluster_scoped;
};
extern const struct kubernetes_resource kubernetes_pods, kubernetes_events, kubernetes_services,
	kubernetes_configmaps, kubernetes_secrets, kubernetes_namespaces, kubernetes_nodes,
	kubernetes_service_accounts, kubernetes_persistent_volume_claims, kubernetes_deployments,
	kubernetes_replica_sets, kubernetes_ingresses, kubernetes_autoscalers,
	kubernetes_disruption_budgets, kubernetes_applications, kubernetes_application_statuses,
	kubernetes_role_bindings, kubernetes_resource_quotas,
	kubernetes_autoscalers_v1, kubernetes_ingresses_v1beta1; /* as FIAAS writes them */
/* By kind or plural, or NULL. */
const struct kubernetes_resource *kubernetes_resource_of_kind(const char *api_version, const char *kind);

/* "/apis/apps/v1/namespaces/NS/deployments/NAME/status": escaped, in `arena`.  NULL parts are left out. */
const char *kubernetes_path(const struct kubernetes_resource *resource, const char *namespace,
                            const char *name, const char *subresource, struct arena *arena);

/* Any request; `path` starts with '/' and may hold a query.  Any status below 400 is a success.
 * With `raw_status`, statuses from 400 on are a success too (for `paas api`). */
bool kubernetes_request(struct kubernetes *kubernetes, const char *method, const char *path,
                        const char *content_type, const char *body, size_t length, bool raw_status,
                        struct arena *arena, struct http_response *ret, struct error *err) must_use;

/* The same as a stream (net/http.h): a paged or endless answer that is passed on as it arrives.
 * With a status of 400 or more and `raw_status`, *ret is NULL and the body in ret_head. */
struct kubernetes_call {
	const char *method; /* NULL: GET */
	const char *path;
	const struct http_header *headers; /* Accept and Content-Type are application/json unless here */
	size_t n_headers;
	const char *body;
	size_t length;
	const struct secret *secret_body; /* instead of `body` */
	bool is_private;    /* traces show no body */
	size_t max_bytes;   /* of the answer, when not streamed; 0 = 64 MiB */
	bool is_idempotent; /* a PATCH or POST that may be sent twice */
	bool is_alone;      /* HTTP/1.1 on a connection of its own: a paused HTTP/2 stream buffers without bound */
	size_t max_waiting; /* of a stream: bytes that may wait to be read; 0 = 256 KiB */
	bool is_stream;     /* endless: headers within 30 s, then no deadline but 150 s of silence; no retry */
	bool raw_status;
	struct http_peer *peer; /* told of the connection when given (net/http.h) */
};
bool kubernetes_call_open(struct kubernetes *kubernetes, const struct kubernetes_call *call,
                          struct arena *arena, struct http_response *ret_head,
                          struct http_stream **ret, struct error *err) must_use;
bool kubernetes_call_send(struct kubernetes *kubernetes, const struct kubernetes_call *call,
                          struct arena *arena, struct http_response *ret, struct error *err) must_use;

/* Fills *err for an answer of 300 and more that came with `raw_status`: by the table above, with
 * the server's own message, the URL and the credential that was used. */
void kubernetes_put_status(struct kubernetes *kubernetes, const struct kubernetes_call *call,
                           const struct http_response *answer, struct arena *arena, struct error *err);

/* New references. */
bool kubernetes_get(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                    const char *namespace, const char *name, json_t **ret, struct error *err) must_use;
bool kubernetes_create(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                       const char *namespace, const json_t *object, json_t **ret,
                       struct error *err) must_use;

struct kubernetes_query {
	const struct kubernetes_resource *resource;
	const char *namespace; /* NULL = all */
	const char *label_selector, *field_selector; /* NULL = everything */
	unsigned page_size;    /* 0 = 500 */
};
/* All pages, items completed with kind and apiVersion; an expired continue token restarts once,
 * then asks without pages: never a silently partial list.  *ret has items and metadata. */
bool kubernetes_list(struct kubernetes *kubernetes, const struct kubernetes_query *query,
                     json_t **ret, struct error *err) must_use;

struct kubernetes_apply_options {
	const char *field_manager;
	bool force, dry_run;
};
/* Server-side apply of the whole intent.  *ret: as stored.  A conflict names the managers in
 * err->why and fields in `conflicts` when given. */
bool kubernetes_apply(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                      const char *namespace, const char *name, const json_t *object,
                      const struct kubernetes_apply_options *options, json_t **ret,
                      struct error *err) must_use;
bool kubernetes_delete(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                       const char *namespace, const char *name, struct error *err) must_use;

/* A merge patch, *ret: as stored.  With a resourceVersion in it, ERROR_CONFLICT may also mean that
 * it was written by a request whose answer was lost. */
bool kubernetes_merge(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const char *namespace,
                      const char *name, const json_t *patch, const char *field_manager, json_t **ret,
                      struct error *err) must_use;
/* This very object, as it was read: ERROR_CONFLICT when it has changed since.  With `dry_run` only
 * whether it could be. */
bool kubernetes_delete_exactly(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                               const json_t *object, bool dry_run, struct error *err) must_use;

/* The server's clock at the last answer (its Date header), wall ms; 0 before the first. */
int64_t kubernetes_server_time_ms(const struct kubernetes *kubernetes);

/* A list kept up to date.  Opens with a list (each object as ADDED, then SYNCED), follows with a
 * watch, and survives ends, resets, bookmarks and 410 by itself, telling vanished objects as
 * DELETED after a relist.  Connection trouble is told as LOST and BACK, never as an end. */
enum kubernetes_event_type {
	KUBERNETES_ADDED, KUBERNETES_MODIFIED, KUBERNETES_DELETED,
	KUBERNETES_SYNCED, /* everything listed was told; object is NULL */
	KUBERNETES_LOST,   /* why in `trouble` */
	KUBERNETES_BACK,
};
struct kubernetes_event {
	enum kubernetes_event_type type;
	const struct kubernetes_resource *resource;
	json_t *object;      /* borrowed until the callback returns */
	struct error trouble;
};
struct kubernetes_informer;
/* Runs in a fiber of its own until stopped; `told` is called from it and must not stop it.  A
 * failure that time cannot cure (401, 403, 404 of the resource) ends it: told as LOST with
 * retryable false.  Call both from a fiber. */
struct kubernetes_informer *kubernetes_informer_start(struct kubernetes *kubernetes,
                                                      const struct kubernetes_query *query,
                                                      void (*told)(void *data, const struct kubernetes_event *event),
                                                      void *data);
void kubernetes_informer_stop(struct kubernetes_informer *informer);

struct kubernetes_log_query {
	const char *namespace, *pod, *container;
	bool previous, timestamps;
	unsigned tail_lines; /* 0 = all */
	size_t max_bytes;    /* limitBytes; 0 = 64 KiB.  Not of a stream */
	bool follow;            /* a stream: until the container ends */
	const char *since_time; /* RFC 3339; the server cuts it to whole seconds; NULL: from the beginning */
	size_t max_waiting;     /* of a stream: bytes that may wait to be read; 0 = 256 KiB */
};
bool kubernetes_read_log(struct kubernetes *kubernetes, const struct kubernetes_log_query *query,
                         struct arena *arena, const char **ret, size_t *ret_length,
                         struct error *err) must_use;

/* The same as a stream on a connection of its own, of which `max_waiting` bytes wait to be read.  A
 * container that has not started is ERROR_INVALID_SPEC (400), a pod without a node an empty stream. */
bool kubernetes_open_log(struct kubernetes *kubernetes, const struct kubernetes_log_query *query,
                         struct arena *arena, struct http_stream **ret, struct error *err) must_use;

/* SelfSubjectAccessReview: may I? `group` "" = core; `resource` may name a subresource: "pods/log". */
bool kubernetes_can_i(struct kubernetes *kubernetes, const char *namespace, const char *verb,
                      const char *group, const char *resource, bool *ret_allowed,
                      struct error *err) must_use;
/* SelfSubjectReview: the user name the server knows us by. */
bool kubernetes_who_am_i(struct kubernetes *kubernetes, struct arena *arena, const char **ret_user,
                         struct error *err) must_use;

#endif
