/* A person decides.  Any word but the two is no decision, and nobody is told. */
#include <string.h>
#include <strings.h>

#include "sandbox/spinnaker/parts.h"

const char *
judgment_wait(struct stage_run *run)
{
	const char *word = tree_text(run->context, "judgmentStatus");
	run->again_ms = INT64_MAX; /* whoever judges wakes it */
	if (word[0] == '\0')
		return "RUNNING";
	if (gate_strikes(run->gate, "gate-role", tree_text(run->execution, "application"))) {
		json_object_set_new(run->context, "judgmentStatus", json_string(""));
		return "RUNNING";
	}
	if (strcasecmp(word, "continue") == 0)
		return "SUCCEEDED";
	return strcasecmp(word, "stop") == 0 ? "TERMINAL" : "RUNNING";
}
