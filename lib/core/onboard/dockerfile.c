#include "core/onboard/dockerfile.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "core/onboard/scan.h"

enum {
	STAGES_MAX = 32,
	VARIABLES_MAX = 100,
	INSTRUCTION_MAX_BYTES = 64 * 1024,
	VALUE_MAX_BYTES = 4096,
	RANGE_MAX = 8,
};

struct variable {
	const char *name, *value;
};

struct stage {
	const char *name;
	struct dockerfile facts;
};

struct reader {
	struct arena *arena;
	const char *at;
	unsigned line;
	char escape;
	struct variable variables[VARIABLES_MAX];
	size_t n_variables, n_global; /* those before the first FROM */
	struct stage stages[STAGES_MAX];
	size_t n_stages;
	struct stage *stage; /* the one being read; NULL before the first FROM */
};

/* ---- variables ---- */

static const char *
variable(const struct reader *reader, const char *name, size_t length)
{
	for (size_t i = reader->n_variables; i-- > 0;)
		if (strncmp(reader->variables[i].name, name, length) == 0 &&
		    reader->variables[i].name[length] == '\0')
			return reader->variables[i].value;
	return NULL;
}

static void
set_variable(struct reader *reader, const char *name, const char *value)
{
	if (reader->n_variables < VARIABLES_MAX)
		reader->variables[reader->n_variables++] = (struct variable){name, value};
}

/* `$NAME`, `${NAME}`, `${NAME:-default}` with what is known; an unknown one is empty. */
static const char *
expand(const struct reader *reader, const char *text)
{
	scoped(buf_release) struct buf out = BUF_INIT(VALUE_MAX_BYTES);
	for (const char *at = text; *at != '\0';) {
		if (*at != '$') {
			buf_add_char(&out, *at++);
			continue;
		}
		bool is_braced = at[1] == '{';
		const char *name = at + 1 + is_braced;
		size_t length = 0;
		while (isalnum((unsigned char)name[length]) || name[length] == '_')
			length++;
		const char *value = variable(reader, name, length), *end = name + length;
		if (is_braced) {
			const char *closing = strchr(end, '}');
			if ((value == NULL || *value == '\0') && closing != NULL && end[0] == ':' && end[1] == '-')
				value = arena_strndup(reader->arena, end + 2, (size_t)(closing - end - 2));
			end = closing != NULL ? closing + 1 : end + strlen(end);
		}
		buf_add_text(&out, value != NULL ? value : "");
		at = end;
	}
	return arena_strdup(reader->arena, out.bytes);
}

/* ---- words ---- */

/* The next word of an instruction, quotes taken off; NULL at its end. */
static char *
next_word(struct arena *arena, const char **at)
{
	const char *start = *at + strspn(*at, " \t");
	if (*start == '\0')
		return NULL;
	char *word = arena_alloc(arena, strlen(start) + 1), quote = '\0';
	size_t used = 0;
	for (; *start != '\0' && (quote != '\0' || (*start != ' ' && *start != '\t')); start++) {
		if (quote == '\0' && (*start == '"' || *start == '\''))
			quote = *start;
		else if (*start == quote)
			quote = '\0';
		else
			word[used++] = *start;
	}
	*at = start;
	return word;
}

/* ---- instructions ---- */

static void
read_from(struct reader *reader, const char *arguments)
{
	const char *at = arguments;
	char *word = next_word(reader->arena, &at);
	while (word != NULL && strncmp(word, "--", 2) == 0)
		word = next_word(reader->arena, &at);
	if (word == NULL || reader->n_stages == STAGES_MAX)
		return;
	if (reader->stage == NULL)
		reader->n_global = reader->n_variables;
	const char *base = expand(reader, word);
	struct stage *stage = &reader->stages[reader->n_stages], *parent = NULL;
	for (size_t i = 0; i < reader->n_stages; i++)
		if (reader->stages[i].name != NULL && strcasecmp(reader->stages[i].name, base) == 0)
			parent = &reader->stages[i];
	*stage = parent != NULL ? *parent : (struct stage){.facts.base = base, .facts.base_line = reader->line};
	stage->name = NULL;
	if (parent == NULL)
		reader->n_variables = reader->n_global; /* what another stage sets is not set here */
	word = next_word(reader->arena, &at);
	if (word != NULL && strcasecmp(word, "AS") == 0)
		stage->name = next_word(reader->arena, &at);
	reader->n_stages++;
	reader->stage = stage;
}

