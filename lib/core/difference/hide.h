/* Takes secrets out of what is shown of a change: values of Secrets, of variables whose names smell
 * of one, and credentials inside of texts.  That it changed stays visible, the value never. */
#ifndef PAAS_CORE_DIFFERENCE_HIDE_H
#define PAAS_CORE_DIFFERENCE_HIDE_H

#include "core/difference/difference.h"

#define HIDDEN_VALUE "(secret)"
#define HIDDEN_CHANGE "(secret, changed)"

struct shown {
	json_t *before, *after; /* owned; NULL: absent */
	bool is_secret;         /* something was taken out */
};

/* Of an object of that kind. */
struct shown change_hide(const char *kind, const struct change *change);
void shown_release(struct shown *shown); /* for scoped() */

#endif
