#include "core/fiaas/pod.h"
#include "core/fiaas/python.h"
#include "core/fiaas/shell_split.h"

static json_t *
build_exec(struct rendering *rendering, const struct fiaas_probe *probe)
{
	const char *why;
	if (probe->command == NULL || json_is_null(probe->command))
		return rendering_fail(rendering, "s argument must not be None");
	if (!json_is_string(probe->command))
		return rendering_fail(rendering, "'%s' object has no attribute 'read'",
		                      python_type_name(probe->command));
	json_t *words = shell_split(json_string_value(probe->command), &why);
	return words != NULL ? json_pack("{s:o}", "command", words) : rendering_fail(rendering, "%s", why);
}

static json_t *
build_http_get(struct rendering *rendering, const struct fiaas_probe *probe)
{
	json_t *http_get = json_pack("{s:O, s:O, s:s}", "path", probe->path, "port", probe->port, "scheme",
	                             "HTTP");
	const char *name;
	json_t *value, *headers;
	if (!python_is_true(probe->http_headers))
		return http_get;
	if (!json_is_object(probe->http_headers)) {
		json_decref(http_get);
		return rendering_fail(rendering, "'%s' object has no attribute 'items'",
		                      python_type_name(probe->http_headers));
	}
	headers = json_array();
	json_object_foreach (json_borrow(probe->http_headers), name, value)
		json_array_append_new(headers, json_pack("{s:s, s:O}", "name", name, "value", value));
	json_object_set_new(http_get, "httpHeaders", headers);
	return http_get;
}

static json_t *
build_tcp_socket(struct rendering *rendering, const struct fiaas_probe *probe)
{
	(void)rendering;
	return json_pack("{s:O}", "port", probe->port);
}

json_t *
pod_probe(struct rendering *rendering, const struct fiaas_probe *probe)
{
	static const struct check {
		const char *name;
		json_t *(*build)(struct rendering *rendering, const struct fiaas_probe *probe);
	} checks[] = {
		[FIAAS_CHECK_NONE] = {NULL, NULL},
		[FIAAS_CHECK_EXECUTE] = {"exec", build_exec},
		[FIAAS_CHECK_HTTP] = {"httpGet", build_http_get},
		[FIAAS_CHECK_TCP] = {"tcpSocket", build_tcp_socket},
	};
	const struct check check = checks[probe->check];
	if (check.build == NULL)
		return rendering_fail(rendering,
		                      "AppSpec must have exactly one health check, none was defined.");
	return json_pack("{s:o, s:O, s:O, s:O, s:O, s:O}", check.name, check.build(rendering, probe),
	                 "initialDelaySeconds", probe->initial_delay, "periodSeconds", probe->period,
	                 "timeoutSeconds", probe->timeout, "successThreshold", probe->success_threshold,
	                 "failureThreshold", probe->failure_threshold);
}
