#include "core/names/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "core/names/prune.h"
#include "core/names/target.h"
#include "data/platform.h"

static const char key[] = "pods /p.yml#1 dev s c k team";
static struct arena arena;
static struct error err;
static char folder[64];
static const char *path;

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/core-names-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	setenv("XDG_CACHE_HOME", folder, 1);
	path = names_path(key, &arena);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unsetenv("XDG_CACHE_HOME");
	int status = system(arena_printf(&arena, "rm -rf '%s'", folder));
	arena_release(&arena);
	return status;
}

static bool
parses(const char *text)
{
	struct names names;
	return names_parse(text, strlen(text), key, &arena, &names);
}

#define FILE_OF(lines) "paas names 1\npods /p.yml#1 dev s c k team\n" lines

/* ---- the file ---- */

static void
test_names__what_is_written_is_read(void **state)
{
	(void)state;
	scoped(buf_release) struct buf buf = BUF_INIT(NAMES_FILE_MAX);
	struct names names = names_new(&arena), read;
	names_add(&names, "shop-5d4f-x", "", &arena);
	names_add(&names, "localhost:5000/team/shop:1.0", "shop", &arena);
	assert_true(names_format(&names, key, &buf));
	assert_string_equal(buf.bytes, FILE_OF("shop-5d4f-x\nlocalhost:5000/team/shop:1.0\tshop\nend 2\n"));
	assert_true(names_parse(buf.bytes, buf.length, key, &arena, &read));
	assert_int_equal(read.count, 2);
	assert_string_equal(read.entries[0].name, "shop-5d4f-x");
	assert_string_equal(read.entries[0].application, "");
	assert_string_equal(read.entries[1].name, "localhost:5000/team/shop:1.0");
	assert_string_equal(read.entries[1].application, "shop");
}

static void
test_names__a_file_with_anything_wrong_is_not_read(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"", "paas names 1\n", "paas names 2\npods /p.yml#1 dev s c k team\nend 0\n",
		"paas names 1\npods /other.yml#1 dev s c k team\nend 0\n",
		"paas names 1\npods /p.yml#1 dev s c k team two\nend 0\n",
		FILE_OF(""), FILE_OF("a\n"), FILE_OF("a\nend 1"), FILE_OF("a\nend 2\n"), FILE_OF("a\nend 1\nb\n"),
		FILE_OF("a\nend 1\n\n"), FILE_OF("a\nend x\n"), FILE_OF("\nend 1\n"), FILE_OF("a b\nend 1\n"),
		FILE_OF("a\033[31m\nend 1\n"), FILE_OF("-a\nend 1\n"), FILE_OF("a\tb\tc\nend 1\n"),
		FILE_OF("a\t\nend 1\n"), FILE_OF("\xc3\xa4\nend 1\n"), FILE_OF("a\r\nend 1\n"),
	};
	assert_true(parses(FILE_OF("end 0\n")));
	assert_true(parses(FILE_OF("a\nend\nend 2\n")));
	for (size_t i = 0; i < array_length(wrong); i++)
		if (parses(wrong[i]))
			fail_msg("was read: %s", wrong[i]);
}

static void
test_names__every_cut_of_a_file_is_refused(void **state)
{
	(void)state;
	static const char whole[] = FILE_OF("a\nb\tshop\nend 2\n");
	struct names names;
	assert_true(parses(whole));
	for (size_t length = 0; length < sizeof whole - 1; length++)
		assert_false(names_parse(whole, length, key, &arena, &names));
	assert_false(names_parse(whole, sizeof whole, key, &arena, &names)); /* a NUL after it */
}

