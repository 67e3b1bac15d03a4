/* What the manifests of all languages come to: dependencies, a version, commands. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/onboard/inspecting.h"

const char *const manifest_names[] = {"package.json",   "pom.xml",          "build.gradle", "build.gradle.kts",
                                      "go.mod",         "pyproject.toml",   "Pipfile",      "requirements.txt",
                                      "Gemfile",        "composer.json",    "Cargo.toml",   "build.sbt"};
const size_t n_manifest_names = array_length(manifest_names);

enum { DEPENDENCIES_MAX = 2000, VERSION_MAX_BYTES = 40 };

void
manifest_add(struct inspecting *in, struct manifest *manifest, const char *name, const char *version,
             const char *file,
               unsigned line)
{
	if (manifest->n_dependencies == DEPENDENCIES_MAX)
		return;
	if (manifest->n_dependencies == manifest->capacity) {
		size_t capacity = manifest->capacity != 0 ? manifest->capacity * 2 : 32;
		struct dependency *list = arena_array(in->arena, struct dependency, capacity);
		if (manifest->n_dependencies > 0)
			memcpy(list, manifest->dependencies, manifest->n_dependencies * sizeof *list);
		manifest->dependencies = list;
		manifest->capacity = capacity;
	}
	manifest->dependencies[manifest->n_dependencies++] = (struct dependency){name, version, file, line};
}

const struct dependency *
manifest_find(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->n_dependencies; i++)
		if (strcasecmp(manifest->dependencies[i].name, name) == 0)
			return &manifest->dependencies[i];
	return NULL;
}

void
manifest_set_version(struct inspecting *in, struct manifest *manifest, const char *value, const char *file,
                     unsigned line,
            const char *reason)
{
	if (manifest->version.value != NULL || value == NULL)
		return;
	size_t length = strcspn(value, "\r\n");
	while (length > 0 && isspace((unsigned char)value[length - 1]))
		length--;
	if (length == 0 || length > VERSION_MAX_BYTES || *value == '$' || *value == '{')
		return;
	manifest->version = (struct fact){arena_strndup(in->arena, value, length), file, line, reason, FACT_STATED};
}

/* A file that holds a version and nothing else: the first wins. */
void
manifest_version_from_files(struct inspecting *in, struct manifest *manifest, const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *path, *text = inspecting_read(in, *names, &path);
		if (text == NULL)
			continue;
		unsigned line = 1;
		while (*text == '#' || *text == '\n') {
			text += strcspn(text, "\n");
			text += *text == '\n';
			line++;
		}
		manifest_set_version(in, manifest, text + (*text == 'v'), path, line, "");
	}
}

void
manifest_version_from_property(struct inspecting *in, struct manifest *manifest, const char *name, const char *key)
{
	const char *path, *text = inspecting_read(in, name, &path);
	unsigned line = 0;
	if (text != NULL)
		manifest_set_version(in, manifest, scan_property(text, key, in->arena, &line), path, line, key);
}

void
manifest_set_commands(struct manifest *manifest, const char *build, const char *test, const char *file)
{
	manifest->build = (struct fact){build, file, 0, "", FACT_DERIVED};
	manifest->test = (struct fact){test, file, 0, "", FACT_DERIVED};
}
