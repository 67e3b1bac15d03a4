/* How the names of a Secret or ConfigMap are shown, and what has to happen until pods have them. */
#ifndef PAAS_CMD_VALUES_VIEW_H
#define PAAS_CMD_VALUES_VIEW_H

#include "core/configuration/change.h"
#include "core/configuration/delivery.h"

struct output;

/* Whose values they are. */
struct values_place {
	const struct values_form *form;
	const char *application, *environment, *namespace;
	int64_t now_ms; /* the cluster's clock */
};

/* `delivery` NULL: could not be read. */
bool values_view_list(struct output *out, const struct values_place *place, const struct values *values,
                      const struct delivery *delivery, struct error *err) must_use;

struct values_written {
	const struct value_change *changes;
	size_t n_changes;
	bool is_new;            /* the object was created */
	int64_t set_ms;
	const struct delivery *delivery; /* NULL: could not be read */
	bool restarts;          /* it is done at once */
};
/* What was changed and when pods have it; and what is wrong with single values. */
void values_view_written(struct output *out, const struct values_place *place, const struct values_written *written);
/* The same; `restart` (stolen) may be NULL. */
bool values_view_json(struct output *out, const struct values_place *place, const struct values_written *written,
                      json_t *restart, struct error *err) must_use;

#endif
