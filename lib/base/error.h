/* One error type, one direction.
 *
 * Every fallible function returns bool (or a pointer) and takes `struct error *err` last.  The
 * point of failure says what went wrong, each caller that knows the user's words says what was
 * being done:
 *
 *	return error_set(err, ERROR_FORBIDDEN, "POST %s: HTTP %d", path, status);
 *	…
 *	return error_doing(err, "deploying %s to %s", name, environment);
 *
 * *err is written on failure only, outputs are untouched on failure, nobody but main prints an
 * error or exits.  Fixed arrays: the failure path never allocates; a text too long is cut, on a
 * character boundary.  Texts may hold bytes from outside: whoever prints neutralises them.
 */
#ifndef PAAS_BASE_ERROR_H
#define PAAS_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error_table.h"

enum error_code {
	ERROR_NONE,
#define _(constant, name, status, sentence) ERROR_##constant,
	ERROR_CODES(_)
#undef _
	ERROR_COUNT,
};

/* Where a fact or a failure comes from; empty strings where it does not apply. */
struct source {
	char system[40];  /* "kubernetes dev", "registry", "file" */
	char object[200]; /* "deployments/checkout", "fiaas.yml:12:5" */
	char url[300];
};

struct error {
	enum error_code code;
	char what[160]; /* what the user was doing: "deploying checkout to pro" */
	char why[480];  /* what went wrong: "GET /v2/: HTTP 403" */
	char next[240]; /* what to do next: "paas doctor" */
	struct source source;
	bool retryable; /* the same command may succeed later */
};

struct error_kind {
	const char *name; /* lower-kebab-case, interface */
	int exit_status;
	const char *sentence;
};
/* The row of the table; ERROR_NONE has exit status 0. */
const struct error_kind *error_kind(enum error_code code) __attribute__((returns_nonnull));
/* The code of that name, or ERROR_NONE. */
enum error_code error_code_from_name(const char *name);

/* Fills *err afresh. A macro that ends in `false`, so that the compiler sees the value. */
#define error_set(err, code, ...) (error_put((err), (code), __VA_ARGS__), false)
/* Says what was being done; an inner `what` moves to the front of `why`. */
#define error_doing(err, ...) (error_put_doing((err), __VA_ARGS__), false)
/* Says the next step, unless a nearer function did. */
#define error_next(err, ...) (error_put_next((err), __VA_ARGS__), false)
/* Says where it happened, unless a nearer function did. */
#define error_from(err, system, object, url) (error_put_source((err), (system), (object), (url)), false)

void error_put(struct error *err, enum error_code code, const char *format, ...) printf_like(3, 4);
void error_put_doing(struct error *err, const char *format, ...) printf_like(2, 3);
void error_put_next(struct error *err, const char *format, ...) printf_like(2, 3);
void error_put_source(struct error *err, const char *system, const char *object, const char *url);

/* Copies `text` into `ret` of `size` bytes, cut on a UTF-8 boundary with "…" when too long. */
void error_copy_text(char *ret, size_t size, const char *text);

#endif
