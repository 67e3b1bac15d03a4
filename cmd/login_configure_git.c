/* git asks paas for the credential of the forge, and trusts the authority that the platform file names for it. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/process.h"
#include "cmd/login_configure_parts.h"
#include "data/json.h"

static const char git_helper[] = "!paas token git";

struct git_setting {
	const char *key, *value;
	bool is_lone; /* another value would take its place: whoever has one keeps it */
};
enum { SETTINGS_MAX = 2 };

static bool
find_settings(const struct configure_plan *plan, struct git_setting ret[static SETTINGS_MAX], size_t *ret_count, struct error *err)
{
	struct arena *arena = plan->session->arena;
	struct system *systems = arena_array(arena, struct system, SYSTEMS_MAX);
	size_t n_systems = systems_of_platform(plan->session->platform, arena, systems);
	const struct system *system;
	if (!systems_find(systems, n_systems, "scm", &system, err))
		return false;
	const char *site = systems_web_origin(system, arena);
	ret[0] = (struct git_setting){arena_printf(arena, "credential.%s.helper", site), git_helper, false};
	*ret_count = 1;
	if (system->ca_file == NULL)
		return true;
	char path[PATH_MAX];
	if (realpath(system->ca_file, path) == NULL)
		return error_set(err, ERROR_FILE, "%s: %s", system->ca_file, strerror(errno));
	ret[(*ret_count)++] = (struct git_setting){arena_printf(arena, "http.%s.sslCAInfo", site), arena_strdup(arena, path), true};
	return true;
}

/* Whether git has that value of the key; NULL: any. */
static bool
has(struct configure_plan *plan, const char *key, const char *value, bool *ret, struct error *err)
{
	const char *const argv[] = {"git", "config", "--global", "--fixed-value", "--get-all", key, value, NULL};
	const char *const any[] = {"git", "config", "--global", "--get-all", key, NULL};
	scoped(process_release) struct process_result result = {0};
	struct process_request request = {
		.argv = value != NULL ? argv : any, .captures_errors = true, .deadline_ms = CONFIGURE_DEADLINE_MS};
	if (!process_run(plan->session->loop, &request, &result, err))
		return false;
	*ret = result.exit_status == 0;
	return true;
}

/* Where git would begin a file; NULL: it has one, or it is not ours to say. */
static const char *
missing_file(struct arena *arena)
{
	const char *home = getenv("HOME"), *folder = getenv("XDG_CONFIG_HOME");
	if (home == NULL || getenv("GIT_CONFIG_GLOBAL") != NULL)
		return NULL;
	const char *path = arena_printf(arena, "%s/.gitconfig", home);
	const char *other = folder != NULL && folder[0] != '\0' ? arena_printf(arena, "%s/git/config", folder)
	                                                        : arena_printf(arena, "%s/.config/git/config", home);
	return file_exists(path) || file_exists(other) ? NULL : path;
}

/* ---- doing, and what undoes it: {"made": the file that was begun, "settings": {key: value}} ---- */

static bool
let_git_ask(struct configure_plan *plan, json_t *record, struct error *err)
{
	struct git_setting settings[SETTINGS_MAX];
	size_t count;
	const char *made = missing_file(plan->session->arena);
	if (!find_settings(plan, settings, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct git_setting *setting = &settings[i];
		bool is_there;
		if (!has(plan, setting->key, setting->is_lone ? NULL : setting->value, &is_there, err))
			return false;
		if (is_there)
			continue;
		configure_add(plan, (struct configure_step){
			.argv = {"git", "config", "--global", "--add", setting->key, setting->value}});
		json_object_set_new(configure_object(record, "settings"), setting->key, json_string(setting->value));
		if (made != NULL)
			json_object_set_new(record, "made", json_string(made));
	}
	return true;
}

/* "[http "https://host"]" and a line, as git writes a key of three parts. */
static void
add_section(struct buf *text, const char *key, const char *value)
{
	const char *first = strchr(key, '.'), *last = strrchr(key, '.');
	buf_printf(text, "[%.*s \"%.*s\"]\n\t%s = %s\n", (int)(first - key), key, (int)(last - first - 1), first + 1, last + 1, value);
}

/* Whether the file has these settings and nothing else. */
static bool
is_ours(struct arena *arena, const char *path, const json_t *settings)
{
	scoped(buf_release) struct buf ours = BUF_INIT(CONFIGURE_FILE_MAX);
	struct error ignored;
	const char *key;
	json_t *value;
	char *text;
	size_t length;
	json_object_foreach ((json_t *)(uintptr_t)settings, key, value)
		if (strchr(key, '.') != NULL && json_is_string(value))
			add_section(&ours, key, json_string_value(value));
	return path != NULL && file_read(path, CONFIGURE_FILE_MAX, arena, &text, &length, &ignored) && ours.length > 0 &&
	       strcmp(text, ours.bytes) == 0;
}

static bool
let_git_go(struct configure_plan *plan, json_t *record, struct error *err)
{
	struct arena *arena = plan->session->arena;
	json_t *settings = configure_object(record, "settings"), *value;
	const char *key, *made = json_text_at(record, "made");
	bool is_removed = is_ours(arena, made, settings) && configure_remove(plan, made);
	json_object_foreach (settings, key, value) {
		const char *kept = arena_strdup(arena, key), *text = arena_strdup(arena, json_string_value(value));
		bool is_there = false;
		if (!is_removed && text != NULL && !has(plan, kept, text, &is_there, err))
			return false;
		if (is_there)
			configure_add(plan, (struct configure_step){
				.argv = {"git", "config", "--global", "--fixed-value", "--unset-all", kept, text}});
	}
	json_object_clear(record);
	return true;
}

bool
configure_plan_git(struct configure_plan *plan, struct error *err)
{
	json_t *record = configure_object(plan->record, "git");
	return plan->undo ? let_git_go(plan, record, err) : let_git_ask(plan, record, err);
}
