#include "core/difference/preview_direct.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "core/deploy/direct.h"
#include "data/json.h"

/* As applying does it, where no server could be asked: what we say, over what is there. */
static json_t *
lay_over(const json_t *live, const json_t *intent)
{
	json_t *result, *value;
	const char *key;
	if (!json_is_object(live) || !json_is_object(intent))
		return json_deep_copy(intent);
	result = json_deep_copy(live);
	json_object_foreach ((json_t *)(uintptr_t)intent, key, value)
		json_object_set_new(result, key, lay_over(json_object_get(live, key), value));
	return result;
}

/* Another image has another digest, which is no news; the same image should not. */
static void
settle_digest(const struct direct *direct, json_t *deployment)
{
	const char *digest = direct->release->digest;
	if (digest != NULL && *direct->standing.digest != '\0' &&
	    strcmp(direct->standing.image, direct->release->image) == 0)
		json_object_set_new(json_at(deployment, "metadata.annotations"), SUBMIT_DIGEST, json_string(digest));
}

static json_t *
outcome_of(const struct direct *direct, const struct direct_object *object)
{
	if (object->intent == NULL || object->live == NULL)
		return json_incref(object->intent);
	json_t *after = object->result != NULL ? json_incref(object->result) : lay_over(object->live, object->intent);
	if (object->resource == &kubernetes_deployments)
		settle_digest(direct, after);
	return after;
}

static void
add_object(const struct direct *direct, const struct direct_object *object, struct differences *ret)
{
	struct object_difference difference = {.reason = object->unasked, .refusal = object->refusal};
	scoped(json_release) json_t *after = outcome_of(direct, object);
	object_describe(&difference, object->live != NULL ? object->live : object->intent, ret->arena);
	object_compare(&difference, object->live, after, ret->arena);
	differences_add(ret, &difference);
}

bool
preview_direct(struct direct *direct, struct differences *ret, struct error *err)
{
	if (!direct_foresee(direct, err))
		return false;
	for (size_t i = 0; i < direct->count; i++)
		add_object(direct, &direct->objects[i], ret);
	differences_sort(ret);
	return true;
}
