#include "core/deploy/pipeline.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "data/json.h"
#include "data/platform.h"

enum { HASH_BYTES = 12, CAUTION_MAX = 400, APPEARS_WITHIN_MS = 30 * 1000 };

/* ---- what it is given ---- */

const char *const pipeline_needed[] = {"image", NULL};

static void
put(json_t *parameters, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		json_object_set_new(parameters, name, json_string(value));
}

json_t *
pipeline_parameters(const struct release *release, const char *deployment_id, const char *author)
{
	scoped(arena_release) struct arena arena = {0};
	json_t *parameters = json_object();
	put(parameters, "application", release->name);
	put(parameters, "environment", release->environment->name);
	put(parameters, "image", release->image);
	put(parameters, "digest", release->digest);
	put(parameters, "commit", release->commit);
	put(parameters, "config", json_write(release->config, &arena));
	put(parameters, "deployment_id", deployment_id);
	put(parameters, "deployed_by", author);
	return parameters;
}

const char *
pipeline_correlation(const struct release *release, const char *salt, struct arena *arena)
{
	char *config = json_dumps(release->config, JSON_COMPACT | JSON_SORT_KEYS), hex[2 * HASH_BYTES + 1];
	const char *const parts[] = {release->name, release->environment->name, release->image,
	                             release->digest != NULL ? release->digest : "", config != NULL ? config : ""};
	unsigned char hash[HASH_BYTES < crypto_generichash_BYTES_MIN ? crypto_generichash_BYTES_MIN : HASH_BYTES];
	crypto_generichash_state state;
	crypto_generichash_init(&state, NULL, 0, sizeof hash);
	for (size_t i = 0; i < array_length(parts); i++)
		crypto_generichash_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
	crypto_generichash_final(&state, hash, sizeof hash);
	free(config);
	return arena_printf(arena, "paas-%s%s%s", sodium_bin2hex(hex, sizeof hex, hash, HASH_BYTES), *salt != '\0' ? "." : "", salt);
}

bool
pipeline_is_same_release(const char *correlation, const char *other)
{
	size_t length = strcspn(correlation, ".");
	return length > 0 && strncmp(correlation, other, length) == 0 && (other[length] == '\0' || other[length] == '.');
}

/* ---- following ---- */

struct pace {
	int64_t began_ms, looked_ms, person_ms; /* our clock; person_ms: what passed while a person was waited for */
	bool is_waiting_for_person;
};

/* Often at first, then less: Gate has no stream. */
static int64_t
pause_ms(const struct pace *pace)
{
	int64_t age_ms = clock_monotonic_ms() - pace->began_ms;
	return age_ms < 10 * 1000 ? 1000 : age_ms < 120 * 1000 ? 2000 : 5000;
}

static void
keep_pace(struct pace *pace, bool is_waiting_for_person)
{
	int64_t now_ms = clock_monotonic_ms();
	if (pace->is_waiting_for_person)
		pace->person_ms += now_ms - pace->looked_ms;
	pace->is_waiting_for_person = is_waiting_for_person;
	pace->looked_ms = now_ms;
}

static bool
is_time_up(const struct pipeline_watch *watch, const struct pace *pace)
{
	return !pace->is_waiting_for_person && pace->looked_ms - pace->began_ms - pace->person_ms >= watch->limit_ms;
}

/* Another step has begun to hand over something else: that is another deployment. */
static bool
has_gone_on(const struct pipeline_watch *watch, const struct cd_run *run)
{
	for (size_t i = 0; i < run->n_steps; i++) {
		const struct cd_step *step = &run->steps[i];
		bool is_other = step->deployed.name != NULL && (strcmp(step->deployed.name, watch->name) != 0 ||
		                                                 strcmp(step->deployed.namespace, watch->namespace) != 0);
		if (is_other && step->state == CD_RUNNING)
			return true;
	}
	return false;
}

