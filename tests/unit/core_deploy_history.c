/* Which release a word means, which is gone back to, and what an approval is good for. */
#include "core/deploy/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "core/deploy/approval.h"

static struct error err;

/* ---- words ---- */

static const char *
found(const struct history *history, const char *word)
{
	const struct past_release *release;
	return history_find(history, word, &release, &err) ? release->deployment_id : "none";
}

static void
test_history__knows_what_a_word_means(void **state)
{
	struct past_release releases[] = {
		{.number = 12, .deployment_id = "20261124120000-cccccccc", .image = "r.example:5000/shop:1.2"},
		{.number = 3, .deployment_id = "20261124110000-bbbbbbbb", .image = "r.example:5000/shop:r12"},
		{.number = 0, .deployment_id = "20261123110000-aaaaaaaa", .image = "r.example:5000/shop@sha256:00"},
		{.number = 1, .deployment_id = "20261123100000-dddddddd", .image = "r.example:5000/shop:1.2"},
	};
	struct history history = {releases, array_length(releases), {0}};
	(void)state;
	assert_string_equal(found(&history, "r3"), releases[1].deployment_id);
	assert_string_equal(found(&history, "r12"), releases[0].deployment_id); /* the number, before the tag */
	assert_string_equal(found(&history, "r0"), "none");
	assert_string_equal(found(&history, "r3x"), "none");
	assert_string_equal(found(&history, "1.2"), releases[0].deployment_id); /* the newest of it */
	assert_string_equal(found(&history, "r.example:5000/shop:1.2"), releases[0].deployment_id);
	assert_string_equal(found(&history, "5000/shop"), "none"); /* of a port that is no tag */
	assert_string_equal(found(&history, "20261123110"), releases[2].deployment_id);
	assert_string_equal(found(&history, "20261123"), releases[2].deployment_id);
	assert_string_equal(found(&history, "2026112"), "none"); /* a day at least */
	assert_string_equal(found(&history, ""), "none");
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_string_equal(err.next, "known are: r12 (shop:1.2), r3 (shop:r12), r1 (shop:1.2)");
	assert_null(history_current(&history));
}

/* ---- back ---- */

static const char *
last_good(const struct history *history)
{
	const struct past_release *release;
	return history_last_good(history, &release, &err) ? release->deployment_id : "none";
}

static void
test_history__goes_back_to_what_was_healthy(void **state)
{
	struct past_release releases[] = {
		{.deployment_id = "f", .image = "x:1", .outcome = PAST_UNDER_WAY, .is_current = true}, /* back to b */
		{.deployment_id = "e", .image = "x:2", .outcome = PAST_SUCCEEDED},
		{.deployment_id = "d", .image = "x:3", .outcome = PAST_FAILED},
		{.deployment_id = "c", .image = "x:1", .outcome = PAST_SUCCEEDED},
		{.deployment_id = "b", .image = "x:0", .outcome = PAST_UNKNOWN},
		{.deployment_id = "a", .image = "x:0", .outcome = PAST_SUCCEEDED},
	};
	struct history history = {releases, array_length(releases), {0}};
	(void)state;
	assert_string_equal(last_good(&history), "a");
	releases[5].outcome = PAST_CANCELLED;
	assert_string_equal(last_good(&history), "none");
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	releases[3].image = "x:4";
	assert_string_equal(last_good(&history), "e");
	/* The same image in other settings is another release. */
	releases[1].image = "x:1";
	releases[0].config = json_pack("{s:i}", "replicas", 1);
	releases[1].config = json_pack("{s:i}", "replicas", 2);
	assert_string_equal(last_good(&history), "e");
	json_object_set_new(releases[1].config, "replicas", json_integer(1));
	assert_string_equal(last_good(&history), "c");
	history_release(&history);
}

/* The operator's ready check looks at the Deployment of the application, not at the one of that deployment id. */
static void
test_history__doubts_a_success_seen_too_late(void **state)
{
	struct past_release releases[] = {
		{.deployment_id = "d", .at_ms = 40000, .outcome = PAST_SUCCEEDED, .said_ms = 50000},
		{.deployment_id = "c", .at_ms = 30000, .outcome = PAST_SUCCEEDED, .said_ms = 41000}, /* with d's pods */
		{.deployment_id = "b", .at_ms = 20000, .outcome = PAST_SUCCEEDED, .said_ms = 30999}, /* within the second */
		{.deployment_id = "a", .at_ms = 10000, .outcome = PAST_FAILED, .said_ms = 25000},
	};
	struct history history = {releases, array_length(releases), {0}};
	(void)state;
	history_doubt_successes(&history);
	assert_int_equal(releases[0].outcome, PAST_SUCCEEDED);
	assert_int_equal(releases[1].outcome, PAST_SUPERSEDED);
	assert_int_equal(releases[2].outcome, PAST_SUCCEEDED);
	assert_int_equal(releases[3].outcome, PAST_FAILED);
	releases[2].at_ms = 0; /* nobody knows when it began */
	releases[3].outcome = PAST_SUCCEEDED;
	history_doubt_successes(&history);
	assert_int_equal(releases[3].outcome, PAST_SUCCEEDED);
	releases[2].at_ms = 20000;
	releases[2].said_ms = 0; /* it waited in its pipeline, and never came */
	history_doubt_successes(&history);
	assert_int_equal(releases[3].outcome, PAST_SUCCEEDED);
	releases[2].number = 7;
	history_doubt_successes(&history);
	assert_int_equal(releases[3].outcome, PAST_SUPERSEDED);
}

/* ---- approvals ---- */

static void
test_approval__is_good_for_that_very_release(void **state)
{
	struct release release = {.image = "x:1", .digest = "sha256:1", .config = json_pack("{s:i}", "replicas", 1)};
	struct approval approval = {.state = APPROVAL_APPROVED, .image = "x:1", .digest = "sha256:1",
	                            .config = json_pack("{s:i}", "replicas", 1)};
	(void)state;
	assert_true(approval_is_of(&approval, &release));
	release.image = "x:2";
	assert_false(approval_is_of(&approval, &release));
	release.image = "x:1";
	release.digest = "sha256:2"; /* the tag was moved meanwhile */
	assert_false(approval_is_of(&approval, &release));
	approval.digest = "";
	assert_true(approval_is_of(&approval, &release));
	json_object_set_new(approval.config, "replicas", json_integer(2));
	assert_false(approval_is_of(&approval, &release));
	json_object_set_new(approval.config, "replicas", json_integer(1));
	approval.state = APPROVAL_NONE;
	assert_false(approval_is_of(&approval, &release));
	json_decref(release.config);
	approval_release(&approval);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history__knows_what_a_word_means),
		cmocka_unit_test(test_history__goes_back_to_what_was_healthy),
		cmocka_unit_test(test_history__doubts_a_success_seen_too_late),
		cmocka_unit_test(test_approval__is_good_for_that_very_release),
	};
	return cmocka_run_group_tests_name("core/deploy/history", tests, NULL, NULL);
}
