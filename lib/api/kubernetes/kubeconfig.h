/* kubeconfig files, merged the way kubectl merges them.
 *
 * The first file that defines a name owns the whole entry; the first non-empty current-context
 * wins; a name twice in one file, or a value of the wrong type, is an error with its place.  The
 * entries stay YAML nodes with their file, so that messages and relative paths know their origin.
 * What is chosen out of it: api/kubernetes/access.h.
 *
 * Source: client-go tools/clientcmd/loader.go and api/v1/conversion.go.
 */
#ifndef PAAS_API_KUBERNETES_KUBECONFIG_H
#define PAAS_API_KUBERNETES_KUBECONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/yaml.h"

struct kubeconfig_file {
	const char *path;
	char *bytes; /* as read; wiped when closed */
	size_t length;
	struct yaml_node *root; /* NULL when empty */
};

struct kubeconfig_entry {
	const char *name;
	const struct kubeconfig_file *file;
	const struct yaml_node *place; /* of the entry, for messages */
	const struct yaml_node *body;  /* the map under "cluster", "user" or "context"; NULL when empty */
};

enum kubeconfig_section { KUBECONFIG_CLUSTERS, KUBECONFIG_USERS, KUBECONFIG_CONTEXTS, KUBECONFIG_SECTIONS };

struct kubeconfig {
	struct arena arena; /* owns all below */
	struct kubeconfig_file *files;
	size_t n_files;
	struct kubeconfig_entry *entries[KUBECONFIG_SECTIONS];
	size_t n_entries[KUBECONFIG_SECTIONS];
	const char *current_context; /* "" when no file says */
	const char *searched;        /* the files looked for, for messages */
};

/* `path` alone when given (it must exist), else each of $KUBECONFIG that exists, else
 * ~/.kube/config if it exists.  No file at all is an empty kubeconfig.  Fails: ERROR_INVALID_FILE,
 * ERROR_NOT_FOUND.  *ret is released by the caller also on failure. */
bool kubeconfig_load(const char *path, struct kubeconfig *ret, struct error *err) must_use;
/* The same from bytes in memory, under the name `file`. */
bool kubeconfig_parse(const char *bytes, size_t length, const char *file, struct kubeconfig *ret,
                      struct error *err) must_use;
/* For scoped(); wipes what was read, as it may hold tokens and keys. */
void kubeconfig_release(struct kubeconfig *config);

bool kubeconfig_is_empty(const struct kubeconfig *config);
const struct kubeconfig_entry *kubeconfig_find(const struct kubeconfig *config,
                                               enum kubeconfig_section section, const char *name);

/* The text under `key`, or NULL when absent, null or empty. */
const char *kubeconfig_text(const struct kubeconfig_entry *entry, const char *key);
bool kubeconfig_flag(const struct kubeconfig_entry *entry, const char *key);
/* ERROR_INVALID_FILE "FILE:LINE:COLUMN: …" at `node`, or at the entry when NULL. */
#define kubeconfig_fail(err, entry, node, ...) (kubeconfig_put((err), (entry), (node), __VA_ARGS__), false)
void kubeconfig_put(struct error *err, const struct kubeconfig_entry *entry, const struct yaml_node *node,
                    const char *format, ...) printf_like(4, 5);

#endif
