#include "role/cd.h"

#include <string.h>

#include "auth/credential.h"
#include "data/platform.h"
#include "net/http.h"
#include "role/cd_provider.h"
#include "role/systems.h"

/* NULL: the operator of the cluster is spoken to directly. */
static const struct provider_row {
	const char *name;
	const struct cd_provider *provider;
} provider_rows[] = {
	{"fiaas", NULL},
	{"spinnaker", &cd_spinnaker},
};

struct cd {
	const struct provider_row *row;
	struct http_endpoint endpoint;
	struct credential credential; /* the endpoint's */
	void *tool;                   /* NULL: no pipelines */
};

/* ---- opening ---- */

static const struct provider_row *
row_of(const struct platform *platform)
{
	const char *name = platform->cd.provider;
	for (size_t i = 0; name != NULL && i < array_length(provider_rows); i++)
		if (strcmp(provider_rows[i].name, name) == 0)
			return &provider_rows[i];
	return &provider_rows[0];
}

static bool
find_system(const struct platform *platform, struct arena *arena, const struct system **ret, struct error *err)
{
	struct system *systems = arena_array(arena, struct system, SYSTEMS_MAX);
	struct error ignored;
	if (systems_find(systems, systems_of_platform(platform, arena, systems), "cd", ret, &ignored))
		return true;
	error_put(err, ERROR_INVALID_FILE, "%s: cd.url is missing", platform->path);
	return error_next(err, "give the address of %s's API", platform->cd.provider);
}

static bool
open_tool(struct http *http, const struct platform *platform, struct cd *cd, struct arena *arena, struct error *err)
{
	const struct system *system;
	bool may_look = credential_has_begun();
	if (!find_system(platform, arena, &system, err) ||
	    (may_look && !credential_find(&system->credential, arena, &cd->credential, err)) ||
	    !systems_endpoint(system, &cd->credential, arena, &cd->endpoint, err))
		return false;
	cd->tool = cd->row->provider->open(http, &cd->endpoint, system, platform->cd.web, arena);
	return true;
}

bool
cd_open(struct http *http, const struct platform *platform, struct arena *arena, struct cd **ret, struct error *err)
{
	struct cd *cd = arena_new(arena, struct cd);
	cd->row = row_of(platform);
	if (cd->row->provider != NULL && !open_tool(http, platform, cd, arena, err)) {
		credential_release(&cd->credential);
		return false;
	}
	*ret = cd;
	return true;
}

void
cd_close(struct cd **cd)
{
	if (*cd == NULL)
		return;
	if ((*cd)->tool != NULL)
		(*cd)->row->provider->close((*cd)->tool);
	credential_release(&(*cd)->credential);
	*cd = NULL;
}

bool
cd_knows_pipelines(const struct platform *platform)
{
	return row_of(platform)->provider != NULL;
}

bool
cd_has_pipelines(const struct cd *cd)
{
	return cd->tool != NULL;
}

const char *
cd_name(const struct cd *cd)
{
	return cd->row->name;
}

/* ---- words ---- */

static const struct state_row {
	const char *name;
	bool is_over, is_bad;
} state_rows[] = {
	[CD_QUEUED] = {"queued", false, false}, [CD_RUNNING] = {"running", false, false}, [CD_PAUSED] = {"paused", false, false},
	[CD_NEEDS_APPROVAL] = {"needs-approval", false, false}, [CD_SUCCEEDED] = {"succeeded", true, false},
	[CD_SKIPPED] = {"skipped", true, false}, [CD_FAILED] = {"failed", true, true}, [CD_FAILED_ON] = {"failed-on", true, true},
	[CD_STOPPED] = {"stopped", true, true}, [CD_CANCELLED] = {"cancelled", true, true}, [CD_OTHER] = {"other", false, false},
};

const char *
cd_state_name(enum cd_state state)
{
	return state_rows[state].name;
}

bool
cd_is_over(enum cd_state state)
{
	return state_rows[state].is_over;
}

bool
cd_is_bad(enum cd_state state)
{
	return state_rows[state].is_bad;
}

const struct cd_step *
cd_run_approval(const struct cd_run *run)
{
	for (size_t i = 0; i < run->n_steps; i++)
		if (run->steps[i].state == CD_NEEDS_APPROVAL)
			return &run->steps[i];
	return NULL;
}

const char *
cd_step_judges(const struct cd_step *step, struct arena *arena)
{
	const char *text = "";
	for (size_t i = 0; step->judges != NULL && step->judges[i] != NULL; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? " or " : "", step->judges[i]);
	return text;
}

