/* Host names that the operator's rules change: Python regular expressions, run by pcre2, which is
 * loaded when there is a rule and a host. */
#ifndef PAAS_CORE_FIAAS_HOST_H
#define PAAS_CORE_FIAAS_HOST_H

#include "base/arena.h"
#include "base/error.h"
#include "core/fiaas/options.h"

/* The first rule whose pattern matches at the start of `host` replaces every match in it.  *ret is
 * `host` itself or in `arena`.  Fails: ERROR_INVALID_SPEC, a rule is no regular expression. */
bool host_rewrite(const struct fiaas_pairs *rules, const char *host, struct arena *arena,
                  const char **ret, struct error *err) must_use;

#endif
