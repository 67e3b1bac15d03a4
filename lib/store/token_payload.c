/* The list of entries as JSON, written to and read from guarded memory without a copy elsewhere. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/guarded.h"
#include "store/token_entry.h"

/* ---- writing: once to count, once to write ---- */

struct sink {
	char *bytes; /* NULL: counts only */
	size_t length;
};

static void
put(struct sink *sink, const char *bytes, size_t length)
{
	if (sink->bytes != NULL)
		memcpy(sink->bytes + sink->length, bytes, length);
	sink->length += length;
}

static void
put_text(struct sink *sink, const char *text)
{
	put(sink, text, strlen(text));
}

/* RFC 8259 7. */
static void
put_string(struct sink *sink, const char *bytes, size_t length)
{
	static const char hex[] = "0123456789abcdef";
	put_text(sink, "\"");
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c < 0x20)
			put(sink, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
		else if (c == '"' || c == '\\')
			put(sink, (char[]){'\\', (char)c}, 2);
		else
			put(sink, &bytes[i], 1);
	}
	put_text(sink, "\"");
}

static void
put_text_member(struct sink *sink, const char *name, const char *text)
{
	if (text == NULL)
		return;
	put_text(sink, name);
	put_string(sink, text, strlen(text));
}

static void
put_secret_member(struct sink *sink, const char *name, const struct secret *secret)
{
	if (secret == NULL)
		return;
	put_text(sink, name);
	put_string(sink, secret_reveal(secret), secret_length(secret));
}

static void
put_time_member(struct sink *sink, const char *name, int64_t ms)
{
	char digits[24];
	if (ms == 0)
		return;
	snprintf(digits, sizeof digits, "%lld", (long long)ms);
	put_text(sink, name);
	put_text(sink, digits);
}

static void
put_extra(struct sink *sink, const struct token_entry *entry)
{
	for (size_t i = 0; i < entry->n_extra; i++) {
		put_text(sink, i == 0 ? ",\"extra\":{" : ",");
		put_string(sink, entry->extra[i].name, strlen(entry->extra[i].name));
		put_secret_member(sink, ":", entry->extra[i].value);
	}
	if (entry->n_extra > 0)
		put_text(sink, "}");
}

static void
put_entry(struct sink *sink, const struct token_entry *entry)
{
	put_text_member(sink, "{\"system\":", entry->system);
	put_text_member(sink, ",\"origin\":", entry->origin);
	put_text_member(sink, ",\"account\":", entry->account);
	put_text_member(sink, ",\"kind\":", token_kind_names[entry->kind]);
	put_text_member(sink, ",\"scopes\":", entry->scopes);
	put_secret_member(sink, ",\"token\":", entry->token);
	put_secret_member(sink, ",\"refresh_token\":", entry->refresh_token);
	put_time_member(sink, ",\"expires_at\":", entry->expires_at_ms);
	put_time_member(sink, ",\"obtained_at\":", entry->obtained_at_ms);
	put_extra(sink, entry);
	put_text(sink, "}");
}

static void
put_list(struct sink *sink, const struct token_list *list)
{
	put_text(sink, "[");
	for (size_t i = 0; i < token_list_count(list); i++) {
		put_text(sink, i == 0 ? "" : ",");
		put_entry(sink, token_list_get(list, i));
	}
	put_text(sink, "]");
}

struct secret *
token_list_write(const struct token_list *list)
{
	struct sink count = {0};
	put_list(&count, list);
	scoped(guarded_free) unsigned char *bytes = guarded_new(count.length);
	struct sink sink = {.bytes = (char *)bytes};
	put_list(&sink, list);
	return secret_new(bytes, sink.length);
}

/* ---- reading ---- */

enum { NAME_BYTES = 80, DEPTH_MAX = 16 };

struct reader {
	const char *at, *end;
	char *text;    /* the last string, guarded, TOKEN_BYTES_MAX + 1 */
	size_t length; /* of it */
};

static char
next(struct reader *reader)
{
	while (reader->at < reader->end && memchr(" \t\r\n", *reader->at, 4) != NULL)
		reader->at++;
	return reader->at < reader->end ? *reader->at : '\0';
}

static bool
take_char(struct reader *reader, char c)
{
	if (next(reader) != c)
		return false;
	reader->at++;
	return true;
}

static bool
keep(struct reader *reader, uint32_t c)
{
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	if (c == 0 || reader->length + length > TOKEN_BYTES_MAX)
		return false;
	for (size_t i = length - 1; i > 0; i--, c >>= 6)
		reader->text[reader->length + i] = (char)(0x80 | (c & 0x3f));
	reader->text[reader->length] = (char)(marks[length] | c);
	reader->length += length;
	return true;
}

static bool
read_hex(struct reader *reader, uint32_t *ret)
{
	*ret = 0;
	if (reader->end - reader->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = *reader->at++;
		const char *digit = strchr("0123456789abcdef", c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c);
		if (c == '\0' || digit == NULL)
			return false;
		*ret = *ret << 4 | (uint32_t)(strlen("0123456789abcdef") - strlen(digit));
	}
	return true;
}

