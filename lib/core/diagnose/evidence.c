#include "core/diagnose/evidence.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "core/diagnose/missing.h"
#include "core/diagnose/object.h"

enum { LOG_LINES = 20, SENTENCE_MAX = 600, SAID_MAX = 160 };

const char *
symptom_object(const struct symptom *symptom, const struct cause *cause, struct arena *arena)
{
	for (const char *at = cause->object_after; at && *at;) {
		size_t length = strcspn(at, "|");
		const char *lead = arena_strndup(arena, at, length);
		const char *found = strcasestr(symptom->message, lead);
		if (found) {
			const char *name = found + length;
			/* What ends a name: the quote that began it, or the clause. */
			const char *ends = strchr(lead, '"') ? "\"" : strchr(lead, '{') ? "}" : ",; \n";
			size_t name_length = strcspn(name, ends);
			while (name_length && strchr(".:", name[name_length - 1]))
				name_length--;
			return arena_strndup(arena, name, name_length);
		}
		at += length + (at[length] == '|');
	}
	return "";
}

/* ---- {placeholders} ---- */

struct words {
	const struct symptom *symptom;
	const json_t *container; /* its spec, or NULL */
	const char *log;         /* of its previous run, or "" */
	const char *namespace;   /* or "" */
	const char *application, *environment; /* or NULL */
	struct arena *arena;
};

static const char *
last_line(const char *text, struct arena *arena)
{
	const char *end = text + strlen(text);
	while (end > text && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' '))
		end--;
	const char *start = end;
	while (start > text && start[-1] != '\n')
		start--;
	return arena_strndup(arena, start, (size_t)(end - start));
}

static const char *
word_said(const struct words *words)
{
	const char *line = last_line(*words->log ? words->log : words->symptom->message, words->arena);
	char cut[SAID_MAX];
	error_copy_text(cut, sizeof(cut), line);
	return *cut ? arena_printf(words->arena, ": \"%s\"", cut) : "";
}

static const char *
word_exit(const struct words *words)
{
	return arena_printf(words->arena, "%lld", (long long)words->symptom->exit_code);
}

static const char *
word_signal(const struct words *words)
{
	const char *name = words->symptom->exit_code > 128 ? sigabbrev_np((int)words->symptom->exit_code - 128) : NULL;
	return name ? arena_printf(words->arena, "SIG%s", name) : "a signal";
}

static const char *
word_message(const struct words *words)
{
	return *words->symptom->message ? last_line(words->symptom->message, words->arena) : words->symptom->reason;
}

static const char *
word_probe(const struct words *words)
{
	const char *reason = words->symptom->reason;
	const char *probe = strstr(reason, "Startup")    ? "startupProbe"
	                    : strstr(reason, "Liveness") ? "livenessProbe"
	                                                 : "readinessProbe";
	return probe_describe(words->container, probe, words->arena);
}

static const char *
word_limit(const struct words *words)
{
	const char *limit = json_text_at(words->container, "resources.limits.memory");
	return limit ? limit : "(none: the node ran out)";
}

static const char *
word_container(const struct words *words)
{
	return words->symptom->container;
}
static const char *
word_reason(const struct words *words)
{
	return words->symptom->reason;
}
static const char *
word_image(const struct words *words)
{
	return object_word(words->container, "image");
}
static const char *
word_object(const struct words *words)
{
	return words->symptom->object;
}
static const char *
word_pod(const struct words *words)
{
	return object_name(words->symptom->pod);
}
static const char *
word_namespace(const struct words *words)
{
	return words->namespace;
}
/* A server may call its pods anything; a command line of ours takes what Kubernetes would. */
static bool
is_plain_name(const char *text)
{
	return text && *text && *text != '-' && *text != '.' &&
	       !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.")];
}

/* Our own command where it is known how to come here again. */
static const char *
word_logs(const struct words *words)
{
	const char *pod = object_name(words->symptom->pod), *container = words->symptom->container;
	if (is_plain_name(words->application) && is_plain_name(words->environment) && is_plain_name(pod) &&
	    is_plain_name(container))
		return arena_printf(words->arena, "paas logs %s --env %s --pod %s --container %s --previous", words->application,
		                    words->environment, pod, container);
	return arena_printf(words->arena, "read its log: kubectl logs -n %s %s -c %s --previous", words->namespace, pod,
	                    container);
}
/* The program itself may have said what it misses; else its log is to be read. */
static const char *
word_remedy(const struct words *words)
{
	const char *name = missing_variable(words->log, words->arena);
	if (!name)
		name = missing_variable(words->symptom->message, words->arena);
	if (name && is_plain_name(words->application) && is_plain_name(words->environment))
		return arena_printf(words->arena, "paas secrets set %s --env %s --app %s", name, words->environment,
		                    words->application);
	return word_logs(words);
}
static const char *
word_node(const struct words *words)
{
	return object_word(words->symptom->pod, "spec.nodeName");
}

static const struct {
	const char *name;
	const char *(*value)(const struct words *words);
} placeholders[] = {
	{"container", word_container}, {"exit", word_exit},     {"signal", word_signal},
	{"reason", word_reason},       {"message", word_message}, {"said", word_said},
	{"image", word_image},         {"object", word_object}, {"pod", word_pod},
	{"node", word_node},           {"limit", word_limit},   {"probe", word_probe},
	{"namespace", word_namespace}, {"remedy", word_remedy},
};