static bool
is_end(const struct pipeline_watch *watch, const struct cd_run *run, enum pipeline_end *ret)
{
	bool needs_person = cd_run_approval(run) != NULL;
	if (!watch->is_deployed && cd_run_deployed(run, watch->name, watch->namespace) != NULL)
		*ret = PIPELINE_DEPLOYED;
	else if (cd_is_over(run->state))
		*ret = PIPELINE_OVER;
	else if (needs_person && (watch->is_deployed || !watch->waits_for_person))
		*ret = PIPELINE_WAITS;
	else if (watch->is_deployed && has_gone_on(watch, run))
		*ret = PIPELINE_DEPLOYED;
	else
		return false;
	return true;
}

/* An answer may come later: the tool is away for a moment, or has not stored what it accepted. */
static bool
may_look_again(const struct error *trouble, const struct pace *pace)
{
	bool is_young = clock_monotonic_ms() - pace->began_ms < APPEARS_WITHIN_MS;
	return trouble->retryable || trouble->code == ERROR_UNREACHABLE || trouble->code == ERROR_BAD_ANSWER ||
	       trouble->code == ERROR_RATE_LIMITED || (trouble->code == ERROR_NOT_FOUND && is_young);
}

static bool
put_not_found(const struct pipeline_watch *watch, struct error *err)
{
	if (err->code != ERROR_NOT_FOUND)
		return false;
	error_put(err, ERROR_BAD_ANSWER, "%s accepted the pipeline, but run %s never appeared", cd_name(watch->cd), watch->run_id);
	return error_next(err, "look whether the pipeline was disabled or renamed, and whether its event service runs");
}

/* An end is one when it is read back: whoever restarts a stage makes a run that has ended run again. */
static bool
read_back(const struct pipeline_watch *watch, enum pipeline_end end, struct arena *arena, struct cd_run *ret, bool *ret_is_final,
          struct error *err)
{
	if (!cd_read(watch->cd, watch->run_id, arena, ret, err))
		return false;
	*ret_is_final = end != PIPELINE_OVER || cd_is_over(ret->state);
	if (!*ret_is_final)
		cd_run_release(ret);
	return true;
}

bool
pipeline_follow(const struct pipeline_watch *watch, struct arena *arena, enum pipeline_end *ret, struct cd_run *ret_run,
                struct error *err)
{
	struct pace pace = {.began_ms = clock_monotonic_ms(), .looked_ms = clock_monotonic_ms()};
	for (;;) {
		struct arena memory = {0};
		struct cd_run run = {0};
		bool is_read = cd_read(watch->cd, watch->run_id, &memory, &run, err);
		bool is_over = is_read && is_end(watch, &run, ret), goes_on = is_read || may_look_again(err, &pace);
		keep_pace(&pace, is_read && cd_run_approval(&run) != NULL);
		if (is_read || goes_on)
			watch->told(watch->data, is_read ? &run : NULL, is_read ? NULL : err);
		if (!is_over && goes_on && is_time_up(watch, &pace)) {
			*ret = PIPELINE_TIMED_OUT;
			is_over = true;
		}
		cd_run_release(&run);
		arena_release(&memory);
		if (is_over && !read_back(watch, *ret, arena, ret_run, &is_over, err))
			return false;
		if (is_over)
			return true;
		if (!goes_on)
			return put_not_found(watch, err);
		if (!fiber_sleep(watch->loop, pause_ms(&pace)))
			return error_set(err, ERROR_INTERRUPTED, "the pipeline goes on");
	}
}

/* ---- what became of it ---- */

static bool
put_cancelled(const struct cd_run *run, struct error *err)
{
	bool is_refused = strcmp(run->stopped_by, "system") == 0;
	error_put(err, is_refused ? ERROR_DEPLOY_FAILED : ERROR_CANCELLED, "pipeline %s %s%s%s%s%s", run->pipeline,
	          is_refused ? "never started" : "was cancelled", !is_refused && *run->stopped_by != '\0' ? " by " : "",
	          is_refused ? "" : run->stopped_by, *run->reason != '\0' ? ": " : "", run->reason);
	error_put_next(err, "look at %s", run->url);
	return true;
}

