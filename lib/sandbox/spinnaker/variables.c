/* Variables that a stage evaluates for those after it, and expressions that somebody asks for. */
#include "sandbox/spinnaker/parts.h"

/* The context is filled in already. */
const char *
variables_evaluate(struct stage_run *run)
{
	json_t *variable, *outputs = json_object_get(run->stage, "outputs");
	size_t i;
	json_array_foreach (json_object_get(run->context, "variables"), i, variable)
		if (json_object_get(variable, "value") != NULL)
			json_object_set(outputs, tree_text(variable, "key"), json_object_get(variable, "value"));
	return "SUCCEEDED";
}

void
variables_handle_expression(struct gate_call *call)
{
	const json_t *execution = execution_find(call->gate, call->words[0]);
	const char *expression = call->body != NULL ? tree_text(call->body, "expression") : gate_query(call, "expression", "");
	if (execution == NULL) {
		gate_fail(call, 404, "Pipeline not found (id: %s)", call->words[0]);
		return;
	}
	json_t *detail = json_object(), *result = expression_fill_in(execution, json_string(expression), detail);
	gate_answer(call, 200, json_pack("{s:o, s:o}", "result", result, "detail", detail));
}
