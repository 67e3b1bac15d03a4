#include "sandbox/oci/artifactory.h"

#include <jansson.h>
#include <string.h>

#include "sandbox/oci/token.h"
#include "web/server.h"

static void
refuse(struct web_request *request, unsigned status, const char *message)
{
	web_respond_json(request, status, json_pack("{s:[{s:i, s:s}]}", "errors", "status", (int)status, "message", message));
}

static void
ping(struct web_request *request)
{
	web_respond(request, 200, "OK", 2);
}

static void
tell_version(struct web_request *request)
{
	web_respond_json(request, 200, json_pack("{s:s, s:s, s:[], s:s}", "version", "7.98.9", "revision", "79809900", "addons",
	                                         "license", "sandbox"));
}

static const struct route {
	const char *path;
	bool is_open; /* to anybody */
	void (*answer)(struct web_request *request);
} routes[] = {
	{"/artifactory/api/system/ping", true, ping},
	{"/artifactory/api/system/version", false, tell_version},
};

void
artifactory_handle(const struct token_service *service, struct web_request *request)
{
	const struct route *route = NULL;
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
		if (strcmp(request->path, routes[i].path) == 0)
			route = &routes[i];
	if (route == NULL)
		refuse(request, 404, "Not Found");
	else if (strcmp(request->method, "GET") != 0)
		refuse(request, 405, "Method Not Allowed");
	else if (!route->is_open && !token_service_knows(service, request))
		refuse(request, 401, "Bad credentials");
	else
		route->answer(request);
}
