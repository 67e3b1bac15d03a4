/* Inside of ingress.c: certificates for hosts. */
#ifndef PAAS_CORE_FIAAS_TLS_H
#define PAAS_CORE_FIAAS_TLS_H

#include "core/fiaas/rendering.h"

/* Who issues a host's certificate. */
struct tls_issuer {
	const char *type;   /* annotation */
	const json_t *name; /* borrowed, NULL: none */
};

bool tls_is_enabled(const struct rendering *rendering);
struct tls_issuer tls_issuer_of_host(struct rendering *rendering, const char *host);
struct tls_issuer tls_default_issuer(struct rendering *rendering);
bool tls_is_same_issuer(struct tls_issuer a, struct tls_issuer b);

/* The annotation that asks for certificates. */
void tls_add_annotation(const struct rendering *rendering, struct tls_issuer issuer,
                        json_t *annotations);
/* spec.tls of the Ingress `name`. */
json_t *tls_entries(const struct rendering *rendering, const char *name, bool is_default,
                    const char *const *hosts, size_t n_hosts);

#endif