static void
read_arg(struct reader *reader, const char *arguments)
{
	const char *at = arguments;
	for (char *word = next_word(reader->arena, &at); word != NULL; word = next_word(reader->arena, &at)) {
		char *value = strchr(word, '=');
		if (value != NULL) {
			*value = '\0';
			set_variable(reader, word, expand(reader, value + 1));
			continue;
		}
		/* Those of the platform are always given, as are the proxies. */
		bool is_given = variable(reader, word, strlen(word)) != NULL || strncmp(word, "TARGET", 6) == 0 ||
		                strncmp(word, "BUILD", 5) == 0 || strcasestr(word, "proxy") != NULL;
		if (!is_given && reader->stage != NULL && reader->stage->facts.argument == NULL) {
			reader->stage->facts.argument = word;
			reader->stage->facts.argument_line = reader->line;
		}
	}
}

static void
read_env(struct reader *reader, const char *arguments)
{
	const char *at = arguments;
	char *word = next_word(reader->arena, &at);
	if (reader->stage == NULL || word == NULL)
		return;
	if (strchr(word, '=') == NULL) { /* the old form: ENV NAME value */
		set_variable(reader, word, expand(reader, at + strspn(at, " \t")));
		word = NULL;
	}
	for (; word != NULL; word = next_word(reader->arena, &at)) {
		char *value = strchr(word, '=');
		if (value == NULL)
			continue;
		*value = '\0';
		set_variable(reader, word, expand(reader, value + 1));
	}
	static const char *const names[] = {"PORT", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_URLS", "SERVER_PORT",
	                                    "HTTP_PORT"};
	for (size_t i = 0; i < array_length(names); i++) {
		const char *value = variable(reader, names[i], strlen(names[i])), *colon;
		unsigned port = 0;
		if (value != NULL)
			port = scan_port((colon = strrchr(value, ':')) != NULL ? colon + 1 : value);
		if (port != 0) {
			reader->stage->facts.variable = (struct dockerfile_port){port, reader->line};
			return;
		}
	}
}

static void
add_port(struct dockerfile *facts, unsigned port, unsigned line)
{
	for (size_t i = 0; i < facts->n_ports; i++)
		if (facts->ports[i].port == port)
			return;
	if (facts->n_ports < DOCKERFILE_PORTS_MAX)
		facts->ports[facts->n_ports++] = (struct dockerfile_port){port, line};
}

/* "8080", "8080/tcp", "8000-8003"; udp carries no http. */
static void
read_expose(struct reader *reader, const char *arguments)
{
	const char *at = arguments;
	for (char *word = next_word(reader->arena, &at); word != NULL; word = next_word(reader->arena, &at)) {
		char *text = arena_strdup(reader->arena, expand(reader, word)), *protocol = strchr(text, '/');
		if (protocol != NULL && strcasecmp(protocol, "/udp") == 0)
			continue;
		if (protocol != NULL)
			*protocol = '\0';
		unsigned first = scan_port(text), last = first;
		const char *dash = strchr(text, '-');
		if (dash != NULL)
			last = scan_port(dash + 1);
		for (unsigned port = first; first != 0 && port <= last && port < first + RANGE_MAX; port++)
			add_port(&reader->stage->facts, port, reader->line);
	}
}

static void
read_url(struct dockerfile *facts, const char *url, unsigned line, struct arena *arena)
{
	const char *host = strstr(url, "://") + 3;
	size_t host_length = strcspn(host, "/ \t\"'|;\\");
	const char *path = host + host_length, *colon = memchr(host, ':', host_length);
	size_t path_length = strcspn(path, " \t\"'|;)\\],");
	facts->health_port = colon != NULL ? scan_port(colon + 1) : 0;
	facts->health_path = path_length > 0 && *path == '/' ? arena_strndup(arena, path, path_length) : "/";
	facts->health_line = line;
}

static unsigned
seconds_of(const char *text)
{
	unsigned value = 0;
	for (; isdigit((unsigned char)*text) && value < 100000; text++)
		value = value * 10 + (unsigned)(*text - '0');
	return *text == 'm' && text[1] != 's' ? value * 60 : *text == 's' ? value : 0;
}

static void
read_healthcheck(struct reader *reader, const char *arguments)
{
	struct dockerfile *facts = &reader->stage->facts;
	const char *start = strstr(arguments, "--start-period="), *text = expand(reader, arguments), *url;
	facts->health_path = NULL;
	facts->start_seconds = start != NULL ? seconds_of(start + strlen("--start-period=")) : 0;
	if ((url = strstr(text, "http://")) != NULL || (url = strstr(text, "https://")) != NULL)
		read_url(facts, url, reader->line, reader->arena);
}

static void
read_user(struct reader *reader, const char *arguments)
{
	const char *at = arguments;
	const char *user = next_word(reader->arena, &at);
	reader->stage->facts.user = user != NULL ? expand(reader, user) : NULL;
	reader->stage->facts.user_line = reader->line;
}

