/* A command line cut into words the POSIX-shell way, as Python's shlex does it.
 *
 * White space separates; '…' is literal; in "…" a backslash escapes only " and \; elsewhere it takes
 * the next character literally.  No variables, globs or comments.
 */
#ifndef PAAS_CORE_FIAAS_SHELL_SPLIT_H
#define PAAS_CORE_FIAAS_SHELL_SPLIT_H

#include <jansson.h>

/* A list of texts (new reference), or NULL and *ret_why: "No closing quotation". */
json_t *shell_split(const char *text, const char **ret_why);

#endif
