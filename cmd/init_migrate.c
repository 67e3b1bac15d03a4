/* `paas init --migrate`: version 2 of a fiaas.yml becomes version 3, shown before it is written. */
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/line_diff.h"
#include "cmd/init.h"
#include "core/onboard/migrate.h"
#include "data/yaml.h"
#include "ui/output.h"
#include "ui/prompt.h"

enum { DIFF_MAX_BYTES = 4 * 1024 * 1024 };

struct job {
	struct session *session;
	const struct init_wish *wish;
	const char *path, *old_text, *backup; /* backup NULL: none is kept */
	struct migration migration;
	struct buf diff;
};

static json_t *
texts_to_json(const char *const *texts, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

static bool
print_json(const struct job *job, bool is_written, struct error *err)
{
	const struct migration *migration = &job->migration;
	const char *text = migration->text != NULL ? migration->text : job->old_text;
	json_t *answer = json_pack("{s:s, s:b, s:s?, s:s, s:s}", "file", job->path, "is_written", is_written, "backup",
	                           is_written ? job->backup : NULL, "content", text, "diff", job->diff.bytes);
	json_object_set_new(answer, "changes", texts_to_json(migration->changes, migration->n_changes));
	json_object_set_new(answer, "dropped", texts_to_json(migration->dropped, migration->n_dropped));
	return output_json(job->session->out, answer, err);
}

static void
print_text(const struct job *job)
{
	const struct migration *migration = &job->migration;
	struct output *out = job->session->out;
	output_print_document(out, job->diff.bytes, job->diff.length);
	for (size_t i = 0; i < migration->n_changes; i++)
		output_warn(out, "%s", migration->changes[i]);
	for (size_t i = 0; i < migration->n_dropped; i++)
		output_note(out, "gone, as nobody reads it any more: %s", migration->dropped[i]);
	if (strchr(job->old_text, '#') != NULL)
		output_note(out, "comments of the old file are not taken over");
	if (migration->n_changes == 0)
		output_note(out, "FIAAS makes the same objects of both");
	else
		output_note(out, "apart from the warnings above, FIAAS makes the same objects of both");
}

static bool
confirm(const struct job *job, bool *ret, struct error *err)
{
	struct prompt prompt = {job->session->out, job->session->can_prompt, job->session->assume_yes};
	const char *text = arena_printf(job->session->arena, "Write %s?", job->path);
	struct prompt_question question = {.text = text, .flag = "--yes, or --dry-run to look only"};
	return prompt_confirm(&prompt, &question, ret, err);
}

static bool
write_both(const struct job *job, struct error *err)
{
	struct init_file backup = {.path = job->backup, .text = job->old_text};
	if (job->backup != NULL && !init_write_files(job->wish, &backup, 1, job->session->arena, err))
		return false;
	struct init_file schema;
	bool has_schema = init_schema_file(job->wish, job->session->arena, &schema);
	return file_write(job->path, job->migration.text, strlen(job->migration.text), 0644, err) &&
	       (!has_schema || init_write_files(job->wish, &schema, 1, job->session->arena, err));
}

static bool
finish(const struct job *job, bool prints_only, struct error *err)
{
	struct output *out = job->session->out;
	bool is_sure = false;
	if (prints_only) {
		output_print_document(out, job->migration.text, strlen(job->migration.text));
		return true;
	}
	if (!output_is_json(out))
		print_text(job);
	if (!job->wish->is_dry && !confirm(job, &is_sure, err))
		return false;
	if (is_sure && !write_both(job, err))
		return false;
	if (output_is_json(out))
		return print_json(job, is_sure, err);
	if (is_sure && job->backup != NULL)
		output_note(out, "wrote %s; the old one is %s", job->path, job->backup);
	else
		output_note(out, is_sure ? "wrote %s" : "%s is as it was", job->path);
	output_note(out, "next: %s", is_sure ? "paas validate" : "paas init --migrate");
	return true;
}

bool
init_migrate(struct session *session, const struct init_wish *wish, bool prints_only, struct error *err)
{
	struct job job = {.session = session, .wish = wish, .diff = BUF_INIT(DIFF_MAX_BYTES)};
	char *text;
	size_t length;
	job.path = init_path(wish, "fiaas.yml", session->arena);
	if (!file_read(job.path, yaml_limits_default.max_bytes, session->arena, &text, &length, err))
		return error_doing(err, "migrating %s", job.path);
	job.old_text = text;
	job.backup = wish->keeps_backup ? arena_printf(session->arena, "%s.bak", job.path) : NULL;
	if (migrate_version(text) == 3) {
		if (output_is_json(session->out))
			return print_json(&job, false, err);
		output_note(session->out, "%s is version 3 already", job.path);
		return true;
	}
	const char *schema = init_schema_target(wish, "", session->arena);
	if (!migrate(text, job.path, schema, session->arena, &job.migration, err))
		return error_doing(err, "migrating %s", job.path);
	line_diff(&job.diff, job.path, text, job.path, job.migration.text);
	bool is_fine = finish(&job, prints_only, err);
	buf_release(&job.diff);
	return is_fine;
}
