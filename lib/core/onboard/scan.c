#include "core/onboard/scan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"

enum { LINES_MAX = 200000, PORT_MAX = 65535, PORT_MAX_DIGITS = 5 };

/* ---- lines ---- */

/* Copies a line without its comments; *in_block says whether a slash-star is open. */
static char *
copy_code(const char *line, size_t length, enum scan_syntax syntax, bool *in_block, struct arena *arena)
{
	char *copy = arena_alloc(arena, length + 1), quote = '\0';
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		char c = line[i], next = i + 1 < length ? line[i + 1] : '\0';
		if (*in_block) {
			if (c == '*' && next == '/') {
				*in_block = false;
				i++;
			}
			continue;
		}
		if (quote != '\0') {
			if (c == '\\' && next != '\0') {
				copy[used++] = c;
				c = line[++i];
			} else if (c == quote) {
				quote = '\0';
			}
		} else if (c == '"' || c == '\'' || c == '`') {
			quote = c;
		} else if (syntax == SCAN_C && c == '/' && next == '*') {
			*in_block = true;
			i++;
			continue;
		} else if ((syntax == SCAN_C && c == '/' && next == '/') || (syntax == SCAN_HASH && c == '#')) {
			break;
		}
		copy[used++] = c;
	}
	return copy;
}

static size_t
count_lines(const char *text)
{
	size_t count = 1;
	for (const char *at = text; (at = strchr(at, '\n')) != NULL && count < LINES_MAX; at++)
		count++;
	return count;
}

struct scan_line *
scan_lines(const char *text, enum scan_syntax syntax, struct arena *arena, size_t *ret_count)
{
	size_t max = count_lines(text), count = 0;
	struct scan_line *lines = arena_array(arena, struct scan_line, max);
	bool in_block = false;
	unsigned number = 1;
	for (const char *at = text; *at != '\0' && number <= max; number++) {
		size_t length = strcspn(at, "\n");
		char *code = copy_code(at, length, syntax, &in_block, arena);
		if (code[strspn(code, " \t\r")] != '\0')
			lines[count++] = (struct scan_line){code, number};
		at += length + (at[length] == '\n');
	}
	*ret_count = count;
	return lines;
}

unsigned
scan_line_of(const char *text, const char *needle)
{
	const char *found = strstr(text, needle);
	unsigned line = 1;
	if (found == NULL)
		return 0;
	for (const char *at = text; at < found; at++)
		line += *at == '\n';
	return line;
}

/* ---- words ---- */

static bool
is_word_character(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

const char *
scan_word(const char *line, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = line; (at = strstr(at, word)) != NULL; at++) {
		bool starts = at == line || !is_word_character(at[-1]) || !is_word_character(word[0]);
		bool ends = !is_word_character(at[length]) || !is_word_character(word[length - 1]);
		if (starts && ends)
			return at;
	}
	return NULL;
}

const char *
scan_quoted(const char **at, struct arena *arena)
{
	const char *start = *at + strcspn(*at, "\"'`");
	if (*start == '\0')
		return NULL;
	const char *end = strchr(start + 1, *start);
	if (end == NULL) {
		*at = start + strlen(start);
		return NULL;
	}
	*at = end + 1;
	return arena_strndup(arena, start + 1, (size_t)(end - start - 1));
}

unsigned
scan_port(const char *at)
{
	size_t length = strspn(at, "0123456789");
	unsigned port = 0;
	if (length == 0 || length > PORT_MAX_DIGITS || at[0] == '0' || is_word_character(at[length]))
		return 0;
	if (at[length] == '.' && isdigit((unsigned char)at[length + 1]))
		return 0; /* an address */
	for (size_t i = 0; i < length; i++)
		port = port * 10 + (unsigned)(at[i] - '0');
	return port <= PORT_MAX ? port : 0;
}

/* ---- ports in code ---- */

static const char *
skip_opening(const char *at)
{
	return at + strspn(at, " \t\"'`([{");
}

/* ":8080", "0.0.0.0:8080", "8080", `("0.0.0.0", 8080)` after a call's name. */
static unsigned
port_of_arguments(const char *at)
{
	at = skip_opening(at);
	unsigned port = scan_port(at);
	if (port != 0)
		return port;
	size_t host = strcspn(at, ":,)\n");
	size_t address = strspn(at, "0123456789abcdefghijklmnopqrstuvwxyz.*[:\"'");
	if (at[host] == ':')
		return scan_port(at + host + 1);
	if (host <= address && at[host] == ',')
		return scan_port(skip_opening(at + host + 1));
	return 0;
}

