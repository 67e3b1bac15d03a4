#include "core/fiaas/locate.h"

#include <stdlib.h>
#include <string.h>

/* One step: "[3]" or a key up to the next "." or "[".  Keys may themselves hold dots, so the longest
 * key that fits is taken. */
static const struct yaml_node *
step(const struct yaml_node *at, const char *path, size_t *ret_length)
{
	const struct yaml_node *found = NULL;
	*ret_length = 0;
	if (*path == '[') {
		char *end;
		size_t index = strtoul(path + 1, &end, 10);
		*ret_length = (size_t)(end - path) + (*end == ']');
		return at->kind == YAML_KIND_LIST && index < at->count ? at->items[index] : NULL;
	}
	for (size_t i = 0; at->kind == YAML_KIND_MAP && i < at->count; i++) {
		const char *key = at->pairs[i].key->text;
		size_t length = strlen(key);
		bool fits = strncmp(path, key, length) == 0 && strchr(".[", path[length]) != NULL;
		if (fits && length > *ret_length) {
			*ret_length = length;
			found = at->pairs[i].value;
		}
	}
	return found;
}

const struct yaml_node *
fiaas_locate(const struct yaml_node *root, const char *path)
{
	const struct yaml_node *at = root;
	while (at != NULL && *path != '\0') {
		size_t length;
		const struct yaml_node *next = step(at, path, &length);
		if (next == NULL)
			break;
		at = next;
		path += length;
		path += *path == '.';
	}
	return at;
}
