/* The names in an application's Secret or ConfigMap: whose each is and since when.  Values are never
 * read: names come from managedFields, times and authors of our own from an annotation.
 */
#ifndef PAAS_CORE_CONFIGURATION_VALUES_H
#define PAAS_CORE_CONFIGURATION_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct kubernetes;
struct kubernetes_resource;

#define VALUES_MANAGER "paas"
#define VALUES_ANNOTATION "paas/values" /* {"NAME": {"at": "…", "by": "…"}} */

/* Of a name: letters, digits, '-', '_' and '.'; of all values of an object together, in bytes. */
enum { VALUES_NAME_MAX = 253, VALUES_BYTES_MAX = 1024 * 1024 };

/* The two objects FIAAS mounts: both are called as the application. */
struct values_form {
	const struct kubernetes_resource *resource;
	const char *command;  /* "secrets" */
	const char *noun;     /* "secret", in messages; "variable" */
	const char *folder;   /* where FIAAS mounts it, without slash at the end */
	const char *volume;   /* "secret" in a pod's volumes */
	const char *name_key; /* "secretName" in that volume */
	const char *env_key;  /* "secretRef" in envFrom */
};
extern const struct values_form values_secret, values_variable;

struct value_entry {
	const char *name;
	const char *manager;  /* who holds it: "paas", "kubectl-edit"; "" = nobody says */
	const char *set_by;   /* the user, where paas set it; "" = not known */
	int64_t set_ms;       /* -1 = not known */
	bool is_binary;       /* in binaryData */
};

struct values {
	bool exists;
	const char *version;    /* metadata.resourceVersion */
	const char *controller; /* "ExternalSecret checkout": writes it anew; NULL: nobody does */
	struct value_entry *entries; /* by name */
	size_t count;
	json_t *notes;          /* of VALUES_ANNOTATION; owned */
};
/* For scoped(). */
void values_release(struct values *values);

/* Out of an object's metadata and, where managedFields does not tell all of them, `keys`: the list of
 * its names, else NULL.  Texts in `arena`. */
void values_of(const json_t *metadata, const json_t *keys, struct arena *arena, struct values *ret);
/* As it is in the cluster; an object that is not there has no values.  Fails: ERROR_NOT_FOUND (no
 * such namespace), ERROR_FORBIDDEN, … */
bool values_read(struct kubernetes *kubernetes, const struct values_form *form, const char *namespace,
                 const char *name, struct arena *arena, struct values *ret, struct error *err) must_use;
/* NULL: there is none of that name. */
const struct value_entry *values_find(const struct values *values, const char *name);

/* Whether it can be a key.  Fails: ERROR_USAGE; the message does not repeat the name, which may be a
 * value put in the wrong place. */
bool value_name_check(const char *name, struct error *err) must_use;
/* Letters, digits and '_', no digit first: only these become environment variables everywhere. */
bool value_name_is_variable(const char *name);

#endif
