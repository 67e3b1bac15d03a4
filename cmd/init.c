/* `paas init [FOLDER]`: a fiaas.yml out of what the repository says. */
#include "cmd/init.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/number.h"
#include "core/onboard/migrate.h"
#include "core/onboard/propose.h"
#include "data/yaml.h"
#include "ui/output.h"
#include "ui/prompt.h"

enum { CHOICES_MAX_BYTES = 400, NEXT_MAX_BYTES = 16 * 1024, PORT_MAX = 65535 };

static const char *folder, *language, *output_file, *schema_file;
static struct text_list apps, ports;
static bool migrates, force, dry_run, backup = true;

/* ---- questions ---- */

static bool
check_port(const char *answer, const void *data, struct error *err)
{
	uint64_t number;
	(void)data;
	return strcmp(answer, "none") == 0 || number_parse_u64(answer, 1, PORT_MAX, &number, err);
}

/* Not a missing answer: there is nothing to ask about. */
static bool
refuse_emptiness(const struct init_job *job, const char *where, struct error *err)
{
	error_put(err, ERROR_NOT_FOUND, "nothing in %s shows an application: no manifest of a known language, no Dockerfile, no "
	          "index.html", init_path(&job->wish, where[0] != '\0' ? where : ".", job->session->arena));
	return error_next(err, "paas init FOLDER, or say the port: paas init --port NUMBER");
}

/* "9000" is for the only application, "shop=9000" for one of several; NULL: not given. */
static const char *
given_port(const struct init_job *job, const struct init_application *application)
{
	for (size_t i = 0; i < ports.count; i++) {
		const char *equals = strchr(ports.items[i], '=');
		size_t length = equals != NULL ? (size_t)(equals - ports.items[i]) : 0;
		if (equals == NULL && job->n_applications == 1)
			return ports.items[i];
		if (equals != NULL && application->name != NULL && strncmp(ports.items[i], application->name, length) == 0 &&
		    application->name[length] == '\0')
			return equals + 1;
	}
	return NULL;
}

static void add_command_again(struct buf *line, bool needs_force);

static bool
refuse_question(const struct init_job *job, const struct question *question,
                const struct init_application *application, struct error *err)
{
	scoped(buf_release) struct buf choices = BUF_INIT(CHOICES_MAX_BYTES), again = BUF_INIT(NEXT_MAX_BYTES);
	bool is_port = question->topic == QUESTION_PORT, is_one_of_several = job->n_applications > 1;
	const char *where = application->folder;
	for (size_t i = 0; i < question->n_choices; i++)
		buf_printf(&choices, "%s%s (%s)", i > 0 ? ", " : ": ", question->choices[i].text,
		           question->choices[i].hint);
	error_put(err, ERROR_USAGE, "%s%sthe files do not tell %s%s", where, where[0] != '\0' ? ": " : "",
	          is_port ? "which port it listens on" : "what it is written in", choices.bytes);
	add_command_again(&again, force);
	if (is_one_of_several && !is_port) /* one at a time */
		return error_next(err, "paas init %s --language NAME", init_path(&job->wish, where, job->session->arena));
	return error_next(err, "%s %s%s%s", again.bytes, is_port ? "--port " : "--language NAME",
	                  is_port && is_one_of_several ? arena_printf(job->session->arena, "%s=", application->name) : "",
	                  is_port ? "NUMBER" : "");
}

static bool
ask(const struct init_job *job, const struct question *question, const struct init_application *application,
    const char **ret, const char **ret_reason, struct error *err)
{
	const char *where = application->folder;
	struct prompt prompt = {job->session->out, job->session->can_prompt, job->session->assume_yes};
	bool is_port = question->topic == QUESTION_PORT;
	struct arena *arena = job->session->arena;
	const char *text = where[0] != '\0' ? arena_printf(arena, "%s: %s", where, question->text) : question->text;
	struct prompt_question asked = {.text = text, .flag = is_port ? "--port" : "--language"};
	if (!job->session->can_prompt)
		return application->found.is_empty ? refuse_emptiness(job, where, err)
		                                   : refuse_question(job, question, application, err);
	*ret_reason = "as answered";
	if (question->n_choices == 0) {
		asked.text = is_port ? arena_printf(arena, "%s (a number, or none)", text) : text;
		asked.check = is_port ? check_port : NULL;
		return prompt_text(&prompt, &asked, arena, ret, err);
	}
	struct prompt_choice *choices = arena_array(arena, struct prompt_choice, question->n_choices);
	size_t chosen;
	for (size_t i = 0; i < question->n_choices; i++)
		choices[i] = (struct prompt_choice){question->choices[i].text, question->choices[i].hint};
	if (!prompt_choose(&prompt, &asked, choices, question->n_choices, &chosen, err))
		return false;
	*ret = question->choices[chosen].text;
	*ret_reason = arena_printf(arena, "%s, as answered", question->choices[chosen].hint);
	return true;
}

