/* What a person may do to an execution: judge, cancel.  Gate's answers to these say little, so each is read back.
 *
 * Source: spinnaker.md 7.
 */
#ifndef PAAS_API_SPINNAKER_CONTROL_H
#define PAAS_API_SPINNAKER_CONTROL_H

#include <stdbool.h>

#include "api/spinnaker/execution.h"

/* A stage that waits for a person now. */
bool spinnaker_is_waiting_judgment(const struct spinnaker_stage *stage);
/* "continue" or "stop", with one of the inputs the stage offers (NULL: none).  True when the stage has left that state; *ret_word
 * is the judgment that was taken, by whom in *ret_user (somebody may have been faster).  Fails: ERROR_FORBIDDEN, when Spinnaker
 * took it back for want of a role; ERROR_TIMED_OUT, when it was not taken within 40 s. */
bool spinnaker_judge(struct gate *gate, const char *execution_id, const char *stage_id, bool is_continued, const char *input,
                     struct arena *arena, const char **ret_word, const char **ret_user, struct error *err) must_use;
/* True when it has ended; *ret is what it became: it may have been faster.  Fails: ERROR_TIMED_OUT after 60 s. */
bool spinnaker_cancel(struct gate *gate, const char *execution_id, const char *reason, struct arena *arena,
                      enum spinnaker_status *ret, struct error *err) must_use;

#endif
