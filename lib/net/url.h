/* A URL taken apart. */
#ifndef PAAS_NET_URL_H
#define PAAS_NET_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

struct url {
	const char *scheme; /* "https" or "http" */
	const char *host;   /* lower case, without brackets */
	const char *port;   /* never empty */
	const char *origin; /* "https://host:port": to compare */
	const char *site;   /* the same without a default port: to show and to ask */
	const char *target; /* path and query, begins with '/'; without fragment */
};
/* Strings in `arena`.  Fails: ERROR_BAD_ANSWER. */
bool url_parse(const char *text, struct arena *arena, struct url *ret, struct error *err) must_use;

#endif
