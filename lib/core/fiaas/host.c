#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/fiaas/host.h"

#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/library.h"

enum { HOST_MAX = 1 << 16 };

static struct {
	typeof(pcre2_compile_8) *compile;
	typeof(pcre2_code_free_8) *code_free;
	typeof(pcre2_match_8) *match;
	typeof(pcre2_match_data_create_from_pattern_8) *match_data_create;
	typeof(pcre2_match_data_free_8) *match_data_free;
	typeof(pcre2_get_ovector_pointer_8) *get_ovector;
	typeof(pcre2_get_error_message_8) *get_error_message;
	typeof(pcre2_substring_number_from_name_8) *number_from_name;
} pcre2;

static bool
load(struct error *err)
{
	static const struct library_symbol symbols[] = {
		LIBRARY_SYMBOL(pcre2_compile_8, pcre2.compile),
		LIBRARY_SYMBOL(pcre2_code_free_8, pcre2.code_free),
		LIBRARY_SYMBOL(pcre2_match_8, pcre2.match),
		LIBRARY_SYMBOL(pcre2_match_data_create_from_pattern_8, pcre2.match_data_create),
		LIBRARY_SYMBOL(pcre2_match_data_free_8, pcre2.match_data_free),
		LIBRARY_SYMBOL(pcre2_get_ovector_pointer_8, pcre2.get_ovector),
		LIBRARY_SYMBOL(pcre2_get_error_message_8, pcre2.get_error_message),
		LIBRARY_SYMBOL(pcre2_substring_number_from_name_8, pcre2.number_from_name),
	};
	return pcre2.compile != NULL ||
	       library_load(LIBRARY_PCRE2, symbols, array_length(symbols), err);
}

/* One rule at work on one host. */
struct rewrite {
	const char *pattern, *replacement, *host;
	size_t host_length;
	pcre2_code *code;
	pcre2_match_data *data;
	const PCRE2_SIZE *bounds; /* pairs of offsets, a group each */
	int n_groups;
};

static void
release(struct rewrite *rewrite)
{
	if (rewrite->data != NULL)
		pcre2.match_data_free(rewrite->data);
	if (rewrite->code != NULL)
		pcre2.code_free(rewrite->code);
}

static bool
refuse(const struct rewrite *rewrite, int code, struct error *err)
{
	PCRE2_UCHAR message[120] = "";
	pcre2.get_error_message(code, message, sizeof message);
	return error_set(err, ERROR_INVALID_SPEC, "host-rewrite-rule %s=%s: %s", rewrite->pattern,
	                 rewrite->replacement, (const char *)message);
}

static bool
compile(struct rewrite *rewrite, struct error *err)
{
	int code;
	PCRE2_SIZE offset;
	rewrite->code = pcre2.compile((PCRE2_SPTR)rewrite->pattern, PCRE2_ZERO_TERMINATED,
	                              PCRE2_UTF | PCRE2_UCP, &code, &offset, NULL);
	if (rewrite->code == NULL)
		return refuse(rewrite, code, err);
	rewrite->data = pcre2.match_data_create(rewrite->code, NULL);
	rewrite->bounds = pcre2.get_ovector(rewrite->data);
	return true;
}

/* *ret: whether it matched at or after `from`. */
static bool
match(struct rewrite *rewrite, size_t from, uint32_t flags, bool *ret, struct error *err)
{
	int code = pcre2.match(rewrite->code, (PCRE2_SPTR)rewrite->host, rewrite->host_length, from, flags,
	                       rewrite->data, NULL);
	if (code < 0 && code != PCRE2_ERROR_NOMATCH)
		return refuse(rewrite, code, err);
	rewrite->n_groups = code;
	*ret = code > 0;
	return true;
}

