/* What a branch demands stands in two places (rulesets, classic protection), and what a commit has in two more (check
 * runs, statuses): reading one of each would call red what is green. */
#include <string.h>

#include "api/github/github.h"
#include "base/fiber.h"
#include "data/json.h"

enum { RULES_MAX = 300, RUNS_MAX = 500, STATUSES_MAX = 300, REQUIRED_MAX = 200 };
enum { RULES, BRANCH, RUNS, STATUSES, QUESTIONS };

struct question {
	const struct rest *rest;
	const char *path, *member;
	size_t max;
	bool is_list;
	struct arena arena;
	json_t *answer;
	struct error err;
	bool is_fine;
	struct fiber *fiber;
};

static void
ask(void *data)
{
	struct question *question = data;
	question->is_fine = question->is_list
	                    ? rest_get_list(question->rest, question->path, question->member, question->max, &question->arena,
	                                    &question->answer, &question->err)
	                    : rest_get(question->rest, question->path, &question->arena, &question->answer, &question->err);
}

static void
put_questions(const struct rest *rest, const char *slug, const char *commit, const char *base, struct arena *arena,
              struct question questions[static QUESTIONS])
{
	const char *branch = http_escape(base, arena), *sha = http_escape(commit, arena);
	const struct question all[QUESTIONS] = {
		[RULES] = {.path = arena_printf(arena, "/repos/%s/rules/branches/%s?per_page=100", slug, branch), .max = RULES_MAX,
		           .is_list = true},
		[BRANCH] = {.path = arena_printf(arena, "/repos/%s/branches/%s", slug, branch)},
		[RUNS] = {.path = arena_printf(arena, "/repos/%s/commits/%s/check-runs?filter=latest&per_page=100", slug, sha),
		          .max = RUNS_MAX, .is_list = true, .member = "check_runs"},
		[STATUSES] = {.path = arena_printf(arena, "/repos/%s/commits/%s/status?per_page=100", slug, sha),
		              .max = STATUSES_MAX, .is_list = true, .member = "statuses"},
	};
	for (size_t i = 0; i < QUESTIONS; i++) {
		questions[i] = all[i];
		questions[i].rest = rest;
	}
}

/* ---- what is demanded ---- */

struct required {
	const char *names[REQUIRED_MAX];
	size_t count;
};

static void
demand(struct required *required, const char *name)
{
	for (size_t i = 0; i < required->count; i++)
		if (strcmp(required->names[i], name) == 0)
			return;
	if (required->count < REQUIRED_MAX && *name != '\0')
		required->names[required->count++] = name;
}

/* Names are borrowed from the answers. */
static void
read_required(const struct question questions[static QUESTIONS], struct required *ret)
{
	const json_t *rule, *check;
	size_t i, at;
	*ret = (struct required){0};
	json_array_foreach(questions[RULES].answer, i, rule)
		if (strcmp(json_text_or(rule, "type", ""), "required_status_checks") == 0)
			json_array_foreach(json_list_at(rule, "parameters.required_status_checks"), at, check)
				demand(ret, json_text_or(check, "context", ""));
	json_array_foreach(json_list_at(questions[BRANCH].answer, "protection.required_status_checks.contexts"), i, check)
		demand(ret, json_is_string(check) ? json_string_value(check) : "");
}

/* ---- what there is ---- */

static enum github_verdict
verdict_of_run(const json_t *run)
{
	static const char *const passed[] = {"success", "neutral", "skipped"};
	const char *conclusion = json_text_or(run, "conclusion", "");
	if (strcmp(json_text_or(run, "status", ""), "completed") != 0)
		return GITHUB_PENDING;
	for (size_t i = 0; i < array_length(passed); i++)
		if (strcmp(conclusion, passed[i]) == 0)
			return GITHUB_PASSED;
	return GITHUB_FAILED;
}

static enum github_verdict
verdict_of_status(const json_t *status)
{
	const char *state = json_text_or(status, "state", "");
	return strcmp(state, "success") == 0 ? GITHUB_PASSED : strcmp(state, "pending") == 0 ? GITHUB_PENDING : GITHUB_FAILED;
}

/* Names of a check run and of a status. */
static const struct check_source {
	size_t question;
	const char *name;
	enum github_verdict (*verdict)(const json_t *item);
} sources[] = {
	{RUNS, "name", verdict_of_run},
	{STATUSES, "context", verdict_of_status},
};

static void
add(struct github_checks *checks, const char *name, enum github_verdict verdict, struct arena *arena)
{
	checks->n_passed += verdict == GITHUB_PASSED;
	checks->n_failed += verdict == GITHUB_FAILED;
	checks->n_pending += verdict == GITHUB_PENDING;
	if (checks->n_listed < GITHUB_CHECKS_MAX)
		checks->list[checks->n_listed++] = (struct github_check){arena_strdup(arena, name), verdict};
}

/* One that has not reported yet is pending; of several by one name the worst counts. */
static enum github_verdict
verdict_of(const char *name, const struct question questions[static QUESTIONS])
{
	bool has[] = {[GITHUB_PENDING] = false, [GITHUB_PASSED] = false, [GITHUB_FAILED] = false};
	const json_t *item;
	size_t i;
	for (size_t at = 0; at < array_length(sources); at++)
		json_array_foreach(questions[sources[at].question].answer, i, item)
			if (strcmp(json_text_or(item, sources[at].name, ""), name) == 0)
				has[sources[at].verdict(item)] = true;
	return has[GITHUB_FAILED] ? GITHUB_FAILED : has[GITHUB_PENDING] || !has[GITHUB_PASSED] ? GITHUB_PENDING : GITHUB_PASSED;
}

static void
judge(const struct question questions[static QUESTIONS], struct arena *arena, struct github_checks *ret)
{
	struct required required;
	const json_t *item;
	size_t i;
	read_required(questions, &required);
	*ret = (struct github_checks){.are_required = required.count > 0,
	                              .list = arena_array(arena, struct github_check, GITHUB_CHECKS_MAX)};
	for (i = 0; i < required.count; i++)
		add(ret, required.names[i], verdict_of(required.names[i], questions), arena);
	for (size_t at = 0; required.count == 0 && at < array_length(sources); at++)
		json_array_foreach(questions[sources[at].question].answer, i, item)
			add(ret, json_text_or(item, sources[at].name, ""), sources[at].verdict(item), arena);
}

bool
github_checks_of_commit(const struct rest *rest, const char *slug, const char *commit, const char *base,
                        struct arena *arena, struct github_checks *ret, struct error *err)
{
	struct question questions[QUESTIONS];
	struct loop *loop = fiber_loop(fiber_current());
	bool is_fine = true;
	put_questions(rest, slug, commit, base, arena, questions);
	for (size_t i = 0; i < QUESTIONS; i++)
		questions[i].fiber = fiber_start(loop, ask, &questions[i]);
	for (size_t i = 0; i < QUESTIONS; i++)
		fiber_join(questions[i].fiber);
	/* Older servers know no rulesets, and a base branch may be gone: what is demanded is then not known from there. */
	for (size_t i = 0; i < QUESTIONS && is_fine; i++) {
		is_fine = questions[i].is_fine || (i <= BRANCH && questions[i].err.code == ERROR_NOT_FOUND);
		if (!is_fine)
			*err = questions[i].err;
	}
	if (is_fine)
		judge(questions, arena, ret);
	for (size_t i = 0; i < QUESTIONS; i++) {
		json_decref(questions[i].answer);
		arena_release(&questions[i].arena);
	}
	return is_fine;
}
