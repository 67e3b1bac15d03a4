#include "cmd/deploy_run.h"

#include "cmd/command.h"
#include "data/platform.h"
#include "data/settings.h"
#include "ui/notice.h"

void
deploy_take_timeout(const struct session *session, struct deploy_choice *choice)
{
	if (!choice->timeout_ms && settings_duration_ms(session->settings, SETTING_TIMEOUT) > 0)
		choice->timeout_ms = settings_duration_ms(session->settings, SETTING_TIMEOUT);
}

/* With what was handed over. */
static bool
go_on(struct deploy_job *job, struct error *err)
{
	deploy_job_announce(job);
	if (job->choice->detach || job->choice->dry_run)
		return deploy_job_say_started(job, err);
	return deploy_job_follow(job, err) && deploy_job_conclude(job, err);
}

bool
deploy_run(struct deploy_job *job, const char *word, struct error *err)
{
	const struct session *session = job->session;
	struct notice notice;
	bool is_fine = false, is_prepared = deploy_job_prepare(job, err);
	if (is_prepared)
		notice_begin(&notice, session->out, session->loop, settings_text(session->settings, SETTING_NOTIFY), "%s of %s to %s",
		             word, job->release.name, job->release.environment->name);
	if (is_prepared && deploy_job_hand_over(job, err))
		is_fine = go_on(job, err);
	else
		deploy_job_tell_refusal(job, err);
	if (is_prepared)
		notice_end(&notice, is_fine ? NULL : err);
	deploy_job_release(job);
	return is_fine;
}
