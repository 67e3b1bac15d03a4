#include "api/kubernetes/table_object.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* ---- containers ---- */

struct container {
	bool is_ready, is_started;
	int64_t restarts;
	const char *waiting, *terminated, *exit_code, *signal, *running_since; /* NULL: not so */
};
static const struct json_field container_fields[] = {
	{"ready", JSON_FIELD_BOOL, offsetof(struct container, is_ready)},
	{"started", JSON_FIELD_BOOL, offsetof(struct container, is_started)},
	{"restartCount", JSON_FIELD_INT, offsetof(struct container, restarts)},
	{"state.waiting.reason", JSON_FIELD_TEXT, offsetof(struct container, waiting)},
	{"state.terminated.reason", JSON_FIELD_TEXT, offsetof(struct container, terminated)},
	{"state.terminated.exitCode", JSON_FIELD_SCALAR, offsetof(struct container, exit_code)},
	{"state.terminated.signal", JSON_FIELD_SCALAR, offsetof(struct container, signal)},
	{"state.running.startedAt", JSON_FIELD_TEXT, offsetof(struct container, running_since)},
};

/* The first container counts that has something to say. */
static void
say(struct table_containers *containers, const char *prefix, const char *kind, const char *word)
{
	if (containers->word[0] == '\0')
		snprintf(containers->word, sizeof containers->word, "%s%s%s", prefix, kind, word);
}

static void
say_end(struct table_containers *containers, const char *prefix, const struct container *container)
{
	if (container->terminated != NULL)
		say(containers, prefix, "", container->terminated);
	else if (container->signal != NULL && strcmp(container->signal, "0") != 0)
		say(containers, prefix, "Signal:", container->signal);
	else
		say(containers, prefix, "ExitCode:", container->exit_code);
}

static bool
tell_main(void *data, const void *record, struct error *err)
{
	const struct container *container = record;
	struct table_containers *containers = &((struct table_object *)data)->main;
	(void)err;
	containers->restarts += container->restarts;
	if (container->waiting != NULL) {
		say(containers, "", "", container->waiting);
	} else if (container->exit_code != NULL) {
		say_end(containers, "", container);
	} else if (container->is_ready && container->running_since != NULL) {
		containers->is_any_running = true;
		containers->ready++;
	}
	return true;
}

static bool
tell_init(void *data, const void *record, struct error *err)
{
	const struct container *container = record;
	struct table_containers *containers = &((struct table_object *)data)->init;
	bool is_done = container->exit_code != NULL && strcmp(container->exit_code, "0") == 0;
	bool is_sidecar = container->is_started && container->running_since != NULL;
	char place[48];
	(void)err;
	snprintf(place, sizeof place, "%zu/%zu", containers->n_told++, containers->n_wanted);
	containers->restarts += container->restarts;
	if (is_done || is_sidecar)
		return true;
	if (container->exit_code != NULL)
		say_end(containers, "Init:", container);
	else if (container->waiting != NULL && strcmp(container->waiting, "PodInitializing") != 0)
		say(containers, "Init:", "", container->waiting);
	else
		say(containers, "Init:", "", place);
	return true;
}

/* ---- cells ---- */

struct object {
	const char *name, *created, *deleted, *phase, *reason, *label;
	int64_t replicas, ready_replicas, updated_replicas;
};

struct cell {
	char text[TABLE_WORD_MAX];
};

static void
put_ready(struct cell *cell, const struct table_object *of, const struct object *object)
{
	bool is_pod = of->table->query.resource == &kubernetes_pods;
	snprintf(cell->text, sizeof cell->text, "%lld/%lld", (long long)(is_pod ? of->main.ready : object->ready_replicas),
	         is_pod ? (long long)of->main.n_wanted : (long long)object->replicas);
}

static void
put_status(struct cell *cell, const struct table_object *of, const struct object *object)
{
	const char *reason = object->reason != NULL ? object->reason : object->phase != NULL ? object->phase : "";
	const char *word = of->init.word[0] != '\0' ? of->init.word : of->main.word[0] != '\0' ? of->main.word : reason;
	if (strcmp(word, "Completed") == 0 && of->main.is_any_running)
		word = "Running";
	if (object->deleted != NULL)
		word = strcmp(reason, "NodeLost") == 0 ? "Unknown" : "Terminating";
	error_copy_text(cell->text, sizeof cell->text, word);
}

static void
put_restarts(struct cell *cell, const struct table_object *of, const struct object *object)
{
	(void)object;
	snprintf(cell->text, sizeof cell->text, "%lld",
	         (long long)(of->init.word[0] != '\0' ? of->init.restarts : of->main.restarts));
}

