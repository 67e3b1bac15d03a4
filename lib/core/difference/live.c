#include "core/difference/live.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/fiber.h"
#include "data/json.h"
#include "net/http.h"

enum reading_kind {
	READING_ONE,     /* the object of the application's name */
	READING_DEFAULT, /* the one named default */
	READING_LABELED, /* those with the label app */
	READING_ALL,
	READING_VERSION, /* not an object: /version */
};

struct reading {
	const struct live_request *request;
	const struct kubernetes_resource *resource;
	enum reading_kind kind;
	bool is_optional;
	const char *effect; /* of not knowing it */
	json_t **ret;
	struct fiber *fiber;
	struct error err;
	bool is_fine;
};

static bool
read_version(const struct reading *reading, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	struct http_response answer;
	return kubernetes_request(reading->request->kubernetes, "GET", "/version", NULL, NULL, 0, false, &arena, &answer,
	                          err) &&
	       json_parse(answer.body, answer.length, "the answer of GET /version", reading->ret, err);
}

static bool
read_list(const struct reading *reading, const char *selector, struct error *err)
{
	struct kubernetes_query query = {.resource = reading->resource, .namespace = reading->request->namespace,
	                                 .label_selector = selector};
	return kubernetes_list(reading->request->kubernetes, &query, reading->ret, err);
}

static bool
read_one(const struct reading *reading, const char *name, struct error *err)
{
	struct error failure;
	if (kubernetes_get(reading->request->kubernetes, reading->resource, reading->request->namespace, name, reading->ret,
	                   &failure) ||
	    failure.code == ERROR_NOT_FOUND)
		return true;
	*err = failure;
	return false;
}

static void
run(void *data)
{
	struct reading *reading = data;
	scoped(arena_release) struct arena arena = {0};
	const char *name = reading->request->name;
	struct error *err = &reading->err;
	if (reading->kind == READING_VERSION)
		reading->is_fine = read_version(reading, err);
	else if (reading->kind == READING_ALL)
		reading->is_fine = read_list(reading, NULL, err);
	else if (reading->kind == READING_LABELED)
		reading->is_fine = read_list(reading, arena_printf(&arena, "app=%s", name), err);
	else
		reading->is_fine = read_one(reading, reading->kind == READING_DEFAULT ? "default" : name, err);
}

static bool
ask_all(struct reading *readings, size_t count, struct loop *loop)
{
	bool is_fine = true;
	for (size_t i = 0; i < count; i++)
		readings[i].fiber = fiber_start(loop, run, &readings[i]);
	for (size_t i = 0; i < count; i++) {
		fiber_join(readings[i].fiber);
		is_fine &= readings[i].is_fine || readings[i].is_optional;
	}
	return is_fine;
}

static void
tell_unknown(const struct reading *readings, size_t count, struct differences *cautions)
{
	for (size_t i = 0; i < count; i++)
		if (!readings[i].is_fine && readings[i].effect != NULL)
			differences_caution(cautions, "%s: %s", readings[i].effect, readings[i].err.why);
}

bool
live_read(const struct live_request *request, struct differences *cautions, struct live *ret, struct error *err)
{
	const struct kubernetes_resource *ingresses =
		request->options->use_networkingv1_ingress ? &kubernetes_ingresses : &kubernetes_ingresses_v1beta1;
	struct reading readings[] = {
		{.resource = &kubernetes_deployments, .ret = &ret->deployment},
		{.resource = &kubernetes_services, .ret = &ret->service},
		{.resource = ingresses, .kind = READING_LABELED, .ret = &ret->ingresses},
		{.resource = &kubernetes_autoscalers_v1, .ret = &ret->autoscaler},
		{.resource = &kubernetes_disruption_budgets, .ret = &ret->budget},
		{.kind = READING_VERSION, .is_optional = true, .ret = &ret->version},
		{.resource = &kubernetes_resource_quotas, .kind = READING_ALL, .is_optional = true, .ret = &ret->quotas,
		 .effect = "taken as if no quota were for best-effort pods only"},
		/* from here on with an account for each application */
		{.resource = &kubernetes_service_accounts, .ret = &ret->account},
		{.resource = &kubernetes_role_bindings, .kind = READING_LABELED, .ret = &ret->bindings},
		{.resource = &kubernetes_service_accounts, .kind = READING_DEFAULT, .is_optional = true,
		 .ret = &ret->default_account, .effect = "taken as if account default had no imagePullSecrets"},
	};
	enum { OF_ACCOUNT = 3 };
	size_t count = array_length(readings) - (request->options->enable_service_account_per_app ? 0 : OF_ACCOUNT);
	*ret = (struct live){0};
	for (size_t i = 0; i < count; i++)
		readings[i].request = request;
	bool is_fine = ask_all(readings, count, request->loop);
	tell_unknown(readings, count, cautions);
	for (size_t i = 0; !is_fine && i < count; i++)
		if (!readings[i].is_fine && !readings[i].is_optional) {
			*err = readings[i].err;
			live_release(ret);
			return false;
		}
	return true;
}

void
live_release(struct live *live)
{
	json_t *const all[] = {live->version, live->deployment, live->service, live->autoscaler, live->budget,
	                       live->account, live->default_account, live->ingresses, live->bindings, live->quotas};
	for (size_t i = 0; i < array_length(all); i++)
		json_decref(all[i]);
	*live = (struct live){0};
}

/* ---- what the operator makes of it ---- */

static bool
is_for_best_effort(const json_t *quota)
{
	const json_t *scopes = json_list_at(quota, "spec.scopes"), *scope;
	bool has_scope = false;
	size_t i;
	json_array_foreach (scopes, i, scope)
		has_scope |= json_is_string(scope) && strcmp(json_string_value(scope), "NotBestEffort") == 0;
	return has_scope && strcmp(json_text_or(quota, "spec.hard.pods", ""), "0") == 0;
}

struct fiaas_cluster_state
live_state(const struct live *live)
{
	struct fiaas_cluster_state state = {
		.live_replicas = (int)json_int_at(live->deployment, "spec.replicas", live->deployment != NULL),
		.live_service = live->service,
		.default_image_pull_secrets = json_list_at(live->default_account, "imagePullSecrets"),
	};
	const json_t *quota;
	size_t i;
	json_array_foreach (json_list_at(live->quotas, "items"), i, quota)
		state.has_best_effort_quota |= is_for_best_effort(quota);
	return state;
}

const struct kubernetes_resource *
live_resource(const char *api_version, const char *kind)
{
	return kubernetes_resource_of_kind(api_version, kind);
}
