/* Tells a person who looked away that a long wait is over: a bell, a window title, or a notice of
 * the desktop.  The setting `notify` chooses which; built in is none.
 *
 *	struct notice notice;
 *	notice_begin(&notice, out, loop, settings_text(settings, SETTING_NOTIFY), "deploy of shop to dev");
 *	bool is_fine = wait(…);
 *	notice_end(&notice, is_fine ? NULL : err);
 *
 * Escapes on standard error and nothing else: no child process, no connection.  Waits of less than
 * NOTICE_AFTER_MS are not told; nor is anything in CI, with -q, with --plain, or where standard
 * error is no terminal that takes escapes.
 * Sources: "XTerm Control Sequences" (OSC 2, CSI 22 and 23 t); iTerm2's "Proprietary Escape Codes"
 * (OSC 9); the notify extension of rxvt-unicode (OSC 777).
 */
#ifndef PAAS_UI_NOTICE_H
#define PAAS_UI_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/loop.h"
#include "ui/output.h"

enum { NOTICE_AFTER_MS = 30 * 1000, NOTICE_MAX_COLUMNS = 120, NOTICE_MAX_BYTES = 2000 };

enum notice_kind {
	NOTICE_NONE,
	NOTICE_BELL,
	NOTICE_TITLE,   /* the window's title names the wait while it lasts; then the old one is back */
	NOTICE_DESKTOP,
};

struct notice {
	enum notice_kind kind;
	int64_t began_ms;
	struct loop *loop;
	struct loop_timer timer; /* when the title changes */
	bool has_title;          /* ours is shown */
	char what[NOTICE_MAX_BYTES]; /* harmless */
};

/* `how` is a value of the setting; NULL and what is unknown are none. */
enum notice_kind notice_choose(const char *how, const struct terminal *terminal, bool in_ci, bool is_quiet);
/* What ends a wait of `waited_ms`; "" when there is nothing to tell.  Neutralises `text`. */
void notice_add_end(struct buf *buf, enum notice_kind kind, int64_t waited_ms, const char *text);

/* `what` is waited for: "deploy of shop to dev". `loop` outlives the notice. */
void notice_begin(struct notice *notice, const struct output *out, struct loop *loop, const char *how,
                  const char *format, ...) printf_like(5, 6);
/* `err` NULL: it came to a good end.  Who pressed Ctrl-C knows, so only the title comes back. */
void notice_end(struct notice *notice, const struct error *err);
/* For a handler that ends the process at once: the title comes back. Async-signal-safe. */
void notice_abandon(void);

#endif
