/* Objects and intents any client may send: [live, intent, patch].  Whatever they are, applying the
 * same intent twice changes nothing the second time. */
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/apply.h"
#include "sandbox/kubernetes/decode.h"
#include "sandbox/kubernetes/default.h"
#include "sandbox/kubernetes/patch.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"
#include "sandbox/kubernetes/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
apply_twice(const struct resource *resource, const json_t *live, const json_t *intent)
{
	struct apply apply = {.resource = resource, .manager = "m", .subresource = "", .force = true};
	scoped(tree_release) json_t *once = NULL, *twice = NULL, *status = NULL;
	if (!apply_merge(&apply, live, intent, &once, &status) || !apply_merge(&apply, once, intent, &twice, &status) ||
	    !json_equal(once, twice))
		abort();
}

static void
try_patches(const struct resource *resource, const json_t *live, const json_t *patch)
{
	scoped(tree_release) json_t *patched = NULL, *refusal = NULL;
	json_decref(patch_merge(live, patch));
	if (json_is_object(patch)) {
		scoped(tree_release) json_t *strategic = patch_strategic(resource, live, patch);
		scoped(tree_release) json_t *owned = json_deep_copy(strategic);
		default_object(resource, owned);
	}
	patch_json(live, patch, &patched, &refusal);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct resource *resource = resource_find("apps", "v1", "deployments");
	scoped(tree_release) json_t *all = json_loadb((const char *)data, size, 0, NULL);
	const json_t *live = json_array_get(all, 0), *intent = json_array_get(all, 1);
	clock_freeze(0);
	if (!json_is_object(live) || !json_is_object(intent))
		return 0;
	json_decref(decode_check(resource, live));
	json_decref(validate_object(resource, live, intent));
	apply_twice(resource, live, intent);
	try_patches(resource, live, json_array_get(all, 2));
	return 0;
}