/* The step that should have handed it over, when that went wrong without an end to the run. */
static const struct cd_step *
missing_step(const struct cd_run *run, const char *name, const char *namespace)
{
	for (size_t i = 0; i < run->n_steps; i++) {
		const struct cd_step *step = &run->steps[i];
		if ((step->state == CD_FAILED_ON || step->state == CD_STOPPED) && step->deployed.name != NULL &&
		    strcmp(step->deployed.name, name) == 0 && strcmp(step->deployed.namespace, namespace) == 0)
			return step;
	}
	return NULL;
}

bool
pipeline_put_failure(struct cd *cd, const struct cd_run *run, const char *name, const char *namespace, struct arena *arena,
                     struct error *err)
{
	struct cd_cause cause = {.step = ""};
	const struct cd_step *missing = cd_is_over(run->state) ? missing_step(run, name, namespace) : NULL;
	if (!cd_is_bad(run->state) && missing == NULL)
		return false;
	bool is_known = cd_find_cause(cd, run, arena, &cause);
	if (run->state == CD_CANCELLED && *cause.step == '\0')
		return put_cancelled(run, err);
	const char *text = is_known && cause.texts[0] != NULL ? cause.texts[0] : "nobody says why";
	error_put(err, ERROR_DEPLOY_FAILED, "pipeline %s%s%s %s%s: %s", run->pipeline, *cause.step != '\0' ? ": " : "", cause.step,
	          missing == NULL ? "failed" : "failed, and the pipeline went on as if it had not (",
	          missing == NULL ? "" : arena_printf(arena, "%s)", missing->word), text);
	error_put_next(err, "look at %s", run->url);
	return true;
}

const char *
pipeline_caution(const struct cd_run *run, struct arena *arena)
{
	scoped(buf_release) struct buf text = BUF_INIT(CAUTION_MAX);
	for (size_t i = 0; i < run->n_steps; i++) {
		const struct cd_step *step = &run->steps[i];
		if (step->depth > 0 || (step->state != CD_FAILED_ON && step->state != CD_STOPPED))
			continue;
		buf_printf(&text, "%s%s %s (%s)", text.length > 0 ? "; " : "", step->name,
		           step->state == CD_STOPPED ? "stopped its branch" : "failed, and the pipeline went on", step->word);
	}
	return text.length > 0 ? arena_strdup(arena, text.bytes) : NULL;
}

/* ---- JSON ---- */

static void
put_time(json_t *object, const char *key, int64_t time_ms)
{
	char text[CLOCK_TEXT_BYTES];
	json_object_set_new(object, key, time_ms > 0 ? json_string(clock_format(time_ms, text)) : json_null());
}

static json_t *
step_to_json(const struct cd_step *step)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s?}", "id", step->id, "name", step->name, "type", step->type,
	                           "state", cd_state_name(step->state), "word", step->word, "depth", (int)step->depth, "doing",
	                           *step->doing != '\0' ? step->doing : NULL);
	put_time(object, "started_at", step->started_ms);
	put_time(object, "ended_at", step->ended_ms);
	if (*step->run_id != '\0')
		json_object_set_new(object, "run", json_string(step->run_id));
	if (*step->instructions != '\0')
		json_object_set_new(object, "instructions", json_string(step->instructions));
	return object;
}

json_t *
pipeline_run_to_json(const struct cd_run *run)
{
	json_t *steps = json_array();
	for (size_t i = 0; i < run->n_steps; i++)
		json_array_append_new(steps, step_to_json(&run->steps[i]));
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:o}", "id", run->id, "pipeline", run->pipeline, "state",
	                           cd_state_name(run->state), "word", run->word, "url", run->url, "user",
	                           *run->user != '\0' ? run->user : NULL, "steps", steps);
	put_time(object, "started_at", run->started_ms);
	put_time(object, "ended_at", run->ended_ms);
	return object;
}
