/* What `paas deploy` shows while and after it follows: progress on standard error, or JSON lines. */
#ifndef PAAS_CMD_DEPLOY_VIEW_H
#define PAAS_CMD_DEPLOY_VIEW_H

#include "core/deploy/follow.h"

struct loop;
struct output;
struct progress;

enum { VIEW_TOLD_MAX = 64 };

struct deploy_view {
	const char *name; /* of the application */
	struct output *out;
	struct progress *progress;
	char told[VIEW_TOLD_MAX][120]; /* keys of findings that were said */
	size_t n_told, n_notes;
	char last[400];            /* the last progress line of --json */
};

void deploy_view_begin(struct deploy_view *view, const char *name, struct output *out, struct loop *loop,
                       struct arena *arena);
/* For watch_request. */
void deploy_view_tick(void *view, const struct deployment *deployment);
void deploy_view_end(struct deploy_view *view);

/* A line of the stream: `object` (stolen) with "type" and "time". */
bool deploy_view_json(struct output *out, const char *type, json_t *object, struct error *err) must_use;

#endif