static const char *
expand(const char *text, const struct words *words)
{
	scoped(buf_release) struct buf out = BUF_INIT(SENTENCE_MAX);
	for (const char *at = text; *at;) {
		size_t plain = strcspn(at, "{");
		buf_add(&out, at, plain);
		at += plain;
		size_t name = *at ? strcspn(at + 1, "}") : 0;
		for (size_t i = 0; *at && i < array_length(placeholders); i++)
			if (strlen(placeholders[i].name) == name && !strncmp(placeholders[i].name, at + 1, name))
				buf_add_text(&out, placeholders[i].value(words));
		at += *at ? name + 2 : 0;
	}
	return text_mask(out.bytes, words->arena);
}

/* ---- evidence ---- */

static void
add_evidence(struct finding *finding, const struct rollout_objects *objects, const char *where,
             int64_t at_ms, const char *text)
{
	struct observation *observation = &finding->evidence[finding->n_evidence++];
	error_copy_text(observation->source.system, sizeof(observation->source.system),
	                objects->system ? objects->system : "kubernetes");
	error_copy_text(observation->source.object, sizeof(observation->source.object), where);
	observation->at_ms = at_ms;
	observation->text = text;
}

static void
collect_evidence(struct finding *finding, const struct symptom *symptom, const struct words *words,
                 const struct rollout_objects *objects)
{
	struct arena *arena = words->arena;
	scoped(buf_release) struct buf text = BUF_INIT(2000);
	finding->evidence = arena_array(arena, struct observation, 2);
	buf_printf(&text, "%s: %s", symptom->how, symptom->reason);
	if (symptom->exit_code >= 0)
		buf_printf(&text, ", exit %lld", (long long)symptom->exit_code);
	if (symptom->restarts)
		buf_printf(&text, ", %lld restarts", (long long)symptom->restarts);
	if (*symptom->message)
		buf_printf(&text, ": %s", symptom->message);
	if (symptom->count > 1)
		buf_printf(&text, " (%lld times)", (long long)symptom->count);
	add_evidence(finding, objects, symptom->where, symptom->at_ms, text_mask(text.bytes, arena));
	if (*words->log)
		add_evidence(finding, objects, arena_printf(arena, "%s/log/%s", symptom->where, symptom->container),
		             symptom->at_ms, text_mask(text_tail(words->log, LOG_LINES, arena), arena));
}

static const json_t *
container_spec(const struct symptom *symptom)
{
	static const char *const lists[] = {"spec.containers", "spec.initContainers"};
	const json_t *spec;
	size_t i;
	for (size_t list = 0; list < array_length(lists); list++)
		json_array_foreach(json_at(symptom->pod, lists[list]), i, spec)
			if (!strcmp(object_word(spec, "name"), symptom->container))
				return spec;
	return NULL;
}

void
finding_describe(struct finding *finding, const struct symptom *symptom,
                 const struct rollout_objects *objects, struct arena *arena)
{
	const char *log = json_string_value(json_object_get(
		objects->logs, arena_printf(arena, "%s/%s", object_name(symptom->pod), symptom->container)));
	struct words words = {symptom, container_spec(symptom), log ? log : "",
	                      object_word(objects->deployment, "metadata.namespace"), objects->application,
	                      objects->environment, arena};
	finding->pod = arena_strdup(arena, object_name(symptom->pod));
	finding->container = arena_strdup(arena, symptom->container);
	finding->node = arena_strdup(arena, object_word(symptom->pod, "spec.nodeName"));
	finding->object = symptom->object;
	finding->only_node = arena_strdup(arena, finding->only_node);
	finding->sentence = expand(finding->cause->sentence, &words);
	if (finding->only_node)
		finding->sentence = arena_printf(arena, "%s (only on node %s)", finding->sentence, finding->only_node);
	finding->next = expand(finding->cause->next, &words);
	collect_evidence(finding, symptom, &words, objects);
}

/* ---- as JSON ---- */

static json_t *
evidence_to_json(const struct finding *finding)
{
	json_t *list = json_array();
	for (size_t i = 0; i < finding->n_evidence; i++) {
		const struct observation *fact = &finding->evidence[i];
		char time[CLOCK_TEXT_BYTES];
		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s}", "system", fact->source.system,
		                                      "object", fact->source.object, "time",
		                                      fact->at_ms < 0 ? json_null()
		                                                      : json_string(clock_format(fact->at_ms, time)),
		                                      "text", fact->text));
	}
	return list;
}

json_t *
finding_to_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:I, s:o}", "code",
	                 finding->cause->code, "severity", cause_severity_name(finding->cause->severity),
	                 "class", cause_class_name(finding->cause->class), "diagnosis_row",
	                 (int)finding->cause->row, "cause", finding->sentence, "next", finding->next,
	                 "pods_affected", (int)finding->n_pods, "pods", (int)finding->n_live, "pod",
	                 finding->pod, "container", finding->container, "node", finding->node, "restarts",
	                 (json_int_t)finding->most_restarts, "evidence", evidence_to_json(finding));
}
