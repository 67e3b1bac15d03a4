#include "core/deploy/submit.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "api/kubernetes/client.h"
#include "base/buf.h"
#include "base/clock.h"
#include "core/fiaas/status_name.h"
#include "data/json.h"
#include "data/platform.h"
#include "net/http.h"

enum { DIFFERENCE_MAX = 400, UNDER_WAY_MS = 2 * 60 * 1000 };

/* ---- what stands there ---- */

void
standing_release(struct standing *standing)
{
	json_decref(standing->application);
	json_decref(standing->status);
	standing->application = standing->status = NULL;
}

const char *
standing_version(const struct standing *standing)
{
	return json_text_or(standing->application, "metadata.resourceVersion", "");
}

static const char *
label_or(const json_t *object, const char *map, const char *key)
{
	const char *text = json_string_value(json_object_get(json_at(object, map), key));
	return text ? text : "";
}

static bool
get_if_there(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const char *namespace,
             const char *name, json_t **ret, struct error *err)
{
	struct error failure;
	if (kubernetes_get(kubernetes, resource, namespace, name, ret, &failure) || failure.code == ERROR_NOT_FOUND)
		return true;
	*err = failure;
	return false;
}

/* A name that is not found may mean that the kind is not: only a list tells them apart. */
static bool
check_kind(struct kubernetes *kubernetes, const char *namespace, struct error *err)
{
	struct kubernetes_query query = {.resource = &kubernetes_applications, .namespace = namespace,
	                                 .field_selector = "metadata.name=paas-looks-whether-fiaas-is-here"};
	scoped(json_release) json_t *list = NULL;
	if (kubernetes_list(kubernetes, &query, &list, err))
		return true;
	if (err->code == ERROR_NOT_FOUND) {
		err->next[0] = '\0'; /* the caller knows better than "there is no such kind" */
		return error_doing(err, "looking for FIAAS in the cluster");
	}
	return false;
}

/* When somebody last wrote more than its status; -1: it does not say. */
static int64_t
written_ms(const json_t *object)
{
	const json_t *entry;
	size_t i;
	int64_t latest_ms = -1;
	json_array_foreach (json_list_at(object, "metadata.managedFields"), i, entry) {
		int64_t at_ms = clock_parse_ms(json_text_or(entry, "time", ""));
		if (json_text_at(entry, "subresource") == NULL && at_ms > latest_ms)
			latest_ms = at_ms;
	}
	return latest_ms;
}

void
standing_of(const json_t *application, struct standing *standing)
{
	*standing = (struct standing){.application = (json_t *)(uintptr_t)application};
	standing->deployment_id = label_or(application, "metadata.labels", "fiaas/deployment_id");
	standing->image = json_text_or(application, "spec.image", "");
	standing->digest = label_or(application, "metadata.annotations", SUBMIT_DIGEST);
	standing->commit = label_or(application, "metadata.annotations", SUBMIT_COMMIT);
	standing->author = label_or(application, "metadata.annotations", SUBMIT_AUTHOR);
	const char *time = label_or(application, "metadata.annotations", SUBMIT_TIME);
	standing->deployed_ms = *time ? clock_parse_ms(time) : written_ms(application);
}

static bool
is_unfinished(const struct standing *standing, int64_t now_ms)
{
	const char *result = json_text_or(standing->status, "result", "");
	if (!strcmp(result, "SUCCESS") || !strcmp(result, "FAILED") || !*standing->deployment_id)
		return false;
	if (*result)
		return true;
	/* The operator has not said a word: only a fresh one may still be under way. */
	return standing->deployed_ms >= 0 && now_ms - standing->deployed_ms < UNDER_WAY_MS;
}

