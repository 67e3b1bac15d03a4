/* What a cluster says about a rollout, gathered in one form from the many places where it hides.
 * No judgement here: the cause table gives the meaning.
 */
#ifndef PAAS_CORE_DIAGNOSE_SYMPTOM_H
#define PAAS_CORE_DIAGNOSE_SYMPTOM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/diagnose/cause.h"
#include "core/diagnose/diagnose.h"

/* Texts are borrowed from the objects, or in the arena; never NULL. */
struct symptom {
	enum symptom_place place;
	const json_t *pod;       /* NULL: of the ReplicaSet or Deployment */
	const char *container;   /* "" = of the whole pod */
	const char *reason, *message;
	const char *object;      /* a name the place itself knows (claim, gate, scheduler), else "" */
	int64_t exit_code;       /* -1 = none */
	int64_t restarts;
	int64_t count;           /* times it was told */
	int64_t at_ms;           /* -1 = unknown */
	int64_t patient_until_ms; /* a probe may fail until then; 0 = no such time */
	const char *where;       /* "pods/checkout-7d9f-x2k4" */
	const char *how;         /* "event FailedMount", "state.waiting" */
};

struct symptoms {
	struct symptom *items;
	size_t count, capacity;
	struct arena *arena;
};

/* All symptoms of the current ReplicaSet. */
void symptoms_collect(const struct rollout_objects *objects, const struct rollout_view *view,
                      struct symptoms *ret);
/* Those of one container's past: how it ended last. False when it did not end. */
bool symptom_of_end(const struct rollout_objects *objects, const json_t *pod, const json_t *status,
                    bool is_init, struct symptoms *ret);
struct symptom *symptoms_add(struct symptoms *symptoms, enum symptom_place place, const char *reason,
                             const char *message);

/* The newest event about `object` (by uid) with one of the reasons ("A|B"), whose message contains
 * `text` (NULL = any) and which is about `container` (NULL = any). */
const json_t *event_find(const struct rollout_objects *objects, const json_t *object,
                         const char *reasons, const char *text, const char *container);
/* `word` is one of "A|B|C". */
bool words_have(const char *words, const char *word);
/* One of "x|y" occurs in `text`, case ignored. */
bool text_has_any(const char *text, const char *needles);

/* "GET :8080/healthz", "TCP :8080", "command"; of a container's `probe`. */
const char *probe_describe(const json_t *container, const char *probe, struct arena *arena);
/* How long after its start a container's readiness probe may fail without being a sign of
 * trouble, in ms (the window kubedog uses). */
int64_t probe_readiness_window_ms(const json_t *container);

#endif
