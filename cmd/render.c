/* `paas render`: the objects FIAAS will make, without asking anybody. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "cmd/command.h"
#include "cmd/render_target.h"
#include "core/fiaas/locate.h"
#include "core/fiaas/render.h"
#include "data/json.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/settings.h"
#include "data/yaml.h"
#include "ui/output.h"
#include "ui/terminal.h"

enum { DOCUMENT_MAX = 1 << 30, LABEL_MAX = 63 };

static const char *name, *environment, *image, *id = "unreleased", *namespace;
static const char *labels_file, *annotations_file, *format = "yaml";
static struct text_list files, assignments;
static bool all;

static const char *const formats[] = {"yaml", "json", NULL};

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "NAME", .text = &environment,
	 .complete = "environment", .fallback = "the first of the platform file",
	 .help = "as the cluster of this environment would make them"},
	{.kind = OPTION_TEXT, .letter = 'n', .name = "name", .value = "NAME", .text = &name, .complete = "application",
	 .fallback = "as for deploy, or the folder of the file", .help = "application name"},
	{.kind = OPTION_FLAG, .letter = 'a', .name = "all", .flag = &all,
	 .help = "every application that .paas.yml lists under apps"},
	{.kind = OPTION_TEXT, .letter = 'i', .name = "image", .value = "IMAGE:TAG", .text = &image, .complete = "release",
	 .fallback = "NAME:unreleased", .help = "image to run"},
	{.kind = OPTION_TEXT, .name = "id", .value = "DEPLOYMENT_ID", .text = &id, .complete = "deployment", .fallback = "unreleased",
	 .help = "deployment id"},
	{.kind = OPTION_TEXT, .name = "namespace", .value = "NAMESPACE", .text = &namespace,
	 .fallback = "the environment's, or default", .help = "namespace of the objects"},
	{.kind = OPTION_LIST, .name = "set-fiaas", .value = "OPTION=VALUE", .list = &assignments,
	 .help = "cluster option of the FIAAS operator; repeat to add"},
	{.kind = OPTION_TEXT, .name = "labels", .value = "FILE", .text = &labels_file, .complete = "file",
	 .help = "additional labels: a map of object to labels"},
	{.kind = OPTION_TEXT, .name = "annotations", .value = "FILE", .text = &annotations_file,
	 .complete = "file", .help = "additional annotations: a map of object to annotations"},
	{.kind = OPTION_CHOICE, .letter = 'o', .name = "output", .value = "FORMAT", .text = &format,
	 .choices = formats, .fallback = "yaml", .help = "form of the list"},
	{.kind = OPTION_ARGS, .name = "FILE", .list = &files, .complete = "file",
	 .help = "fiaas.yml to render, - for standard input (default: the project's)"},
	{.kind = OPTION_END},
};

struct job {
	struct session *session;
	struct arena arena; /* of the file at work */
	struct render_target target;
	json_t *labels, *annotations;
	struct buf document;
	size_t n_objects;
};

/* ---- input ---- */

static bool
read_yaml(const char *file, struct arena *arena, struct yaml_node **ret, struct error *err)
{
	char *bytes;
	size_t length;
	return file_read(file, yaml_limits_default.max_bytes, arena, &bytes, &length, err) &&
	       yaml_parse(bytes, length, file, &yaml_limits_default, arena, ret, err);
}

/* The map in `file` (new reference); nothing without a file. */
static bool
read_map(const char *file, struct arena *arena, json_t **ret, struct error *err)
{
	struct yaml_node *node;
	if (file == NULL)
		return true;
	if (!read_yaml(file, arena, &node, err))
		return false;
	if (node == NULL || node->kind != YAML_KIND_MAP)
		return error_set(err, ERROR_INVALID_FILE, "%s: expected a map of object to values", file);
	*ret = yaml_to_json(node);
	return true;
}

static bool
is_dns_label(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length <= LABEL_MAX && text[0] != '-' && text[length - 1] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* checkout/fiaas.yml and checkout.yml are both of checkout. */
static bool
name_of_path(const char *path, struct arena *arena, const char **ret, struct error *err)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	const char *found = arena_strndup(arena, base, strcspn(base, "."));
	if (strcmp(found, "fiaas") == 0 && slash != NULL && slash > path) {
		const char *folder = memrchr(path, '/', (size_t)(slash - path));
		if (folder != NULL)
			found = arena_strndup(arena, folder + 1, (size_t)(slash - folder - 1));
	}
	if (!is_dns_label(found)) {
		error_put(err, ERROR_USAGE, "%s does not tell the application's name", path);
		return error_next(err, "paas render --name NAME %s", path);
	}
	*ret = found;
	return true;
}

/* One of `apps:` in .paas.yml, or NULL. */
static const struct project_app *
find_app(const struct project *project, const char *path)
{
	for (size_t i = 0; i < project->n_apps; i++)
		if (strcmp(project->apps[i].file, path) == 0)
			return &project->apps[i];
	return NULL;
}

