/* Where the store lies and how it is written: who else may write there, what is in the way, and what a full disk, a killed
 * process or fifty at once leave behind.
 * covers: token-store-9.21 token-store-9.23 token-store-9.24 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/fiber.h"
#include "base/loop.h"
#include "store_fixture.h"

static int
shell(const char *command)
{
	return system(arena_printf(&arena, "cd %s; %s", folder, command));
}

static mode_t
mode_of(const char *name)
{
	struct stat info;
	return stat(in_folder(name), &info) == 0 ? info.st_mode & 07777 : 0;
}

/* How many things are in the store's folder. */
static int
count_files(void)
{
	int count = 0;
	DIR *entries = opendir(in_folder("store"));
	for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
		count += entry->d_name[0] != '.' || entry->d_name[1] == 't';
	closedir(entries);
	return count;
}

static bool
opens(struct error *err)
{
	struct token_store *store;
	if (!token_store_open(&(struct token_store_options){.folder = in_folder("store"), .keys = &by_file}, &store, err))
		return false;
	token_store_close(&store);
	return true;
}

/* ---- lesson 23: never readable by others, not for an instant ---- */

static void
test_folder__lesson_23_made_for_the_owner_alone_whatever_the_umask(void **state)
{
	struct error err;
	(void)state;
	umask(0);
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	assert_true(put_numbered(store, 1, &err));
	assert_int_equal(mode_of("store"), 0700);
	assert_int_equal(mode_of("store/tokens"), 0600);
	assert_int_equal(mode_of("store/tokens.lock"), 0600);
	assert_int_equal(mode_of(".local/state/paas/token-generations"), 0600);
	umask(022);
}

static void
test_folder__others_may_neither_write_there_nor_read_the_file(void **state)
{
	struct error err = {0};
	struct token_list *list;
	(void)state;
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	assert_true(put_numbered(store, 1, &err));
	assert_int_equal(shell("chmod 640 store/tokens"), 0);
	assert_false(token_store_read(store, &list, &err));
	assert_int_equal(err.code, ERROR_FILE);
	assert_non_null(strstr(err.next, "chmod 600"));
	assert_int_equal(shell("chmod 770 store"), 0);
	assert_false(opens(&err));
	assert_int_equal(err.code, ERROR_FILE);
	assert_non_null(strstr(err.next, "chmod 700"));
	assert_int_equal(shell("chmod 755 store; chmod 600 store/tokens"), 0);
	assert_true(opens(&err));
}

static void
test_folder__that_of_another_user_is_refused(void **state)
{
	struct error err = {0};
	struct token_list *list;
	(void)state;
	if (geteuid() != 0)
		skip();
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	assert_true(put_numbered(store, 1, &err));
	assert_int_equal(shell("chown 65534 store/tokens"), 0);
	assert_false(token_store_read(store, &list, &err));
	assert_non_null(strstr(err.why, "another user's"));
	assert_false(put_numbered(store, 2, &err));
	assert_int_equal(shell("chown 65534 store"), 0);
	assert_false(opens(&err));
	assert_non_null(strstr(err.why, "another user's"));
}

/* ---- lesson 24: links in the way ---- */

static void
test_folder__lesson_24_a_link_to_the_folder_or_above_it_is_refused(void **state)
{
	struct error err = {0};
	(void)state;
	static const char *const ways[] = {"mkdir real; ln -s real store", "mkdir -p real/store; ln -s real up", "ln -s nowhere store", "touch store"};
	static const char *const paths[] = {"store", "up/store", "store", "store"};
	for (size_t i = 0; i < array_length(ways); i++) {
		struct token_store *store;
		assert_int_equal(shell("rm -rf store real up"), 0);
		assert_int_equal(shell(ways[i]), 0);
		if (token_store_open(&(struct token_store_options){.folder = in_folder(paths[i]), .keys = &by_file}, &store, &err) ||
		    err.code != ERROR_FILE || (i < 3 && strstr(err.why, "symbolic link") == NULL))
			fail_msg("way %zu: %s", i, err.why);
		assert_int_equal(shell("test ! -e nowhere -a -z \"$(ls real 2>/dev/null | grep -v store)\""), 0);
	}
}

static void
test_folder__lesson_24_a_link_instead_of_a_file_is_refused_and_nothing_behind_it_touched(void **state)
{
	static const struct {
		const char *make, *is_untouched;
	} ways[] = {
		{"echo other >other; ln -s ../other", "test \"$(cat other)\" = other"},
		{"mkdir other; ln -s ../other", "test -z \"$(ls other)\""},
		{"ln -s ../other", "test ! -e other -a ! -L other"},
		{"mkdir", "true"},
	};
	static const char *const names[] = {"tokens", "tokens.lock"};
	(void)state;
	for (size_t i = 0; i < array_length(ways); i++)
		for (size_t j = 0; j < 2; j++) {
			struct error err = {0};
			assert_int_equal(shell("rm -rf store other; mkdir -m 700 store"), 0);
			assert_int_equal(shell(arena_printf(&arena, "%s store/%s", ways[i].make, names[j])), 0);
			scoped(token_store_close) struct token_store *store = open_store(&by_file);
			if (put_numbered(store, 1, &err) || err.code != ERROR_FILE)
				fail_msg("way %zu of %s: %s", i, names[j], err.why);
			assert_int_equal(shell(ways[i].is_untouched), 0);
		}
}

