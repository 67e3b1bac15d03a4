#include "cmd/diff_releases.h"

#include <string.h>

#include "cmd/command.h"
#include "cmd/releases_view.h"
#include "core/difference/releases.h"
#include "data/platform.h"
#include "data/settings.h"

enum { NUMBERED_MAX = 200 }; /* the newest of an environment that are counted */

struct sides {
	const char *words[2];
	struct reference found[2];
	const struct platform_environment *target;
};

/* "r41", as `paas releases` counts them in an environment; one that is called so comes first. */
static bool
is_number(const struct session *session, const char *word)
{
	return word[0] == 'r' && word[1] != '\0' && word[1 + strspn(word + 1, "0123456789")] == '\0' &&
	       platform_environment_named(session->platform, word) == NULL;
}

/* Its settings were kept when it was deployed; of an older one the cluster may have the pod template. */
static bool
find_numbered(struct session *session, const struct reference_request *request, const char *word, struct reference *ret,
              struct error *err)
{
	scoped(releases_close) struct releases_view view = {0};
	const struct past_release *release;
	struct reference_request here = *request;
	here.only = request->release->environment;
	if (!releases_open(session, request->release->name, NUMBERED_MAX, &view, err))
		return false;
	if (!history_find(&view.history, word, &release, err))
		return error_doing(err, "looking for release %s in %s", word, here.only->name);
	if (release->config == NULL)
		return reference_find(&here, arena_strdup(session->arena, release->deployment_id), session->arena, ret, err);
	*ret = (struct reference){.text = word, .environment = here.only, .config = json_incref(release->config),
	                          .image = arena_strdup(session->arena, release->image),
	                          .deployment_id = arena_strdup(session->arena, release->deployment_id)};
	return true;
}

static bool
find_side(struct session *session, const struct reference_request *request, const char *word, struct reference *ret,
          struct error *err)
{
	return is_number(session, word) ? find_numbered(session, request, word, ret, err)
	                                : reference_find(request, word, session->arena, ret, err);
}

static bool
find_sides(struct session *session, const struct diff_releases *choice, const struct release *located,
           struct sides *sides, struct error *err)
{
	struct reference_request request = {.http = session->http, .platform = session->platform, .release = located};
	if (choice->environment != NULL)
		request.only = sides->target = located->environment;
	for (size_t i = 0; i < array_length(sides->words); i++) {
		if (reference_is_file(sides->words[i]))
			continue;
		if (!find_side(session, &request, sides->words[i], &sides->found[i], err))
			return false;
		if (sides->target == NULL)
			sides->target = sides->found[i].environment;
	}
	if (sides->target == NULL)
		sides->target = located->environment;
	return true;
}

/* The file as it would be deployed to the environment that counts. */
static bool
read_file(struct session *session, const struct diff_releases *choice, struct sides *sides, size_t i, struct error *err)
{
	scoped(release_release) struct release release = {0};
	if (!settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, sides->target->name, err) ||
	    !release_find(choice->request, session->arena, &release, err))
		return false;
	sides->found[i] = (struct reference){.text = sides->words[i], .image = release.image,
	                                     .config = json_incref(release.config)};
	return true;
}

static bool
read_files(struct session *session, const struct diff_releases *choice, struct sides *sides, struct error *err)
{
	bool is_fine = true;
	for (size_t i = 0; i < array_length(sides->words) && is_fine; i++)
		is_fine = !reference_is_file(sides->words[i]) || read_file(session, choice, sides, i, err);
	return is_fine;
}

/* "pro (registry/shop:1.0)". */
static const char *
label_of(const struct reference *reference, struct arena *arena)
{
	return arena_printf(arena, "%s (%s)", reference->text, reference->image);
}

static bool
compare(struct session *session, const struct release *located, const struct sides *sides,
        struct diff_subject *ret_subject, struct differences *ret, struct error *err)
{
	struct releases_request request = {.name = located->name, .environment = sides->target, .before = &sides->found[0],
	                                   .after = &sides->found[1]};
	if (!release_namespace(sides->target, located->team, located->name, session->arena, &request.namespace, err))
		return false;
	*ret_subject = (struct diff_subject){
		.application = located->name, .environment = sides->target->name, .namespace = request.namespace,
		.before = label_of(request.before, session->arena), .after = label_of(request.after, session->arena)};
	return releases_compare(&request, ret, err);
}

bool
diff_releases_find(struct session *session, const struct diff_releases *choice, struct diff_subject *ret_subject,
                   struct differences *ret, struct error *err)
{
	struct release located;
	struct sides sides = {.words = {choice->before, choice->after}};
	if (!release_locate(choice->request, session->arena, &located, err))
		return false;
	bool is_fine = find_sides(session, choice, &located, &sides, err) && read_files(session, choice, &sides, err) &&
	               compare(session, &located, &sides, ret_subject, ret, err);
	for (size_t i = 0; i < array_length(sides.found); i++)
		reference_release(&sides.found[i]);
	return is_fine;
}
