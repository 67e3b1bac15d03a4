/* The open client, for the files of this folder. */
#ifndef PAAS_API_KUBERNETES_CALL_H
#define PAAS_API_KUBERNETES_CALL_H

#include "api/kubernetes/client.h"
#include "net/http.h"

struct exec_credential;

enum { KUBERNETES_WARNINGS_MAX = 64, KUBERNETES_ANSWER_MAX = 64 * 1024 * 1024 };

struct kubernetes {
	struct http *http;
	const char *name;   /* "kubernetes dev" */
	const struct kubernetes_access *access;
	struct arena *arena;
	struct http_endpoint endpoint;
	const struct exec_credential *exec; /* what the plugin gave last */
	struct secret *token;               /* of the token file, when it changed since; of the source */
	int64_t token_expires_at_ms;        /* wall; 0: does not say */
	struct secret **retired;            /* earlier ones: requests under way may point at them */
	size_t n_retired;
	int64_t token_read_ms;              /* monotonic */
	int64_t server_time_ms;
	void (*warn)(void *data, const char *text);
	void *warn_data;
	const char *warnings[KUBERNETES_WARNINGS_MAX]; /* told already */
	size_t n_warnings;
};

/* "GET /path" without the query. */
const char *kubernetes_call_what(const struct kubernetes_call *call, struct arena *arena);
/* What a proxy or a confused server sends with 200 is no answer: it must be an object of `kind`. A
 * new reference. */
bool kubernetes_parse_object(const struct kubernetes *kubernetes, const struct kubernetes_call *call,
                             const struct http_response *answer, const char *kind, json_t **ret,
                             struct error *err) must_use;
/* Sends and parses; asks once more for an answer that is none, when that is harmless. */
bool kubernetes_call_object(struct kubernetes *kubernetes, const struct kubernetes_call *call,
                            const char *kind, json_t **ret, struct error *err) must_use;
/* The path of a list or watch with its selectors; ends in the query ("?…" or nothing). */
const char *kubernetes_query_path(const struct kubernetes_query *query, const char *parameters,
                                  struct arena *arena);

#endif
