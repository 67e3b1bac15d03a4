/* Every kind of failure, once: the parser of exit codes, `paas help CODE`, the man page and JSON
 * read this list.  _(CONSTANT, name, exit status, sentence).
 * Exit statuses are those of `paas help exit-codes`; names are interface.
 */
#ifndef PAAS_BASE_ERROR_TABLE_H
#define PAAS_BASE_ERROR_TABLE_H

#define ERROR_CODES(_) \
	_(USAGE, "usage", 2, "The command line was not understood") \
	_(FAILED, "failed", 1, "The operation failed") \
	_(OUTPUT, "output-failed", 1, "The result could not be written") \
	_(FILE, "file-failed", 1, "A file could not be read or written") \
	_(DEPLOY_UNHEALTHY, "deploy-unhealthy", 1, "The new release did not become healthy") \
	_(DEPLOY_FAILED, "deploy-failed", 1, "The operator refused or failed the deployment") \
	_(CANCELLED, "cancelled", 1, "The operation was cancelled") \
	_(PROBLEM_FOUND, "problem-found", 3, "A problem or difference was found") \
	_(NOT_LOGGED_IN, "not-logged-in", 4, "No valid credential for the system") \
	_(FORBIDDEN, "forbidden", 4, "The account may not do this") \
	_(NOT_FOUND, "not-found", 5, "The thing does not exist") \
	_(CONFLICT, "conflict", 6, "Somebody else holds or changed this") \
	_(SUPERSEDED, "superseded", 6, "A newer deployment replaced this one") \
	_(PAUSED, "paused", 6, "The rollout waits for a person") \
	_(UNREACHABLE, "unreachable", 7, "The system did not answer") \
	_(RATE_LIMITED, "rate-limited", 7, "The system asks to be asked less often") \
	_(BAD_ANSWER, "bad-answer", 7, "The system answered something that makes no sense") \
	_(OPERATOR_SILENT, "operator-silent", 7, "Nobody acts on what was asked of the cluster") \
	_(TIMED_OUT, "timed-out", 8, "The wait ended before the outcome was known") \
	_(INVALID_FILE, "invalid-file", 9, "A file cannot be used") \
	_(INVALID_SPEC, "invalid-spec", 9, "The application cannot be deployed as described") \
	_(INTERRUPTED, "interrupted", 130, "Interrupted") \
	_(TERMINATED, "terminated", 143, "Terminated")

#endif
