/* What `paas secrets` and `paas vars` have in common: all but the words. */
#ifndef PAAS_CMD_APPLICATION_VALUES_H
#define PAAS_CMD_APPLICATION_VALUES_H

#include "cmd/command.h"

struct values_form;

extern const struct option_spec values_list_options[], values_set_options[], values_secret_unset_options[], values_variable_unset_options[];

bool values_run_list(const struct values_form *form, struct session *session, struct error *err) must_use;
bool values_run_set(const struct values_form *form, struct session *session, struct error *err) must_use;
bool values_run_unset(const struct values_form *form, struct session *session, struct error *err) must_use;

#endif
