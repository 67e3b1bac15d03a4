#include "core/identity/identity.h"

#include <stdlib.h>
#include <string.h>

#include "auth/sign_on.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "data/platform.h"
#include "role/account.h"
#include "role/systems.h"

enum { DEADLINE_MS = 20 * 1000 };

static const char *const state_names[] = {
	[IDENTITY_OK] = "ok", [IDENTITY_OPEN] = "open", [IDENTITY_MISSING] = "missing", [IDENTITY_REFUSED] = "refused",
	[IDENTITY_UNKNOWN] = "unknown",
};

const char *
identity_state_name(enum identity_state state)
{
	return state_names[state];
}

/* One system, in a fiber of its own. */
struct job {
	struct http *http;
	const struct platform *platform;
	const struct system *system; /* NULL: the sign-on */
	struct arena *arena;
	struct identities *all;
	struct identity *identity;
	struct fiber *fiber;
	bool is_done, is_late;
};

struct jobs {
	struct job items[SYSTEMS_MAX + 1];
	size_t count;
};

/* ---- one ---- */

static void
judge(struct identity *identity, const struct error *failure)
{
	bool is_refused = failure->code == ERROR_NOT_LOGGED_IN || failure->code == ERROR_FORBIDDEN;
	bool is_unreadable = failure->code == ERROR_FILE || failure->code == ERROR_INVALID_FILE; /* the store, or a token file */
	bool is_missing = is_unreadable || (is_refused && identity->source == CREDENTIAL_NONE);
	identity->failure = *failure;
	identity->state = is_missing ? IDENTITY_MISSING : is_refused ? IDENTITY_REFUSED : IDENTITY_UNKNOWN;
}

/* What counts, though it cannot be had. */
static void
put_broken_source(const struct system *system, struct arena *arena, struct identity *identity)
{
	bool is_in_variable = credential_is_in_variable(&system->credential);
	bool is_in_file = !is_in_variable && credential_is_in_file(&system->credential);
	bool is_job = system->credential.takes_sign_on && credential_is_stood_in();
	identity->source = is_in_variable ? CREDENTIAL_VARIABLE : is_in_file ? CREDENTIAL_FILE : is_job ? CREDENTIAL_WORKLOAD : CREDENTIAL_STORE;
	identity->detail = is_in_variable ? credential_variable_of(&system->credential, arena) : is_in_file ? getenv("PAAS_TOKEN_FILE") : NULL;
}

static void
ask_system(struct job *job)
{
	struct identity *identity = job->identity;
	scoped(credential_release) struct credential credential = {0};
	struct account account;
	struct error failure = {0};
	if (!credential_find(&job->system->credential, job->arena, &credential, &failure)) {
		put_broken_source(job->system, job->arena, identity);
		judge(identity, &failure);
		return;
	}
	identity->source = credential.source;
	identity->detail = credential.subject != NULL ? arena_printf(job->arena, "client certificate %s", credential.subject) : credential.detail;
	identity->account = credential.account;
	identity->scopes = credential.scopes;
	identity->expires_at_ms = credential.expires_at_ms;
	identity->shadows_stored = (credential.source == CREDENTIAL_VARIABLE || credential.source == CREDENTIAL_FILE) &&
	                           credential_is_stored(&job->system->credential);
	if (!account_ask(job->http, job->system, &credential, job->arena, &account, &failure)) {
		judge(identity, &failure);
		return;
	}
	identity->state = credential.source == CREDENTIAL_NONE ? IDENTITY_OPEN : IDENTITY_OK;
	identity->account = account.name != NULL ? account.name : identity->account;
	identity->scopes = account.scopes != NULL ? account.scopes : identity->scopes;
	identity->expires_at_ms = account.expires_at_ms != 0 ? account.expires_at_ms : identity->expires_at_ms;
}

static void
take_teams(struct job *job, const struct sign_on_standing *standing)
{
	const struct platform *platform = job->platform;
	struct identities *all = job->all;
	all->teams = arena_array(job->arena, const char *, platform->n_teams + 1);
	for (size_t i = 0; i < platform->n_teams; i++) {
		bool is_ours = false;
		for (size_t k = 0; k < standing->n_groups && !is_ours; k++)
			is_ours = platform_team_has_group(&platform->teams[i], standing->groups[k]);
		if (is_ours)
			all->teams[all->n_teams++] = platform->teams[i].name;
	}
}