bool
standing_read(struct kubernetes *kubernetes, const char *namespace, const char *name, struct arena *arena,
              struct standing *ret, struct error *err)
{
	struct standing standing;
	json_t *application = NULL;
	if (!get_if_there(kubernetes, &kubernetes_applications, namespace, name, &application, err))
		return false;
	standing_of(application, &standing);
	if (!application) {
		*ret = standing;
		return check_kind(kubernetes, namespace, err);
	}
	const char *status_name = fiaas_status_name(arena, name, standing.deployment_id);
	if (!get_if_there(kubernetes, &kubernetes_application_statuses, namespace, status_name, &standing.status, err)) {
		standing_release(&standing);
		return false;
	}
	standing.is_under_way = is_unfinished(&standing, kubernetes_server_time_ms(kubernetes));
	*ret = standing;
	return true;
}

/* ---- join, refuse or go on ---- */

static bool
refuse_under_way(const struct release *release, const struct standing *standing, int64_t now_ms,
                 struct error *err)
{
	char age[CLOCK_TEXT_BYTES] = "a while";
	if (standing->deployed_ms >= 0)
		clock_format_duration(now_ms - standing->deployed_ms, age);
	error_put(err, ERROR_CONFLICT, "deployment %s of %s%s%s is under way since %s", standing->deployment_id,
	          standing->image, *standing->author ? " by " : "", standing->author, age);
	return error_next(err, "wait for its end with --wait, look at it with paas status %s --env %s --watch, or take over "
	                  "with --force", release->name, release->environment->name);
}

static bool
refuse_moved_tag(const struct release *release, const struct standing *standing, struct error *err)
{
	error_put(err, ERROR_CONFLICT, "tag %s now names %s, but %s was deployed under it; nodes that have the old "
	          "image would keep it", release->image, release->digest, standing->digest);
	return error_next(err, "push the new image under a tag of its own, or deploy with --force");
}

bool
standing_decide(const struct release *release, const struct standing *standing, bool is_same_spec, int64_t now_ms,
                bool force, enum submit_plan *ret, struct error *err)
{
	bool is_same_image = !strcmp(standing->image, release->image);
	bool has_moved = is_same_image && release->digest && *standing->digest &&
	                 strcmp(release->digest, standing->digest) != 0;
	bool is_same = is_same_image && !has_moved && is_same_spec;
	*ret = SUBMIT_NEW;
	if (force || !standing->application)
		return true;
	if (is_same && *standing->deployment_id) {
		*ret = SUBMIT_JOIN;
		return true;
	}
	if (standing->is_under_way)
		return refuse_under_way(release, standing, now_ms, err);
	return !has_moved || refuse_moved_tag(release, standing, err);
}

bool
submit_decide(const struct release *release, const struct standing *standing, int64_t now_ms, bool force,
              enum submit_plan *ret, struct error *err)
{
	bool is_same_spec = json_equal(json_at(standing->application, "spec.config"), release->config);
	return standing_decide(release, standing, is_same_spec, now_ms, force, ret, err);
}

/* ---- the Application ---- */

const char *
submit_new_id(int64_t now_ms, struct arena *arena)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[8];
	char tail[sizeof(random) + 1] = "", time_text[32];
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm utc;
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		memset(random, (int)clock_monotonic_ms(), sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		tail[i] = digits[random[i] & 31];
	gmtime_r(&seconds, &utc);
	strftime(time_text, sizeof(time_text), "%Y%m%d%H%M%S", &utc);
	return arena_printf(arena, "%s-%s", time_text, tail);
}

static void
annotate(json_t *annotations, const char *key, const char *value)
{
	if (value && *value)
		json_object_set_new(annotations, key, json_string(value));
}

