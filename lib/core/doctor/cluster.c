/* One cluster: reached, trusted, known to it, allowed what a deploy needs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "core/doctor/examine.h"
#include "data/json.h"
#include "data/platform.h"
#include "net/http.h"
#include "role/cluster.h"

/* autoscaling/v2, which paas reads, is served from this version on. */
enum { SKEW_WARNING_MS = 10 * 1000, SKEW_FAILED_MS = 60 * 1000 };

struct examination {
	const struct doctor_scope *scope;
	const struct platform_cluster *described;
	struct cluster *cluster;
	const char *subject;
	struct doctor_report *report;
};

/* ---- what a deploy and its diagnosis need ---- */

static const struct permission {
	const char *verb, *group, *resource;
} permissions[] = {
	{"get", "fiaas.schibsted.io", "applications"},
	{"list", "fiaas.schibsted.io", "applications"},
	{"watch", "fiaas.schibsted.io", "applications"},
	{"create", "fiaas.schibsted.io", "applications"},
	{"patch", "fiaas.schibsted.io", "applications"},
	{"get", "fiaas.schibsted.io", "application-statuses"},
	{"list", "fiaas.schibsted.io", "application-statuses"},
	{"watch", "fiaas.schibsted.io", "application-statuses"},
	{"get", "apps", "deployments"},
	{"list", "apps", "deployments"},
	{"watch", "apps", "deployments"},
	{"list", "apps", "replicasets"},
	{"watch", "apps", "replicasets"},
	{"get", "", "pods"},
	{"list", "", "pods"},
	{"watch", "", "pods"},
	{"get", "", "pods/log"},
	{"list", "", "events"},
	{"watch", "", "events"},
};

struct review {
	const struct permission *permission;
	struct kubernetes *kubernetes;
	const char *namespace;
	struct error failure;
	bool is_answered, is_allowed;
};

static void
run_review(void *data)
{
	struct review *review = data;
	review->is_answered = kubernetes_can_i(review->kubernetes, review->namespace, review->permission->verb,
	                                       review->permission->group, review->permission->resource,
	                                       &review->is_allowed, &review->failure);
}

static void
run_reviews(const struct examination *of, const char *namespace, struct review *reviews)
{
	struct fiber *fibers[array_length(permissions)];
	for (size_t i = 0; i < array_length(permissions); i++) {
		reviews[i] = (struct review){.permission = &permissions[i], .kubernetes = of->cluster->kubernetes,
		                             .namespace = namespace};
		fibers[i] = fiber_start(of->scope->loop, run_review, &reviews[i]);
	}
	for (size_t i = 0; i < array_length(permissions); i++)
		fiber_join(fibers[i]);
}

static void
examine_permissions(const struct examination *of, const char *subject, const char *namespace)
{
	struct review reviews[array_length(permissions)];
	struct arena *arena = of->report->arena;
	const char *denied = "";
	run_reviews(of, namespace, reviews);
	for (size_t i = 0; i < array_length(permissions); i++) {
		if (!reviews[i].is_answered) {
			if (reviews[i].failure.code != ERROR_INTERRUPTED)
				doctor_add_error(of->report, subject, "permissions", &reviews[i].failure);
			return;
		}
		if (!reviews[i].is_allowed)
			denied = arena_printf(arena, "%s%s%s %s", denied, denied[0] != '\0' ? ", " : "",
			                      permissions[i].verb, permissions[i].resource);
	}
	if (denied[0] == '\0')
		doctor_add(of->report, subject, "permissions", DOCTOR_OK,
		           arena_printf(arena, "all %zu allowed in namespace %s", array_length(permissions), namespace),
		           NULL);
	else
		doctor_add(of->report, subject, "permissions", DOCTOR_FAILED,
		           arena_printf(arena, "not allowed in namespace %s: %s", namespace, denied),
		           "ask whoever administers the cluster for a role that allows them");
}

/* ---- the server ---- */

static void
examine_version(const struct examination *of, const json_t *version)
{
	const char *git_version = json_text_or(version, "gitVersion", "an unknown version");
	/* "1" and "32+": whatever follows the digits is the vendor's. */
	long major = strtol(json_text_or(version, "major", "0"), NULL, 10);
	long minor = strtol(json_text_or(version, "minor", "0"), NULL, 10);
	bool is_supported = major > 1 || (major == 1 && minor >= KUBERNETES_MINOR_MIN);
	doctor_add(of->report, of->subject, "version", is_supported ? DOCTOR_OK : DOCTOR_FAILED,
	           arena_printf(of->report->arena, "Kubernetes %s", git_version),
	           is_supported ? NULL : arena_printf(of->report->arena, "paas needs Kubernetes 1.%d or newer", KUBERNETES_MINOR_MIN));
}

static void
examine_clock(const struct examination *of)
{
	int64_t server_ms = kubernetes_server_time_ms(of->cluster->kubernetes);
	if (server_ms == 0)
		return;
	int64_t skew_ms = server_ms - clock_wall_ms();
	/* The header counts whole seconds, cut off. */
	int64_t size_ms = skew_ms < 0 ? -skew_ms : skew_ms;
	size_ms = size_ms < 2000 ? 0 : size_ms;
	enum doctor_state state = size_ms >= SKEW_FAILED_MS    ? DOCTOR_FAILED
	                          : size_ms >= SKEW_WARNING_MS ? DOCTOR_WARNING
	                                                       : DOCTOR_OK;
	char text[CLOCK_TEXT_BYTES];
	doctor_add(of->report, of->subject, "clock", state,
	           size_ms == 0 ? "agrees with ours"
	                        : arena_printf(of->report->arena, "%s %s ours", clock_format_duration(size_ms, text),
	                                       skew_ms < 0 ? "behind" : "ahead of"),
	           state == DOCTOR_OK ? NULL : "set the clock by NTP: timedatectl set-ntp true");
}

