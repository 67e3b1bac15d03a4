/* Where the values of `paas secrets set` and `paas vars set` come from: standard input, a file, the
 * person at the terminal; never the command line, which everyone on the machine can read.
 */
#ifndef PAAS_CMD_VALUES_INPUT_H
#define PAAS_CMD_VALUES_INPUT_H

#include "core/configuration/change.h"

struct session;
struct text_list;

struct values_input {
	const struct text_list *names; /* positionals */
	const char *file;              /* --from-file: the bytes of one */
	const char *environment_file;  /* --from-env-file: several */
	bool may_be_empty;
};

/* Before anything is read.  Fails: ERROR_USAGE; no message repeats what may be a value. */
bool values_input_check(const struct values_input *input, const struct values_form *form,
                        struct error *err) must_use;
/* Released with value_changes_release, also on failure. */
bool values_input_read(struct session *session, const struct values_input *input, const struct values_form *form,
                       struct value_change **ret, size_t *ret_count, struct error *err) must_use;

#endif