/* Inspects until no question is open: there are two topics, each is asked once. */
static bool
inspect_and_ask(struct init_job *job, struct init_application *application, struct error *err)
{
	struct inspect_answers answers = {.language = language, .port = given_port(job, application)};
	for (;;) {
		inspect(&job->tree, application->folder, &answers, &application->found);
		const struct question *question = &application->found.question;
		if (question->topic == QUESTION_NONE)
			break;
		bool is_port = question->topic == QUESTION_PORT;
		const char **answer = is_port ? &answers.port : &answers.language;
		if (*answer != NULL)
			return error_set(err, ERROR_FAILED, "%s: the answer \"%s\" does not settle it",
			                 question->text, *answer);
		if (!ask(job, question, application, answer, is_port ? &answers.port_reason : &answers.language_reason, err))
			return false;
	}
	application->content = propose(&application->found, application->folder,
	                               init_schema_target(&job->wish, application->folder, job->session->arena),
	                               job->session->arena);
	return true;
}

/* ---- what is there already ---- */

static bool
refuse_version_2(const struct init_job *job, const struct init_application *application, struct error *err)
{
	const char *path = listing_join(job->session->arena, application->folder, "fiaas.yml");
	struct listing_file *file = listing_find((struct listing *)(uintptr_t)&job->tree, application->folder,
	                                         "fiaas.yml");
	const char *text = listing_text((struct listing *)(uintptr_t)&job->tree, file);
	if (text == NULL || migrate_version(text) != 2)
		return true;
	const char *where = folder;
	if (application->folder[0] != '\0')
		where = init_path(&job->wish, application->folder, job->session->arena);
	error_put(err, ERROR_CONFLICT, "%s is there already, in version 2 of the format", path);
	return error_next(err, "paas init --migrate%s%s", where != NULL ? " " : "", where != NULL ? where : "");
}

/* ---- the outcome ---- */

static bool
print_documents(struct init_job *job)
{
	for (size_t i = 0; i < job->n_applications; i++) {
		const struct init_application *application = &job->applications[i];
		if (job->n_applications > 1)
			output_print(job->session->out, "%s# ---- %s\n", i > 0 ? "---\n" : "",
			             listing_join(job->session->arena, application->folder, "fiaas.yml"));
		output_print_document(job->session->out, application->content, strlen(application->content));
	}
	return true;
}

static void
add_word(struct buf *line, const char *flag, const char *word)
{
	buf_printf(line, " %s", flag);
	if (word != NULL)
		buf_add_shell_word(line, word);
}

/* The same command without --dry-run, with --force where something is in the way. */
static void
add_command_again(struct buf *line, bool needs_force)
{
	buf_add_text(line, "paas init");
	if (folder != NULL)
		add_word(line, "", folder);
	if (language != NULL)
		add_word(line, "--language ", language);
	for (size_t i = 0; i < ports.count; i++)
		add_word(line, "--port ", ports.items[i]);
	for (size_t i = 0; i < apps.count; i++)
		add_word(line, "--app ", apps.items[i]);
	if (needs_force)
		add_word(line, "--force", NULL);
}

/* The one next command, as it can be typed here. */
static const char *
next_command(const struct init_job *job, const struct init_file *files, size_t n_files)
{
	scoped(buf_release) struct buf line = BUF_INIT(NEXT_MAX_BYTES);
	bool is_in_the_way = false;
	for (size_t i = 0; i < n_files; i++)
		is_in_the_way |= strcmp(files[i].action, "in-the-way") == 0;
	if (job->wish.is_dry) {
		add_command_again(&line, force || is_in_the_way);
	} else {
		buf_add_text(&line, "paas validate");
		bool is_at_hand = folder == NULL && output_file == NULL;
		for (size_t i = 0; i < job->n_applications && !is_at_hand; i++)
			add_word(&line, "", files[i].path);
	}
	return arena_strdup(job->session->arena, line.bytes);
}

static size_t
collect_files(struct init_job *job, struct init_file *files)
{
	struct arena *arena = job->session->arena;
	size_t count = 0;
	for (size_t i = 0; i < job->n_applications; i++) {
		const char *name = listing_join(arena, job->applications[i].folder, "fiaas.yml");
		bool is_elsewhere = output_file != NULL && strcmp(output_file, "-") != 0;
		const char *path = is_elsewhere ? output_file : init_path(&job->wish, name, arena);
		files[count++] = (struct init_file){.path = path, .text = job->applications[i].content};
	}
	count += init_schema_file(&job->wish, arena, &files[count]);
	return count;
}

