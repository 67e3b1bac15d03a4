#include "core/difference/reference.h"

#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/buf.h"
#include "base/similar.h"
#include "core/deploy/record.h"
#include "core/deploy/release.h"
#include "core/deploy/submit.h"
#include "core/diagnose/object.h"
#include "data/json.h"
#include "data/platform.h"
#include "role/cluster.h"

enum { KNOWN_MAX = 200, KNOWN_SHOWN = 8, LIST_MAX_BYTES = 200 };

/* Names a word could have been. */
struct known {
	const char *names[KNOWN_MAX];
	size_t count;
};

/* One environment while it is searched. */
struct search {
	const struct reference_request *request;
	const struct platform_environment *environment;
	const char *text, *namespace;
	struct arena *arena;
	struct cluster *cluster;
	struct standing standing;
	json_t *replica_sets, *statuses, *records;
	struct known *known;
	const char *outcome; /* of a deployment of which nothing else is kept; NULL */
};

bool
reference_is_file(const char *text)
{
	return strcmp(text, ".") == 0 || strcmp(text, "file") == 0;
}

void
reference_release(struct reference *reference)
{
	json_decref(reference->config);
	json_decref(reference->labels);
	json_decref(reference->annotations);
	json_decref(reference->template);
	*reference = (struct reference){0};
}

static void
know(struct search *search, const char *name)
{
	struct known *known = search->known;
	for (size_t i = 0; i < known->count; i++)
		if (strcmp(known->names[i], name) == 0)
			return;
	if (known->count < KNOWN_MAX && *name != '\0')
		known->names[known->count++] = arena_strdup(search->arena, name);
}

/* ---- reading an environment ---- */

static bool
open_environment(struct search *search, struct error *err)
{
	const struct release *release = search->request->release;
	return release_namespace(search->environment, release->team, release->name, search->arena, &search->namespace, err) &&
	       cluster_open(search->request->http, search->environment->cluster, search->arena, &search->cluster, err) &&
	       standing_read(search->cluster->kubernetes, search->namespace, release->name, search->arena, &search->standing,
	                     err);
}

static bool
read_list(const struct search *search, const struct kubernetes_resource *resource, json_t **ret, struct error *err)
{
	struct kubernetes_query query = {
		.resource = resource, .namespace = search->namespace,
		.label_selector = arena_printf(search->arena, "app=%s", search->request->release->name)};
	return kubernetes_list(search->cluster->kubernetes, &query, ret, err);
}

static void
close_environment(struct search *search)
{
	standing_release(&search->standing);
	cluster_close(&search->cluster);
	json_decref(search->replica_sets);
	json_decref(search->statuses);
	json_decref(search->records);
	search->replica_sets = search->statuses = search->records = NULL;
}

/* ---- what runs ---- */

static void
take_standing(const struct search *search, struct reference *ret)
{
	const json_t *application = search->standing.application;
	*ret = (struct reference){
		.text = search->text, .environment = search->environment,
		.image = arena_strdup(search->arena, search->standing.image),
		.deployment_id = arena_strdup(search->arena, search->standing.deployment_id),
		.config = json_incref(json_map_at(application, "spec.config")),
		.labels = json_incref(json_map_at(application, "spec.additional_labels")),
		.annotations = json_incref(json_map_at(application, "spec.additional_annotations")),
	};
	if (ret->config == NULL)
		ret->config = json_object();
}

static bool
find_running(struct search *search, struct reference *ret, struct error *err)
{
	const struct release *release = search->request->release;
	if (!open_environment(search, err))
		return false;
	if (search->standing.application != NULL) {
		take_standing(search, ret);
		return true;
	}
	error_put(err, ERROR_NOT_FOUND, "%s was never deployed to %s", release->name, search->environment->name);
	return error_next(err, "paas deploy --env %s", search->environment->name);
}

/* ---- what ran ---- */

static bool
is_image(const char *image, const char *text)
{
	const char *slash = strrchr(image, '/'), *tag = strrchr(slash != NULL ? slash : image, ':');
	return strcmp(image, text) == 0 || (tag != NULL && strcmp(tag + 1, text) == 0);
}

static const char *
label_of(const json_t *object, const char *map)
{
	const char *id = json_string_value(json_object_get(json_at(object, map), "fiaas/deployment_id"));
	return id != NULL ? id : "";
}

