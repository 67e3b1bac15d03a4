/* What the browser brings back in the query (RFC 6749 4.1.2, 9207).  For lib/auth only. */
#ifndef PAAS_AUTH_REDIRECT_H
#define PAAS_AUTH_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

/* Empty where there is none; texts are hostile. */
struct redirect {
	char code[4096]; /* wiped by redirect_wipe */
	char state[256], iss[2048], error[64], description[200];
};
/* False: a parameter twice, too long, or not percent-encoded text.  Unknown ones are passed over. */
bool redirect_read(const char *query, size_t length, struct redirect *ret) must_use;
/* For scoped(). */
void redirect_wipe(struct redirect *redirect);

#endif
