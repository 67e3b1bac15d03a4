#include "data/settings_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "data/yaml.h"

enum { LOCK_TRIES = 100, LOCK_PAUSE_MS = 50 };

/* ---- lines ---- */

/* Where line `number` (1-based) begins; the end of the bytes when there are not as many. */
static size_t
line_start(const char *bytes, size_t length, unsigned number)
{
	size_t at = 0;
	for (unsigned line = 1; line < number && at < length; line++) {
		const char *newline = memchr(bytes + at, '\n', length - at);
		at = newline ? (size_t)(newline - bytes) + 1 : length;
	}
	return at;
}

static bool
is_blank_or_comment(const char *line, size_t length)
{
	size_t at = 0;
	while (at < length && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r'))
		at++;
	return at == length || line[at] == '#';
}

/* The end of what begins at `start` and is over before `limit`: without the comments in between,
 * which belong to what follows. */
static size_t
trimmed_end(const char *bytes, size_t start, size_t limit)
{
	while (limit > start) {
		size_t line = limit;
		while (line > start && (line == limit || bytes[line - 1] != '\n'))
			line--;
		size_t length = limit - line - (bytes[limit - 1] == '\n');
		if (line == start || !is_blank_or_comment(bytes + line, length))
			return limit;
		limit = line;
	}
	return limit;
}

/* YAML breaks lines at more than newlines; who uses those is not counted right here. */
static bool
has_odd_breaks(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] == '\r' && (i + 1 == length || bytes[i + 1] != '\n'))
			return true;
	return memmem(bytes, length, "\xc2\x85", 2) || memmem(bytes, length, "\xe2\x80\xa8", 3) ||
	       memmem(bytes, length, "\xe2\x80\xa9", 3);
}

/* ---- where ---- */

/* A pair as it stands: lines from..to. */
struct span {
	size_t from, to;
	bool is_found;
};

static struct span
span_of(const char *bytes, size_t length, const struct yaml_node *map, const char *key, size_t map_end)
{
	struct span span = {0};
	for (size_t i = 0; map && i < map->count; i++) {
		if (strcmp(map->pairs[i].key->text, key))
			continue;
		size_t limit = i + 1 < map->count ? line_start(bytes, length, map->pairs[i + 1].key->line) : map_end;
		span.from = line_start(bytes, length, map->pairs[i].key->line);
		span.to = trimmed_end(bytes, span.from, limit);
		span.is_found = true;
	}
	return span;
}

/* ---- one line ---- */

static bool
is_plain(const char *value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t length = strlen(value);
	bool begins_well = value[0] == '/' || (value[0] && strchr(letters, value[0]));
	for (const char *at = value; *at; at++)
		if (!strchr(letters, *at) && !strchr("_./:@+-=%, ", *at))
			return false;
	return begins_well && !strchr(" :", value[length - 1]) && !strstr(value, ": ");
}

static void
add_value(struct buf *buf, const char *value)
{
	if (is_plain(value)) {
		buf_add_text(buf, value);
		return;
	}
	buf_add_char(buf, '\'');
	for (; *value; value++) {
		if (*value == '\'')
			buf_add_char(buf, '\'');
		buf_add_char(buf, *value);
	}
	buf_add_char(buf, '\'');
}

/* " # why", when the pair stands on one line and ends in a comment. */
static void
add_old_comment(struct buf *buf, const char *bytes, const struct span *span)
{
	const char *newline = memchr(bytes + span->from, '\n', span->to - span->from);
	size_t end = newline ? (size_t)(newline - bytes) : span->to;
	bool is_one_line = !newline || end + 1 == span->to;
	for (size_t at = end; is_one_line && at > span->from + 1; at--) {
		if (bytes[at - 1] == '"' || bytes[at - 1] == '\'')
			return;
		if (bytes[at - 1] == '#' && (bytes[at - 2] == ' ' || bytes[at - 2] == '\t')) {
			buf_add_char(buf, ' ');
			buf_add(buf, bytes + at - 1, end - (at - 1));
			return;
		}
	}
}

static void
add_pair(struct buf *buf, unsigned indent, const struct settings_edit *edit, const char *bytes, const struct span *old)
{
	buf_add_repeated(buf, ' ', indent);
	buf_printf(buf, "%s: ", edit->key);
	add_value(buf, edit->value);
	if (old->is_found)
		add_old_comment(buf, bytes, old);
	buf_add_char(buf, '\n');
}

/* ---- the edit ---- */

struct place {
	const struct yaml_node *map; /* that holds the key; NULL: there is none yet */
	struct span section;         /* of edit->section */
	struct span pair;
	unsigned indent;
};

static struct place
find_place(const char *bytes, size_t length, const struct yaml_node *root, const struct settings_edit *edit)
{
	struct place place = {.map = root};
	size_t end = length;
	if (edit->section) {
		place.section = span_of(bytes, length, root, edit->section, length);
		place.map = place.section.is_found ? yaml_get(root, edit->section) : NULL;
		place.map = place.map && place.map->kind == YAML_KIND_MAP ? place.map : NULL;
		end = place.section.to;
		place.indent = place.map && place.map->count ? place.map->pairs[0].key->column - 1 : 2;
	}
	place.pair = span_of(bytes, length, place.map, edit->key, end);
	return place;
}

static void
add_end_of_line(struct buf *buf)
{
	if (buf->length && buf->bytes[buf->length - 1] != '\n')
		buf_add_char(buf, '\n');
}

