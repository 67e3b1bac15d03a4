/* Is everything set up?  Each thing paas relies on is looked at, all systems at once.
 *
 * A row a check: what was found, and how to put it right.  A system that does not answer within
 * its 20 s is a row that says so.  Decides, never prints: cmd/doctor.c does.
 */
#ifndef PAAS_CORE_DOCTOR_DOCTOR_H
#define PAAS_CORE_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct http;
struct loop;
struct platform;

/* Of Kubernetes 1: older servers lack what paas asks for. */
enum { KUBERNETES_MINOR_MIN = 23 };

enum doctor_state { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_FAILED };

struct doctor_row {
	const char *subject;  /* "cluster dev", "environment pro", "registry" */
	const char *check;    /* "dns", "permissions": interface */
	enum doctor_state state;
	const char *evidence; /* "127.0.0.1 in 2 ms" */
	const char *fix;      /* NULL when there is nothing to do */
};

struct doctor_report {
	struct arena *arena;
	struct doctor_row *rows;
	size_t count, capacity;
};

void doctor_add(struct doctor_report *report, const char *subject, const char *check,
                enum doctor_state state, const char *evidence, const char *fix);
/* DOCTOR_FAILED: why and next of the error. */
void doctor_add_error(struct doctor_report *report, const char *subject, const char *check,
                      const struct error *err);

struct doctor_scope {
	struct loop *loop;
	struct http *http;
	const struct platform *platform; /* NULL: the current kubeconfig context alone */
	const char *team, *name;         /* fill the namespace templates; NULL: not known */
	const char *environment;         /* only this one; NULL: all */
	const char *key_file;            /* of the token store; NULL: none */
};

/* Adds the rows of every cluster, environment and registry in scope, in the order of the platform
 * file.  From a fiber.  Fails only when cancelled (ERROR_INTERRUPTED). */
bool doctor_examine(const struct doctor_scope *scope, struct doctor_report *report,
                    struct error *err) must_use;
bool doctor_has_failed(const struct doctor_report *report);

#endif
