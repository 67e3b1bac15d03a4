#include "core/fiaas/shell_split.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

/* One word: `at` is its first byte.  Returns the byte behind it, or NULL and *ret_why. */
static const char *
read_word(const char *at, struct buf *word, const char **ret_why)
{
	char quote = '\0';
	for (; *at != '\0' && (quote != '\0' || strchr(" \t\r\n", *at) == NULL); at++) {
		bool is_escape = *at == '\\' && quote != '\'';
		if (is_escape && at[1] == '\0') {
			*ret_why = "No escaped character";
			return NULL;
		}
		if (is_escape && (quote == '\0' || at[1] == '"' || at[1] == '\\'))
			buf_add_char(word, *++at);
		else if (quote == '\0' && (*at == '\'' || *at == '"'))
			quote = *at;
		else if (quote != '\0' && *at == quote)
			quote = '\0';
		else
			buf_add_char(word, *at);
	}
	*ret_why = "No closing quotation";
	return quote == '\0' ? at : NULL;
}

json_t *
shell_split(const char *text, const char **ret_why)
{
	scoped(buf_release) struct buf word = BUF_INIT(strlen(text));
	json_t *words = json_array();
	for (text += strspn(text, " \t\r\n"); *text != '\0'; text += strspn(text, " \t\r\n")) {
		buf_clear(&word);
		text = read_word(text, &word, ret_why);
		if (text == NULL) {
			json_decref(words);
			return NULL;
		}
		json_array_append_new(words, json_stringn(word.bytes, word.length));
	}
	return words;
}
