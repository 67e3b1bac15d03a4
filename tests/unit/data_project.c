#include "data/project.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static struct problems problems;
static struct settings settings;
static struct project project;
static struct project_identity identity;
static struct error err;
static char home[] = "/tmp/paas-project-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	strcpy(home + sizeof(home) - 7, "XXXXXX");
	setenv("HOME", mkdtemp(home), 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	unsetenv("XDG_CONFIG_HOME");
	problems = (struct problems){.arena = &arena};
	settings = (struct settings){.arena = &arena};
	memset(&identity, 0, sizeof(identity));
	return 0;
}

static void printf_like(1, 2)
shell(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *command = arena_vprintf(&arena, format, args);
	va_end(args);
	if (system(arena_printf(&arena, "cd %s && (%s) >/dev/null 2>&1", home, command)) != 0)
		fail_msg("%s", command);
}

static int
tear_down(void **state)
{
	(void)state;
	shell("rm -rf %s/* %s/.p* %s/.git", home, home, home);
	rmdir(home);
	arena_release(&arena);
	return 0;
}

static char *
in_home(const char *path)
{
	return arena_printf(&arena, "%s/%s", home, path);
}

static void
open_at(const char *path)
{
	if (!project_open(&settings, in_home(path), &problems, &project, &err))
		fail_msg("%s", err.why);
}

#define COMMIT_AS(title) "git -c user.name=a -c user.email=a@b.example commit -qm '" title "'"
#define COMMIT COMMIT_AS("Pay faster")
#define REPOSITORY \
	"mkdir -p r/deep && cd r && git init -qb main && echo 1 >f && git add f && " COMMIT \
	" && git remote add origin https://u:secret@github.acme.example/acme/checkout.git"

static void
test_project__the_origin_remote_names_the_application(void **state)
{
	const struct repository *repository;
	(void)state;
	shell(REPOSITORY);
	open_at("r/deep");
	assert_string_equal(project.root, in_home("r"));
	assert_null(project.file);
	assert_true(project_identify(&project, &settings, NULL, &identity, &err));
	assert_string_equal(identity.name, "checkout");
	assert_string_equal(identity.name_origin, "origin remote");
	assert_string_equal(identity.spec_file, in_home("r/deep/fiaas.yml"));
	assert_true(project_repository(&project, &repository, &err));
	assert_string_equal(repository->remote_url, "https://github.acme.example/acme/checkout.git");
	assert_string_equal(repository->remote_owner, "acme");
	assert_string_equal(repository->branch, "main");
	assert_int_equal(strlen(repository->commit), 40);
	assert_string_equal(repository->commit_title, "Pay faster");
	assert_int_equal(repository->n_changed, 0);
	assert_int_equal(repository->n_unpushed, 1);
}

static void
test_project__changes_and_unpushed_commits_are_counted(void **state)
{
	const struct repository *repository;
	(void)state;
	shell(REPOSITORY " && git update-ref refs/remotes/origin/main HEAD && echo 2 >f && echo new >untracked");
	assert_true(repository_read(in_home("r"), &arena, &repository, &err));
	assert_int_equal(repository->n_changed, 1);
	assert_int_equal(repository->n_unpushed, 0);
}

