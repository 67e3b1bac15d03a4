#include "core/configuration/change.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "api/kubernetes/head.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "base/similar.h"
#include "data/json.h"

enum { TRIES = 6, PAUSE_MS = 50, NAMES_TOLD_BYTES = 300, SIMILAR_NAMES_MAX = 512 };

/* ---- before anything is asked ---- */

static bool
is_repeated(const struct values_change *change, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(change->changes[i].name, change->changes[at].name) == 0)
			return true;
	return false;
}

bool
values_change_check(const struct values_change *change, struct error *err)
{
	size_t bytes = 0;
	for (size_t i = 0; i < change->n_changes; i++) {
		const struct value_change *one = &change->changes[i];
		if (!value_name_check(one->name, err))
			return false;
		if (is_repeated(change, i))
			return error_set(err, ERROR_USAGE, "%s is given twice", one->name);
		bytes += one->value != NULL ? secret_length(one->value) : 0;
	}
	if (bytes <= VALUES_BYTES_MAX)
		return true;
	error_put(err, ERROR_USAGE, "%zu bytes are too many: all values of a %s together have at most %d", bytes,
	          change->form->resource->kind, VALUES_BYTES_MAX);
	return error_next(err, "keep large files in the image or in object storage");
}

/* ---- whose they are ---- */

static bool
refuse_controlled(const struct values_change *change, const struct values *before, struct error *err)
{
	error_put(err, ERROR_CONFLICT, "%s %s is written by %s, which would undo this", change->form->resource->kind,
	          change->name, before->controller);
	return error_next(err, "change it where %s takes it from", before->controller);
}

/* Every name that another manager holds, with whose it is. */
static bool
check_managers(const struct values_change *change, const struct values *before, struct error *err)
{
	scoped(buf_release) struct buf held = BUF_INIT(NAMES_TOLD_BYTES);
	for (size_t i = 0; i < change->n_changes; i++) {
		const struct value_entry *entry = values_find(before, change->changes[i].name);
		bool is_others = entry != NULL && *entry->manager != '\0' && strcmp(entry->manager, VALUES_MANAGER) != 0;
		if (is_others)
			buf_printf(&held, "%s%s (%s)", held.length > 0 ? ", " : "", entry->name, entry->manager);
	}
	if (held.length == 0)
		return true;
	error_put(err, ERROR_CONFLICT, "set by others in %s %s: %s", change->form->resource->kind, change->name, held.bytes);
	return error_next(err, "take over with --force; who set it may set it again");
}

static bool
refuse_missing(const struct values_change *change, const struct values *before, const char *name, struct error *err)
{
	const char *names[SIMILAR_NAMES_MAX], *near[SIMILAR_MAX];
	size_t n = 0;
	for (size_t i = 0; i < before->count && n < array_length(names); i++)
		names[n++] = before->entries[i].name;
	bool is_like = similar_find(name, names, n, near) > 0;
	return error_set(err, ERROR_NOT_FOUND, "%s %s has no %s%s%s%s", change->form->resource->kind, change->name, name,
	                 is_like ? "; did you mean " : "", is_like ? near[0] : "", is_like ? "?" : "");
}

static bool
check(const struct values_change *change, const struct values *before, struct error *err)
{
	for (size_t i = 0; i < change->n_changes; i++)
		if (change->changes[i].value == NULL && values_find(before, change->changes[i].name) == NULL)
			return refuse_missing(change, before, change->changes[i].name, err);
	if (before->controller != NULL)
		return refuse_controlled(change, before, err);
	return change->force || check_managers(change, before, err);
}

/* ---- the body ---- */

struct body {
	struct secret_piece *pieces;
	size_t count;
	struct arena *arena;
	bool is_secret; /* a Secret: everything in data, in base64 */
};

static void
add_text(struct body *body, const char *text)
{
	body->pieces[body->count++] = (struct secret_piece){.text = text};
}

