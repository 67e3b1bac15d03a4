/* Manual pages in mdoc(7), from the same records as help. */
#ifndef PAAS_CMD_MAN_H
#define PAAS_CMD_MAN_H

#include "base/buf.h"
#include "base/error.h"
#include "cmd/command.h"

/* paas(1). */
void man_write_main(struct buf *buf);
/* paas-NAME(1), subcommands included. */
void man_write_command(struct buf *buf, const struct command *command);
/* The head of any page, up to and with DESCRIPTION's heading when `synopsis` is NULL. */
void man_write_head(struct buf *buf, const char *name, const char *section, const char *sentence);
/* A tagged list: name, text; ends with a NULL name. */
struct page_row;
void man_write_rows(struct buf *buf, const struct page_row *rows);

/* A page of a file format: fiaas.yml(5), .paas.yml(5), platform.yml(5), config.yml(5), paas-tokens(5). */
struct man_format {
	const char *name;     /* ".paas.yml" */
	const char *file;     /* "paas.yml.5" */
	const char *sentence; /* "names and choices of an application" */
	void (*write)(struct buf *buf); /* from DESCRIPTION's text on */
};
extern const struct man_format man_formats[]; /* ends with a NULL name */

/* Writes every page into `man_folder` and every completion script into `completion_folder`. */
bool man_write_documents(const char *man_folder, const char *completion_folder, struct arena *arena,
                         struct error *err) must_use;

#endif
