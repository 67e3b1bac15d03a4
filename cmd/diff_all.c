#include "cmd/diff_all.h"

#include "cmd/command.h"
#include "cmd/diff_live.h"
#include "cmd/gravest.h"
#include "data/error_json.h"
#include "data/project.h"
#include "ui/output.h"

bool
diff_all_find(struct session *session, struct release_request *request, bool is_direct, struct diff_all *ret,
              struct error *err)
{
	const struct project *project = session->project;
	if (!project_has_apps(project, err))
		return false;
	*ret = (struct diff_all){.items = arena_array(session->arena, struct diff_one, project->n_apps),
	                         .failures = arena_array(session->arena, struct error, project->n_apps)};
	for (bool goes_on = true; goes_on && ret->count < project->n_apps; ret->count++) {
		struct diff_one *one = &ret->items[ret->count];
		struct error *failure = &ret->failures[ret->count];
		struct diff_live choice = {.request = request, .is_direct = is_direct};
		*one = (struct diff_one){.name = project->apps[ret->count].name, .differences = {.arena = session->arena}};
		*failure = (struct error){0};
		request->application = one->name;
		if (!diff_live_find(session, &choice, &one->subject, &one->differences, failure))
			output_failure(session->out, failure);
		one->is_direct = choice.is_direct;
		ret->is_different |= failure->code == ERROR_NONE && !differences_are_none(&one->differences);
		diff_view_warn(session->out, &one->differences);
		goes_on = failure->code != ERROR_INTERRUPTED && failure->code != ERROR_TERMINATED;
	}
	return true;
}

void
diff_all_print(struct output *out, const struct diff_all *all, struct arena *arena)
{
	bool is_first = true;
	for (size_t i = 0; i < all->count; i++) {
		if (all->failures[i].code != ERROR_NONE)
			continue;
		if (!is_first && !output_is_quiet(out))
			output_print(out, "\n");
		diff_view_print(out, &all->items[i].subject, &all->items[i].differences, arena);
		is_first = false;
	}
}

json_t *
diff_all_to_json(const struct diff_all *all)
{
	json_t *list = json_array();
	for (size_t i = 0; i < all->count; i++) {
		const struct diff_one *one = &all->items[i];
		bool is_fine = all->failures[i].code == ERROR_NONE;
		json_array_append_new(list, is_fine ? diff_live_to_json(&one->subject, &one->differences,
		                                                        one->is_direct)
		                                    : json_pack("{s:s, s:o}", "application", one->name, "error",
		                                                error_to_json(&all->failures[i])));
	}
	return json_pack("{s:b, s:o}", "is_same", !all->is_different && error_count(all->failures, all->count) == 0,
	                 "applications", list);
}

bool
diff_all_conclude(struct session *session, struct diff_all *all, struct error *err)
{
	const struct error *worst = error_gravest(all->failures, all->count);
	for (size_t i = 0; i < all->count; i++)
		differences_release(&all->items[i].differences);
	if (worst == NULL)
		return true;
	error_put(err, worst->code, "%zu of %zu applications could not be compared",
	          error_count(all->failures, all->count), session->project->n_apps);
	error_put_next(err, "%s", worst->next);
	return error_doing(err, "comparing all of %s", session->project->file);
}
