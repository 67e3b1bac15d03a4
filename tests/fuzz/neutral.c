/* Whatever goes in, what comes out is valid UTF-8 and draws itself: no control, no escape, no
 * character that hides or reorders; and doing it twice changes nothing more. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ui/neutral.h"
#include "ui/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_safe(const struct buf *buf, const char *allowed)
{
	for (size_t at = 0; at < buf->length;) {
		uint32_t character;
		size_t used = text_decode(buf->bytes + at, buf->length - at, &character);
		if (used == 0)
			abort();
		bool is_allowed = character != 0 && character < 0x80 && strchr(allowed, (int)character) != NULL;
		if (!neutral_is_safe(character) && !is_allowed)
			abort();
		at += used;
	}
}

static void
check_sink(enum neutral_sink sink, const char *allowed, const char *text, size_t length)
{
	struct buf once = BUF_INIT(1024 * 1024), small = BUF_INIT(17);
	neutral_add(&once, sink, text, length);
	check_safe(&once, allowed);
	neutral_add(&small, sink, text, length);
	check_safe(&small, allowed);
	if (sink == NEUTRAL_LINE || sink == NEUTRAL_TEXT) {
		struct buf twice = BUF_INIT(1024 * 1024);
		neutral_add(&twice, sink, once.bytes, once.length);
		if (twice.length != once.length || memcmp(twice.bytes, once.bytes, once.length) != 0)
			abort();
		buf_release(&twice);
	}
	buf_release(&once);
	buf_release(&small);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	check_sink(NEUTRAL_LINE, "", text, size);
	check_sink(NEUTRAL_TEXT, "\n\t", text, size);
	check_sink(NEUTRAL_URL, "", text, size);
	check_sink(NEUTRAL_CI, "", text, size);
	check_sink(NEUTRAL_CI_PROPERTY, "", text, size);
	check_sink(NEUTRAL_MARKDOWN, "", text, size);
	check_sink(NEUTRAL_CSV, "", text, size);
	return 0;
}
