/* The systems of a platform file that want a credential, in one list: the tools in their roles, and
 * the clusters that are reached without a kubeconfig.
 *
 * One table of providers says how each is spoken to: which kinds of credential it takes, where a
 * person gets one, which variables of its own count, and what answers "who am I?" most cheaply.
 */
#ifndef PAAS_ROLE_SYSTEMS_H
#define PAAS_ROLE_SYSTEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/credential.h"
#include "base/arena.h"
#include "base/error.h"

struct http_endpoint;
struct platform;

enum { SYSTEMS_MAX = 64 };

struct system {
	const char *name;    /* unique: "github", "kubernetes pro"; what `paas login` and `whoami` say */
	const char *label;   /* "GitHub", "Kubernetes" */
	const char *ca_file; /* NULL: the system's authorities */
	struct credential_system credential; /* role, provider, url, … */
	const char *client_id;    /* of paas at the system, for its device flow; NULL: none */
	const char *account_page; /* where a person makes a token, a path of systems_web_origin; NULL: nowhere */
	const char *token_prefix; /* what a token alone is sent as: "Bearer ", "token ", "ApiKey "; NULL: in `token_header` */
	bool takes_certificate;   /* of a client, in the TLS handshake */
	const char *token_header, *second_header; /* of a pair of keys: "DD-API-KEY", "DD-APPLICATION-KEY" */
};

/* In the order of the platform file, sign-on apart; a role without an address is none.  At most SYSTEMS_MAX. */
size_t systems_of_platform(const struct platform *platform, struct arena *arena, struct system ret[SYSTEMS_MAX]);

/* By name, role or provider.  Fails: ERROR_NOT_FOUND with did-you-mean. */
bool systems_find(const struct system *systems, size_t n_systems, const char *word, const struct system **ret,
                  struct error *err) must_use;
/* Where people meet it, and git: "https://github.com" of "https://api.github.com", "https://acme.ghe.com" of "https://api.acme.ghe.com",
 * "https://ghe.acme.example" of "https://ghe.acme.example/api/v3"; of all others the origin of the url. */
const char *systems_web_origin(const struct system *system, struct arena *arena);
/* Where people meet a provider that has one place for all: "https://github.com" of github; NULL: it has none. */
const char *systems_usual_page(const char *provider);
/* How the system is spoken to with `credential` (CREDENTIAL_NONE: without), which outlives *ret.  Fails: ERROR_INVALID_FILE (ca_file). */
bool systems_endpoint(const struct system *system, const struct credential *credential, struct arena *arena,
                      struct http_endpoint *ret, struct error *err) must_use;
/* That of an origin ("https://host:443"), or NULL. */
const struct system *systems_of_origin(const struct system *systems, size_t n_systems, const char *origin);

#endif
