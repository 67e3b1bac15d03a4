/* `paas diff --all`: every application of a repository (`apps:` of .paas.yml), one after another. */
#ifndef PAAS_CMD_DIFF_ALL_H
#define PAAS_CMD_DIFF_ALL_H

#include "cmd/diff_view.h"
#include "core/deploy/release.h"

struct session;

struct diff_one {
	const char *name;
	struct diff_subject subject;
	struct differences differences; /* owned */
	bool is_direct;
};

struct diff_all {
	struct diff_one *items;
	struct error *failures; /* one an item; code ERROR_NONE: it was compared */
	size_t count;
	bool is_different; /* at least one of those compared */
};

/* What fails is told at once, the others go on, until Ctrl-C.  `request` is used for each.
 * Fails: ERROR_USAGE when .paas.yml lists no applications. */
bool diff_all_find(struct session *session, struct release_request *request, bool is_direct, struct diff_all *ret,
                   struct error *err) must_use;
void diff_all_print(struct output *out, const struct diff_all *all, struct arena *arena);
/* {"is_same", "applications": [as of one, or {"application", "error"}]}; new reference. */
json_t *diff_all_to_json(const struct diff_all *all);
/* Releases it.  Fails with the gravest failure of all. */
bool diff_all_conclude(struct session *session, struct diff_all *all, struct error *err) must_use;

#endif