static unsigned
port_of_listen(const char *line)
{
	static const char *const calls[] = {"listen(", "ListenAndServe(", "ListenAndServeTLS(", "Listen(", "bind(",
	                                    "Run(", "Start(", "serve(", "Addr:", "run((", "listen({"};
	for (size_t i = 0; i < array_length(calls); i++) {
		const char *found = strstr(line, calls[i]);
		if (found == NULL)
			continue;
		const char *arguments = found + strlen(calls[i]);
		unsigned port = port_of_arguments(arguments);
		if (port != 0)
			return port;
		const char *named = strstr(arguments, "port:");
		if (named != NULL && (port = scan_port(skip_opening(named + 5))) != 0)
			return port;
	}
	return 0;
}

/* What holds when the variable PORT is not set. */
static unsigned
port_of_environment(const char *line)
{
	const char *at = scan_word(line, "PORT");
	if (at == NULL)
		return 0;
	for (at += 4; *at != '\0' && *at != ';' && *at != '\n'; at++) {
		unsigned port = isdigit((unsigned char)*at) && !is_word_character(at[-1]) &&
		        at[-1] != '.' ? scan_port(at) : 0;
		if (port != 0)
			return port;
	}
	return 0;
}

static unsigned
port_of_variable(const char *line)
{
	static const char *const names[] = {"port",       "PORT",       "httpPort", "http_port", "HTTP_PORT",
	                                    "serverPort", "server_port", "listenPort", "Port"};
	for (size_t i = 0; i < array_length(names); i++) {
		const char *at = scan_word(line, names[i]);
		if (at == NULL)
			continue;
		at += strlen(names[i]);
		at += strspn(at, " \t:?");
		if (strncmp(at, "u16", 3) == 0 || strncmp(at, "int", 3) == 0 || strncmp(at, "number", 6) == 0)
			at += strcspn(at, "=");
		if (*at == '=' && at[1] != '=')
			at++;
		else if (at[-1] != ':')
			continue;
		at = skip_opening(at);
		unsigned port = scan_port(at + (*at == ':'));
		if (port != 0)
			return port;
	}
	return 0;
}

enum scan_port_sign
scan_code_port(const char *line, unsigned *ret_port)
{
	static const struct {
		enum scan_port_sign sign;
		unsigned (*find)(const char *line);
	} forms[] = {
		{SCAN_PORT_ENVIRONMENT, port_of_environment},
		{SCAN_PORT_LISTEN, port_of_listen},
		{SCAN_PORT_VARIABLE, port_of_variable},
	};
	for (size_t i = 0; i < array_length(forms); i++) {
		unsigned port = forms[i].find(line);
		if (port != 0) {
			*ret_port = port;
			return forms[i].sign;
		}
	}
	return SCAN_PORT_NONE;
}

unsigned
scan_command_port(const char *command)
{
	static const char *const flags[] = {"--port", "-p", "--bind", "-b", "-Dserver.port", "--server.port",
	                                    "-Dhttp.port",
	                                    "--server.port", "-Dquarkus.http.port", "--urls", "--listen", "-l", "--http-port"};
	for (size_t i = 0; i < array_length(flags); i++) {
		const char *at = strstr(command, flags[i]);
		if (at == NULL || (at != command && !strchr(" \t\"'[,=", at[-1])))
			continue;
		at += strlen(flags[i]);
		if (*at == '\0' || !strchr(" \t=\"',", *at))
			continue;
		at += strspn(at, " \t=\"',");
		size_t length = strcspn(at, " \t\"',");
		while (length > 0 && strchr("]}", at[length - 1])) /* of a list; of ${PORT:-8080} */
			length--;
		const char *start = at + length;
		while (start > at && isdigit((unsigned char)start[-1]))
			start--;
		bool is_alone = start == at || start[-1] == ':' ||
		        (start - at >= 2 && start[-1] == '-' && start[-2] == ':');
		unsigned port = is_alone ? scan_port(start) : 0;
		if (port != 0)
			return port;
	}
	return 0;
}

/* ---- properties ---- */

const char *
scan_property(const char *text, const char *key, struct arena *arena, unsigned *ret_line)
{
	size_t key_length = strlen(key);
	unsigned number = 1;
	for (const char *at = text; *at != '\0'; number++) {
		size_t length = strcspn(at, "\n");
		const char *line = at + strspn(at, " \t"), *end = at + length;
		if (line + key_length < end && strncmp(line, key, key_length) == 0) {
			const char *value = line + key_length;
			value += strspn(value, " \t");
			if (value < end && (*value == '=' || *value == ':')) {
				value++;
				value += strspn(value, " \t\"'");
				while (end > value && strchr(" \t\r\"'", end[-1]))
					end--;
				if (ret_line != NULL)
					*ret_line = number;
				return end > value ? arena_strndup(arena, value, (size_t)(end - value)) : NULL;
			}
		}
		at += length + (at[length] == '\n');
	}
	return NULL;
}
