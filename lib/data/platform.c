#include "data/platform.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/similar.h"
#include "data/platform_trust.h"

#define SYSTEM_FILE "/etc/paas/platform.yml"
enum { EXPANDED_MAX_BYTES = 1024, COMPANY_NAMES_MAX = 256 };

/* ---- the file ---- */

static const char *template_fault(const char *text, struct arena *arena);
static const char *namespace_fault(const char *text, struct arena *arena);
static const char *announce_fault(const char *text, struct arena *arena);

#define TEXT(type, member, what) {#member, FIELD_TEXT, offsetof(struct type, member), .sentence = (what)}

static const char *const sso_providers[] = {"oidc", NULL};
static const char *const scm_providers[] = {"github", NULL};
static const char *const ci_providers[] = {"travis", "github-actions", NULL};
static const char *const artifacts_providers[] = {"artifactory", "oci", NULL};
static const char *const cd_providers[] = {"spinnaker", "fiaas", NULL};
static const char *const metrics_providers[] = {"prometheus", "datadog", NULL};
static const char *const logs_providers[] = {"elasticsearch", "sumologic", NULL};
static const char *const tickets_providers[] = {"jira", NULL};
static const char *const chat_providers[] = {"slack", NULL};
static const char *const buses[] = {"embedded", "nats", "kafka", NULL};

#define PROVIDER(list)                                                                              \
	{"provider", FIELD_CHOICE, offsetof(struct platform_role, provider), .choices = (list),     \
	 .is_required = true, .sentence = "the tool that plays the role"}
#define URL(member, what) {#member, FIELD_URL, offsetof(struct platform_role, member), .sentence = (what)}
#define API_URL URL(url, "its address"), \
	TEXT(platform_role, ca_file, "the authority of its certificate, in PEM")
#define ROLE_FIELDS(role, ...) \
	static const struct field role##_fields[] = {PROVIDER(role##_providers), __VA_ARGS__, {.name = NULL}}

ROLE_FIELDS(sso, URL(issuer, "OpenID Connect issuer"),
            TEXT(platform_role, client_id, "the id paas is registered with"),
            TEXT(platform_role, groups_claim, "the claim that holds a person's groups"),
            TEXT(platform_role, workload_audience,
                 "the audience of a job's identity token; with it, jobs exchange theirs at the issuer (RFC 8693)"),
            TEXT(platform_role, ca_file, "the authority of its certificate, in PEM"));
ROLE_FIELDS(scm, API_URL, TEXT(platform_role, client_id, "the OAuth app of paas at the forge: with it, paas login github asks for a "
                                                         "code in the browser instead of a token"));
ROLE_FIELDS(ci, API_URL);
ROLE_FIELDS(artifacts, API_URL,
            {"image", FIELD_TEXT, offsetof(struct platform_role, image), .check = template_fault,
             .sentence = "what an image is called: {registry}, {team}, {name} and {commit} are filled in"},
            TEXT(platform_role, registry, "host and port of the registry, when they are not the url's"));
ROLE_FIELDS(cd, API_URL, URL(web, "where people look at its pipelines: Spinnaker's Deck"));
ROLE_FIELDS(metrics, API_URL);
ROLE_FIELDS(logs, API_URL, TEXT(platform_role, index, "the index pattern to search"));
ROLE_FIELDS(tickets, API_URL, TEXT(platform_role, project, "the project that gets tickets"));
ROLE_FIELDS(chat, API_URL);
static const struct field events_fields[] = {
	URL(collector, "where events are collected"),
	{"bus", FIELD_CHOICE, offsetof(struct platform_role, bus), .choices = buses,
	 .sentence = "what carries them"},
	{.name = NULL},
};