static void
add_group(const struct rewrite *rewrite, int group, struct buf *out)
{
	if (group >= 0 && group < rewrite->n_groups && rewrite->bounds[2 * group] != PCRE2_UNSET)
		buf_add(out, rewrite->host + rewrite->bounds[2 * group],
		        rewrite->bounds[2 * group + 1] - rewrite->bounds[2 * group]);
}

/* "<name>" or "<1>" behind \g; returns the byte behind it, or NULL. */
static const char *
add_named_group(const struct rewrite *rewrite, const char *at, struct buf *out)
{
	char name[64];
	size_t length = strcspn(at, ">");
	if (*at != '<' || at[length] != '>' || length < 2 || length > sizeof name)
		return NULL;
	memcpy(name, at + 1, length - 1);
	name[length - 1] = '\0';
	int group = isdigit((unsigned char)name[0])
		? (int)strtol(name, NULL, 10)
		: pcre2.number_from_name(rewrite->code, (PCRE2_SPTR)name);
	add_group(rewrite, group, out);
	return at + length + 1;
}

/* Python's template: \1 … \99, \g<name>, \\; any other text as it is. */
static void
add_replacement(const struct rewrite *rewrite, struct buf *out)
{
	for (const char *at = rewrite->replacement; *at != '\0';) {
		const char *behind = NULL;
		if (*at == '\\' && at[1] >= '1' && at[1] <= '9') {
			bool has_two = isdigit((unsigned char)at[2]);
			add_group(rewrite, has_two ? (at[1] - '0') * 10 + at[2] - '0' : at[1] - '0', out);
			behind = at + (has_two ? 3 : 2);
		} else if (*at == '\\' && at[1] == 'g') {
			behind = add_named_group(rewrite, at + 2, out);
		} else if (*at == '\\' && at[1] == '\\') {
			buf_add_char(out, '\\');
			behind = at + 2;
		}
		if (behind == NULL)
			buf_add_char(out, *at++);
		else
			at = behind;
	}
}

/* re.sub: after an empty match the next one must not be empty at the same place. */
static bool
replace_all(struct rewrite *rewrite, struct buf *out, struct error *err)
{
	size_t copied = 0, from = 0;
	uint32_t flags = 0;
	bool matched = true;
	while (from <= rewrite->host_length && matched) {
		if (!match(rewrite, from, flags, &matched, err))
			return false;
		if (!matched)
			break;
		buf_add(out, rewrite->host + copied, rewrite->bounds[0] - copied);
		add_replacement(rewrite, out);
		copied = from = rewrite->bounds[1];
		flags = rewrite->bounds[0] == rewrite->bounds[1] ? PCRE2_NOTEMPTY_ATSTART : 0;
	}
	buf_add(out, rewrite->host + copied, rewrite->host_length - copied);
	return true;
}

/* *ret stays when the rule does not match. */
static bool
apply(struct rewrite *rewrite, struct arena *arena, bool *ret_matched, const char **ret,
      struct error *err)
{
	scoped(buf_release) struct buf out = BUF_INIT(HOST_MAX);
	if (!compile(rewrite, err) || !match(rewrite, 0, PCRE2_ANCHORED, ret_matched, err))
		return false;
	if (!*ret_matched)
		return true;
	if (!replace_all(rewrite, &out, err))
		return false;
	*ret = arena_strndup(arena, out.bytes, out.length);
	return true;
}

bool
host_rewrite(const struct fiaas_pairs *rules, const char *host, struct arena *arena, const char **ret,
             struct error *err)
{
	const char *rewritten = host;
	bool matched = false;
	if (rules->count > 0 && !load(err))
		return false;
	for (size_t i = 0; i < rules->count && !matched; i++) {
		struct rewrite rewrite = {
			.pattern = rules->items[i].key,
			.replacement = rules->items[i].value,
			.host = host,
			.host_length = strlen(host),
		};
		bool done = apply(&rewrite, arena, &matched, &rewritten, err);
		release(&rewrite);
		if (!done)
			return false;
	}
	*ret = rewritten;
	return true;
}
