#include "role/systems.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/similar.h"
#include "data/platform.h"
#include "net/http.h"

enum { CA_MAX = 1024 * 1024 };

/* ---- what is known of each provider ---- */

static const char *const github_variables[] = {"GH_TOKEN", "GITHUB_TOKEN", NULL};
static const char *const github_enterprise_variables[] = {"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", NULL};
static const char *const travis_variables[] = {"TRAVIS_TOKEN", NULL};
static const char *const artifactory_variables[] = {"JFROG_ACCESS_TOKEN", NULL};
static const char *const datadog_variables[] = {"DD_API_KEY", NULL};
static const char *const jira_variables[] = {"JIRA_TOKEN", NULL};
static const char *const slack_variables[] = {"SLACK_BOT_TOKEN", NULL};

static const struct provider {
	const char *name, *label;
	const char *url;         /* when the platform file names none; NULL: it must */
	const char *const *variables;
	bool takes_pair;
	const char *token_prefix, *token_header, *second_header; /* as in struct system */
	const char *account_page; /* a path */
} providers[] = {
	{"github", "GitHub", "https://api.github.com", github_variables, false, "Bearer ", NULL, NULL, "/settings/tokens"},
	{"github-actions", "GitHub Actions", "https://api.github.com", github_variables, false, "Bearer ", NULL, NULL,
	 "/settings/tokens"},
	{"travis", "Travis CI", "https://api.travis-ci.com", travis_variables, false, "token ", NULL, NULL, "/account/preferences"},
	{"artifactory", "Artifactory", NULL, artifactory_variables, true, "Bearer ", NULL, NULL, "/ui/user_profile"},
	{"oci", "registry", NULL, NULL, true, "Bearer ", NULL, NULL, NULL},
	{"spinnaker", "Spinnaker", NULL, NULL, true, "Bearer ", NULL, NULL, NULL},
	{"prometheus", "Prometheus", NULL, NULL, true, "Bearer ", NULL, NULL, NULL},
	{"datadog", "Datadog", "https://api.datadoghq.com", datadog_variables, false, NULL, "DD-API-KEY", "DD-APPLICATION-KEY",
	 "/organization-settings/api-keys"},
	{"elasticsearch", "Elasticsearch", NULL, NULL, true, "ApiKey ", NULL, NULL, NULL},
	{"sumologic", "Sumo Logic", "https://api.sumologic.com/api", NULL, true, "Bearer ", NULL, NULL, NULL},
	{"jira", "JIRA", NULL, jira_variables, true, "Bearer ", NULL, NULL, "/secure/ViewProfile.jspa"},
	{"slack", "Slack", "https://slack.com/api", slack_variables, false, "Bearer ", NULL, NULL, NULL},
};

static const struct provider *
provider_of(const char *name)
{
	for (size_t i = 0; name != NULL && i < array_length(providers); i++)
		if (strcmp(providers[i].name, name) == 0)
			return &providers[i];
	return NULL;
}

static bool
is_at_github(const char *url)
{
	scoped(arena_release) struct arena scratch = {0};
	struct error ignored;
	const char *origin;
	return http_origin_of(url, &scratch, &origin, &ignored) && strcmp(origin, "https://api.github.com:443") == 0;
}

/* The token of github.com is not for a company's own server, nor the other way round. */
static const char *const *
variables_of(const struct provider *provider, const char *url)
{
	bool is_own_server = provider->variables == github_variables && !is_at_github(url);
	return is_own_server ? github_enterprise_variables : provider->variables;
}

/* ---- the list ---- */

static bool
is_listed(const struct system *systems, size_t n_systems, const char *name)
{
	for (size_t i = 0; i < n_systems; i++)
		if (strcmp(systems[i].name, name) == 0)
			return true;
	return false;
}

static bool
add_role(const char *role, const struct platform_role *described, struct system *ret)
{
	const struct provider *provider = provider_of(described->provider);
	const char *url = described->url != NULL ? described->url : provider != NULL ? provider->url : NULL;
	if (provider == NULL || url == NULL)
		return false;
	*ret = (struct system){
		.name = provider->name, .label = provider->label, .ca_file = described->ca_file, .account_page = provider->account_page,
		.token_prefix = provider->token_prefix, .token_header = provider->token_header,
		.second_header = provider->second_header, .client_id = described->client_id,
		.takes_certificate = strcmp(provider->name, "spinnaker") == 0,
		.credential = {.role = role, .provider = provider->name, .url = url, .variables = variables_of(provider, url),
		               .takes_pair = provider->takes_pair},
	};
	return true;
}

static size_t
add_clusters(const struct platform *platform, struct arena *arena, struct system *systems, size_t count)
{
	for (size_t i = 0; i < platform->n_clusters && count < SYSTEMS_MAX; i++) {
		const struct platform_cluster *cluster = &platform->clusters[i];
		if (cluster->server == NULL)
			continue;
		systems[count++] = (struct system){
			.name = arena_printf(arena, "kubernetes %s", cluster->name), .label = "Kubernetes", .ca_file = cluster->ca_file,
			.token_prefix = "Bearer ",
			.credential = {.role = "kubernetes", .provider = "kubernetes", .url = cluster->server, .takes_sign_on = true},
		};
	}
	return count;
}

