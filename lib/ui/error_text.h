/* An error in words; as JSON in data/error_json. */
#ifndef PAAS_UI_ERROR_TEXT_H
#define PAAS_UI_ERROR_TEXT_H

#include "base/buf.h"
#include "base/error.h"

/* Appends, neutralised, each line ended:
 *	deploying shop to pro failed
 *	  why:  POST /tasks: HTTP 403
 *	  from: kubernetes pro applications/shop (https://…)
 *	  next: paas doctor
 * Without a `what` the first line is the why. */
void error_text_add(struct buf *buf, const struct error *error);

#endif
