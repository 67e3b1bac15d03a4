/* One page an error code: what it means, what usually causes it, what to do. */
#include <string.h>

#include "base/error.h"
#include "cmd/pages.h"
#include "ui/text.h"

static const struct {
	const char *causes, *remedy;
} explanations[ERROR_COUNT] = {
	[ERROR_USAGE] = {"A flag, command or value is unknown, missing or out of range. Nothing was done.",
	                 "Read `paas help COMMAND`; the message names the nearest known word."},
	[ERROR_FAILED] = {"Something in the way of the operation that no more special code describes.",
	                  "Read the line after \"why\". Run again with -v to see every request."},
	[ERROR_OUTPUT] = {"Standard output is closed, the disk is full or over quota. The operation itself may be done.",
	                  "Make room or print elsewhere; `paas status` shows where things stand."},
	[ERROR_FILE] = {"No permission, no space, or a file system that is read-only. Files are replaced whole, so the "
	                "old one is intact.",
	                "Check the path and the permissions in the message."},
	[ERROR_DEPLOY_UNHEALTHY] = {"The operator accepted the deployment, but its pods did not become ready: they crash, "
	                            "cannot pull their image, cannot be placed, or fail their probes.",
	                            "Read the evidence above the error, then do what its last line says. The old release "
	                            "goes on serving."},
	[ERROR_DEPLOY_FAILED] = {"The operator answered FAILED: the specification or the cluster did not let it create what "
	                         "it should.",
	                         "Read the operator's message; `paas validate` finds what a file can show."},
	[ERROR_CANCELLED] = {"Somebody or something stopped the operation before its end.",
	                     "Run the command again; what was done already is not done twice."},
	[ERROR_PROBLEM_FOUND] = {"The question was whether something is wrong, and something is.",
	                         "The problems are in the output; each says how to mend it."},
	[ERROR_NOT_LOGGED_IN] = {"The credential is missing, expired or was refused (HTTP 401).",
	                         "The message names the source that was tried (kubeconfig, variable, exec plugin). Renew it "
	                         "there."},
	[ERROR_FORBIDDEN] = {"The credential is valid, but this account may not do this (HTTP 403).",
	                     "Check the account and the namespace in the message, then ask who grants the role."},
	[ERROR_NOT_FOUND] = {"The named thing does not exist where it was looked for, or may not be seen by this account.",
	                     "Check name, environment and namespace; the line \"from\" says where was looked."},
	[ERROR_CONFLICT] = {"Another deployment is under way, or somebody else owns what would be changed.",
	                    "The message names who. Wait for it, or take over with the flag it names."},
	[ERROR_SUPERSEDED] = {"While this deployment was followed, a newer one of the same application began.",
	                      "Follow the newer one: `paas status`."},
	[ERROR_PAUSED] = {"The Deployment is paused, or an approval is due.",
	                  "Resume or approve it, then run the command again; it goes on where it was."},
	[ERROR_UNREACHABLE] = {"The name does not resolve, nothing listens, TLS is not trusted, a proxy is in the way, or no "
	                       "answer came in time. The message says which, and how long it took.",
	                       "Run `paas doctor`. A deployment that was under way goes on by itself."},
	[ERROR_BAD_ANSWER] = {"The answer ended early, is too large, is not what the interface promises, or comes from a "
	                      "proxy's login page.",
	                      "Run again with -vv to see what was answered; check the URL in the line \"from\"."},
	[ERROR_RATE_LIMITED] = {"Too many requests came from this account or, without one, from this address.",
	                        "Wait some minutes, or use credentials: anonymous requests have a lower limit."},
	[ERROR_OPERATOR_SILENT] = {"The Application was stored, but no operator acted on it: it does not run, does not watch "
	                           "this namespace, or is stuck.",
	                           "Check the FIAAS operator of the namespace; `paas doctor` looks for it."},
	[ERROR_TIMED_OUT] = {"The time given (--timeout) passed before the outcome was known. It is not a failure yet: the "
	                     "deployment goes on.",
	                     "`paas status` tells how it went; give a longer --timeout when this is usual."},
	[ERROR_INVALID_FILE] = {"A file cannot be read, is not YAML, too large, or holds keys or values that cannot be.",
	                        "The message begins with file:line:column. `paas config check` and `paas validate` show all "
	                        "problems at once."},
	[ERROR_INVALID_SPEC] = {"The application cannot be deployed as fiaas.yml describes it: the operator would refuse it.",
	                        "`paas validate` shows every problem with its place and remedy."},
	[ERROR_INTERRUPTED] = {"Ctrl-C (SIGINT). What was started on a cluster goes on.",
	                       "The last line said how to come back; a second Ctrl-C ends at once."},
	[ERROR_TERMINATED] = {"SIGTERM, as a CI runner sends when a job is cancelled. What was started goes on.",
	                      "`paas status` shows where it stands."},
};

static const char *
name_at(size_t i)
{
	return i + 1 < ERROR_COUNT ? error_kind((enum error_code)(i + 1))->name : NULL;
}

static bool
write_error(const char *name, size_t columns, struct buf *buf)
{
	enum error_code code = error_code_from_name(name);
	if (code == ERROR_NONE)
		return false;
	buf_printf(buf, "%s: %s\n\n", name, error_kind(code)->sentence);
	if (explanations[code].causes != NULL) {
		text_add_wrapped(buf, explanations[code].causes, columns, 0);
		buf_add_text(buf, "\n\n");
		text_add_wrapped(buf, explanations[code].remedy, columns, 0);
		buf_add_text(buf, "\n\n");
	}
	buf_printf(buf, "Exit status %d.\n", error_kind(code)->exit_status);
	return true;
}

const struct page_source page_source_errors = {"error code", write_error, name_at};
