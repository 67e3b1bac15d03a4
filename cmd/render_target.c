#include "cmd/render_target.h"

#include "data/json.h"
#include "data/platform.h"
#include "data/settings.h"
#include "ui/output.h"

static bool
load_platform(struct session *session, const char *path, struct render_target *target, struct error *err)
{
	struct problems problems = {.arena = session->arena, .file = path};
	const char *wanted = settings_text(session->settings, SETTING_ENVIRONMENT_NAME);
	if (!platform_load(path, session->arena, &problems, &target->platform, err))
		return false;
	for (size_t i = 0; i < problems.count; i++)
		output_warn(session->out, "%s", problem_format(&problems.items[i], session->arena));
	if (!platform_environment(target->platform, wanted, &target->environment, err))
		return false;
	scoped(json_release) json_t *options = platform_fiaas_options(target->environment->cluster);
	return fiaas_options_set_json(&target->options, options, session->arena, err) ||
	       error_doing(err, "reading clusters.%s.fiaas of %s", target->environment->cluster_name, path);
}

bool
render_target_open(struct session *session, const struct text_list *assignments,
                   struct render_target *ret, struct error *err)
{
	const char *chosen = settings_text(session->settings, SETTING_PLATFORM), *path;
	const char *environment = settings_text(session->settings, SETTING_ENVIRONMENT_NAME);
	fiaas_options_init(&ret->options);
	if (platform_find(chosen, &path, err)) {
		if (!load_platform(session, path, ret, err))
			return false;
	} else if (environment != NULL) {
		return error_doing(err, "looking up environment %s", environment);
	}
	return fiaas_options_set_texts(&ret->options, assignments->items, assignments->count, session->arena,
	                               err);
}

bool
render_target_namespace(const struct render_target *target, const char *name, const char *team,
                        struct arena *arena, const char **ret, struct error *err)
{
	const struct platform_words words = {.name = name, .team = team};
	*ret = target->namespace != NULL ? target->namespace : "default";
	if (target->namespace != NULL || target->environment == NULL || target->environment->namespace == NULL)
		return true;
	if (!platform_expand(target->environment->namespace, &words, arena, ret, err))
		return error_next(err, "give --namespace, or the team in .paas.yml");
	return true;
}
