/* core/deploy/contact: when what informers told can be trusted, by a clock that stands still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "core/deploy/contact.h"
#include "core/deploy/overview_rows.h"

enum { START_MS = 1000 * 1000 };

static struct loop *loop;
static struct contact contact;
static struct error trouble;

static enum contact_state
state(void)
{
	return contact_state(&contact, "dev", &trouble);
}

static struct error
failure(enum error_code code, bool retryable)
{
	struct error ret = {0};
	error_put(&ret, code, "why");
	ret.retryable = retryable;
	return ret;
}

static void
run_waiting(void *data)
{
	(void)data;
	clock_freeze(START_MS);
	contact_begin(&contact, fiber_current(), 2);
	assert_int_equal(state(), CONTACT_WAITING);
	contact_synced(&contact, 1);
	clock_advance(14999);
	assert_int_equal(state(), CONTACT_WAITING);
	clock_advance(1);
	assert_int_equal(state(), CONTACT_TROUBLE);
	assert_string_equal(trouble.why, "cluster dev did not answer within 15 s");
	contact_synced(&contact, 0);
	assert_int_equal(state(), CONTACT_GOOD);
}

static void
run_lost(void *data)
{
	const struct error cut = failure(ERROR_UNREACHABLE, true);
	(void)data;
	clock_freeze(START_MS);
	contact_begin(&contact, fiber_current(), 2);
	contact_synced(&contact, 0);
	contact_synced(&contact, 1);
	contact_lost(&contact, 0, &cut);
	clock_advance(4999);
	assert_int_equal(state(), CONTACT_GOOD);
	contact_lost(&contact, 1, &cut); /* the time counts from the first */
	clock_advance(1);
	assert_int_equal(state(), CONTACT_TROUBLE);
	contact_back(&contact, 0);
	assert_int_equal(state(), CONTACT_TROUBLE);
	contact_back(&contact, 1);
	assert_int_equal(state(), CONTACT_GOOD);
	assert_false(contact.is_refused);
}

static void
run_refused(void *data)
{
	const struct error forbidden = failure(ERROR_FORBIDDEN, false);
	(void)data;
	clock_freeze(START_MS);
	contact_begin(&contact, fiber_current(), 1);
	contact.has_changed = false;
	contact_lost(&contact, 0, &forbidden);
	assert_true(contact.is_refused && contact.has_changed);
	assert_int_equal(state(), CONTACT_TROUBLE);
	assert_int_equal(trouble.code, ERROR_FORBIDDEN);
	contact_begin(&contact, fiber_current(), 1);
	assert_int_equal(state(), CONTACT_WAITING);
	contact_fail(&contact, &forbidden);
	assert_int_equal(state(), CONTACT_TROUBLE);
}

#define CONTACT_TEST(name)                          \
	static void test_contact__##name(void **unused) \
	{                                           \
		(void)unused;                       \
		fiber_run(loop, run_##name, NULL);  \
	}
CONTACT_TEST(waiting)
CONTACT_TEST(lost)
CONTACT_TEST(refused)

/* ---- rows ---- */

static char seen[4000];

static void
note_row(void *data, const char *const *cells)
{
	size_t used = strlen(seen);
	(void)data;
	snprintf(seen + used, sizeof seen - used, "%s/%s/%s ", cells[0], cells[1], cells[2]);
}

static void
assert_rows(const struct overview_rows *rows, int64_t now_ms, const char *expected)
{
	seen[0] = '\0';
	overview_rows_each(rows, now_ms, note_row, NULL);
	assert_string_equal(seen, expected);
}

static void
put(struct overview_rows *rows, const char *name, const char *age, const char *word, int64_t now_ms)
{
	assert_true(overview_rows_put(rows, (const char *const[]){name, age, word}, now_ms));
}

static void
test_rows__are_one_a_name_and_grow_older(void **unused)
{
	struct overview_rows rows = {.n_cells = 3, .age = 1};
	(void)unused;
	put(&rows, "b", "5s", "x", 0);
	put(&rows, "a", "<unknown>", "y", 0);
	put(&rows, "b", "4m50s", "z", 1000);
	assert_int_equal(rows.count, 2);
	assert_rows(&rows, 1000, "a/<unknown>/y b/290s/z ");
	assert_rows(&rows, 12000, "a/<unknown>/y b/301s/z ");
	assert_rows(&rows, 3600 * 1000, "a/<unknown>/y b/64m/z ");
	overview_rows_remove(&rows, "nobody");
	overview_rows_remove(&rows, "b");
	assert_rows(&rows, 0, "a/<unknown>/y ");
	overview_rows_clear(&rows);
	assert_rows(&rows, 0, "");
}

static void
test_rows__have_a_maximum(void **unused)
{
	struct overview_rows rows = {.n_cells = 3, .age = 1};
	char name[24];
	(void)unused;
	for (int i = 0; i < OVERVIEW_ROWS_MAX; i++) {
		snprintf(name, sizeof name, "pod-%d", i);
		put(&rows, name, "1s", "", 0);
	}
	assert_false(overview_rows_put(&rows, (const char *const[]){"one-more", "1s", ""}, 0));
	overview_rows_clear(&rows);
}

static int
set_up(void **unused)
{
	(void)unused;
	return loop_open(&loop, &trouble) ? 0 : -1;
}

static int
tear_down(void **unused)
{
	(void)unused;
	loop_close(loop);
	return 0;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(contact__waiting), TEST(contact__lost), TEST(contact__refused),
		TEST(rows__are_one_a_name_and_grow_older), TEST(rows__have_a_maximum),
	};
	return cmocka_run_group_tests_name("core/deploy/contact", tests, NULL, NULL);
}