size_t
systems_of_platform(const struct platform *platform, struct arena *arena, struct system ret[SYSTEMS_MAX])
{
	const struct {
		const char *name;
		const struct platform_role *role;
	} roles[] = {
		{"scm", &platform->scm}, {"ci", &platform->ci}, {"artifacts", &platform->artifacts}, {"cd", &platform->cd},
		{"metrics", &platform->metrics}, {"logs", &platform->logs}, {"tickets", &platform->tickets},
		{"chat", &platform->chat},
	};
	size_t count = 0;
	for (size_t i = 0; i < array_length(roles); i++) {
		struct system *next = &ret[count];
		if (add_role(roles[i].name, roles[i].role, next) && !is_listed(ret, count, next->name))
			count++;
	}
	return add_clusters(platform, arena, ret, count);
}

/* ---- finding ---- */

bool
systems_find(const struct system *systems, size_t n_systems, const char *word, const struct system **ret,
             struct error *err)
{
	const char *names[SYSTEMS_MAX], *near[SIMILAR_MAX];
	scoped(buf_release) struct buf all = BUF_INIT(160);
	for (size_t i = 0; i < n_systems; i++) {
		const struct system *system = &systems[i];
		if (strcmp(system->name, word) == 0 || strcmp(system->credential.role, word) == 0) {
			*ret = system;
			return true;
		}
		names[i] = system->name;
		buf_printf(&all, "%s%s", i > 0 ? ", " : "", system->name);
	}
	error_put(err, ERROR_NOT_FOUND, "the platform file names no system \"%s\"", word);
	if (similar_find(word, names, n_systems, near) > 0)
		return error_next(err, "did you mean \"%s\"?", near[0]);
	return error_next(err, "it has: %s", n_systems > 0 ? all.bytes : "none that wants a credential");
}

/* ---- speaking to one ---- */

/* "https://acme.ghe.com" of "https://api.acme.ghe.com" (GitHub with data residency), else NULL. */
static const char *
residence_of(const char *origin, struct arena *arena)
{
	static const char before[] = "https://api.", after[] = ".ghe.com";
	size_t length = strlen(origin), n_before = strlen(before), n_after = strlen(after);
	if (length > 4 && strcmp(origin + length - 4, ":443") == 0)
		length -= 4;
	bool is_one = length > n_before + n_after && memcmp(origin, before, n_before) == 0 &&
	              memcmp(origin + length - n_after, after, n_after) == 0;
	return is_one ? arena_printf(arena, "https://%.*s", (int)(length - n_before), origin + n_before) : NULL;
}

const char *
systems_web_origin(const struct system *system, struct arena *arena)
{
	const char *url = system->credential.url, *host = strstr(url, "://");
	size_t length = host != NULL ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : strlen(url);
	const char *origin = arena_strndup(arena, url, length);
	bool is_github = strncmp(system->credential.provider, "github", 6) == 0;
	if (is_github && is_at_github(url))
		return "https://github.com";
	const char *residence = is_github ? residence_of(origin, arena) : NULL;
	return residence != NULL ? residence : origin;
}

const char *
systems_usual_page(const char *provider)
{
	static const struct {
		const char *provider, *page;
	} pages[] = {
		{"github", "https://github.com"}, {"github-actions", "https://github.com"}, {"travis", "https://app.travis-ci.com"},
		{"datadog", "https://app.datadoghq.com"}, {"sumologic", "https://service.sumologic.com"}, {"slack", "https://app.slack.com"},
	};
	for (size_t i = 0; i < array_length(pages); i++)
		if (strcmp(pages[i].provider, provider) == 0)
			return pages[i].page;
	return NULL;
}

static void
put_credential(const struct system *system, const struct credential *credential, struct arena *arena,
               struct http_endpoint *ret)
{
	struct http_secret_header *headers = arena_array(arena, struct http_secret_header, 2);
	if (credential->kind == TOKEN_KIND_CERTIFICATE) {
		ret->client_certificate_pem = credential->certificate;
		ret->client_key_pem = credential->token;
		return;
	}
	if (credential->kind == TOKEN_KIND_BASIC) {
		ret->username = credential->account;
		ret->password = credential->token;
		return;
	}
	if (system->token_header == NULL && strcmp(system->token_prefix, "Bearer ") == 0) {
		ret->bearer = credential->token;
		return;
	}
	ret->secret_headers = headers;
	headers[ret->n_secret_headers++] = (struct http_secret_header){
		system->token_header != NULL ? system->token_header : "Authorization", system->token_prefix, credential->token};
	if (credential->second != NULL && system->second_header != NULL)
		headers[ret->n_secret_headers++] = (struct http_secret_header){system->second_header, NULL, credential->second};
}

bool
systems_endpoint(const struct system *system, const struct credential *credential, struct arena *arena,
                 struct http_endpoint *ret, struct error *err)
{
	struct http_endpoint endpoint = {.system = system->name};
	char *pem = NULL;
	size_t length;
	if (!http_origin_of(system->credential.url, arena, &endpoint.origin, err))
		return false;
	if (system->ca_file != NULL && !file_read(system->ca_file, CA_MAX, arena, &pem, &length, err))
		return error_doing(err, "reading the authority of %s", system->name);
	endpoint.ca_pem = pem;
	if (credential->token != NULL)
		put_credential(system, credential, arena, &endpoint);
	*ret = endpoint;
	return true;
}

const struct system *
systems_of_origin(const struct system *systems, size_t n_systems, const char *origin)
{
	scoped(arena_release) struct arena scratch = {0};
	for (size_t i = 0; i < n_systems; i++) {
		struct error ignored;
		const char *own;
		if (http_origin_of(systems[i].credential.url, &scratch, &own, &ignored) && strcmp(own, origin) == 0)
			return &systems[i];
	}
	return NULL;
}