static void
read_start(struct reader *reader, const char *arguments)
{
	struct dockerfile *facts = &reader->stage->facts;
	const char *text = arguments + strspn(arguments, " \t");
	const char *before = facts->command != NULL ? facts->command : "";
	unsigned port = scan_command_port(expand(reader, text));
	/* `CMD exec server` and a shell given by name replace the shell, or are meant. */
	bool is_exec = strncmp(text, "exec ", 5) == 0 || *text == '[';
	facts->is_shell_form = !is_exec && *text != '\0';
	facts->command = arena_printf(reader->arena, "%s%s%s", before, *before != '\0' ? " " : "", text);
	facts->command_line = reader->line;
	if (port != 0)
		facts->started = (struct dockerfile_port){port, reader->line};
}

static void
read_entrypoint(struct reader *reader, const char *arguments)
{
	reader->stage->facts.command = NULL;
	read_start(reader, arguments);
}

static const struct {
	const char *name;
	void (*read)(struct reader *reader, const char *arguments);
	bool needs_stage;
} instructions[] = {
	{"FROM", read_from, false},        {"ARG", read_arg, false},   {"ENV", read_env, true},
	{"EXPOSE", read_expose, true},     {"USER", read_user, true},  {"CMD", read_start, true},
	{"HEALTHCHECK", read_healthcheck, true}, {"ENTRYPOINT", read_entrypoint, true},
};

static void
read_instruction(struct reader *reader, const char *text)
{
	size_t length = strcspn(text, " \t");
	for (size_t i = 0; i < array_length(instructions); i++)
		if (strlen(instructions[i].name) == length && strncasecmp(text, instructions[i].name, length) == 0 &&
		    (reader->stage != NULL || !instructions[i].needs_stage))
			instructions[i].read(reader, text + length);
}

/* ---- lines ---- */

/* "# escape=`" may stand before everything else. */
static char
escape_character(const char *text)
{
	for (const char *at = text; *at == '#'; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] == '\n')) {
		const char *name = at + 1 + strspn(at + 1, " \t");
		if (strncasecmp(name, "escape", 6) == 0 && strchr(" =", name[6]) != NULL) {
			name += 6 + strspn(name + 6, " =");
			return *name == '`' ? '`' : '\\';
		}
	}
	return '\\';
}

/* The text of one physical line without its end; moves on. */
static const char *
take_line(struct reader *reader, size_t *ret_length)
{
	const char *start = reader->at;
	size_t length = strcspn(start, "\n");
	reader->at += length + (start[length] == '\n');
	while (length > 0 && (start[length - 1] == '\r' || start[length - 1] == ' ' || start[length - 1] == '\t'))
		length--;
	*ret_length = length;
	return start;
}

/* What follows `RUN <<EOF` up to its mark belongs to it. */
static unsigned
skip_here_document(struct reader *reader, const char *instruction)
{
	const char *mark = strstr(instruction, "<<");
	unsigned lines = 0;
	if (mark == NULL || (strncasecmp(instruction, "RUN", 3) != 0 && strncasecmp(instruction, "COPY", 4) != 0))
		return 0;
	mark += 2;
	mark += strspn(mark, "-\"'");
	size_t length = 0;
	while (isalnum((unsigned char)mark[length]) || mark[length] == '_')
		length++;
	while (length > 0 && *reader->at != '\0') {
		size_t line_length;
		const char *line = take_line(reader, &line_length);
		size_t indent = strspn(line, "\t");
		lines++;
		if (line_length >= indent && line_length - indent == length &&
		    strncmp(line + indent, mark, length) == 0)
			break;
	}
	return lines;
}

/* One instruction with its continued lines; comments and empty lines between them fall out. */
static void
read_lines(struct reader *reader)
{
	scoped(buf_release) struct buf text = BUF_INIT(INSTRUCTION_MAX_BYTES);
	unsigned lines = 0;
	bool goes_on = true;
	while (goes_on && *reader->at != '\0') {
		size_t length;
		const char *line = take_line(reader, &length);
		size_t blanks = strspn(line, " \t");
		lines++;
		if (length <= blanks || line[blanks] == '#') {
			goes_on = text.length > 0;
			continue;
		}
		goes_on = line[length - 1] == reader->escape;
		buf_add(&text, line + blanks, length - blanks - goes_on);
		if (goes_on)
			buf_add_char(&text, ' ');
	}
	if (text.length > 0) {
		read_instruction(reader, text.bytes);
		lines += skip_here_document(reader, text.bytes);
	}
	reader->line += lines;
}

bool
dockerfile_read(const char *text, struct arena *arena, struct dockerfile *ret)
{
	struct reader *reader = arena_new(arena, struct reader);
	*reader = (struct reader){.arena = arena, .at = text, .line = 1, .escape = escape_character(text)};
	while (*reader->at != '\0')
		read_lines(reader);
	if (reader->stage == NULL)
		return false;
	*ret = reader->stage->facts;
	return true;
}
