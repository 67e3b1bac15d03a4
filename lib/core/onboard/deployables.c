#include "core/onboard/deployables.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/onboard/inspecting.h"

enum { FOLDERS_MAX = 500, DEPTH_MAX = 4, NAME_MAX_LENGTH = 63 };

static const char *const containers[] = {"Dockerfile", "Containerfile", "fiaas.yml"};
static const char *const no_applications[] = {"test", "tests", "example", "examples", "docs", "doc", "e2e",
                                              "fixtures",
                                              "testdata", "samples", "docker", "scripts", "tools"};

static bool
is_one_of(const char *name, const char *const *names, size_t n_names)
{
	for (size_t i = 0; i < n_names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Its name says that nothing in it is deployed, at any level. */
static bool
is_aside(const char *folder)
{
	unsigned depth = 0;
	for (const char *at = folder; *at != '\0'; depth++) {
		char part[NAME_MAX_LENGTH + 1] = "";
		size_t length = strcspn(at, "/");
		if (length <= NAME_MAX_LENGTH)
			memcpy(part, at, length);
		if (*at == '.' || is_one_of(part, no_applications, array_length(no_applications)))
			return true;
		at += length + (at[length] == '/');
	}
	return depth > DEPTH_MAX;
}

char *
deployable_name(const char *text, struct arena *arena)
{
	char *name = arena_strdup(arena, text);
	size_t used = 0;
	for (const char *c = text; *c != '\0' && used < NAME_MAX_LENGTH; c++) {
		bool is_fine = isalnum((unsigned char)*c) != 0;
		if (is_fine || (used > 0 && name[used - 1] != '-'))
			name[used++] = is_fine ? (char)tolower((unsigned char)*c) : '-';
	}
	while (used > 0 && name[used - 1] == '-')
		used--;
	name[used] = '\0';
	return name;
}

/* ---- collecting ---- */

static struct deployable *
find(struct deployable *list, size_t count, const char *folder)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].folder, folder) == 0)
			return &list[i];
	return NULL;
}

/* Of cart/src it is cart that tells. */
static const char *
telling_folder(const char *folder, struct arena *arena)
{
	static const char *const plain[] = {"src", "app"};
	const char *parent = listing_folder(folder, arena);
	return *parent != '\0' && is_one_of(listing_base_name(folder), plain, array_length(plain)) ? parent : folder;
}

static void
add(struct listing *tree, struct deployable *list, size_t *count, const char *folder, const char *sign)
{
	if (*count == DEPLOYABLES_MAX || find(list, *count, folder) != NULL)
		return;
	const char *telling = listing_base_name(telling_folder(folder, tree->arena));
	list[(*count)++] = (struct deployable){folder, deployable_name(telling, tree->arena), sign};
}

/* Without files of its own that say so, a folder must hold a server. */
static void
add_servers(struct listing *tree, struct deployable *list, size_t *count)
{
	size_t n_looked = 0;
	for (size_t i = 0; i < tree->count && n_looked < FOLDERS_MAX; i++) {
		const char *path = tree->files[i].path, *name = listing_base_name(path), *folder = listing_folder(path, tree->arena);
		size_t length = strlen(name);
		bool is_manifest = is_one_of(name, manifest_names, n_manifest_names) ||
		                   (length > 7 && strcmp(name + length - 7, ".csproj") == 0);
		struct inspection found;
		if (!is_manifest || is_aside(folder) || find(list, *count, folder) != NULL)
			continue;
		n_looked++;
		inspect(tree, folder, &(struct inspect_answers){0}, &found);
		if (inspection_is_server(&found))
			add(tree, list, count, folder, path);
	}
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct deployable *)a)->folder, ((const struct deployable *)b)->folder);
}

/* A .NET project one folder below is its parent's entry point, as a Dockerfile at the root serves all
 * of a repository: who stands above and has one keeps what is below without one. */
static void
drop_covered(struct deployable *list, size_t *count)
{
	size_t kept = 0;
	bool root_has_container = *count > 0 && list[0].folder[0] == '\0' && list[0].sign[0] != '\0' &&
	                          is_one_of(listing_base_name(list[0].sign), containers, array_length(containers));
	for (size_t i = 0; i < *count; i++) {
		bool has_container = is_one_of(listing_base_name(list[i].sign), containers, array_length(containers));
		if (i == 0 || !root_has_container || has_container)
			list[kept++] = list[i];
	}
	*count = kept;
}

/* Folders of the same name are called by their whole path. */
static void
tell_apart(struct deployable *list, size_t count, struct arena *arena)
{
	bool *is_double = arena_array(arena, bool, count + 1);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			is_double[i] |= i != k && strcmp(list[i].name, list[k].name) == 0;
	for (size_t i = 0; i < count; i++)
		if (is_double[i])
			list[i].name = deployable_name(list[i].folder, arena);
}

struct deployable *
deployables_find(struct listing *tree, size_t *ret_count)
{
	struct deployable *list = arena_array(tree->arena, struct deployable, DEPLOYABLES_MAX);
	size_t count = 0;
	for (size_t i = 0; i < tree->count; i++) {
		const char *path = tree->files[i].path, *folder = listing_folder(path, tree->arena);
		if (!is_aside(folder) && is_one_of(listing_base_name(path), containers, array_length(containers)))
			add(tree, list, &count, folder, path);
	}
	add_servers(tree, list, &count);
	qsort(list, count, sizeof *list, compare);
	drop_covered(list, &count);
	tell_apart(list, count, tree->arena);
	*ret_count = count;
	return list;
}
