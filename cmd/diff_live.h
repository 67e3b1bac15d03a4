/* `paas diff`: what a deploy of the file would change in an environment, with the operator or without. */
#ifndef PAAS_CMD_DIFF_LIVE_H
#define PAAS_CMD_DIFF_LIVE_H

#include "cmd/diff_view.h"
#include "core/deploy/release.h"

struct session;

struct diff_live {
	const struct release_request *request;
	bool is_direct; /* as `paas deploy --direct` writes; set where the cluster has no operator */
};

/* `ret` begins with its arena only; the caller releases it, on failure too. */
bool diff_live_find(struct session *session, struct diff_live *choice, struct diff_subject *ret_subject,
                    struct differences *ret, struct error *err) must_use;
/* As diff_view_to_json, with "is_direct"; new reference. */
json_t *diff_live_to_json(const struct diff_subject *subject, const struct differences *differences, bool is_direct);

#endif
