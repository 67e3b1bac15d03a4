#include "core/deploy/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "core/deploy/record.h"
#include "core/deploy/submit.h"
#include "core/diagnose/object.h"
#include "data/json.h"
#include "data/platform.h"

enum { RELEASES_MAX = 200 };

static const char *const names[] = {
	[PAST_UNKNOWN] = "unknown", [PAST_UNDER_WAY] = "under-way", [PAST_WAITING] = "waiting", [PAST_SUCCEEDED] = "succeeded",
	[PAST_FAILED] = "failed", [PAST_CANCELLED] = "cancelled", [PAST_SUPERSEDED] = "superseded",
};

const char *
past_outcome_name(enum past_outcome outcome)
{
	return names[outcome];
}

void
history_release(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		json_decref(history->releases[i].config);
	history->count = 0;
}

/* ---- one release out of many sources ---- */

struct reading {
	const struct history_request *request;
	struct arena *arena;
	struct history *history;
};

static struct past_release *
entry_of(struct reading *reading, const char *deployment_id)
{
	struct history *history = reading->history;
	for (size_t i = 0; i < history->count; i++)
		if (strcmp(history->releases[i].deployment_id, deployment_id) == 0)
			return &history->releases[i];
	if (history->count == RELEASES_MAX || *deployment_id == '\0')
		return NULL;
	struct past_release *entry = &history->releases[history->count++];
	*entry = (struct past_release){.deployment_id = arena_strdup(reading->arena, deployment_id), .image = "", .digest = "",
	                               .commit = "", .author = ""};
	return entry;
}

static void
fill(struct reading *reading, const char **field, const char *text)
{
	if (**field == '\0' && text != NULL)
		*field = arena_strdup(reading->arena, text);
}

static void
fill_time(struct past_release *entry, int64_t at_ms)
{
	if (entry->at_ms <= 0 && at_ms > 0)
		entry->at_ms = at_ms;
}

/* ---- the cluster ---- */

static void
add_standing(struct reading *reading, const struct standing *standing)
{
	struct past_release *entry = standing->application != NULL ? entry_of(reading, standing->deployment_id) : NULL;
	if (entry == NULL)
		return;
	entry->is_current = true;
	fill(reading, &entry->image, standing->image);
	fill(reading, &entry->digest, standing->digest);
	fill(reading, &entry->commit, standing->commit);
	fill(reading, &entry->author, standing->author);
	fill_time(entry, standing->deployed_ms);
	entry->config = json_incref(json_map_at(standing->application, "spec.config"));
	if (standing->is_under_way)
		entry->outcome = PAST_UNDER_WAY;
}

static void
add_replica_set(struct reading *reading, const json_t *set)
{
	const char *id = json_text_or(set, "spec.template.metadata.labels.fiaas/deployment_id", "");
	const char *revision = object_annotation(set, "deployment.kubernetes.io/revision");
	struct past_release *entry = entry_of(reading, id);
	if (entry == NULL)
		return;
	unsigned number = revision != NULL ? (unsigned)strtoul(revision, NULL, 10) : 0;
	entry->number = number > entry->number ? number : entry->number; /* a restart is a revision more of the same */
	fill(reading, &entry->image, object_main_image(set, reading->request->name));
	fill_time(entry, clock_parse_ms(json_text_or(set, "metadata.creationTimestamp", "")));
}

static void
add_status(struct reading *reading, const json_t *status)
{
	static const struct {
		const char *word;
		enum past_outcome outcome;
	} words[] = {{"SUCCESS", PAST_SUCCEEDED}, {"FAILED", PAST_FAILED}, {"RUNNING", PAST_UNDER_WAY}, {"INITIATED", PAST_UNDER_WAY}};
	const char *word = json_text_or(status, "result", "");
	struct past_release *entry = entry_of(reading, json_text_or(status, "metadata.labels.fiaas/deployment_id", ""));
	for (size_t i = 0; entry != NULL && i < array_length(words); i++)
		if (strcmp(word, words[i].word) == 0)
			entry->outcome = words[i].outcome;
	const char *said = object_annotation(status, "fiaas/last_updated");
	if (entry == NULL)
		return;
	entry->said_ms = said != NULL ? clock_parse_ms(said) : 0;
	fill_time(entry, clock_parse_ms(json_text_or(status, "metadata.creationTimestamp", "")));
}

