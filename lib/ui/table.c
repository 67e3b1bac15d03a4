#include "ui/table.h"

#include <string.h>

#include "base/buf.h"
#include "ui/neutral.h"
#include "ui/text.h"

enum { CELL_MAX_BYTES = 64 * 1024, GAP = 2, CUT_MIN = 8, WRAP_MIN = 20, BREAK_MIN = 32, NOTE_INDENT = 2 };

struct cell {
	const char *text; /* neutralised; NULL is empty */
	size_t width;     /* columns */
	enum style style;
};

struct row {
	struct cell *cells; /* NULL: a note */
	struct cell note;
	struct row *next;
};

struct table {
	struct arena *arena;
	const struct table_column *columns;
	size_t n_columns, n_rows;
	struct row *first, *last, **end;
};

/* What is shown of each column on this terminal; a width of 0 is a column left out. */
struct layout {
	struct output *out;
	const struct table *table;
	size_t *widths;
	bool *is_shown;
	const char *ellipsis;
};

struct table *
table_new(struct arena *arena, const struct table_column *columns, size_t n_columns)
{
	struct table *table = arena_new(arena, struct table);
	*table = (struct table){.arena = arena, .columns = columns, .n_columns = n_columns};
	table->end = &table->first;
	return table;
}

static struct row *
append_row(struct table *table)
{
	struct row *row = arena_new(table->arena, struct row);
	*table->end = row;
	table->end = &row->next;
	return row;
}

void
table_add_row(struct table *table)
{
	table->last = append_row(table);
	table->last->cells = arena_array(table->arena, struct cell, table->n_columns);
	table->n_rows++;
}

__attribute__((format(printf, 3, 0))) static struct cell
cell_of(struct table *table, enum style style, const char *format, va_list args)
{
	scoped(buf_release) struct buf text = BUF_INIT(CELL_MAX_BYTES);
	text_add_format(&text, NULL, format, args);
	return (struct cell){
		.text = arena_strndup(table->arena, text.bytes, text.length),
		.width = text_width(text.bytes, text.length),
		.style = style,
	};
}

void
table_set(struct table *table, size_t column, enum style style, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	table->last->cells[column] = cell_of(table, style, format, args);
	va_end(args);
}

void
table_add_note(struct table *table, enum style style, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	append_row(table)->note = cell_of(table, style, format, args);
	va_end(args);
}

size_t
table_rows(const struct table *table)
{
	return table->n_rows;
}

/* ---- fitting ---- */

static void
measure(struct layout *layout)
{
	const struct table *table = layout->table;
	for (size_t i = 0; i < table->n_columns; i++) {
		bool is_filled = false;
		layout->widths[i] = text_width(table->columns[i].title, strlen(table->columns[i].title));
		for (const struct row *row = table->first; row != NULL; row = row->next) {
			if (row->cells == NULL || row->cells[i].width == 0)
				continue;
			is_filled = true;
			if (row->cells[i].width > layout->widths[i])
				layout->widths[i] = row->cells[i].width;
		}
		layout->is_shown[i] = is_filled || table->columns[i].priority == 0;
	}
}

/* Columns in all, long cells cut as far as they may be when `is_cut`. */
static size_t
total(const struct layout *layout, bool is_cut)
{
	size_t sum = 0;
	for (size_t i = 0; i < layout->table->n_columns; i++) {
		size_t width = layout->widths[i];
		if (!layout->is_shown[i])
			continue;
		if (is_cut && layout->table->columns[i].may_cut && width > CUT_MIN)
			width = CUT_MIN;
		if (layout->table->columns[i].may_break && width > BREAK_MIN)
			width = BREAK_MIN;
		sum += width + (sum > 0 ? GAP : 0);
	}
	return sum;
}

/* The shown column of the highest priority number, the rightmost of equals; n_columns: none may go. */
static size_t
least_important(const struct layout *layout)
{
	size_t found = layout->table->n_columns;
	unsigned highest = 1;
	for (size_t i = 0; i < layout->table->n_columns; i++) {
		if (layout->is_shown[i] && layout->table->columns[i].priority >= highest) {
			highest = layout->table->columns[i].priority;
			found = i;
		}
	}
	return found;
}

