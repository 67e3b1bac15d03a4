#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static struct arena arena;

static int
set_up(void **state)
{
	(void)state;
	strncpy(folder, "/tmp/paas-file-XXXXXX", sizeof folder - 1);
	return mkdtemp(folder) == NULL;
}

static int
tear_down(void **state)
{
	char command[128];
	(void)state;
	arena_release(&arena);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static void
test_file__comes_back_as_written(void **state)
{
	struct error err;
	char *bytes;
	size_t length;
	struct stat info;
	char *path = arena_printf(&arena, "%s/deep/er/name", folder);
	(void)state;
	assert_true(file_write(path, "a\0b", 3, 0600, &err));
	assert_true(file_read(path, 100, &arena, &bytes, &length, &err));
	assert_int_equal(length, 3);
	assert_memory_equal(bytes, "a\0b", 4);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(stat(arena_printf(&arena, "%s/deep", folder), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
}

static void
test_file__larger_than_allowed_is_refused(void **state)
{
	struct error err;
	char *bytes;
	size_t length;
	char *path = arena_printf(&arena, "%s/name", folder);
	(void)state;
	assert_true(file_write(path, "12345", 5, 0600, &err));
	assert_true(file_read(path, 5, &arena, &bytes, &length, &err));
	assert_false(file_read(path, 4, &arena, &bytes, &length, &err));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
}

static void
test_file__absent_is_told_apart(void **state)
{
	struct error err;
	char *bytes;
	size_t length;
	(void)state;
	assert_false(file_read(arena_printf(&arena, "%s/none", folder), 4, &arena, &bytes, &length, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_false(file_read(folder, 4, &arena, &bytes, &length, &err));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
}

/* A full disk, as the kernel tells it: writes past the limit fail. */
static void
test_file__a_failed_write_leaves_the_old_file_and_no_sibling(void **state)
{
	struct error err;
	char *bytes;
	size_t length;
	static char large[64 * 1024];
	char *path = arena_printf(&arena, "%s/name", folder);
	(void)state;
	assert_true(file_write(path, "old", 3, 0600, &err));
	struct rlimit before, small;
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){1024, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	bool written = file_write(path, large, sizeof large, 0600, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_false(written);
	assert_int_equal(err.code, ERROR_FILE);
	assert_true(file_read(path, 100, &arena, &bytes, &length, &err));
	assert_string_equal(bytes, "old");
	assert_int_equal(system(arena_printf(&arena, "test \"$(ls %s)\" = name", folder)), 0);
}

static void
test_file__relative_xdg_values_count_as_unset(void **state)
{
	(void)state;
	setenv("HOME", "/home/x", 1);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_string_equal(file_config_path(&arena, "config.yml"), "/home/x/.config/paas/config.yml");
	setenv("XDG_CONFIG_HOME", "/etc/xdg", 1);
	assert_string_equal(file_config_path(&arena, "config.yml"), "/etc/xdg/paas/config.yml");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("HOME");
	assert_null(file_config_path(&arena, "config.yml"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file__comes_back_as_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file__larger_than_allowed_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file__absent_is_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file__a_failed_write_leaves_the_old_file_and_no_sibling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file__relative_xdg_values_count_as_unset, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
