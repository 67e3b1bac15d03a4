/* A web page in the person's browser: $BROWSER, else xdg-open or open.  No shell, and never where
 * nobody looks: without a terminal, in CI, over a connection that shows no windows.
 */
#ifndef PAAS_UI_BROWSER_H
#define PAAS_UI_BROWSER_H

#include <stdbool.h>

#include "base/error.h"

/* Somebody sits there, and there is a program. */
bool browser_is_there(void);
/* http or https, and nothing in it that a program could take for an option or a second word. */
bool browser_takes(const char *url);
/* Starts it and does not wait.  Fails: ERROR_USAGE (no such URL), ERROR_FAILED. */
bool browser_open(const char *url, struct error *err) must_use;

#endif
