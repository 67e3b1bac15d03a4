/* Long answers through a pager: $PAAS_PAGER, the engineer's settings, $PAGER, else less.
 *
 *	struct pager pager;
 *	pager_begin(&pager, out, settings_text(settings, SETTING_PAGER), no_pager);
 *	output_print(…);
 *	pager_end(&pager);
 *
 * Only what is longer than the screen is paged, and only for a person: standard output and input are
 * terminals, TERM can do more than lines, no CI, no JSON.  A pager that is left early is no error.
 * In accessible mode neither $PAGER nor less counts: a pager has to be chosen for paas.
 */
#ifndef PAAS_UI_PAGER_H
#define PAAS_UI_PAGER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct output;

struct pager {
	struct output *out;
	const char *command; /* for the shell; NULL: nothing is paged */
	struct buf text;
};

/* `chosen` (may be NULL) wins over $PAGER; "cat" or an empty one pages nothing, `is_off` likewise. */
void pager_begin(struct pager *pager, struct output *out, const char *chosen, bool is_off);
/* Shows what was printed since. */
void pager_end(struct pager *pager);

/* Lines on a screen of so many columns (0: no limit), dress not counted; for pager_end and tests. */
size_t pager_lines(const char *text, size_t length, unsigned columns);

#endif
