/* The cluster-wide options of fiaas-deploy-daemon (FDD), as far as they change what it does.
 *
 *	struct fiaas_options options;
 *	fiaas_options_init(&options);
 *	fiaas_options_set_json(&options, clusters_dev_fiaas, arena, err)          platform file
 *	fiaas_options_set_texts(&options, set_fiaas.items, set_fiaas.count, …)    --set-fiaas, wins
 *
 * Names are FDD's own, `_` and `-` alike.  Options FDD knows but that change nothing here are
 * accepted without effect; unknown ones are errors that name the nearest.
 */
#ifndef PAAS_CORE_FIAAS_OPTIONS_H
#define PAAS_CORE_FIAAS_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct fiaas_list {
	const char **items;
	size_t count;
};

struct fiaas_pair {
	const char *key, *value;
};

/* In the order given; a key occurs once (its last value). */
struct fiaas_pairs {
	struct fiaas_pair *items;
	size_t count;
};

/* Kubernetes' IntOrString: `text` is NULL for a number. */
struct fiaas_int_or_text {
	const char *text;
	int number;
};

/* Texts are NULL when unset. */
struct fiaas_options {
	const char *fiaas_version; /* label fiaas/deployed_by; FDD's environment, not an option */
	const char *log_format, *environment, *infrastructure, *service_type;
	struct fiaas_list ingress_suffix;
	struct fiaas_pairs host_rewrite_rule; /* Python regular expression, replacement */
	struct fiaas_pairs ingress_host_pair;
	bool use_networkingv1_ingress;

	const char *use_ingress_tls; /* disabled, default_off, default_on */
	const char *tls_certificate_issuer;
	struct fiaas_pairs tls_certificate_issuer_overrides;
	const char *tls_certificate_issuer_type_default;
	struct fiaas_pairs tls_certificate_issuer_type_overrides;
	bool enable_deprecated_tls_entry_per_host;
	bool tls_certificate_ready;

	struct fiaas_pairs global_env;
	bool disable_deprecated_managed_env_vars;
	struct fiaas_pairs secret_init_containers; /* type, image */
	const char *secrets_init_container_image, *secrets_service_account_name;
	const char *strongbox_init_container_image;
	const char *datadog_container_image, *datadog_container_memory;
	struct fiaas_pairs datadog_global_tags;
	bool datadog_activate_sleep;

	int pre_stop_delay; /* seconds */
	bool use_in_memory_emptydirs, disable_service_links, enable_service_account_per_app;
	struct fiaas_int_or_text deployment_max_surge, deployment_max_unavailable, pdb_max_unavailable;
	const char *pdb_unhealthy_pod_eviction_policy;
	struct fiaas_list dns_search_domains, list_of_roles, list_of_cluster_roles;
	int ready_check_timeout_multiplier;
	const char *extension_hook_url; /* set: what FDD writes may differ from any rendering */
	bool include_status_in_app;
};

enum fiaas_option_type {
	FIAAS_OPTION_TEXT,
	FIAAS_OPTION_CHOICE,
	FIAAS_OPTION_FLAG,
	FIAAS_OPTION_NUMBER,      /* not negative */
	FIAAS_OPTION_INT_OR_TEXT, /* a number or a percentage */
	FIAAS_OPTION_LIST,        /* repeatable */
	FIAAS_OPTION_PAIRS,       /* repeatable, exactly one `=` */
	FIAAS_OPTION_OTHER,       /* FDD's, without effect here */
};

struct fiaas_option {
	const char *name; /* with dashes */
	enum fiaas_option_type type;
	size_t offset;    /* in struct fiaas_options */
	const char *initial; /* default as text, NULL = unset, off or empty */
	const char *choices; /* FIAAS_OPTION_CHOICE: "plain json" */
	const char *sentence;
};
enum { FIAAS_OPTIONS_MAX = 80 };
extern const struct fiaas_option fiaas_option_table[]; /* options_table.c */
extern const size_t n_fiaas_option_table;

/* The row of that name (`_` = `-`), or NULL. */
const struct fiaas_option *fiaas_option_find(const char *name);

/* Every default. */
void fiaas_options_init(struct fiaas_options *options);
/* Sets one option to a value of the platform file: a text, number or boolean; a list for a
 * repeatable one; a map for pairs.  Replaces.  Keeps copies in `arena`.
 * Fails: ERROR_USAGE, naming option, value and what it takes. */
bool fiaas_options_set(struct fiaas_options *options, const char *name, const json_t *value,
                       struct arena *arena, struct error *err) must_use;
/* Every member of `values`, a map (NULL: nothing). */
bool fiaas_options_set_json(struct fiaas_options *options, const json_t *values, struct arena *arena,
                            struct error *err) must_use;
/* "OPTION=VALUE" each; the first `=` splits, a flag may stand alone.  The first of a repeatable
 * option replaces what was there (FDD: command line beats file), the next ones add. */
bool fiaas_options_set_texts(struct fiaas_options *options, const char *const *assignments,
                             size_t count, struct arena *arena, struct error *err) must_use;

#endif