static const struct field cluster_fields[] = {
	TEXT(platform_cluster, kubeconfig, "a kubeconfig file; without it: the engineer's own"),
	TEXT(platform_cluster, kubeconfig_context, "its context"),
	{"server", FIELD_URL, offsetof(struct platform_cluster, server),
	 .sentence = "the address of the API, in place of a kubeconfig"},
	TEXT(platform_cluster, ca_file, "the authority of its certificate, in PEM"),
	TEXT(platform_cluster, tls_server_name, "the name in its certificate, when it is not the server's"),
	{"fiaas", FIELD_NODE, offsetof(struct platform_cluster, fiaas),
	 .sentence = "the options its FIAAS operator runs with, `_` for `-`"},
	{.name = NULL},
};

static const char *const triggers[] = {"push", NULL};
static const char *const needs[] = {"approval", NULL};
static const struct field environment_fields[] = {
	{"name", FIELD_TEXT, offsetof(struct platform_environment, name), .is_required = true,
	 .sentence = "what --env takes"},
	{"cluster", FIELD_TEXT, offsetof(struct platform_environment, cluster_name), .is_required = true,
	 .sentence = "one of clusters"},
	{"namespace", FIELD_TEXT, offsetof(struct platform_environment, namespace), .is_required = true,
	 .check = namespace_fault, .sentence = "the namespace; {team} and {name} are filled in"},
	{"on", FIELD_CHOICE, offsetof(struct platform_environment, on), .choices = triggers,
	 .sentence = "what deploys to it by itself"},
	{"needs", FIELD_CHOICE, offsetof(struct platform_environment, needs), .choices = needs,
	 .sentence = "what a deploy waits for"},
	{"announce", FIELD_TEXTS, offsetof(struct platform_environment, announce),
	 .count_offset = offsetof(struct platform_environment, n_announce), .check = announce_fault,
	 .sentence = "who is told of its deployments: scm (of github, as which it may stand here: a deployment with its states and a status of "
	             "the commit) and chat (slack: a message of the outcome in the team's channel)"},
	{"pipeline", FIELD_TEXT, offsetof(struct platform_environment, pipeline),
	 .sentence = "the pipeline of an application that deploys to it, when cd has some; without it deploy- and its name"},
	{.name = NULL},
};

static const struct field team_fields[] = {
	TEXT(platform_team, group, "its group at the sign-on, when that is not called as the team is"),
	TEXT(platform_team, github_team, "its team at the forge"),
	TEXT(platform_team, slack, "its channel"),
	TEXT(platform_team, jira_component, "its component in tickets"),
	{.name = NULL},
};

static const struct field price_fields[] = {
	TEXT(platform_prices, currency, "ISO 4217 code"),
	{"cpu_core_hour", FIELD_MILLIONTHS, offsetof(struct platform_prices, cpu_core_hour),
	 .sentence = "of one core for an hour"},
	{"memory_gib_hour", FIELD_MILLIONTHS, offsetof(struct platform_prices, memory_gib_hour),
	 .sentence = "of one GiB for an hour"},
	{.name = NULL},
};

