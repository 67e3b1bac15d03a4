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

enum { CONTACT_INFORMERS_MAX = 8, CONTACT_ANEW_MS = 30 * 1000 /* after a refusal */ };

struct contact {
	struct fiber *fiber;   /* woken by all of the below */
	bool has_changed;      /* since whoever waits set it to false */
	size_t count;          /* of informers */
	bool is_synced[CONTACT_INFORMERS_MAX], is_lost[CONTACT_INFORMERS_MAX];
	bool is_refused;       /* no use to wait: begin anew after a while */
	struct error trouble;  /* the last one */
	int64_t opened_ms, lost_ms; /* our clock; lost_ms: -1 = all is well */
};

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
