#define PCRE2_CODE_UNIT_WIDTH 8
#include "data/pattern.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/library.h"

enum { MATCH_LIMIT = 1000000 };

static struct {
	typeof(pcre2_compile_8) *compile;
	typeof(pcre2_jit_compile_8) *jit_compile;
	typeof(pcre2_code_free_8) *code_free;
	typeof(pcre2_match_8) *match;
	typeof(pcre2_match_data_create_8) *match_data_create;
	typeof(pcre2_match_data_free_8) *match_data_free;
	typeof(pcre2_match_context_create_8) *match_context_create;
	typeof(pcre2_match_context_free_8) *match_context_free;
	typeof(pcre2_set_match_limit_8) *set_match_limit;
	typeof(pcre2_get_error_message_8) *get_error_message;
} pcre2;

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static bool
load(struct error *err)
{
	static const struct library_symbol symbols[] = {
		LIBRARY_SYMBOL(pcre2_compile_8, pcre2.compile),
		LIBRARY_SYMBOL(pcre2_jit_compile_8, pcre2.jit_compile),
		LIBRARY_SYMBOL(pcre2_code_free_8, pcre2.code_free),
		LIBRARY_SYMBOL(pcre2_match_8, pcre2.match),
		LIBRARY_SYMBOL(pcre2_match_data_create_8, pcre2.match_data_create),
		LIBRARY_SYMBOL(pcre2_match_data_free_8, pcre2.match_data_free),
		LIBRARY_SYMBOL(pcre2_match_context_create_8, pcre2.match_context_create),
		LIBRARY_SYMBOL(pcre2_match_context_free_8, pcre2.match_context_free),
		LIBRARY_SYMBOL(pcre2_set_match_limit_8, pcre2.set_match_limit),
		LIBRARY_SYMBOL(pcre2_get_error_message_8, pcre2.get_error_message),
	};
	return pcre2.compile != NULL ||
	       library_load(LIBRARY_PCRE2, symbols, array_length(symbols), err);
}

bool
pattern_compile(const char *what, const char *text, struct pattern **ret, struct error *err)
{
	int code;
	PCRE2_SIZE offset;
	PCRE2_UCHAR message[120] = "";
	if (!load(err))
		return false;
	pcre2_code *compiled = pcre2.compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF,
	                                     &code, &offset, NULL);
	if (compiled == NULL) {
		pcre2.get_error_message(code, message, sizeof message);
		error_put(err, ERROR_USAGE, "%s \"%s\" is no regular expression: %s, at character %zu", what, text,
		          (const char *)message, (size_t)offset + 1);
		return error_next(err, "write a plain sign with a backslash before it: \\( \\[ \\* \\?");
	}
	pcre2.jit_compile(compiled, PCRE2_JIT_COMPLETE); /* without it the interpreter does */
	struct pattern *pattern = calloc(1, sizeof *pattern);
	if (pattern == NULL)
		abort();
	pattern->code = compiled;
	pattern->data = pcre2.match_data_create(1, NULL);
	pattern->context = pcre2.match_context_create(NULL);
	if (pattern->data == NULL || pattern->context == NULL)
		abort();
	pcre2.set_match_limit(pattern->context, MATCH_LIMIT);
	*ret = pattern;
	return true;
}

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2.match_context_free(pattern->context);
	pcre2.match_data_free(pattern->data);
	pcre2.code_free(pattern->code);
	free(pattern);
}

bool
pattern_matches(const struct pattern *pattern, const char *text, size_t length)
{
	/* 0: it matched, and the data has no room for all groups, which nobody asks for. */
	return pcre2.match(pattern->code, (PCRE2_SPTR)text, length, 0, 0, pattern->data, pattern->context) >= 0;
}
