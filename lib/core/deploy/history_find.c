/* Which of the releases is meant, and which is gone back to. */
#include "core/deploy/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { SHOWN_MAX = 6, LIST_MAX_BYTES = 300, PREFIX_MIN = 8 };

const struct past_release *
history_current(const struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		if (history->releases[i].is_current)
			return &history->releases[i];
	return NULL;
}

static bool
is_image(const char *image, const char *word)
{
	const char *slash = strrchr(image, '/'), *tag = strrchr(slash != NULL ? slash : image, ':');
	return strcmp(image, word) == 0 || (tag != NULL && strcmp(tag + 1, word) == 0);
}

static bool
is_meant(const struct past_release *release, const char *word)
{
	char *end;
	size_t length = strlen(word);
	if (word[0] == 'r' && word[1] >= '0' && word[1] <= '9') {
		unsigned long number = strtoul(word + 1, &end, 10);
		if (*end == '\0')
			return release->number != 0 && release->number == number;
	}
	if (length >= PREFIX_MIN && strncmp(release->deployment_id, word, length) == 0)
		return true;
	return is_image(release->image, word);
}

static void
add_known(struct buf *list, const struct past_release *release)
{
	const char *slash = strrchr(release->image, '/');
	if (release->number != 0)
		buf_printf(list, "%sr%u (%s)", list->length > 0 ? ", " : "", release->number,
		           slash != NULL ? slash + 1 : release->image);
}

bool
history_find(const struct history *history, const char *word, const struct past_release **ret, struct error *err)
{
	scoped(buf_release) struct buf list = BUF_INIT(LIST_MAX_BYTES);
	for (size_t i = 0; i < history->count; i++) {
		if (is_meant(&history->releases[i], word)) {
			*ret = &history->releases[i];
			return true;
		}
		if (i < SHOWN_MAX)
			add_known(&list, &history->releases[i]);
	}
	error_put(err, ERROR_NOT_FOUND, "no release \"%s\" is known here", word);
	return list.length > 0 ? error_next(err, "known are: %s", list.bytes) : error_next(err, "paas releases");
}

/* The same software in the same settings; of what has no settings here nobody can tell a difference. */
static bool
is_same(const struct past_release *one, const struct past_release *other)
{
	return strcmp(one->image, other->image) == 0 &&
	       (one->config == NULL || other->config == NULL || json_equal(one->config, other->config));
}

/* Where what is current came for the first time: all that was deployed after it was left for it, by a rollback for one. */
static size_t
first_of_current(const struct history *history)
{
	const struct past_release *current = history_current(history);
	for (size_t i = history->count; current != NULL && i > 0; i--)
		if (is_same(&history->releases[i - 1], current))
			return i;
	return 0;
}

bool
history_last_good(const struct history *history, const struct past_release **ret, struct error *err)
{
	size_t first = first_of_current(history);
	for (size_t i = first; i < history->count; i++) {
		if (history->releases[i].outcome == PAST_SUCCEEDED) {
			*ret = &history->releases[i];
			return true;
		}
	}
	error_put(err, ERROR_NOT_FOUND, "no release before the present one is known to have become healthy here");
	return error_next(err, "paas releases, then say which with --to");
}
