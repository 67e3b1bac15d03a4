/* What a Dockerfile says about the container that runs: of its last stage, and of the stages of its
 * own that this one is built from.
 *
 * Comments, continued lines, the escape directive and here-documents are read as docker reads them;
 * variables take the defaults of ARG and ENV.  Nothing is run and nothing fetched.
 */
#ifndef PAAS_CORE_ONBOARD_DOCKERFILE_H
#define PAAS_CORE_ONBOARD_DOCKERFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { DOCKERFILE_PORTS_MAX = 16 };

struct dockerfile_port {
	unsigned port, line;
};

struct dockerfile {
	struct dockerfile_port ports[DOCKERFILE_PORTS_MAX]; /* EXPOSE, udp apart */
	size_t n_ports;
	struct dockerfile_port variable; /* ENV PORT=N (or ASPNETCORE_HTTP_PORTS); port 0: none */
	struct dockerfile_port started;  /* CMD … --port N */
	const char *health_path;         /* HEALTHCHECK CMD curl http://localhost:N/path; NULL: none */
	unsigned health_port, health_line; /* port 0: the URL names none */
	unsigned start_seconds;          /* HEALTHCHECK --start-period */
	const char *user;                /* NULL: none, so root (or what the base image says) */
	unsigned user_line;
	const char *command;             /* ENTRYPOINT and CMD in one; NULL: the base image's */
	unsigned command_line;
	bool is_shell_form;              /* a shell stands between and keeps SIGTERM to itself */
	const char *base;                /* of the last stage, as written: "eclipse-temurin:21-jre" */
	unsigned base_line;
	const char *argument;            /* first ARG without default that the build needs; NULL: none */
	unsigned argument_line;
};

/* False when there is no FROM: no Dockerfile. */
bool dockerfile_read(const char *text, struct arena *arena, struct dockerfile *ret);

#endif
