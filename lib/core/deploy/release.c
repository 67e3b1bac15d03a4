#include "core/deploy/release.h"

#include <string.h>

#include "base/file.h"
#include "core/fiaas/check.h"
#include "core/fiaas/render.h"
#include "data/json.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/settings.h"
#include "data/yaml.h"

enum { LABEL_MAX = 63 };

void
release_release(struct release *release)
{
	json_decref(release->config);
	release->config = NULL;
}

bool
release_namespace(const struct platform_environment *environment, const char *team, const char *name,
                  struct arena *arena, const char **ret, struct error *err)
{
	struct platform_words words = {.team = team, .name = name};
	if (!environment->namespace)
		return error_set(err, ERROR_INVALID_FILE, "environment %s has no namespace", environment->name);
	if (platform_expand(environment->namespace, &words, arena, ret, err))
		return true;
	error_put_next(err, "give the team: \"team\" in .paas.yml");
	return error_doing(err, "finding the namespace of %s", environment->name);
}

bool
release_locate(const struct release_request *request, struct arena *arena, struct release *ret,
               struct error *err)
{
	struct project_identity identity;
	const char *environment = settings_text(request->settings, SETTING_ENVIRONMENT_NAME);
	const char *application = request->application;
	const char *first = request->project->n_environments ? request->project->environments[0] : NULL;
	*ret = (struct release){0};
	if (!application && request->file && settings_text(request->settings, SETTING_NAME) == NULL)
		application = project_app_of_file(request->project, request->file);
	if (!project_identify(request->project, request->settings, application, &identity, err) ||
	    !platform_environment(request->platform, environment ? environment : first, &ret->environment, err))
		return false;
	ret->name = identity.name;
	ret->name_origin = identity.name_origin;
	ret->team = identity.team;
	ret->image = identity.image;
	ret->spec_file = request->file ? request->file : identity.spec_file;
	return release_namespace(ret->environment, ret->team, ret->name, arena, &ret->namespace, err);
}

/* ---- image ---- */

static bool
read_commit(const struct release_request *request, struct release *release)
{
	const struct repository *repository;
	struct error ignored;
	if (!project_repository(request->project, &repository, &ignored))
		return false;
	release->commit = repository->commit;
	release->commit_title = repository->commit_title;
	release->n_changed = repository->n_changed;
	release->n_unpushed = repository->n_unpushed;
	return true;
}

/* FIAAS labels every object with the tag. */
static bool
check_image(const char *image, struct error *err)
{
	const char *slash = strrchr(image, '/'), *tag = strrchr(slash ? slash : image, ':');
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	if (strchr(image, '@'))
		return error_set(err, ERROR_USAGE, "image \"%s\" has a digest: FIAAS needs repository:tag", image);
	if (!tag || !tag[1])
		return error_set(err, ERROR_USAGE, "image \"%s\" has no tag: FIAAS needs repository:tag", image);
	size_t length = strlen(tag + 1);
	if (length > LABEL_MAX || strspn(tag + 1, allowed) != length || strchr("-_.", tag[1]) ||
	    strchr("-_.", tag[length]))
		return error_set(err, ERROR_USAGE, "tag \"%s\" cannot be the value of label fiaas/version: letters, "
		                 "digits, '-', '_' and '.', at most %d, a letter or digit at both ends", tag + 1, LABEL_MAX);
	return true;
}

static bool
find_image(const struct release_request *request, struct arena *arena, struct release *release,
           struct error *err)
{
	const struct platform_role *artifacts = &request->platform->artifacts;
	const char *template = release->image ? release->image : artifacts->image;
	struct platform_words words = {.team = release->team, .name = release->name, .commit = release->commit,
	                               .registry = artifacts->registry};
	if (!template) {
		error_put(err, ERROR_USAGE, "nobody says which image to deploy");
		return error_next(err, "give --image REPOSITORY:TAG, or \"artifacts: {image: …}\" in the platform file");
	}
	return platform_expand(template, &words, arena, &release->image, err) && check_image(release->image, err);
}

/* ---- spec ---- */

static bool
read_options(struct release *release, struct arena *arena, struct error *err)
{
	scoped(json_release) json_t *values = platform_fiaas_options(release->environment->cluster);
	fiaas_options_init(&release->options);
	return fiaas_options_set_json(&release->options, values, arena, err) ||
	       error_doing(err, "reading the operator's options of cluster %s", release->environment->cluster->name);
}

