/* The platform file: which tools, clusters, environments, teams and prices a company has.
 *
 * Written once by the platform team (DESIGN 4, platform.yml(5)).  Paths in it are relative to the
 * file and absolute here.  Everything lives in the arena it was read with.  Absent texts are NULL.
 */
#ifndef PAAS_DATA_PLATFORM_H
#define PAAS_DATA_PLATFORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/problem.h"
#include "data/schema.h"
#include "data/yaml.h"

/* A tool in its role; what a provider does not use is NULL. */
struct platform_role {
	const char *provider; /* "github"; NULL: the company has none */
	const char *url;
	const char *ca_file;
	const char *image;     /* artifacts: template of an image name */
	const char *registry;  /* artifacts: host[:port]; from the url when not given */
	const char *index;     /* logs */
	const char *project;   /* tickets */
	const char *issuer, *client_id, *groups_claim, *workload_audience; /* sso; client_id of scm too */
	const char *collector, *bus;                   /* events */
	const char *web;                               /* cd: where people look */
};

struct platform_cluster {
	const char *name;
	const char *kubeconfig, *kubeconfig_context;
	const char *server, *ca_file, *tls_server_name;
	const struct yaml_node *fiaas; /* options of its operator, or NULL: platform_fiaas_options */
};

struct platform_environment {
	const char *name;
	const char *cluster_name, *namespace; /* namespace: a template */
	const struct platform_cluster *cluster;
	const char *on;    /* "push": deployed by every push */
	const char *needs; /* "approval" */
	const char **announce; /* who is told of its deployments: "scm" or "github", "chat" or "slack" */
	size_t n_announce;
	const char *pipeline; /* that deploys to it; NULL: "deploy-" and its name */
};

struct platform_team {
	const char *name;
	const char *group; /* at the sign-on; NULL: as the team is called */
	const char *github_team, *slack, *jira_component;
};

struct platform_prices {
	const char *currency; /* ISO 4217 */
	int64_t cpu_core_hour, memory_gib_hour; /* millionths of the currency */
};

struct platform {
	const char *path;
	int64_t version, serial;
	const char *company;
	struct platform_role sso, scm, ci, artifacts, cd, metrics, logs, tickets, chat, events;
	struct platform_cluster *clusters;
	size_t n_clusters;
	struct platform_environment *environments; /* in order of promotion */
	size_t n_environments;
	struct platform_team *teams;
	size_t n_teams;
	struct platform_prices prices;
};

/* The fields of the file, for the manual page. */
extern const struct field platform_fields[];

/* Where it is: `chosen` (from flag, variable or user's settings), else /etc/paas/platform.yml.
 * Fails: ERROR_INVALID_FILE when there is none; next: how to get one. */
bool platform_find(const char *chosen, const char **ret_path, struct error *err) must_use;
/* Reads and checks it (and the signature of one that was fetched); warnings and errors go to `problems`.  Fails: ERROR_INVALID_FILE (the first
 * error of `problems`, with its place). */
bool platform_load(const char *path, struct arena *arena, struct problems *problems,
                   const struct platform **ret, struct error *err) must_use;

/* The environment of that name (NULL: the first).  Fails: ERROR_NOT_FOUND with did-you-mean. */
bool platform_environment(const struct platform *platform, const char *name,
                          const struct platform_environment **ret, struct error *err) must_use;
/* The environment of that name, or NULL (for NULL, too). */
const struct platform_environment *platform_environment_named(const struct platform *platform, const char *name);
const struct platform_team *platform_team(const struct platform *platform, const char *name); /* or NULL */
/* Whether the people of that group of the sign-on are that team's: "payments", "/acme/payments". */
bool platform_team_has_group(const struct platform_team *team, const char *group);
/* `clusters.NAME.fiaas` as JSON (new reference; NULL when there are none). */
json_t *platform_fiaas_options(const struct platform_cluster *cluster);

/* What the placeholders of a template become; NULL: not known. */
struct platform_words {
	const char *team, *name, *commit, *registry;
};
/* Fills in {team}, {name}, {commit}, {registry}.  Fails: ERROR_USAGE, naming the one not known. */
bool platform_expand(const char *template, const struct platform_words *words, struct arena *arena,
                     const char **ret, struct error *err) must_use;

#endif
