#include "core/difference/image.h"

#include <string.h>

#include "base/compiler.h"

/* Where the operator writes them (reference/fiaas.md): the end of a path. */
static const char *const places[] = {
	"labels[fiaas/version]", "env[FIAAS_VERSION].value", "env[VERSION].value",
	"env[FIAAS_IMAGE].value", "env[IMAGE].value",
};

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);
	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static bool
is_container_image(const char *path)
{
	return strstr(path, "ontainers[") != NULL && ends_with(path, "].image");
}

static bool
is_place(const char *path)
{
	for (size_t i = 0; i < array_length(places); i++)
		if (ends_with(path, places[i]))
			return true;
	return is_container_image(path);
}

static bool
is_said_by(const struct object_difference *object, const struct change *change, const char *kind)
{
	if (strcmp(object->kind, kind) != 0 || !json_is_string(change->before) || !json_is_string(change->after))
		return false;
	return strcmp(kind, "Application") == 0 ? strcmp(change->path, "spec.image") == 0 : is_container_image(change->path);
}

static struct image_change
find_in(const struct differences *differences, const char *kind)
{
	for (size_t i = 0; i < differences->count; i++) {
		const struct object_difference *object = &differences->items[i];
		for (size_t k = 0; object->action == OBJECT_CHANGE && k < object->changes.count; k++) {
			const struct change *change = &object->changes.items[k];
			if (is_said_by(object, change, kind))
				return (struct image_change){json_string_value(change->before), json_string_value(change->after), change};
		}
	}
	return (struct image_change){0};
}

struct image_change
image_change_find(const struct differences *differences)
{
	struct image_change image = find_in(differences, "Application");
	return image.change != NULL ? image : find_in(differences, "Deployment");
}

/* "1.4" of "registry:5000/shop:1.4". */
static const char *
tag_of(const char *image)
{
	const char *colon = strrchr(image, ':');
	return colon != NULL && strchr(colon, '/') == NULL ? colon + 1 : "";
}

bool
image_change_carries(const struct image_change *image, const struct change *change)
{
	const char *before = json_string_value(change->before), *after = json_string_value(change->after);
	if (image->change == NULL || change == image->change || before == NULL || after == NULL || !is_place(change->path))
		return false;
	return (strcmp(before, image->before) == 0 && strcmp(after, image->after) == 0) ||
	       (strcmp(before, tag_of(image->before)) == 0 && strcmp(after, tag_of(image->after)) == 0);
}
