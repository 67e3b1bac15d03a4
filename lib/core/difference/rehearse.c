#include "core/difference/rehearse.h"

#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "api/kubernetes/status.h"
#include "core/difference/difference.h"
#include "data/json.h"
#include "net/http.h"

enum { FIRST_MINOR_WITH_DRY_RUN = 13 };

#define NO_DRY_RUN "does not support dry run" /* the API server, of a webhook */

bool
rehearse_is_safe(const json_t *version, struct arena *arena, const char **ret_reason)
{
	long major = strtol(json_text_or(version, "major", "0"), NULL, 10);
	long minor = strtol(json_text_or(version, "minor", "0"), NULL, 10);
	*ret_reason = NULL;
	if (major > 1 || (major == 1 && minor >= FIRST_MINOR_WITH_DRY_RUN))
		return true;
	*ret_reason = major == 0 ? "the server does not tell its version, so perhaps it would write"
	                         : arena_printf(arena, "version %ld.%ld of the server knows no dry run", major, minor);
	return false;
}

bool
rehearse_is_unsupported(const char *message)
{
	return strstr(message, NO_DRY_RUN) != NULL;
}

enum verdict {
	VERDICT_FAILED,      /* nothing was learned */
	VERDICT_MOVED,       /* written by somebody meanwhile */
	VERDICT_REFUSED,     /* a real write would be refused as well */
	VERDICT_NOT_ALLOWED, /* to us */
	VERDICT_UNSUPPORTED, /* a real write might be fine */
};

/* First that fits; a text of NULL fits all. */
static const struct {
	int status;
	const char *text;
	enum verdict verdict;
} verdicts[] = {
	{400, NO_DRY_RUN, VERDICT_UNSUPPORTED},
	{400, "dryRun", VERDICT_UNSUPPORTED},
	{400, NULL, VERDICT_REFUSED},
	{403, "denied the request", VERDICT_REFUSED}, /* an admission webhook */
	{403, NULL, VERDICT_NOT_ALLOWED},
	{404, NULL, VERDICT_REFUSED},
	{405, NULL, VERDICT_UNSUPPORTED},
	{409, NULL, VERDICT_MOVED},
	{415, NULL, VERDICT_UNSUPPORTED},
	{422, NULL, VERDICT_REFUSED},
	{500, "webhook", VERDICT_UNSUPPORTED}, /* one that cannot be called */
	{501, NULL, VERDICT_UNSUPPORTED},
};

static enum verdict
verdict_of(int status, const char *message)
{
	for (size_t i = 0; i < array_length(verdicts); i++)
		if (verdicts[i].status == status && (verdicts[i].text == NULL || strstr(message, verdicts[i].text) != NULL))
			return verdicts[i].verdict;
	return VERDICT_FAILED;
}

/* As the operator: metadata anew, but of the version that was compared with. */
static json_t *
body_of(const json_t *object, const json_t *live)
{
	json_t *body = json_deep_copy(object);
	json_t *metadata = json_object_get(body, "metadata");
	static const char *const kept[] = {"name", "resourceVersion"};
	for (size_t i = 0; live != NULL && i < array_length(kept); i++)
		json_object_set(metadata, kept[i], json_object_get(json_object_get(live, "metadata"), kept[i]));
	if (live != NULL)
		json_object_del(metadata, "generateName");
	return body;
}

/* No answer of this kind: a proxy speaks, or not the server it should be. */
static bool
read_object(const struct kubernetes_resource *resource, const struct http_response *answer, json_t **ret,
            struct error *err)
{
	if (!json_parse(answer->body, answer->length, "the answer of a dry run", ret, err))
		return false;
	if (strcmp(json_text_or(*ret, "kind", ""), resource->kind) == 0)
		return true;
	json_decref(*ret);
	*ret = NULL;
	return error_set(err, ERROR_BAD_ANSWER, "the answer of a dry run is no %s", resource->kind);
}

static bool
judge(struct kubernetes *kubernetes, const struct kubernetes_call *call, const struct http_response *answer,
      struct arena *arena, struct rehearsal *ret, struct error *err)
{
	struct error ignored;
	struct kubernetes_status status;
	scoped(json_release) json_t *body = NULL;
	if (!json_parse(answer->body, answer->length, "the answer", &body, &ignored))
		body = NULL;
	const char *message = kubernetes_status_read(body, &status) ? arena_strdup(arena, status.message) : "";
	bool is_gone = answer->status == 404 && strcmp(call->method, "PUT") == 0;
	switch (is_gone ? VERDICT_MOVED : verdict_of(answer->status, message)) {
	case VERDICT_MOVED:
		ret->has_moved = true;
		return true;
	case VERDICT_REFUSED:
		ret->reason = "the server refuses it";
		ret->refusal = *message != '\0' ? message : arena_printf(arena, "HTTP %d", answer->status);
		return true;
	case VERDICT_NOT_ALLOWED:
		ret->reason = arena_printf(arena, "a dry run is not allowed: %s", *message != '\0' ? message : "HTTP 403");
		return true;
	case VERDICT_UNSUPPORTED:
		ret->reason = arena_printf(arena, "a dry run is not possible: %s", *message != '\0' ? message : "not supported");
		return true;
	case VERDICT_FAILED:
		break;
	}
	kubernetes_put_status(kubernetes, call, answer, arena, err);
	return false;
}

bool
rehearse(struct kubernetes *kubernetes, const struct kubernetes_resource *resource, const char *namespace,
         const json_t *object, const json_t *live, struct arena *arena, struct rehearsal *ret, struct error *err)
{
	scoped(json_release) json_t *body = body_of(object, live);
	const char *text = json_write(body, arena), *name = json_text_at(live, "metadata.name");
	const char *path = kubernetes_path(resource, namespace, name, NULL, arena);
	struct kubernetes_call call = {
		.method = live != NULL ? "PUT" : "POST",
		.path = arena_printf(arena, "%s?dryRun=All&fieldManager=fiaas-deploy-daemon", path),
		.body = text, .length = strlen(text), .is_idempotent = true, .raw_status = true,
	};
	struct http_response answer;
	*ret = (struct rehearsal){0};
	if (!kubernetes_call_send(kubernetes, &call, arena, &answer, err))
		return false;
	if (answer.status >= 300)
		return judge(kubernetes, &call, &answer, arena, ret, err);
	return read_object(resource, &answer, &ret->answer, err);
}
