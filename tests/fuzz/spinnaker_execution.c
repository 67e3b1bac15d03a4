/* An execution as Gate sends it: each stage is there once and below one that stands before it, and a cause is bounded. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/spinnaker/cause.h"
#include "api/spinnaker/control.h"
#include "api/spinnaker/execution.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { TEXT_MAX = 700 };

static void
check_stages(const struct spinnaker_execution *execution)
{
	for (size_t i = 0; i < execution->n_stages; i++) {
		const struct spinnaker_stage *stage = &execution->stages[i];
		if (stage->depth > (i > 0 ? execution->stages[i - 1].depth + 1 : 0))
			abort();
		for (size_t k = 0; k < i; k++)
			if (execution->stages[k].json == stage->json)
				abort();
		(void)spinnaker_is_waiting_judgment(stage);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(spinnaker_execution_release) struct spinnaker_execution execution = {0};
	struct spinnaker_cause cause;
	struct error err;
	json_t *json = json_loadb((const char *)bytes, size, 0, NULL);
	if (json == NULL || !spinnaker_execution_of(json, &arena, &execution, &err))
		return 0;
	check_stages(&execution);
	if (!spinnaker_cause_find(&execution, &arena, &cause))
		return 0;
	if (cause.n_texts > SPINNAKER_CAUSES_MAX)
		abort();
	for (size_t i = 0; i < cause.n_texts; i++)
		if (strlen(cause.texts[i]) > TEXT_MAX)
			abort();
	return 0;
}
