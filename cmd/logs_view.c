#include "cmd/logs_view.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/logs/pretty.h"
#include "data/error_json.h"
#include "data/pattern.h"
#include "ui/neutral.h"
#include "ui/output.h"
#include "ui/text.h"

enum { TIME_BYTES = 64, NOTE_MAX_BYTES = 4096 };

/* ---- which ---- */

static bool
matches(const struct pattern *pattern, const char *text)
{
	return pattern == NULL || pattern_matches(pattern, text, strlen(text));
}

bool
logs_view_wants(void *data, const char *pod, const char *container)
{
	const struct logs_view *view = data;
	return matches(view->pod, pod) && matches(view->container, container);
}

/* Lines without a level belong to the one before: the rest of a stack trace. */
static bool
is_bad_enough(const struct logs_view *view, const struct logs_event *line)
{
	enum log_level level = log_level_of(line->text, line->length);
	if (level == LOG_LEVEL_NONE)
		return view->last == line->container->serial && view->is_last_shown;
	return level >= view->level;
}

static bool
is_wanted(const struct logs_view *view, const struct logs_event *line)
{
	if (view->since_ns >= 0 && line->time_ns >= 0 && line->time_ns < view->since_ns)
		return false;
	return (view->level == LOG_LEVEL_NONE || is_bad_enough(view, line)) &&
	       (view->grep == NULL || pattern_matches(view->grep, line->text, line->length)) &&
	       (view->exclude == NULL || !pattern_matches(view->exclude, line->text, line->length));
}

/* ---- lines for people ---- */

static const char *
format_time(int64_t time_ns, char ret[static TIME_BYTES])
{
	char second[CLOCK_TEXT_BYTES];
	clock_format(time_ns / 1000000000 * 1000, second);
	snprintf(ret, TIME_BYTES, "%.19s.%09lldZ", second, (long long)(time_ns % 1000000000));
	return ret;
}

static void
add_name(struct buf *prefix, const struct logs_container *container)
{
	neutral_add(prefix, NEUTRAL_LINE, container->pod, strlen(container->pod));
	if (container->is_lone)
		return;
	buf_add_char(prefix, '/');
	neutral_add(prefix, NEUTRAL_LINE, container->name, strlen(container->name));
}

static const char *
prefix_of(struct logs_view *view, const struct logs_container *container)
{
	struct view_prefix *prefix = &view->prefixes[container->serial % VIEW_PREFIXES];
	if (!view->has_prefix)
		return "";
	if (prefix->serial != container->serial) {
		scoped(buf_release) struct buf name = BUF_INIT(VIEW_PREFIX_MAX - 32);
		add_name(&name, container);
		prefix->serial = container->serial;
		snprintf(prefix->text, sizeof prefix->text, "%s%s%s%s ", output_tint(view->out, container->number), name.bytes,
		         output_is_accessible(view->out) ? ":" : "", output_style(view->out, STYLE_PLAIN));
	}
	return prefix->text;
}

void
logs_view_note(struct output *out, const char *format, ...)
{
	va_list args;
	scoped(buf_release) struct buf text = BUF_INIT(NOTE_MAX_BYTES);
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	output_note(out, output_is_accessible(out) ? "note: %s\n" : "-- %s --\n", text.bytes);
}

static void
print_dressed(struct logs_view *view, const struct logs_event *line)
{
	char time[TIME_BYTES], prefix[VIEW_PREFIX_MAX + TIME_BYTES + sizeof "late: "];
	scoped(buf_release) struct buf pretty = BUF_INIT(LOGS_LINE_MAX * 2);
	bool is_pretty = view->is_pretty && log_pretty_add(&pretty, line->text, line->length);
	bool has_time = view->has_time && line->time_ns >= 0;
	snprintf(prefix, sizeof prefix, "%s%s%s%s",
	         !line->is_late ? "" : output_is_accessible(view->out) ? "late: " : "~", view->prefix,
	         has_time ? format_time(line->time_ns, time) : "", has_time ? " " : "");
	output_print_line(view->out, prefix, is_pretty ? pretty.bytes : line->text, is_pretty ? pretty.length : line->length);
}

static void
print_line(struct logs_view *view, const struct logs_event *line)
{
	if (view->has_time || view->is_pretty || line->is_late)
		print_dressed(view, line);
	else
		output_print_line(view->out, view->prefix, line->text, line->length);
	if (line->is_cut)
		logs_view_note(view->out, "%s: the line before is longer than 16 MiB and was cut", line->container->pod);
}

/* ---- marks for people ---- */

static const char *
duration_text(int64_t duration_ms, char ret[static CLOCK_TEXT_BYTES])
{
	return duration_ms < 0 ? "unknown length" : clock_format_duration(duration_ms, ret);
}