static void
put_updated(struct cell *cell, const struct table_object *of, const struct object *object)
{
	(void)of;
	snprintf(cell->text, sizeof cell->text, "%lld", (long long)object->updated_replicas);
}

static void
put_age(struct cell *cell, const struct table_object *of, const struct object *object)
{
	int64_t created_ms = object->created != NULL ? clock_parse_ms(object->created) : -1;
	int64_t now_ms = kubernetes_server_time_ms(of->kubernetes);
	char age[KUBERNETES_AGE_BYTES];
	bool is_known = created_ms >= 0 && now_ms > 0;
	error_copy_text(cell->text, sizeof cell->text,
	                is_known ? kubernetes_age_text(now_ms > created_ms ? now_ms - created_ms : 0, age) : "<unknown>");
}

static const struct {
	const char *title;
	void (*put)(struct cell *cell, const struct table_object *of, const struct object *object);
} titles[] = {
	{"Ready", put_ready}, {"Status", put_status}, {"Restarts", put_restarts}, {"Up-to-date", put_updated}, {"Age", put_age},
};

static const char *
cell_of(const char *title, struct cell *cell, const struct table_object *of, const struct object *object)
{
	cell->text[0] = '\0';
	if (strcmp(title, "Name") == 0)
		return object->name;
	for (size_t i = 0; i < array_length(titles); i++)
		if (strcmp(title, titles[i].title) == 0)
			titles[i].put(cell, of, object);
	return cell->text;
}

static bool
tell_object(void *data, const void *record, struct error *err)
{
	const struct object *object = record;
	struct table_object *of = data;
	struct cell cells[KUBERNETES_CELLS_MAX];
	const char *texts[KUBERNETES_CELLS_MAX + 1];
	bool is_wanted = true;
	for (size_t i = 0; i < of->table->n_columns && object->name != NULL; i++)
		texts[i] = cell_of(of->table->columns[i], &cells[i], of, object);
	texts[of->table->n_columns] = object->label != NULL ? object->label : "";
	if (object->name != NULL)
		is_wanted = of->told(of->data, texts, err);
	of->main = of->init = (struct table_containers){0};
	return is_wanted;
}

static bool
count_main(void *data, const void *record, struct error *err)
{
	(void)record;
	(void)err;
	((struct table_object *)data)->main.n_wanted++;
	return true;
}

static bool
count_init(void *data, const void *record, struct error *err)
{
	(void)record;
	(void)err;
	((struct table_object *)data)->init.n_wanted++;
	return true;
}

/* ---- records ---- */

struct counted {
	char unused;
};

static const struct json_field object_fields[] = {
	{"metadata.name", JSON_FIELD_TEXT, offsetof(struct object, name)},
	{"metadata.creationTimestamp", JSON_FIELD_TEXT, offsetof(struct object, created)},
	{"metadata.deletionTimestamp", JSON_FIELD_TEXT, offsetof(struct object, deleted)},
	{"status.phase", JSON_FIELD_TEXT, offsetof(struct object, phase)},
	{"status.reason", JSON_FIELD_TEXT, offsetof(struct object, reason)},
	{"spec.replicas", JSON_FIELD_INT, offsetof(struct object, replicas)},
	{"status.readyReplicas", JSON_FIELD_INT, offsetof(struct object, ready_replicas)},
	{"status.updatedReplicas", JSON_FIELD_INT, offsetof(struct object, updated_replicas)},
};

void
table_object_records(struct table_object *object, const char *prefix,
                     struct json_record ret[static TABLE_OBJECT_RECORDS], struct arena *arena)
{
	size_t n_fields = array_length(object_fields);
	struct json_field *fields = arena_array(arena, struct json_field, n_fields + 1);
	memcpy(fields, object_fields, sizeof object_fields);
	if (object->table->label != NULL)
		fields[n_fields++] = (struct json_field){arena_printf(arena, "metadata.labels.%s", object->table->label),
		                                         JSON_FIELD_TEXT, offsetof(struct object, label)};
	const struct json_record records[TABLE_OBJECT_RECORDS] = {
		{prefix, fields, n_fields, sizeof(struct object), tell_object, object},
		{arena_printf(arena, "%s.spec.containers[]", prefix), NULL, 0, sizeof(struct counted), count_main, object},
		{arena_printf(arena, "%s.spec.initContainers[]", prefix), NULL, 0, sizeof(struct counted), count_init, object},
		{arena_printf(arena, "%s.status.containerStatuses[]", prefix), container_fields, array_length(container_fields),
		 sizeof(struct container), tell_main, object},
		{arena_printf(arena, "%s.status.initContainerStatuses[]", prefix), container_fields,
		 array_length(container_fields), sizeof(struct container), tell_init, object},
	};
	memcpy(ret, records, sizeof records);
}