/* What stood in .paas.yml is kept, so this is no overwriting. */
static struct init_file
project_file(const struct init_job *job, const char *text)
{
	static const char *const actions[2][2] = {{"created", "replaced"}, {"would-create", "would-replace"}};
	const char *path = init_path(&job->wish, ".paas.yml", job->session->arena);
	return (struct init_file){path, text, actions[job->wish.is_dry][file_exists(path)]};
}

static bool
write_all(struct init_job *job, struct error *err)
{
	struct arena *arena = job->session->arena;
	struct init_file *files = arena_array(arena, struct init_file, INIT_FILES_MAX);
	size_t count = collect_files(job, files);
	if (job->applications[0].name != NULL) {
		const char *text;
		if (!init_project_file(&job->wish, job->applications, job->n_applications, arena, &text, err))
			return false;
		if (text != NULL)
			files[count++] = project_file(job, text);
	}
	if (!init_write_files(&job->wish, files, count, arena, err))
		return false;
	const char *next = next_command(job, files, count);
	struct output *out = job->session->out;
	if (output_is_json(out))
		return output_json(out, init_to_json(&job->tree, job->applications, job->n_applications, files, count,
		                                     next, arena), err);
	init_print(job->session, &job->tree, job->applications, job->n_applications, files, count, next);
	return true;
}

static bool
check_flags(struct error *err)
{
	struct error ignored;
	for (size_t i = 0; i < ports.count; i++) {
		const char *equals = strchr(ports.items[i], '=');
		if (!check_port(equals != NULL ? equals + 1 : ports.items[i], NULL, &ignored))
			return error_set(err, ERROR_USAGE, "--port %s: expected a number from 1 to %d, or none",
			                 ports.items[i], PORT_MAX);
	}
	if (output_file != NULL && apps.count > 1)
		return error_set(err, ERROR_USAGE, "--output is for one application: give one --app");
	if (migrates && (language != NULL || ports.count > 0 || apps.count > 0))
		return error_set(err, ERROR_USAGE, "--migrate changes the format only: --language, --port and --app are for a new file");
	return true;
}

/* Each --port belongs to one application. */
static bool
check_port_names(const struct init_job *job, struct error *err)
{
	for (size_t i = 0; i < ports.count; i++) {
		const char *equals = strchr(ports.items[i], '=');
		size_t length = equals != NULL ? (size_t)(equals - ports.items[i]) : 0;
		bool is_known = equals == NULL && job->n_applications == 1;
		for (size_t k = 0; k < job->n_applications && equals != NULL; k++) {
			const char *name = job->applications[k].name;
			is_known |= name != NULL && strncmp(ports.items[i], name, length) == 0 && name[length] == '\0';
		}
		if (!is_known)
			return error_set(err, ERROR_USAGE, "--port %s: of several applications name the one: NAME=NUMBER",
			                 ports.items[i]);
	}
	return true;
}

static bool
run_job(struct init_job *job, struct error *err)
{
	bool prints = output_file != NULL && strcmp(output_file, "-") == 0;
	if (!init_choose_applications(job, &apps, err))
		return false;
	if (job->n_applications > 1 && (language != NULL || (output_file != NULL && !prints)))
		return error_set(err, ERROR_USAGE, "--language and --output are for one application: run it in that folder");
	if (!check_port_names(job, err))
		return false;
	for (size_t i = 0; i < job->n_applications; i++)
		if ((!force && !prints && !dry_run && !refuse_version_2(job, &job->applications[i], err)) ||
		    !inspect_and_ask(job, &job->applications[i], err))
			return false;
	if (prints && !output_is_json(job->session->out))
		return print_documents(job);
	return write_all(job, err);
}

static bool
run(struct session *session, struct error *err)
{
	struct init_job job = {.session = session, .tree = {.fd = -1}};
	job.wish = (struct init_wish){.folder = folder != NULL ? folder : ".", .schema_file = schema_file,
	                              .force = force,
	                              .is_dry = dry_run, .keeps_backup = backup};
	if (output_file != NULL && strcmp(output_file, "-") == 0)
		job.wish.is_dry = true;
	if (!check_flags(err))
		return false;
	if (migrates)
		return init_migrate(session, &job.wish, job.wish.is_dry && !dry_run, err);
	if (!listing_open(job.wish.folder, session->arena, &job.tree, err))
		return error_doing(err, "reading the repository");
	bool is_fine = run_job(&job, err);
	listing_close(&job.tree);
	return is_fine;
}

