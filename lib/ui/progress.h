/* What is going on, while it goes on: on standard error.
 *
 *	struct progress *progress = progress_new(out, loop, arena);
 *	progress_step(progress, "waiting for pods: %u/%u ready", ready, wanted);
 *	progress_say(progress, STYLE_PLAIN, "revision 7 is rolling out");
 *	progress_end(progress);
 *
 * On a terminal a region at the bottom is redrawn, at most ten times a second and not before
 * 300 ms: the step with its age, and rows of detail under it.  Elsewhere (pipe, CI, TERM=dumb,
 * --accessible, --plain): a line a change with the time since the start ("[3 s] step"; in accessible
 * mode "step, after 3 s"), and a heartbeat every 30 s ("still step") so that no runner takes the job
 * for dead.  With --json or -q nothing but heartbeats in CI.
 * What others print through `out` goes above the region.
 */
#ifndef PAAS_UI_PROGRESS_H
#define PAAS_UI_PROGRESS_H

#include <stddef.h>

#include "base/arena.h"
#include "ui/output.h"

struct loop;
struct progress;

struct progress *progress_new(struct output *out, struct loop *loop, struct arena *arena)
	__attribute__((returns_nonnull));
/* Whether it would be a region: what is live may go into rows then, and elsewhere into lines. */
bool progress_is_redrawn(const struct output *out);
/* What is being done now, in place of the last step; the same text again changes nothing. */
void progress_step(struct progress *progress, const char *format, ...) printf_like(2, 3);
/* Something that happened: a line that stays. */
void progress_say(struct progress *progress, enum style style, const char *format, ...) printf_like(3, 4);
/* Rows below the step, shown on a terminal only: clear, then add each. At most 20 are drawn. */
void progress_clear_rows(struct progress *progress);
void progress_add_row(struct progress *progress, enum style style, const char *format, ...)
	printf_like(3, 4);
/* Takes the region away and stops the timers. */
void progress_end(struct progress *progress);

#endif
