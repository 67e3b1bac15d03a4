/* A write of the store that is killed at each of its system calls, or in which each of them fails in turn: the old file or the new
 * one is there, whole, and the next write leaves no temporary file.  Without a kernel or a file system that knows the newest calls,
 * the same holds. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "store_fixture.h"

enum { NEVER = 0, CALLS_MAX = 2000 };

static struct arena kept; /* for all plays; that of the fixture is emptied by each */

/* What happens to the writer; calls are counted without those for memory and random bytes, which leave nothing behind and
 * whose failure ends any program. */
struct trouble {
	int kill_at;              /* before the n-th call; NEVER */
	int fail_at, reason;      /* instead of it */
	bool lacks_openat2, lacks_nameless, lacks_link; /* as on older kernels, other file systems, without /proc */
};

/* ---- the writer is stopped before each call that counts ---- */

static const unsigned left_alone[] = {SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mlock, SYS_munlock, SYS_madvise, SYS_brk, SYS_mremap,
                                      SYS_getrandom, SYS_sigaltstack, SYS_exit_group, SYS_rt_sigreturn};

/* For the writer itself: stops for all calls but those. */
static bool
ask_for_stops(void)
{
	enum { N = array_length(left_alone) };
	struct sock_filter program[N + 3] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	for (unsigned char i = 0; i < N; i++)
		program[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, left_alone[i], (unsigned char)(N - i), 0);
	program[N + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	program[N + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = {N + 3, program};
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* The errno that this call gets instead of being made; 0: it is made. */
static int
trouble_of(const struct trouble *trouble, const struct __ptrace_syscall_info *info, int n)
{
	uint64_t number = info->seccomp.nr;
	if (trouble->lacks_openat2 && number == SYS_openat2)
		return ENOSYS;
	if (trouble->lacks_nameless && number == SYS_openat && (info->seccomp.args[2] & O_TMPFILE) == O_TMPFILE)
		return EOPNOTSUPP;
	if (trouble->lacks_link && number == SYS_linkat)
		return ENOENT;
	return n == trouble->fail_at ? trouble->reason : 0;
}

/* Instead of the call that is about to be made (seccomp(2), SECCOMP_RET_TRACE). */
static bool
fail_call(pid_t child, int reason)
{
#ifdef __x86_64__
	struct user_regs_struct registers;
	if (ptrace(PTRACE_GETREGS, child, NULL, &registers) != 0)
		return false;
	registers.orig_rax = (unsigned long long)-1;
	registers.rax = (unsigned long long)-reason;
	return ptrace(PTRACE_SETREGS, child, NULL, &registers) == 0;
#else
	(void)child;
	(void)reason;
	return false;
#endif
}

static int calls_made; /* by the last writer */

/* Runs it to its end or to where it is killed; returns whether it came to its end, and *status. */
static bool
follow(pid_t child, const struct trouble *trouble, int *status)
{
	waitpid(child, status, 0);
	ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
	calls_made = 0;
	for (long signal = 0; ptrace(PTRACE_CONT, child, NULL, signal) == 0 && waitpid(child, status, 0) == child && WIFSTOPPED(*status);) {
		struct __ptrace_syscall_info info = {0};
		bool is_call = *status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
		signal = is_call ? 0 : WSTOPSIG(*status); /* abort() would try for ever */
		if (!is_call)
			continue;
		ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
		if (++calls_made == trouble->kill_at) {
			kill(child, SIGKILL);
			waitpid(child, status, 0);
			return false;
		}
		int reason = trouble_of(trouble, &info, calls_made);
		if (reason != 0 && !fail_call(child, reason))
			fail_msg("cannot make a call fail");
	}
	return true;
}

/* ---- what is written ---- */

static bool
open_in_folder(struct token_store **store, struct error *err)
{
	return token_store_open(&(struct token_store_options){.folder = in_folder("store"), .keys = &by_file}, store, err);
}

static bool
write_entry(struct error *err)
{
	scoped(token_store_close) struct token_store *store = NULL;
	return open_in_folder(&store, err) && put_numbered(store, 2, err);
}

static bool
write_keys(struct error *err)
{
	scoped(token_store_close) struct token_store *store = NULL;
	return open_in_folder(&store, err) && token_store_rekey(store, &by_file, err);
}

static bool
write_removal(struct error *err)
{
	bool is_removed;
	scoped(token_store_close) struct token_store *store = NULL;
	return open_in_folder(&store, err) && token_store_remove(store, "github", "https://1.example", &is_removed, err);
}

/* Before and after each: whether entries 1 and 2 are there. */
static const struct deed {
	const char *name;
	bool (*write)(struct error *err);
	bool had[2], has[2];
} deeds[] = {
	{"the first write", write_entry, {false, false}, {false, true}},
	{"another write", write_entry, {true, false}, {true, true}},
	{"new keys", write_keys, {true, false}, {true, false}},
	{"a removal", write_removal, {true, false}, {false, false}},
};

static char *template; /* a store with entry 1 */
static size_t template_length;

static void
make_template(void)
{
	struct error err;
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	assert_true(put_numbered(store, 1, &err));
	assert_true(file_read(in_folder("store/tokens"), TOKEN_FILE_MAX, &kept, &template, &template_length, &err));
}

static void
prepare(const struct deed *deed)
{
	DIR *entries = opendir(in_folder("store"));
	for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
		unlinkat(dirfd(entries), entry->d_name, 0);
	closedir(entries);
	if (!deed->had[0])
		return;
	scoped(file_close_fd) int fd = open(in_folder("store/tokens"), O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(fd, template, template_length), template_length);
}

static bool
holds(const struct token_list *list, const bool entries[2])
{
	return (numbered(list, 1) != NULL) == entries[0] && (numbered(list, 2) != NULL) == entries[1];
}

/* Looks at each file, too: none is ever open to others (lesson 23), even without a umask. */
static bool
has_temporary(void)
{
	bool has = false;
	struct stat info;
	DIR *entries = opendir(in_folder("store"));
	for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
		has = has || strncmp(entry->d_name, ".tokens.", 8) == 0;
		if (fstatat(dirfd(entries), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
		    (strcmp(entry->d_name, "..") != 0 && (info.st_mode & 077) != 0))
			fail_msg("%s is open to others", entry->d_name);
	}
	closedir(entries);
	return has;
}

enum { WRITTEN = 0, NOT_WRITTEN = 3, NOT_FOLLOWED };

/* Returns whether the writer came to its end. */
static bool
play(const struct deed *deed, const struct trouble *trouble)
{
	struct error err;
	int status;
	prepare(deed);
	pid_t child = fork();
	if (child == 0) {
		umask(0);
		_exit(!ask_for_stops() ? NOT_FOLLOWED : deed->write(&err) ? WRITTEN : NOT_WRITTEN);
	}
	bool has_ended = follow(child, trouble, &status);
	int exit_status = has_ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	scoped(token_list_release) struct token_list *list = list_now(&by_file);
	bool has_left = has_temporary(), is_old = holds(list, deed->had), is_new = holds(list, deed->has);
	if (has_ended && exit_status != WRITTEN && exit_status != NOT_WRITTEN)
		fail_msg("%s, killed at %d, failing at %d with %d: status %x", deed->name, trouble->kill_at, trouble->fail_at, trouble->reason, status);
	if (!(is_old || is_new) || (exit_status == WRITTEN && !is_new))
		fail_msg("%s, killed at %d, failing at %d with %d: neither the old nor the new file", deed->name, trouble->kill_at,
		         trouble->fail_at, trouble->reason);
	if (has_ended && has_left)
		fail_msg("%s, failing at %d with %d: left a temporary file", deed->name, trouble->fail_at, trouble->reason);
	scoped(token_store_close) struct token_store *next = open_store(&by_file);
	assert_true(put_numbered(next, 3, &err));
	if (has_temporary())
		fail_msg("%s, killed at %d: the next write left a temporary file", deed->name, trouble->kill_at);
	arena_reset(&arena);
	return has_ended && exit_status == WRITTEN;
}

static void
test_torture__killed_at_every_call(void **state)
{
	static const struct trouble lacks[] = {
		{0}, {.lacks_openat2 = true}, {.lacks_nameless = true}, {.lacks_link = true}};
	(void)state;
	make_template();
#ifdef __x86_64__
	size_t n_lacks = array_length(lacks);
#else
	size_t n_lacks = 1;
#endif
	for (size_t i = 0; i < n_lacks; i++)
		for (size_t j = 0; j < (i == 0 ? array_length(deeds) : 1); j++) {
			struct trouble trouble = lacks[i];
			trouble.kill_at = 1;
			while (!play(&deeds[j + (i > 0)], &trouble))
				assert_true(++trouble.kill_at < CALLS_MAX);
			assert_true(trouble.kill_at > 20);
		}
}

static void
test_torture__every_call_fails_once(void **state)
{
	static const int reasons[] = {ENOSPC, EIO};
	(void)state;
#ifndef __x86_64__
	skip();
#endif
	make_template();
	assert_true(play(&deeds[1], &(struct trouble){0}));
	for (int n = 1, n_calls = calls_made; n <= n_calls; n++)
		for (size_t i = 0; i < array_length(reasons); i++)
			play(&deeds[1], &(struct trouble){.fail_at = n, .reason = reasons[i]});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_torture__killed_at_every_call, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_torture__every_call_fails_once, set_up_store, tear_down_store),
	};
	int failed = cmocka_run_group_tests_name("store/torture", tests, NULL, NULL);
	arena_release(&kept);
	return failed;
}