#define ROLE(role, what) \
	{#role, FIELD_MAP, offsetof(struct platform, role), .fields = role##_fields, .sentence = (what)}

const struct field platform_fields[] = {
	{"version", FIELD_NUMBER, offsetof(struct platform, version), .min = 1, .max = 1, .is_required = true,
	 .sentence = "of the format: 1"},
	{"serial", FIELD_NUMBER, offsetof(struct platform, serial), .min = 0, .max = INT64_MAX,
	 .sentence = "of the content; grows with each change"},
	TEXT(platform, company, "its name"),
	ROLE(sso, "who people are"),
	ROLE(scm, "where repositories are"),
	ROLE(ci, "what builds"),
	ROLE(artifacts, "where images are"),
	ROLE(cd, "what starts a deploy"),
	ROLE(metrics, "where metrics are"),
	ROLE(logs, "where old log lines are; live ones come from the cluster"),
	ROLE(tickets, "where tickets are"),
	ROLE(chat, "where people talk"),
	ROLE(events, "where engineering events go"),
	{"clusters", FIELD_TABLE, offsetof(struct platform, clusters),
	 .count_offset = offsetof(struct platform, n_clusters), .fields = cluster_fields,
	 .size = sizeof(struct platform_cluster), .is_required = true, .sentence = "Kubernetes clusters by name"},
	{"environments", FIELD_LIST, offsetof(struct platform, environments),
	 .count_offset = offsetof(struct platform, n_environments), .fields = environment_fields,
	 .size = sizeof(struct platform_environment), .is_required = true,
	 .sentence = "targets, in the order of promotion"},
	{"teams", FIELD_TABLE, offsetof(struct platform, teams),
	 .count_offset = offsetof(struct platform, n_teams), .fields = team_fields,
	 .size = sizeof(struct platform_team), .sentence = "who owns applications, by name"},
	{"prices", FIELD_MAP, offsetof(struct platform, prices), .fields = price_fields,
	 .sentence = "what paas cost counts with"},
	{.name = NULL},
};

/* ---- templates ---- */

static const char *const words_of_image[] = {"team", "name", "commit", "registry"};
static const char *const words_of_namespace[] = {"team", "name"};

/* What is wrong with a template that may use `words`; NULL when it is fine. */
static const char *
fault_of_template(const char *text, const char *const *words, size_t n_words, struct arena *arena)
{
	for (const char *c = text; *c; c++) {
		if (*c == '}')
			return "a \"}\" without its \"{\"";
		if (*c != '{')
			continue;
		size_t length = strcspn(c + 1, "{}");
		if (c[1 + length] != '}')
			return "a \"{\" without its \"}\"";
		const char *word = arena_strndup(arena, c + 1, length);
		size_t known = 0;
		while (known < n_words && strcmp(words[known], word) != 0)
			known++;
		const char *near = known < n_words ? NULL : problem_suggest(word, words, n_words, arena);
		if (known == n_words)
			return arena_printf(arena, "nothing is filled in for \"{%s}\"%s%s", word, near ? "; " : "",
			                    near ? near : "");
		c += 1 + length;
	}
	return NULL;
}

static const char *
template_fault(const char *text, struct arena *arena)
{
	return fault_of_template(text, words_of_image, array_length(words_of_image), arena);
}

static const char *
namespace_fault(const char *text, struct arena *arena)
{
	return fault_of_template(text, words_of_namespace, array_length(words_of_namespace), arena);
}

static const char *
announce_fault(const char *text, struct arena *arena)
{
	static const char *const known[] = {"scm", "chat", "github", "slack"}; /* roles; and by what plays them */
	for (size_t i = 0; i < array_length(known); i++)
		if (strcmp(text, known[i]) == 0)
			return NULL;
	return arena_printf(arena, "\"%s\" cannot be told; scm and chat can", text);
}

static bool
add_word(struct buf *out, const char *name, size_t length, const struct platform_words *words,
         struct error *err)
{
	const struct {
		const char *name, *value;
	} known[] = {{"team", words->team}, {"name", words->name}, {"commit", words->commit},
	             {"registry", words->registry}};
	for (size_t i = 0; i < array_length(known); i++) {
		if (strlen(known[i].name) != length || strncmp(known[i].name, name, length) != 0)
			continue;
		if (!known[i].value)
			return error_set(err, ERROR_USAGE, "the %s is not known", known[i].name);
		buf_add_text(out, known[i].value);
		return true;
	}
	return error_set(err, ERROR_USAGE, "nothing is filled in for \"{%.*s}\"", (int)length, name);
}

bool
platform_expand(const char *template, const struct platform_words *words, struct arena *arena,
                const char **ret, struct error *err)
{
	scoped(buf_release) struct buf out = BUF_INIT(EXPANDED_MAX_BYTES);
	for (const char *c = template; *c; c++) {
		size_t length = strcspn(c + 1, "}");
		if (*c != '{' || c[1 + length] != '}') {
			buf_add_char(&out, *c);
			continue;
		}
		if (!add_word(&out, c + 1, length, words, err))
			return error_doing(err, "filling in \"%s\"", template);
		c += 1 + length;
	}
	if (out.overflow)
		return error_set(err, ERROR_USAGE, "\"%s\" becomes longer than %d bytes", template,
		                 EXPANDED_MAX_BYTES);
	*ret = arena_strdup(arena, out.bytes);
	return true;
}

/* ---- what the parts say of each other ---- */

static void
resolve_environment(struct platform *platform, struct platform_environment *environment,
                    const struct yaml_node *node, struct problems *problems)
{
	const char *names[COMPANY_NAMES_MAX];
	size_t n_names = 0;
	if (!environment->cluster_name)
		return;
	for (size_t i = 0; i < platform->n_clusters; i++) {
		if (strcmp(platform->clusters[i].name, environment->cluster_name) == 0)
			environment->cluster = &platform->clusters[i];
		if (n_names < COMPANY_NAMES_MAX)
			names[n_names++] = platform->clusters[i].name;
	}
	if (!environment->cluster)
		problem_add(problems, PROBLEM_ERROR, RULE_UNKNOWN_CLUSTER, yaml_get(node, "cluster"),
		            problem_suggest(environment->cluster_name, names, n_names, problems->arena),
		            "no cluster is named \"%s\"", environment->cluster_name);
}

static void
check_environments(struct platform *platform, const struct yaml_node *list, struct problems *problems)
{
	for (size_t i = 0; i < platform->n_environments; i++) {
		struct platform_environment *environment = &platform->environments[i];
		resolve_environment(platform, environment, list->items[i], problems);
		for (size_t n = 0; n < i && environment->name; n++)
			if (platform->environments[n].name &&
			    strcmp(platform->environments[n].name, environment->name) == 0)
				problem_add(problems, PROBLEM_ERROR, RULE_DUPLICATE, list->items[i], NULL,
				            "a second environment is named \"%s\"", environment->name);
	}
	if (list && list->kind == YAML_KIND_LIST && !list->count)
		problem_add(problems, PROBLEM_ERROR, RULE_MISSING_KEY, list, NULL, "no environment is listed");
}

static void
check_cluster(const struct platform_cluster *cluster, const struct yaml_node *key, struct problems *problems)
{
	bool has_kubeconfig = cluster->kubeconfig || cluster->kubeconfig_context;
	if (cluster->server && has_kubeconfig)
		problem_add(problems, PROBLEM_ERROR, RULE_WRONG_VALUE, key, "keep one of the two",
		            "cluster \"%s\" has both a server and a kubeconfig", cluster->name);
	if (!cluster->server && !has_kubeconfig)
		problem_add(problems, PROBLEM_ERROR, RULE_MISSING_KEY, key,
		            "add kubeconfig_context, kubeconfig or server",
		            "cluster \"%s\" does not say how it is reached", cluster->name);
	if (cluster->fiaas && cluster->fiaas->kind != YAML_KIND_MAP)
		problem_add(problems, PROBLEM_ERROR, RULE_WRONG_VALUE, cluster->fiaas, NULL, "\"fiaas\" must be a map");
}

static void
check_company(struct platform *platform, const struct yaml_node *root, struct problems *problems)
{
	const struct yaml_node *clusters = yaml_get(root, "clusters");
	for (size_t i = 0; i < platform->n_clusters; i++)
		check_cluster(&platform->clusters[i], clusters->pairs[i].key, problems);
	check_environments(platform, yaml_get(root, "environments"), problems);
}

/* ---- loading ---- */

static void
make_absolute(const char **path, const char *platform_path, struct arena *arena)
{
	if (*path && **path != '/')
		*path = file_beside(arena, platform_path, *path);
}

static void
make_paths_absolute(struct platform *platform, struct arena *arena)
{
	struct platform_role *const roles[] = {
		&platform->sso, &platform->scm, &platform->ci, &platform->artifacts, &platform->cd,
		&platform->metrics, &platform->logs, &platform->tickets, &platform->chat, &platform->events,
	};
	for (size_t i = 0; i < array_length(roles); i++)
		make_absolute(&roles[i]->ca_file, platform->path, arena);
	for (size_t i = 0; i < platform->n_clusters; i++) {
		make_absolute(&platform->clusters[i].ca_file, platform->path, arena);
		make_absolute(&platform->clusters[i].kubeconfig, platform->path, arena);
	}
}

/* "https://artifacts.acme.example/x" -> "artifacts.acme.example" */
static const char *
host_of(const char *url, struct arena *arena)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	return arena_strndup(arena, host, strcspn(host, "/?#"));
}

