/* Where people reach an application: the addresses of its Ingress objects. */
#ifndef PAAS_CORE_DEPLOY_ADDRESSES_H
#define PAAS_CORE_DEPLOY_ADDRESSES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct kubernetes;

enum { ADDRESSES_MAX = 64 };
struct addresses {
	const char *urls[ADDRESSES_MAX]; /* "https://shop.acme.example/api": no other than plain URLs */
	size_t count;
};

/* In the order of the objects' names; https where the Ingress has a certificate for the host.  Hosts
 * that are none (a server may say anything) and wildcards are left out.  Fails as the cluster does. */
bool addresses_read(struct kubernetes *kubernetes, const char *namespace, const char *name, struct arena *arena,
                    struct addresses *ret, struct error *err) must_use;
/* Out of one Ingress. */
void addresses_add(struct addresses *addresses, const json_t *ingress, struct arena *arena);

#endif