static void
print_mark(struct logs_view *view, const struct logs_event *event)
{
	char took[CLOCK_TEXT_BYTES];
	struct output *out = view->out;
	const char *pod = event->container != NULL ? event->container->pod : "";
	const char *name = event->container != NULL ? event->container->name : "";
	switch (event->type) {
	case LOGS_GAP:
		logs_view_note(out, "%s/%s: gap of %s, its lines are rotated away", pod, name,
		               duration_text(event->gap_ms, took));
		break;
	case LOGS_RELEASE:
		logs_view_note(out, "release %.*s started", (int)event->length, event->text);
		break;
	case LOGS_RESTARTED:
		logs_view_note(out, "%s/%s: restarted (%.*s)", pod, name, (int)event->length, event->text);
		break;
	case LOGS_WAITING:
		logs_view_note(out, "%s/%s: nothing to read (%.*s)", pod, name, (int)event->length, event->text);
		break;
	case LOGS_LEFT_BEHIND:
		logs_view_note(out, "%s/%s: silent for 2 s, the others go on", pod, name);
		break;
	case LOGS_TROUBLE:
		logs_view_note(out, "%s/%s: %s%s", pod, name, event->trouble->why, event->is_over ? "" : "; trying on");
		break;
	case LOGS_LINE:
		break;
	}
}

/* ---- JSON ---- */

/* As JSON text must be: what is no UTF-8 becomes U+FFFD. */
static json_t *
text_to_json(const char *text, size_t length, bool *ret_was_valid)
{
	json_t *value = json_stringn(text, length);
	*ret_was_valid = value != NULL;
	if (value != NULL)
		return value;
	scoped(buf_release) struct buf valid = BUF_INIT(LOGS_LINE_MAX * 3);
	for (size_t at = 0; at < length;) {
		uint32_t character;
		size_t n = text_decode(text + at, length - at, &character);
		if (n == 0)
			buf_add_text(&valid, "\xef\xbf\xbd");
		else
			buf_add(&valid, text + at, n);
		at += n == 0 ? 1 : n;
	}
	return json_stringn(valid.bytes, valid.length);
}

static json_t *
event_to_json(const struct logs_event *event)
{
	static const char *const types[] = {
		[LOGS_LINE] = "line", [LOGS_GAP] = "gap", [LOGS_RELEASE] = "release", [LOGS_RESTARTED] = "restarted",
		[LOGS_WAITING] = "waiting", [LOGS_LEFT_BEHIND] = "left_behind", [LOGS_TROUBLE] = "trouble",
	};
	char time[TIME_BYTES];
	json_t *object = json_pack("{s:s}", "type", types[event->type]);
	if (event->time_ns > 0)
		json_object_set_new(object, "time", json_string(format_time(event->time_ns, time)));
	if (event->container != NULL) {
		json_object_set_new(object, "pod", json_string(event->container->pod));
		json_object_set_new(object, "container", json_string(event->container->name));
		json_object_set_new(object, "deployment_id", json_string(event->container->release));
	}
	return object;
}

static void
print_json(struct logs_view *view, const struct logs_event *event)
{
	struct error ignored; /* a filter that fails is told at the end */
	bool is_valid = true;
	json_t *object = event_to_json(event);
	if (event->text != NULL)
		json_object_set_new(object, event->type == LOGS_LINE ? "message" : event->type == LOGS_RELEASE ? "deployment_id" : "why",
		                    text_to_json(event->text, event->length, &is_valid));
	if (event->type == LOGS_TROUBLE) {
		json_object_set_new(object, "why", json_string(event->trouble->why));
		json_object_set_new(object, "is_over", json_boolean(event->is_over));
	}
	if (event->type == LOGS_GAP && event->gap_ms >= 0)
		json_object_set_new(object, "gap_seconds", json_real((double)event->gap_ms / 1000));
	if (event->is_late)
		json_object_set_new(object, "is_late", json_true());
	if (event->is_cut)
		json_object_set_new(object, "is_cut", json_true());
	if (!is_valid)
		json_object_set_new(object, "is_invalid_utf8", json_true());
	(void)!output_json_line(view->out, object, &ignored);
}

/* ---- both ---- */

static void
count(struct logs_view *view, const struct logs_event *event)
{
	view->n_waiting += event->type == LOGS_WAITING;
	view->n_gaps += event->type == LOGS_GAP;
	if (event->type == LOGS_TROUBLE && event->is_over && view->trouble.code == ERROR_NONE)
		view->trouble = *event->trouble;
}

static void
tell_line(struct logs_view *view, const struct logs_event *line)
{
	bool is_shown = is_wanted(view, line);
	if (view->last != line->container->serial) {
		view->prefix = prefix_of(view, line->container);
		view->last = line->container->serial;
	}
	view->is_last_shown = is_shown;
	if (!is_shown)
		return;
	view->n_lines++;
	if (output_is_json(view->out))
		print_json(view, line);
	else
		print_line(view, line);
}

void
logs_view_tell(void *data, const struct logs_event *event)
{
	struct logs_view *view = data;
	if (event->type == LOGS_LINE) {
		tell_line(view, event);
		return;
	}
	count(view, event);
	if (output_is_json(view->out))
		print_json(view, event);
	else
		print_mark(view, event);
}

void
logs_view_flush(void *data)
{
	const struct logs_view *view = data;
	output_flush(view->out);
}

bool
logs_view_finish(struct logs_view *view, const struct logs_result *result, const struct error *failure,
                 struct error *err)
{
	if (!output_is_json(view->out))
		return true;
	json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "type", "result", "lines", (json_int_t)view->n_lines,
	                           "pods", (json_int_t)result->n_pods, "containers", (json_int_t)result->n_containers,
	                           "failed", (json_int_t)result->n_failed, "gaps", (json_int_t)view->n_gaps);
	if (failure != NULL)
		json_object_set_new(object, "error", error_to_json(failure));
	return output_json_line(view->out, object, err);
}
