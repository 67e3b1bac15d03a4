#include "sandbox/kubernetes/metadata.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

static void
set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, json_string(text));
}

void
metadata_set_version(json_t *object, uint64_t version)
{
	char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)version);
	set_text(json_object_get(object, "metadata"), "resourceVersion", text);
}

static void
set_new_uid(json_t *metadata)
{
	unsigned char b[16];
	char text[37];
	randombytes_buf(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(text, sizeof text,
	         "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
	         b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	set_text(metadata, "uid", text);
}

/* Whether they differ outside of metadata, and of status where that is written apart. */
static bool
is_desire_changed(const struct resource *resource, const json_t *before, json_t *after)
{
	const char *key;
	json_t *value;
	size_t ignored_before = 1, ignored_after = 1;

	json_object_foreach (after, key, value) {
		if (strcmp(key, "metadata") == 0)
			continue;
		if (resource->has_status && strcmp(key, "status") == 0)
			ignored_after++;
		else if (!json_equal(value, json_object_get(before, key)))
			return true;
	}
	if (resource->has_status && json_object_get(before, "status") != NULL)
		ignored_before++;
	return json_object_size(before) - ignored_before != json_object_size(after) - ignored_after;
}

void
metadata_complete_new(const struct resource *resource, json_t *object)
{
	json_t *metadata = json_object_get(object, "metadata");
	char now[CLOCK_TEXT_BYTES];
	if (tree_text(metadata, "uid")[0] == '\0')
		set_new_uid(metadata);
	if (tree_text(metadata, "creationTimestamp")[0] == '\0')
		set_text(metadata, "creationTimestamp", clock_format(clock_wall_ms(), now));
	if (resource->group[0] != '\0' && json_object_get(metadata, "generation") == NULL)
		json_object_set_new(metadata, "generation", json_integer(1));
}

void
metadata_complete_replacement(const struct resource *resource, const json_t *before, json_t *object)
{
	static const char *const kept[] = {"uid", "creationTimestamp", "resourceVersion"};
	const json_t *old = json_object_get(before, "metadata");
	json_t *metadata = json_object_get(object, "metadata");
	json_int_t generation = json_integer_value(json_object_get(old, "generation"));

	for (size_t i = 0; i < array_length(kept); i++)
		set_text(metadata, kept[i], tree_text(old, kept[i]));
	if (resource->group[0] != '\0')
		json_object_set_new(metadata, "generation",
		                    json_integer(generation + is_desire_changed(resource, before, object)));
}