static void
test_folder__lesson_24_what_a_hard_link_leads_to_keeps_its_content(void **state)
{
	struct error err;
	(void)state;
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	assert_true(put_numbered(store, 1, &err));
	assert_int_equal(shell("cp -p store/tokens before; ln store/tokens other; echo mine >diary; chmod 600 diary; rm store/tokens.lock; ln diary store/tokens.lock"), 0);
	assert_true(put_numbered(store, 2, &err));
	assert_int_equal(shell("cmp before other && test \"$(cat diary)\" = mine && ! cmp -s before store/tokens"), 0);
}

/* ---- writing without loss ---- */

static void
test_folder__left_over_temporaries_go_under_the_lock_or_after_an_hour(void **state)
{
	struct error err;
	(void)state;
	assert_int_equal(shell("mkdir -m 700 store"), 0);
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	assert_int_equal(shell("touch store/.tokens.0123456789abcdef store/.tokens.old store/other; touch -d '2 hours ago' store/.tokens.old"), 0);
	assert_true(opens(&err));
	assert_int_equal(count_files(), 2);
	assert_true(token_store_lock(store, 1000, &err));
	assert_int_equal(count_files(), 2); /* the lock itself came */
	assert_int_equal(shell("test -e store/other -a ! -e store/.tokens.0123456789abcdef"), 0);
}

static bool
write_map(const char *path, const char *text)
{
	scoped(file_close_fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, text, strlen(text)) > 0;
}

/* Room for one store of the smallest size, and not for a second beside it; in a name space of our own. */
static bool
mount_small_disk(void)
{
	const char *user = arena_printf(&arena, "%u %u 1", geteuid(), geteuid()), *group = arena_printf(&arena, "%u %u 1", getegid(), getegid());
	return mkdir(in_folder("store"), 0700) == 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_map("/proc/self/uid_map", user) &&
	       write_map("/proc/self/setgroups", "deny") && write_map("/proc/self/gid_map", group) &&
	       mount("none", in_folder("store"), "tmpfs", 0, "size=12k,mode=700") == 0;
}

static void
test_folder__a_full_disk_leaves_the_old_file(void **state)
{
	enum { NO_DISK = 77 };
	(void)state;
	int status;
	pid_t child = fork();
	if (child == 0) {
		struct error err = {0};
		if (!mount_small_disk())
			_exit(NO_DISK);
		scoped(token_store_close) struct token_store *store = open_store(&by_file);
		bool is_first = put_numbered(store, 1, &err), is_second = put_numbered(store, 2, &err);
		scoped(token_list_release) struct token_list *list = list_now(&by_file);
		_exit(is_first && !is_second && err.code == ERROR_FILE && strstr(err.why, "No space left") != NULL &&
		      strncmp(err.next, "make room there", 15) == 0 && token_list_count(list) == 1 && count_files() == 2 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	if (WEXITSTATUS(status) == NO_DISK)
		skip();
	assert_int_equal(status, 0);
}

static void
test_folder__a_limit_on_files_leaves_the_old_one(void **state)
{
	struct error err;
	struct rlimit before;
	(void)state;
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	assert_true(put_numbered(store, 1, &err));
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){4000, before.rlim_max});
	bool is_put = put_numbered(store, 2, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_false(is_put);
	assert_int_equal(err.code, ERROR_FILE);
	assert_non_null(strstr(err.why, "store/tokens: "));
	scoped(token_list_release) struct token_list *list = list_now(&by_file);
	assert_int_equal(token_list_count(list), 1);
	assert_int_equal(count_files(), 2);
	assert_true(put_numbered(store, 2, &err));
}

static void
test_folder__one_that_cannot_be_written_leaves_the_old_file(void **state)
{
	(void)state;
	pid_t child;
	struct error err;
	{
		scoped(token_store_close) struct token_store *store = open_store(&by_file);
		assert_true(put_numbered(store, 1, &err));
	}
	/* root may write anywhere: as somebody else */
	assert_int_equal(shell("chmod 500 store"), 0);
	if (geteuid() == 0)
		assert_int_equal(shell("chown -R 65534 ."), 0);
	child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		scoped(token_store_close) struct token_store *store = open_store(&by_file);
		bool is_put = put_numbered(store, 2, &err);
		scoped(token_list_release) struct token_list *list = list_now(&by_file);
		_exit(!is_put && err.code == ERROR_FILE && strstr(err.why, "Permission denied") != NULL && token_list_count(list) == 1 ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

/* ---- at once ---- */

static void
test_folder__lesson_21_fifty_processes_that_put_lose_nothing(void **state)
{
	enum { PROCESSES = 50 };
	pid_t children[PROCESSES];
	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] != 0)
			continue;
		struct error err;
		struct token_store *store = NULL;
		alarm(100);
		bool is_put = token_store_open(&(struct token_store_options){.folder = in_folder("store"), .keys = &by_file}, &store, &err) &&
		              put_numbered(store, i, &err);
		_exit(is_put ? 0 : 1);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		waitpid(children[i], &status, 0);
		assert_int_equal(status, 0);
	}
	scoped(token_list_release) struct token_list *list = list_now(&by_file);
	assert_int_equal(token_list_count(list), PROCESSES);
	for (int i = 0; i < PROCESSES; i++)
		assert_string_equal(numbered(list, i), arena_printf(&arena, "token-%d", i));
	assert_int_equal(count_files(), 2);
}