bool
platform_find(const char *chosen, const char **ret_path, struct error *err)
{
	if (!chosen && !file_exists(SYSTEM_FILE)) {
		(void)error_set(err, ERROR_INVALID_FILE,
		                "no platform file: none in --platform, $PAAS_PLATFORM, config.yml or " SYSTEM_FILE);
		return error_next(err, "ask your platform team for its address and key, then: paas config trust KEY and "
		                       "paas config use URL; or try it: paas sandbox start");
	}
	*ret_path = chosen ? chosen : SYSTEM_FILE;
	return true;
}

bool
platform_load(const char *path, struct arena *arena, struct problems *problems, const struct platform **ret,
              struct error *err)
{
	struct yaml_node *root = NULL;
	const struct problems before = *problems; /* what is wrong with other files is not this one's */
	if (!trust_check_stored(path, err))
		return false;
	struct platform *platform = arena_new(arena, struct platform);
	platform->path = arena_strdup(arena, path);
	if (schema_open(platform->path, problems, &root)) {
		struct yaml_node empty = {.kind = YAML_KIND_MAP, .line = 1, .column = 1};
		schema_read(root ? root : &empty, platform_fields, PROBLEM_WARNING, platform, problems);
		check_company(platform, root, problems);
	}
	make_paths_absolute(platform, arena);
	if (!platform->artifacts.registry && platform->artifacts.url)
		platform->artifacts.registry = host_of(platform->artifacts.url, arena);
	if (!problems_since_to_error(problems, &before, err))
		return error_doing(err, "reading the platform file");
	*ret = platform;
	return true;
}

