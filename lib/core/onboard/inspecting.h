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

const struct dependency *manifest_find(const struct manifest *manifest, const char *name);

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

/* ---- sources.c: what source files say of ports and routes ---- */
void sources_read(struct inspecting *in);
/* Some source file of the language holds `text`. */
bool sources_hold(struct inspecting *in, const struct language *language, const char *text, const char **ret_file,
                  unsigned *ret_line);

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
/* A file of the inspected folder, or NULL; *ret_path: relative to the tree. */
const char *inspecting_read(struct inspecting *in, const char *name, const char **ret_path);
bool inspecting_has(struct inspecting *in, const char *name);

#endif
