#include "cmd/parse_secret.h"

#include <string.h>

/* How tokens begin that say what they are, and how many characters follow at least. */
static const struct shape {
	const char *prefix;
	size_t min;
	const char *kind;
} shapes[] = {
	{"ghp_", 20, "a GitHub token"}, {"gho_", 20, "a GitHub token"}, {"ghu_", 20, "a GitHub token"},
	{"ghs_", 20, "a GitHub token"}, {"ghr_", 20, "a GitHub token"}, {"github_pat_", 20, "a GitHub token"},
	{"glpat-", 16, "a GitLab token"}, {"xoxb-", 16, "a Slack token"}, {"xoxp-", 16, "a Slack token"},
	{"xoxe-", 16, "a Slack token"}, {"xapp-", 16, "a Slack token"}, {"AKCp", 40, "an Artifactory key"},
	{"cmVmdGtu", 40, "an Artifactory token"}, {"eyJ", 40, "a signed token"},
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

static bool
is_part_of_word(const char *word, const char *at)
{
	return at > word && strchr(alphabet, at[-1]) != NULL;
}

static bool
shows(const char *word, const struct shape *shape)
{
	size_t length = strlen(shape->prefix);
	for (const char *at = word; (at = strstr(at, shape->prefix)) != NULL; at++)
		if (!is_part_of_word(word, at) && strspn(at + length, alphabet) >= shape->min)
			return true;
	return false;
}

bool
parse_refuse_secret(const char *word, struct error *err)
{
	for (size_t i = 0; i < array_length(shapes); i++) {
		if (!shows(word, &shapes[i]))
			continue;
		error_put(err, ERROR_USAGE, "%s stands on the command line, where every user of this machine can read it, and the shell "
		          "keeps it. Take it for known: revoke it, and make another", shapes[i].kind);
		return error_next(err, "hand it over by a question (paas login SYSTEM), --from-file, a pipe, or a variable such as PAAS_TOKEN_GITHUB");
	}
	return true;
}