static int64_t
revision_of(const json_t *replica_set)
{
	const json_t *annotations = json_at(replica_set, "metadata.annotations");
	const char *text = json_string_value(json_object_get(annotations, "deployment.kubernetes.io/revision"));
	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static const json_t *
find_replica_set(struct search *search)
{
	const json_t *best = NULL;
	json_t *replica_set;
	size_t i;
	json_array_foreach (json_list_at(search->replica_sets, "items"), i, replica_set) {
		const char *id = label_of(replica_set, "spec.template.metadata.labels");
		const char *image = object_main_image(replica_set, search->request->release->name);
		know(search, id);
		know(search, image);
		bool fits = strcmp(id, search->text) == 0 || is_image(image, search->text);
		if (fits && (best == NULL || revision_of(replica_set) > revision_of(best)))
			best = replica_set;
	}
	return best;
}

static void
take_replica_set(const struct search *search, const json_t *replica_set, struct reference *ret)
{
	const char *id = label_of(replica_set, "spec.template.metadata.labels");
	*ret = (struct reference){
		.text = search->text, .environment = search->environment,
		.image = arena_strdup(search->arena, object_main_image(replica_set, search->request->release->name)),
		.deployment_id = arena_strdup(search->arena, id),
		.template = json_incref(json_map_at(replica_set, "spec.template")),
	};
}

/* By the id of the ReplicaSet, else by what was asked for: the newest, as ids begin with their time.  Who may not read the records has
 * the pod templates still. */
static const json_t *
find_record(struct search *search, const json_t *replica_set, const char **ret_id)
{
	const struct release *release = search->request->release;
	const char *wanted = replica_set != NULL ? label_of(replica_set, "spec.template.metadata.labels") : search->text, *id;
	const json_t *best = NULL;
	json_t *record;
	struct error ignored;
	if (!record_read(search->cluster->kubernetes, search->namespace, release->name, &search->records, &ignored))
		return NULL;
	json_object_foreach (search->records, id, record) {
		const char *image = json_text_or(record, "image", "");
		bool fits = strcmp(id, wanted) == 0 || (replica_set == NULL && is_image(image, wanted));
		know(search, id);
		know(search, image);
		if (!fits || json_map_at(record, "config") == NULL || (best != NULL && strcmp(id, *ret_id) < 0))
			continue;
		best = record;
		*ret_id = id;
	}
	return best;
}

static void
take_record(const struct search *search, const char *id, const json_t *record, struct reference *ret)
{
	*ret = (struct reference){
		.text = search->text, .environment = search->environment,
		.image = arena_strdup(search->arena, json_text_or(record, "image", "")),
		.deployment_id = arena_strdup(search->arena, id),
		.config = json_incref(json_map_at(record, "config")),
	};
}

/* With its settings where they were recorded, else its pod template. */
static bool
find_past(struct search *search, struct reference *ret)
{
	const char *id = NULL;
	const json_t *replica_set = find_replica_set(search), *record = find_record(search, replica_set, &id);
	if (record != NULL)
		take_record(search, id, record, ret);
	else if (replica_set != NULL)
		take_replica_set(search, replica_set, ret);
	return record != NULL || replica_set != NULL;
}

/* Of a deployment whose pods are forgotten the operator may still know how it ended. */
static void
find_outcome(struct search *search)
{
	json_t *status;
	size_t i;
	json_array_foreach (json_list_at(search->statuses, "items"), i, status)
		if (strcmp(label_of(status, "metadata.labels"), search->text) == 0)
			search->outcome = arena_printf(search->arena, "%s in %s", json_text_or(status, "result", "not known"),
			                               search->environment->name);
}

/* False with *err when the environment could not be asked; true with *ret_found else. */
static bool
search_environment(struct search *search, bool *ret_found, struct reference *ret, struct error *err)
{
	*ret_found = false;
	if (!open_environment(search, err) ||
	    !read_list(search, &kubernetes_replica_sets, &search->replica_sets, err) ||
	    !read_list(search, &kubernetes_application_statuses, &search->statuses, err))
		return false;
	const struct standing *standing = &search->standing;
	know(search, standing->deployment_id);
	know(search, standing->image);
	find_outcome(search);
	bool is_running = standing->application != NULL && (strcmp(standing->deployment_id, search->text) == 0 ||
	                                                    is_image(standing->image, search->text));
	if (is_running)
		take_standing(search, ret);
	*ret_found = is_running || find_past(search, ret);
	return true;
}

/* ---- which one ---- */

static bool
refuse(const struct search *search, struct error *err)
{
	const char *name = search->request->release->name, *near[SIMILAR_MAX];
	const struct known *known = search->known;
	scoped(buf_release) struct buf list = BUF_INIT(LIST_MAX_BYTES);
	size_t n_near = similar_find(search->text, known->names, known->count, near);
	for (size_t i = 0; i < known->count && i < KNOWN_SHOWN; i++)
		buf_printf(&list, "%s%s", i > 0 ? ", " : "", known->names[i]);
	if (search->outcome != NULL)
		error_put(err, ERROR_NOT_FOUND, "of deployment %s only the outcome is kept: %s", search->text, search->outcome);
	else
		error_put(err, ERROR_NOT_FOUND, "no release \"%s\" of %s is known", search->text, name);
	if (n_near > 0)
		return error_next(err, "did you mean %s? known are: ., %s", near[0], list.bytes);
	return error_next(err, "known are: ., %s", list.bytes);
}

static bool
search_all(struct search *search, struct reference *ret, struct error *err)
{
	const struct platform *platform = search->request->platform;
	const struct platform_environment *only = search->request->only;
	struct error trouble = {0};
	bool is_found = false;
	for (size_t i = 0; i < platform->n_environments; i++)
		know(search, platform->environments[i].name);
	for (size_t i = 0; i < platform->n_environments && !is_found; i++) {
		struct error failure;
		search->environment = &platform->environments[i];
		if (only != NULL && only != search->environment)
			continue;
		if (!search_environment(search, &is_found, ret, &failure) && trouble.code == ERROR_NONE)
			trouble = failure;
		close_environment(search);
	}
	if (is_found)
		return true;
	if (trouble.code == ERROR_NONE)
		return refuse(search, err);
	*err = trouble; /* it may be where nobody answered */
	return false;
}

bool
reference_find(const struct reference_request *request, const char *text, struct arena *arena, struct reference *ret,
               struct error *err)
{
	struct known known = {.count = 0};
	struct search search = {.request = request, .text = text, .arena = arena, .known = &known,
	                        .environment = platform_environment_named(request->platform, text)};
	if (search.environment == NULL)
		return search_all(&search, ret, err) || error_doing(err, "looking for release %s", text);
	bool is_fine = find_running(&search, ret, err);
	close_environment(&search);
	return is_fine || error_doing(err, "looking up what runs in %s", text);
}
