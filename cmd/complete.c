#include "cmd/complete.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/complete_names.h"
#include "cmd/globals.h"
#include "cmd/option.h"
#include "cmd/parse.h"
#include "ui/neutral.h"

enum { ANSWER_MAX_BYTES = 1024 * 1024, LAST_LINE_BYTES = 16 };

void
candidates_add(struct candidates *candidates, const char *value, const char *description)
{
	if (candidates->buf->overflow || strncmp(value, candidates->current, strlen(candidates->current)) != 0)
		return;
	size_t before = candidates->buf->length;
	buf_add_text(candidates->buf, candidates->prefix);
	neutral_add(candidates->buf, NEUTRAL_LINE, value, strlen(value));
	if (description != NULL && description[0] != '\0') {
		buf_add_char(candidates->buf, '\t');
		neutral_add(candidates->buf, NEUTRAL_LINE, description, strlen(description));
	}
	buf_add_char(candidates->buf, '\n');
	if (candidates->buf->overflow)
		buf_truncate(candidates->buf, before);
}

/* ---- what was typed before the cursor ---- */

struct place {
	struct parsed parsed;
	size_t n_positionals;
	bool is_data;                      /* after "--" */
	const struct option_spec *pending; /* takes the current word as its value */
	const char *platform_file, *environment, *team, *application, *setting; /* as typed */
};

/* Keeps what tells a provider where to look. */
static void
remember(struct place *place, const struct option_spec *option, const char *value)
{
	static const char *const kinds[] = {"environment", "team", "application", "setting"};
	const char **const kept[] = {&place->environment, &place->team, &place->application, &place->setting};
	if (option->text == &globals.platform)
		place->platform_file = value;
	for (size_t i = 0; option->complete != NULL && i < array_length(kinds); i++)
		if (strcmp(option->complete, kinds[i]) == 0)
			*kept[i] = value;
}

static const struct option_spec *
positional_at(const struct command *command, size_t n)
{
	const struct option_spec *option = command->options;
	for (; option != NULL && option->kind != OPTION_END; option++) {
		if (!option_is_positional(option) || option->kind == OPTION_DATA)
			continue;
		if (n == 0 || option->kind == OPTION_ARGS)
			return option;
		n--;
	}
	return NULL;
}

static void
read_long(struct place *place, const char *word)
{
	size_t length = strcspn(word, "=");
	char name[80];
	if (length >= sizeof name)
		return;
	memcpy(name, word, length);
	name[length] = '\0';
	const struct option_spec *option = parse_find_option(&place->parsed, name);
	if (option == NULL || !option_takes_value(option))
		return;
	if (word[length] != '=')
		place->pending = option;
	else
		remember(place, option, word + length + 1);
}

/* "-vn", "-epro": the first letter that takes a value takes the rest. */
static void
read_letters(struct place *place, const char *word)
{
	for (const char *at = word + 1; *at != '\0'; at++) {
		const char name[3] = {'-', *at, '\0'};
		const struct option_spec *option = parse_find_option(&place->parsed, name);
		if (option == NULL || !option_takes_value(option))
			continue;
		if (at[1] == '\0')
			place->pending = option;
		else
			remember(place, option, at + 1);
		return;
	}
}

static void
read_word(struct place *place, const char *word)
{
	struct parsed *parsed = &place->parsed;
	if (place->pending != NULL) {
		remember(place, place->pending, word);
		place->pending = NULL;
		return;
	}
	if (place->is_data && parse_find_data(&place->parsed) != NULL)
		return;
	if (!place->is_data && word[0] == '-' && word[1] != '\0') {
		if (strcmp(word, "--") == 0)
			place->is_data = true;
		else if (word[1] == '-')
			read_long(place, word);
		else
			read_letters(place, word);
		return;
	}
	const struct command *const *list = parsed->command == NULL ? commands : parsed->command->subcommands;
	const struct command *found =
		parsed->parent == NULL && place->n_positionals == 0 ? parse_find_command(list, word) : NULL;
	if (found == NULL) {
		const struct option_spec *option =
			parsed->command != NULL ? positional_at(parsed->command, place->n_positionals) : NULL;
		if (option != NULL)
			remember(place, option, word);
		place->n_positionals++;
		return;
	}
	parsed->parent = parsed->command;
	parsed->command = found;
}

/* What comes after the cursor says where to look, too.  `words` begins with the current one, which
 * says nothing yet. */
static void
look_ahead(struct place *place, size_t count, const char *const *words)
{
	struct place line = *place;
	if (place->pending != NULL)
		line.pending = NULL;
	else
		line.n_positionals += place->is_data || words[0][0] != '-';
	for (size_t i = 1; i < count; i++)
		read_word(&line, words[i]);
	place->platform_file = line.platform_file;
	place->environment = line.environment;
	place->team = line.team;
	place->application = line.application;
	place->setting = line.setting;
}

/* ---- what may come ---- */

static void
add_commands(struct candidates *candidates, const struct command *const *list)
{
	for (; list != NULL && *list != NULL; list++)
		if (!(*list)->is_hidden)
			candidates_add(candidates, (*list)->name, (*list)->summary);
}

static void
add_flags(struct candidates *candidates, const struct option_spec *options, bool takes_json)
{
	for (; options != NULL && options->kind != OPTION_END; options++) {
		bool is_json = options->text == &globals.json || options->text == &globals.jq;
		if (options->is_hidden || option_is_positional(options) || (is_json && !takes_json))
			continue;
		char *flag = arena_printf(candidates->arena, "--%s", options->name);
		candidates_add(candidates, flag, options->help);
	}
}