static const struct option_spec options[] = {
	{.kind = OPTION_CHOICE, .name = "language", .value = "NAME", .choices = inspect_languages, .text = &language,
	 .help = "what it is written in, where the files leave it open"},
	{.kind = OPTION_LIST, .name = "port", .value = "[NAME=]NUMBER", .list = &ports,
	 .help = "port it serves http on, of one of several with its name; none: it listens on nothing"},
	{.kind = OPTION_LIST, .name = "app", .value = "NAME=FOLDER", .list = &apps,
	 .help = "an application of a repository that holds several"},
	{.kind = OPTION_FLAG, .name = "migrate", .flag = &migrates,
	 .help = "turn the fiaas.yml of version 2 that is there into version 3"},
	{.kind = OPTION_FLAG, .name = "backup", .flag = &backup,
	 .help = "with --migrate, keep the old file as fiaas.yml.bak (on unless --no-backup)"},
	{.kind = OPTION_FLAG, .name = "force", .flag = &force, .help = "replace files that are there already"},
	{.kind = OPTION_FLAG, .name = "dry-run", .flag = &dry_run,
	 .help = "say what was found and would be written, and write nothing"},
	{.kind = OPTION_TEXT, .letter = 'o', .name = "output", .value = "FILE", .text = &output_file,
	 .complete = "file",
	 .help = "where to write instead of fiaas.yml; - prints it"},
	{.kind = OPTION_TEXT, .name = "schema-file", .value = "FILE", .text = &schema_file, .complete = "file",
	 .help = "schema for editors: a file to write, a URL to name, or none", .fallback = INIT_SCHEMA_FILE},
	{.kind = OPTION_ARG, .name = "FOLDER", .text = &folder, .complete = "file",
	 .help = "folder of the application (default: this one)"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas init --dry-run", "what the repository tells, and what would be written"},
	{"paas init -o -", "print the file instead of writing it"},
	{"paas init services/shop --port 9000 --dry-run",
	 "of another folder; the port is known better than the files tell it"},
	{"paas init --app shop=services/shop --dry-run", "one application of a repository that holds several"},
	{"paas init --migrate --dry-run", "what an old fiaas.yml would be in version 3"},
	{NULL, NULL},
};

static const char *const see_also[] = {"paas-validate(1)", "paas-render(1)", "fiaas.yml(5)", ".paas.yml(5)", NULL};

const struct command command_init = {
	.name = "init",
	.group = GROUP_START,
	.summary = "Look at the repository and write its fiaas.yml",
	.description =
		"Reads the files of a repository and writes a fiaas.yml in which every value has a comment: the file and "
		"line it came from, or what was assumed. What equals FIAAS's default is left out. Nothing of the repository "
		"is run, links are not followed, every read has a limit, and no connection is made.\n\n"
		"For each fact the first of these that speaks decides: a flag, a fiaas.yml that is there (its port), the "
		"Dockerfile, a Procfile, the framework's own configuration and sources, the framework's default. Languages: "
		"Java (Maven, Gradle), Scala, Node, Python, Go, Ruby, PHP, .NET, Rust, static files, or a Dockerfile alone. "
		"What cannot be seen is asked on a terminal; elsewhere the command ends with status 2 and names the flag. "
		"Folders of dependencies, builds, tests, examples and documents are not looked at.\n\n"
		"A repository with several applications (folders with a Dockerfile, a fiaas.yml or a web server's entry "
		"point) gets a fiaas.yml in each and a list \"apps\" in .paas.yml; which they are is confirmed, or given by "
		"--app NAME=FOLDER; --port NAME=NUMBER then answers for one of them.\n\n"
		"The first line of the file is for editors with a YAML language server: it names a JSON Schema, so that keys "
		"are completed and checked while one types, offline and for everybody who has the repository. The schema "
		"is written into the root of the repository as " INIT_SCHEMA_FILE " (the same as `paas help --schema fiaas` prints); --schema-file "
		"chooses another file or the URL of a shared one, and --schema-file none does without file and line.\n\n"
		"A file that is there is never overwritten without --force. With --migrate a fiaas.yml of version 2 becomes "
		"version 3: the difference is shown, both are rendered and their objects compared, and it is written once "
		"you say yes (--yes in a script); the old file stays as fiaas.yml.bak unless --no-backup. Version 2 may leave "
		"resources unset, version 3 cannot: what they become is warned of.\n\n"
		"Exit status 6 when a file is in the way, 2 when an answer is missing, 5 when nothing shows an application, 9 when the file to migrate cannot be.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_SETTINGS,
	.answers_json = true,
	.run = run,
};
