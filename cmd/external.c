#include "cmd/external.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
enum { COMMANDS_MAX = 128, PATH_MAX_BYTES = 4096 };

/* What people type who know another tool; `ours` need not exist yet to be the right answer. */
static const struct {
	const char *word, *ours;
} peer_words[] = {
	{"ps", "status"},        {"get", "status"},      {"describe", "status"}, {"list", "status"},
	{"ls", "status"},        {"info", "status"},     {"up", "deploy"},       {"launch", "deploy"},
	{"push", "deploy"},      {"apply", "deploy"},    {"create", "deploy"},   {"ship", "deploy"},
	{"release", "deploy"},   {"run", "deploy"},      {"rollout", "status"},  {"undo", "rollback"},
	{"tail", "logs"},        {"log", "logs"},        {"why", "explain"},     {"lint", "validate"},
	{"check", "validate"},   {"template", "render"}, {"manifest", "render"}, {"plan", "diff"},
	{"auth", "login"},       {"signin", "login"},    {"env", "vars"},         {"settings", "config"},
	{"set", "config"},       {"curl", "api"},        {"man", "help"},        {"new", "init"},
	{"ssh", "exec"},         {"console", "exec"},    {"shell", "exec"},      {"sh", "exec"},
	{"attach", "exec"},      {"port-forward", "forward"}, {"proxy", "forward"}, {"tunnel", "forward"},
	{"browse", "open"},      {"web", "open"},        {"dashboard", "open"},  {"set-env", "vars"},
	{"setenv", "vars"},      {"configmap", "vars"},  {"bounce", "restart"},  {"reload", "restart"},
	{"context", "config"},   {"use", "config"},      {"alias", "config"},    {"fix", "next"},
	{"dry-run", "diff"},     {"compare", "diff"},    {"generate", "init"},   {"scaffold", "init"},
	{"history", "releases"}, {"import", "secrets"},  {"abort", "cancel"},   {"judge", "approve"},
};

/* What there is no command for, and what does it. */
static const struct {
	const char *word, *what, *next;
} peer_sentences[] = {
	{"scale", "how many pods run stands in fiaas.yml: replicas", "change it there, then: paas deploy"},
	{"autoscale", "how many pods run stands in fiaas.yml: replicas", "change it there, then: paas deploy"},
	{"delete", "an application is taken away by deleting its Application resource",
	 "kubectl delete application NAME, in its namespace"},
	{"destroy", "an application is taken away by deleting its Application resource",
	 "kubectl delete application NAME, in its namespace"},
	{"rm", "an application is taken away by deleting its Application resource",
	 "kubectl delete application NAME, in its namespace"},
	{"stop", "an application stops when fiaas.yml says so: replicas {minimum: 0, maximum: 0}",
	 "change it there, then: paas deploy"},
	{"start", "an application runs when it is deployed", "paas deploy"},
	{"down", "an application stops when fiaas.yml says so: replicas {minimum: 0, maximum: 0}",
	 "change it there, then: paas deploy"},
	{"build", "the CI builds what is pushed", "push the commit, then: paas deploy --wait-for-build"},
	{"top", "how many pods run, and how they are, is told by status", "paas status"},
	{"update", "paas is updated as it was installed", "paas version"},
	{"upgrade", "paas is updated as it was installed", "paas version"},
};

static bool
is_plain_word(const char *word)
{
	return word[0] != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0';
}

/* The file that `paas-WORD` is on PATH, in ret. */
static bool
find_on_path(const char *word, char ret[static FILE_PROGRAM_BYTES])
{
	char name[NAME_MAX + 1];
	int written = snprintf(name, sizeof name, "paas-%s", word);
	return written > 0 && written < (int)sizeof name && file_find_program(name, ret);
}

bool
external_exists(const char *word)
{
	char file[FILE_PROGRAM_BYTES];
	return is_plain_word(word) && find_on_path(word, file);
}

static void
become(const char *file, const struct parsed *parsed, struct arena *arena, struct error *err)
{
	char self[PATH_MAX_BYTES];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length > 0) {
		self[length] = '\0';
		setenv("PAAS_BIN", self, 1);
	}
	char **words = arena_array(arena, char *, parsed->n_rest + 2);
	words[0] = arena_strdup(arena, file);
	for (size_t i = 0; i < parsed->n_rest; i++)
		words[i + 1] = arena_strdup(arena, parsed->rest[i]);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execv(file, words);
	error_put(err, ERROR_FILE, "running %s: %s", file, strerror(errno));
}

static const char *
peer_answer(const char *word)
{
	for (size_t i = 0; i < array_length(peer_words); i++)
		if (strcmp(peer_words[i].word, word) == 0 && parse_find_command(commands, peer_words[i].ours) != NULL)
			return peer_words[i].ours;
	return NULL;
}

static bool
answer_in_a_sentence(const char *word, struct error *err)
{
	for (size_t i = 0; i < array_length(peer_sentences); i++) {
		if (strcmp(peer_sentences[i].word, word) != 0)
			continue;
		error_put(err, ERROR_USAGE, "unknown command \"%s\": %s", word, peer_sentences[i].what);
		error_put_next(err, "%s", peer_sentences[i].next);
		return true;
	}
	return false;
}

void
external_run(const struct parsed *parsed, struct arena *arena, struct error *err)
{
	char file[FILE_PROGRAM_BYTES];
	const char *word = parsed->unknown, *names[COMMANDS_MAX];
	size_t n = 0;
	if (is_plain_word(word) && find_on_path(word, file)) {
		become(file, parsed, arena, err);
		return;
	}
	const char *ours = peer_answer(word);
	if (ours != NULL) {
		error_put(err, ERROR_USAGE, "unknown command \"%s\"", word);
		error_put_next(err, "paas %s", ours);
		return;
	}
	if (answer_in_a_sentence(word, err))
		return;
	for (size_t i = 0; i < n_commands && n < COMMANDS_MAX; i++)
		if (!commands[i]->is_hidden)
			names[n++] = commands[i]->name;
	parse_refuse_word("command", word, names, n, "paas help", err);
}

/* ---- listing ---- */

static const char prefix[] = "paas-";

static int
is_external(const struct dirent *entry)
{
	const char *word = entry->d_name + sizeof prefix - 1;
	return strncmp(entry->d_name, prefix, sizeof prefix - 1) == 0 && is_plain_word(word) &&
	       parse_find_command(commands, word) == NULL;
}

static void
add_folder(struct buf *buf, const char *folder, bool *is_first)
{
	struct dirent **entries;
	int n = folder[0] == '/' ? scandir(folder, &entries, is_external, alphasort) : -1;
	for (int i = 0; i < n; i++) {
		char file[PATH_MAX_BYTES + NAME_MAX + 2]; /* folder, slash, name, end */
		snprintf(file, sizeof file, "%s/%s", folder, entries[i]->d_name);
		if (access(file, X_OK) == 0) {
			buf_printf(buf, "%s  %-11s%-12s%s\n", *is_first ? "\n" : "", *is_first ? "external" : "",
			           entries[i]->d_name + sizeof prefix - 1, file);
			*is_first = false;
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

void
external_write_list(struct buf *buf)
{
	bool is_first = true;
	const char *path = getenv("PATH");
	while (path != NULL && *path != '\0') {
		char folder[PATH_MAX_BYTES];
		size_t length = strcspn(path, ":");
		snprintf(folder, sizeof folder, "%.*s", (int)length, path);
		add_folder(buf, folder, &is_first);
		path += length + (path[length] == ':');
	}
}