/* Whose file it is: --name, the app of .paas.yml it belongs to, the application at hand when it is
 * the only file and its own, else what the path says. */
static bool
name_of_file(struct session *session, const char *file, struct arena *arena, const char **ret,
             struct error *err)
{
	struct project_identity identity;
	struct error ignored;
	char *absolute = realpath(file, NULL);
	const char *path = arena_strdup(arena, absolute == NULL ? file : absolute);
	free(absolute);
	const struct project_app *app = find_app(session->project, path);
	if (name != NULL || app != NULL)
		*ret = name != NULL ? name : app->name;
	else if (files.count == 1 &&
	         project_identify(session->project, session->settings, NULL, &identity, &ignored) &&
	         strcmp(identity.spec_file, path) == 0)
		*ret = identity.name;
	else
		return name_of_path(path, arena, ret, err);
	return true;
}

/* --image, else what the settings say unless it is a template. */
static const char *
image_of(const struct settings *settings, const char *app, struct arena *arena)
{
	const char *set = settings_text(settings, SETTING_IMAGE);
	if (image != NULL)
		return image;
	return set != NULL && strchr(set, '{') == NULL ? set : arena_printf(arena, "%s:unreleased", app);
}

static bool
check_arguments(struct error *err)
{
	if (name != NULL && !is_dns_label(name))
		return error_set(err, ERROR_USAGE,
		                 "\"%s\" is no application name: lower-case letters, digits and -, at most %d",
		                 name, LABEL_MAX);
	if (name != NULL && files.count > 1)
		return error_set(err, ERROR_USAGE, "--name is of one application, but there are %zu files",
		                 files.count);
	if (all && (name || files.count))
		return error_set(err, ERROR_USAGE, "--all renders what .paas.yml lists; --name and FILE are of one");
	return true;
}

/* ---- output ---- */

static int
add_bytes(const char *bytes, size_t length, void *data)
{
	return buf_add(data, bytes, length) ? 0 : -1;
}

static bool
add_objects(struct job *job, const json_t *objects, struct error *err)
{
	struct buf *document = &job->document;
	if (strcmp(format, "yaml") == 0)
		yaml_write(objects, document);
	for (size_t i = 0; strcmp(format, "json") == 0 && i < json_array_size(objects); i++) {
		buf_add_text(document, job->n_objects++ == 0 ? "\n" : ",\n");
		json_dump_callback(json_array_get(objects, i), add_bytes, document, JSON_INDENT(2));
	}
	if (document->overflow)
		return error_set(err, ERROR_OUTPUT, "the objects are more than %d bytes", DOCUMENT_MAX);
	return true;
}

