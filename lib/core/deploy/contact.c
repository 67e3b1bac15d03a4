#include "core/deploy/contact.h"

#include "base/clock.h"
#include "base/fiber.h"

enum {
	PACE_MS = 100,
	TICK_MS = 1000,
	FIRST_ANSWER_MS = 15 * 1000,
	OUT_OF_REACH_MS = 5 * 1000, /* a stream that breaks and is opened again is no news */
	ANEW_MS = 30 * 1000,
};

void
contact_begin(struct contact *contact, struct fiber *fiber, size_t count)
{
	*contact = (struct contact){.fiber = fiber, .count = count, .opened_ms = clock_monotonic_ms(), .lost_ms = -1};
}

void
contact_changed(struct contact *contact)
{
	contact->has_changed = true;
	fiber_wake(contact->fiber);
}

void
contact_fail(struct contact *contact, const struct error *trouble)
{
	contact->is_refused = true;
	contact->trouble = *trouble;
	contact->lost_ms = contact->opened_ms;
}

void
contact_synced(struct contact *contact, size_t informer)
{
	contact->is_synced[informer] = true;
	contact_changed(contact);
}

void
contact_lost(struct contact *contact, size_t informer, const struct error *trouble)
{
	if (contact->lost_ms < 0)
		contact->lost_ms = clock_monotonic_ms();
	contact->is_lost[informer] = true;
	contact->is_refused |= !trouble->retryable;
	contact->trouble = *trouble;
	contact_changed(contact);
}

static bool
has_all(const struct contact *contact, const bool *which, bool value)
{
	for (size_t i = 0; i < contact->count; i++)
		if (which[i] != value)
			return false;
	return true;
}

void
contact_back(struct contact *contact, size_t informer)
{
	contact->is_lost[informer] = false;
	if (has_all(contact, contact->is_lost, false))
		contact->lost_ms = -1;
	contact_changed(contact);
}

enum contact_state
contact_state(const struct contact *contact, const char *cluster, struct error *ret)
{
	int64_t now_ms = clock_monotonic_ms();
	if (contact->lost_ms >= 0 && (contact->is_refused || now_ms - contact->lost_ms >= OUT_OF_REACH_MS)) {
		*ret = contact->trouble;
		return CONTACT_TROUBLE;
	}
	if (has_all(contact, contact->is_synced, true))
		return CONTACT_GOOD;
	if (now_ms - contact->opened_ms < FIRST_ANSWER_MS)
		return CONTACT_WAITING;
	error_put(ret, ERROR_UNREACHABLE, "cluster %s did not answer within %d s", cluster, FIRST_ANSWER_MS / 1000);
	return CONTACT_TROUBLE;
}

bool
contact_wait(struct loop *loop, const bool *has_changed)
{
	bool timed_out;
	return fiber_sleep(loop, PACE_MS) && (*has_changed || fiber_wait_for(loop, TICK_MS, &timed_out));
}

static void
look(struct contact *contact, const struct contact_work *work, void *place)
{
	struct error trouble = {0};
	switch (contact_state(contact, work->cluster, &trouble)) {
	case CONTACT_WAITING:
		break;
	case CONTACT_GOOD:
		work->look(place);
		break;
	case CONTACT_TROUBLE:
		work->fail(place, &trouble);
		break;
	}
}

/* One connection's time; ends when it was refused, or cancelled. */
static void
run_once(struct contact *contact, struct loop *loop, const struct contact_work *work, void *place)
{
	struct error trouble = {0};
	contact_begin(contact, fiber_current(), work->n_informers);
	if (!work->open(place, &trouble))
		contact_fail(contact, &trouble);
	do {
		contact->has_changed = false;
		look(contact, work, place);
	} while (!contact->is_refused && contact_wait(loop, &contact->has_changed));
	if (contact->is_refused)
		(void)fiber_sleep(loop, ANEW_MS);
	work->close(place);
}

void
contact_run(struct contact *contact, struct loop *loop, const struct contact_work *work, void *place)
{
	while (!fiber_is_cancelled())
		run_once(contact, loop, work, place);
}
