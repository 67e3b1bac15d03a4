/* One page an error code: what it means, what usually causes it, what to do, and how one meets it. */
#include <string.h>

#include "base/error.h"
#include "cmd/pages.h"
#include "ui/text.h"

static const struct {
	const char *causes, *remedy, *example;
} explanations[ERROR_COUNT] = {
	[ERROR_USAGE] = {"A flag, command or value is unknown, missing or out of range. Nothing was done.",
	                 "Read `paas help COMMAND`; the message names the nearest known word.",
	                 "$ paas deploy --enviroment pro\n"
	                 "paas: unknown option --enviroment\n"
	                 "  next: did you mean --env? (paas help deploy lists all)\n"},
	[ERROR_FAILED] = {"Something in the way of the operation that no more special code describes.",
	                  "Read the line after \"why\". Run again with -v to see every request.",
	                  "$ paas exec -- psql\n"
	                  "paas: kubectl is not installed\n"
	                  "  next: install kubectl, https://kubernetes.io/docs/tasks/tools/\n"},
	[ERROR_OUTPUT] = {"Standard output is closed, the disk is full or over quota. The operation itself may be done.",
	                  "Make room or print elsewhere; `paas status` shows where things stand.",
	                  "$ paas status --json >/dev/full\n"
	                  "paas: writing the result failed\n"
	                  "  why:  No space left on device\n"},
	[ERROR_FILE] = {"No permission, no space, or a file system that is read-only. Files are replaced whole, so the "
	                "old one is intact.",
	                "Check the path and the permissions in the message.",
	                "$ paas config set notify never\n"
	                "paas: ~/.config/paas/config.yml: Permission denied\n"},
	[ERROR_DEPLOY_UNHEALTHY] = {"The operator accepted the deployment, but its pods did not become ready: they crash, "
	                            "cannot pull their image, cannot be placed, or fail their probes.",
	                            "Read the evidence above the error, then do what its last line says. The old release "
	                            "goes on serving.",
	                            "$ paas deploy --env pro\n"
	                            "paas: deploying shop to pro failed: 3 of 4 new pods never became ready\n"
	                            "  why:  container \"shop\" exits 1 at start: \"DATABASE_URL is not set\"\n"
	                            "  next: paas secrets set DATABASE_URL --env pro\n"},
	[ERROR_DEPLOY_FAILED] = {"The operator answered FAILED: the specification or the cluster did not let it create what "
	                         "it should.",
	                         "Read the operator's message; `paas validate` finds what a file can show.",
	                         "$ paas deploy\n"
	                         "paas: deploying shop to dev failed: the operator says FAILED\n"
	                         "  next: paas validate\n"},
	[ERROR_CANCELLED] = {"Somebody or something stopped the operation before its end.",
	                     "Run the command again; what was done already is not done twice.",
	                     "$ paas deploy --env pro\n"
	                     "deploy shop to pro? [y/N] n\n"
	                     "paas: cancelled\n"},
	[ERROR_PROBLEM_FOUND] = {"The question was whether something is wrong, and something is.",
	                         "The problems are in the output; each says how to mend it.",
	                         "$ paas validate\n"
	                         "fiaas.yml:2:1: warning: unknown key \"replica\" is ignored\n"
	                         "  fix: did you mean \"replicas\"?\n"},
	[ERROR_NOT_LOGGED_IN] = {"The credential is missing, expired or was refused (HTTP 401).",
	                         "The message names the source that was tried (kubeconfig, variable, exec plugin). Renew it "
	                         "there.",
	                         "$ paas status\n"
	                         "paas: GET https://dev.acme.example/...: HTTP 401\n"
	                         "  next: renew the credential of context dev in the kubeconfig\n"},
	[ERROR_FORBIDDEN] = {"The credential is valid, but this account may not do this (HTTP 403).",
	                     "Check the account and the namespace in the message, then ask who grants the role.",
	                     "$ paas deploy --env pro\n"
	                     "paas: deploying shop to pro failed\n"
	                     "  why:  user ada may not create applications in namespace shop\n"},
	[ERROR_NOT_FOUND] = {"The named thing does not exist where it was looked for, or may not be seen by this account.",
	                     "Check name, environment and namespace; the line \"from\" says where was looked.",
	                     "$ paas logs shopp\n"
	                     "paas: no application shopp in dev\n"
	                     "  next: did you mean shop?\n"},
	[ERROR_CONFLICT] = {"Another deployment is under way, or somebody else owns what would be changed.",
	                    "The message names who. Wait for it, or take over with the flag it names.",
	                    "$ paas deploy --env pro\n"
	                    "paas: deploying shop to pro failed\n"
	                    "  why:  ada deploys registry/shop:1.3 since 12:01\n"
	                    "  next: paas deploy --env pro --wait\n"},
	[ERROR_SUPERSEDED] = {"While this deployment was followed, a newer one of the same application began.",
	                      "Follow the newer one: `paas status`.",
	                      "$ paas deploy\n"
	                      "paas: deploying shop to dev failed\n"
	                      "  why:  a newer deployment, of registry/shop:1.5, began\n"
	                      "  next: paas status\n"},
	[ERROR_PAUSED] = {"The Deployment is paused, or an approval is due.",
	                  "Resume or approve it, then run the command again; it goes on where it was.",
	                  "$ paas deploy\n"
	                  "paas: deploying shop to dev failed\n"
	                  "  why:  Deployment shop is paused\n"
	                  "  next: kubectl rollout resume deployment/shop\n"},
	[ERROR_UNREACHABLE] = {"The name does not resolve, nothing listens, TLS is not trusted, a proxy is in the way, or no "
	                       "answer came in time. The message says which, and how long it took.",
	                       "Run `paas doctor`. A deployment that was under way goes on by itself.",
	                       "$ paas status --env pro\n"
	                       "paas: asking for shop in pro failed\n"
	                       "  why:  pro.acme.example does not answer (10 s)\n"
	                       "  next: paas doctor\n"},
	[ERROR_BAD_ANSWER] = {"The answer ended early, is too large, is not what the interface promises, or comes from a "
	                      "proxy's login page.",
	                      "Run again with -vv to see what was answered; check the URL in the line \"from\".",
	                      "$ paas status -vv\n"
	                      "paas: https://dev.acme.example/... answered HTML instead of JSON\n"},
	[ERROR_RATE_LIMITED] = {"Too many requests came from this account or, without one, from this address.",
	                        "Wait some minutes, or use credentials: anonymous requests have a lower limit.",
	                        "$ paas deploy --image registry.acme.example/shop:1.4\n"
	                        "paas: registry.acme.example: HTTP 429\n"
	                        "$ sleep 60; paas deploy --image registry.acme.example/shop:1.4\n"},
	[ERROR_OPERATOR_SILENT] = {"The Application was stored, but no operator acted on it: it does not run, does not watch "
	                           "this namespace, or is stuck.",
	                           "Check the FIAAS operator of the namespace; `paas doctor` looks for it.",
	                           "$ paas deploy\n"
	                           "paas: deploying shop to dev failed\n"
	                           "  why:  no operator took up the deployment within 2 min\n"
	                           "  next: paas doctor\n"},
	[ERROR_TIMED_OUT] = {"The time given (--timeout) passed before the outcome was known. It is not a failure yet: the "
	                     "deployment goes on.",
	                     "`paas status` tells how it went; give a longer --timeout when this is usual.",
	                     "$ paas deploy --timeout 2m\n"
	                     "paas: deploying shop to dev failed\n"
	                     "  why:  not known after 2 min; the deployment goes on\n"
	                     "  next: paas status\n"},
	[ERROR_INVALID_FILE] = {"A file cannot be read, is not YAML, too large, or holds keys or values that cannot be.",
	                        "The message begins with file:line:column. `paas config check` and `paas validate` show all "
	                        "problems at once.",
	                        "$ paas config check platform.yml\n"
	                        "platform.yml:3:5: error: \"server\" is missing\n"},
	[ERROR_INVALID_SPEC] = {"The application cannot be deployed as fiaas.yml describes it: the operator would refuse it.",
	                        "`paas validate` shows every problem with its place and remedy.",
	                        "$ paas deploy\n"
	                        "paas: deploying shop to dev failed\n"
	                        "  why:  fiaas.yml:3:1: no port is named http\n"
	                        "  next: paas validate\n"},
	[ERROR_INTERRUPTED] = {"Ctrl-C (SIGINT). What was started on a cluster goes on.",
	                       "The last line said how to come back; a second Ctrl-C ends at once.",
	                       "$ paas deploy\n"
	                       "^C\n"
	                       "the deployment goes on; paas status shows how\n"
	                       "$ paas status\n"},
	[ERROR_TERMINATED] = {"SIGTERM, as a CI runner sends when a job is cancelled. What was started goes on.",
	                      "`paas status` shows where it stands.",
	                      "$ timeout 60 paas deploy\n"
	                      "$ paas status\n"},
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
	text_add_wrapped(buf, explanations[code].causes, columns, 0);
	buf_add_text(buf, "\n\n");
	text_add_wrapped(buf, explanations[code].remedy, columns, 0);
	buf_add_char(buf, '\n');
	page_add_example(buf, explanations[code].example);
	buf_printf(buf, "\nExit status %d.\n", error_kind(code)->exit_status);
	return true;
}

const struct page_source page_source_errors = {"error code", write_error, name_at};
