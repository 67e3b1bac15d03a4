/* What works inside of pods goes through kubectl: the same cluster and credential as ours, the pod
 * and container that we chose.
 */
#ifndef PAAS_CMD_KUBECTL_H
#define PAAS_CMD_KUBECTL_H

#include "cmd/command.h"
#include "core/deploy/release.h"
#include "core/pods/choose.h"

struct cluster;

struct kubectl_request {
	const char *application, *environment; /* NULL: those of here */
	const char *pod, *container;           /* NULL: the best */
	bool is_lone_word; /* the application is all there is: it may have been meant as a command */
};

/* Where it goes. */
struct kubectl_place {
	struct release release;
	struct cluster *cluster;
	json_t *pods;
	struct pod_choice choice;
};

/* Finds the pod.  Released also on failure. */
bool kubectl_find_pod(struct session *session, const struct kubectl_request *request, struct kubectl_place *ret,
                      struct error *err) must_use;
void kubectl_place_release(struct kubectl_place *place); /* for scoped() */

/* The words of a command line that begins with kubectl, VERB and how to reach the cluster. */
struct kubectl {
	const char **words;
	size_t n_words;
	int kubeconfig; /* of a cluster that no kubeconfig names; -1: none */
};
/* Fails: ERROR_NOT_FOUND when kubectl is not on PATH. */
bool kubectl_open(struct session *session, const struct kubectl_place *place, const char *verb, struct kubectl *ret,
                  struct error *err) must_use;
void kubectl_close(struct kubectl *kubectl); /* for scoped() */
void kubectl_add(struct kubectl *kubectl, struct arena *arena, const char *word);

/* Becomes it; returns only when that fails. */
bool kubectl_become(const struct kubectl *kubectl, struct error *err) must_use;
/* Runs it beside us, on our terminal, to its end.  When we are interrupted, so is it.  Fails:
 * ERROR_FAILED when it ends with another status than 0, ERROR_INTERRUPTED. */
bool kubectl_run(struct session *session, const struct kubectl *kubectl, struct error *err) must_use;

#endif
