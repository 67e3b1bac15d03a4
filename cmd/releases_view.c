#include "cmd/releases_view.h"

#include "api/kubernetes/client.h"
#include "cmd/command.h"
#include "data/platform.h"
#include "role/cluster.h"
#include "ui/output.h"

/* The cluster's own releases are told although the pipelines cannot be. */
static void
open_pipelines(struct session *session, struct releases_view *view)
{
	struct error failure;
	if (cd_open(session->http, session->platform, session->arena, &view->cd, &failure))
		return;
	output_warn(session->out, "the runs of the pipeline are missing: %s", failure.why);
}

bool
releases_open(struct session *session, const char *application, unsigned max, struct releases_view *ret, struct error *err)
{
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .application = application};
	if (!release_locate(&request, session->arena, &ret->located, err) ||
	    !cluster_open(session->http, ret->located.environment->cluster, session->arena, &ret->cluster, err))
		return false;
	open_pipelines(session, ret);
	const struct history_request question = {
		.kubernetes = ret->cluster->kubernetes, .cd = ret->cd, .name = ret->located.name, .namespace = ret->located.namespace,
		.environment = ret->located.environment, .max = max};
	if (!history_read(&question, session->arena, &ret->history, err)) {
		if (err->code == ERROR_NOT_FOUND)
			error_put_next(err, "FIAAS keeps them; without it deploy the earlier image: paas deploy --direct --env %s --image IMAGE",
			               ret->located.environment->name);
		return error_doing(err, "reading the releases of %s in %s", ret->located.name, ret->located.environment->name);
	}
	if (ret->history.trouble.code != ERROR_NONE)
		output_warn(session->out, "some of what is known of these releases is missing: %s", ret->history.trouble.why);
	return true;
}

void
releases_close(struct releases_view *view)
{
	history_release(&view->history);
	cd_close(&view->cd);
	cluster_close(&view->cluster);
}

const char *
releases_label(const struct past_release *release, struct arena *arena)
{
	return release->number != 0 ? arena_printf(arena, "r%u", release->number) : release->deployment_id;
}
