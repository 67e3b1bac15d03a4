/* Differences as text and JSON: signs and words first, colour only on top. */
#ifndef PAAS_CMD_DIFF_VIEW_H
#define PAAS_CMD_DIFF_VIEW_H

#include <jansson.h>

#include "core/difference/objects.h"

struct output;

/* What is compared, for the head: "checkout in dev". */
struct diff_subject {
	const char *application, *environment, *namespace;
	const char *before, *after; /* "what runs", "fiaas.yml with registry/shop:1.0" */
};

/* Nothing but names when the output is quiet. */
void diff_view_print(struct output *out, const struct diff_subject *subject, const struct differences *differences,
                     struct arena *arena);
/* New reference. */
json_t *diff_view_to_json(const struct diff_subject *subject, const struct differences *differences);
/* What a deploy would meet, as warnings. */
void diff_view_warn(struct output *out, const struct differences *differences);

#endif
