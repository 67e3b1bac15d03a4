/* `paas config use URL`: the company's platform file, signed by its platform team.
 *
 * URL and URL.minisig are fetched over https, without following redirects; the signature must be of
 * a pinned key, the file usable, its serial not below the last one of that address.  Then the file
 * is stored beside its signature and the user's setting `platform` names it.
 */
#ifndef PAAS_CORE_PLATFORM_USE_H
#define PAAS_CORE_PLATFORM_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/problem.h"

struct http;

struct platform_use {
	struct http *http;
	struct arena *arena;
	const char *url; /* NULL: the one in use */
	bool allow_older;
};

struct platform_used {
	const char *url, *company, *key_id;
	const char *path, *settings_file;
	int64_t serial, previous_serial; /* previous: -1 = none of that address */
	bool is_new;                     /* other bytes than the last time */
};

/* From a fiber.  Fails: ERROR_USAGE (no https URL), ERROR_NOT_FOUND (none was fetched before),
 * ERROR_INVALID_FILE (no key is pinned, signature, content), ERROR_CONFLICT (an
 * older serial, or the same serial with other bytes), and as http_send.  What is wrong with the file is in `problems`. */
bool platform_use(const struct platform_use *use, struct problems *problems, struct platform_used *ret,
                  struct error *err) must_use;

#endif