static bool
add_list(struct reading *reading, const struct kubernetes_resource *resource,
         void (*add)(struct reading *reading, const json_t *object), struct error *err)
{
	const struct history_request *request = reading->request;
	struct kubernetes_query query = {.resource = resource, .namespace = request->namespace,
	                                 .label_selector = arena_printf(reading->arena, "app=%s", request->name)};
	scoped(json_release) json_t *list = NULL;
	const json_t *object;
	size_t i;
	if (!kubernetes_list(request->kubernetes, &query, &list, err))
		return false;
	json_array_foreach (json_list_at(list, "items"), i, object)
		add(reading, object);
	return true;
}

static bool
read_cluster(struct reading *reading, struct error *err)
{
	const struct history_request *request = reading->request;
	scoped(standing_release) struct standing standing = {0};
	if (!standing_read(request->kubernetes, request->namespace, request->name, reading->arena, &standing, err))
		return false;
	add_standing(reading, &standing);
	return add_list(reading, &kubernetes_replica_sets, add_replica_set, err) &&
	       add_list(reading, &kubernetes_application_statuses, add_status, err);
}

/* ---- beside it ---- */

static void
add_record(struct reading *reading, const char *id, const json_t *record)
{
	struct past_release *entry = entry_of(reading, id);
	if (entry == NULL)
		return;
	fill(reading, &entry->image, json_text_at(record, "image"));
	fill(reading, &entry->digest, json_text_at(record, "digest"));
	fill(reading, &entry->commit, json_text_at(record, "commit"));
	fill(reading, &entry->author, json_text_at(record, "author"));
	fill_time(entry, clock_parse_ms(json_text_or(record, "deployed_at", "")));
	if (entry->config == NULL)
		entry->config = json_incref(json_map_at(record, "config"));
}

static void
read_records(struct reading *reading)
{
	const struct history_request *request = reading->request;
	scoped(json_release) json_t *records = NULL;
	const char *id;
	json_t *record;
	if (!record_read(request->kubernetes, request->namespace, request->name, &records, &reading->history->trouble))
		return;
	reading->history->trouble = (struct error){0};
	json_object_foreach (records, id, record)
		add_record(reading, id, record);
}

/* Although it may count as succeeded. */
static bool
has_bad_step(const struct cd_run *run)
{
	for (size_t i = 0; i < run->n_steps; i++)
		if (run->steps[i].state == CD_FAILED_ON || run->steps[i].state == CD_STOPPED)
			return true;
	return false;
}

static enum past_outcome
outcome_of(const struct cd_run *run, bool is_handed_over)
{
	if (run->state == CD_NEEDS_APPROVAL)
		return PAST_WAITING;
	if (!cd_is_over(run->state))
		return PAST_UNDER_WAY;
	if (run->state == CD_CANCELLED)
		return PAST_CANCELLED;
	return cd_is_bad(run->state) || (!is_handed_over && has_bad_step(run)) ? PAST_FAILED : PAST_UNKNOWN;
}

/* The cluster knows better than the pipeline how what reached it ended. */
static void
add_run(struct reading *reading, const struct cd_run *run)
{
	const struct cd_step *step = cd_run_deployed(run, reading->request->name, reading->request->namespace);
	bool has_own = step != NULL && *step->deployed.deployment_id != '\0';
	struct past_release *entry = entry_of(reading, has_own ? step->deployed.deployment_id : run->deployment_id);
	struct error ignored;
	if (entry == NULL)
		return;
	entry->run_id = arena_strdup(reading->arena, run->id);
	entry->run_url = arena_strdup(reading->arena, run->url);
	fill(reading, &entry->image, run->image);
	fill(reading, &entry->digest, run->digest);
	fill(reading, &entry->commit, run->commit);
	fill(reading, &entry->author, run->user);
	fill_time(entry, run->built_ms);
	if (entry->outcome == PAST_UNKNOWN)
		entry->outcome = outcome_of(run, step != NULL);
	if (entry->config == NULL && *run->config != '\0' &&
	    !json_parse(run->config, strlen(run->config), "the settings of a run", &entry->config, &ignored))
		entry->config = NULL;
}

