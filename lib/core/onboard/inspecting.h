/* Inside core/onboard: what the readers of languages and frameworks share while a folder is inspected. */
#ifndef PAAS_CORE_ONBOARD_INSPECTING_H
#define PAAS_CORE_ONBOARD_INSPECTING_H

#include "core/onboard/dockerfile.h"
#include "core/onboard/inspect.h"
#include "core/onboard/scan.h"
#include "core/onboard/listing.h"

/* What one manifest of a language says. */
struct dependency {
	const char *name, *version; /* version: as written, NULL: none */
	const char *file;
	unsigned line;
};

struct manifest {
	const struct language *language;
	const char *file; /* the marker: "pom.xml" */
	struct dependency *dependencies;
	size_t n_dependencies, capacity;
	struct fact version, build, test;
	bool has_wrapper;
};

/* A port as code or configuration names it. */
struct port_seen {
	unsigned port, line;
	const char *file, *reason;
	int rank; /* the highest decides */
};

enum route { ROUTE_LIVENESS, ROUTE_READINESS, ROUTE_METRICS, ROUTE_COUNT };
struct route_seen {
	const char *path, *file; /* path NULL: none */
	unsigned line;
	int rank;
	bool may_have_prefix; /* of a router that is mounted somewhere */
};

enum { PORTS_SEEN_MAX = 16 };

struct inspecting {
	struct listing *tree;
	struct arena *arena;
	const char *folder;
	const struct inspect_answers *answers;
	struct inspection *found;
	struct dockerfile dockerfile;
	const char *docker_path; /* NULL: no Dockerfile */
	const struct manifest *manifest; /* of the chosen language */
	struct port_seen ports[PORTS_SEEN_MAX]; /* by the sources, then by the framework's reader */
	size_t n_ports;
	struct route_seen routes[ROUTE_COUNT];
	const char *route_prefix; /* of all routes: "/api"; NULL: none */
	bool has_source_port; /* sources were scanned for ports */
};

/* ---- languages.c ---- */

struct language {
	const char *name, *title;
	/* Fills a manifest; false when the folder holds nothing of this language. */
	bool (*read)(struct inspecting *in, struct manifest *ret);
	const char *extensions; /* " .js .ts ": of its sources; NULL: they are not scanned */
	enum scan_syntax syntax;
	const char *coverage;
	bool is_asset_builder; /* gives way to a server's language beside it */
};
extern const struct language languages[];
extern const size_t n_languages;

bool language_read_maven(struct inspecting *in, struct manifest *ret);
bool language_read_gradle(struct inspecting *in, struct manifest *ret);
bool language_read_scala(struct inspecting *in, struct manifest *ret);

/* ---- manifest.c ---- */

/* The files that begin something of their own: sources below them are theirs. */
extern const char *const manifest_names[];
extern const size_t n_manifest_names;

const struct dependency *manifest_find(const struct manifest *manifest, const char *name);
void manifest_add(struct inspecting *in, struct manifest *manifest, const char *name, const char *version,
                  const char *file, unsigned line);
/* The first that is set counts; what is a variable or too long is none. */
void manifest_set_version(struct inspecting *in, struct manifest *manifest, const char *value, const char *file,
                          unsigned line, const char *reason);
/* Of files that hold a version and nothing else (`names` ends with NULL); of a property of a file. */
void manifest_version_from_files(struct inspecting *in, struct manifest *manifest, const char *const *names);
void manifest_version_from_property(struct inspecting *in, struct manifest *manifest, const char *name, const char *key);
void manifest_set_commands(struct manifest *manifest, const char *build, const char *test, const char *file);

/* ---- frameworks.c ---- */

struct framework {
	const char *name;
	const char *language; /* prefix of a language's name */
	/* All must hold; "a|b": one of them.  dependency: a name; file: a path, or a folder that ends in '/';
	 * source: a text in some source file. */
	const char *dependency, *file, *source;
	unsigned port; /* 0: it must be seen */
	const char *request, *limit;
	unsigned start_seconds;
	void (*read)(struct inspecting *in); /* what is its own; NULL: nothing */
	bool is_static;   /* serves files only */
	bool ignores_source_ports; /* what its sources name is a development server's */
};
const struct framework *framework_find(struct inspecting *in, const struct manifest *manifest);
/* The dependency that shows it, or NULL. */
const struct dependency *framework_sign(const struct manifest *manifest, const struct framework *framework);
void framework_read(struct inspecting *in);
enum { FRAMEWORK_PORT_RANK = 90 }; /* of a port that a configuration names */
/* What the chosen manifest says of a dependency; facts that follow from one. */
const struct dependency *framework_dependency(const struct inspecting *in, const char *name);
void framework_set_from(struct inspecting *in, enum fact_name name, const char *value, const struct dependency *from);
void framework_set_off(struct inspecting *in, const char *reason); /* metrics */

/* ---- frameworks_jvm.c ---- */
void framework_read_spring(struct inspecting *in);
void framework_read_quarkus(struct inspecting *in);
void framework_read_micronaut(struct inspecting *in);
void framework_read_dropwizard(struct inspecting *in);
void framework_read_play(struct inspecting *in);

/* ---- sources.c: what source files say of ports and routes ---- */
void sources_read(struct inspecting *in);
/* Some source file of the language holds `text`. */
bool sources_hold(struct inspecting *in, const struct language *language, const char *text, const char **ret_file,
                  unsigned *ret_line);

/* ---- language_choice.c: sets language, framework and what the manifest says, or asks ---- */
void language_choose(struct inspecting *in);
/* ---- port_choice.c: sets the port, or asks ---- */
void port_choose(struct inspecting *in);

/* ---- inspect.c ---- */

/* `text` with everything but printable ASCII as '?': it goes into comments and JSON. */
const char *inspecting_clean(const char *text, struct arena *arena);
/* Sets a fact unless something before has set it. */
void inspecting_set(struct inspecting *in, enum fact_name name, const char *value, const char *file, unsigned line,
                    const char *reason, enum fact_confidence confidence);
void inspecting_see_port(struct inspecting *in, unsigned port, const char *file, unsigned line, const char *reason,
                         int rank);
void inspecting_advise(struct inspecting *in, const char *file, unsigned line, const char *format, ...)
	printf_like(4, 5);
/* The first question counts; choices are added to the one that is open. */
void inspecting_ask(struct inspecting *in, enum question_topic topic, const char *text);
void inspecting_offer(struct inspecting *in, const char *text, const char *hint);
/* A file of the inspected folder, or NULL; *ret_path: relative to the tree. */
const char *inspecting_read(struct inspecting *in, const char *name, const char **ret_path);
bool inspecting_has(struct inspecting *in, const char *name);

#endif
