#include "cmd/next_step.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "cmd/parse.h"
#include "data/json.h"
#include "ui/terminal.h"

enum { LINE_MAX_BYTES = 512, STATE_MAX_BYTES = 16 * 1024 };

/* ---- words ---- */

/* Letters that mean nothing to any shell; a word that ends in a mark is part of a sentence. */
static bool
is_plain_word(const char *word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@=+%-";
	size_t length = strlen(word);
	return length && word[strspn(word, letters)] == '\0' && !strchr(".:", word[length - 1]);
}

static bool
add_word(struct next_step *step, const char *word)
{
	if (step->n_words == NEXT_WORDS_MAX || !is_plain_word(word))
		return false;
	step->words[step->n_words++] = word;
	return true;
}

static bool
begins_with_command(const struct next_step *step)
{
	return step->n_words && parse_find_command(commands, step->words[0]) && strcmp(step->words[0], "next") != 0;
}

bool
next_step_parse(const char *text, struct arena *arena, struct next_step *ret)
{
	struct next_step step = {0};
	char *rest = NULL;
	if (strncmp(text, "paas ", 5) != 0 || strlen(text) > LINE_MAX_BYTES)
		return false;
	for (char *word = strtok_r(arena_strdup(arena, text + 5), " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (!add_word(&step, word))
			return false;
	if (!begins_with_command(&step))
		return false;
	*ret = step;
	return true;
}

/* NAME, URL, DATABASE_URL: but a value of --flag=VALUE is looked at alone. */
static bool
is_placeholder(const char *word)
{
	size_t length = strlen(word);
	return length > 1 && word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

const char *
next_step_placeholder(const struct next_step *step)
{
	for (size_t i = 1; i < step->n_words; i++) {
		const char *value = strchr(step->words[i], '=');
		if (is_placeholder(value ? value + 1 : step->words[i]))
			return value ? value + 1 : step->words[i];
	}
	return NULL;
}

const char *
next_step_line(const struct next_step *step, struct arena *arena)
{
	const char *line = "paas";
	for (size_t i = 0; i < step->n_words; i++)
		line = arena_printf(arena, "%s %s", line, step->words[i]);
	return line;
}

/* ---- the file ---- */

static void
write_state(const struct next_step *step, struct arena *arena)
{
	char folder[4096], time[CLOCK_TEXT_BYTES];
	const char *path = file_state_path(arena, "next.json");
	struct error ignored;
	json_t *words = json_array();
	for (size_t i = 0; i < step->n_words; i++)
		json_array_append_new(words, json_string(step->words[i]));
	scoped(json_release) json_t *state = json_pack("{s:o, s:s, s:s}", "words", words, "folder",
	                                               getcwd(folder, sizeof folder) ? folder : "", "time",
	                                               clock_format(clock_wall_ms(), time));
	const char *text = path && state ? json_write(state, arena) : NULL;
	if (text) /* who cannot keep it has still said it */
		(void)!file_write(path, text, strlen(text), 0600, &ignored);
}

void
next_step_record(const char *text)
{
	scoped(arena_release) struct arena arena = {0};
	struct next_step step;
	if (!terminal_is_ci() && next_step_parse(text, &arena, &step))
		write_state(&step, &arena);
}

static bool
read_words(const json_t *state, struct arena *arena, struct next_step *ret)
{
	const json_t *word;
	size_t i;
	json_array_foreach(json_object_get(state, "words"), i, word) {
		const char *text = json_string_value(word);
		if (!text || !add_word(ret, arena_strdup(arena, text)))
			return false;
	}
	return begins_with_command(ret);
}

bool
next_step_read(struct arena *arena, struct next_step *ret, struct error *err)
{
	const char *path = file_state_path(arena, "next.json");
	struct next_step step = {0};
	char *bytes;
	size_t length;
	if (!path || !file_read(path, STATE_MAX_BYTES, arena, &bytes, &length, err)) {
		if (!path || err->code == ERROR_NOT_FOUND)
			error_put(err, ERROR_NOT_FOUND, "no command has said what to do next");
		return false;
	}
	scoped(json_release) json_t *state = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	if (!read_words(state, arena, &step)) {
		error_put(err, ERROR_INVALID_FILE, "%s is not what paas wrote", path);
		return error_next(err, "remove it");
	}
	step.folder = arena_strdup(arena, json_text_or(state, "folder", ""));
	step.at_ms = clock_parse_ms(json_text_or(state, "time", ""));
	*ret = step;
	return true;
}
