/* The Application resource: what is stored against what a deploy would store. */
#ifndef PAAS_CORE_DIFFERENCE_APPLICATION_H
#define PAAS_CORE_DIFFERENCE_APPLICATION_H

#include "core/difference/preview.h"

/* Adds it to `ret`, and as cautions why a deploy would stop: fields that others hold.  `unsafe`: why
 * the server must not be asked; NULL: it may be. */
bool application_compare(const struct preview_request *request, const char *unsafe, struct differences *ret,
                         struct error *err) must_use;

#endif