struct waiting {
	struct loop *loop;
	struct token_store *holder, *waiter;
	int turns;
	bool is_locked, is_cancelled;
	struct error err;
};

static void
wait_for_lock(void *data)
{
	struct waiting *waiting = data;
	waiting->is_locked = token_store_lock(waiting->waiter, 60000, &waiting->err);
}

/* Goes on while the other waits, then lets go. */
static void
hold_for_some_turns(void *data)
{
	struct waiting *waiting = data;
	struct fiber *fiber = fiber_start(waiting->loop, wait_for_lock, waiting);
	for (; waiting->turns < 5; waiting->turns++)
		fiber_sleep(waiting->loop, 3);
	assert_false(waiting->is_locked);
	if (waiting->is_cancelled)
		fiber_cancel(fiber);
	else
		token_store_unlock(waiting->holder);
	fiber_join(fiber);
}

static void
test_folder__who_waits_for_the_lock_gives_way(void **state)
{
	(void)state;
	for (int is_cancelled = 0; is_cancelled < 2; is_cancelled++) {
		scoped(token_store_close) struct token_store *holder = open_store(&by_file), *waiter = open_store(&by_file);
		struct waiting waiting = {.holder = holder, .waiter = waiter, .is_cancelled = is_cancelled};
		struct error err;
		assert_true(token_store_lock(holder, 0, &err));
		assert_true(loop_open(&waiting.loop, &err));
		fiber_run(waiting.loop, hold_for_some_turns, &waiting);
		loop_close(waiting.loop);
		assert_int_equal(waiting.is_locked, !is_cancelled);
		if (is_cancelled)
			assert_int_equal(waiting.err.code, ERROR_INTERRUPTED);
	}
}

static void
test_folder__a_lock_that_is_not_let_go_is_a_conflict(void **state)
{
	struct error err;
	struct token_list *list;
	(void)state;
	scoped(token_store_close) struct token_store *holder = open_store(&by_file), *other = open_store(&by_file);
	assert_true(put_numbered(holder, 1, &err));
	assert_true(token_store_lock(holder, 0, &err));
	assert_false(token_store_lock(other, 20, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_true(err.retryable);
	assert_false(token_store_lock(holder, 20, &err)); /* not even by itself */
	assert_true(token_store_read(other, &list, &err)); /* readers need none */
	token_list_free(list);
	token_store_close(&holder);
	assert_true(token_store_lock(other, 0, &err));
}

int
main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(test_folder__##name, set_up_store, tear_down_store)
	const struct CMUnitTest tests[] = {
		ROW(lesson_23_made_for_the_owner_alone_whatever_the_umask),
		ROW(others_may_neither_write_there_nor_read_the_file),
		ROW(that_of_another_user_is_refused),
		ROW(lesson_24_a_link_to_the_folder_or_above_it_is_refused),
		ROW(lesson_24_a_link_instead_of_a_file_is_refused_and_nothing_behind_it_touched),
		ROW(lesson_24_what_a_hard_link_leads_to_keeps_its_content),
		ROW(left_over_temporaries_go_under_the_lock_or_after_an_hour),
		ROW(a_full_disk_leaves_the_old_file),
		ROW(a_limit_on_files_leaves_the_old_one),
		ROW(one_that_cannot_be_written_leaves_the_old_file),
		ROW(lesson_21_fifty_processes_that_put_lose_nothing),
		ROW(who_waits_for_the_lock_gives_way),
		ROW(a_lock_that_is_not_let_go_is_a_conflict),
	};
	return cmocka_run_group_tests_name("store/token_folder", tests, NULL, NULL);
}
