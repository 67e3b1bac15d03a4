/* Whether what is kept up to date can be trusted: several informers of one cluster, of which some
 * may not have answered yet, some may be lost, and one may have been refused.
 */
#ifndef PAAS_CORE_DEPLOY_CONTACT_H
#define PAAS_CORE_DEPLOY_CONTACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct fiber;
struct loop;

enum { CONTACT_INFORMERS_MAX = 8 };

struct contact {
	struct fiber *fiber;   /* woken by all of the below */
	bool has_changed;      /* since whoever waits set it to false */
	size_t count;          /* of informers */
	bool is_synced[CONTACT_INFORMERS_MAX], is_lost[CONTACT_INFORMERS_MAX];
	bool is_refused;       /* no use to wait: begin anew after a while */
	struct error trouble;  /* the last one */
	int64_t opened_ms, lost_ms; /* our clock; lost_ms: -1 = all is well */
};

/* What is done with it; `place` goes to all of them. */
struct contact_work {
	const char *cluster; /* its name, for messages */
	size_t n_informers;
	bool (*open)(void *place, struct error *err); /* starts them */
	void (*close)(void *place);                   /* also when `open` failed */
	void (*look)(void *place);                    /* something may have changed, and all is well */
	void (*fail)(void *place, const struct error *trouble);
};
/* The body of a fiber, until it is cancelled: opens, looks after each change and once a second, never
 * more than ten times a second; after a refusal it begins anew in half a minute. */
void contact_run(struct contact *contact, struct loop *loop, const struct contact_work *work, void *place);

/* Its steps, for contact_run and tests. */
void contact_begin(struct contact *contact, struct fiber *fiber, size_t count);
/* There was none to begin with. */
void contact_fail(struct contact *contact, const struct error *trouble);
void contact_synced(struct contact *contact, size_t informer);
void contact_lost(struct contact *contact, size_t informer, const struct error *trouble);
void contact_back(struct contact *contact, size_t informer);
/* Something else changed. */
void contact_changed(struct contact *contact);

enum contact_state {
	CONTACT_WAITING, /* for first answers */
	CONTACT_GOOD,    /* a stream that broke a moment ago, and is being opened again, included */
	CONTACT_TROUBLE, /* out of reach for longer, refused, or no first answer in time: *ret says so */
};
/* `cluster` is its name, for the message. */
enum contact_state contact_state(const struct contact *contact, const char *cluster, struct error *ret);

/* Until *has_changed, after a pause and with a tick at last: what is judged depends on the time too.
 * False when cancelled. */
bool contact_wait(struct loop *loop, const bool *has_changed);

#endif
