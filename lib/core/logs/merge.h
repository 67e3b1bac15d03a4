/* The order among containers; for the files of this folder. */
#ifndef PAAS_CORE_LOGS_MERGE_H
#define PAAS_CORE_LOGS_MERGE_H

#include "core/logs/source.h"

/* Tells lines in the order of logs.h until every source is over; when following, for ever.  Runs in
 * logs->fiber; sources may be added meanwhile.  False when cancelled. */
bool merge_lines(struct logs *logs);

#endif
