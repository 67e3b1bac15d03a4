/* One environment's row, judged from the objects of an application: pure, for those who read them
 * once (status.c) and those who are told of every change (status_watch.c).
 *
 *	if (!status_row_begin(&row, name, application, deployment, now_ms, arena))
 *		return;
 *	follow_object(row.follow, OBSERVED_POD, pod);   and so on
 *	status_row_judge(&row, now_ms);
 *	if (status_row_wants_logs(&row))
 *		…follow_log, and judge once more
 */
#ifndef PAAS_CORE_DEPLOY_STATUS_ROW_H
#define PAAS_CORE_DEPLOY_STATUS_ROW_H

#include "core/deploy/status.h"

/* Never deployed there, until told otherwise. */
struct status_row status_row_empty(const struct platform_environment *environment);
/* What the Application says, or the Deployment of an application that was deployed without the
 * operator; its texts in `arena`, and row->follow, which is the caller's to free (status_release).
 * False when it was never deployed: the row stays as it is. */
bool status_row_begin(struct status_row *row, const char *name, const json_t *application, const json_t *deployment,
                      int64_t now_ms, struct arena *arena);
/* By all that row->follow was told; `now_ms` is the server's clock. */
void status_row_judge(struct status_row *row, int64_t now_ms);
/* The last words of the containers in row->deployment->logs would say more. */
bool status_row_wants_logs(const struct status_row *row);
/* Then its events say why. */
bool status_is_short_of_pods(const json_t *deployment);

#endif
