/* Lesson 22: the desktop's keyring is asked only over a bus that is there, for a second at most, and nothing is started.
 * What a keyring keeps: tests/witness/gnome-keyring.sh.  And the key that the kernel keeps for a session.
 * covers: token-store-9.22 */
#include "store/desktop_keyring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "store/session_cache.h"
#include "store_fixture.h"

static const struct keyring_item item = {"00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"};

static int64_t
now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Each verb, which must fail, say so, and be done soon. */
static void
assert_away(const char *word)
{
	struct error err[3];
	struct secret *key;
	scoped(secret_release) struct secret *new_key = secret_of("0123456789abcdef0123456789abcdef");
	int64_t from = now_ms();
	assert_false(desktop_keyring_get(&item, true, &key, &err[0]));
	assert_false(desktop_keyring_put(&item, new_key, &err[1]));
	assert_false(desktop_keyring_remove(&item, &err[2]));
	assert_true(now_ms() - from < 30000);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(err[i].code, ERROR_UNREACHABLE);
		assert_non_null(strstr(err[i].why, "the desktop keyring does not answer"));
		if (word != NULL && strstr(err[i].why, word) == NULL)
			fail_msg("%s", err[i].why);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void
test_keyring__lesson_22_no_bus(void **state)
{
	(void)state;
	assert_away("there is no session bus");
	setenv("DBUS_SESSION_BUS_ADDRESS", "", 1);
	assert_away("there is no session bus");
	setenv("DBUS_SESSION_BUS_ADDRESS", "autolaunch:", 1); /* would start one */
	assert_away("there is no session bus");
	setenv("DBUS_SESSION_BUS_ADDRESS", arena_printf(&arena, "unix:path=%s/none", folder), 1);
	assert_away(NULL);
}

static int
listen_as_bus(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s/bus", folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0);
	setenv("DBUS_SESSION_BUS_ADDRESS", arena_printf(&arena, "unix:path=%s/bus", folder), 1);
	return fd;
}

static void
test_keyring__lesson_22_a_mute_bus(void **state)
{
	(void)state;
	int bus = listen_as_bus();
	assert_away(NULL);
	/* A store is made and read all the same, with the passphrase. */
	struct token_keys keys = by_passphrase;
	struct error err = {0};
	keys.without_keyring = false;
	scoped(token_store_close) struct token_store *store = open_store(&keys);
	assert_true(put_numbered(store, 1, &err));
	scoped(token_list_release) struct token_list *list = list_now(&keys);
	assert_int_equal(token_list_count(list), 1);
	close(bus);
}

static void
test_keyring__lesson_22_a_refusing_bus(void **state)
{
	(void)state;
	int bus = listen_as_bus();
	pid_t refuser = fork();
	if (refuser == 0) {
		alarm(60);
		for (;;) {
			int client = accept(bus, NULL, NULL);
			char bytes[256];
			if (read(client, bytes, sizeof bytes) > 0)
				(void)!write(client, "REJECTED EXTERNAL\r\n", 19);
			close(client);
		}
	}
	int64_t from = now_ms();
	struct error err;
	struct secret *key;
	assert_false(desktop_keyring_get(&item, true, &key, &err));
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_true(now_ms() - from < 10000);
	kill(refuser, SIGKILL);
	waitpid(refuser, NULL, 0);
	close(bus);
}

/* ---- the session's cache ---- */

static void
test_cache__gives_back_until_it_forgets(void **state)
{
	static const char name[] = "paas-unit-test-cache";
	scoped(secret_release) struct secret *key = secret_of("0123456789abcdef0123456789abcdef");
	(void)state;
	assert_null(session_cache_get(name));
	pid_t other = fork(); /* what one process keeps, another one of the session finds */
	if (other == 0) {
		session_cache_put(name, key, 60000);
		_exit(0);
	}
	waitpid(other, NULL, 0);
	scoped(secret_release) struct secret *got = session_cache_get(name);
	if (got == NULL)
		skip(); /* no keyrings here: as silent as it shall be */
	assert_true(secret_equals(got, key));
	session_cache_forget(name);
	assert_null(session_cache_get(name));
}

/* A key that stayed for ever, or that others of the user's sessions could read, would be worse than none. */
static void
test_cache__ends_and_is_for_its_possessor_alone(void **state)
{
	static const char name[] = "paas-unit-test-limits";
	char line[512], timeout[32] = "", permissions[32] = "";
	scoped(secret_release) struct secret *key = secret_of("0123456789abcdef0123456789abcdef");
	(void)state;
	session_cache_put(name, key, 60000);
	FILE *keys = fopen("/proc/keys", "re");
	while (keys != NULL && fgets(line, sizeof line, keys) != NULL)
		if (strstr(line, name) != NULL)
			assert_int_equal(sscanf(line, "%*s %*s %*s %31s %31s", timeout, permissions), 2);
	if (keys != NULL)
		fclose(keys);
	scoped(secret_release) struct secret *got = session_cache_get(name);
	session_cache_forget(name);
	if (got == NULL || permissions[0] == '\0')
		skip(); /* no keyrings here, or no list of them */
	assert_string_equal(permissions, "2f000000");
	assert_string_not_equal(timeout, "perm");
}

static void
test_cache__saves_asking_and_survives_new_keys(void **state)
{
	struct error err = {0};
	struct token_keys keys = by_passphrase;
	(void)state;
	keys.without_cache = false;
	keys.cache_ms = 60000;
	scoped(token_store_close) struct token_store *store = open_store(&keys);
	assert_true(put_numbered(store, 1, &err));
	token_list_free(list_now(&keys));
	int asked = times_asked;
	token_list_free(list_now(&keys));
	if (times_asked != asked)
		skip();
	/* New keys, and an old one that was kept all the same: it opens nothing, and is no alarm. */
	struct token_store_info info;
	assert_true(token_store_inspect(store, &arena, &info, &err));
	scoped(secret_release) struct secret *old = session_cache_get(info.id);
	assert_non_null(old);
	scoped(token_store_close) struct token_store *other = open_store(&by_passphrase);
	assert_true(token_store_rekey(other, &by_passphrase, &err));
	assert_null(session_cache_get(info.id));
	session_cache_put(info.id, old, 60000);
	asked = times_asked;
	token_list_free(list_now(&keys));
	assert_int_equal(times_asked, asked + 1);
	session_cache_forget(info.id);
}

/* For the witness: a store that only the keyring opens. */
static bool
run_store_verb(const char *verb, const char *path, const char *number, struct error *err)
{
	static const struct token_keys keys = {.without_cache = true};
	scoped(token_store_close) struct token_store *store = NULL;
	scoped(token_list_release) struct token_list *list = NULL;
	if (!token_store_open(&(struct token_store_options){.folder = path, .keys = &keys}, &store, err))
		return false;
	if (strcmp(verb, "store-put") == 0)
		return put_numbered(store, (int)strtol(number, NULL, 10), err);
	if (strcmp(verb, "store-rekey") == 0)
		return token_store_rekey(store, &keys, err);
	if (!token_store_read(store, &list, err))
		return false;
	printf("%zu\n", token_list_count(list));
	return true;
}

/* A key on standard input, or to standard output. */
static int
run_verb(const char *verb, const struct keyring_item *of)
{
	struct error err = {0};
	scoped(secret_release) struct secret *key = NULL;
	bool is_done = false;
	if (strcmp(verb, "get") == 0 || strcmp(verb, "get-unlocked") == 0)
		is_done = desktop_keyring_get(of, strcmp(verb, "get") == 0, &key, &err) && secret_write(key, STDOUT_FILENO);
	else if (strcmp(verb, "put") == 0)
		is_done = file_read_secret("-", 32, &key, &err) && desktop_keyring_put(of, key, &err);
	else if (strcmp(verb, "remove") == 0)
		is_done = desktop_keyring_remove(of, &err);
	else
		is_done = run_store_verb(verb, of->store, of->key, &err);
	if (!is_done)
		fprintf(stderr, "%s\n", err.why);
	return is_done ? 0 : err.code == ERROR_NOT_FOUND ? 5 : 1;
}

int
main(int argc, char **argv)
{
	if (argc == 4)
		return run_verb(argv[1], &(struct keyring_item){argv[2], argv[3]});
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keyring__lesson_22_no_bus, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_keyring__lesson_22_a_mute_bus, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_keyring__lesson_22_a_refusing_bus, set_up_store, tear_down_store),
		cmocka_unit_test(test_cache__gives_back_until_it_forgets),
		cmocka_unit_test(test_cache__ends_and_is_for_its_possessor_alone),
		cmocka_unit_test_setup_teardown(test_cache__saves_asking_and_survives_new_keys, set_up_store, tear_down_store),
	};
	return cmocka_run_group_tests_name("store/desktop_keyring", tests, NULL, NULL);
}
