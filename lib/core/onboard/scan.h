/* Small readers of text that people write for other programs: source code, properties, commands.
 *
 * None of them understands the language: they look at one line at a time, comments taken out, for
 * the few forms that a row of the tables names.  Lengths are those of the file, which is bounded.
 */
#ifndef PAAS_CORE_ONBOARD_SCAN_H
#define PAAS_CORE_ONBOARD_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* How comments look. */
enum scan_syntax {
	SCAN_PLAIN, /* none */
	SCAN_HASH,  /* # to the end of the line */
	SCAN_C,     /* // and slash-star */
};

struct scan_line {
	const char *text; /* NUL-terminated, without comments; of the arena that was given */
	unsigned number;  /* 1-based */
};
/* The lines of `text` that hold anything; at most 200,000. */
struct scan_line *scan_lines(const char *text, enum scan_syntax syntax, struct arena *arena, size_t *ret_count);

/* The line on which `needle` first stands, or 0. */
unsigned scan_line_of(const char *text, const char *needle);

/* `word` in `line`, not as a part of a longer identifier; NULL when it is not there. */
const char *scan_word(const char *line, const char *word);

/* The next text in quotes (' " or `) at or after *at, NUL-terminated in the arena; moves *at behind it.
 * NULL when there is none. */
const char *scan_quoted(const char **at, struct arena *arena);

/* A port number (1 to 65535) at `at`, alone: not a part of a longer number or word; 0 when it is none. */
unsigned scan_port(const char *at);

/* How a port is told in code, strongest first. */
enum scan_port_sign { SCAN_PORT_NONE, SCAN_PORT_VARIABLE, SCAN_PORT_ENVIRONMENT, SCAN_PORT_LISTEN };
/* `listen(3000`, `ListenAndServe(":8080"`, `bind("0.0.0.0:8080"`; `PORT || 3000`, `"PORT", 8000`; `port = 3000`. */
enum scan_port_sign scan_code_port(const char *line, unsigned *ret_port);

/* A port in a command line: `--port 8000`, `-p 3000`, `--bind=:8000`, `-Dserver.port=80`; 0 when none. */
unsigned scan_command_port(const char *command);

/* A value of a .properties file (`key = value`, `key: value`), in the arena; NULL when it is not there. */
const char *scan_property(const char *text, const char *key, struct arena *arena, unsigned *ret_line);

#endif
