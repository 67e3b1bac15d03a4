/* Several names and values in one text, as "dotenv" files have them:
 *
 *	# comment
 *	DATABASE_URL=postgres://db/shop    # from the blank on a comment
 *	export TOKEN='as it is, $ and \ too'
 *	CERTIFICATE="two\nlines, or
 *	a line break as it stands"
 *
 * Nothing is expanded: `$` is a dollar.  In double quotes \n \r \t \" \\ \$ are what they look like.
 * The text is a secret: messages name lines and columns, and names that can be names, never more.
 */
#ifndef PAAS_CORE_CONFIGURATION_ENVIRONMENT_FILE_H
#define PAAS_CORE_CONFIGURATION_ENVIRONMENT_FILE_H

#include "base/secret.h"
#include "core/configuration/change.h"

enum { ENVIRONMENT_NAMES_MAX = 1000 };

/* `what` names it: ".env", "standard input".  The list is in `arena`, its values are released by
 * value_changes_release, also on failure.  Fails: ERROR_INVALID_FILE with line and column. */
bool environment_file_parse(const struct secret *text, const char *what, struct arena *arena,
                            struct value_change **ret, size_t *ret_count, struct error *err) must_use;
void value_changes_release(struct value_change *changes, size_t n_changes);

#endif
