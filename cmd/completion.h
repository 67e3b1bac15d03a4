/* The completion scripts, for `paas completion` and for the files in completions/. */
#ifndef PAAS_CMD_COMPLETION_H
#define PAAS_CMD_COMPLETION_H

struct completion_shell {
	const char *name;   /* "bash" */
	const char *file;   /* "paas.bash", in completions/ */
	const char *script;
};
extern const struct completion_shell completion_shells[]; /* ends with a NULL name */

#endif