const struct cd_step *
cd_run_deployed(const struct cd_run *run, const char *name, const char *namespace)
{
	for (size_t i = 0; i < run->n_steps; i++) {
		const struct cd_step *step = &run->steps[i];
		if (step->state == CD_SUCCEEDED && step->deployed.name != NULL && strcmp(step->deployed.name, name) == 0 &&
		    strcmp(step->deployed.namespace, namespace) == 0)
			return step;
	}
	return NULL;
}

/* ---- asking ---- */

static bool
name_system(const struct cd *cd, bool is_fine, struct error *err)
{
	if (!is_fine && err->code != ERROR_INTERRUPTED)
		error_put_source(err, cd_name(cd), "", "");
	return is_fine;
}

const char *
cd_pipeline_name(const struct platform_environment *environment, struct arena *arena)
{
	return environment->pipeline != NULL ? environment->pipeline : arena_printf(arena, "deploy-%s", environment->name);
}

bool
cd_find_pipeline(struct cd *cd, const char *application, const struct platform_environment *environment, struct arena *arena,
                 struct cd_pipeline *ret, struct error *err)
{
	const char *name = cd_pipeline_name(environment, arena);
	return name_system(cd, cd->row->provider->find_pipeline(cd->tool, application, name, arena, ret, err), err);
}

bool
cd_reads_parameter(struct cd *cd, const struct cd_pipeline *pipeline, const char *name, struct arena *arena)
{
	return cd->row->provider->reads_parameter(pipeline, name, arena);
}

bool
cd_check_pipeline(struct cd *cd, const struct cd_pipeline *pipeline, const json_t *parameters, const char *const *needed,
                  struct arena *arena, struct error *err)
{
	if (!cd->row->provider->check_pipeline(pipeline, parameters, err))
		return false;
	for (size_t i = 0; needed[i] != NULL; i++) {
		if (cd_reads_parameter(cd, pipeline, needed[i], arena))
			continue;
		error_put(err, ERROR_INVALID_SPEC, "the pipeline %s never reads the parameter %s, so it would deploy something else",
		          pipeline->name, needed[i]);
		return error_next(err, "have ${parameters.%s} put where the pipeline needs it", needed[i]);
	}
	return true;
}

bool
cd_looks_like_run(const struct cd *cd, const char *text)
{
	return text != NULL && cd_has_pipelines(cd) && cd->row->provider->looks_like_run(text);
}

bool
cd_start(struct cd *cd, const struct cd_pipeline *pipeline, const json_t *parameters, const char *correlation_id,
         struct arena *arena, const char **ret_id, struct error *err)
{
	return name_system(cd, cd->row->provider->start(cd->tool, pipeline, parameters, correlation_id, arena, ret_id, err), err);
}

bool
cd_read(struct cd *cd, const char *id, struct arena *arena, struct cd_run *ret, struct error *err)
{
	return name_system(cd, cd->row->provider->read(cd->tool, id, arena, ret, err), err);
}

bool
cd_list(struct cd *cd, const struct cd_query *query, struct arena *arena, struct cd_run **ret, size_t *ret_count,
        struct error *err)
{
	return name_system(cd, cd->row->provider->list(cd->tool, query, arena, ret, ret_count, err), err);
}

bool
cd_find_cause(struct cd *cd, const struct cd_run *run, struct arena *arena, struct cd_cause *ret)
{
	return cd->row->provider->find_cause(cd->tool, run, arena, ret);
}

bool
cd_judge(struct cd *cd, const struct cd_run *run, const struct cd_step *step, const struct cd_judgment *judgment,
         struct arena *arena, bool *ret_approved, const char **ret_user, struct error *err)
{
	if (cd->row->provider->judge(cd->tool, run, step, judgment, arena, ret_approved, ret_user, err))
		return true;
	if (err->code == ERROR_FORBIDDEN && step->judges != NULL)
		error_put_next(err, "ask somebody who is one of %s", cd_step_judges(step, arena));
	return name_system(cd, false, err);
}

bool
cd_cancel(struct cd *cd, const char *id, const char *reason, struct arena *arena, enum cd_state *ret, struct error *err)
{
	return name_system(cd, cd->row->provider->cancel(cd->tool, id, reason, arena, ret, err), err);
}

void
cd_run_release(struct cd_run *run)
{
	if (run->release != NULL)
		run->release(run);
	run->release = NULL;
}