/* `"NAME":` and the value; names need no escapes. */
static void
add_value(struct body *body, bool is_first, const char *name, const struct secret *value, bool is_base64)
{
	const char *comma = is_first ? "" : ",";
	if (value == NULL) {
		add_text(body, arena_printf(body->arena, "%s\"%s\":null", comma, name));
		return;
	}
	body->pieces[body->count++] = (struct secret_piece){
		.text = arena_printf(body->arena, "%s\"%s\":\"", comma, name), .secret = value,
		.form = is_base64 ? SECRET_AS_BASE64 : SECRET_AS_JSON};
	add_text(body, "\"");
}

/* What of the change stands in this map; a value that moved from one to the other leaves the first. */
static void
add_map(struct body *body, const struct values_change *change, const struct values *before, bool is_binary)
{
	bool is_first = true;
	for (size_t i = 0; i < change->n_changes; i++) {
		const struct value_change *one = &change->changes[i];
		const struct value_entry *entry = values_find(before, one->name);
		bool belongs = one->value != NULL && (body->is_secret ? !is_binary : is_binary != secret_is_text(one->value));
		bool was_here = entry != NULL && entry->is_binary == is_binary;
		if (!belongs && !was_here)
			continue;
		if (is_first)
			add_text(body, is_binary ? ",\"binaryData\":{" : ",\"data\":{");
		add_value(body, is_first, one->name, belongs ? one->value : NULL, body->is_secret || is_binary);
		is_first = false;
	}
	if (!is_first)
		add_text(body, "}");
}

static const char *
write_notes(const struct values_change *change, const struct values *before, const char *author, int64_t now_ms,
            struct arena *arena)
{
	char at[CLOCK_TEXT_BYTES];
	scoped(json_release) json_t *notes = json_copy(before->notes);
	clock_format(now_ms, at);
	for (size_t i = 0; i < change->n_changes; i++) {
		const struct value_change *one = &change->changes[i];
		if (one->value == NULL)
			json_object_del(notes, one->name);
		else
			json_object_set_new(notes, one->name, author != NULL ? json_pack("{s:s, s:s}", "at", at, "by", author)
			                                                     : json_pack("{s:s}", "at", at));
	}
	scoped(json_release) json_t *text = json_string(json_write(notes, arena));
	return json_write(text, arena);
}

/* `{"metadata":{…}`, of a new object with all it takes. */
static const char *
write_metadata(const struct values_change *change, const struct values *before, const char *notes, struct arena *arena)
{
	bool is_secret = change->form == &values_secret;
	scoped(json_release) json_t *version = json_string(before->version);
	if (before->exists)
		return arena_printf(arena, "{\"metadata\":{\"resourceVersion\":%s,\"annotations\":{\"" VALUES_ANNOTATION "\":%s}}",
		                    json_write(version, arena), notes);
	return arena_printf(arena, "{\"apiVersion\":\"v1\",\"kind\":\"%s\",%s\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\","
	                    "\"labels\":{\"app\":\"%s\"},\"annotations\":{\"" VALUES_ANNOTATION "\":%s}}",
	                    change->form->resource->kind, is_secret ? "\"type\":\"Opaque\"," : "", change->name,
	                    change->namespace, change->name, notes);
}

struct secret *
values_body(const struct values_change *change, const struct values *before, const char *author, int64_t now_ms,
            struct arena *arena)
{
	enum { PIECES_A_CHANGE = 4, PIECES_AROUND = 8 };
	struct body body = {
		.pieces = arena_array(arena, struct secret_piece, change->n_changes * PIECES_A_CHANGE + PIECES_AROUND),
		.arena = arena, .is_secret = change->form == &values_secret};
	add_text(&body, write_metadata(change, before, write_notes(change, before, author, now_ms, arena), arena));
	add_map(&body, change, before, false);
	add_map(&body, change, before, true);
	add_text(&body, "}");
	return secret_compose(body.pieces, body.count);
}

/* ---- what goes wrong ---- */

static bool
shows_a_value(const struct values_change *change, const char *text)
{
	for (size_t i = 0; i < change->n_changes; i++)
		if (change->changes[i].value != NULL && secret_shows_in(change->changes[i].value, text))
			return true;
	return false;
}