static size_t
widest_to_cut(const struct layout *layout)
{
	size_t found = layout->table->n_columns, width = CUT_MIN;
	for (size_t i = 0; i < layout->table->n_columns; i++) {
		if (layout->is_shown[i] && layout->table->columns[i].may_cut && layout->widths[i] > width) {
			width = layout->widths[i];
			found = i;
		}
	}
	return found;
}

static void
fit(struct layout *layout, size_t columns)
{
	size_t none = layout->table->n_columns, column;
	while (total(layout, true) > columns && (column = least_important(layout)) != none)
		layout->is_shown[column] = false;
	while (total(layout, false) > columns && (column = widest_to_cut(layout)) != none)
		layout->widths[column]--;
}

/* ---- printing ---- */

static void
print_styled(struct output *out, enum style style, const char *text)
{
	const char *on = style == STYLE_PLAIN ? "" : output_style(out, style);
	output_print(out, "%s%s%s", on, text, on[0] != '\0' ? output_style(out, STYLE_PLAIN) : "");
}

/* How much of a word goes on a line of its own: a path ends at a slash of its second half. */
static size_t
fit_word(const char *word, size_t length, size_t columns)
{
	size_t part = text_fit(word, length, columns);
	for (size_t i = part; part < length && i > part / 2; i--)
		if (word[i - 1] == '/')
			return i;
	return part;
}

/* Breaks what is still longer than `columns`: a word alone. */
static void
add_broken(struct buf *ret, const char *lines, size_t columns)
{
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n"), part = fit_word(lines, length, columns);
		buf_add(ret, lines, part > 0 ? part : length);
		if (part > 0 && part < length)
			buf_add_char(ret, '\n');
		lines += part > 0 ? part : length;
		if (*lines == '\n')
			buf_add_char(ret, *lines++);
	}
}

/* Broken between words; every line but the first begins below the first, at column `indent`. */
static void
print_wrapped(struct output *out, enum style style, const char *text, size_t indent, bool may_break)
{
	scoped(buf_release) struct buf words = BUF_INIT(CELL_MAX_BYTES), lines = BUF_INIT(2 * CELL_MAX_BYTES);
	size_t columns = output_width(out) > indent ? output_width(out) - indent : CELL_MAX_BYTES;
	text_add_wrapped(&words, text, columns, 0);
	add_broken(&lines, words.bytes, may_break ? columns : CELL_MAX_BYTES);
	for (char *line = lines.bytes, *next; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		print_styled(out, style, line);
		if (next != NULL)
			output_print(out, "\n%*s", (int)indent, "");
	}
}

static void
print_cell(const struct layout *layout, size_t column, const struct cell *cell)
{
	const struct table_column *shape = &layout->table->columns[column];
	scoped(buf_release) struct buf text = BUF_INIT(CELL_MAX_BYTES);
	text_add_cut(&text, cell->text != NULL ? cell->text : "", layout->widths[column], layout->ellipsis);
	int blanks = (int)(layout->widths[column] - text_width(text.bytes, text.length));
	if (shape->align_right)
		output_print(layout->out, "%*s", blanks, "");
	print_styled(layout->out, cell->style, text.bytes);
	output_print(layout->out, "%*s", (shape->align_right ? 0 : blanks) + GAP, "");
}

/* A last cell has the rest of the line, and what does not fit goes on below it. */
static void
print_last_cell(const struct layout *layout, size_t column, const struct cell *cell, size_t start)
{
	const struct table_column *shape = &layout->table->columns[column];
	size_t room = output_width(layout->out);
	scoped(buf_release) struct buf text = BUF_INIT(CELL_MAX_BYTES);
	text_add_cut(&text, cell->text != NULL ? cell->text : "", layout->widths[column], layout->ellipsis);
	if (shape->align_right)
		output_print(layout->out, "%*s", (int)(layout->widths[column] - text_width(text.bytes, text.length)), "");
	if (!shape->align_right && start + WRAP_MIN <= room)
		print_wrapped(layout->out, cell->style, text.bytes, start, shape->may_break);
	else
		print_styled(layout->out, cell->style, text.bytes);
}