/* ---- asking ---- */

bool
platform_environment(const struct platform *platform, const char *name,
                     const struct platform_environment **ret, struct error *err)
{
	const char *names[COMPANY_NAMES_MAX], *near[SIMILAR_MAX];
	size_t n_names = 0;
	for (size_t i = 0; i < platform->n_environments; i++) {
		if (!name || strcmp(platform->environments[i].name, name) == 0) {
			*ret = &platform->environments[i];
			return true;
		}
		if (n_names < COMPANY_NAMES_MAX)
			names[n_names++] = platform->environments[i].name;
	}
	(void)error_set(err, ERROR_NOT_FOUND, "the platform file has no environment \"%s\"", name);
	if (similar_find(name, names, n_names, near))
		return error_next(err, "did you mean \"%s\"?", near[0]);
	scoped(buf_release) struct buf all = BUF_INIT(160);
	for (size_t i = 0; i < n_names; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
	return error_next(err, "it has: %s", all.bytes);
}

const struct platform_environment *
platform_environment_named(const struct platform *platform, const char *name)
{
	for (size_t i = 0; name != NULL && i < platform->n_environments; i++)
		if (strcmp(platform->environments[i].name, name) == 0)
			return &platform->environments[i];
	return NULL;
}

const struct platform_team *
platform_team(const struct platform *platform, const char *name)
{
	for (size_t i = 0; i < platform->n_teams; i++)
		if (strcmp(platform->teams[i].name, name) == 0)
			return &platform->teams[i];
	return NULL;
}

bool
platform_team_has_group(const struct platform_team *team, const char *group)
{
	const char *slash = strrchr(group, '/');
	if (team->group != NULL)
		return strcmp(team->group, group) == 0;
	/* A path, as Keycloak writes them: the last part counts. */
	return strcmp(team->name, group) == 0 || (group[0] == '/' && strcmp(team->name, slash + 1) == 0);
}

json_t *
platform_fiaas_options(const struct platform_cluster *cluster)
{
	return cluster->fiaas ? yaml_to_json(cluster->fiaas) : NULL;
}
