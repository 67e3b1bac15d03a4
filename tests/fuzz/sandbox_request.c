/* Selectors and protobuf bodies: bytes of any client. */
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/protobuf.h"
#include "sandbox/kubernetes/selector.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct selector selector;
	const struct resource *pods = resource_find("", "v1", "pods");
	const char *text = arena_strndup(&arena, (const char *)data, size);
	scoped(tree_release) json_t *status = NULL, *other = NULL, *object = json_object();
	if (selector_parse(pods, text, NULL, &arena, &selector, &status))
		selector_matches(&selector, object);
	if (selector_parse(pods, NULL, text, &arena, &selector, &other))
		selector_matches(&selector, object);
	json_decref(protobuf_decode(data, size));
	arena_release(&arena);
	return 0;
}
