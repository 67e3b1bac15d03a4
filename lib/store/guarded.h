/* Working memory for secret bytes: as guarded as struct secret, but one may write into it.
 *
 *	scoped(guarded_free) unsigned char *key = guarded_new(32);
 */
#ifndef PAAS_STORE_GUARDED_H
#define PAAS_STORE_GUARDED_H

#include <stddef.h>

#include "base/compiler.h"

unsigned char *guarded_new(size_t size) __attribute__((returns_nonnull));
/* For scoped(): zeroes it, then gives it back. */
void guarded_free(unsigned char **bytes);

#endif
