/* One message a deployment, whoever tells it how often: said once, changed when the outcome changes, not said by who joined. */
#include "core/deploy/announce.h"

#include "net_fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "data/platform.h"

static struct platform platform;
static struct platform_environment environment;
static char ca_path[64], folder[64], asked[2000], failed_targets[1000];

static void
handle(void *data, struct web_request *request)
{
	static const char answer[] = "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1.2\"}";
	(void)data;
	snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "%s ", strrchr(request->target, '.') + 1);
	web_respond(request, 200, answer, sizeof answer - 1);
}

static int
set_up(void **state)
{
	static const char *targets[] = {"slack"};
	static struct platform_team teams[] = {{.name = "payments", .slack = "#payments"}, {.name = "mute"}};
	asked[0] = failed_targets[0] = '\0';
	snprintf(ca_path, sizeof ca_path, "/tmp/paas-test-%d-announce.pem", (int)getpid());
	snprintf(folder, sizeof folder, "/tmp/paas-test-XXXXXX");
	if (mkdtemp(folder) == NULL || open_all(state) != 0 ||
	    !file_write(ca_path, certificate.ca_pem, strlen(certificate.ca_pem), 0600, &err))
		return -1;
	setenv("XDG_STATE_HOME", folder, 1);
	setenv("PAAS_TOKEN_CHAT", "tok-chat", 1);
	environment = (struct platform_environment){.name = "dev", .announce = targets, .n_announce = 1};
	platform = (struct platform){.chat = {.provider = "slack", .url = at(secure_site, "/api"), .ca_file = ca_path},
	                             .teams = teams, .n_teams = array_length(teams)};
	return 0;
}

static int
tear_down(void **state)
{
	unlink(arena_printf(&arena, "%s/paas/announced.json", folder));
	rmdir(arena_printf(&arena, "%s/paas", folder));
	rmdir(folder);
	unlink(ca_path);
	unsetenv("XDG_STATE_HOME");
	unsetenv("PAAS_TOKEN_CHAT");
	return close_all(state);
}

static void
failed(void *data, const char *target, const struct error *error)
{
	(void)data;
	snprintf(failed_targets, sizeof failed_targets, "%s: %s", target, error->why);
}

/* What Slack was asked for. */
static const char *
tell(const char *id, bool is_ours, enum announce_stage stage, const char *text, const char *team)
{
	const struct announcement announcement = {.loop = loop, .http = http, .platform = &platform, .environment = &environment,
	                                          .name = "shop", .team = team, .deployment_id = id, .is_ours = is_ours};
	asked[0] = failed_targets[0] = '\0';
	announce(&announcement, stage, text, failed, NULL);
	return asked;
}

static void
tell_all(void)
{
	assert_string_equal(tell("1", true, ANNOUNCE_BEGUN, "begun", "payments"), "");
	assert_string_equal(tell("2", true, ANNOUNCE_BEGUN, "begun", "payments"), ""); /* the first is not forgotten for it */
	assert_string_equal(tell("1", true, ANNOUNCE_FAILED, "failed", "payments"), "postMessage ");
	assert_string_equal(tell("1", true, ANNOUNCE_FAILED, "failed", "payments"), "");
	assert_string_equal(tell("1", false, ANNOUNCE_BEGUN, "begun", "payments"), "");
	assert_string_equal(tell("1", false, ANNOUNCE_SUCCEEDED, "healthy", "payments"), "update ");
	assert_string_equal(tell("2", true, ANNOUNCE_SUCCEEDED, "healthy", "payments"), "postMessage ");
	/* Who only joined leaves it to whoever began. */
	assert_string_equal(tell("3", false, ANNOUNCE_BEGUN, "begun", "payments"), "");
	assert_string_equal(tell("3", false, ANNOUNCE_SUCCEEDED, "healthy", "payments"), "");
	assert_string_equal(failed_targets, "");
	assert_string_equal(tell("4", true, ANNOUNCE_BEGUN, "begun", "mute"), "");
	assert_string_equal(tell("4", true, ANNOUNCE_SUCCEEDED, "healthy", "mute"), "");
	assert_string_equal(failed_targets, "slack: the platform file names no channel (slack) of team mute");
}

static void
test_announce__says_once_and_changes(void **state)
{
	(void)state;
	in_fiber(tell_all);
}

static void
forget_the_oldest(void)
{
	for (int i = 0; i <= 50; i++)
		tell(arena_printf(&arena, "%02d", i), true, ANNOUNCE_BEGUN, "begun", "payments");
	assert_string_equal(tell("00", true, ANNOUNCE_SUCCEEDED, "healthy", "payments"), "");
	assert_string_equal(tell("01", true, ANNOUNCE_SUCCEEDED, "healthy", "payments"), "postMessage ");
}

static void
test_announce__keeps_fifty(void **state)
{
	(void)state;
	in_fiber(forget_the_oldest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_announce__says_once_and_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_announce__keeps_fifty, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("core/deploy/announce", tests, NULL, NULL);
}
