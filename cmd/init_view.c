/* What `paas init` found and did, for people and as JSON. */
#include <string.h>

#include "cmd/init.h"
#include "ui/output.h"
#include "ui/table.h"

/* What fiaas.yml does not depend on is for --json. */
static bool
is_told(enum fact_name name)
{
	return name != FACT_BUILD && name != FACT_TEST && name != FACT_COVERAGE;
}

static const struct table_column columns[] = {{.title = "FACT"}, {.title = "VALUE"}, {.title = "EVIDENCE"}};

static void
print_application(struct session *session, const struct init_application *application)
{
	struct output *out = session->out;
	struct table *table = table_new(session->arena, columns, array_length(columns));
	const char *folder = application->folder[0] != '\0' ? application->folder : ".";
	if (application->name != NULL)
		output_print(out, "%s%s%s in %s\n", output_style(out, STYLE_STRONG), application->name,
		             output_style(out, STYLE_PLAIN), folder);
	for (size_t i = 0; i < FACT_COUNT; i++) {
		const struct fact *fact = &application->found.facts[i];
		if (fact->value == NULL || !is_told((enum fact_name)i))
			continue;
		bool is_assumed = fact->confidence == FACT_ASSUMED;
		table_add_row(table);
		table_set(table, 0, STYLE_PLAIN, "%s", fact_title((enum fact_name)i));
		table_set(table, 1, is_assumed ? STYLE_CAUTION : STYLE_PLAIN, "%s%s", fact->value,
		          is_assumed ? " (assumed)" : "");
		table_set(table, 2, STYLE_FAINT, "%s", fact_origin(fact, session->arena));
	}
	table_print(table, out);
	for (size_t i = 0; i < application->found.n_findings; i++) {
		const struct finding *finding = &application->found.findings[i];
		struct fact place = {.file = finding->file, .line = finding->line};
		const char *where = fact_origin(&place, session->arena);
		if (finding->file == NULL && application->name != NULL)
			where = application->name;
		output_note(out, "look: %s%s%s", where, where[0] != '\0' ? ": " : "", finding->text);
	}
}

static void
print_files(struct session *session, const struct init_file *files, size_t n_files, const char *next)
{
	static const struct {
		const char *action, *sentence;
	} words[] = {
		{"created", "wrote"},
		{"replaced", "replaced"},
		{"unchanged", "already so:"},
		{"kept", "kept as it is:"},
		{"in-the-way", "in the way, replaced only with --force:"},
		{"would-create", "would write"},
		{"would-replace", "would replace"},
	};
	for (size_t i = 0; i < n_files; i++)
		for (size_t k = 0; k < array_length(words); k++)
			if (strcmp(files[i].action, words[k].action) == 0)
				output_note(session->out, "%s %s", words[k].sentence, files[i].path);
	output_note(session->out, "next: %s", next);
}

void
init_print(struct session *session, const struct listing *tree, const struct init_application *applications,
           size_t count, const struct init_file *files, size_t n_files, const char *next)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			output_print(session->out, "\n");
		print_application(session, &applications[i]);
	}
	for (size_t i = 0; i < tree->n_notes; i++)
		output_note(session->out, "left out: %s", tree->notes[i]);
	print_files(session, files, n_files, next);
}

/* ---- JSON ---- */

/* A line, or null: the file as a whole. */
static json_t *
line_to_json(unsigned line)
{
	return line != 0 ? json_integer(line) : json_null();
}

static json_t *
facts_to_json(const struct inspection *found)
{
	json_t *list = json_array();
	for (size_t i = 0; i < FACT_COUNT; i++) {
		const struct fact *fact = &found->facts[i];
		if (fact->value == NULL)
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s?, s:o, s:s}", "name", fact_json_name((enum fact_name)i),
		                        "value", fact->value, "confidence", fact_confidence_name(fact->confidence),
		                        "file", fact->file, "line", line_to_json(fact->line), "reason",
		                        fact->reason != NULL ? fact->reason : ""));
	}
	return list;
}

static json_t *
findings_to_json(const struct inspection *found)
{
	json_t *list = json_array();
	for (size_t i = 0; i < found->n_findings; i++) {
		const struct finding *finding = &found->findings[i];
		json_array_append_new(list, json_pack("{s:s, s:s?, s:o}", "text", finding->text, "file", finding->file,
		                                      "line", line_to_json(finding->line)));
	}
	return list;
}

static json_t *
application_to_json(const struct init_application *application, struct arena *arena)
{
	return json_pack("{s:s?, s:s, s:s, s:o, s:o, s:s}", "name", application->name, "folder", application->folder,
	                 "file", listing_join(arena, application->folder, "fiaas.yml"), "facts",
	                 facts_to_json(&application->found), "findings", findings_to_json(&application->found),
	                 "content", application->content);
}

json_t *
init_to_json(const struct listing *tree, const struct init_application *applications, size_t count,
             const struct init_file *files, size_t n_files, const char *next, struct arena *arena)
{
	json_t *list = json_array(), *written = json_array(), *notes = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, application_to_json(&applications[i], arena));
	for (size_t i = 0; i < n_files; i++)
		json_array_append_new(written, json_pack("{s:s, s:s}", "path", files[i].path, "action",
		                                         files[i].action));
	for (size_t i = 0; i < tree->n_notes; i++)
		json_array_append_new(notes, json_string(tree->notes[i]));
	return json_pack("{s:o, s:o, s:o, s:s}", "applications", list, "files", written, "left_out", notes, "next",
	                 next);
}
