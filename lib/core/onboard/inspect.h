/* What a repository tells about its application: facts, each with its evidence.
 *
 *	struct listing tree;                     listing.h
 *	struct inspection found;
 *	inspect(&tree, "services/shop", &(struct inspect_answers){.port = "9000"}, &found);
 *
 * Pure but for the reading of the tree: the same files and answers give the same facts.  What cannot be
 * seen and has no sensible default becomes a question; whoever asks calls again with the answer.  The
 * rules are those of the tables in languages.c and frameworks.c; of a row all signs must hold.
 */
#ifndef PAAS_CORE_ONBOARD_INSPECT_H
#define PAAS_CORE_ONBOARD_INSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct listing;

enum fact_confidence {
	FACT_UNKNOWN, /* nothing said */
	FACT_ASSUMED, /* a default of the framework or the language */
	FACT_DERIVED, /* follows from what is there: a dependency, a file */
	FACT_STATED,  /* written down for this purpose, or given on the command line */
};

/* The facts, in the order they are told: _(CONSTANT, name in JSON, title). */
#define FACTS(_) \
	_(LANGUAGE, "language", "language") \
	_(VERSION, "language_version", "language version") \
	_(BUILD, "build", "build") \
	_(TEST, "test", "test") \
	_(COVERAGE, "coverage", "coverage file") \
	_(FRAMEWORK, "framework", "framework") \
	_(PORT, "port", "port") \
	_(MANAGEMENT_PORT, "management_port", "management port") \
	_(LIVENESS, "liveness", "liveness") \
	_(READINESS, "readiness", "readiness") \
	_(METRICS, "metrics", "metrics") \
	_(MEMORY_REQUEST, "memory_request", "memory request") \
	_(MEMORY_LIMIT, "memory_limit", "memory limit") \
	_(START_SECONDS, "start_seconds", "start, in seconds")

enum fact_name {
#define _(constant, name, title) FACT_##constant,
	FACTS(_)
#undef _
	FACT_COUNT,
};

struct fact {
	/* "go", "8080"; liveness and readiness: a path, "tcp" or "execute"; metrics: a path or "off"; port: "none" too */
	const char *value; /* NULL: unknown */
	const char *file;  /* relative to the tree; NULL: of no file */
	unsigned line;     /* 0: the file as a whole */
	const char *reason; /* "EXPOSE", "--port", "default of Express" */
	enum fact_confidence confidence;
};

/* Something to look at, without which it works all the same. */
struct finding {
	const char *text, *file; /* `file` as above */
	unsigned line;
};

enum question_topic { QUESTION_NONE, QUESTION_LANGUAGE, QUESTION_PORT };
struct question_choice {
	const char *text, *hint;
};
struct question {
	enum question_topic topic;
	const char *text;
	struct question_choice *choices; /* none: free text */
	size_t n_choices;
};

struct language;
struct framework;

struct inspection {
	struct fact facts[FACT_COUNT];
	bool is_probed_at_management; /* probes and metrics live on the management port */
	struct finding *findings;
	size_t n_findings;
	struct question question; /* the first that is open */
	const struct language *language;   /* NULL: not known */
	const struct framework *framework; /* NULL: none of those we know */
	bool has_dockerfile, has_spec;
	bool is_empty; /* nothing here shows an application: the question is asked for want of anything else */
};

struct inspect_answers {
	const char *language; /* one of inspect_languages */
	const char *port;     /* a number, or "none": it listens on nothing */
	const char *language_reason, *port_reason; /* how they are known; NULL: by the flag */
};

void inspect(struct listing *tree, const char *folder, const struct inspect_answers *answers, struct inspection *ret);

/* "java-maven", …: NULL-terminated. */
extern const char *const inspect_languages[];
/* Serves http by itself, files apart. */
bool inspection_is_server(const struct inspection *inspection);
/* "Dockerfile:12 EXPOSE", "default of Express": where a fact comes from, in `arena`. */
char *fact_origin(const struct fact *fact, struct arena *arena) returns_text;
const char *fact_json_name(enum fact_name name) returns_text;
const char *fact_title(enum fact_name name) returns_text;
const char *fact_confidence_name(enum fact_confidence confidence) returns_text;

#endif