json_t *
submit_application(const struct release *release, const char *deployment_id, const char *author,
                   int64_t now_ms)
{
	char time[CLOCK_TEXT_BYTES];
	json_t *annotations = json_object();
	annotate(annotations, SUBMIT_DIGEST, release->digest);
	annotate(annotations, SUBMIT_COMMIT, release->commit);
	annotate(annotations, SUBMIT_AUTHOR, author);
	annotate(annotations, SUBMIT_APPROVER, release->approver);
	annotate(annotations, SUBMIT_TIME, clock_format(now_ms, time));
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s, s:s}, s:o}, s:{s:s, s:s, s:O}}", "apiVersion",
	                 "fiaas.schibsted.io/v1", "kind", "Application", "metadata", "name", release->name,
	                 "namespace", release->namespace, "labels", "app", release->name, "fiaas/deployment_id",
	                 deployment_id, "annotations", annotations, "spec", "application", release->name, "image",
	                 release->image, "config", release->config);
}

/* ---- key for key ---- */

/* Who manages `path` ("f:spec", "f:config", …) according to managedFields, or NULL. */
static const char *
manager_of(const json_t *application, const char *const *path, size_t depth)
{
	const json_t *entry;
	size_t i;
	json_array_foreach(json_at(application, "metadata.managedFields"), i, entry) {
		const json_t *fields = json_object_get(entry, "fieldsV1");
		for (size_t step = 0; fields && step < depth; step++)
			fields = json_object_get(fields, path[step]);
		const char *manager = json_text_at(entry, "manager");
		if (fields && manager && strcmp(manager, SUBMIT_MANAGER))
			return manager;
	}
	return NULL;
}

enum { PATH_MAX_DEPTH = 12 };
struct comparison {
	const json_t *application;
	const char *path[PATH_MAX_DEPTH];
	struct arena *arena;
	struct buf text;
	json_t *removal; /* merge patch that takes the surplus away */
};

static void
tell_surplus(struct comparison *comparison, size_t depth)
{
	const char *manager = manager_of(comparison->application, comparison->path, depth);
	buf_add_text(&comparison->text, comparison->text.length ? ", " : "");
	for (size_t i = 0; i < depth; i++)
		buf_printf(&comparison->text, "%s%s", i ? "." : "", comparison->path[i] + 2);
	buf_printf(&comparison->text, " (%s)", manager ? manager : "unknown manager");
}

/* A whole number may come back without its fraction. */
static bool
is_equal(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b))
		return json_number_value(a) == json_number_value(b);
	return json_equal((json_t *)(uintptr_t)a, (json_t *)(uintptr_t)b);
}

static void
compare(struct comparison *comparison, const json_t *stored, const json_t *wanted, json_t *removal, size_t depth)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)stored, key, value) {
		const json_t *mine = json_object_get(wanted, key);
		if (depth >= PATH_MAX_DEPTH)
			return;
		comparison->path[depth] = arena_printf(comparison->arena, "f:%s", key);
		if (!mine) {
			tell_surplus(comparison, depth + 1);
			json_object_set_new(removal, key, json_null());
		} else if (json_is_object(value) && json_is_object(mine)) {
			json_t *below = json_object();
			compare(comparison, value, mine, below, depth + 1);
			if (json_object_size(below))
				json_object_set(removal, key, below);
			json_decref(below);
		} else if (!is_equal(value, mine)) {
			tell_surplus(comparison, depth + 1);
		}
	}
}

static const char *
difference(const json_t *application, const json_t *config, json_t *removal, struct arena *arena)
{
	struct comparison comparison = {.application = application, .path = {"f:spec", "f:config"}, .arena = arena,
	                                .text = BUF_INIT(DIFFERENCE_MAX)};
	compare(&comparison, json_at(application, "spec.config"), config, removal, 2);
	const char *text = arena_strdup(arena, comparison.text.bytes);
	buf_release(&comparison.text);
	return text;
}

const char *
submit_difference(const json_t *application, const json_t *config, struct arena *arena)
{
	scoped(json_release) json_t *removal = json_object();
	return difference(application, config, removal, arena);
}

/* ---- apply ---- */