/* After "\u"; surrogates come in pairs, high first. */
static bool
read_unit(struct reader *reader)
{
	uint32_t unit, low;
	if (!read_hex(reader, &unit) || (unit >= 0xdc00 && unit <= 0xdfff))
		return false;
	if (unit < 0xd800 || unit > 0xdbff)
		return keep(reader, unit);
	if (reader->end - reader->at < 2 || memcmp(reader->at, "\\u", 2) != 0)
		return false;
	reader->at += 2;
	if (!read_hex(reader, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	return keep(reader, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
}

static bool
read_escape(struct reader *reader)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	if (reader->at == reader->end)
		return false;
	char c = *reader->at++;
	if (c == 'u')
		return read_unit(reader);
	const char *name = c != '\0' ? strchr(names, c) : NULL;
	return name != NULL && keep(reader, (unsigned char)values[name - names]);
}

/* Into reader->text.  That the bytes are UTF-8 was looked at for all of them. */
static bool
read_string(struct reader *reader)
{
	reader->length = 0;
	if (!take_char(reader, '"'))
		return false;
	while (reader->at < reader->end && *reader->at != '"') {
		char c = *reader->at++;
		if ((unsigned char)c < 0x20)
			return false;
		if (c == '\\' && !read_escape(reader))
			return false;
		if (c == '\\')
			continue;
		if (reader->length == TOKEN_BYTES_MAX)
			return false;
		reader->text[reader->length++] = c;
	}
	reader->text[reader->length] = '\0';
	return take_char(reader, '"');
}

/* Digits only, and nothing that looks like more of a number behind them. */
static bool
read_time(struct reader *reader, int64_t *ret)
{
	int64_t value = 0;
	const char *from = next(reader) != '\0' ? reader->at : reader->end;
	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++)
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *reader->at - '0', &value))
			return false;
	*ret = value;
	return reader->at > from && (*from != '0' || reader->at == from + 1) &&
	       (reader->at == reader->end || memchr(".eE", *reader->at, 3) == NULL);
}

/* ---- members that a later version may have written ---- */

static bool skip_value(struct reader *reader, unsigned depth);

/* Members of an object or elements of an array, up to `closing`. */
static bool
skip_group(struct reader *reader, char closing, unsigned depth)
{
	if (depth == 0)
		return false;
	if (take_char(reader, closing))
		return true;
	do {
		if (closing == '}' && !(read_string(reader) && take_char(reader, ':')))
			return false;
		if (!skip_value(reader, depth - 1))
			return false;
	} while (take_char(reader, ','));
	return take_char(reader, closing);
}

static size_t
skip_digits(struct reader *reader)
{
	const char *from = reader->at;
	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
		reader->at++;
	return (size_t)(reader->at - from);
}

/* One of the bytes of `choice`, without blanks before it. */
static bool
skip_one(struct reader *reader, const char *choice)
{
	if (reader->at == reader->end || *reader->at == '\0' || strchr(choice, *reader->at) == NULL)
		return false;
	reader->at++;
	return true;
}

static bool
skip_number(struct reader *reader)
{
	skip_one(reader, "-");
	if (!skip_one(reader, "0") && skip_digits(reader) == 0)
		return false;
	if (skip_one(reader, ".") && skip_digits(reader) == 0)
		return false;
	if (!skip_one(reader, "eE"))
		return true;
	skip_one(reader, "+-");
	return skip_digits(reader) > 0;
}

static bool
skip_word(struct reader *reader)
{
	static const char *const words[] = {"true", "false", "null"};
	for (size_t i = 0; i < array_length(words); i++) {
		size_t length = strlen(words[i]);
		if ((size_t)(reader->end - reader->at) >= length && memcmp(reader->at, words[i], length) == 0) {
			reader->at += length;
			return true;
		}
	}
	return false;
}

static bool
skip_value(struct reader *reader, unsigned depth)
{
	switch (next(reader)) {
	case '{':
		reader->at++;
		return skip_group(reader, '}', depth);
	case '[':
		reader->at++;
		return skip_group(reader, ']', depth);
	case '"':
		return read_string(reader);
	default:
		return skip_word(reader) || skip_number(reader);
	}
}

/* ---- an entry ---- */

/* What is read; the list copies it. */
struct draft {
	struct token_entry entry;
	struct arena texts;
	struct secret *token, *refresh_token, *extra[TOKEN_EXTRA_MAX];
	unsigned seen; /* a bit a known member */
};

static void
draft_release(struct draft *draft)
{
	secret_free(draft->token);
	secret_free(draft->refresh_token);
	for (size_t i = 0; i < TOKEN_EXTRA_MAX; i++)
		secret_free(draft->extra[i]);
	arena_release(&draft->texts);
}