static void
test_project__a_repository_without_commits_is_read(void **state)
{
	const struct repository *repository;
	(void)state;
	shell("git init -q r");
	assert_true(repository_read(in_home("r"), &arena, &repository, &err));
	assert_null(repository->commit);
	assert_null(repository->remote_name);
	shell("mkdir plain");
	assert_false(repository_read(in_home("plain"), &arena, &repository, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void
test_project__flag_beats_file_beats_remote_beats_folder(void **state)
{
	(void)state;
	shell(REPOSITORY " && printf 'name: pay\\nteam: payments\\nimage: r/x\\n' >.paas.yml");
	open_at("r/deep");
	assert_int_equal(problems.count, 0);
	assert_true(project_identify(&project, &settings, NULL, &identity, &err));
	assert_string_equal(identity.name, "pay");
	assert_string_equal(identity.name_origin, in_home("r/.paas.yml:1:7"));
	assert_string_equal(identity.team, "payments");
	assert_string_equal(identity.image, "r/x");
	assert_true(project_identify(&project, &settings, "other", &identity, &err));
	assert_string_equal(identity.name, "other");
	shell("mkdir folder");
	settings = (struct settings){.arena = &arena};
	open_at("folder");
	assert_true(project_identify(&project, &settings, NULL, &identity, &err));
	assert_string_equal(identity.name, "folder");
}

static void
test_project__one_of_several_applications_is_chosen(void **state)
{
	(void)state;
	shell("mkdir -p r/.git r/shop/sub r/worker && cd r && printf 'apps:\\n  shop: {file: shop/fiaas.yml}\\n"
	      "  worker: {file: worker/fiaas.yml, team: jobs}\\n' >.paas.yml");
	open_at("r");
	assert_false(project_identify(&project, &settings, NULL, &identity, &err));
	assert_int_equal(err.code, ERROR_USAGE);
	assert_string_equal(err.next, "say which (--name, or its argument): shop, worker");
	assert_true(project_identify(&project, &settings, "worker", &identity, &err));
	assert_string_equal(identity.spec_file, in_home("r/worker/fiaas.yml"));
	assert_string_equal(identity.team, "jobs");
	open_at("r/shop/sub");
	assert_true(project_identify(&project, &settings, NULL, &identity, &err));
	assert_string_equal(identity.name, "shop");
}

static void
test_project__of_nested_applications_the_inner_one_is_meant(void **state)
{
	(void)state;
	shell("mkdir -p r/.git r/shop r/shopping && cd r && touch fiaas.yml shop/fiaas.yml && printf 'apps:\n"
	      "  shop: {file: shop/fiaas.yml}\n  web: {file: fiaas.yml}\n' >.paas.yml");
	open_at("r/shop");
	assert_true(project_identify(&project, &settings, NULL, &identity, &err));
	assert_string_equal(identity.name, "shop");
	assert_null(project_app_of_file(&project, in_home("r/missing.yml")));
	assert_string_equal(project_app_of_file(&project, in_home("r/shop/../fiaas.yml")), "web");
	open_at("r/shopping");
	assert_true(project_identify(&project, &settings, NULL, &identity, &err));
	assert_string_equal(identity.name, "web");
}

static void
expect_problem(const char *text, const char *message)
{
	shell("mkdir -p r/.git && printf '%s' >r/.paas.yml", text);
	problems = (struct problems){.arena = &arena};
	open_at("r");
	assert_int_equal(problems.n_errors, 1);
	assert_string_equal(problems.items[0].message, message);
}

static void
test_project__hosts_commands_and_outside_paths_are_refused(void **state)
{
	(void)state;
	expect_problem("platform: /tmp/evil.yml\n", "\"platform\" may not be set by a repository: it is not "
	                                            "trusted with hosts, files or commands");
	expect_problem("aliases: {d: deploy}\n", "unknown key \"aliases\"");
	expect_problem("apps: {a: {file: ../x.yml}}\n", "\"file\": must stay inside the repository");
	expect_problem("apps: {a: {file: /etc/passwd}}\n", "\"file\": must be relative to .paas.yml");
	expect_problem("name: Not_A_Label\n", "\"name\" is \"Not_A_Label\", but must be lower case letters, digits "
	                                      "and '-', at most 63");
}

static void
test_project__nothing_above_home_or_outside_a_repository_is_read(void **state)
{
	(void)state;
	shell("mkdir -p h/a && printf 'name: x\\n' >.paas.yml");
	open_at("h/a");
	assert_null(project.file); /* no repository: only where we stand counts */
	shell("mkdir .git");
	open_at("h/a");
	assert_string_equal(project.file, in_home(".paas.yml"));
	setenv("HOME", in_home("h"), 1);
	open_at("h/a");
	assert_null(project.file);
}

static void
test_repository__commits_between_two_are_listed(void **state)
{
	(void)state;
	struct repository_commit *commits;
	size_t count;
	const struct repository *repository;
	shell("mkdir -p r && cd r && git init -qb main && echo 1 >f && git add f && " COMMIT_AS("one"));
	const char *folder = in_home("r");
	assert_true(repository_read(folder, &arena, &repository, &err));
	const char *first = repository->commit;
	shell("cd r && echo 2 >f && git add f && " COMMIT_AS("two") " && echo 3 >f && git add f && " COMMIT_AS("three"));
	assert_true(repository_read(folder, &arena, &repository, &err));
	assert_true(repository_commits(folder, first, repository->commit, 10, &arena, &commits, &count, &err));
	assert_int_equal(count, 2);
	assert_string_equal(commits[0].title, "three");
	assert_string_equal(commits[1].title, "two");
	assert_true(repository_commits(folder, first, repository->commit, 1, &arena, &commits, &count, &err));
	assert_int_equal(count, 1);
	assert_false(repository_commits(folder, "0123456789012345678901234567890123456789", first, 1, &arena, &commits,
	                                &count, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void
test_repository__urls_of_every_form_are_split(void **state)
{
	static const char *const rows[][3] = {
		{"git@github.com:acme/checkout.git", "acme", "checkout"},
		{"https://github.com/acme/checkout", "acme", "checkout"},
		{"ssh://git@host:22/acme/team/checkout.git/", "team", "checkout"},
		{"host:checkout", NULL, "checkout"},
		{"/srv/git/checkout.git", "git", "checkout"},
		{"x", NULL, NULL},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		const char *owner, *name;
		repository_split_url(rows[i][0], &arena, &owner, &name);
		if (rows[i][2] == NULL)
			assert_null(name);
		else
			assert_string_equal(name, rows[i][2]);
		if (!rows[i][1])
			assert_null(owner);
		else
			assert_string_equal(owner, rows[i][1]);
	}
	assert_string_equal(repository_clean_url("ssh://git@h/x@y", &arena), "ssh://h/x@y");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_project__the_origin_remote_names_the_application, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_project__changes_and_unpushed_commits_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_project__a_repository_without_commits_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_project__flag_beats_file_beats_remote_beats_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_project__one_of_several_applications_is_chosen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_project__of_nested_applications_the_inner_one_is_meant, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_project__hosts_commands_and_outside_paths_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_project__nothing_above_home_or_outside_a_repository_is_read, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_repository__commits_between_two_are_listed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_repository__urls_of_every_form_are_split, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