static void
add_all_flags(struct candidates *candidates, const struct parsed *parsed)
{
	bool takes_json = parsed->command != NULL && parsed->command->answers_json;
	add_flags(candidates, parsed->command != NULL ? parsed->command->options : NULL, takes_json);
	add_flags(candidates, parsed->parent != NULL ? parsed->parent->options : NULL, takes_json);
	add_flags(candidates, global_options, takes_json);
}

/* The values of an option or positional: its choices, or what its kind provides. */
static unsigned
add_values(struct candidates *candidates, const struct option_spec *option)
{
	for (const char *const *choice = option->choices; choice != NULL && *choice != NULL; choice++)
		candidates_add(candidates, *choice, NULL);
	if (option->complete == NULL)
		return COMPLETE_NO_FILE;
	return complete_names(option->complete, candidates);
}

static unsigned
add_words(struct candidates *candidates, const struct place *place)
{
	const struct command *command = place->parsed.command;
	unsigned bits = COMPLETE_NO_FILE;
	if (command == NULL) {
		if (place->n_positionals == 0)
			add_commands(candidates, commands);
		return bits;
	}
	if (place->parsed.parent == NULL && place->n_positionals == 0)
		add_commands(candidates, command->subcommands);
	const struct option_spec *option = positional_at(command, place->n_positionals);
	return option != NULL ? add_values(candidates, option) : bits;
}

static unsigned
add_candidates(struct candidates *candidates, const struct place *place, const char *current)
{
	if (place->pending != NULL)
		return add_values(candidates, place->pending);
	if (place->is_data && parse_find_data(&place->parsed) != NULL)
		return COMPLETE_NO_FILE; /* words of another machine */
	if (place->is_data || current[0] != '-')
		return add_words(candidates, place);
	const char *equals = strchr(current, '=');
	if (equals == NULL) {
		add_all_flags(candidates, &place->parsed);
		return COMPLETE_NO_FILE;
	}
	char *name = arena_strndup(candidates->arena, current, (size_t)(equals - current));
	const struct option_spec *option = parse_find_option(&place->parsed, name);
	if (option == NULL || !option_takes_value(option))
		return COMPLETE_NO_FILE;
	candidates->prefix = arena_printf(candidates->arena, "%s=", name);
	candidates->current = equals + 1;
	return add_values(candidates, option);
}

void
complete_words(size_t count, size_t cursor, const char *const *words, struct arena *arena, struct buf *buf)
{
	int64_t answer_by_ms = clock_monotonic_ms() + COMPLETE_WAIT_MS;
	struct place place = {.platform_file = terminal_variable("PAAS_PLATFORM")};
	const char *current = cursor < count ? words[cursor] : "";
	for (size_t i = 0; i < cursor; i++)
		read_word(&place, words[i]);
	if (cursor < count && place.parsed.command != NULL)
		look_ahead(&place, count - cursor, words + cursor);
	struct candidates candidates = {
		.buf = buf,
		.prefix = "",
		.current = current,
		.arena = arena,
		.platform_file = place.platform_file,
		.environment = place.environment,
		.team = place.team,
		.application = place.application,
		.setting = place.setting,
		.answer_by_ms = answer_by_ms,
	};
	unsigned bits = add_candidates(&candidates, &place, current);
	buf->max += LAST_LINE_BYTES; /* the shells wait for it, however much there is */
	buf_printf(buf, ":%u\n", bits);
}

/* ---- the hard stop ---- */

static _Noreturn void
stop(int number)
{
	static const char nothing[] = ":4\n";
	(void)number;
	ssize_t written = write(STDOUT_FILENO, nothing, sizeof nothing - 1);
	(void)written;
	_exit(0);
}

static void
write_answer(const struct buf *buf)
{
	for (size_t at = 0; at < buf->length;) {
		ssize_t written = write(STDOUT_FILENO, buf->bytes + at, buf->length - at);
		if (written <= 0)
			break;
		at += (size_t)written;
	}
}

/* Takes "--cursor N" and "--" off the words; which of the others is the current one. */
static size_t
take_cursor(size_t *count, const char *const **words)
{
	uint64_t number = 0;
	struct error ignored;
	if (*count > 1 && strcmp((*words)[0], "--cursor") == 0 &&
	    number_parse_u64((*words)[1], 1, UINT32_MAX, &number, &ignored)) {
		*words += 2;
		*count -= 2;
	}
	if (*count > 0 && strcmp((*words)[0], "--") == 0) {
		++*words;
		--*count;
	}
	if (number == 0 || number > *count)
		number = *count;
	return number > 0 ? (size_t)number - 1 : 0;
}

_Noreturn void
complete_main(size_t count, const char *const *words)
{
	static const struct itimerval deadline = {.it_value.tv_usec = COMPLETE_STOP_MS * 1000};
	struct arena arena = {0};
	struct buf buf = BUF_INIT(ANSWER_MAX_BYTES);
	signal(SIGALRM, stop);
	setitimer(ITIMER_REAL, &deadline, NULL);
	size_t cursor = take_cursor(&count, &words);
	complete_words(count, cursor, words, &arena, &buf);
	/* From here on a half written answer would be worse than a late one. */
	signal(SIGALRM, SIG_IGN);
	write_answer(&buf);
	buf_release(&buf);
	arena_release(&arena);
	_exit(0);
}
