/* Preferences, from one table: what the engineer, the machine and the repository may set.
 *
 * Precedence: flag > environment > repository > user > system > built in.  One table (name, type,
 * default, allowed values, sentence, variable, who may set it) gives the parser, messages with
 * places, `paas config list --show-origin`, config.yml(5) and completion.
 *
 *	struct settings settings;
 *	settings_load(&settings, &problems);                      built in, system, user, environment
 *	settings_set(&settings, SETTING_TEAM, SETTING_FLAG, team, "--team")    as the layers are known
 */
#ifndef PAAS_DATA_SETTINGS_H
#define PAAS_DATA_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/problem.h"
#include "data/yaml.h"

enum setting_level {
	SETTING_BUILT_IN,
	SETTING_SYSTEM,      /* /etc/paas/config.yml */
	SETTING_USER,        /* $XDG_CONFIG_HOME/paas/config.yml */
	SETTING_REPOSITORY,  /* .paas.yml: not trusted with hosts or commands */
	SETTING_ENVIRONMENT, /* $PAAS_… */
	SETTING_FLAG,
	SETTING_LEVELS,
};

enum setting_type { SETTING_TYPE_TEXT, SETTING_TYPE_BOOL, SETTING_TYPE_CHOICE, SETTING_TYPE_DURATION,
                    SETTING_TYPE_NAME /* a DNS label */ };

/* _(CONSTANT, name, type, default or NULL, choices, variable, flag or NULL, levels, sentence) */
#define SETTINGS(_) \
	_(PLATFORM, "platform", TEXT, NULL, NULL, "PAAS_PLATFORM", "--platform", OF_ENGINEER, \
	  "the platform file, as a path") \
	_(NAME, "name", NAME, NULL, NULL, "PAAS_NAME", "--name", OF_APPLICATION, \
	  "the application; without it: the origin remote, then the folder") \
	_(TEAM, "team", NAME, NULL, NULL, "PAAS_TEAM", "--team", OF_ANYBODY, "the team that owns it") \
	_(IMAGE, "image", TEXT, NULL, NULL, "PAAS_IMAGE", "--image", OF_APPLICATION, \
	  "the image to deploy; {team}, {name}, {commit} and {registry} are filled in") \
	_(ENVIRONMENT_NAME, "environment", NAME, NULL, NULL, "PAAS_ENV", "--env", OF_ANYBODY, \
	  "the environment when none is given; without it: the first of the platform file") \
	_(TIMEOUT, "timeout", DURATION, NULL, NULL, "PAAS_TIMEOUT", "--timeout", OF_ANYBODY, \
	  "how long a deploy is followed; without it: as long as its probes may need") \
	_(COLOR, "color", CHOICE, "auto", "auto always never", "PAAS_COLOR", "--color", OF_ENGINEER, \
	  "when to colour") \
	_(ACCESSIBLE, "accessible", BOOL, "false", NULL, "PAAS_ACCESSIBLE", "--accessible", OF_ENGINEER, \
	  "no redrawing and no symbols without words") \
	_(PAGER, "pager", TEXT, NULL, NULL, "PAAS_PAGER", NULL, OF_ENGINEER, \
	  "what shows long answers on a terminal; without it $PAGER, then less; cat: nothing does") \
	_(KEY_FILE, "key_file", TEXT, NULL, NULL, "PAAS_KEY_FILE", NULL, OF_ENGINEER, \
	  "a file whose bytes open the token store, 0600; without it: the desktop's keyring, else a passphrase") \
	_(KEYRING, "keyring", BOOL, "true", NULL, "PAAS_KEYRING", NULL, OF_ENGINEER, \
	  "whether the desktop's keyring may hold the key of the token store") \
	_(KEY_CACHE, "key_cache", DURATION, "15m", NULL, "PAAS_KEY_CACHE", NULL, OF_ENGINEER, \
	  "how long the session remembers the key of the token store; 0s: not at all") \
	_(NOTIFY, "notify", CHOICE, "none", "none bell title desktop", "PAAS_NOTIFY", NULL, OF_ENGINEER, \
	  "what tells the end of a deploy or restart that took more than 30 s, on a terminal")

enum setting {
#define _(constant, ...) SETTING_##constant,
	SETTINGS(_)
#undef _
	SETTING_COUNT,
};

struct setting_description {
	const char *name;
	enum setting_type type;
	const char *initial; /* NULL: unset */
	const char *choices; /* separated by spaces */
	const char *variable, *flag;
	unsigned levels; /* bits 1 << enum setting_level */
	const char *sentence;
};
extern const struct setting_description setting_table[SETTING_COUNT];

struct setting_value {
	const char *text; /* NULL: unset */
	enum setting_level level;
	const char *origin; /* "/home/ann/.config/paas/config.yml:3:8", "$PAAS_TEAM", "--team", "built in" */
};

/* A word of the engineer's own: `paas d` for `paas deploy --env dev`. */
struct setting_alias {
	const char *name, *words;
};

struct settings {
	struct arena *arena;
	struct setting_value values[SETTING_COUNT]; /* the winner of each */
	struct setting_alias *aliases;              /* of the user's file only */
	size_t n_aliases;
	const char *system_file, *user_file;        /* NULL when there is none */
};

/* Built in, system, user, environment.  What is wrong goes to `problems`; wrong values are skipped. */
void settings_load(struct settings *settings, struct problems *problems);
/* The same without the environment: what the files say. */
void settings_load_files(struct settings *settings, struct problems *problems);
/* One value; kept when no higher level has spoken.  Fails: ERROR_USAGE, when the value is not
 * allowed or the level may not set it. */
bool settings_set(struct settings *settings, enum setting setting, enum setting_level level,
                  const char *text, const char *origin, struct error *err) must_use;
/* As its flag says on the command line; `text` NULL: it was not given. */
bool settings_set_flag(struct settings *settings, enum setting setting, const char *text, struct error *err) must_use;
/* The keys of a settings file at `level` (unknown ones too); `ignored` ends with NULL: keys that
 * somebody else reads. */
void settings_read_map(struct settings *settings, const struct yaml_node *map, enum setting_level level,
                       const char *const *ignored, struct problems *problems);

const char *settings_text(const struct settings *settings, enum setting setting); /* or NULL */
bool settings_bool(const struct settings *settings, enum setting setting);
int64_t settings_duration_ms(const struct settings *settings, enum setting setting); /* -1: unset */

/* "repository", … */
const char *setting_level_name(enum setting_level level) returns_text;

#endif
