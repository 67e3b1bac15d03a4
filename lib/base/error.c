#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct error_kind kinds[ERROR_COUNT] = {
	[ERROR_NONE] = {"none", 0, "Done"},
#define _(constant, name, status, sentence) [ERROR_##constant] = {name, status, sentence},
	ERROR_CODES(_)
#undef _
};

const struct error_kind *
error_kind(enum error_code code)
{
	return &kinds[(unsigned)code < ERROR_COUNT ? code : ERROR_FAILED];
}

enum error_code
error_code_from_name(const char *name)
{
	for (size_t i = 1; i < ERROR_COUNT; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return (enum error_code)i;
	return ERROR_NONE;
}

void
error_copy_text(char *ret, size_t size, const char *text)
{
	static const char ellipsis[] = "…";
	size_t length = strlen(text);
	if (length < size) {
		memcpy(ret, text, length + 1);
		return;
	}
	size_t cut = size - sizeof ellipsis;
	while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
		cut--;
	memcpy(ret, text, cut);
	memcpy(ret + cut, ellipsis, sizeof ellipsis);
}

/* Longer than any field, so that a cut is seen and marked. */
enum { SCRATCH_BYTES = 1024 };

__attribute__((format(printf, 3, 0))) static void
format_into(char *ret, size_t size, const char *format, va_list args)
{
	char scratch[SCRATCH_BYTES];
	vsnprintf(scratch, sizeof scratch, format, args);
	error_copy_text(ret, size, scratch);
}

void
error_put(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;
	struct error fresh = {.code = code};
	va_start(args, format);
	format_into(fresh.why, sizeof fresh.why, format, args);
	va_end(args);
	*err = fresh;
}

void
error_put_doing(struct error *err, const char *format, ...)
{
	va_list args;
	if (err->what[0] != '\0') {
		char joined[SCRATCH_BYTES];
		snprintf(joined, sizeof joined, "%s: %s", err->what, err->why);
		error_copy_text(err->why, sizeof err->why, joined);
	}
	va_start(args, format);
	format_into(err->what, sizeof err->what, format, args);
	va_end(args);
}

void
error_put_next(struct error *err, const char *format, ...)
{
	va_list args;
	if (err->next[0] != '\0')
		return;
	va_start(args, format);
	format_into(err->next, sizeof err->next, format, args);
	va_end(args);
}

void
error_put_source(struct error *err, const char *system, const char *object, const char *url)
{
	if (err->source.system[0] != '\0')
		return;
	error_copy_text(err->source.system, sizeof err->source.system, system ? system : "");
	error_copy_text(err->source.object, sizeof err->source.object, object ? object : "");
	error_copy_text(err->source.url, sizeof err->source.url, url ? url : "");
}