static void
hide_values(const struct values_change *change, struct error *err)
{
	if (!shows_a_value(change, err->why))
		return;
	error_copy_text(err->why, sizeof err->why,
	                "the server refused it; its message is not shown, because it repeats a part of a value");
}

static bool
refuse(const struct values_change *change, struct error *err)
{
	if (err->code == ERROR_INVALID_SPEC && strstr(err->why, "when `immutable` is set") != NULL) {
		error_put(err, ERROR_CONFLICT, "%s %s is immutable: nobody can change it", change->form->resource->kind,
		          change->name);
		return error_next(err, "kubectl delete -n %s %s %s, then set all of it again", change->namespace,
		                  change->form == &values_secret ? "secret" : "configmap", change->name);
	}
	hide_values(change, err);
	return false;
}

static bool
give_up(const struct values_change *change, struct error *err)
{
	error_put(err, ERROR_CONFLICT, "%s %s was changed by others %d times while this was written",
	          change->form->resource->kind, change->name, TRIES);
	err->retryable = true;
	return error_next(err, "try again");
}

/* ---- writing ---- */

struct attempt {
	struct kubernetes *kubernetes;
	const struct values_change *change;
	const char *author; /* NULL: not known */
	struct arena *arena;
	int64_t set_ms;
	bool is_new, has_asked_author;
};

/* After something was read: a cluster that does not answer is waited for once, not twice. */
static void
find_author(struct attempt *attempt)
{
	struct error ignored;
	if (!attempt->has_asked_author &&
	    !kubernetes_who_am_i(attempt->kubernetes, attempt->arena, &attempt->author, &ignored))
		attempt->author = NULL;
	attempt->has_asked_author = true;
}

/* The server's clock stamps pods too. */
static int64_t
server_now(const struct attempt *attempt)
{
	int64_t now_ms = kubernetes_server_time_ms(attempt->kubernetes);
	return now_ms > 0 ? now_ms : clock_wall_ms();
}

static bool
try_once(struct attempt *attempt, struct error *err)
{
	const struct values_change *change = attempt->change;
	scoped(values_release) struct values before = {0};
	scoped(kubernetes_head_release) struct kubernetes_head after = {0};
	scoped(secret_release) struct secret *body = NULL;
	if (!values_read(attempt->kubernetes, change->form, change->namespace, change->name, attempt->arena, &before, err))
		return false;
	if (!check(change, &before, err)) {
		err->retryable = false;
		return false;
	}
	find_author(attempt);
	attempt->set_ms = server_now(attempt);
	attempt->is_new = !before.exists;
	body = values_body(change, &before, attempt->author, attempt->set_ms, attempt->arena);
	struct kubernetes_private_write write = {
		.resource = change->form->resource, .namespace = change->namespace, .name = before.exists ? change->name : NULL,
		.field_manager = VALUES_MANAGER, .body = body};
	if (kubernetes_write_private(attempt->kubernetes, &write, &after, err))
		return true;
	err->retryable = err->code == ERROR_CONFLICT; /* somebody was faster */
	return refuse(change, err);
}

bool
values_write(struct kubernetes *kubernetes, const struct values_change *change, struct arena *arena, bool *ret_is_new,
             int64_t *ret_set_ms, struct error *err)
{
	struct attempt attempt = {.kubernetes = kubernetes, .change = change, .arena = arena};
	for (int i = 0; i < TRIES; i++) {
		if (try_once(&attempt, err)) {
			*ret_is_new = attempt.is_new;
			*ret_set_ms = attempt.set_ms;
			return true;
		}
		if (err->code != ERROR_CONFLICT || !err->retryable)
			return false;
		if (!fiber_sleep(change->loop, PAUSE_MS * (i + 1) + clock_monotonic_ms() % PAUSE_MS))
			return error_set(err, ERROR_INTERRUPTED, "nothing was changed");
	}
	return give_up(change, err);
}