/* Applies to the object as it is now without storing: what would come out? */
static bool
rehearse(struct kubernetes *kubernetes, const struct release *release, const json_t *intent, bool force,
         json_t **ret, struct error *err)
{
	struct kubernetes_apply_options options = {.field_manager = SUBMIT_MANAGER, .force = force, .dry_run = true};
	if (kubernetes_apply(kubernetes, &kubernetes_applications, release->namespace, release->name, intent, &options,
	                     ret, err))
		return true;
	if (err->code == ERROR_CONFLICT)
		error_put_next(err, "take these fields over with --force");
	return false;
}

/* Surplus keys belong to somebody else, so applying leaves them; the operator would act on them.
 * Taken away under the old deployment id, which the operator does not deploy again. */
static bool
take_away(struct kubernetes *kubernetes, const struct release *release, const json_t *removal,
          struct arena *arena, struct error *err)
{
	scoped(json_release) json_t *patch = json_pack("{s:{s:O}}", "spec", "config", removal);
	const char *body = json_write(patch, arena);
	const char *path = kubernetes_path(&kubernetes_applications, release->namespace, release->name, NULL, arena);
	struct http_response answer;
	return kubernetes_request(kubernetes, "PATCH", arena_printf(arena, "%s?fieldManager=" SUBMIT_MANAGER, path),
	                          "application/merge-patch+json", body, strlen(body), false, arena, &answer, err);
}

static bool
settle_surplus(struct kubernetes *kubernetes, const struct release *release, const json_t *rehearsed, bool force,
               bool dry_run, struct arena *arena, struct error *err)
{
	scoped(json_release) json_t *removal = json_object();
	const char *surplus = difference(rehearsed, release->config, removal, arena);
	if (!*surplus)
		return true;
	if (force)
		return dry_run || take_away(kubernetes, release, removal, arena, err);
	error_put(err, ERROR_CONFLICT, "the Application has settings that %s does not: %s", release->spec_file, surplus);
	return error_next(err, "add them to %s, or remove them with --force", release->spec_file);
}

bool
submit(struct kubernetes *kubernetes, const struct release *release, const struct standing *standing, bool force,
       bool dry_run, struct arena *arena, struct submission *ret, struct error *err)
{
	int64_t now_ms = kubernetes_server_time_ms(kubernetes);
	const char *author = NULL, *id = release->deployment_id ? release->deployment_id : submit_new_id(now_ms, arena);
	struct error ignored;
	struct kubernetes_apply_options options = {.field_manager = SUBMIT_MANAGER, .force = force};
	if (release->author && *release->author)
		author = release->author;
	else if (!kubernetes_who_am_i(kubernetes, arena, &author, &ignored))
		author = NULL;
	scoped(json_release) json_t *intent = submit_application(release, id, author, now_ms);
	if (release->environment->needs && !release->approver) /* --yes: whoever deploys answers for it */
		annotate(json_at(intent, "metadata.annotations"), SUBMIT_APPROVER, author);
	scoped(json_release) json_t *rehearsed = NULL;
	scoped(json_release) json_t *stored = NULL;
	*ret = (struct submission){.deployment_id = id, .author = author, .started_ms = now_ms};
	if (!rehearse(kubernetes, release, intent, force, &rehearsed, err) ||
	    (standing->application && !settle_surplus(kubernetes, release, rehearsed, force, dry_run, arena, err)))
		return false;
	if (dry_run)
		return true;
	if (standing->application && !force)
		json_object_set_new(json_object_get(intent, "metadata"), "resourceVersion",
		                    json_string(standing_version(standing)));
	if (!kubernetes_apply(kubernetes, &kubernetes_applications, release->namespace, release->name, intent, &options,
	                      &stored, err)) {
		ret->is_overtaken = err->code == ERROR_CONFLICT; /* it passed the rehearsal */
		return false;
	}
	ret->started_ms = kubernetes_server_time_ms(kubernetes);
	const char *surplus = submit_difference(stored, release->config, arena);
	if (*surplus)
		return error_set(err, ERROR_CONFLICT, "somebody changed the Application meanwhile: %s", surplus);
	return true;
}
