/* Who may write: a note on the Deployment, made before anything else and only if the Deployment is
 * still the one that was looked at; before there is one, on its guard (direct_guard.c).  Whoever comes
 * second has changed nothing.
 *
 * A note is of no more use when the Deployment has its deployment id, and when it is old: then who
 * made it has gone.  The same release goes on under the id that its note has.
 */
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "core/deploy/direct.h"
#include "core/diagnose/object.h"
#include "data/json.h"

enum { CLAIM_MS = 2 * 60 * 1000 };

/* "ID RELEASE TIME IMAGE [AUTHOR]" */
enum { ID, RELEASE, TIME, IMAGE, AUTHOR, WORDS };

static bool
read_claim(const json_t *deployment, struct arena *arena, const char *words[static WORDS])
{
	const char *text = object_annotation(deployment, DIRECT_CLAIM);
	char *rest = text ? arena_strdup(arena, text) : NULL, *save = NULL;
	for (size_t i = 0; i < WORDS; i++, rest = NULL)
		words[i] = text ? strtok_r(rest, i == AUTHOR ? "" : " ", &save) : NULL;
	return words[IMAGE] != NULL;
}

void
direct_heed_claim(struct direct *direct)
{
	struct standing *standing = &direct->standing;
	const char *words[WORDS];
	const json_t *noted = standing->application ? standing->application : direct->guard;
	if (!noted || !read_claim(noted, direct->arena, words) || !strcmp(words[ID], standing->deployment_id))
		return;
	int64_t at_ms = clock_parse_ms(words[TIME]);
	if (!strcmp(words[RELEASE], direct->fingerprint) && !strcmp(words[IMAGE], direct->release->image)) {
		direct->resumed_id = words[ID];
		return;
	}
	if (at_ms < 0 || kubernetes_server_time_ms(direct->kubernetes) - at_ms >= CLAIM_MS)
		return;
	if (!standing->application)
		standing->application = json_incref(direct->guard);
	direct->is_claimed = standing->is_under_way = true;
	standing->deployment_id = words[ID];
	standing->image = words[IMAGE];
	standing->author = words[AUTHOR] ? words[AUTHOR] : "";
	standing->deployed_ms = at_ms;
}

const char *
direct_write_claim(const struct direct *direct)
{
	char time[CLOCK_TEXT_BYTES];
	return arena_printf(direct->arena, "%s %s %s %s%s%s", direct->deployment_id, direct->fingerprint,
	                    clock_format(direct->started_ms, time), direct->release->image, direct->author ? " " : "",
	                    direct->author ? direct->author : "");
}

static bool
send_claim(const struct direct *direct, const char *claim, bool force, struct error *err)
{
	const struct release *release = direct->release;
	scoped(json_release) json_t *patch = json_pack(
		"{s:{s:s*, s:{s:s}}}", "metadata", "resourceVersion", force ? NULL : standing_version(&direct->standing),
		"annotations", DIRECT_CLAIM, claim);
	scoped(json_release) json_t *stored = NULL;
	return kubernetes_merge(direct->kubernetes, &kubernetes_deployments, release->namespace, release->name, patch,
	                        DIRECT_MANAGER, &stored, err);
}

/* It may be there after all: written by a request whose answer was lost. */
bool
direct_has_claim(const struct direct *direct, const struct kubernetes_resource *resource, const char *name,
                 const char *claim)
{
	scoped(json_release) json_t *now = NULL;
	struct error ignored;
	if (!kubernetes_get(direct->kubernetes, resource, direct->release->namespace, name, &now, &ignored))
		return false;
	const char *there = object_annotation(now, DIRECT_CLAIM);
	return there && !strcmp(there, claim);
}

bool
direct_claim(struct direct *direct, bool force, bool *ret_overtaken, struct error *err)
{
	if (!direct->standing.application || direct->guard)
		return direct_guard_take(direct, force, ret_overtaken, err);
	const char *claim = direct_write_claim(direct), *name = direct->release->name;
	if (send_claim(direct, claim, force, err) ||
	    (err->code == ERROR_CONFLICT && direct_has_claim(direct, &kubernetes_deployments, name, claim)))
		return true;
	*ret_overtaken = err->code == ERROR_CONFLICT;
	return error_doing(err, "noting the deploy on Deployment %s", direct->release->name);
}
