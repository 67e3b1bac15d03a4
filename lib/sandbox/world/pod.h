/* A pod, from its creation to its end: scheduler and kubelet in one life of steps.
 *
 *	SCHEDULE → ADMIT → MOUNT → INIT → PULL → START → RUN ⇄ BACK_OFF
 *
 * Each visit does one step and says when to come back.  What the kubelet must remember and the
 * API does not show is the pod's record: {"step", "due", "causes", "tries", "init", "logs", …}.
 */
#ifndef PAAS_SANDBOX_WORLD_POD_H
#define PAAS_SANDBOX_WORLD_POD_H

#include "base/clock.h"
#include "sandbox/world/causes.h"
#include "sandbox/world/parts.h"

/* One visit's view of a pod. */
struct pod_life {
	struct world *world;
	json_t *pod;    /* a copy: put back when `is_changed` */
	json_t *record; /* borrowed */
	bool is_gone;   /* deleted in this visit: nothing to put back */
};

/* The container named as the application, else the first. Borrowed. */
json_t *pod_main_container(const json_t *pod);
/* The status of a container, made when absent. `list` is "containerStatuses" or
 * "initContainerStatuses". */
json_t *pod_status_of(struct pod_life *life, const char *list, const char *name);
/* Of the main container. */
const char *pod_main_name(const struct pod_life *life);
json_t *pod_main_status(struct pod_life *life);

/* States (world/pod_status.c). */
void pod_set_waiting(json_t *status, const char *reason, const char *message);
void pod_set_running(json_t *status);
/* Ends what runs (or would have run): state terminated, as of now. */
void pod_set_terminated(json_t *status, const char *reason, const char *message, int exit_code);
/* The present end becomes lastState, the count of restarts rises. */
void pod_count_restart(json_t *status);
/* Brings phase and conditions in line with the containers. */
void pod_refresh(struct pod_life *life);

/* Events of the kubelet about the pod; `container` "" = about the pod as a whole. */
void pod_event(struct pod_life *life, const char *container, bool is_warning, const char *reason,
               const char *format, ...) printf_like(5, 6);
/* Lines to the container's log; placeholders are filled in. */
void pod_log(struct pod_life *life, const char *container, const char *lines);
/* The container starts afresh: its log becomes the previous one. */
void pod_log_turn(struct pod_life *life, const char *container);

/* Steps on the node (world/kubelet.c): each returns milliseconds until the next visit, -1 when
 * only a change brings one. */
enum pod_step {
	POD_SCHEDULE, POD_ADMIT, POD_MOUNT, POD_INIT, POD_PULL, POD_START, POD_RUN, POD_BACK_OFF,
	POD_ENDED,
	POD_STEPS,
};
int64_t kubelet_step(struct pod_life *life, enum pod_step step);
void pod_go(struct pod_life *life, enum pod_step step);
/* The step that gets the image (world/kubelet_image.c). */
int64_t kubelet_pull(struct pod_life *life);
/* The steps once the container's process exists (world/kubelet_run.c). */
int64_t kubelet_run(struct pod_life *life);
int64_t kubelet_back_off(struct pod_life *life);
/* 10 s, doubled each time, at most 5 min. */
int64_t kubelet_back_off_ms(int64_t tries);
/* A container has ended: its status, its events, what is next. */
int64_t kubelet_end(struct pod_life *life, const char *reason, const char *message, int exit_code);
/* Nodes (world/node.c). */
void node_lose(struct world *world, const char *name);
bool node_is_lost(const struct world *world, const char *name);
/* Takes the pod from the API, as when the kubelet has stopped its containers. */
void pod_remove(struct pod_life *life);

#endif
