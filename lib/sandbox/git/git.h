/* `git clone`, `fetch`, `ls-remote` and `push` at the emulated GitHub: smart http, versions 0 to 2
 * (gitprotocol-http(5), gitprotocol-v2(5)), at "/OWNER/NAME.git".
 *
 * git's own upload-pack and receive-pack answer, as children on bare repositories in FOLDER/git.  The
 * forge (sandbox/forge) stays the truth: before the first request after a start or a restore, git gets
 * the forge's branches; after a push the forge gets git's commits and a build of each branch that moved.
 * Commits that were never in git, such as those of `paas sandbox build`, stay unknown to it: it shows
 * their newest ancestor that it has.
 *
 * One request at a time, in a fiber; a child has a minute, no configuration of the user, no hooks.
 */
#ifndef PAAS_SANDBOX_GIT_GIT_H
#define PAAS_SANDBOX_GIT_GIT_H

#include <stdbool.h>

struct forge;
struct git_server;
struct loop;
struct web_request;

struct git_server_options {
	struct loop *loop;    /* borrowed */
	struct forge *forge;  /* borrowed */
	const char *folder;   /* of the sandbox, absolute; borrowed */
	const char *token;    /* the password of whoever asks; borrowed */
};
struct git_server *git_server_new(const struct git_server_options *options);
/* Outside of fibers; ends the child that runs.  The web server is closed already. */
void git_server_free(struct git_server *git);
/* The forge has another state: git follows at the next request. */
void git_server_follow_forge(struct git_server *git);

/* Whether the path is git's: "/OWNER/NAME.git/…". */
bool git_server_takes(const struct web_request *request);
/* Answers now or later. 401 without the token, 404 for a repository that the forge does not know, 501 where
 * git is not installed, 503 while too many wait. */
void git_server_handle(struct git_server *git, struct web_request *request);

#endif
