/* Which proxy a request takes, as curl and Go read the environment. */
#ifndef PAAS_NET_PROXY_H
#define PAAS_NET_PROXY_H

#include <stdbool.h>

/* HTTPS_PROXY, https_proxy, http_proxy (HTTP_PROXY is a CGI variable and never read), ALL_PROXY,
 * all_proxy; "" when there is none, NO_PROXY covers the host, or the host is this machine. */
const char *proxy_from_environment(const char *scheme, const char *host);
/* Loopback goes through no proxy, whatever anybody configured. */
bool proxy_is_loopback(const char *host);
/* Does a NO_PROXY list ("*", "acme.example", ".acme.example", "10.0.0.0/8", by comma or space)
 * cover the host?  Host and entries without port; IPv6 without brackets. */
bool proxy_list_covers(const char *list, const char *host);

#endif
