/* What is wrong with a file: all of it at once, each with its place and how to fix it.
 *
 *	struct problems problems = {.arena = arena, .file = "fiaas.yml"};
 *	problem_add(&problems, PROBLEM_WARNING, RULE_UNKNOWN_KEY, node, "did you mean \"replicas\"?",
 *	            "unknown key \"%s\"", key);
 */
#ifndef PAAS_DATA_PROBLEM_H
#define PAAS_DATA_PROBLEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/problem_table.h"
#include "data/yaml.h"

enum problem_severity {
	PROBLEM_NOTE,    /* no problem, but it surprises people */
	PROBLEM_WARNING, /* works, though hardly as meant */
	PROBLEM_ERROR,
};

enum problem_rule {
#define _(constant, name, sentence, why, remedy, example) RULE_##constant,
	PROBLEM_RULES(_)
#undef _
	RULE_COUNT,
};

struct problem_kind {
	const char *name; /* lower-kebab-case, interface: "unknown-key" */
	const char *sentence, *why, *remedy, *example;
};
/* The row of the table. */
const struct problem_kind *problem_kind(enum problem_rule rule) __attribute__((returns_nonnull));

struct problem {
	enum problem_severity severity;
	enum problem_rule rule;
	const char *file;
	unsigned line, column; /* 1-based; 0 = the file as a whole */
	const char *message;
	const char *fix; /* NULL when the message says it all */
};

enum { PROBLEMS_MAX = 1000 }; /* more are counted, not kept */

struct problems {
	struct arena *arena;
	const char *file; /* of what is added next */
	struct problem *items;
	size_t count, n_errors, n_warnings, n_dropped;
};

/* `node` NULL: the file as a whole.  `fix` may be NULL and is kept as it is (arena or static). */
void problem_add(struct problems *problems, enum problem_severity severity, enum problem_rule rule,
                 const struct yaml_node *node, const char *fix, const char *format, ...)
	printf_like(6, 7);
/* Turns an error of yaml_parse ("FILE:LINE:COLUMN: …") or file_read into a problem. */
void problem_add_error(struct problems *problems, enum problem_rule rule, const struct error *error);

/* By file in order of first mention, then by line and column. */
void problems_sort(struct problems *problems);
/* False with the first error as ERROR_INVALID_FILE when there is one. */
bool problems_to_error(const struct problems *problems, struct error *err) must_use;
/* Of those that came after `before`, a copy of the list at that time. */
bool problems_since_to_error(const struct problems *problems, const struct problems *before, struct error *err) must_use;

/* "error", "warning", "note". */
const char *problem_severity_name(enum problem_severity severity) returns_text;
/* "fiaas.yml:12:5: warning: unknown key "replica"", in `arena`. */
char *problem_format(const struct problem *problem, struct arena *arena) returns_text;
/* {"file","line","column","severity","rule","message","fix"}; new reference. */
json_t *problem_to_json(const struct problem *problem);

/* 'did you mean "a" or "b"?' for `word` among `names`, in `arena`; NULL when none is near. */
char *problem_suggest(const char *word, const char *const *names, size_t n_names, struct arena *arena);

#endif