static void
test_names__only_names_are_taken_and_each_once(void **state)
{
	(void)state;
	char long_name[400];
	struct names names = names_new(&arena);
	memset(long_name, 'a', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	const char *const hostile[] = {"", "a b", "a\tb", "a\nb", "$(id)", "-rf", "a;b", "a'b", "\x1b[2J", long_name};
	for (size_t i = 0; i < array_length(hostile); i++)
		names_add(&names, hostile[i], "", &arena);
	names_add(&names, "a", "b c", &arena);
	assert_int_equal(names.count, 0);
	names_add(&names, "shop:1", "shop", &arena);
	names_add(&names, "shop:1", "shop", &arena);
	names_add(&names, "shop:1", "cart", &arena);
	assert_int_equal(names.count, 2);
}

static void
test_names__a_list_has_an_end(void **state)
{
	(void)state;
	struct names names = names_new(&arena);
	scoped(buf_release) struct buf buf = BUF_INIT(NAMES_FILE_MAX);
	for (int i = 0; i <= NAMES_MAX; i++)
		names_add(&names, arena_printf(&arena, "pod-%d", i), "", &arena);
	assert_int_equal(names.count, NAMES_MAX);
	assert_true(names_format(&names, key, &buf));
	assert_true(parses(buf.bytes));
	buf_truncate(&buf, buf.length - strlen("end 10000\n"));
	buf_add_text(&buf, "one-more\nend 10001\n");
	assert_false(parses(buf.bytes));
}

/* ---- whose turn ---- */

static void
set_age(const char *file, long seconds)
{
	struct timespec times[2];
	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= seconds;
	times[1] = times[0];
	assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
}

static void
test_names__one_refreshes_and_not_again_at_once(void **state)
{
	(void)state;
	const char *lock_file = arena_printf(&arena, "%s.lock", path);
	int lock = -1, second = -1;
	assert_int_equal(names_claim(path, &lock), NAMES_MINE);
	assert_true(names_tried_ms(path) < NAMES_FRESH_MS);
	assert_int_equal(names_claim(path, &second), NAMES_OTHERS);
	close(lock);
	assert_int_equal(names_claim(path, &second), NAMES_TRIED);
	set_age(lock_file, 6);
	assert_int_equal(names_claim(path, &lock), NAMES_MINE);
	close(lock);
	assert_int_equal(names_claim(path, &second), NAMES_TRIED);
	set_age(lock_file, -60); /* the clock was set back */
	assert_int_equal(names_claim(path, &lock), NAMES_MINE);
	close(lock);
}

static void
test_names__who_makes_the_lock_file_need_not_lock_it_first(void **state)
{
	(void)state;
	int lock = -1;
	assert_true(file_write(arena_printf(&arena, "%s.lock", path), "", 0, 0600, &err));
	assert_true(names_tried_ms(path) == INT64_MAX);
	assert_int_equal(names_claim(path, &lock), NAMES_MINE);
	close(lock);
}

static void
test_names__files_are_for_their_owner(void **state)
{
	(void)state;
	struct stat status;
	int lock = -1;
	assert_int_equal(names_claim(path, &lock), NAMES_MINE);
	close(lock);
	assert_int_equal(stat(arena_printf(&arena, "%s/paas", folder), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(stat(arena_printf(&arena, "%s.lock", path), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
test_names__without_a_folder_nothing_is_kept(void **state)
{
	(void)state;
	int lock = -1;
	setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
	assert_int_equal(names_claim(names_path(key, &arena), &lock), NAMES_ALONE);
	assert_int_equal(lock, -1);
}

/* ---- what is no longer used ---- */

enum { MONTH_S = 31 * 24 * 60 * 60 };

/* A file beside `path`, last written `age_s` ago. */
static const char *
make_file(const char *name, long age_s)
{
	const char *file = file_beside(&arena, path, name);
	assert_true(file_write(file, "x", 1, 0600, &err));
	set_age(file, age_s);
	return file;
}

static size_t
count_files(void)
{
	FILE *listed = popen(arena_printf(&arena, "ls -A '%s/paas' | wc -l", folder), "r");
	size_t count = 0;
	assert_non_null(listed);
	assert_int_equal(fscanf(listed, "%zu", &count), 1);
	pclose(listed);
	return count;
}

static void
test_names__what_nobody_uses_is_removed(void **state)
{
	(void)state;
	const char *const old[] = {
		make_file("names-0123456789abcdef", MONTH_S), make_file("names-0123456789abcdef.lock", MONTH_S),
		make_file("names-1123456789abcdef", MONTH_S), make_file("names-2123456789abcdef.lock", MONTH_S),
		make_file("names-3123456789abcdef.Xy12zA", MONTH_S),
	};
	names_prune(path);
	for (size_t i = 0; i < array_length(old); i++)
		if (file_exists(old[i]))
			fail_msg("is still there: %s", old[i]);
	names_prune(path);
	names_prune("/proc/nowhere/names-0123456789abcdef");
}

static void
test_names__what_is_used_or_foreign_stays(void **state)
{
	(void)state;
	const char *const kept[] = {
		make_file("names-0123456789abcdef", MONTH_S), /* its server is dead, and still asked */
		make_file("names-0123456789abcdef.lock", 60),
		make_file("names-1123456789abcdef", MONTH_S - 2 * 24 * 60 * 60),
		make_file("names-2123456789abcdef", -MONTH_S), /* a clock that was set back */
		make_file("names-3123456789abcdef.Xy12zA", 60),
		make_file("names-4123456789abcde", MONTH_S), make_file("names-4123456789abcdef0", MONTH_S),
		make_file("names-4123456789abcdeg", MONTH_S), make_file("names-4123456789abcdef.bak", MONTH_S),
		make_file("names-", MONTH_S), make_file("notes", MONTH_S), make_file(".names-4123456789abcdef", MONTH_S),
	};
	const char *held = make_file("names-5123456789abcdef.lock", MONTH_S);
	int lock = open(held, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	names_prune(path);
	for (size_t i = 0; i < array_length(kept); i++)
		if (!file_exists(kept[i]))
			fail_msg("is gone: %s", kept[i]);
	assert_true(file_exists(held));
	close(lock);
	names_prune(path);
	assert_false(file_exists(held));
}

static void
test_names__no_link_and_no_folder_is_followed_or_removed(void **state)
{
	(void)state;
	const char *outside = arena_printf(&arena, "%s/names-0123456789abcdef", folder);
	assert_true(file_write(outside, "x", 1, 0600, &err));
	set_age(outside, MONTH_S);
	const char *link = file_beside(&arena, path, "names-0123456789abcdef");
	const char *inner = file_beside(&arena, path, "names-1123456789abcdef");
	const char *inside = make_file("names-1123456789abcdef/names-2123456789abcdef", MONTH_S);
	assert_int_equal(symlink(outside, link), 0);
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	assert_int_equal(utimensat(AT_FDCWD, link, times, AT_SYMLINK_NOFOLLOW), 0);
	set_age(inner, MONTH_S);
	names_prune(path);
	assert_true(file_exists(outside));
	assert_true(file_exists(link));
	assert_true(file_exists(inside));
	const char *other = arena_printf(&arena, "%s/other", folder);
	assert_int_equal(symlink(folder, other), 0);
	names_prune(arena_printf(&arena, "%s/names-0123456789abcdef", other));
	assert_true(file_exists(outside));
	names_prune(outside);
	assert_false(file_exists(outside));
}

static void
test_names__a_full_folder_is_pruned_piece_by_piece(void **state)
{
	(void)state;
	enum { FILES = NAMES_PRUNE_MAX + 100 };
	for (int i = 0; i < FILES; i++)
		make_file(arena_printf(&arena, "names-%016x", (unsigned)i), MONTH_S);
	names_prune(path);
	size_t left = count_files();
	assert_true(left >= FILES - NAMES_PRUNE_MAX && left < FILES / 2);
	names_prune(path);
	assert_int_equal(count_files(), 0);
}

/* ---- what to ask ---- */

static struct platform_cluster clusters[] = {
	{.name = "dev", .kubeconfig_context = "d"}, {.name = "pro", .server = "https://pro.example"},
};
static struct platform_environment environments[] = {
	{.name = "dev", .cluster = &clusters[0], .namespace = "{team}"},
	{.name = "test", .cluster = &clusters[0], .namespace = "{team}"},
	{.name = "pro", .cluster = &clusters[1], .namespace = "{team}-{name}"},
};
static struct platform_team teams[] = {{.name = "payments"}, {.name = "search"}};
static const struct platform platform = {
	.path = "/p.yml", .serial = 7, .environments = environments, .n_environments = 3, .teams = teams, .n_teams = 2,
};

/* "dev/payments (dev, test) pro/payments-shop (pro)" */
static const char *
targets_of(struct names_question question)
{
	struct names_target targets[NAMES_TARGETS_MAX];
	size_t n = names_targets(&platform, &question, &arena, targets);
	const char *all = "";
	for (size_t i = 0; i < n; i++)
		all = arena_printf(&arena, "%s%s%s/%s (%s)", all, i > 0 ? " " : "", targets[i].cluster->name,
		                   targets[i].namespace, targets[i].environments);
	return all;
}

static void
test_names__each_namespace_is_asked_once(void **state)
{
	(void)state;
	assert_string_equal(targets_of((struct names_question){.team = "payments", .name = "shop"}),
	                    "dev/payments (dev, test) pro/payments-shop (pro)");
	assert_string_equal(targets_of((struct names_question){.team = "payments", .name = "shop", .environment = "pro"}),
	                    "pro/payments-shop (pro)");
	assert_string_equal(targets_of((struct names_question){.team = "payments"}), "dev/payments (dev, test)");
	assert_string_equal(targets_of((struct names_question){0}), "dev/payments (dev, test) dev/search (dev, test)");
	assert_string_equal(targets_of((struct names_question){.environment = "nowhere"}), "");
}

static void
test_names__another_cluster_or_kind_is_another_list(void **state)
{
	(void)state;
	struct names_target targets[NAMES_TARGETS_MAX];
	setenv("KUBECONFIG", "/k1", 1);
	struct names_question question = {.kind = NAMES_PODS, .team = "payments", .name = "shop"};
	assert_int_equal(names_targets(&platform, &question, &arena, targets), 2);
	assert_string_equal(targets[0].key, "pods /p.yml#7 dev  d /k1 payments");
	assert_string_equal(targets[1].key, "pods /p.yml#7 pro https://pro.example   payments-shop");
	setenv("KUBECONFIG", "/k2", 1);
	question.kind = NAMES_RELEASES;
	assert_int_equal(names_targets(&platform, &question, &arena, targets), 2);
	assert_string_equal(targets[0].key, "releases /p.yml#7 dev  d /k2 payments");
	assert_string_equal(targets[0].path, names_path(targets[0].key, &arena));
	unsetenv("KUBECONFIG");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_names__##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_read),
		TEST(a_file_with_anything_wrong_is_not_read),
		TEST(every_cut_of_a_file_is_refused),
		TEST(only_names_are_taken_and_each_once),
		TEST(a_list_has_an_end),
		TEST(one_refreshes_and_not_again_at_once),
		TEST(who_makes_the_lock_file_need_not_lock_it_first),
		TEST(files_are_for_their_owner),
		TEST(without_a_folder_nothing_is_kept),
		TEST(what_nobody_uses_is_removed),
		TEST(what_is_used_or_foreign_stays),
		TEST(no_link_and_no_folder_is_followed_or_removed),
		TEST(a_full_folder_is_pruned_piece_by_piece),
		TEST(each_namespace_is_asked_once),
		TEST(another_cluster_or_kind_is_another_list),
	};
	return cmocka_run_group_tests_name("core/names", tests, NULL, NULL);
}
