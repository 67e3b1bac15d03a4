/* What the fold remembers; shared by its four files and nobody else. */
#ifndef PAAS_CORE_DEPLOY_FOLLOW_STATE_H
#define PAAS_CORE_DEPLOY_FOLLOW_STATE_H

#include "core/deploy/follow.h"

enum { SIGHTINGS_MAX = 64, NOTES_MAX = 32, OPERATOR_LINES_MAX = 10 };

/* A problem since it was first seen on the current revision; kept when it goes away, so that the
 * last state does not hide the real error seen before. */
struct sighting {
	char key[120];
	const struct cause *cause;
	int64_t first_ms, last_ms;
	char sentence[480], next[240];
};

/* Why it has to fail, if it has to. */
struct doom {
	bool is_set;
	enum error_code error;
	char key[120];   /* the same cause: the same key */
	char reason[480], next[240];
};

struct follow {
	struct follow_plan plan;
	struct arena memory;     /* bounded: notes and plan */
	struct arena scratch[2]; /* what the last and this tick built */
	unsigned turn;

	json_t *objects[OBSERVED_KINDS]; /* uid to object */
	json_t *gone;                    /* uid to true: a late old version must not revive it */
	json_t *logs, *present, *pull_messages;
	json_t *log_wishes, *log_restarts; /* "POD/CONTAINER" to the restarts when asked for, and had */
	struct error blindness, trouble;
	bool is_blind, is_lost, is_lost_told;
	int64_t lost_ms, reread_ms;
	const char *operator_line;

	bool was_ours, is_application_gone;
	struct rollout_progress best;
	int64_t progress_ms;             /* the last time things got better */
	int64_t restarts, restarts_ms;   /* their sum, and when it changed last */
	char stale_version[40];          /* of the first object with an old deadline condition */
	int64_t stale_ms, unobserved_ms;
	struct sighting sightings[SIGHTINGS_MAX];
	size_t n_sightings;

	enum operator_word operator;
	enum rollout_word rollout;
	int64_t cell_ms;                 /* this cell of the verdict table since then; 0 = none yet */
	struct doom doubt;               /* a failure seen once, to be seen again */
	int64_t doubt_ms, failing_ms;

	const char *notes[NOTES_MAX];
	size_t n_notes;
	struct deployment now;
};

/* Of this tick. */
static inline struct arena *
follow_scratch(struct follow *follow)
{
	return &follow->scratch[follow->turn & 1];
}

/* Says it once. */
void follow_note(struct follow *follow, const char *format, ...) printf_like(2, 3);

/* look.c: fills operator, rollout, progress, findings of follow->now; *ret: why it is doomed. */
void follow_look(struct follow *follow, struct doom *ret);
/* The id of a newer deployment that took over, or NULL; its author in *ret_who, or NULL. */
const char *follow_successor(struct follow *follow, const char **ret_who);
/* sightings.c: fills findings and wishes of follow->now; *doom: the first that is fatal. */
void follow_judge_findings(struct follow *follow, const struct rollout_objects *objects,
                           const struct rollout_view *view, struct doom *doom);
/* Sets it unless it is set. */
void doom_set(struct doom *doom, enum error_code error, const char *key, const char *reason,
              const char *next);
/* The worst problem now, else the worst seen; NULL when there never was one. */
const struct sighting *follow_worst(const struct follow *follow);

#endif
