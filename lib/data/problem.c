#include "data/problem.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/similar.h"

enum { SUGGESTION_MAX_BYTES = 400 };

const struct problem_kind *
problem_kind(enum problem_rule rule)
{
	static const struct problem_kind kinds[] = {
#define _(constant, name, sentence, why, remedy, example) [RULE_##constant] = {name, sentence, why, remedy, example},
		PROBLEM_RULES(_)
#undef _
	};
	return &kinds[rule];
}

static struct problem *
add_place(struct problems *problems)
{
	if (problems->count == PROBLEMS_MAX) {
		problems->n_dropped++;
		return NULL;
	}
	size_t count = problems->count;
	if ((count & (count - 1)) == 0) { /* full: capacities are powers of two */
		struct problem *grown = arena_array(problems->arena, struct problem, count ? count * 2 : 1);
		if (count)
			memcpy(grown, problems->items, count * sizeof(*grown));
		problems->items = grown;
	}
	return &problems->items[problems->count++];
}

static void
add(struct problems *problems, const struct problem *problem)
{
	struct problem *place = add_place(problems);
	problems->n_errors += problem->severity == PROBLEM_ERROR;
	problems->n_warnings += problem->severity == PROBLEM_WARNING;
	if (place)
		*place = *problem;
}

void
problem_add(struct problems *problems, enum problem_severity severity, enum problem_rule rule,
            const struct yaml_node *node, const char *fix, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct problem problem = {
		.severity = severity,
		.rule = rule,
		.file = problems->file,
		.line = node ? node->line : 0,
		.column = node ? node->column : 0,
		.message = arena_vprintf(problems->arena, format, args),
		.fix = fix,
	};
	va_end(args);
	add(problems, &problem);
}

/* "FILE:12:5: rest" -> the rest, with line and column; other texts as they are. */
static const char *
split_place(const char *text, const char *file, unsigned *ret_line, unsigned *ret_column)
{
	size_t length = strlen(file);
	unsigned line, column;
	int end = 0;
	if (strncmp(text, file, length) != 0 ||
	    sscanf(text + length, ":%9u:%9u: %n", &line, &column, &end) != 2 || end == 0)
		return text;
	*ret_line = line;
	*ret_column = column;
	return text + length + end;
}

void
problem_add_error(struct problems *problems, enum problem_rule rule, const struct error *error)
{
	struct problem problem = {.severity = PROBLEM_ERROR, .rule = rule, .file = problems->file};
	const char *message = split_place(error->why, problems->file, &problem.line, &problem.column);
	problem.message = arena_strdup(problems->arena, message);
	if (error->next[0])
		problem.fix = arena_strdup(problems->arena, error->next);
	add(problems, &problem);
}

struct ranked {
	struct problem problem;
	size_t file_rank, place;
};

static int
compare(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	if (a->file_rank != b->file_rank)
		return a->file_rank < b->file_rank ? -1 : 1;
	if (a->problem.line != b->problem.line)
		return a->problem.line < b->problem.line ? -1 : 1;
	if (a->problem.column != b->problem.column)
		return a->problem.column < b->problem.column ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

void
problems_sort(struct problems *problems)
{
	if (problems->count < 2)
		return;
	struct ranked *ranked = arena_array(problems->arena, struct ranked, problems->count);
	for (size_t i = 0; i < problems->count; i++) {
		size_t first = 0;
		while (strcmp(problems->items[first].file, problems->items[i].file) != 0)
			first++;
		ranked[i] = (struct ranked){problems->items[i], first, i};
	}
	qsort(ranked, problems->count, sizeof(*ranked), compare);
	for (size_t i = 0; i < problems->count; i++)
		problems->items[i] = ranked[i].problem;
}

bool
problems_to_error(const struct problems *problems, struct error *err)
{
	return problems_since_to_error(problems, &(struct problems){0}, err);
}

bool
problems_since_to_error(const struct problems *problems, const struct problems *before, struct error *err)
{
	for (size_t i = before->count; i < problems->count; i++) {
		const struct problem *problem = &problems->items[i];
		if (problem->severity != PROBLEM_ERROR)
			continue;
		size_t n_more = problems->n_errors - before->n_errors - 1;
		char more[40] = "";
		if (n_more)
			snprintf(more, sizeof(more), " (and %zu more)", n_more);
		if (problem->line)
			(void)error_set(err, ERROR_INVALID_FILE, "%s:%u:%u: %s%s", problem->file, problem->line,
			                problem->column, problem->message, more);
		else
			(void)error_set(err, ERROR_INVALID_FILE, "%s: %s%s", problem->file, problem->message, more);
		return problem->fix && !n_more ? error_next(err, "%s", problem->fix)
		                               : error_next(err, "paas config check");
	}
	return true;
}

const char *
problem_severity_name(enum problem_severity severity)
{
	static const char *const names[] = {
		[PROBLEM_NOTE] = "note", [PROBLEM_WARNING] = "warning", [PROBLEM_ERROR] = "error",
	};
	return names[severity];
}

char *
problem_format(const struct problem *problem, struct arena *arena)
{
	const char *severity = problem_severity_name(problem->severity);
	if (!problem->line)
		return arena_printf(arena, "%s: %s: %s", problem->file, severity, problem->message);
	return arena_printf(arena, "%s:%u:%u: %s: %s", problem->file, problem->line, problem->column, severity,
	                    problem->message);
}

json_t *
problem_to_json(const struct problem *problem)
{
	return json_pack("{s:s,s:o,s:o,s:s,s:s,s:s,s:s?}", "file", problem->file, "line",
	                 problem->line ? json_integer(problem->line) : json_null(), "column",
	                 problem->line ? json_integer(problem->column) : json_null(), "severity",
	                 problem_severity_name(problem->severity), "rule", problem_kind(problem->rule)->name, "message",
	                 problem->message, "fix", problem->fix);
}

char *
problem_suggest(const char *word, const char *const *names, size_t n_names, struct arena *arena)
{
	const char *near[SIMILAR_MAX];
	size_t n_near = similar_find(word, names, n_names, near);
	if (!n_near)
		return NULL;
	scoped(buf_release) struct buf text = BUF_INIT(SUGGESTION_MAX_BYTES);
	buf_add_text(&text, "did you mean ");
	for (size_t i = 0; i < n_near; i++)
		buf_printf(&text, "%s\"%s\"", i == 0 ? "" : i + 1 == n_near ? " or " : ", ", near[i]);
	buf_add_char(&text, '?');
	return arena_strdup(arena, text.bytes);
}
