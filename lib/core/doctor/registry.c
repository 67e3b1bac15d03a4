/* Does the registry answer? */
#include <string.h>

#include "base/file.h"
#include "core/doctor/examine.h"
#include "data/platform.h"
#include "net/http.h"

enum { CA_MAX = 1024 * 1024 };

static const struct http_policy policy = {.tries = 1, .connect_ms = 5000, .idle_ms = 10000, .total_ms = 10000};

/* Where images are pulled from, which need not be where the tool's own API is. */
static const char *
origin_of(const struct platform_role *artifacts, struct arena *arena)
{
	return arena_printf(arena, "https://%s", artifacts->registry);
}

static bool
ask(const struct doctor_scope *scope, const struct platform_role *artifacts, struct http_peer *peer,
    struct doctor_report *report, struct http_response *ret, struct error *err)
{
	struct http_endpoint endpoint = {.system = "registry"};
	char *ca = NULL;
	size_t length;
	endpoint.origin = origin_of(artifacts, report->arena);
	if (artifacts->ca_file != NULL && !file_read(artifacts->ca_file, CA_MAX, report->arena, &ca, &length, err))
		return false;
	endpoint.ca_pem = ca;
	struct http_request request = {
		.url = arena_printf(report->arena, "%s/v2/", endpoint.origin), .endpoint = &endpoint,
		.policy = &policy, .peer = peer,
	};
	return http_send(scope->http, &request, report->arena, ret, err);
}

/* 401 with a challenge is the regular answer to somebody who brings no credential. */
static bool
is_of_registry(const struct http_response *answer)
{
	const char *type = http_header_value(answer, "content-type");
	if (answer->status == 401)
		return http_header_value(answer, "www-authenticate") != NULL;
	return answer->status == 200 && (type == NULL || strncmp(type, "text/html", 9) != 0);
}

void
examine_registry(const struct doctor_scope *scope, const struct platform_role *artifacts,
                 struct doctor_report *report)
{
	struct http_peer peer = {0};
	struct http_response answer;
	struct error failure = {0};
	if (!ask(scope, artifacts, &peer, report, &answer, &failure)) {
		if (failure.code != ERROR_INTERRUPTED)
			examine_connection(&peer, &failure, "registry", report);
		return;
	}
	examine_connection(&peer, NULL, "registry", report);
	bool is_registry = is_of_registry(&answer);
	doctor_add(report, "registry", "answer", is_registry ? DOCTOR_OK : DOCTOR_FAILED,
	           arena_printf(report->arena, "GET %s/v2/: HTTP %d", origin_of(artifacts, report->arena), answer.status),
	           is_registry ? NULL : "artifacts.registry (else url) of the platform file must be that of an OCI registry");
}