static void
examine_identity(const struct examination *of)
{
	struct error failure = {0};
	const char *user;
	if (kubernetes_who_am_i(of->cluster->kubernetes, of->report->arena, &user, &failure))
		doctor_add(of->report, of->subject, "identity", DOCTOR_OK,
		           arena_printf(of->report->arena, "%s, by %s", user, of->cluster->access.credential), NULL);
	else if (failure.code == ERROR_NOT_FOUND)
		doctor_add(of->report, of->subject, "identity", DOCTOR_OK,
		           "the server is too old to tell (before 1.28)", NULL);
	else if (failure.code != ERROR_INTERRUPTED)
		doctor_add_error(of->report, of->subject, "identity", &failure);
}

static bool
serves(const json_t *list, const char *plural)
{
	size_t i;
	json_t *resource;
	json_array_foreach(json_list_at(list, "resources"), i, resource) {
		if (strcmp(json_text_or(resource, "name", ""), plural) == 0)
			return true;
	}
	return false;
}

static void
examine_fiaas(const struct examination *of)
{
	struct error failure = {0};
	struct http_response answer;
	bool ok = kubernetes_request(of->cluster->kubernetes, "GET", "/apis/fiaas.schibsted.io/v1", NULL, NULL, 0,
	                             false, of->report->arena, &answer, &failure);
	if (!ok && failure.code != ERROR_NOT_FOUND) {
		if (failure.code != ERROR_INTERRUPTED)
			doctor_add_error(of->report, of->subject, "fiaas", &failure);
		return;
	}
	scoped(json_release) json_t *list = ok ? json_loadb(answer.body, answer.length, 0, NULL) : NULL;
	bool is_there = serves(list, "applications") && serves(list, "application-statuses");
	doctor_add(of->report, of->subject, "fiaas", is_there ? DOCTOR_OK : DOCTOR_FAILED,
	           is_there ? "serves applications and application-statuses"
	                    : "the kinds applications and application-statuses are not served",
	           is_there ? NULL : "install the FIAAS operator (fiaas-deploy-daemon) in the cluster, or deploy without it: paas deploy --direct");
}

/* ---- in order ---- */

/* The first request tells of the connection too; false when there is nothing more to ask. */
static bool
examine_server(const struct examination *of)
{
	struct http_peer peer = {0};
	struct http_response answer;
	struct error failure = {0};
	struct kubernetes_call call = {.path = "/version", .peer = &peer};
	bool ok = kubernetes_call_send(of->cluster->kubernetes, &call, of->report->arena, &answer, &failure);
	if (!ok && failure.code == ERROR_INTERRUPTED)
		return false;
	if (!ok) {
		examine_connection(&peer, &failure, of->subject, of->report);
		return false;
	}
	examine_connection(&peer, NULL, of->subject, of->report);
	scoped(json_release) json_t *version = json_loadb(answer.body, answer.length, 0, NULL);
	examine_version(of, version);
	examine_clock(of);
	return true;
}

static void
examine_environments(const struct examination *of)
{
	const struct doctor_scope *scope = of->scope;
	struct platform_words words = {.team = scope->team, .name = scope->name};
	for (size_t i = 0; i < scope->platform->n_environments; i++) {
		const struct platform_environment *environment = &scope->platform->environments[i];
		const char *namespace = NULL;
		struct error failure = {0};
		if (environment->cluster != of->described ||
		    (scope->environment != NULL && strcmp(scope->environment, environment->name) != 0))
			continue;
		const char *subject = arena_printf(of->report->arena, "environment %s", environment->name);
		if (platform_expand(environment->namespace, &words, of->report->arena, &namespace, &failure))
			examine_permissions(of, subject, namespace);
		else
			doctor_add(of->report, subject, "permissions", DOCTOR_WARNING, failure.why,
			           "run it in the repository of an application, or give --team");
	}
}

static bool
open_cluster(struct examination *of, struct error *err)
{
	struct arena *arena = of->report->arena;
	if (of->described != NULL)
		return cluster_open(of->scope->http, of->described, arena, &of->cluster, err);
	return cluster_open_context(of->scope->http, NULL, arena, &of->cluster, err);
}

void
examine_cluster(const struct doctor_scope *scope, const struct platform_cluster *described,
                struct doctor_report *report)
{
	struct examination of = {.scope = scope, .described = described, .report = report};
	struct error failure = {0};
	of.subject = described == NULL ? "cluster" : arena_printf(report->arena, "cluster %s", described->name);
	if (!open_cluster(&of, &failure)) {
		doctor_add_error(report, of.subject, "access", &failure);
		return;
	}
	doctor_add(report, of.subject, "access", DOCTOR_OK,
	           arena_printf(report->arena, "%s, from %s", of.cluster->access.server, of.cluster->access.origin),
	           NULL);
	if (examine_server(&of)) {
		examine_identity(&of);
		examine_fiaas(&of);
		if (described != NULL)
			examine_environments(&of);
		else
			examine_permissions(&of, of.subject, kubernetes_default_namespace(of.cluster->kubernetes));
	}
	cluster_close(&of.cluster);
}
