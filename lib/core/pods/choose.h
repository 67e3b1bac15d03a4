/* The pod to go into: of the release that runs, one that is ready, the youngest of these. */
#ifndef PAAS_CORE_PODS_CHOOSE_H
#define PAAS_CORE_PODS_CHOOSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct kubernetes;

struct pod_question {
	const char *application, *namespace;
	const char *deployment_id; /* of the release that runs; "" = not known: any */
	const char *pod;           /* this one; NULL: the best */
	const char *container;     /* this one; NULL: the main one */
};

struct pod_choice {
	const json_t *object;   /* borrowed from the list it was chosen from */
	const char *pod, *container;
	bool is_ready;
	bool is_of_release;
};

/* Out of a list of pods.  Fails: ERROR_NOT_FOUND (none runs, no such pod or container, with what
 * there is), ERROR_BAD_ANSWER (a name that is none). Texts in `arena`. */
bool pod_choose(const struct pod_question *question, const json_t *pods, struct arena *arena, struct pod_choice *ret,
                struct error *err) must_use;

/* The number of a port that is given as a number or by its name in the pod; NULL: the one called
 * "http", else the first.  Fails: ERROR_NOT_FOUND with the pod's ports, ERROR_USAGE. */
bool pod_port(const struct pod_choice *choice, const char *port, struct arena *arena, uint16_t *ret,
              struct error *err) must_use;

/* The pods of the application, and the deployment id of its Deployment ("" = none says it); a new
 * reference to a list. */
bool pods_read(struct kubernetes *kubernetes, const char *namespace, const char *application, struct arena *arena,
               json_t **ret, const char **ret_deployment_id, struct error *err) must_use;

#endif