static void
read_runs(struct reading *reading)
{
	const struct history_request *request = reading->request;
	if (request->cd == NULL || !cd_has_pipelines(request->cd))
		return;
	const struct cd_query query = {.application = request->name, .limit = request->max,
	                               .pipeline = cd_pipeline_name(request->environment, reading->arena)};
	struct cd_run *runs;
	size_t count;
	if (!cd_list(request->cd, &query, reading->arena, &runs, &count, &reading->history->trouble))
		return;
	for (size_t i = 0; i < count; i++) {
		add_run(reading, &runs[i]);
		cd_run_release(&runs[i]);
	}
}

/* ---- all of it ---- */

/* Newest first: by number where both have one, else by time. */
static int
compare(const void *a, const void *b)
{
	const struct past_release *one = a, *other = b;
	if (one->number != 0 && other->number != 0 && one->number != other->number)
		return one->number < other->number ? 1 : -1;
	if (one->at_ms != other->at_ms)
		return one->at_ms < other->at_ms ? 1 : -1;
	return strcmp(other->deployment_id, one->deployment_id);
}

/* Most times of the cluster have whole seconds.  What only waits in a pipeline takes nobody's place. */
void
history_doubt_successes(struct history *history)
{
	int64_t next_ms = 0;
	for (size_t i = 0; i < history->count; i++) {
		struct past_release *release = &history->releases[i];
		if (release->outcome == PAST_SUCCEEDED && next_ms > 0 && release->said_ms / 1000 > next_ms / 1000)
			release->outcome = PAST_SUPERSEDED;
		if (release->number != 0 || release->said_ms > 0 || release->is_current)
			next_ms = release->at_ms;
	}
}

bool
history_read(const struct history_request *request, struct arena *arena, struct history *ret, struct error *err)
{
	struct history history = {.releases = arena_array(arena, struct past_release, RELEASES_MAX)};
	struct reading reading = {.request = request, .arena = arena, .history = &history};
	if (!read_cluster(&reading, err)) {
		history_release(&history);
		return false;
	}
	read_records(&reading);
	read_runs(&reading);
	if (history.count > 1)
		qsort(history.releases, history.count, sizeof *history.releases, compare);
	history_doubt_successes(&history);
	for (size_t i = request->max; i < history.count; i++)
		json_decref(history.releases[i].config);
	history.count = history.count > request->max ? request->max : history.count;
	*ret = history;
	return true;
}

json_t *
past_release_to_json(const struct past_release *release)
{
	char time[CLOCK_TEXT_BYTES], number[16];
	snprintf(number, sizeof number, "r%u", release->number);
	json_t *object = json_pack("{s:s?, s:s, s:s, s:s, s:b, s:b}", "release", release->number != 0 ? number : NULL, "deployment_id",
	                           release->deployment_id, "image", release->image, "outcome", past_outcome_name(release->outcome),
	                           "is_current", release->is_current, "can_be_deployed", release->config != NULL);
	const struct {
		const char *key, *text;
	} texts[] = {{"digest", release->digest}, {"commit", release->commit}, {"author", release->author},
	             {"run", release->run_id}, {"url", release->run_url}};
	for (size_t i = 0; i < array_length(texts); i++)
		json_object_set_new(object, texts[i].key,
		                    texts[i].text != NULL && *texts[i].text != '\0' ? json_string(texts[i].text) : json_null());
	json_object_set_new(object, "deployed_at", release->at_ms > 0 ? json_string(clock_format(release->at_ms, time)) : json_null());
	return object;
}
