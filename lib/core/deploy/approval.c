#include "core/deploy/approval.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "core/deploy/submit.h"
#include "data/json.h"

static const char *const names[] = {
	[APPROVAL_NONE] = "none", [APPROVAL_PENDING] = "pending", [APPROVAL_APPROVED] = "approved", [APPROVAL_REJECTED] = "rejected",
};

const char *
approval_state_name(enum approval_state state)
{
	return names[state];
}

void
approval_release(struct approval *approval)
{
	json_decref(approval->config);
	json_decref(approval->map);
	approval->config = approval->map = NULL;
}

#define PREFIX "paas-approval-"

static const char *
map_name(const char *name, struct arena *arena)
{
	return arena_printf(arena, PREFIX "%s", name);
}

/* ---- reading ---- */

/* A text in the map that is JSON of ours; NULL: it is not there, or somebody else's. */
static json_t *
document(const json_t *map, const char *key)
{
	const char *text = json_string_value(json_object_get(json_object_get(map, "data"), key));
	struct error ignored;
	json_t *document = NULL;
	return text != NULL && json_parse(text, strlen(text), "an approval", &document, &ignored) ? document : NULL;
}

static int64_t
time_at(const json_t *document, const char *key)
{
	int64_t time_ms = clock_parse_ms(json_text_or(document, key, ""));
	return time_ms > 0 ? time_ms : 0;
}

static void
read_decision(const json_t *map, struct arena *arena, struct approval *ret)
{
	scoped(json_release) json_t *decision = document(map, "decision");
	const char *word = json_text_or(decision, "decision", "");
	ret->state = strcmp(word, "approved") == 0 ? APPROVAL_APPROVED
	             : strcmp(word, "rejected") == 0 ? APPROVAL_REJECTED : APPROVAL_PENDING;
	ret->decided_by = arena_strdup(arena, json_text_or(decision, "by", ""));
	ret->message = arena_strdup(arena, json_text_or(decision, "message", ""));
	ret->decided_ms = time_at(decision, "decided_at");
}

/* Ours, and of a name that may stand in a command. */
static bool
is_map_name(const char *name)
{
	return strncmp(name, PREFIX, sizeof PREFIX - 1) == 0 && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0';
}

void
approval_parse(const json_t *map, struct arena *arena, struct approval *ret)
{
	scoped(json_release) json_t *request = document(map, "request");
	const char *name = json_text_or(map, "metadata.name", "");
	*ret = (struct approval){.state = APPROVAL_NONE};
	const char *id = json_text_at(request, "deployment_id"), *image = json_text_at(request, "image");
	json_t *config = json_map_at(request, "config");
	if (id == NULL || image == NULL || config == NULL || !is_map_name(name))
		return;
	*ret = (struct approval){
		.name = arena_strdup(arena, name + sizeof PREFIX - 1),
		.deployment_id = arena_strdup(arena, id), .image = arena_strdup(arena, image),
		.digest = arena_strdup(arena, json_text_or(request, "digest", "")),
		.commit = arena_strdup(arena, json_text_or(request, "commit", "")),
		.author = arena_strdup(arena, json_text_or(request, "author", "")), .requested_ms = time_at(request, "requested_at"),
		.config = json_incref(config), .map = json_deep_copy(map),
	};
	read_decision(map, arena, ret);
}

bool
approval_read(struct kubernetes *kubernetes, const char *namespace, const char *name, struct arena *arena, struct approval *ret,
              struct error *err)
{
	scoped(json_release) json_t *map = NULL;
	*ret = (struct approval){.state = APPROVAL_NONE};
	if (!kubernetes_get(kubernetes, &kubernetes_configmaps, namespace, map_name(name, arena), &map, err))
		return err->code == ERROR_NOT_FOUND;
	approval_parse(map, arena, ret);
	return true;
}

bool
approval_is_of(const struct approval *approval, const struct release *release)
{
	return approval->state != APPROVAL_NONE && strcmp(approval->image, release->image) == 0 &&
	       (*approval->digest == '\0' || release->digest == NULL || strcmp(approval->digest, release->digest) == 0) &&
	       json_equal(approval->config, release->config);
}

/* ---- writing ---- */

bool
approval_request(struct kubernetes *kubernetes, const struct release *release, const char *deployment_id, const char *author,
                 int64_t now_ms, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	char time[CLOCK_TEXT_BYTES];
	scoped(json_release) json_t *request = json_pack(
		"{s:s, s:s, s:s*, s:s*, s:s*, s:s, s:O}", "deployment_id", deployment_id, "image", release->image, "digest",
		release->digest, "commit", release->commit, "author", author, "requested_at", clock_format(now_ms, time), "config",
		release->config);
	const char *text = json_write(request, &arena), *name = map_name(release->name, &arena);
	scoped(json_release) json_t *patch = json_pack("{s:{s:s, s:n}}", "data", "request", text, "decision");
	scoped(json_release) json_t *map = json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:s}}", "apiVersion", "v1", "kind",
	                                             "ConfigMap", "metadata", "name", name, "namespace", release->namespace,
	                                             "labels", APPROVAL_LABEL, release->name, "data", "request", text);
	scoped(json_release) json_t *stored = NULL;
	if (kubernetes_merge(kubernetes, &kubernetes_configmaps, release->namespace, name, patch, SUBMIT_MANAGER, &stored, err))
		return true;
	return err->code == ERROR_NOT_FOUND &&
	       kubernetes_create(kubernetes, &kubernetes_configmaps, release->namespace, map, &stored, err);
}

bool
approval_decide(struct kubernetes *kubernetes, const struct approval *approval, const struct approval_decision *decision,
                int64_t now_ms, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	char time[CLOCK_TEXT_BYTES];
	scoped(json_release) json_t *document = json_pack(
		"{s:s, s:s*, s:s*, s:s}", "decision", decision->is_approved ? "approved" : "rejected", "by", decision->by, "message",
		decision->message, "decided_at", clock_format(now_ms, time));
	scoped(json_release) json_t *patch = json_pack(
		"{s:{s:O}, s:{s:s}}", "metadata", "resourceVersion", json_at(approval->map, "metadata.resourceVersion"), "data",
		"decision", json_write(document, &arena));
	scoped(json_release) json_t *stored = NULL;
	return kubernetes_merge(kubernetes, &kubernetes_configmaps, json_text_or(approval->map, "metadata.namespace", ""),
	                        json_text_or(approval->map, "metadata.name", ""), patch, SUBMIT_MANAGER, &stored, err);
}

void
approval_forget(struct kubernetes *kubernetes, const struct approval *approval)
{
	struct error ignored;
	(void)!kubernetes_delete(kubernetes, &kubernetes_configmaps, json_text_or(approval->map, "metadata.namespace", ""),
	                         json_text_or(approval->map, "metadata.name", ""), &ignored);
}
