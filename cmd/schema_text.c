#include "cmd/schema_text.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/command.h"
#include "core/fiaas/schema.h"
#include "ui/output.h"

char *
schema_text(struct arena *arena)
{
	json_t *schema = fiaas_schema_new(arena);
	char *dumped = json_dumps(schema, JSON_INDENT(2));
	char *text = arena_printf(arena, "%s\n", dumped);
	free(dumped);
	json_decref(schema);
	return text;
}

bool
schema_print(struct session *session, struct error *err)
{
	if (output_is_json(session->out))
		return output_json(session->out, json_pack("{s:o}", "schema", fiaas_schema_new(session->arena)), err);
	const char *text = schema_text(session->arena);
	output_print_document(session->out, text, strlen(text));
	return true;
}