static void
put(struct buf *buf, const char *bytes, size_t length, const struct place *place, const struct settings_edit *edit)
{
	size_t at = place->pair.is_found ? place->pair.from : place->map && edit->section ? place->section.to : length;
	size_t rest = place->pair.is_found ? place->pair.to : at;
	bool is_empty_section = edit->section && place->section.is_found && !place->map;
	if (is_empty_section) /* "aliases:" and nothing */
		at = rest = place->section.to;
	buf_add(buf, bytes, at);
	add_end_of_line(buf);
	if (edit->section && !place->section.is_found)
		buf_printf(buf, "%s:\n", edit->section);
	add_pair(buf, place->indent, edit, bytes, &place->pair);
	buf_add(buf, bytes + rest, length - rest);
}

static void
take_out(struct buf *buf, const char *bytes, size_t length, const struct place *place)
{
	bool is_last = place->section.is_found && place->map->count == 1;
	const struct span *span = is_last ? &place->section : &place->pair;
	buf_add(buf, bytes, span->from);
	buf_add(buf, bytes + span->to, length - span->to);
}

/* ---- is it what was wanted? ---- */

static json_t *
tree_without(const struct yaml_node *root, const struct settings_edit *edit)
{
	json_t *tree = root ? yaml_to_json(root) : json_object();
	json_t *map = edit->section ? json_object_get(tree, edit->section) : tree;
	json_object_del(map, edit->key);
	if (edit->section && !json_object_size(map))
		json_object_del(tree, edit->section);
	return tree;
}

static bool
is_as_wanted(const struct yaml_node *before, const struct yaml_node *after, const struct settings_edit *edit)
{
	const struct yaml_node *value = yaml_get(edit->section ? yaml_get(after, edit->section) : after, edit->key);
	json_t *left = tree_without(before, edit), *right = tree_without(after, edit);
	bool is_equal = json_equal(left, right);
	json_decref(left);
	json_decref(right);
	if (!edit->value)
		return is_equal && !value;
	return is_equal && value && value->kind == YAML_KIND_SCALAR && !strcmp(value->text, edit->value);
}

static bool
parse(const char *bytes, size_t length, const char *file, struct arena *arena, struct yaml_node **ret, struct error *err)
{
	if (!yaml_parse(bytes, length, file, &yaml_limits_default, arena, ret, err))
		return error_next(err, "mend %s, then try again", file);
	return !*ret || (*ret)->kind == YAML_KIND_MAP ||
	       error_set(err, ERROR_INVALID_FILE, "%s: expected a map of settings", file);
}

bool
settings_edit(const char *bytes, size_t length, const char *file, const struct settings_edit *edit, struct arena *arena,
              const char **ret, size_t *ret_length, struct error *err)
{
	struct yaml_node *before, *after;
	struct error late;
	scoped(buf_release) struct buf buf = BUF_INIT(SETTINGS_FILE_MAX + 8192);
	if (!parse(bytes, length, file, arena, &before, err))
		return false;
	struct place place = find_place(bytes, length, before, edit);
	bool is_by_lines = !has_odd_breaks(bytes, length);
	if (!edit->value && !place.pair.is_found)
		return error_set(err, ERROR_NOT_FOUND, "%s does not set \"%s\"", file, edit->key);
	if (is_by_lines && edit->value)
		put(&buf, bytes, length, &place, edit);
	else if (is_by_lines)
		take_out(&buf, bytes, length, &place);
	const char *text = arena_strndup(arena, buf.bytes, buf.length);
	if (!is_by_lines || buf.overflow || !parse(text, buf.length, file, arena, &after, &late) || !is_as_wanted(before, after, edit)) {
		error_put(err, ERROR_INVALID_FILE, "%s is written in a way that cannot be changed line by line", file);
		return error_next(err, "write \"%s\" into it by hand", edit->key);
	}
	*ret = text;
	*ret_length = buf.length;
	return true;
}

/* ---- the file ---- */

/* The folder is the lock: nothing is left behind. */
static bool
lock(const char *folder, int *ret_fd, struct error *err)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
	*ret_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0)
		return error_set(err, ERROR_FILE, "%s: %s", folder, strerror(errno));
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(*ret_fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return error_set(err, ERROR_CONFLICT, "another paas holds %s", folder);
}

static const char *
follow_link(const char *path, struct arena *arena)
{
	char *real = realpath(path, NULL);
	const char *file = arena_strdup(arena, real ? real : path);
	free(real);
	return file;
}

bool
settings_edit_file(const struct settings_edit *edit, struct arena *arena, const char **ret_file, struct error *err)
{
	const char *path = file_config_path(arena, "config.yml"), *text;
	char *bytes = arena_strdup(arena, "");
	size_t length = 0;
	struct error absent;
	scoped(file_close_fd) int fd = -1;
	if (!path) {
		error_put(err, ERROR_FILE, "there is no folder for settings: neither $XDG_CONFIG_HOME nor $HOME is set");
		return false;
	}
	const char *folder = file_beside(arena, path, ".");
	if (!file_make_folder(folder, err) || !lock(folder, &fd, err))
		return false;
	const char *file = follow_link(path, arena);
	if (!file_read(file, SETTINGS_FILE_MAX, arena, &bytes, &length, &absent) && absent.code != ERROR_NOT_FOUND) {
		*err = absent;
		return false;
	}
	*ret_file = file;
	return settings_edit(bytes, length, file, edit, arena, &text, &length, err) &&
	       file_write(file, text, length, 0600, err);
}
