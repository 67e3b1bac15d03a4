#include "ui/error_text.h"

#include <stdio.h>
#include <string.h>

#include "ui/neutral.h"

static void
add_line(struct buf *buf, const char *label, const char *line)
{
	if (line[0] == '\0')
		return;
	buf_add_text(buf, label);
	neutral_add(buf, NEUTRAL_LINE, line, strlen(line));
	buf_add_char(buf, '\n');
}

static void
add_source(struct buf *buf, const struct source *source)
{
	char line[sizeof *source + 8];
	if (source->object[0] == '\0' && source->url[0] == '\0')
		return;
	snprintf(line, sizeof line, "%s%s%s%s%s%s", source->system, source->object[0] ? " " : "",
	         source->object, source->url[0] ? " (" : "", source->url, source->url[0] ? ")" : "");
	add_line(buf, "  from: ", line);
}

void
error_text_add(struct buf *buf, const struct error *error)
{
	if (error->what[0] != '\0') {
		neutral_add(buf, NEUTRAL_LINE, error->what, strlen(error->what));
		/* A command may have said it in words of its own: "deploying x to y failed: 3 of 4 pods …". */
		buf_add_text(buf, strstr(error->what, " failed") != NULL ? "\n" : " failed\n");
		add_line(buf, "  why:  ", error->why);
	} else {
		add_line(buf, "", error->why[0] != '\0' ? error->why : error_kind(error->code)->sentence);
	}
	add_source(buf, &error->source);
	add_line(buf, "  next: ", error->next);
}
