/* The emulated Travis CI (API version 3): builds, jobs and logs of sandbox/forge.
 *
 * Written from Travis CI's documentation, not from our client.  A repository is "OWNER%2FNAME" or its
 * number; the token comes as "Authorization: token TOKEN".
 */
#ifndef PAAS_SANDBOX_TRAVIS_TRAVIS_H
#define PAAS_SANDBOX_TRAVIS_TRAVIS_H

struct forge;
struct travis;
struct web_request;

struct travis_options {
	struct forge *forge; /* borrowed */
	const char *token;     /* borrowed */
};
struct travis *travis_new(const struct travis_options *options);
void travis_free(struct travis *travis);

/* Answers a request at once. */
void travis_handle(struct travis *travis, struct web_request *request);

#endif