static void
ask_sign_on(struct job *job)
{
	struct identity *identity = job->identity;
	struct sign_on_standing standing;
	struct error failure = {0};
	identity->source = CREDENTIAL_STORE;
	if (!sign_on_ask(job->arena, &standing, &failure)) {
		judge(identity, &failure);
		return;
	}
	if (standing.account == NULL) {
		identity->source = CREDENTIAL_NONE;
		error_put(&failure, ERROR_NOT_LOGGED_IN, "nobody is logged in");
		error_put_next(&failure, "paas login");
		judge(identity, &failure);
		return;
	}
	identity->state = IDENTITY_OK;
	identity->account = standing.account;
	identity->scopes = standing.scopes;
	identity->expires_at_ms = standing.expires_at_ms;
	identity->can_renew = standing.can_renew;
	take_teams(job, &standing);
}

static void
run_job(void *data)
{
	struct job *job = data;
	if (job->system == NULL)
		ask_sign_on(job);
	else
		ask_system(job);
	job->is_done = true;
}

/* ---- all ---- */

static void
end_slow_jobs(struct loop_timer *timer)
{
	struct jobs *jobs = timer->data;
	for (size_t i = 0; i < jobs->count; i++) {
		if (jobs->items[i].is_done)
			continue;
		jobs->items[i].is_late = true;
		fiber_cancel(jobs->items[i].fiber);
	}
}

static void
add_job(struct jobs *jobs, struct job job)
{
	job.identity = &job.all->items[jobs->count];
	job.identity->system = job.system != NULL ? job.system->name : "sso";
	job.all->count++;
	jobs->items[jobs->count++] = job;
}

static bool
plan(struct jobs *jobs, struct job model, const char *only, struct error *err)
{
	const struct platform *platform = model.platform;
	struct system *systems = arena_array(model.arena, struct system, SYSTEMS_MAX);
	size_t n_systems = systems_of_platform(platform, model.arena, systems);
	const struct system *chosen = NULL;
	bool is_stood_in = only == NULL && credential_is_stood_in(); /* a job has an identity, and nobody to sign on */
	bool wants_sign_on = (only == NULL || strcmp(only, "sso") == 0) && !is_stood_in;
	if (only != NULL && !wants_sign_on && !systems_find(systems, n_systems, only, &chosen, err))
		return false;
	if (wants_sign_on && platform->sso.provider != NULL)
		add_job(jobs, model);
	for (size_t i = 0; i < n_systems; i++) {
		model.system = &systems[i];
		if (only == NULL || chosen == model.system)
			add_job(jobs, model);
	}
	return true;
}

static void
run_all(struct loop *loop, struct jobs *jobs)
{
	struct loop_timer deadline = {.fire = end_slow_jobs, .data = jobs};
	for (size_t i = 0; i < jobs->count; i++)
		jobs->items[i].fiber = fiber_start(loop, run_job, &jobs->items[i]);
	loop_timer_set(loop, &deadline, DEADLINE_MS);
	for (size_t i = 0; i < jobs->count; i++)
		fiber_join(jobs->items[i].fiber);
	loop_timer_cancel(loop, &deadline);
	for (size_t i = 0; i < jobs->count; i++) {
		struct identity *identity = jobs->items[i].identity;
		if (!jobs->items[i].is_late || identity->failure.code != ERROR_INTERRUPTED)
			continue;
		error_put(&identity->failure, ERROR_UNREACHABLE, "no answer within %d s", DEADLINE_MS / 1000);
		identity->state = IDENTITY_UNKNOWN;
	}
}

bool
identity_ask(struct loop *loop, struct http *http, const struct platform *platform, const char *only, struct arena *arena,
             struct identities *ret, struct error *err)
{
	struct jobs jobs = {0};
	*ret = (struct identities){.items = arena_array(arena, struct identity, SYSTEMS_MAX + 1)};
	memset(ret->items, 0, (SYSTEMS_MAX + 1) * sizeof *ret->items);
	if (!plan(&jobs, (struct job){.http = http, .platform = platform, .arena = arena, .all = ret}, only, err))
		return false;
	run_all(loop, &jobs);
	return !fiber_is_cancelled() || error_set(err, ERROR_INTERRUPTED, "interrupted");
}

const struct identity *
identity_lacking(const struct identities *identities)
{
	for (size_t i = 0; i < identities->count; i++) {
		enum identity_state state = identities->items[i].state;
		if (state == IDENTITY_MISSING || state == IDENTITY_REFUSED)
			return &identities->items[i];
	}
	return NULL;
}