/* A Kubernetes List: what `kubectl apply -f -` takes. */
static void
open_list(struct job *job)
{
	bool is_json = strcmp(format, "json") == 0;
	buf_add_text(&job->document, is_json ? "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": ["
	                                     : "apiVersion: v1\nkind: List\nitems:\n");
}

static void
close_list(struct job *job)
{
	if (strcmp(format, "json") == 0)
		buf_add_text(&job->document, "\n]}\n");
}

static void
note_limits(const struct job *job, const char *shown_image, const json_t *objects)
{
	struct output *out = job->session->out;
	bool has_autoscaler = false;
	for (size_t i = 0; i < json_array_size(objects); i++)
		has_autoscaler |= strcmp(json_text_or(json_array_get(objects, i), "kind", ""),
		                         "HorizontalPodAutoscaler") == 0;
	if (!terminal_examine(STDERR_FILENO, COLOR_AUTO, true).is_terminal)
		return;
	if (image == NULL)
		output_note(out, "no --image: shown with %s", shown_image);
	if (has_autoscaler)
		output_note(out, "an autoscaler is at work: a live Deployment keeps its number of replicas");
	if (job->target.environment != NULL)
		output_note(out, "as the operator of environment %s would make them", job->target.environment->name);
	if (job->target.options.extension_hook_url != NULL)
		output_note(out, "the operator's extension hook may change these objects");
}

/* ---- one file ---- */

/* Where in the file the value is that the operator refused. */
static bool
explain(const char *file, const struct yaml_node *root, enum fiaas_outcome outcome, struct error *err)
{
	const struct yaml_node *at = outcome == FIAAS_INVALID ? fiaas_locate(root, err->source.object) : NULL;
	err->source = (struct source){.system = "file"};
	error_copy_text(err->source.object, sizeof err->source.object, file);
	error_put_next(err, "paas validate %s", file);
	if (at == NULL)
		return error_doing(err, "rendering %s", file);
	snprintf(err->source.object, sizeof err->source.object, "%.150s:%u:%u", file, at->line, at->column);
	return error_doing(err, "rendering %s:%u:%u", file, at->line, at->column);
}

static bool
render_config(struct job *job, const char *file, const char *app, const struct yaml_node *node,
              const json_t *config, struct error *err)
{
	static const struct fiaas_cluster_state empty_namespace;
	const char *team = settings_text(job->session->settings, SETTING_TEAM);
	enum fiaas_outcome outcome;
	scoped(json_release) json_t *objects = NULL;
	struct fiaas_application application = {
		.name = app,
		.image = image_of(job->session->settings, app, &job->arena),
		.deployment_id = id,
		.config = config,
		.additional_labels = job->labels,
		.additional_annotations = job->annotations,
	};
	if (!render_target_namespace(&job->target, app, team, &job->arena, &application.namespace, err))
		return error_doing(err, "rendering %s", file);
	if (!fiaas_render(&application, &job->target.options, &empty_namespace, &job->arena, &objects, &outcome, err))
		return explain(file, node, outcome, err);
	note_limits(job, application.image, objects);
	return add_objects(job, objects, err);
}

/* `app` NULL: the file tells. */
static bool
render_file(struct job *job, const char *file, const char *app, struct error *err)
{
	struct yaml_node *node;
	arena_reset(&job->arena);
	if (!read_yaml(file, &job->arena, &node, err))
		return error_doing(err, "rendering %s", file);
	if (app == NULL && !name_of_file(job->session, file, &job->arena, &app, err))
		return false;
	scoped(json_release) json_t *config = node == NULL ? NULL : yaml_to_json(node);
	return render_config(job, file, app, node, config, err);
}

/* What a bare `paas deploy` would ship. */
static bool
render_project(struct job *job, struct error *err)
{
	struct session *session = job->session;
	struct project_identity identity;
	if (!project_identify(session->project, session->settings, name, &identity, err))
		return false;
	const char *file = strrchr(identity.spec_file, '/') + 1;
	const char *here = arena_printf(session->arena, "%s/%s", session->project->folder, file);
	return render_file(job, strcmp(here, identity.spec_file) == 0 ? file : identity.spec_file,
	                   identity.name, err);
}

static bool
render_apps(struct job *job, struct error *err)
{
	const struct project *project = job->session->project;
	if (!project_has_apps(project, err))
		return false;
	for (size_t i = 0; i < project->n_apps; i++)
		if (!render_file(job, project->apps[i].file, project->apps[i].name, err))
			return false;
	return true;
}

static bool
render_files(struct job *job, struct error *err)
{
	struct session *session = job->session;
	job->target.namespace = namespace;
	if (!check_arguments(err) ||
	    !settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, environment, err) ||
	    !render_target_open(session, &assignments, &job->target, err) ||
	    !read_map(labels_file, session->arena, &job->labels, err) ||
	    !read_map(annotations_file, session->arena, &job->annotations, err))
		return false;
	open_list(job);
	if (files.count == 0 && !(all ? render_apps(job, err) : render_project(job, err)))
		return false;
	for (size_t i = 0; i < files.count; i++)
		if (!render_file(job, files.items[i], NULL, err))
			return false;
	close_list(job);
	return true;
}

static bool
run(struct session *session, struct error *err)
{
	struct job job = {.session = session, .document = BUF_INIT(DOCUMENT_MAX)};
	bool done = render_files(&job, err);
	if (done)
		output_print_document(session->out, job.document.bytes, job.document.length);
	buf_release(&job.document);
	arena_release(&job.arena);
	json_decref(job.labels);
	json_decref(job.annotations);
	return done;
}

static const struct command_example examples[] = {
	{"paas render", "the objects of ./fiaas.yml"},
	{"paas render --env dev --image registry/shop:1.2", "as the cluster of dev would make them"},
	{"paas render --set-fiaas ingress-suffix=dev.acme.example", "with an option of the operator"},
	{"paas render services/*/fiaas.yml -o json", "all services, in one list"},
	{"paas render | kubectl diff -f -", "compare with a cluster that you can reach"},
	{NULL, NULL},
};

static const char *const see_also[] = {"paas-validate(1)", "paas-diff(1)", "fiaas.yml(5)", NULL};

const struct command command_render = {
	.name = "render",
	.group = GROUP_SHIP,
	.summary = "Print the objects FIAAS will make",
	.description =
		"Renders fiaas.yml (versions 2 and 3) as the FIAAS operator does: Service, Ingress, Deployment, "
		"HorizontalPodAutoscaler and PodDisruptionBudget, and with the cluster option "
		"enable-service-account-per-app also ServiceAccount and RoleBindings. Prints a Kubernetes List; "
		"nothing is contacted.\n\n"
		"What depends on the cluster shows as in an empty namespace: with an autoscaler the live number "
		"of replicas is kept, node ports are kept, and an extension hook may change every object.\n\n"
		"A file the operator would refuse ends with exit status 9, the operator's own message and the "
		"place in the file. Cluster options come from the platform file, for the environment of --env or "
		"its first one, and from --set-fiaas; without a platform file the operator's defaults hold.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_PROJECT,
	.run = run,
};
