#include "data/error_json.h"

static json_t *
text_or_null(const char *text)
{
	return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *
source_to_json(const struct source *source)
{
	if (source->system[0] == '\0')
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "system", json_string(source->system), "object",
	                 text_or_null(source->object), "url", text_or_null(source->url));
}

json_t *
error_to_json(const struct error *error)
{
	if (error == NULL || error->code == ERROR_NONE)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b}", "code", error_kind(error->code)->name, "what",
	                 text_or_null(error->what), "why", text_or_null(error->why), "next",
	                 text_or_null(error->next), "source", source_to_json(&error->source), "retryable",
	                 error->retryable);
}
