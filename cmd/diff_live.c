#include "cmd/diff_live.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "cmd/command.h"
#include "core/deploy/direct.h"
#include "core/difference/preview.h"
#include "core/difference/preview_direct.h"
#include "data/platform.h"
#include "role/cluster.h"
#include "ui/output.h"

/* Only when the tag is that of before may it have moved; without an answer nothing is said. */
static void
resolve(struct session *session, struct release *release, const struct standing *standing)
{
	struct error failure;
	if (*standing->digest == '\0' || strcmp(standing->image, release->image) != 0 ||
	    release_resolve(release, session->http, session->platform, session->arena, &failure))
		return;
	output_warn(session->out, "the registry does not tell the digest of %s, so nobody can tell whether the tag moves: %s",
	            release->image, failure.why);
}

static struct diff_subject
subject_of(struct session *session, const struct release *release, const struct standing *standing)
{
	return (struct diff_subject){
		.application = release->name, .environment = release->environment->name,
		.namespace = arena_strdup(session->arena, release->namespace),
		.before = standing->application != NULL ? arena_strdup(session->arena, standing->image) : "nothing",
		.after = arena_strdup(session->arena, release->image),
	};
}

static bool
compare_direct(struct session *session, struct release *release, struct cluster *cluster,
               struct diff_subject *ret_subject, struct differences *ret, struct error *err)
{
	struct direct direct;
	if (!direct_look(cluster->kubernetes, release, session->arena, &direct, err))
		return false;
	resolve(session, release, &direct.standing);
	bool is_fine = preview_direct(&direct, ret, err);
	*ret_subject = subject_of(session, release, &direct.standing);
	direct_release(&direct);
	return is_fine;
}

static bool
compare(struct session *session, struct diff_live *choice, struct release *release, struct cluster *cluster,
        struct diff_subject *ret_subject, struct differences *ret, struct error *err)
{
	scoped(standing_release) struct standing standing = {0};
	struct preview_request request = {.loop = session->loop, .kubernetes = cluster->kubernetes, .release = release,
	                                  .standing = &standing};
	bool is_read = !choice->is_direct && standing_read(cluster->kubernetes, release->namespace, release->name,
	                                                   session->arena, &standing, err);
	if (!choice->is_direct && !is_read && err->code == ERROR_NOT_FOUND) {
		choice->is_direct = true;
		output_note(session->out, "no FIAAS operator in the cluster of %s: compared as paas deploy --direct would write",
		            release->environment->name);
	}
	if (choice->is_direct)
		return compare_direct(session, release, cluster, ret_subject, ret, err);
	if (!is_read)
		return false;
	resolve(session, release, &standing);
	*ret_subject = subject_of(session, release, &standing);
	return preview(&request, ret, err);
}

bool
diff_live_find(struct session *session, struct diff_live *choice, struct diff_subject *ret_subject,
               struct differences *ret, struct error *err)
{
	scoped(cluster_close) struct cluster *cluster = NULL;
	scoped(release_release) struct release release = {0};
	if (!release_find(choice->request, session->arena, &release, err) ||
	    !cluster_open(session->http, release.environment->cluster, session->arena, &cluster, err))
		return false;
	return compare(session, choice, &release, cluster, ret_subject, ret, err) ||
	       error_doing(err, "comparing %s with %s", release.name, release.environment->name);
}

json_t *
diff_live_to_json(const struct diff_subject *subject, const struct differences *differences, bool is_direct)
{
	json_t *json = diff_view_to_json(subject, differences);
	json_object_set_new(json, "is_direct", json_boolean(is_direct));
	return json;
}
