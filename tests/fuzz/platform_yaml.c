/* Any bytes as a platform file, a settings file and .paas.yml.
 * What is accepted is whole: each environment has its cluster, each cluster a way in. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "data/platform.h"
#include "data/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
expect_whole(const struct platform *platform)
{
	if (platform->n_environments == 0)
		abort();
	for (size_t i = 0; i < platform->n_environments; i++) {
		const struct platform_environment *environment = &platform->environments[i];
		if (!environment->name || !environment->namespace || !environment->cluster)
			abort();
		if (!environment->cluster->server && !environment->cluster->kubeconfig &&
		    !environment->cluster->kubeconfig_context)
			abort();
	}
}

static void
read_settings(const char *bytes, size_t length, enum setting_level level, struct arena *arena)
{
	struct problems problems = {.arena = arena, .file = "fuzz"};
	struct settings settings = {.arena = arena};
	struct yaml_node *root = NULL;
	struct error err;
	if (yaml_parse(bytes, length, "fuzz", &yaml_limits_default, arena, &root, &err) && root &&
	    root->kind == YAML_KIND_MAP)
		settings_read_map(&settings, root, level, NULL, &problems);
	if (settings_text(&settings, SETTING_PLATFORM) && level == SETTING_REPOSITORY)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena arena = {0};
	struct problems problems = {.arena = &arena};
	const struct platform *platform = NULL;
	struct error err;
	char path[40];
	int fd = memfd_create("platform", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (platform_load(path, &arena, &problems, &platform, &err))
		expect_whole(platform);
	else if (!problems.n_errors || !err.why[0])
		abort();
	read_settings((const char *)bytes, length, SETTING_USER, &arena);
	read_settings((const char *)bytes, length, SETTING_REPOSITORY, &arena);
	close(fd);
	arena_release(&arena);
	return 0;
}