/* What a person would be told minutes later is told at once, all of it. */
static bool
check_spec(const struct project *project, struct release *release, const struct yaml_node *root,
           struct arena *arena, struct error *err)
{
	struct problems *problems = &release->problems;
	struct spec_check check = {.root = root, .name = release->name, .image = release->image,
	                           .options = &release->options, .knows_cluster = true};
	*problems = (struct problems){.arena = arena, .file = project_relative(project, release->spec_file)};
	spec_check(&check, problems);
	problems_sort(problems);
	if (problems_to_error(problems, err))
		return true;
	err->code = ERROR_INVALID_SPEC;
	err->next[0] = '\0';
	error_put_next(err, "paas validate %s --env %s", problems->file, release->environment->name);
	return error_from(err, "file", release->spec_file, "");
}

static bool
read_config(const struct project *project, struct release *release, struct arena *arena, struct error *err)
{
	char *bytes;
	size_t length;
	struct yaml_node *node;
	if (!file_read(release->spec_file, yaml_limits_default.max_bytes, arena, &bytes, &length, err)) {
		if (err->code == ERROR_NOT_FOUND)
			error_put_next(err, "write a fiaas.yml, or say where it is: --file FILE");
		return false;
	}
	if (!yaml_parse(bytes, length, release->spec_file, &yaml_limits_default, arena, &node, err))
		return error_next(err, "paas validate %s", release->spec_file);
	if (!node || node->kind != YAML_KIND_MAP) {
		error_put(err, ERROR_INVALID_FILE, "%s: expected a map of settings", release->spec_file);
		return error_next(err, "paas validate %s", release->spec_file);
	}
	release->config = yaml_to_json(node);
	return check_spec(project, release, node, arena, err);
}

static const json_t *
object_of_kind(const json_t *objects, const char *kind)
{
	const json_t *object;
	size_t i;
	json_array_foreach(objects, i, object)
		if (!strcmp(json_text_or(object, "kind", ""), kind))
			return object;
	return NULL;
}

/* As the operator computes it: multiplier x readiness delay x most replicas. */
static int64_t
operator_limit_ms(const json_t *objects, const struct fiaas_options *options)
{
	const json_t *deployment = object_of_kind(objects, "Deployment");
	const json_t *autoscaler = object_of_kind(objects, "HorizontalPodAutoscaler");
	int64_t replicas = json_int_at(autoscaler, "spec.maxReplicas", json_int_at(deployment, "spec.replicas", 1));
	int64_t delay = json_int_at(deployment, "spec.template.spec.containers.0.readinessProbe.initialDelaySeconds", 0);
	return options->ready_check_timeout_multiplier * delay * (replicas > 0 ? replicas : 1) * 1000;
}

static bool
render(struct release *release, struct arena *arena, struct error *err)
{
	struct fiaas_application application = {.name = release->name, .namespace = release->namespace,
	                                        .image = release->image, .deployment_id = "unreleased",
	                                        .config = release->config};
	struct fiaas_cluster_state state = {0};
	enum fiaas_outcome outcome;
	scoped(json_release) json_t *objects = NULL;
	if (!fiaas_render(&application, &release->options, &state, arena, &objects, &outcome, err)) {
		error_put_next(err, "paas validate %s", release->spec_file);
		return error_from(err, "file", release->spec_file, "");
	}
	release->operator_limit_ms = operator_limit_ms(objects, &release->options);
	return true;
}

/* A name with a slip of the pen, in a repository that lists its applications: nothing describes it. */
static bool
is_described(const struct release_request *request, const struct release *release, struct error *err)
{
	const struct project *project = request->project;
	if (request->file || !project->n_apps || project_lists_app(project, release->name) || file_exists(release->spec_file))
		return true;
	return project_refuse_app(project, release->name, err);
}

bool
release_find(const struct release_request *request, struct arena *arena, struct release *ret,
             struct error *err)
{
	if (!release_locate(request, arena, ret, err) || !is_described(request, ret, err))
		return false;
	(void)read_commit(request, ret);
	if (find_image(request, arena, ret, err) && read_options(ret, arena, err) &&
	    read_config(request->project, ret, arena, err) && render(ret, arena, err))
		return true;
	release_release(ret);
	return false;
}

bool
release_take(const struct release_request *request, const struct release_given *given, struct arena *arena,
             struct release *ret, struct error *err)
{
	if (!release_locate(request, arena, ret, err))
		return false;
	ret->image = given->image;
	ret->commit = *given->commit ? given->commit : NULL;
	ret->spec_file = given->label;
	ret->config = json_incref(given->config);
	if (check_image(ret->image, err) && read_options(ret, arena, err) && render(ret, arena, err))
		return true;
	release_release(ret);
	return false;
}