static bool
read_text(struct reader *reader, struct draft *draft, const char **ret)
{
	if (!read_string(reader))
		return false;
	*ret = arena_strndup(&draft->texts, reader->text, reader->length);
	return true;
}

static bool
read_secret(struct reader *reader, struct secret **owner, const struct secret **ret)
{
	if (!read_string(reader))
		return false;
	*ret = *owner = secret_new(reader->text, reader->length);
	return true;
}

static bool
read_kind(struct reader *reader, struct draft *draft)
{
	if (!read_string(reader))
		return false;
	for (unsigned i = 0; i < TOKEN_KIND_COUNT; i++)
		if (strcmp(reader->text, token_kind_names[i]) == 0) {
			draft->entry.kind = (enum token_kind)i;
			return true;
		}
	return false;
}

static bool
read_extra(struct reader *reader, struct draft *draft)
{
	struct token_entry *entry = &draft->entry;
	if (!take_char(reader, '{'))
		return false;
	do {
		if (entry->n_extra == TOKEN_EXTRA_MAX)
			return false;
		struct token_extra *extra = &entry->extra[entry->n_extra];
		if (!read_text(reader, draft, &extra->name) || !take_char(reader, ':') ||
		    !read_secret(reader, &draft->extra[entry->n_extra], &extra->value))
			return false;
		entry->n_extra++;
	} while (take_char(reader, ','));
	return take_char(reader, '}');
}

enum member { SYSTEM, ORIGIN, ACCOUNT, KIND, SCOPES, TOKEN, REFRESH_TOKEN, EXPIRES_AT, OBTAINED_AT, EXTRA, MEMBERS };
static const char *const member_names[MEMBERS] = {"system", "origin",        "account",    "kind",        "scopes",
                                                  "token",  "refresh_token", "expires_at", "obtained_at", "extra"};
enum { NEEDED = 1 << SYSTEM | 1 << ORIGIN | 1 << KIND | 1 << TOKEN };

static bool
read_known(struct reader *reader, unsigned member, struct draft *draft)
{
	struct token_entry *entry = &draft->entry;
	const char **const texts[MEMBERS] = {
		[SYSTEM] = &entry->system, [ORIGIN] = &entry->origin, [ACCOUNT] = &entry->account, [SCOPES] = &entry->scopes};
	if (texts[member] != NULL)
		return read_text(reader, draft, texts[member]);
	if (member == EXPIRES_AT || member == OBTAINED_AT)
		return read_time(reader, member == EXPIRES_AT ? &entry->expires_at_ms : &entry->obtained_at_ms);
	if (member == TOKEN)
		return read_secret(reader, &draft->token, &entry->token);
	if (member == REFRESH_TOKEN)
		return read_secret(reader, &draft->refresh_token, &entry->refresh_token);
	return member == KIND ? read_kind(reader, draft) : read_extra(reader, draft);
}

/* "name": value; a known member comes once. */
static bool
read_member(struct reader *reader, struct draft *draft)
{
	unsigned member = 0;
	if (!read_string(reader))
		return false;
	while (member < MEMBERS && strcmp(reader->text, member_names[member]) != 0)
		member++;
	if (!take_char(reader, ':'))
		return false;
	if (member == MEMBERS)
		return skip_value(reader, DEPTH_MAX);
	if ((draft->seen & 1U << member) != 0)
		return false;
	draft->seen |= 1U << member;
	return read_known(reader, member, draft);
}

static bool
read_entry(struct reader *reader, struct token_list *list, struct error *err)
{
	scoped(draft_release) struct draft draft = {0};
	if (!take_char(reader, '{'))
		return false;
	do {
		if (!read_member(reader, &draft))
			return false;
	} while (take_char(reader, ','));
	if (!take_char(reader, '}') || (draft.seen & NEEDED) != NEEDED ||
	    token_list_find(list, draft.entry.system, draft.entry.origin) != NULL)
		return false;
	return token_list_put(list, &draft.entry, err);
}

static bool
read_list(struct reader *reader, struct token_list *list, struct error *err)
{
	if (!take_char(reader, '['))
		return false;
	if (!take_char(reader, ']')) {
		do {
			if (!read_entry(reader, list, err))
				return false;
		} while (take_char(reader, ','));
		if (!take_char(reader, ']'))
			return false;
	}
	return next(reader) == '\0' && reader->at == reader->end;
}

/* What is wrong is not said: a position in a secret text helps nobody. */
bool
token_list_read(const struct secret *json, struct token_list **ret, struct error *err)
{
	scoped(token_list_release) struct token_list *list = token_list_new();
	scoped(guarded_free) unsigned char *text = guarded_new(TOKEN_BYTES_MAX + 1);
	struct reader reader = {.at = secret_reveal(json), .text = (char *)text};
	struct error problem;
	reader.end = reader.at + secret_length(json);
	if (!secret_is_text(json) || !read_list(&reader, list, &problem))
		return error_set(err, ERROR_INVALID_FILE, "the content of the token store makes no sense to this version");
	*ret = take(list);
	return true;
}
