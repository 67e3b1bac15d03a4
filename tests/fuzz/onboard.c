/* Any bytes as the files of a repository: inspected, and a fiaas.yml made of it.
 * Files are separated by 0x1e; the first byte of each chooses its name.  Whatever they hold, what is
 * proposed is YAML of version 3, and nothing of them stands outside of comments and quoted values. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "core/onboard/deployables.h"
#include "core/onboard/listing.h"
#include "core/onboard/propose.h"
#include "data/json.h"
#include "data/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const names[] = {
	".nvmrc", "Cargo.toml", "Containerfile", "Dockerfile", "Gemfile", "Procfile", "Rocket.toml", "app/main.go", "app/main.py",
	"appsettings.json", "artisan", "build.gradle", "build.sbt", "composer.json", "config/application.rb", "config/routes.rb",
	"fiaas.yml", "global.json", "go.mod", "main.rs", "manage.py", "package.json", "pom.xml", "program.cs", "project/plugins.sbt",
	"pyproject.toml", "requirements.txt", "server.js", "setup.py", "shop.csproj", "src/main/resources/application.properties",
	"src/main/resources/application.yml",
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct listing_file *)a)->path, ((const struct listing_file *)b)->path);
}

static void
add(struct listing *tree, const char *name, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < tree->count; i++)
		if (strcmp(tree->files[i].path, name) == 0)
			return;
	char *text = arena_strndup(tree->arena, (const char *)bytes, length);
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\0')
			text[i] = ' '; /* a file with NUL bytes is not read */
	tree->files[tree->count++] = (struct listing_file){.path = name, .text = text, .length = length, .was_tried = true};
}

static void
check_proposal(const struct inspection *found, struct arena *arena)
{
	char *text = propose(found, "", "schema.json", arena);
	struct yaml_node *root = NULL;
	struct error err;
	if (!yaml_parse(text, strlen(text), "proposal", &yaml_limits_default, arena, &root, &err) || yaml_get(root, "version") == NULL)
		abort();
	static const char *const keys[] = {"version", "ports", "healthchecks", "metrics", "resources"};
	for (size_t i = 0; i < root->count; i++) {
		bool is_known = false;
		for (size_t k = 0; k < array_length(keys); k++)
			is_known |= strcmp(root->pairs[i].key->text, keys[k]) == 0;
		if (!is_known)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena arena = {0};
	struct listing tree = {.arena = &arena, .fd = -1, .files = arena_array(&arena, struct listing_file, array_length(names))};
	struct inspection found;
	size_t n_deployables;
	for (const uint8_t *at = bytes, *end = bytes + length; at < end;) {
		const uint8_t *stop = memchr(at, 0x1e, (size_t)(end - at));
		stop = stop != NULL ? stop : end;
		if (stop > at && tree.count < array_length(names))
			add(&tree, names[*at % array_length(names)], at + 1, (size_t)(stop - at - 1));
		at = stop + 1;
	}
	if (tree.count > 0)
		qsort(tree.files, tree.count, sizeof *tree.files, compare);
	inspect(&tree, "", &(struct inspect_answers){0}, &found);
	check_proposal(&found, &arena);
	inspect(&tree, "", &(struct inspect_answers){.port = "9000"}, &found);
	check_proposal(&found, &arena);
	(void)deployables_find(&tree, &n_deployables);
	arena_release(&arena);
	return 0;
}