static void
print_cells(const struct layout *layout, const struct cell *cells)
{
	size_t last = 0, start = 0;
	for (size_t i = 0; i < layout->table->n_columns; i++)
		if (layout->is_shown[i] && (cells[i].width > 0 || i == 0))
			last = i;
	for (size_t i = 0; i < last; i++) {
		if (!layout->is_shown[i])
			continue;
		print_cell(layout, i, &cells[i]);
		start += layout->widths[i] + GAP;
	}
	print_last_cell(layout, last, &cells[last], start);
	output_print(layout->out, "\n");
}

static void
print_note(struct output *out, const struct cell *note)
{
	output_print(out, "%*s", NOTE_INDENT, "");
	print_wrapped(out, note->style, note->text, NOTE_INDENT, false);
	output_print(out, "\n");
}

/* Where even the cut columns do not fit side by side: "TITLE  value" lines, as for a screen reader, but dressed. */
static void
print_below(const struct table *table, struct output *out)
{
	for (const struct row *row = table->first; row != NULL; row = row->next) {
		if (row->cells == NULL) {
			print_note(out, &row->note);
			continue;
		}
		if (row != table->first)
			output_print(out, "\n");
		for (size_t i = 0; i < table->n_columns; i++) {
			if (row->cells[i].width == 0)
				continue;
			size_t title = text_width(table->columns[i].title, strlen(table->columns[i].title));
			bool is_beside = title + 1 + row->cells[i].width <= output_width(out);
			print_styled(out, STYLE_FAINT, table->columns[i].title);
			if (is_beside)
				output_print(out, " ");
			else
				output_print(out, "\n%*s", NOTE_INDENT, "");
			print_wrapped(out, row->cells[i].style, row->cells[i].text, is_beside ? title + 1 : NOTE_INDENT,
			              false);
			output_print(out, "\n");
		}
	}
}

/* The last column may go on below itself. */
static bool
fits(const struct layout *layout, size_t columns)
{
	size_t last = 0;
	for (size_t i = 0; i < layout->table->n_columns; i++)
		if (layout->is_shown[i])
			last = i;
	bool is_counted = layout->widths[last] > WRAP_MIN && !layout->table->columns[last].may_break;
	size_t saved = is_counted ? layout->widths[last] - WRAP_MIN : 0;
	return total(layout, false) - (layout->table->columns[last].align_right ? 0 : saved) <= columns;
}

static void
print_aligned(const struct table *table, struct output *out)
{
	struct layout layout = {
		.out = out,
		.table = table,
		.widths = arena_array(table->arena, size_t, table->n_columns),
		.is_shown = arena_array(table->arena, bool, table->n_columns),
		.ellipsis = output_terminal(out)->has_unicode ? "…" : "...",
	};
	measure(&layout);
	fit(&layout, output_width(out));
	if (!fits(&layout, output_width(out))) {
		print_below(table, out);
		return;
	}
	struct cell *titles = arena_array(table->arena, struct cell, table->n_columns);
	for (size_t i = 0; i < table->n_columns; i++)
		titles[i] = (struct cell){table->columns[i].title, 1, STYLE_FAINT};
	print_cells(&layout, titles);
	for (const struct row *row = table->first; row != NULL; row = row->next) {
		if (row->cells != NULL)
			print_cells(&layout, row->cells);
		else
			print_note(out, &row->note);
	}
}

static void
print_separated(const struct table *table, struct output *out)
{
	for (const struct row *row = table->first; row != NULL; row = row->next) {
		if (row->cells == NULL)
			continue;
		for (size_t i = 0; i < table->n_columns; i++) {
			if (i > 0)
				output_print(out, "\t");
			if (row->cells[i].width > 0)
				print_styled(out, row->cells[i].style, row->cells[i].text);
		}
		output_print(out, "\n");
	}
}

static void
print_listed(const struct table *table, struct output *out)
{
	for (const struct row *row = table->first; row != NULL; row = row->next) {
		if (row->cells == NULL) {
			output_print(out, "%s\n", row->note.text);
			continue;
		}
		if (row != table->first)
			output_print(out, "\n");
		for (size_t i = 0; i < table->n_columns; i++)
			if (row->cells[i].width > 0)
				output_print(out, "%s: %s\n", table->columns[i].title, row->cells[i].text);
	}
}

void
table_print(const struct table *table, struct output *out)
{
	if (table->first == NULL)
		return;
	if (output_is_accessible(out))
		print_listed(table, out);
	else if (output_is_terminal(out))
		print_aligned(table, out);
	else
		print_separated(table, out);
}
