/* A settings file of any bytes: an edit is refused, or reads back as what was set. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/settings_edit.h"
#include "data/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct settings_edit edits[] = {
		{NULL, "team", "it's #1"}, {NULL, "team", NULL}, {"aliases", "d", "deploy"}, {"aliases", "d", NULL}};
	for (size_t i = 0; i < array_length(edits); i++) {
		struct arena arena = {0};
		struct error err;
		struct yaml_node *root;
		const char *bytes = arena_strndup(&arena, (const char *)data, size), *after;
		size_t length;
		if (settings_edit(bytes, size, "config.yml", &edits[i], &arena, &after, &length, &err)) {
			if (!yaml_parse(after, length, "config.yml", &yaml_limits_default, &arena, &root, &err))
				abort();
			const struct yaml_node *map = edits[i].section ? yaml_get(root, edits[i].section) : root;
			const struct yaml_node *value = yaml_get(map, edits[i].key);
			if (edits[i].value ? !value || strcmp(value->text, edits[i].value) != 0 : value != NULL)
				abort();
		}
		arena_release(&arena);
	}
	return 0;
}
